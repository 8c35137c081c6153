"""Synapse, StreamingSynapse and TerminalInfo without an SDK: the classes that bittensor 11 removed.

Same fields, same defaults, same rules and same methods as bittensor 10.5.0's, so that a subnet's module works with
either. What differs is on purpose: no two synapses share their TerminalInfo, and what a class requires is looked up
in its fields, not by writing its JSON schema anew for every request.
"""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from hashlib import sha3_256
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from dendrite_cli.synapse.headers import read, size_of, written
from dendrite_cli.synapse.streaming import BTStreamingResponseModel, StreamingResponse

if TYPE_CHECKING:
    from aiohttp import ClientResponse

_SUCCESS, _UNAUTHORIZED, _FORBIDDEN, _TIMEOUT = 200, 401, 403, 408


class TerminalInfo(BaseModel):
    """One end of an exchange as the envelope names it: all of it is the sender's own word."""

    model_config = ConfigDict(validate_assignment=True)

    status_code: int | None = None
    status_message: str | None = None
    process_time: float | None = None
    """Seconds."""
    ip: str | None = None
    port: int | None = None
    version: int | None = None
    nonce: int | None = None
    """Nanoseconds of Unix time."""
    uuid: str | None = None
    hotkey: str | None = None
    signature: str | None = None

    @field_validator("status_code", "port", "version", "nonce", mode="before")
    @classmethod
    def _as_int(cls, raw: Any) -> Any:
        return raw if raw is None else int(raw)

    @field_validator("process_time", mode="before")
    @classmethod
    def _as_float(cls, raw: Any) -> Any:
        return raw if raw is None else float(raw)


class Synapse(BaseModel):
    """What is asked, and what is answered: subclass it with the fields of both."""

    model_config = ConfigDict(validate_assignment=True)

    required_hash_fields: ClassVar[tuple[str, ...]] = ()
    """The fields our signature covers, in this order. Empty: it does not cover the body."""

    name: str | None = Field(default=None, repr=False)
    """The route; always the class's name."""
    timeout: float | None = Field(default=12.0, repr=False)
    """Seconds."""
    total_size: int | None = Field(default=0, repr=False)
    header_size: int | None = Field(default=0, repr=False)
    dendrite: TerminalInfo | None = Field(default_factory=TerminalInfo, repr=False)
    """The end that asks."""
    axon: TerminalInfo | None = Field(default_factory=TerminalInfo, repr=False)
    """The end that answers."""
    computed_body_hash: str | None = Field(default="", frozen=True, repr=False)

    @model_validator(mode="before")
    @classmethod
    def set_name_type(cls, values: Any) -> Any:
        """Name the synapse after its class, whatever it was given."""
        return {**values, "name": cls.__name__} if isinstance(values, dict) else values

    @field_validator("total_size", "header_size", mode="before")
    @classmethod
    def _as_int(cls, raw: Any) -> Any:
        return raw if raw is None else int(raw)

    @field_validator("timeout", mode="before")
    @classmethod
    def _as_float(cls, raw: Any) -> Any:
        return raw if raw is None else float(raw)

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "body_hash":
            raise AttributeError("body_hash property is read-only and cannot be overridden.")
        super().__setattr__(name, value)

    def deserialize(self) -> Any:
        """Return what the asker is after; subclasses return a field of theirs."""
        return self

    def get_total_size(self) -> int:
        """Measure the synapse with all that it holds, in bytes of Python's memory; remember and return it.

        It looks at every item of every field: nothing here calls it but `to_headers`.
        """
        self.total_size = size = size_of(self)
        return size

    def get_required_fields(self) -> list[str]:
        """Return the names of the fields without a default, as they are written in JSON."""
        return [
            str(field.validation_alias or field.alias or name)
            for name, field in type(self).model_fields.items()
            if field.is_required()
        ]

    def to_headers(self) -> dict[str, Any]:
        """Return the envelope, and a stand-in for each required field, as HTTP headers.

        A stand-in is the empty value of the field's type, in base64 of its JSON. Raises ValueError for a field whose
        type has none.
        """
        return written(self, self.get_required_fields())

    @classmethod
    def parse_headers_to_inputs(cls, headers: Mapping[str, Any]) -> dict[str, Any]:
        """Return what `to_headers` wrote, as arguments for the class; headers that are none of ours are left out."""
        return read(headers)

    @classmethod
    def from_headers(cls, headers: Mapping[str, Any]) -> Self:
        """Return the synapse that `to_headers` wrote; raise ValidationError for headers that make none."""
        return cls(**cls.parse_headers_to_inputs(headers))

    @property
    def body_hash(self) -> str:
        """Hex sha3-256 over the hash fields, as the axon computes it again."""
        fields = self.model_dump()
        hashed = "".join(_sha3(str(fields[name])) for name in hash_fields(type(self)))
        return _sha3(hashed)

    @property
    def is_success(self) -> bool:
        """Whether the axon answered 200."""
        return self._status == _SUCCESS

    @property
    def is_failure(self) -> bool:
        """Whether it did not."""
        return self.dendrite is not None and self._status != _SUCCESS

    @property
    def is_timeout(self) -> bool:
        """Whether there was no answer in time."""
        return self._status == _TIMEOUT

    @property
    def is_blacklist(self) -> bool:
        """Whether the axon refuses the asker."""
        return self._status == _FORBIDDEN

    @property
    def failed_verification(self) -> bool:
        """Whether the axon did not accept the signature."""
        return self._status == _UNAUTHORIZED

    @property
    def _status(self) -> int | None:
        return self.dendrite.status_code if self.dendrite else None


class StreamingSynapse(Synapse, ABC):
    """A synapse that is answered piece by piece."""

    BTStreamingResponse: ClassVar[Any] = StreamingResponse()
    """What an axon answers; needs starlette, which only an axon has."""

    @abstractmethod
    def process_streaming_response(self, response: "ClientResponse") -> AsyncGenerator[Any, None]:
        """Yield what arrives."""

    @abstractmethod
    def extract_response_json(self, response: "ClientResponse") -> dict[str, Any]:
        """Return the fields of the answer once all of it has arrived."""

    def create_streaming_response(self, token_streamer: Callable[[Any], Awaitable[None]]) -> Any:
        """Return what an axon answers with: `token_streamer` is given ASGI's `send`. Raises ImportError."""
        model = BTStreamingResponseModel(token_streamer=token_streamer)
        return self.BTStreamingResponse(model, synapse=self)


def hash_fields(cls: type[BaseModel]) -> tuple[str, ...]:
    """Return the names of the fields that a class's body hash covers, in the order in which they are hashed.

    bittensor 10's two forms: a class variable, in its own order; or a pydantic field with a default (deprecated,
    and what most subnets ship), in the order of the model.
    """
    declared = cls.model_fields.get("required_hash_fields")
    if declared is None:
        return tuple(getattr(cls, "required_hash_fields", ()))
    listed = declared.default if isinstance(declared.default, (list, tuple)) else ()
    return tuple(name for name in cls.model_fields if name in listed)


def _sha3(text: str) -> str:
    return sha3_256(text.encode()).hexdigest()
