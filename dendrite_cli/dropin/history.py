"""What a dendrite remembers of its exchanges: who, whom and how it went, without what was said."""

from pydantic import BaseModel

from dendrite_cli.synapse.model import Synapse, TerminalInfo


def remember(history: list[Synapse], most: int, synapse: BaseModel, body_hash: str) -> None:
    """Append an exchange's envelope; the oldest are forgotten, so that there are never more than `most`."""
    if most > 0:
        history.append(_envelope(synapse, body_hash))
    if len(history) > most:
        del history[: len(history) - max(most, 0)]


def _envelope(synapse: BaseModel, body_hash: str) -> Synapse:
    known = synapse.__dict__
    return Synapse.model_construct(
        name="Synapse",  # as bittensor 10 has it: what is read from headers is named after the class that reads them
        timeout=known.get("timeout"),
        total_size=known.get("total_size"),
        header_size=known.get("header_size"),
        dendrite=_end(known.get("dendrite")),
        axon=_end(known.get("axon")),
        computed_body_hash=body_hash,
    )


def _end(end: BaseModel | None) -> TerminalInfo:
    return TerminalInfo.model_construct(**(end.__dict__ if end is not None else {}))
