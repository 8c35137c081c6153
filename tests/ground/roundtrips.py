"""Properties that our synapses share with bittensor 10's own, for whatever their fields hold.

In an environment with bittensor 10 and this project; fails with the smallest example for which one does not hold.
"""

import json
import sys
import warnings
from typing import Any, ClassVar

del sys.argv[1:]  # bittensor parses the command line of whoever imports it
warnings.simplefilter("ignore")

import bittensor as bt  # noqa: E402
from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

from dendrite_cli import Synapse, TerminalInfo  # noqa: E402
from dendrite_cli.protocol.signing import body_hash  # noqa: E402
from dendrite_cli.synapse.answer import maker  # noqa: E402
from dendrite_cli.synapse.request import prepare_made  # noqa: E402

FLOATS = st.floats(allow_nan=False, allow_infinity=False)
PLAIN = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | FLOATS | st.text(max_size=8)
ANYTHING = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner))
FIELDS = st.fixed_dictionaries(
    {
        "text": st.text(),
        "number": st.integers(-(2**53), 2**53),
        "ratio": FLOATS,
        "flag": st.booleans(),
        "items": st.lists(FLOATS, max_size=4),
        "mapping": st.dictionaries(st.text(max_size=4), ANYTHING, max_size=3),
        "maybe": ANYTHING,
    }
)
PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12)
COUNT = st.none() | st.integers(0, 2**40)
TERMINAL = st.fixed_dictionaries(
    {
        "status_code": COUNT,
        "status_message": st.none() | PRINTABLE,
        "process_time": st.none() | st.floats(0, 100),
        "ip": st.none() | PRINTABLE,
        "port": COUNT,
        "version": COUNT,
        "nonce": COUNT,
        "uuid": st.none() | PRINTABLE,
        "hotkey": st.none() | PRINTABLE,
        "signature": st.none() | PRINTABLE,
    }
)
HEADERS = st.dictionaries(
    st.builds(
        lambda start, rest: start + rest,
        st.sampled_from(["", "bt_header_axon_", "bt_header_dendrite_", "bt_header_input_obj_", "bt_header_input_obj"]),
        PRINTABLE,
    ),
    PRINTABLE | st.sampled_from(["e30=", "MQ==", "bnVsbA=="]),
    max_size=6,
)


def ask(base: type) -> type:
    """Return a class with hash fields, as a module of a subnet would define it."""

    class Ask(base):
        required_hash_fields: ClassVar[tuple[str, ...]] = ("mapping", "text", "ratio", "items", "timeout", "maybe")
        text: str
        number: int
        ratio: float = 0.0
        flag: bool = False
        items: list[float]
        mapping: dict[str, Any] = {}  # noqa: RUF012 - pydantic copies it
        maybe: Any = None

    return Ask


def ask_deprecated(base: type) -> type:
    """Return one with hash fields in the form that most subnets ship."""

    class Ask(base):
        text: str
        number: int
        ratio: float = 0.0
        flag: bool = False
        items: list[float]
        mapping: dict[str, Any] = {}  # noqa: RUF012 - pydantic copies it
        maybe: Any = None
        required_hash_fields: list[str] = ["maybe", "items", "text"]  # noqa: RUF012 - its deprecated form

    return Ask


OURS, THEIRS = ask(Synapse), ask(bt.Synapse)
OUR_OLD, THEIR_OLD = ask_deprecated(Synapse), ask_deprecated(bt.Synapse)
SIZES = {"header_size", "total_size"}


def unsized(headers: dict[str, Any]) -> dict[str, Any]:
    """Return headers without sizes in Python's memory, which differ between classes."""
    return {name: value for name, value in headers.items() if name not in SIZES}


@given(FIELDS, st.floats(0, 1e6))
def hashes_are_equal(fields, timeout):
    for ours, theirs in ((OURS, THEIRS), (OUR_OLD, THEIR_OLD)):
        wanted = theirs(**fields, timeout=timeout).body_hash
        assert ours(**fields, timeout=timeout).body_hash == wanted
        for cls in (ours, theirs):
            assert body_hash(prepare_made(cls(**fields), timeout).hashed) == wanted


@given(FIELDS, TERMINAL, TERMINAL)
def headers_are_equal_and_read_back_alike(fields, dendrite, axon):
    ours = OURS(**fields, dendrite=dendrite, axon=axon)
    headers = ours.to_headers()

    assert unsized(headers) == unsized(THEIRS(**fields, dendrite=dendrite, axon=axon).to_headers())
    back = OURS.from_headers(headers)
    assert back.model_dump() == THEIRS.from_headers(headers).model_dump()
    assert back.dendrite == TerminalInfo(**{name: value for name, value in dendrite.items() if value is not None})
    assert (back.timeout, back.computed_body_hash) == (ours.timeout, ours.body_hash)


@given(HEADERS)
def strange_headers_are_read_alike(headers):
    assert Synapse.parse_headers_to_inputs(headers) == bt.Synapse.parse_headers_to_inputs(headers)


@given(FIELDS)
def bodies_are_read_back_with_the_hash_that_was_signed(fields):
    for cls, peer in ((OURS, THEIRS), (THEIRS, OURS)):
        request = prepare_made(cls(**fields), 12.0)
        heard = peer(**json.loads(request.body))

        assert {name: heard.model_dump()[name] for name in fields} == cls(**fields).model_dump(include=set(fields))
        assert heard.body_hash == body_hash(request.hashed)


@given(FIELDS, TERMINAL)
def answers_are_made_into_the_class_without_their_envelope(fields, end):
    for cls in (OURS, THEIRS):
        said = bt.Synapse.model_dump(THEIRS(**fields)) | fields | {"axon": end, "dendrite": end, "timeout": 99}
        made = maker(cls, 5.0)(json.dumps(said).encode()).fields

        assert type(made) is cls
        assert made.model_dump(include=set(fields)) == cls(**fields).model_dump(include=set(fields))
        assert (made.timeout, made.axon.status_code, made.dendrite.hotkey) == (5.0, None, None)


for holds in (
    hashes_are_equal,
    headers_are_equal_and_read_back_alike,
    strange_headers_are_read_alike,
    bodies_are_read_back_with_the_hash_that_was_signed,
    answers_are_made_into_the_class_without_their_envelope,
):
    settings(max_examples=60, deadline=None, database=None)(holds)()
print("all hold")  # noqa: T201 - what the test reads
