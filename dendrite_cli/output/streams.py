"""How streams are laid out on a terminal: what the options say."""

from dataclasses import dataclass
from enum import StrEnum

from dendrite_cli.model import Axon


class Layout(StrEnum):
    """Of the text of several axons."""

    AUTO = "auto"
    """Panes where they are few and there is room, else lines; prefix where the cursor cannot be moved."""
    PANES = "panes"
    LINES = "lines"
    PREFIX = "prefix"


@dataclass(frozen=True, slots=True)
class Streams:
    """A choice of how the text of streams is shown."""

    layout: Layout = Layout.AUTO
    focus: str | None = None
    """The uid, or the endpoint, of the axon that gets the room."""


def label(axon: Axon) -> str:
    """Return what an axon is called beside its text: its uid, or its endpoint where it has none."""
    return axon.endpoint if axon.uid is None else str(axon.uid)
