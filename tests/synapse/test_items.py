import pytest
from hypothesis import given
from hypothesis import strategies as st

from dendrite_cli.errors import UsageError
from dendrite_cli.synapse.items import merge


@pytest.mark.parametrize(
    ("items", "fields"),
    [
        (["a=text"], {"a": "text"}),
        (["a="], {"a": ""}),
        (["a=1"], {"a": "1"}),
        (["a:=1"], {"a": 1}),
        (["a:=null"], {"a": None}),
        (['a:={"b": [1.5, true]}'], {"a": {"b": [1.5, True]}}),
        (["a=b=c"], {"a": "b=c"}),
        (["a=x:=1"], {"a": "x:=1"}),
        (["a=é\n☃"], {"a": "é\n☃"}),
        (["a b.c=1"], {"a b.c": "1"}),
        (["a=1", "a=2"], {"a": "2"}),
        (["a[b]=x"], {"a": {"b": "x"}}),
        (["a[b][c]:=1", "a[b][d]:=2"], {"a": {"b": {"c": 1, "d": 2}}}),
        (["a[]=x", "a[]=y"], {"a": ["x", "y"]}),
        (["a[0]=x", "a[1]=y", "a[0]=z"], {"a": ["z", "y"]}),
        (["a[0][b]=x", "a[0][c]=y", "a[][b]=z"], {"a": [{"b": "x", "c": "y"}, {"b": "z"}]}),
        (["a[][]=x"], {"a": [["x"]]}),
        (["a[b]=x", "a=y"], {"a": "y"}),
        (["a:=null", "a[b]=x"], {"a": {"b": "x"}}),
        ([r"a\=b=c"], {"a=b": "c"}),
        ([r"a\:=1"], {"a:": "1"}),
        ([r"a\[b\]=c"], {"a[b]": "c"}),
        ([r"a[\[]=c"], {"a": {"[": "c"}}),
        ([r"a[\1]=c"], {"a": {"1": "c"}}),
        ([r"a=\=b"], {"a": "=b"}),
        ([r"path\==c:\windows"], {"path=": r"c:\windows"}),
        ([r"a\\=b"], {"a\\": "b"}),
        ([r'a:="\\=\n\u00e9"'], {"a": "\\=\né"}),
        (["a:b=c"], {"a:b": "c"}),
        (["a@b=c"], {"a@b": "c"}),
    ],
)
def test_items_say_fields_as_in_httpie(items, fields):
    assert merge({}, items) == fields


def test_items_win_over_fields_and_leave_them_as_they_are():
    fields = {"a": {"b": [1, 2]}, "c": 1}

    assert merge(fields, ["a[b][1]:=3", "c=x"]) == {"a": {"b": [1, 3]}, "c": "x"}
    assert fields == {"a": {"b": [1, 2]}, "c": 1}


def test_files_are_text_or_json(tmp_path):
    path = tmp_path / "value.json"
    path.write_text('{"é": 1}\n')

    assert merge({}, [f"a=@{path}", f"b:=@{path}"]) == {"a": '{"é": 1}\n', "b": {"é": 1}}


def test_files_are_read_by_whoever_is_asked():
    assert merge({}, ["a=@some"], lambda name: name.upper().encode()) == {"a": "SOME"}


@pytest.mark.parametrize(
    ("items", "complaint"),
    [
        (["noseparator"], "has no value"),
        ([""], "has no value"),
        (["@axons.txt"], "has no key"),
        ([r"a\=b"], "has no value"),
        (["a:b"], "has no value"),
        (["a=="], "query parameter"),
        (["=x"], "no usable key"),
        (["[]=x"], "no usable key"),
        (["[a]=x"], "no usable key"),
        (["a[=x"], "no usable key"),
        (["a]=x"], "no usable key"),
        (["a[b]c=x"], "no usable key"),
        (["a[[b]]=x"], "no usable key"),
        (["a[1]=x"], "leaves a gap: the list has 0 entries"),
        (["a[0]=x", "a[2]=x"], "leaves a gap: the list has 1 entries"),
        (["a[99999999999999999999999999]=x"], "leaves a gap"),
        (["a[" + "9" * 5000 + "]=x"], "leaves a gap"),
        (["a[-1]=x"], "begins at 0"),
        (["a=1", "a[b]=2"], "needs an object at 'a', and there is text"),
        (["a:=1", "a[]=2"], "needs a list at 'a', and there is a number"),
        (["a:=true", "a[]=2"], "needs a list at 'a', and there is true or false"),
        (["a[]=1", "a[b]=2"], "needs an object at 'a', and there is a list"),
        (["a[b]=1", "a[0]=2"], "needs a list at 'a', and there is an object"),
        (["a:={"], "broken JSON in item 'a:={', line 1, column 2"),
        (["a:="], "broken JSON in item 'a:='"),
        (["a:=NaN"], "NaN"),
        (['a:={"b": 1, "b": 2}'], "twice"),
        (["a" + "[b]" * 200 + "=x"], "nests more than 200 deep"),
        (["a=@/nonexistent/file"], "cannot read '/nonexistent/file' of item"),
        (["a=@"], "cannot read ''"),
    ],
)
def test_a_bad_item_is_named(items, complaint):
    with pytest.raises(UsageError) as raised:
        merge({}, items)

    assert complaint in raised.value.message
    assert len(raised.value.message) < 200


def test_a_file_that_is_no_text_is_named(tmp_path):
    (tmp_path / "image").write_bytes(b"\xff\xd8")

    with pytest.raises(UsageError, match="not UTF-8 text"):
        merge({}, [f"a=@{tmp_path / 'image'}"])


keys = st.text(alphabet="ab01[]\\=:@- é", max_size=12)
separators = st.sampled_from(["=", ":=", "", ":", "==", "[]=", "[0]:="])
items = st.builds("{}{}{}".format, keys, separators, st.text(max_size=5) | st.sampled_from(["1", '{"a": []}', "null"]))


@given(st.lists(items, max_size=6))
def test_no_items_make_anything_but_an_object_or_a_usage_error(given_items):
    fields = {"a": {"b": [1]}, "0": []}
    try:
        merged = merge(fields, given_items)
    except UsageError:
        pass
    else:
        assert set(merged) >= set(fields)
        assert all(isinstance(key, str) for key in merged)
    assert fields == {"a": {"b": [1]}, "0": []}


@given(st.dictionaries(st.text(min_size=1).filter(lambda key: "\\" not in key), st.text(), min_size=1))
def test_every_key_and_text_can_be_said_with_escapes(fields):
    def escaped(text: str, special: str) -> str:
        return "".join(f"\\{char}" if char in special else char for char in text)

    said = [f"{escaped(key, '=:@[]')}={escaped(value, '=:@')}" for key, value in fields.items() if "\\" not in value]

    assert merge({}, said) == {key: value for key, value in fields.items() if "\\" not in value}
