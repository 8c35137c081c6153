import pytest

from dendrite_cli import records
from dendrite_cli.model import Axon, Claimed, Outcome, Timing, Verdict
from dendrite_cli.output.columns import COLUMNS, parse_columns
from dendrite_cli.output.symbols import ASCII, UNICODE
from dendrite_cli.output.view import View

NOTHING = UNICODE.nothing
HOTKEY = "5F3sa2TJAWMqDhXG6jhV4N8ko9SxwGy8TpaNS1repo5EYjhW"


def record(verdict=Verdict.OK, **more):
    more.setdefault("axon", Axon("192.0.2.17", 8091, HOTKEY, uid=17))
    return records.result(Outcome(index=0, verdict=verdict, protocol="synapse", **more), "r")


def cell(name, shown, symbols=UNICODE):
    return COLUMNS[name].cell(shown, symbols)


@pytest.mark.parametrize(
    ("verdict", "status", "unicode", "ascii_"),
    [
        (Verdict.OK, 200, "● 200 ok", "+ 200 ok"),
        (Verdict.FORBIDDEN, 403, "◐ 403 forbidden", "~ 403 forbidden"),
        (Verdict.CONNECT_TIMEOUT, None, "✗ connect timeout", "x connect timeout"),
        (Verdict.NOT_SERVING, None, "○ not serving", "o not serving"),
    ],
)
def test_a_status_is_a_sign_a_code_and_words(verdict, status, unicode, ascii_):
    shown = record(verdict, http_status=status)

    assert cell("status", shown) == unicode
    assert cell("status", shown, ASCII) == ascii_
    assert COLUMNS["status"].value(shown) == unicode[2:]


def test_durations_are_whole_milliseconds_and_a_dash_where_there_is_none():
    shown = record(timing=Timing(connect=0.0318, total=0.0004), claimed=Claimed(0.0))

    assert [cell(name, shown) for name in ("connect", "total", "process", "ttfb")] == ["32", "<1", "0", NOTHING]


def test_a_version_is_written_as_bittensor_writes_it():
    assert cell("version", record(claimed=Claimed(version=10005000))) == "10.5.0"


def test_a_note_is_the_axons_reason_for_a_403_and_the_hint_otherwise():
    stake = record(
        Verdict.FORBIDDEN, http_status=403, status_message="Forbidden. Key is blacklisted: Not enough stake."
    )

    assert cell("note", stake) == "Not enough stake"
    assert "nobody listens" in cell("note", record(Verdict.CONNECT_REFUSED))
    assert cell("note", record(Verdict.CONNECT_TIMEOUT)) == ""
    assert cell("note", record()) == ""


def test_an_answer_is_the_body_on_one_line():
    assert cell("answer", record(body={"a": [1, "x\ny"]})) == r'{"a":[1,"x\ny"]}'
    assert cell("answer", record(Verdict.FORBIDDEN, body={"message": "no"})) == NOTHING


def test_an_ipv6_endpoint_has_brackets_and_one_that_is_not_served_is_none():
    assert cell("endpoint", record(axon=Axon("2001:db8::1", 1))) == "[2001:db8::1]:1"
    assert cell("endpoint", record(Verdict.NOT_SERVING, axon=Axon("0.0.0.0", 0))) == NOTHING  # noqa: S104 - an empty entry


def test_a_path_leads_into_the_record():
    columns = parse_columns("uid, body.items.1.x,timing.total_ms,body.items.9,body.items.x,uid")
    shown = record(body={"items": [0, {"x": "here"}]}, timing=Timing(total=0.5))

    assert [column.name for column in columns] == [
        "uid", "body.items.1.x", "timing.total_ms", "body.items.9", "body.items.x",
    ]  # fmt: skip
    assert [column.value(shown) for column in columns] == [17, "here", 500.0, None, None]


@pytest.mark.parametrize(
    ("wrong", "nearest"),
    [("uids", "uid"), ("timing.totl_ms", "timing.total_ms"), ("statos", "status"), ("bdy.x", "body")],
)
def test_an_unknown_column_names_the_nearest(wrong, nearest):
    with pytest.raises(ValueError, match=f"no column '{wrong}'; the nearest is '{nearest}'"):
        parse_columns(wrong)


def test_a_column_like_no_other_gets_the_whole_list():
    with pytest.raises(ValueError, match="columns are uid, hotkey"):
        parse_columns("")


def test_every_column_is_found_by_its_own_name_and_reads_an_empty_record():
    shown = record(Verdict.NOT_SERVING, axon=Axon("h", 1))

    for name, column in COLUMNS.items():
        assert column.name == name
        assert column.cell(shown, UNICODE) is not None


def test_sorting_puts_what_has_no_value_last_whichever_way():
    fast, slow, none = (record(timing=Timing(total=total)) for total in (0.1, 0.3, None))

    assert View.parse(sort="total").ordered([none, slow, fast]) == [fast, slow, none]
    assert View.parse(sort="-total").ordered([none, fast, slow]) == [slow, fast, none]


def test_values_of_several_kinds_can_be_sorted():
    bodies = [{"a": 1}, "text", 3, None, [1], True]
    shown = [record(body=body) for body in bodies]

    assert len(View.parse(sort="body").ordered(shown)) == len(bodies)


def test_only_ok_and_only_failed_part_the_outcomes():
    good, bad = (Outcome(0, Axon("h", 1), verdict, "synapse") for verdict in (Verdict.OK, Verdict.RESET))

    assert [View(only="ok").shows(o) for o in (good, bad)] == [True, False]
    assert [View(only="failed").shows(o) for o in (good, bad)] == [False, True]
    assert [View().shows(o) for o in (good, bad)] == [True, True]
