"""A synapse made ready to be asked: validated, encoded and hashed once, however many axons it goes to."""

from dataclasses import dataclass, replace
from typing import Self

from pydantic import BaseModel

from dendrite_cli.dropin.filling import put
from dendrite_cli.engine.limits import Limits
from dendrite_cli.errors import UsageError
from dendrite_cli.model import Answer
from dendrite_cli.protocol.synapse import SynapseWire
from dendrite_cli.synapse.load import is_synapse
from dendrite_cli.synapse.request import prepare_made


class Unsaid(float):
    """The default of a time-out: what it says, unless the dendrite was made with another."""


TIMEOUT = Unsaid(12.0)
"""Seconds for each axon, from dispatch to the last byte."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a dendrite waits, and how much it takes."""

    timeout: float = 12.0
    limits: Limits | None = None

    @classmethod
    def of(cls, timeout: float | None, limits: Limits | None) -> Self:
        """Return that of a dendrite which was made with these."""
        default = limits.total if limits else float(TIMEOUT)
        return cls(default if timeout is None else float(timeout), limits)

    def seconds(self, timeout: float | None) -> float:
        """Return the time-out of a call that was given `timeout`."""
        return self.timeout if timeout is None or isinstance(timeout, Unsaid) else float(timeout)

    def within(self, seconds: float) -> Limits:
        """Return the limits of a call of so many seconds."""
        if self.limits is not None:
            return replace(self.limits, total=seconds)
        return Limits(total=seconds, connect=seconds, idle=seconds)


@dataclass(frozen=True, slots=True)
class Question:
    """What every axon of one call is asked, and how long it has for the answer."""

    wire: SynapseWire
    limits: Limits
    timeout: float
    """Seconds."""
    size: int
    """Bytes of the fields in JSON."""
    is_limited: bool
    """Whether there are limits beside the time-out."""


def question_of(synapse: BaseModel, patience: Patience, timeout: float | None, *, streaming: bool = False) -> Question:
    """Return what `synapse` asks, and tell it its time-out; raise UsageError for one that cannot be sent."""
    if not is_synapse(type(synapse)):
        raise UsageError(
            f"{type(synapse).__name__} is no synapse: it has no envelope",
            help="subclass dendrite_cli.Synapse or bittensor 10's",
        )
    seconds = patience.seconds(timeout)
    put(synapse, timeout=seconds)
    request = prepare_made(synapse, seconds)
    if streaming:
        # a stream is read by the class itself; before that, its head is looked at without a body
        request = replace(request, read=lambda _: Answer(None))
    limits = patience.within(seconds)
    return Question(SynapseWire(request), limits, seconds, len(request.body), patience.limits is not None)
