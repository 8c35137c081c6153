"""Settings in files: which count for what, and what they may not say."""

import json

import pytest
from ground.cli import dendrite

AXON = "192.0.2.1:8091"


class Place:
    """A folder of a project, and the user's own folder of settings."""

    def __init__(self, folder):
        self.folder = folder / "project"
        self.own = folder / "config" / "dendrite" / "config.toml"
        self.env = {"XDG_CONFIG_HOME": str(folder / "config")}
        self.folder.mkdir()
        self.own.parent.mkdir(parents=True)

    def project(self, text):
        (self.folder / "dendrite.toml").write_text(text)

    def user(self, text):
        self.own.write_text(text)

    def run(self, *arguments, **env):
        return dendrite(*arguments, cwd=self.folder, env=self.env | env)

    def settings(self, name, **env):
        """Return value, origin and source of a setting, by command."""
        done = self.run("config", "show", "-o", "ndjson", **env)
        assert done.returncode == 0, done.stderr
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        return {
            command: (row["value"], row["origin"], row["source"])
            for row in rows
            if row["name"] == name
            for command in row["commands"]
        }


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


def error(done):
    return json.loads(done.stderr)


def test_an_option_beats_the_environment_the_project_the_user_and_what_is_built_in(place):
    def columns(*options, **env):
        return place.run("axons", AXON, "-o", "csv", *options, **env)

    assert columns().stdout.startswith("schema,type")
    place.user('output = "ndjson"')
    assert place.run("axons", AXON).stdout.startswith('{"schema":"dendrite.axon/1"')
    place.user('output = "csv"')
    assert place.run("axons", AXON).stdout.startswith("schema,type")
    place.project('output = "json"')
    assert place.run("axons", AXON).stdout.startswith("[{")
    assert place.run("axons", AXON, DENDRITE_OUTPUT="csv").stdout.startswith("schema,type")
    assert place.run("axons", AXON, "-o", "ndjson", DENDRITE_OUTPUT="csv").stdout.startswith("{")


def test_a_commands_table_counts_for_more_than_the_top_of_its_file(place):
    place.user("timeout = 20\n[ping]\ntimeout = 3\n[history.list]\nlimit = 5\n")

    timeouts = place.settings("timeout")
    assert timeouts["ping"] == (3.0, "user", str(place.own))
    assert timeouts["query"] == timeouts["stream"] == (20.0, "user", str(place.own))
    assert place.settings("limit")["history list"] == (5, "user", str(place.own))
    assert place.settings("limit")["history stats"] == (None, "default", None)


def test_a_setting_for_all_leaves_options_alone_that_mean_something_else(place):
    place.user('tag = "nightly"\nwallet = "validator"\nuntil = 3\n')

    # a tag to find runs by, and the wallet of an axon, only sound like the tag and the wallet of a run
    assert place.settings("tag")["query"][0] == "nightly"
    assert place.settings("tag")["history list"][0] is None
    assert place.settings("wallet")["ping"][0] == "validator"
    assert place.settings("wallet")["mock"][0] is None
    assert place.settings("until")["ping"][0] == 3
    assert place.settings("until")["history list"][0] is None


def test_each_setting_tells_where_it_comes_from(place):
    place.project("netuid = 7")
    place.user('netuid = 8\nparallel = 16\nno-history = true\nuid = [5, "7-9"]\nverbose = 1\n')

    assert place.settings("netuid")["ping"] == (7, "project", "dendrite.toml")
    assert place.settings("netuid", DENDRITE_NETUID="9")["ping"] == (9, "environment", "DENDRITE_NETUID")
    assert place.settings("parallel")["query"] == ("16", "user", str(place.own))
    assert place.settings("history")["query"] == (False, "user", str(place.own))
    assert place.settings("uid")["ping"][0] == ["5", "7-9"]
    assert place.settings("verbose")["ping"][0] == 1
    assert place.settings("retries")["ping"] == (0, "default", None)


def test_a_list_of_settings_is_used_as_if_it_were_typed(place):
    place.user('[axons]\naxon = ["192.0.2.1:1", "192.0.2.2:2"]\n')

    hosts = [json.loads(line)["host"] for line in place.run("axons").stdout.splitlines()]
    assert hosts == ["192.0.2.1", "192.0.2.2"]


def test_what_is_typed_with_commas_may_be_a_list_too(place):
    place.project('output = "ndjson"\ncolumns = ["host", "outcome"]')

    said = json.loads(place.run("ping", "--ephemeral", "127.0.0.1:1").stdout)
    assert said == {"host": "127.0.0.1", "outcome": "connect_refused"}
    assert place.settings("columns")["ping"] == ("host,outcome", "project", "dendrite.toml")


