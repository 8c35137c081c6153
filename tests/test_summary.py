import pytest

from dendrite_cli.advice import hint, reason
from dendrite_cli.model import Axon, Ending, Outcome, Timing, Trust, Verdict
from dendrite_cli.summary import met, parse_requirement, summarise

HOTKEY = "5F3sa2TJAWMqDhXG6jhV4N8ko9SxwGy8TpaNS1repo5EYjhW"
OTHER = "5GBtgzaZ7ndMFdb4bgzs9LLJpm9pySAokLWrUquyat1JATCX"
SIGNED = Trust(request_signed=True, body_covered=False)


def outcome(verdict=Verdict.OK, *, status=None, message=None, source="literal", **more):
    axon = Axon("192.0.2.17", 8091, HOTKEY, source=source)
    given = {"index": 0, "attempts": 1, "trust": SIGNED, "status_code": status, "protocol": "synapse"} | more
    return Outcome(
        axon=axon,
        verdict=verdict,
        synapse="Echo",
        http_status=status,
        status_message=message,
        **given,
    )


def ok(total, index=0):
    return outcome(index=index, status=200, timing=Timing(total=total))


def test_percentiles_are_of_ok_totals_and_interpolated():
    slow_refusal = outcome(Verdict.FORBIDDEN, index=2, status=403, timing=Timing(total=9.0))

    percentiles = summarise([ok(0.245, 0), ok(0.059, 1), slow_refusal], 1.0).percentiles

    assert (percentiles.n, percentiles.p99) == (2, None)
    assert percentiles.p50 == pytest.approx(0.152)
    assert percentiles.p95 == pytest.approx(0.2357)


def test_the_99th_percentile_needs_a_hundred():
    assert summarise([ok(1.0, i) for i in range(99)], 1.0).percentiles.p99 is None
    assert summarise([ok(1.0, i) for i in range(100)], 1.0).percentiles.p99 == 1.0


def test_every_http_answer_is_an_answer_and_only_what_was_sent_is_dialled():
    outcomes = [
        ok(0.1, 0),
        outcome(Verdict.SERVER_ERROR, index=1, status=500),
        outcome(Verdict.CONNECT_REFUSED, index=2),
        outcome(Verdict.NOT_SERVING, index=3, attempts=0),
    ]

    summary = summarise(outcomes, 2.5)

    assert (summary.selected, summary.dialled, summary.answered, summary.ok) == (4, 3, 2, 1)
    assert summary.outcomes == {"ok": 1, "server_error": 1, "connect_refused": 1, "not_serving": 1}
    assert summary.elapsed == 2.5


def test_a_tcp_connection_is_an_answer():
    connected = Outcome(0, Axon("192.0.2.1", 1), Verdict.OK, "tcp", attempts=1)

    assert summarise([connected], 1.0).answered == 1


def test_rounds_count_axons_once_and_probes_each():
    first, second = ok(0.1), outcome(status=200, round=2)

    summary = summarise([first, second], 1.0)

    assert (summary.selected, summary.rounds, summary.ok) == (1, 2, 2)


def test_refusals_are_grouped_by_code_and_reason_most_frequent_first():
    stake = "Forbidden. Key is blacklisted: Not enough stake."
    outcomes = [
        outcome(Verdict.NOT_FOUND, index=0, status=404, message="Not Found"),
        outcome(Verdict.FORBIDDEN, index=1, status=403, message=stake),
        outcome(Verdict.FORBIDDEN, index=2, status=403, message=stake),
        outcome(Verdict.FORBIDDEN, index=3, status=403, message="Forbidden. Key is blacklisted: no."),
    ]

    refusals = summarise(outcomes, 1.0).refusals

    assert [(r.code, r.reason, r.count) for r in refusals] == [
        (403, "Not enough stake", 2),
        (404, "Not Found", 1),
        (403, "no", 1),
    ]


def test_axons_that_nobody_listens_at_are_one_group():
    outcomes = [
        outcome(Verdict.CONNECT_REFUSED, index=i, message=f"Service unavailable at 192.0.2.{i}:1: Connection refused")
        for i in range(3)
    ]

    (refusal,) = summarise(outcomes, 1.0).refusals

    assert (refusal.count, refusal.code) == (3, None)
    assert refusal.hint


