"""The published schemas and the records that are really printed."""

import json

import pytest
from ground.cli import dendrite
from ground.mocks import mock_axons
from ground.schema import check, check_lines

from dendrite_cli import records
from dendrite_cli.axons import snapshot
from dendrite_cli.errors import TargetError
from dendrite_cli.mock.behaviour import Behaviour
from dendrite_cli.model import NOWHERE, Axon, Chunk, Draft, Metagraph, Outcome, Standing, Streamed, Verdict
from dendrite_cli.schemas import Kind, schema_of

HOTKEY = "5F3sa2TJAWMqDhXG6jhV4N8ko9SxwGy8TpaNS1repo5EYjhW"
AXON = Axon("192.0.2.1", 8091, HOTKEY, 1, 17, HOTKEY, 7, "metagraph", standing=Standing(1.0, 0.5, 0.0, True, False))
ECHO = "dendrite_cli.mock.example:Echo"


@pytest.mark.parametrize("kind", Kind)
def test_the_program_prints_the_schema_of_every_kind_of_record(kind):
    done = dendrite("schema", kind)

    assert json.loads(done.stdout) == json.loads(json.dumps(schema_of(kind)))


@pytest.mark.parametrize("verdict", Verdict)
def test_whatever_an_axon_does_is_in_the_schema(verdict):
    for axon in (AXON, Axon(NOWHERE, 0), Axon("::1", 1)):
        check(records.result(Outcome(0, axon, verdict, "synapse", streamed=Streamed(3, 0.1, None)), "r"))
        check(records.axon(0, axon, verdict))


def test_what_needs_no_run_is_in_the_schema():
    check(records.chunk(Chunk(0, AXON, 0, 0.1, None, {"base64": "aGk="}), "r"))
    check(records.request(Draft(0, AXON, "synapse", None, "GET", "http://192.0.2.1/", {}, b"{}")))
    check(records.shared([AXON, Axon("192.0.2.1", 8091)]))
    check(records.error(TargetError("nothing", details=("a",), help=None)))
    neurons = (AXON, Axon(NOWHERE, 0, HOTKEY, 1, 18, HOTKEY, 7, "metagraph", standing=AXON.standing))
    check(json.loads(snapshot.encode(Metagraph("finney", 1, 7, 1.5, None, neurons))))


def test_all_that_a_run_and_the_history_print_is_in_the_schemas(tmp_path):
    env = {"XDG_STATE_HOME": str(tmp_path)}
    with mock_axons([Behaviour(), Behaviour(refuse="no"), Behaviour(garbage="json")]) as axons:
        names = [part for axon in axons for part in ("-a", axon)]
        query = ("query", *names, "-s", ECHO, "--ephemeral", "text=hello", "--require", "1")
        whole = dendrite(*query, "-o", "json", env=env)
        assert check_lines(dendrite(*query, "-o", "ndjson", env=env).stdout) == 3
        assert check_lines(dendrite(*query, "--dry-run", "-o", "ndjson", env=env).stdout) == 3
    check(json.loads(whole.stdout))
    for command in (("list",), ("stats", "--by", "hotkey"), ("diff", "last", "last"), ("show", "last")):
        done = dendrite("history", *command, "-o", "ndjson", env=env)
        assert check_lines(done.stdout), done.stderr


@pytest.mark.parametrize(
    "command",
    [("axons", "192.0.2.1:8091"), ("synapse", "describe", ECHO), ("config", "show"), ("config", "path")],
    ids=" ".join,
)
def test_what_the_other_commands_print_is_in_the_schemas(command):
    assert check_lines(dendrite(*command, "-o", "ndjson").stdout)


def test_a_record_that_lacks_a_key_or_has_another_is_not_what_its_schema_says():
    record = records.axon(0, AXON)

    with pytest.raises(AssertionError, match=r"axon\.uid is missing"):
        check({key: value for key, value in record.items() if key != "uid"})
    with pytest.raises(AssertionError, match=r"axon\.more is in no schema"):
        check(record | {"more": 1})
    with pytest.raises(AssertionError, match=r"axon\.port is no"):
        check(record | {"port": "8091"})
    with pytest.raises(AssertionError, match=r"axon\.uid is out of its range"):
        check(record | {"uid": 65_536})
