"""The module that programs know as `bittensor.core.dendrite`: the same names, over our engine, without an SDK."""

from typing import TYPE_CHECKING, Any

from dendrite_cli.dropin.axon_info import AxonInfo
from dendrite_cli.dropin.links import event_loop_is_running
from dendrite_cli.dropin.mixin import DendriteMixin
from dendrite_cli.dropin.status import DEFAULT_ERROR as DENDRITE_DEFAULT_ERROR
from dendrite_cli.engine.limits import Limits
from dendrite_cli.synapse.model import StreamingSynapse, Synapse, TerminalInfo

if TYPE_CHECKING:
    DENDRITE_ERROR_MAPPING: dict[type[Exception], tuple[str | None, str]]

__all__ = [
    "DENDRITE_DEFAULT_ERROR",
    "DENDRITE_ERROR_MAPPING",
    "AxonInfo",
    "Dendrite",
    "DendriteMixin",
    "Limits",
    "StreamingSynapse",
    "Synapse",
    "TerminalInfo",
    "event_loop_is_running",
]


class Dendrite(DendriteMixin):
    """Asks axons; `await dendrite(axons, synapse)` is `forward`.

    >>> async with Dendrite(wallet) as dendrite:
    ...     answers = await dendrite(metagraph.axons, MySynapse(prompt="hello"), timeout=20)
    """

    async def __call__(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - whatever forward takes
        """Do what `forward` does."""
        return await self.forward(*args, **kwargs)


def __getattr__(name: str) -> Any:  # noqa: ANN401 - PEP 562
    """Return what has aiohttp in it, which takes longer to import than all the rest."""
    if name == "DENDRITE_ERROR_MAPPING":
        from dendrite_cli.dropin.status import error_mapping

        return globals().setdefault(name, error_mapping())
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
