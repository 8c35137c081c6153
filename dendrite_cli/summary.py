"""What a run amounts to: its counts and percentiles, whether they suffice, and who failed alike.

Pure, so that the table, the records, history and the exit code cannot disagree about what happened.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dendrite_cli.advice import hint, reason
from dendrite_cli.model import Axon, Ending, Outcome, Verdict

_P99_NEEDS = 100


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Seconds of the ok totals, interpolated; None where there are too few to say."""

    n: int = 0
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None
    """Only of 100 and more."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Axons that failed alike."""

    verdict: Verdict
    code: int | None
    """The HTTP status; None without an HTTP answer."""
    reason: str | None
    """The axons' own words, without bittensor's wrapping."""
    hint: str | None
    """What to do next, where it is the same for all of them."""
    count: int
    axon: Axon
    """The first of them."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A run in numbers."""

    selected: int
    """Axons; the other counts are of outcomes, of which each round of a ping has one per axon."""
    rounds: int
    dialled: int
    answered: int
    """Every HTTP answer counts, whatever its status; with `--layer tcp` a connection does."""
    ok: int
    outcomes: dict[Verdict, int]
    percentiles: Percentiles
    refusals: tuple[Refusal, ...]
    """Most frequent first."""
    elapsed: float
    """Seconds."""
    ending: Ending = Ending.COMPLETE
    loop_lag: float | None = None
    """Seconds by which 99 of 100 looks at our own event loop were late at most: no figure is truer than that."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """How many axons must be ok: a number, or a percentage of those that count."""

    amount: int
    percent: bool = False

    def needed(self, counted: int) -> int:
        """Return how many of `counted` axons must be ok; all of none is one, as nothing proves nothing."""
        if not self.percent:
            return self.amount
        return max(-(-self.amount * counted // 100), min(self.amount, 1))


def summarise(
    outcomes: Sequence[Outcome], elapsed: float, ending: Ending = Ending.COMPLETE, loop_lag: float | None = None
) -> Summary:
    """Return the numbers of a run that took `elapsed` seconds."""
    return Summary(
        selected=len({outcome.index for outcome in outcomes}),
        rounds=max((outcome.round for outcome in outcomes), default=1),
        dialled=sum(outcome.attempts > 0 for outcome in outcomes),
        answered=sum(answered(outcome) for outcome in outcomes),
        ok=sum(outcome.ok for outcome in outcomes),
        outcomes=dict(Counter(outcome.verdict for outcome in outcomes).most_common()),
        percentiles=percentiles(o.timing.total for o in outcomes if o.ok and o.timing.total is not None),
        refusals=_refusals(outcomes),
        elapsed=elapsed,
        ending=ending,
        loop_lag=loop_lag,
    )


def parse_requirement(text: str) -> Requirement:
    """Return what `all`, `any`, `N` or `N%` requires; raise ValueError for anything else."""
    named = {"all": Requirement(100, percent=True), "any": Requirement(1)}
    if text in named:
        return named[text]
    number = re.fullmatch(r"(\d{1,9})(%?)", text, re.ASCII)
    if not number or (number[2] and int(number[1]) > 100):  # noqa: PLR2004 - a percentage
        raise ValueError(f"{text!r} is not all, any, a number, or a percentage up to 100%")
    return Requirement(int(number[1]), percent=bool(number[2]))


def met(
    requirement: Requirement,
    outcomes: Iterable[Outcome],
    *,
    named: bool = True,
    ending: Ending = Ending.COMPLETE,
) -> bool:
    """Say whether enough axons were ok.

    An axon is ok if it was in any round. One that was cancelled because there were enough does not count; one that
    serves nothing, or announces a private address, only if all were `named`, not when a filter swept it in.
    """
    ok_by_axon: dict[int, bool] = defaultdict(bool)
    for outcome in outcomes:
        if _counts(outcome, ending, named=named):
            ok_by_axon[outcome.index] |= outcome.ok
    return sum(ok_by_axon.values()) >= requirement.needed(len(ok_by_axon))


def answered(outcome: Outcome) -> bool:
    """Say whether it gave an HTTP answer, whatever its status; with `--layer tcp` a connection."""
    return outcome.http_status is not None or (outcome.protocol == "tcp" and outcome.ok)


def _counts(outcome: Outcome, ending: Ending, *, named: bool) -> bool:
    if outcome.verdict in {Verdict.NOT_SERVING, Verdict.PRIVATE_ADDR}:
        return named
    return outcome.verdict is not Verdict.CANCELLED or ending is not Ending.ENOUGH


def percentiles(totals: Iterable[float]) -> Percentiles:
    """Return the percentiles of the seconds that ok outcomes took."""
    ordered = sorted(totals)
    if not ordered:
        return Percentiles()
    p99 = _quantile(ordered, 0.99) if len(ordered) >= _P99_NEEDS else None
    return Percentiles(len(ordered), _quantile(ordered, 0.5), _quantile(ordered, 0.95), p99)


def _quantile(ordered: Sequence[float], share: float) -> float:
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _refusals(outcomes: Sequence[Outcome]) -> tuple[Refusal, ...]:
    alike: dict[tuple[Verdict, int | None, str | None], list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        if not outcome.ok and outcome.verdict is not Verdict.CANCELLED:
            alike[_kind(outcome)].append(outcome)
    ordered = sorted(alike.items(), key=lambda group: -len(group[1]))
    return tuple(_refusal(kind, group) for kind, group in ordered)


def _kind(outcome: Outcome) -> tuple[Verdict, int | None, str | None]:
    # unless the axon's own status decided, the message is ours and names the case: no two would be alike
    decided = outcome.http_status is not None and outcome.http_status == outcome.status_code
    said = reason(outcome.status_message) if decided else None
    return outcome.verdict, outcome.http_status, said


def _refusal(kind: tuple[Verdict, int | None, str | None], group: Sequence[Outcome]) -> Refusal:
    hints = {hint(outcome) for outcome in group}
    shared = hints.pop() if len(hints) == 1 else None
    return Refusal(*kind, hint=shared, count=len({outcome.index for outcome in group}), axon=group[0].axon)
