from importlib.metadata import version

import pytest
from pydantic import BaseModel

from dendrite_cli.errors import UsageError
from dendrite_cli.synapse.load import is_synapse, load
from dendrite_cli.synapse.model import Synapse

SDK_10 = version("bittensor").startswith("10.")
PLAIN = "import pydantic\nclass Ask(pydantic.BaseModel):\n    text: str\n"
V10 = "import bittensor as bt\nclass Ask(bt.Synapse):\n    text: str = ''\n    class Inner(bt.Synapse): pass\n"


@pytest.mark.parametrize("spec", ["MySynapse", "_x", "Route-2"])
def test_a_bare_route_has_no_class(spec):
    loaded = load(spec)

    assert (loaded.name, loaded.cls) == (spec, None)


@pytest.mark.parametrize("spec", ["", " ", "2x", "a b", "a\nb", "é", "x?y", ".", "a#b", "%41"])
def test_a_strange_route_is_refused(spec):
    with pytest.raises(UsageError, match="neither a class nor a route"):
        load(spec)


@pytest.mark.parametrize("spec", [":", "a:", ":B", "./x.py", "dir/x"])
def test_half_a_class_is_refused(spec):
    with pytest.raises(UsageError, match="names no class"):
        load(spec)


def test_a_module_without_a_class_is_told_how_to_name_one():
    with pytest.raises(UsageError) as raised:
        load("mypkg.protocol")

    assert raised.value.help == "write mypkg.protocol:Class"


@pytest.mark.parametrize(
    "spec", ["pkg.mod:Ask", "./pkg/mod.py:Ask", "pkg/mod.py:Ask", "mod.py:Ask", "pkg.mod:Ask.Inner", "here:Ask"]
)
def test_a_class_is_found_by_module_by_file_and_within_another(write, loading, spec):
    write({"pkg/__init__": "", "pkg/mod": V10}, mod=PLAIN, here=V10)

    found = loading(spec)

    assert found["name"] == spec.rpartition(":")[2].rpartition(".")[2]


def test_an_absolute_file_is_loaded_from_anywhere(write, loading, tmp_path):
    write({"far/away": PLAIN})

    assert loading(f"{tmp_path / 'far' / 'away.py'}:Ask")["name"] == "Ask"


def test_another_directory_is_searched_when_named(write, loading):
    write({"far/away": PLAIN})

    assert loading("away:Ask", "far")["name"] == "Ask"


def test_a_file_with_future_annotations_and_forward_references_validates(write, loading):
    write(
        late="from __future__ import annotations\nfrom pydantic import BaseModel\n"
        "class Ask(BaseModel):\n    inner: Inner\nclass Inner(BaseModel):\n    text: str\n"
    )

    found = loading("./late.py:Ask", after="cls.model_validate({'inner': {'text': 'x'}})")

    assert found["fields"] == ["inner"]


def test_a_file_that_imports_its_neighbours_is_loaded_as_a_part_of_its_package(write, loading):
    write({"deep/pkg/__init__": "", "deep/pkg/base": PLAIN, "deep/pkg/mod": "from .base import Ask\n"})

    assert loading("./deep/pkg/mod.py:Ask")["name"] == "Ask"


def test_a_file_that_imports_neighbours_it_has_not_says_so(write, loading):
    write(mod="from .base import Ask\n")

    said = loading("./mod.py:Ask")

    assert "attempted relative import" in said["message"]
    assert "line 1: from .base import Ask" in said["details"][0]


def test_a_file_finds_modules_beside_it(write, loading):
    write({"far/beside": PLAIN, "far/mod": "from beside import Ask\n"})

    assert loading("./far/mod.py:Ask")["name"] == "Ask"


def test_two_files_of_one_name_do_not_meet(write, loading):
    write({"a/mod": PLAIN, "b/mod": PLAIN.replace("text", "other")})

    found = loading("./b/mod.py:Ask", before="load('./a/mod.py:Ask')")

    assert found["fields"] == ["other"]


def test_a_missing_module_is_named_with_what_to_do(loading):
    said = loading("mypkg:MySynapse")

    assert said == {
        "message": "no module named 'mypkg' (from --synapse mypkg:MySynapse)",
        "details": ["searched: the current directory, --pythonpath (none), this environment's site-packages"],
        "help": "run from your subnet's repository, add --pythonpath DIR, "
        "or send without the class: --synapse MySynapse",
        "code": 2,
        "stderr": "",
    }


def test_a_missing_dependency_is_told_from_a_missing_module(write, loading):
    write(mod="x = 1\nimport torchish.nn\n")

    said = loading("mod:Ask")

    assert said["message"] == "the module of --synapse mod:Ask imports 'torchish', which is not installed here"
    assert said["details"][0].endswith("mod.py, line 2: import torchish.nn")


