"""From what an axon did to the synapse that a program is given: its fields, and both ends of the exchange.

What the axon says of itself is its status, its version and how long it took; who we are, whom we asked and what we
sent stays as we know it. Works on bittensor 10's classes as on ours: both are pydantic models with the same envelope.
"""

from functools import lru_cache
from typing import Any

from pydantic import BaseModel

from dendrite_cli.dropin.asking import Sending
from dendrite_cli.model import ENVELOPE, Claimed, Outcome
from dendrite_cli.protocol import Signer
from dendrite_cli.protocol.synapse import VERSION
from dendrite_cli.synapse.model import TerminalInfo


def take_fields(synapse: BaseModel, answer: BaseModel) -> None:
    """Give `synapse` the fields of `answer`, which was made of what the axon sent; frozen ones stay as they are."""
    if not synapse.model_config.get("frozen"):
        fields = type(synapse).model_fields
        taken = [name for name, field in fields.items() if name not in ENVELOPE and not field.frozen]
        put(synapse, **{name: answer.__dict__[name] for name in taken if name in answer.__dict__})
        extra, said = synapse.__pydantic_extra__ or {}, answer.__pydantic_extra__ or {}
        extra.update({name: value for name, value in said.items() if name in extra})


def put_ends(synapse: BaseModel, sending: Sending, signer: Signer, outcome: Outcome, status: tuple[int, str]) -> None:
    """Say of both ends what we know of them, and of the axon what it claims."""
    code, text = status
    dendrite, axon = ends_of(type(synapse))
    stamp, sent, claimed = sending.stamp, sending.sent, outcome.claimed
    put(
        synapse,
        dendrite=dendrite(
            status_code=code,
            status_message=text,
            process_time=outcome.timing.total or 0.0,
            ip=stamp and stamp.source,
            version=VERSION,
            nonce=stamp and stamp.nonce,
            uuid=stamp and stamp.uuid,
            hotkey=signer.ss58_address,
            signature=sent and sent.signature and f"0x{sent.signature}",
        ),
        axon=axon(
            ip=sending.axon.host,
            port=sending.axon.port,
            hotkey=sending.axon.hotkey,
            # who could not be understood has said nothing
            **(_claims(claimed) | {"status_code": code, "status_message": text} if outcome.http_status == code else {}),
        ),
    )


def put(synapse: BaseModel, **fields: Any) -> None:
    """Set fields of which it is known that they fit, in frozen models too."""
    synapse.__dict__.update(fields)
    synapse.__pydantic_fields_set__.update(fields)


def ends_of(cls: Any) -> tuple[Any, Any]:
    """Return the classes of a synapse's `dendrite` and `axon`: bittensor's for its own classes."""
    return _ends_of(cls)


@lru_cache(maxsize=512)
def _ends_of(cls: Any) -> tuple[Any, Any]:
    defaults = [cls.model_fields[name].get_default(call_default_factory=True) for name in ("dendrite", "axon")]
    dendrite, axon = (type(end) if isinstance(end, BaseModel) else TerminalInfo for end in defaults)
    return dendrite, axon


def _claims(claimed: Claimed) -> dict[str, float | int | None]:
    return {"process_time": claimed.process_time, "version": claimed.version}
