"""Memory for bodies that were announced and have not arrived.

A body that is read to where it stays costs half of one that is moved as it grows; but whoever announces 16 MiB, a
thousand times, and sends nothing must not cost us 16 GiB.
"""

_AHEAD = 64 * 1024 * 1024


class Reserve:
    """What the connections of a run may set aside together."""

    __slots__ = ("_left",)

    def __init__(self) -> None:
        self._left = _AHEAD

    def take(self, size: int) -> bool:
        """Say whether so many bytes may be set aside; they are gone until they are given back."""
        if size > self._left:
            return False
        self._left -= size
        return True

    def give_back(self, size: int) -> None:
        """Take back what `take` gave."""
        self._left += size
