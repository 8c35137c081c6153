"""What many probes of one axon amount to: loss, latency and jitter over the latest of them."""

from collections import deque
from collections.abc import Sequence
from itertools import pairwise

from dendrite_cli.model import Axon, Outcome, Verdict
from dendrite_cli.summary import answered, percentiles

WINDOW = 100
"""Probes that loss, percentiles and jitter are of."""
TREND = 20
"""Of these, those that are drawn one by one."""
_NOT_SENT = frozenset({Verdict.CANCELLED, Verdict.NOT_SERVING, Verdict.PRIVATE_ADDR, Verdict.UNSUPPORTED_PROTOCOL})


class Gauge:
    """Takes the outcomes of one axon as they come. Durations are milliseconds."""

    def __init__(self, index: int, axon: Axon) -> None:
        self.index = index
        self.axon = axon
        self.outcome: Outcome | None = None
        """The latest, without the answer."""
        self.sent = 0
        self._recent: deque[float | None] = deque(maxlen=WINDOW)
        """How long each took to be answered; None for one that was not."""
        self._record: dict[str, object] | None = None

    def take(self, outcome: Outcome) -> float | None:
        """Count a probe; return how long it took to be answered, None where it was not."""
        if self.outcome is not None and outcome.verdict is Verdict.CANCELLED:
            return None
        self._record = None
        self.outcome, self.axon = outcome, outcome.axon
        if outcome.verdict in _NOT_SENT:
            return None
        took = outcome.timing.total
        self.sent += 1
        self._recent.append(took * 1000 if answered(outcome) and took is not None else None)
        return self._recent[-1]

    @property
    def record(self) -> dict[str, object]:
        """What there is to be shown: worked out once for each probe."""
        if self._record is None:
            self._record = self._worked_out()
        return self._record

    def _worked_out(self) -> dict[str, object]:
        known = [took for took in self._recent if took is not None]
        spread = percentiles(known)
        last, outcome = (self._recent[-1] if self._recent else None), self.outcome
        return {
            "index": self.index,
            "axon": {
                "uid": self.axon.uid,
                "hotkey": self.axon.hotkey,
                "host": self.axon.host,
                "port": self.axon.port,
                "address": self.axon.address,
            },
            "ok": outcome is not None and outcome.ok,
            "outcome": None if outcome is None else outcome.verdict.value,
            "http_status": None if outcome is None else outcome.http_status,
            "claimed": {"version": outcome and outcome.claimed.version, "hotkey": outcome and outcome.claimed.hotkey},
            "trust": {
                "identity": outcome.trust.identity if outcome else "not_checked",
                "clock_skew_ms": _ms(outcome.trust.clock_skew) if outcome else None,
                "clock_error_ms": _ms(outcome.trust.clock_error) if outcome else None,
            },
            "sent": self.sent,
            "loss": None if not self._recent else 100 * (1 - len(known) / len(self._recent)),
            "last": last,
            "p50": spread.p50,
            "p95": spread.p95,
            "jitter": _jitter(known),
            "trend": list(self._recent)[-TREND:],
        }


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else seconds * 1000


def _jitter(took: Sequence[float]) -> float | None:
    """Return by how much one differs from the one before it, on average."""
    steps = [abs(later - earlier) for earlier, later in pairwise(took)]
    return sum(steps) / len(steps) if steps else None
