"""What of the records is shown, and in which order: --columns, --only and --sort, alike for every format."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dendrite_cli import encoding
from dendrite_cli.answers import Group, Likeness
from dendrite_cli.model import Outcome
from dendrite_cli.output import compared
from dendrite_cli.output.columns import Column, Record, parse_column, parse_columns


@dataclass(frozen=True, slots=True)
class View:
    """A choice among records. The numbers of a summary are of the whole run all the same."""

    columns: tuple[Column, ...] = ()
    """Empty: what the format shows by default."""
    only: str | None = None
    """`ok`, `failed` or None for all."""
    sort: Column | None = None
    """None: the order in which they came."""
    descending: bool = False
    likeness: Likeness | None = None
    """When two answers are alike; None where they are not compared."""

    @classmethod
    def parse(cls, columns: str | None = None, sort: str | None = None, only: str | None = None) -> "View":
        """Return the view that the options describe; raise ValueError that names the nearest known column."""
        return cls(
            parse_columns(columns) if columns is not None else (),
            only,
            parse_column(sort.removeprefix("-")) if sort is not None else None,
            descending=sort is not None and sort.startswith("-"),
        )

    def shows(self, outcome: Outcome) -> bool:
        """Say whether the outcome is among those that were asked for."""
        return self.only is None or outcome.ok == (self.only == "ok")

    @property
    def waits(self) -> bool:
        """Whether no record can be shown before all are there."""
        return self.sort is not None or self.likeness is not None

    def compared(self, found: Sequence[Record]) -> tuple[list[Record], list[Group]]:
        """Return the records with the group of each one's answer, and the groups, where they are asked for."""
        return compared.marked(found, self.likeness) if self.likeness else (list(found), [])

    def ordered(self, shown: Iterable[Record]) -> list[Record]:
        """Return the records in their order; those without a value come last, whichever way."""
        if self.sort is None:
            return list(shown)
        value = self.sort.value
        with_value: list[Record] = []
        without: list[Record] = []
        for record in shown:
            (without if value(record) is None else with_value).append(record)
        with_value.sort(key=lambda record: _rank(value(record)), reverse=self.descending)
        return with_value + without

    def record(self, record: Record) -> Record:
        """Return what programs get: the whole record, or a flat one of the columns asked for."""
        if not self.columns:
            return record
        return {column.name: column.value(record) for column in self.columns}


def _rank(value: object) -> tuple[int, float, str]:
    """Return a key that orders numbers before text, and anything else by its JSON."""
    if isinstance(value, (int, float)):
        return 0, value, ""
    return 1, 0.0, value if isinstance(value, str) else encoding.dumps(value)