def test_answers_that_cannot_be_read_are_alike_however_they_are_broken():
    broken = [
        outcome(Verdict.BAD_RESPONSE, index=0, status=200, status_code=422, message="Failed to parse response: EOF"),
        outcome(Verdict.BAD_RESPONSE, index=1, status=200, status_code=422, message="Failed to parse response: a list"),
    ]

    (refusal,) = summarise(broken, 1.0).refusals

    assert (refusal.count, refusal.code, refusal.reason) == (2, 200, None)


def test_errors_with_an_id_of_their_own_are_alike():
    first, second = (
        outcome(Verdict.SERVER_ERROR, index=i, status=500, message=f"Internal Server Error #{i}-{i}") for i in (1, 2)
    )

    assert summarise([first, second], 1.0).refusals[0].reason == "Internal Server Error"


@pytest.mark.parametrize(
    ("text", "counted", "needed"),
    [("all", 5, 5), ("any", 5, 1), ("3", 5, 3), ("0", 5, 0), ("50%", 5, 3), ("1%", 5, 1), ("0%", 5, 0), ("all", 0, 1)],
)
def test_a_requirement_says_how_many_axons_it_needs(text, counted, needed):
    assert parse_requirement(text).needed(counted) == needed


@pytest.mark.parametrize("text", ["", "some", "-1", "101%", "5.5", "50 %", "%", "\u0663"])
def test_what_is_no_requirement_is_refused(text):
    with pytest.raises(ValueError, match="is not all, any, a number"):
        parse_requirement(text)


def test_all_is_met_when_every_axon_is_ok_and_not_when_none_is_there():
    every = parse_requirement("all")

    assert met(every, [ok(1.0, 0), ok(1.0, 1)])
    assert not met(every, [ok(1.0, 0), outcome(Verdict.RESET, index=1)])
    assert not met(every, [])


def test_an_axon_that_was_cancelled_counts_unless_there_were_enough():
    outcomes = [ok(1.0, 0), outcome(Verdict.CANCELLED, index=1)]

    assert met(parse_requirement("100%"), outcomes, ending=Ending.ENOUGH)
    assert not met(parse_requirement("all"), outcomes, ending=Ending.DEADLINE)


@pytest.mark.parametrize("verdict", [Verdict.NOT_SERVING, Verdict.PRIVATE_ADDR])
def test_an_axon_that_cannot_be_dialled_is_a_failure_only_if_it_was_named(verdict):
    swept = [ok(1.0, 0), outcome(verdict, index=1, source="metagraph")]
    every = parse_requirement("all")

    assert met(every, swept, named=False)
    assert not met(every, swept)
    assert not met(every, [ok(1.0, 0), outcome(verdict, index=1)])


def test_an_axon_that_was_ok_in_one_round_is_ok():
    rounds = [outcome(Verdict.RESET, round=1), outcome(status=200, round=2)]

    assert met(parse_requirement("all"), rounds)


def test_every_failure_but_a_cancelled_one_has_a_hint_in_the_house_style():
    silent = {Verdict.OK, Verdict.CANCELLED}
    hints = {verdict: hint(outcome(verdict)) for verdict in Verdict}

    assert {verdict for verdict, text in hints.items() if text is None} == silent
    assert not [
        text for text in hints.values() if text and (text.endswith(".") or (text[0].isupper() and text[:3] != "TLS"))
    ]


def refused(message, status=401, **more):
    verdict = {401: Verdict.UNAUTHORIZED, 403: Verdict.FORBIDDEN, 404: Verdict.NOT_FOUND}[status]
    return hint(outcome(verdict, status=status, message=message, **more))


def test_a_401_for_an_old_nonce_tells_of_the_clock():
    message = (
        "Not Verified with error: Nonce is too old: acceptable delta is 8.00 seconds but request was 16.40 seconds old"
    )

    assert refused(message, timing=Timing(total=0.1)) == "its clock is 16 s ahead of ours"
    assert "--timeout" in refused(message, timing=Timing(total=20.0))


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("nonce is older than the 10s freshness window", "its clock is about 10 s or more ahead of ours"),
        ("nonce is more than 2s in the future", "its clock is more than 2 s behind ours"),
        ("Request is too stale", "its clock is ahead of ours"),
        ("signature does not verify against the claimed hotkey", "it does not accept the signature"),
    ],
)
def test_a_refusal_for_the_time_of_a_signature_tells_of_the_clock_in_every_protocol(message, told):
    assert refused(message, timing=Timing(total=0.1)).startswith(told)


