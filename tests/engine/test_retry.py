from dataclasses import replace

import pytest

from dendrite_cli.engine.limits import Retries
from dendrite_cli.engine.retry import pause, wish
from dendrite_cli.model import Axon, Outcome, Verdict

NOW = 1_795_372_800.0  # Mon, 23 Nov 2026 01:20:00 GMT


def failed(verdict: Verdict = Verdict.RESET, *, attempts: int = 1, retry_after: float | None = None) -> Outcome:
    return Outcome(0, Axon("a", 1), verdict, "synapse", attempts=attempts, retry_after=retry_after)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        ("Sun, 22 Nov 2026 18:01:40 GMT", 100),
        ("Sun, 22 Nov 2026 17:00:00 GMT", 0),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("", None),
        ("Sun, 99 Nov 2026 18:01:40 GMT", None),
        ("\u0661\u0662", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(text, seconds):
    assert wish({"retry-after": text}, 1_795_370_400.0) == seconds


def test_without_retry_after_nothing_is_asked_for():
    assert wish({}, NOW) is None


def test_pauses_double_and_have_a_longest():
    pauses = [pause(Retries(50), failed(attempts=number)) for number in range(1, 20)]

    assert 0.375 <= pauses[0] <= 0.625
    assert 0.75 <= pauses[1] <= 1.25
    assert all(seconds <= 37.5 for seconds in pauses)
    assert pauses[-1] >= 22.5


@pytest.mark.parametrize("verdict", [Verdict.CONNECT_REFUSED, Verdict.CONNECT_TIMEOUT, Verdict.DNS, Verdict.RESET])
def test_a_connection_that_failed_is_tried_again(verdict):
    assert pause(Retries(1), failed(verdict)) is not None
    assert pause(Retries(0), failed(verdict)) is None
    assert pause(Retries(1), failed(verdict, attempts=2)) is None


def test_an_answer_that_broke_off_is_not_asked_for_again_unless_that_is_wanted():
    broken = replace(failed(), http_status=200)

    assert pause(Retries(1), broken) is None
    assert pause(Retries(1, frozenset({"reset"})), broken) is not None


def test_what_was_never_sent_is_not_sent_again():
    assert pause(Retries(3, frozenset({"not_serving"})), failed(Verdict.NOT_SERVING, attempts=0)) is None


def test_what_was_ok_is_not_tried_again():
    assert pause(Retries(5, frozenset({"ok", "200"})), failed(Verdict.OK)) is None


def test_an_axon_that_asks_for_more_than_a_minute_is_left_alone():
    assert pause(Retries(5), failed(retry_after=60)) == 60
    assert pause(Retries(5), failed(retry_after=61)) is None
