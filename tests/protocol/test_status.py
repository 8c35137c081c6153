import pytest

from dendrite_cli.model import Verdict
from dendrite_cli.protocol.status import v10_code, verdict_of


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (200, "ok"),
        (201, "client_error"),
        (206, "client_error"),
        (301, "redirect"),
        (307, "redirect"),
        (401, "unauthorized"),
        (403, "forbidden"),
        (404, "not_found"),
        (408, "timeout"),
        (429, "rate_limited"),
        (400, "client_error"),
        (422, "client_error"),
        (500, "server_error"),
        (503, "server_error"),
        (100, "client_error"),
        (999, "client_error"),
    ],
)
def test_every_http_status_has_the_outcome_of_the_contract(status, verdict):
    assert verdict_of(status) == verdict


@pytest.mark.parametrize(
    ("verdict", "code"),
    [
        (Verdict.BAD_RESPONSE, 422),
        (Verdict.TOO_LARGE, 413),
        (Verdict.CONNECT_TIMEOUT, 408),
        (Verdict.FIRST_BYTE_TIMEOUT, 408),
        (Verdict.IDLE_TIMEOUT, 408),
        (Verdict.TIMEOUT, 408),
        (Verdict.CONNECT_REFUSED, 503),
        (Verdict.UNREACHABLE, 503),
        (Verdict.DNS, 503),
        (Verdict.TLS, 503),
        (Verdict.RESET, 503),
        (Verdict.CANCELLED, None),
    ],
)
def test_an_outcome_without_a_status_has_the_number_of_bittensor_10(verdict, code):
    assert v10_code(verdict) == code
