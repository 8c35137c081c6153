"""From an answer's bytes to the synapse's own fields; nothing in them is believed before its class took it."""

from collections.abc import Callable

from pydantic import BaseModel, ValidationError

from dendrite_cli import encoding
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

    def read(content: Content) -> Answer:
        own, envelope = _apart(cls, content)
        if cls is not None:
            _made(cls, own, given)
        return Answer(own, envelope)

    return read


def maker(cls: type[BaseModel], timeout: float) -> Callable[[Content], Answer]:
    """Return what reads an answer as `reader` does, for programs: its fields are the class made of them."""
    given = _envelope(cls, timeout)

    def read(content: Content) -> Answer:
        own, envelope = _apart(cls, content)
        return Answer(_made(cls, own, given), envelope)

    return read


def make(cls: type[BaseModel], said: object, timeout: float) -> BaseModel:
    """Return the class made of what an axon said, without its envelope; raise ValueError if it makes none."""
    own, _ = _parted(cls, said)
    return _made(cls, own, _envelope(cls, timeout))


def read_any(content: Content) -> Answer:
    """Return an answer of which no class is known: its JSON, else its text; raise ValueError where it is neither."""
    try:
        return Answer(encoding.parse(content))
    except ValueError:
        if content.lstrip()[:1] in {b"{", b"["}:
            raise
    try:
        return Answer(bytes(content).decode())
    except UnicodeError:
        raise ValueError("neither JSON nor text; -o raw shows it") from None


def _apart(cls: type[BaseModel] | None, content: Content) -> tuple[Fields, Fields]:
    """Return an answer's own fields and its envelope."""
    return _parted(cls, encoding.parse(content))  # which bounds the depth


def _parted(cls: type[BaseModel] | None, said: object) -> tuple[Fields, Fields]:
    if not isinstance(said, dict):
        raise ValueError(f"a JSON {type(said).__name__} is no synapse")  # noqa: TRY004 - callers know ValueError
    own = dict(said)
    strange = () if cls is None else own_fields(cls)
    envelope = {name: own.pop(name) for name in ENVELOPE if name in own and name not in strange}
    return own, envelope


def _envelope(cls: type[BaseModel] | None, timeout: float) -> Fields:
    """Return what every answer's class is given beside its fields: made once, not by default for each of them."""
    if cls is None or not is_synapse(cls):
        return {}
    ends = {name: cls.model_fields[name].get_default(call_default_factory=True) for name in ("dendrite", "axon")}
    return {"timeout": timeout} | {name: end for name, end in ends.items() if isinstance(end, BaseModel)}


def _made(cls: type[BaseModel], own: Fields, given: Fields) -> BaseModel:
    try:
        return cls.model_validate(inputs(cls, own, given))
    except ValidationError as invalid:
        first, *more = complaints(invalid, own)
        others = f" (and {len(more)} more)" if more else ""
        raise ValueError(f"no {cls.__name__}: {first}{others}") from None
    except KeyboardInterrupt:
        raise
    except BaseException as problem:  # noqa: BLE001 - a validator of the user's own may raise anything
        raise ValueError(f"{cls.__name__} does not take it: {said(problem)}") from None
