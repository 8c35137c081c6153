import json

from dendrite_cli import records
from dendrite_cli.model import Axon, Draft
from dendrite_cli.output import request


def draft(body=b'{"text":"hi","nonce":1795438935882560065}', **headers):
    axon = Axon("192.0.2.17", 8091, "5F3s")
    given = {"Host": "192.0.2.17:8091"} | headers
    return Draft(3, axon, "synapse", "Echo", "POST", "http://192.0.2.17:8091/Echo", given, body, 912)


def test_a_request_reads_as_http():
    assert request.text(draft()) == (
        'POST /Echo HTTP/1.1\nHost: 192.0.2.17:8091\n\n{\n  "text": "hi",\n  "nonce": 1795438935882560065\n}\n',
        False,
    )


def test_without_a_body_there_is_none():
    assert request.text(draft(b"")) == ("POST /Echo HTTP/1.1\nHost: 192.0.2.17:8091\n", False)


def test_a_body_that_is_no_json_is_shown_as_it_is():
    shown, _ = request.text(draft(b"a  b\n\xff"))

    assert shown.endswith("\n\na  b\n\N{REPLACEMENT CHARACTER}\n")


def test_nothing_in_a_request_is_obeyed_by_a_terminal():
    hostile = json.dumps({"a": "\x1b]0;x\x07 \u202e \x9b \ud800"}, ensure_ascii=True).encode()
    shown, _ = request.text(draft(hostile, name="\x1b[2J"))

    assert {character for character in shown if not character.isprintable()} == {"\n"}


def test_a_long_body_is_cut():
    shown, cut = request.text(draft(json.dumps({"text": "x" * 100_000}).encode()))

    assert cut
    assert shown.endswith("xxx…\n")
    assert len(shown) < request.LONGEST + 100


def test_a_request_is_a_record():
    record = records.request(draft())

    assert list(record) == [
        *("schema", "type", "index", "axon", "protocol", "synapse"),
        *("method", "url", "headers", "body", "bytes"),
    ]
    assert (record["schema"], record["type"], record["index"]) == ("dendrite.request/1", "request", 3)
    assert json.loads(records.encode(record))["body"] == {"text": "hi", "nonce": "1795438935882560065"}
    assert (records.request(draft(b""))["body"], records.request(draft(b"x"))["body"]) == (None, "x")
    assert record["bytes"] == {"sent": 912}
