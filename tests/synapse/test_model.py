import os
import subprocess
import sys
from importlib.metadata import version
from typing import ClassVar

import pytest
from pydantic import ValidationError

from dendrite_cli.model import ENVELOPE
from dendrite_cli.synapse.model import StreamingSynapse, Synapse, TerminalInfo


class Ask(Synapse):
    required_hash_fields: ClassVar[tuple[str, ...]] = ("text",)
    text: str = "x"


def test_the_envelope_is_that_of_bittensor_10_in_its_order():
    assert tuple(Synapse.model_fields) == ENVELOPE
    assert Synapse().model_dump() == {
        "name": "Synapse",
        "timeout": 12.0,
        "total_size": 0,
        "header_size": 0,
        "dendrite": dict.fromkeys(TerminalInfo.model_fields),
        "axon": dict.fromkeys(TerminalInfo.model_fields),
        "computed_body_hash": "",
    }


def test_a_synapse_is_named_after_its_class_whatever_it_is_told():
    assert Ask(name="other").name == "Ask"
    assert Ask.model_validate_json('{"name": "other"}').name == "Ask"


def test_numbers_of_headers_are_taken_as_text():
    synapse = Ask(timeout="5", total_size="7", header_size="9", axon={"port": "1", "status_code": "200", "nonce": "3"})

    assert (synapse.timeout, synapse.total_size, synapse.header_size) == (5.0, 7, 9)
    assert synapse.axon
    assert (synapse.axon.port, synapse.axon.status_code, synapse.axon.nonce) == (1, 200, 3)


def test_two_synapses_share_no_terminal():
    first, second = Ask(), Ask()

    first.dendrite.status_code = 200

    assert second.dendrite.status_code is None


def test_assignments_are_validated():
    synapse = Ask()

    synapse.timeout = "3"

    assert synapse.timeout == 3.0
    with pytest.raises(ValidationError):
        synapse.text = 1
    with pytest.raises(ValidationError):
        synapse.computed_body_hash = "00"
    with pytest.raises(AttributeError, match="read-only"):
        synapse.body_hash = "00"


@pytest.mark.parametrize(
    ("status", "true"),
    [
        (200, {"is_success"}),
        (401, {"is_failure", "failed_verification"}),
        (403, {"is_failure", "is_blacklist"}),
        (408, {"is_failure", "is_timeout"}),
        (None, {"is_failure"}),
    ],
)
def test_the_status_has_words(status, true):
    synapse = Ask(dendrite={"status_code": status})

    words = ("is_success", "is_failure", "is_timeout", "is_blacklist", "failed_verification")
    assert {word for word in words if getattr(synapse, word)} == true


def test_without_a_dendrite_nothing_is_said():
    synapse = Ask(dendrite=None)

    assert not any((synapse.is_success, synapse.is_failure, synapse.is_timeout))


def test_a_synapse_deserializes_to_itself():
    synapse = Ask()

    assert synapse.deserialize() is synapse


def test_a_stream_needs_to_be_told_how_to_be_read():
    with pytest.raises(TypeError, match="extract_response_json"):
        StreamingSynapse()


COMPARISON = """
import warnings; warnings.simplefilter("ignore")
from typing import ClassVar
import bittensor as bt
from dendrite_cli.synapse import model
for ours, theirs in ((model.Synapse, bt.Synapse), (model.TerminalInfo, bt.core.synapse.TerminalInfo)):
    assert list(ours.model_fields) == list(theirs.model_fields)
    for name, field in theirs.model_fields.items():
        mine = ours.model_fields[name]
        default = mine.get_default(call_default_factory=True)
        wanted = field.default
        if hasattr(wanted, "model_dump"):
            default, wanted = default.model_dump(), wanted.model_dump()
        assert (default, bool(mine.frozen), mine.repr) == (wanted, bool(field.frozen), field.repr), name
    assert ours.model_config == theirs.model_config
for base in (model.Synapse, bt.Synapse):
    class Ask(base):
        required_hash_fields: ClassVar = ("text", "timeout")
        text: str = "x"
        more: dict = {"a": [1.5, None]}
    print(Ask(text="é", timeout="3").body_hash)
    class Ask(base):
        text: str = "x"
        more: dict = {"a": [1.5, None]}
        required_hash_fields: list[str] = ["more", "text"]
    print(Ask(text="é").body_hash)
"""


@pytest.mark.skipif(not version("bittensor").startswith("10."), reason="needs bittensor 10")
def test_fields_defaults_and_hashes_are_those_of_bittensor_10():
    environment = {**os.environ, "BT_NO_PARSE_CLI_ARGS": "1", "PYTHONPATH": os.pathsep.join(sys.path)}

    done = subprocess.run(
        [sys.executable, "-c", COMPARISON], env=environment, capture_output=True, text=True, check=False, timeout=60
    )

    assert done.returncode == 0, done.stderr
    first, second, third, fourth = done.stdout.split()
    assert (first, second) == (third, fourth)
    assert first != second
