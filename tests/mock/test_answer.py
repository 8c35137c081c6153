import asyncio
import json
import time

from bittensor_wallet import Keypair
from ground.saying import say
from hypothesis import given
from hypothesis import strategies as st

from dendrite_cli.mock.answer import Answers, Asked
from dendrite_cli.mock.behaviour import Behaviour
from dendrite_cli.mock.dialect import served
from dendrite_cli.model import Axon

KEYPAIR = Keypair.create_from_uri("//axon")
AXON = Axon("127.0.0.1", 8091, KEYPAIR.ss58_address)
STATUSES = {200, 400, 401, 404, 405, 422, 500}

# what a socket can bring: headers and paths may hold any bytes, which arrive as lone surrogates
anything = st.text(st.characters(blacklist_categories=()) | st.sampled_from("\r\n\0\udcff"))
named = st.sampled_from(
    [
        "timeout",
        "name",
        "computed_body_hash",
        "bt_header_dendrite_nonce",
        "bt_header_input_obj_x",
        "bt_header_axon_port",
    ]
)


def answer(asked: Asked):
    answers = Answers(KEYPAIR, {"Echo": served("Echo", None)}, Behaviour())
    return asyncio.run(answers.to(asked))


def asking(content: bytes, *changed: tuple[str, str], path: str = "/Echo") -> Asked:
    said = say(AXON)
    return Asked("POST", path, (*said.headers.items(), *changed), content, "192.0.2.1", 1)


@given(anything, st.lists(st.tuples(named | anything, anything)), st.binary())
def test_whatever_is_asked_gets_an_answer(path, headers, content):
    asked = Asked("POST", f"/{path}", tuple(headers), content, "", 0)

    assert answer(asked).status in STATUSES


@given(st.lists(st.tuples(named, anything), max_size=3), anything)
def test_whatever_is_altered_in_a_good_request_gets_an_answer(changed, path):
    asked = asking(b"{}", *changed, path=f"/Echo{path}")

    assert answer(asked).status in STATUSES


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
envelopes = st.dictionaries(st.sampled_from(["axon", "dendrite", "name", "timeout", "total_size", "x"]), json_values)


@given(envelopes)
def test_whatever_the_body_holds_gets_an_answer(body):
    assert answer(asking(json.dumps(body).encode())).status in STATUSES


@given(st.integers() | st.floats())
def test_a_status_in_the_body_is_answered_only_if_it_can_be_sent(status):
    reply = answer(asking(json.dumps({"axon": {"status_code": status}}).encode()))

    assert 200 <= reply.status < 600


def test_its_clock_is_in_its_answers():
    answers = Answers(KEYPAIR, {}, Behaviour(clock=3600))
    routes = Answers(KEYPAIR, {"Echo": served("Echo", None)}, Behaviour(clock=3600))

    unknown, late = (asyncio.run(each.to(asking(b"{}"))) for each in (answers, routes))

    assert (unknown.status, late.status) == (404, 401)
    assert int(late.headers["bt_header_axon_nonce"]) > time.time_ns() + 3500 * 10**9