@pytest.mark.parametrize(
    "setting",
    ["wallet = 'x'", "network = 'local'", "[query]\nsynapse = './x.py:X'", "password-file = 'x'", "axon = ['a:1']",
     "pythonpath = ['.']", "proxy = 'http://192.0.2.1:1'", "retries = 3"],
)  # fmt: skip
def test_a_projects_file_sets_only_what_can_do_no_harm(place, setting):
    place.project(setting)

    done = place.run("axons", AXON)
    assert done.returncode == 2
    key = setting.split("\n")[-1].split(" ")[0]
    assert error(done)["message"] == f"'dendrite.toml' may not set {key}"
    assert "comes with a clone: it sets columns, netuid, output" in error(done)["details"][0]
    assert "config path" in error(done)["help"]


def test_a_projects_file_may_set_what_is_on_its_list(place):
    place.project(
        'timeout = 5\nconnect-timeout = 1\nchain-timeout = 9\nparallel = "auto"\ncolumns = "uid"\ntag = "t"\n'
        'netuid = 1\noutput = "json"\n'
    )

    assert place.settings("chain-timeout")["ping"] == (9.0, "project", "dendrite.toml")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("timout = 3", "no setting 'timout'; did you mean timeout?"),
        ("connect_timeout = 3", "no setting 'connect_timeout'; did you mean connect-timeout?"),
        ("[ping]\ncuont = 3", "no setting 'cuont' in [ping]; did you mean count?"),
        ("[pong]\ncount = 3", "no setting 'pong'; did you mean ping?"),
        ("[ping]\nlayout = 'panes'", "no setting 'layout' in [ping]"),
        ("[timeout]\nping = 3", "no setting 'timeout'"),
        ("password = 'x'", "password is no setting: secrets do not belong into this file"),
        ("timeout = [1]", "timeout is a text or a number"),
        ("timeout = true", "timeout is a text or a number"),
        ("uid = [[1]]", "uid is a text or a number, or a list of them"),
        ("offline = 'yes'", "offline is true or false, and not 'yes'"),
        ("verbose = 'much'", "verbose is a number, and not 'much'"),
    ],
)
def test_what_a_file_says_wrongly_is_named_with_the_nearest_that_there_is(place, text, said):
    place.user(text)

    done = place.run("axons", AXON)
    assert done.returncode == 2
    assert str(place.own) in error(done)["message"]
    assert said in error(done)["message"]


def test_broken_toml_names_its_file_and_line(place):
    place.project("timeout = 3\nparallel =\n")

    done = place.run("axons", AXON)
    assert done.returncode == 2
    assert error(done)["message"].startswith("'dendrite.toml', line 2: not TOML")


def test_a_value_that_no_option_takes_names_its_file(place):
    place.project('timeout = "soon"')

    done = place.run("ping", AXON)
    assert done.returncode == 2
    assert "--timeout" in error(done)["message"]
    assert error(done)["details"] == ["set in 'dendrite.toml'"]
    done = place.run("config", "show")
    assert done.returncode == 2
    assert error(done)["message"].startswith("dendrite.toml: timeout of ping: ")


def test_a_file_that_is_no_text_is_an_error_and_not_a_bug(place):
    place.own.write_bytes(b"\xff\xfe")
    assert place.run("axons", AXON).returncode == 2
    place.own.unlink()
    place.own.mkdir()
    assert error(place.run("axons", AXON))["message"] == f"'{place.own}' is not a file"


def test_help_and_the_way_to_the_files_are_there_whatever_the_files_say(place):
    place.project("= =")

    assert place.run("ping", "--help").returncode == 0
    assert place.run("config", "path").returncode == 0
    assert place.run("ping", AXON).returncode == 2


def test_the_files_are_shown_with_those_first_that_count_for_more(place):
    place.project("")

    rows = [json.loads(line) for line in place.run("config", "path", "-o", "ndjson").stdout.splitlines()]
    assert [(row["path"], row["exists"]) for row in rows] == [
        (str(place.folder / "dendrite.toml"), True),
        (str(place.own), False),
    ]


def test_a_variable_keeps_all_files_from_being_read(place):
    place.project("= =")
    place.user("= =")

    assert place.run("axons", AXON, DENDRITE_SETTINGS="0").returncode == 0


def test_what_may_be_secret_in_a_url_is_not_shown(place):
    place.user('network = "wss://me:word@node.example/KEY"\nproxy = "http://me:word@proxy.example:3128"\n')

    assert place.settings("network")["ping"][0] == "wss://node.example"
    assert place.settings("proxy")["ping"][0] == "http://proxy.example:3128"


def test_errors_follow_the_output_that_a_file_sets(place):
    place.user('output = "json"')
    assert error(place.run("axons", "nonsense"))["schema"] == "dendrite.error/1"
    place.user('output = "table"')
    assert place.run("axons", "nonsense").stderr.startswith("error: ")