def test_a_missing_class_names_the_nearest_and_what_is_there(write, loading):
    write(mod=V10 + "class Other(bt.Synapse): pass\n")

    said = loading("mod:Asks")

    assert said["message"] == "no class 'Asks' in mod (from --synapse mod:Asks)"
    assert said["help"] == "did you mean Ask?"
    assert "synapse classes there: Ask, Other" in said["details"]


@pytest.mark.parametrize("path", ["number", "Thing", "function", "Root", "alias"])
def test_what_is_no_model_with_fields_is_no_synapse(write, loading, path):
    write(
        mod="import pydantic\nnumber = 1\nclass Thing: pass\ndef function(): pass\n"
        "class Root(pydantic.RootModel[int]): pass\nalias = list[int]\n"
    )

    assert f"'{path}' in mod is not a synapse class" in loading(f"mod:{path}")["message"]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("import sys; sys.exit()", "SystemExit"),
        ("raise GeneratorExit", "GeneratorExit"),
        ("raise ImportError('no luck')", "ImportError: no luck"),
        ("raise ModuleNotFoundError('hand-made')", "ModuleNotFoundError: hand-made"),
        ("from json import nosuch", "ImportError: cannot import name 'nosuch'"),
        ("import asyncio; raise asyncio.CancelledError", "CancelledError"),
        ("json.loads('{')", "JSONDecodeError"),
        ("class Bad(pydantic.BaseModel):\n    x: object()", "PydanticSchemaGenerationError"),
    ],
)
def test_a_module_that_fails_says_why_and_in_which_line(write, loading, line, complaint):
    write(mod=f"import json, pydantic\n{line}\n")

    said = loading("mod:Ask")

    assert said["message"].startswith("the module of --synapse mod:Ask fails when it is imported: ")
    assert complaint in said["message"]
    assert "\n" not in said["message"]
    assert "mod.py, line 2: " in said["details"][0]


def test_a_syntax_error_is_pointed_at(write, loading):
    write(mod="x = 1\ndef (:\n")

    said = loading("mod:Ask")

    assert "SyntaxError" in said["message"]
    assert "mod.py, line 2: def (:" in said["details"][0]


def test_a_failing_file_is_tried_anew(write, loading):
    write(mod="import os\nif os.environ.get('BROKEN'): 1 / 0\n" + PLAIN)

    broken = "os.environ['BROKEN']"
    before = f"import os; {broken} = '1'\ntry: load('./mod.py:Ask')\nexcept DendriteError: del {broken}"

    assert loading("./mod.py:Ask", before=before)["name"] == "Ask"


PRINTING = (
    "import logging, os, subprocess, sys\nprint('by print')\nos.write(1, b'below')\n"
    "subprocess.run([sys.executable, '-c', 'print(\"by a child\")'])\n"
    "sys.__stdout__.write('by the first stream')\n"
    "logging.basicConfig(stream=sys.stdout)\nlogging.warning('by a log')\n"
)


def test_nothing_a_module_prints_reaches_stdout(write, loading):
    write(mod=PRINTING + PLAIN)

    found = loading("mod:Ask", after="import logging; logging.warning('later')")

    for text in ("by print", "below", "by a child", "by the first stream", "by a log", "later"):
        assert text in found["stderr"]


def test_what_we_printed_before_stays_on_stdout(write, loading):
    write(mod=PRINTING + PLAIN)

    found = loading("mod:Ask", before="sys.stdout.write(' ')", after="assert sys.stdout is sys.__stdout__")

    assert found["name"] == "Ask"


def test_with_stderr_closed_what_a_module_prints_is_lost(write, loading):
    write(mod=PRINTING + PLAIN)

    found = loading("mod:Ask", script="import os, sys\nos.close(2); sys.stderr = None\n")

    assert (found["name"], found["stderr"]) == ("Ask", "")


def test_a_module_does_not_see_our_arguments_and_we_keep_them(write, loading):
    write(mod="import os, sys\nassert len(sys.argv) == 1\nassert os.environ['BT_NO_PARSE_CLI_ARGS'] == '1'\n" + PLAIN)

    assert loading("mod:Ask", "some", "--netuid")["argv"] == ["mod:Ask", "some", "--netuid"]


