"""Ask Bittensor's axons: signed synapses out, one outcome per axon back.

The names that programs import from here are loaded when they are first asked for (PEP 562).
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dendrite_cli.dendrite import (
        AxonInfo,
        Dendrite,
        DendriteMixin,
        Limits,
        StreamingSynapse,
        Synapse,
        TerminalInfo,
    )

__all__ = [
    "AxonInfo",
    "Dendrite",
    "DendriteMixin",
    "Limits",
    "StreamingSynapse",
    "Synapse",
    "TerminalInfo",
    "__version__",
]

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """Load a public name."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from dendrite_cli import dendrite

    return globals().setdefault(name, getattr(dendrite, name))


def __dir__() -> list[str]:
    """Return what there is, loaded or not."""
    return sorted({*globals(), *__all__})
