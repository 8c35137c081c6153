"""The program against unmodified bittensor 10.5.0 axons, under whichever SDK this interpreter has."""

import json
from pathlib import Path

import pytest
from ground.cli import dendrite

VECTORS = Path(__file__).parent.parent / "vectors"
ALICE = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"


def at(axon, hotkey=None) -> str:
    return f"{hotkey or axon['hotkey']}@{axon['host']}:{axon['port']}"


def query(axon, synapse, *arguments, body=None, **options):
    """Query one axon with a class of the vectors; return its record and the exit code."""
    given = [] if body is None else ["--json", json.dumps(body)]
    done = dendrite(
        *("query", "-s", f"realsyn:{synapse}", "--pythonpath", str(VECTORS), "-a", at(axon), "--ephemeral", "-q"),
        *given,
        *arguments,
        **options,
    )
    assert done.stdout, done.stderr
    return json.loads(done.stdout), done.returncode


def test_the_default_ping_is_answered_200(sdk10):
    done = dendrite("ping", at(sdk10["good"]), "--ephemeral")

    record = json.loads(done.stdout)
    assert (done.returncode, record["ok"], record["outcome"], record["http_status"]) == (0, True, "ok", 200)
    assert record["claimed"]["process_ms"] > 0
    assert record["trust"] == {
        "request_signed": True,
        "body_covered": False,
        "identity": "not_checked",
        "clock_skew_ms": None,
        "clock_error_ms": None,
    }
    assert record["timing"]["total_ms"] >= record["timing"]["ttfb_ms"]


def test_fields_of_every_json_kind_come_back(sdk10):
    body = {
        "text": "héllo ☃ \u2028",
        "number": -7,
        "items": [1, 2, 3],
        "maybe": None,
        "blob_b64": "AAECAwT/",
        "mapping": {"k": [1, {"z": None}], "é": "ü", "f": 1e-7, "t": True, "e": {}},
        "nested": {"label": "inner", "weight": 1.25, "tags": ["a"]},
    }

    record, code = query(sdk10["good"], "EchoSynapse", body=body)

    assert code == 0
    assert {name: record["body"][name] for name in body} == body
    assert record["body"]["nested_out"] == body["nested"]
    assert not {"dendrite", "axon", "timeout", "computed_body_hash"} & set(record["body"])


@pytest.mark.parametrize(
    ("synapse", "body"),
    [
        (
            "HashedClassVar",
            {"prompt": "ünï", "params": {"b": 1, "a": [1.5, None, True, 1e20]}, "numbers": [0.1, 1e-05]},
        ),
        ("DetectionSynapse", {"chunks": [[{"hand": 1, "cards": ["Ah", None]}], [{"hand": 2.5}]]}),
        ("HashedDeprecated", {"roles": ["user"], "messages": ["hi", "there"]}),
        ("SatChallenge", {"challenge_id": "c", "issued_at_ms": 5, "cnf_sha256": "00"}),
    ],
)
def test_hash_fields_in_all_their_forms_are_accepted_and_covered(sdk10, synapse, body):
    record, code = query(sdk10["good"], synapse, body=body)

    assert (code, record["http_status"], record["trust"]["body_covered"]) == (0, 200, True)


@pytest.mark.parametrize(
    ("synapse", "body"),
    [
        ("Dummy", {"dummy_input": 41}),
        (
            "ProofOfWeightsSynapse",
            {"verification_key_hash": "a", "inputs": {"k": 1}, "proof": "x", "public_signals": "[]"},
        ),
        ("Competition", {"id": 1, "hash": "h", "file_name": "f"}),
        ("Simulation", {"simulation_input": {"asset": "ETH", "num_simulations": 2}}),
        ("SimulationStrict", {"simulation_input": {"asset": "ETH", "time_increment": 5, "time_length": 10}}),
        ("DatetimeField", {"when": "2025-01-01T00:00:00Z"}),
        ("TextToImage", {"seed": 1, "text_prompts": [{"text": "cat"}], "height": 512}),
        ("OnDemandRequest", {"source": 2, "usernames": ["@a"], "keywords": ["k1", "k2"], "limit": 5}),
        ("GetContentsByBuckets", {"data_entity_bucket_ids": [{"time_bucket": 480000, "source": 1, "label": "r/x"}]}),
    ],
)
def test_required_fields_and_nested_models_are_accepted(sdk10, synapse, body):
    record, code = query(sdk10["good"], synapse, body=body)

    assert (code, record["http_status"]) == (0, 200), record["status_message"]