@pytest.mark.parametrize("front", ["''", "os.getcwd()", "'.'"])
@pytest.mark.parametrize("name", ["aiohttp", "typing_extensions", "json", "brotli", "zstandard", "sqlite3", "rich"])
def test_a_file_in_the_current_directory_replaces_no_dependency(write, loading, name, front):
    write(**{name: "raise SystemExit('replaced')"}, mod=PLAIN)
    before = f"import os; sys.path.insert(0, {front})"
    after = f"try: import {name}\nexcept ModuleNotFoundError: assert '{name}' in ('brotli', 'zstandard')"

    found = loading("mod:Ask", before=before, after=after)

    assert found["name"] == "Ask"
    assert found["path"].count(found["path"][-1]) == 1


def test_the_current_directory_comes_last_and_once(write, loading, tmp_path):
    write(mod=PLAIN)

    found = loading("mod:Ask", before="load('mod:Ask')")

    assert found["path"][-1] == str(tmp_path.resolve())
    assert found["path"].count(str(tmp_path.resolve())) == 1


def test_a_synapse_is_known_by_its_shape(real):
    class Plain(BaseModel):
        text: str

    assert is_synapse(Synapse)
    assert is_synapse(real("EchoSynapse").cls)
    assert not is_synapse(Plain)


FORMS = """
import bittensor as bt, bittensor
import bittensor.core.stream
from bittensor import StreamingSynapse
from bittensor.core.synapse import Synapse, TerminalInfo
assert bt.Synapse is Synapse and bt.core.synapse.Synapse is Synapse
assert bittensor.core.stream.StreamingSynapse is StreamingSynapse is bt.StreamingSynapse
for level in ("trace", "debug", "info", "success", "warning", "error", "critical", "exception"):
    getattr(bt.logging, level)("said", "again")
class Ask(bt.Synapse):
    text: str = ""
    def deserialize(self):
        import bittensor
        return bittensor.Synapse
"""


def test_a_v10_module_loads_under_either_sdk_in_every_way_of_importing(write, loading):
    write(mod=FORMS)

    found = loading("mod:Ask", after="assert cls().deserialize().__name__ == 'Synapse'")

    assert found["fields"][-1] == "text"


@pytest.mark.skipif(SDK_10, reason="needs bittensor 11")
class TestUnderSdk11:
    def test_the_removed_names_are_ours_and_cost_no_import_of_the_sdk(self, write, loading):
        write(mod=FORMS)

        found = loading(
            "mod:Ask",
            after="from dendrite_cli.synapse.model import Synapse\nassert issubclass(cls, Synapse)\n"
            "assert not any(name.startswith('bittensor._') for name in sys.modules)",
        )

        assert found["stderr"] == ""

    def test_all_other_names_are_the_installed_sdks(self, write, loading):
        write(
            mod="import bittensor as bt\nfrom bittensor import Subtensor, Synapse\nimport bittensor.balance\n"
            "from bittensor import *\nassert bt.__version__.startswith('11.') and bt.balance.Balance is bt.Balance\n"
            "assert Subtensor.__module__ == 'bittensor._subtensor'\nassert bt.Synapse is Synapse\n" + V10
        )

        assert loading("mod:Ask")["name"] == "Ask"

    def test_the_sdks_other_modules_find_it_complete(self, write, loading):
        write(mod="from bittensor.wallets import *\nimport bittensor as bt\n" + V10)

        assert loading("mod:Ask", after="import bittensor; assert bittensor.Subtensor")["name"] == "Ask"

    def test_an_sdk_that_was_imported_before_is_completed(self, write, loading):
        write(mod=V10)

        found = loading("mod:Ask", before="import bittensor; assert not hasattr(bittensor, 'Synapse')")

        assert found["name"] == "Ask"

    @pytest.mark.parametrize("line", ["import bittensor.core.axon", "from bittensor import Axon"])
    def test_what_only_sdk_10_has_is_said_to_need_it(self, write, loading, line):
        write(mod=f"{line}\n")

        assert "bittensor 10" in loading("mod:Ask")["help"]

    def test_the_sdk_is_untouched_where_nothing_was_loaded(self, loading):
        said = loading("", after="import bittensor; assert not hasattr(bittensor, 'Synapse')")

        assert said["code"] == 2


@pytest.mark.skipif(not SDK_10, reason="needs bittensor 10")
class TestUnderSdk10:
    def test_the_classes_are_the_sdks_own(self, write, loading):
        write(mod=V10)

        found = loading("mod:Ask", after="import bittensor; assert cls.__mro__[1] is bittensor.Synapse")

        assert found["name"] == "Ask"

    def test_its_logging_stays_off_stdout(self, write, loading):
        write(mod=V10)

        after = "import bittensor as bt, time; bt.logging.set_debug(); bt.logging.error('later'); time.sleep(0.3)"
        found = loading("mod:Ask", after=after)

        assert found["name"] == "Ask"


def test_the_bittensor_class_itself_is_loaded(loading):
    assert loading("bittensor:Synapse")["fields"][0] == "name"
