from base64 import b64encode
from enum import StrEnum
from typing import ClassVar

import pytest
from pydantic import BaseModel, ConfigDict, Field

from dendrite_cli.mock.dialect import Echo, hash_of, inputs, served
from dendrite_cli.model import ENVELOPE
from dendrite_cli.protocol.signing import body_hash
from dendrite_cli.synapse.model import Synapse


class Plain(BaseModel):
    text: str
    maybe: str | None = None


class Kind(StrEnum):
    A = "a"


def headers_of(synapse: BaseModel) -> dict[str, str]:
    return Echo(synapse, {}, {}).headers()


def test_a_plain_class_gets_an_envelope_in_front_of_its_fields():
    cls = served("Route", Plain)

    synapse = cls(text="hi", timeout="3.5", dendrite={"nonce": "7"})

    assert list(synapse.model_dump()) == [*ENVELOPE, "text", "maybe"]
    assert (synapse.name, synapse.timeout, synapse.dendrite.nonce) == ("Route", 3.5, 7)


def test_a_class_that_forbids_extra_fields_takes_the_envelope():
    class Strict(BaseModel):
        model_config = ConfigDict(extra="forbid", frozen=True)
        text: str = ""

    assert served("Strict", Strict)(text="hi", axon={"port": "1"}).axon.port == 1


def test_a_class_with_an_envelope_is_served_as_it_is():
    class Mine(Synapse):
        text: str = ""

    assert served("Mine", Mine) is Mine


def test_without_a_class_any_object_is_taken_and_given_back():
    synapse = served("Route", None)(a=[1], self=2)

    fields = synapse.model_dump()
    assert (fields["name"], fields["a"], fields["self"]) == ("Route", [1], 2)


def test_headers_become_the_envelope_and_its_two_ends():
    said = inputs(
        [
            ("Timeout", "5.0"),
            ("BT_Header_Dendrite_Nonce", "7"),
            ("bt_header_axon_hotkey", "5F"),
            ("bt_header_input_obj_text", b64encode(b'"x"').decode()),
            ("user-agent", "somebody"),
        ]
    )

    assert (said["timeout"], said["name"], said["computed_body_hash"]) == ("5.0", None, None)
    assert (said["dendrite"], said["axon"], said["text"]) == ({"nonce": "7"}, {"hotkey": "5F"}, "x")
    assert "user-agent" not in said


@pytest.mark.parametrize(
    "nonsense", ["", "!!", "e30", b64encode(b"{").decode(), b64encode(b"[" * 5000).decode(), "\xff"]
)
def test_a_stand_in_that_does_not_decode_is_missing(nonsense):
    assert "text" not in inputs([("bt_header_input_obj_text", nonsense)])


def test_no_header_replaces_an_end_of_the_envelope():
    said = inputs([("bt_header_input_obj_axon", b64encode(b'"x"').decode()), ("bt_header_axon_ip", "192.0.2.1")])

    assert said["axon"] == {"ip": "192.0.2.1"}


def test_required_fields_stand_empty_in_the_headers():
    headers = headers_of(served("Plain", Plain)(text="secret"))

    assert headers["bt_header_input_obj_text"] == b64encode(b'""').decode()
    assert "bt_header_input_obj_maybe" not in headers


def test_a_required_enum_cannot_be_said_in_headers_as_in_v10():
    class Choice(BaseModel):
        kind: Kind

    with pytest.raises(TypeError):
        headers_of(served("Choice", Choice)(kind="a"))


def test_hash_fields_are_taken_in_the_order_in_which_they_are_listed():
    class Listed(BaseModel):
        required_hash_fields: ClassVar[tuple[str, ...]] = ("b", "a")
        a: float = 1
        b: str = "x"

    assert hash_of(served("Listed", Listed)(a=1)) == body_hash(["x", "1.0"])


def test_hash_fields_that_are_a_field_themselves_are_taken_in_the_models_order():
    class Deprecated(BaseModel):
        a: list[int] = []
        b: str = "x"
        required_hash_fields: list[str] = Field(default=["b", "a"], frozen=True)

    assert hash_of(served("Deprecated", Deprecated)(a=[1])) == body_hash(["[1]", "x"])


def test_without_hash_fields_the_hash_is_that_of_nothing():
    assert hash_of(served("Plain", Plain)(text="x")) == body_hash([])