def test_items_are_merged_over_the_body(sdk10):
    record, code = query(
        sdk10["good"], "EchoSynapse", "number:=9", "nested[tags][0]=x", body={"text": "hi", "number": 1}
    )

    assert code == 0
    assert (record["body"]["text"], record["body"]["number"]) == ("hi", 9)
    assert record["body"]["nested"]["tags"] == ["x"]


def test_a_bare_route_needs_no_class_even_where_fields_are_required(sdk10):
    done = dendrite("query", "-s", "Dummy", "-a", at(sdk10["good"]), "dummy_input:=41", "--ephemeral", "-q")

    record = json.loads(done.stdout)
    assert (done.returncode, record["body"]["dummy_output"]) == (0, 42)


def test_a_wrong_hotkey_is_unauthorized(sdk10):
    done = dendrite("ping", at(sdk10["good"], ALICE), "--ephemeral")

    record = json.loads(done.stdout)
    assert (done.returncode, record["outcome"], record["http_status"]) == (1, "unauthorized", 401)
    assert sdk10["good"]["hotkey"] in record["hint"]
    assert record["axon"]["hotkey"] == ALICE


def test_a_blacklist_is_forbidden_and_says_why(sdk10):
    record, code = query(sdk10["blacklist"], "EchoSynapse", "text=hi")

    assert (code, record["outcome"], record["http_status"]) == (1, "forbidden", 403)
    assert "Not enough stake" in record["status_message"]


def test_an_unknown_route_is_not_found_and_names_what_is_served(sdk10):
    record, code = query(sdk10["good"], "NotAttached", "x:=3")

    assert (code, record["outcome"], record["http_status"]) == (1, "not_found", 404)
    assert "EchoSynapse" in record["hint"]


def test_a_handler_that_says_429_is_rate_limited(sdk10):
    record, code = query(sdk10["good"], "SetsStatus", body={"want": 429, "why": "busy"})

    assert (code, record["outcome"], record["status_code"]) == (1, "rate_limited", 429)


def test_206_is_no_success_for_a_synapse(sdk10):
    record, code = query(sdk10["good"], "SetsStatus", body={"want": 206, "why": "partial"})

    assert (code, record["outcome"], record["status_code"]) == (1, "client_error", 206)


def test_a_hash_that_the_axon_computes_otherwise_is_a_server_error(sdk10):
    record, code = query(sdk10["good"], "Drift", body={"a": "1", "b": "2"})

    assert (code, record["outcome"], record["http_status"]) == (1, "server_error", 500)


def test_our_own_time_out_is_told_from_the_axons(sdk10):
    record, code = query(sdk10["slow"], "EchoSynapse", "-t", "0.5", "text=hi")

    assert (code, record["outcome"], record["status_code"], record["http_status"]) == (1, "timeout", 408, None)


def test_the_axons_own_408_is_told_from_our_time_out(sdk10):
    record, code = query(sdk10["priority"], "EchoSynapse", "text=hi")

    assert (code, record["outcome"], record["status_code"], record["http_status"]) == (1, "timeout", 408, 408)


def test_an_axon_without_a_hotkey_is_asked_over_http_without_a_signature(sdk10):
    good = sdk10["good"]

    done = dendrite("ping", f"{good['host']}:{good['port']}")

    record = json.loads(done.stdout)
    assert (done.returncode, record["protocol"], record["trust"]["request_signed"]) == (0, "http", False)
    assert "unsigned" in done.stderr


def test_the_tcp_layer_only_connects(sdk10):
    done = dendrite("ping", "--layer", "tcp", at(sdk10["good"]))

    record = json.loads(done.stdout)
    assert (done.returncode, record["protocol"], record["http_status"]) == (0, "tcp", None)


def test_an_unsigned_query_is_refused_by_a_real_axon(sdk10):
    record, code = query(sdk10["good"], "EchoSynapse", "text=hi")
    assert code == 0

    good = sdk10["good"]
    done = dendrite("query", "-s", "Synapse", "-a", f"{good['host']}:{good['port']}", "--unsigned")

    record = json.loads(done.stdout)
    assert (done.returncode, record["outcome"], record["trust"]["request_signed"]) == (1, "unauthorized", False)
