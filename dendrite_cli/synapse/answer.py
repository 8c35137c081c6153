"""From an answer's bytes to the synapse's own fields; nothing in them is believed before its class took it."""

from collections.abc import Callable

import pydantic_core
from pydantic import BaseModel, ValidationError

from dendrite_cli.model import ENVELOPE, Answer, Content
from dendrite_cli.synapse.body import Fields
from dendrite_cli.synapse.broken import said
from dendrite_cli.synapse.fields import complaints, inputs, own_fields
from dendrite_cli.synapse.load import is_synapse


def reader(cls: type[BaseModel] | None, timeout: float) -> Callable[[Content], Answer]:
    """Return what reads an answer: its own fields as they were sent, or ValueError if they are not the synapse's.

    The envelope is left out before the class sees it: it is the axon's word on itself, and no part of the answer.
    """
    given = _envelope(cls, timeout)
    names = [name for name in ENVELOPE if cls is None or name not in own_fields(cls)]

    def read(content: Content) -> Answer:
        # its depth is bounded
        own = pydantic_core.from_json(content)
        if not isinstance(own, dict):
            raise ValueError(f"a JSON {type(own).__name__} is no synapse")  # noqa: TRY004 - callers know ValueError
        envelope = {name: own.pop(name) for name in names if name in own}
        if cls is not None:
            _check(cls, own, given)
        return Answer(own, envelope)

    return read


def _envelope(cls: type[BaseModel] | None, timeout: float) -> Fields:
    """Return what every answer's class is given beside its fields: made once, not by default for each of them."""
    if cls is None or not is_synapse(cls):
        return {}
    ends = {name: cls.model_fields[name].get_default(call_default_factory=True) for name in ("dendrite", "axon")}
    return {"timeout": timeout} | {name: end for name, end in ends.items() if isinstance(end, BaseModel)}


def _check(cls: type[BaseModel], own: Fields, given: Fields) -> None:
    try:
        cls.model_validate(inputs(cls, own, given))
    except ValidationError as invalid:
        first, *more = complaints(invalid, own)
        others = f" (and {len(more)} more)" if more else ""
        raise ValueError(f"no {cls.__name__}: {first}{others}") from None
    except (Exception, SystemExit) as problem:  # noqa: BLE001 - a validator of the user's own may raise anything
        raise ValueError(f"{cls.__name__} does not take it: {said(problem)}") from None