@pytest.mark.parametrize(
    ("message", "protocol"),
    [
        ("missing or unsupported X-Bittensor-Version (expected '1')", "btauth"),
        ("missing Epistula-Signed-By", "epistula"),
    ],
)
def test_a_synapse_for_what_speaks_another_protocol_is_told_which(message, protocol):
    assert f"add --proto {protocol}, or --proto auto" in refused(message)
    assert "--proto" not in refused(message, protocol=protocol)


def test_a_400_for_a_stale_signature_tells_of_the_clock_too():
    early = outcome(Verdict.CLIENT_ERROR, status=400, message="Request is too stale", timing=Timing(total=9.0))

    assert "9.0 s" in hint(early)


def test_a_401_for_an_overtaken_nonce_says_to_send_again():
    assert "send it again" in refused("Not Verified with error: Nonce is too old, a newer one was last processed")


def test_a_401_for_another_receiver_names_the_hotkey_it_claims():
    message = f"Not Verified with error: Signature mismatch with 17.{HOTKEY}.{OTHER}.uuid.hash and 0x00"

    assert f"{OTHER}@192.0.2.17:8091" in refused(message)


def test_a_401_without_a_signature_says_so():
    assert "--unsigned" in refused("Not Verified with error: Missing Signature", trust=Trust())


@pytest.mark.parametrize(
    ("said", "word"),
    [("Not enough stake", "stake"), ("no validator permit", "validators"), ("Hotkey not registered", "registered")],
)
def test_a_403_is_explained_by_its_reason(said, word):
    assert word in refused(f"Forbidden. Key is blacklisted: {said}.", status=403)


def test_a_404_names_the_routes_the_axon_serves():
    message = "Synapse name 'Echo' not found. Available synapses ['Synapse', 'TextV2']"

    assert refused(message, status=404) == "no route 'Echo'; it serves Synapse, TextV2"


def test_a_500_without_hash_coverage_suggests_the_class():
    failed = outcome(Verdict.SERVER_ERROR, status=500)
    covered = outcome(Verdict.SERVER_ERROR, status=500, trust=Trust(request_signed=True, body_covered=True))

    assert "--synapse pkg.mod:Class" in hint(failed)
    assert "--synapse" not in hint(covered)


def test_our_time_out_and_the_axons_own_differ():
    assert hint(outcome(Verdict.TIMEOUT)) != hint(outcome(Verdict.TIMEOUT, status=408))


def test_a_reason_is_the_axons_own_words():
    assert reason("Forbidden. Key is blacklisted: Not enough stake.") == "Not enough stake"
    assert reason("Not Verified with error: Missing Nonce") == "Missing Nonce"
    assert reason("  ") is None
    assert reason(None) is None


def test_our_time_out_in_the_middle_of_an_answer_is_not_the_axons():
    ours = outcome(Verdict.TIMEOUT, status=200, status_code=408)

    assert hint(ours) == "no whole answer in time; raise --timeout"


def test_who_closes_in_the_middle_of_an_answer_is_not_taken_for_somebody_else():
    assert "axon's port" in hint(outcome(Verdict.RESET))
    assert "in the middle of its answer" in hint(outcome(Verdict.RESET, status=200))


def test_what_no_option_allows_is_not_said_to_be_allowed_by_one():
    headers = outcome(Verdict.TOO_LARGE, message="Too large: more than 65,536 bytes of headers")

    assert "--max-bytes" in hint(outcome(Verdict.TOO_LARGE, message="Too large: more than 16,777,216 bytes"))
    assert "--max-bytes" not in hint(headers)


def test_advice_after_a_server_error_names_only_options_that_help():
    failed = outcome(Verdict.SERVER_ERROR, status=500)
    pinged = Outcome(
        0, failed.axon, Verdict.SERVER_ERROR, "synapse", "Synapse", attempts=1, http_status=500, trust=SIGNED
    )

    assert "--synapse pkg.mod:Class" in hint(failed)
    assert hint(pinged) == "its handler failed; its miner's log says why"
    assert "--retries" in hint(outcome(Verdict.SERVER_ERROR, status=503))
