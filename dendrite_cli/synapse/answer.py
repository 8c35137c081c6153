"""From an answer's bytes to the synapse's own fields; nothing in them is believed before its class took it."""

from collections.abc import Callable

import pydantic_core
from pydantic import BaseModel, ValidationError

from dendrite_cli.model import ENVELOPE
from dendrite_cli.synapse.body import Fields
from dendrite_cli.synapse.broken import said
from dendrite_cli.synapse.fields import build, complaints, own_fields


def reader(cls: type[BaseModel] | None, timeout: float) -> Callable[[bytes], Fields]:
    """Return what reads an answer: its own fields as they were sent, or ValueError if they are not the synapse's.

    The envelope is left out before the class sees it: it is the axon's word on itself, and no part of the answer.
    """
    envelope = set(ENVELOPE) - set(own_fields(cls) if cls else ())

    def read(content: bytes) -> Fields:
        # its depth is bounded
        value = pydantic_core.from_json(content)
        if not isinstance(value, dict):
            raise ValueError(f"a JSON {type(value).__name__} is no synapse")  # noqa: TRY004 - callers know ValueError
        own = {name: item for name, item in value.items() if name not in envelope}
        if cls is not None:
            _check(cls, own, timeout)
        return own

    return read


def _check(cls: type[BaseModel], own: Fields, timeout: float) -> None:
    try:
        build(cls, own, timeout)
    except ValidationError as invalid:
        first, *more = complaints(invalid, own)
        others = f" (and {len(more)} more)" if more else ""
        raise ValueError(f"no {cls.__name__}: {first}{others}") from None
    except (Exception, SystemExit) as problem:  # noqa: BLE001 - a validator of the user's own may raise anything
        raise ValueError(f"{cls.__name__} does not take it: {said(problem)}") from None
