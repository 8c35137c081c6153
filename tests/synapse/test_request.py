import enum
import json
import re
from datetime import datetime
from hashlib import sha3_256
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, RootModel, model_validator

from dendrite_cli.errors import UsageError
from dendrite_cli.model import ENVELOPE
from dendrite_cli.synapse.body import JsonText, parse
from dendrite_cli.synapse.describe import template
from dendrite_cli.synapse.load import Loaded
from dendrite_cli.synapse.model import Synapse
from dendrite_cli.synapse.request import prepare

REAL = sorted(
    name
    for file in (Path(__file__).parent.parent / "vectors" / "realsyn").glob("*.py")
    for name in re.findall(r"^class (\w+)\(bt\.", file.read_text(), re.MULTILINE)
)


class Inner(BaseModel):
    label: str = "x"
    tags: list[str] = []


class Kind(enum.Enum):
    A = "a"
    B = "b"


class Ask(Synapse):
    text: str
    number: int = 0
    ratio: float | list[float] = 0.5
    nested: Inner = Inner()
    many: list[Inner] = Field(default_factory=list)
    named: dict[str, Inner] = Field(default_factory=dict)


def ask(cls: type[BaseModel] | None, fields: dict, timeout: float = 12.0):
    return prepare(Loaded(cls.__name__ if cls else "Route", cls), fields, timeout)


def refusal(cls: type[BaseModel], text: str, spec: str | None = None) -> UsageError:
    source = JsonText(text, "body.json")
    with pytest.raises(UsageError) as raised:
        prepare(Loaded(cls.__name__, cls, spec), parse(source), 12.0, source=source)
    return raised.value


def told(problem: UsageError) -> list[str]:
    return [problem.message, *problem.details]


@pytest.mark.parametrize("name", [name for name in REAL if name != "BadHashField"])
def test_every_real_class_takes_its_template_and_its_own_answer(real, name):
    loaded = real(name)

    request = prepare(loaded, template(loaded), 12.0)

    sent = json.loads(request.body)
    assert list(sent) == [field for field in loaded.cls.model_fields if field not in ENVELOPE]
    assert request.read(json.dumps({"name": name, "axon": {"ip": 5}, **sent}).encode()).fields == sent


def test_a_hash_field_that_does_not_exist_is_refused(real):
    with pytest.raises(UsageError, match="lists 'nope' in required_hash_fields and has no such field"):
        prepare(real("BadHashField"), {}, 12.0)


class TestWhatDoesNotFit:
    def test_an_unknown_field_is_named_with_its_place_and_the_nearest(self):
        problem = refusal(Ask, '{\n "text": "x",\n "nmber": 1}')

        assert told(problem) == ["Ask has no field 'nmber' (body.json, line 3, column 2); did you mean 'number'?"]

    def test_an_unknown_field_unlike_any_other_is_told_what_there_is(self):
        assert "it has text, number, ratio" in refusal(Ask, '{"text": "x", "zzz": 1}').message

    @pytest.mark.parametrize("extra", ["ignore", "forbid"])
    def test_an_unknown_field_is_refused_once_whatever_the_class_does_with_it(self, extra):
        class Closed(BaseModel):
            model_config = ConfigDict(extra=extra)
            text: str

        assert len(told(refusal(Closed, '{"text": "x", "more": 1}'))) == 1

    def test_a_class_that_takes_any_field_gets_it(self):
        class Open(Synapse):
            model_config = ConfigDict(extra="allow")

        assert json.loads(ask(Open, {"more": [1]}).body) == {"more": [1]}

    @pytest.mark.parametrize(
        ("text", "place"),
        [
            ('{"text": "", "nested": {"lable": 1}}', "nested.lable"),
            ('{"text": "", "many": [{}, {"lable": 1}]}', "many[1].lable"),
            ('{"text": "", "named": {"k": {"lable": 1}}}', "named.k.lable"),
        ],
    )
    def test_an_unknown_field_of_a_nested_model_is_told_too(self, text, place):
        assert f"Inner has no field '{place}' (body.json, line 1, column" in refusal(Ask, text).message

    def test_a_nested_root_model_has_no_unknown_fields(self):
        class Table(RootModel[dict[str, Inner]]):
            pass

        class Holder(Synapse):
            table: Table

        assert json.loads(ask(Holder, {"table": {"k": {"label": "y"}}}).body)["table"]["k"]["label"] == "y"

    def test_a_wrong_type_is_told_with_path_place_and_value(self):
        problem = refusal(Ask, '{"text": "x", "nested": {"label": "l",\n  "tags": ["a", 1]}}')

        assert told(problem) == ["nested.tags[1] (body.json, line 2, column 17): should be a valid string; it is 1"]

    def test_the_members_of_a_union_share_a_line(self):
        (line,) = told(refusal(Ask, '{"text": "x", "ratio": {"a": 1}}'))

        assert line == (
            'ratio (body.json, line 1, column 24): should be a valid number or should be a valid list; it is {"a": 1}'
        )

    def test_all_problems_are_told_at_once_with_a_template_to_start_from(self):
        problem = refusal(Ask, '{"number": "many", "nmber": 1, "timeout": 3, "nested": {"label": null}}', "m:Ask")

        assert problem.message.endswith("(and 4 more)")
        lines = "\n".join(told(problem))
        for part in (
            "no field 'nmber'",
            "'timeout' belongs to the envelope",
            "the field 'text' is required and missing",
        ):
            assert part in lines
        for part in ("number (body.json, line 1, column 12)", "nested.label"):
            assert part in lines
        assert problem.help == "'dendrite synapse template m:Ask' prints a body that fits"

    def test_a_missing_field_of_a_nested_model_has_the_place_of_the_model(self):
        class Needy(BaseModel):
            must: int

        class Holder(Synapse):
            needy: Needy

        (line,) = told(refusal(Holder, '{"needy": {}}'))

        assert line == "the field 'needy.must' is required and missing (body.json, line 1, column 11)"

    def test_a_place_is_only_told_where_the_value_stands_there(self):
        source = JsonText('{"text": "x", "number": 1}', "body.json")

        with pytest.raises(UsageError) as raised:
            prepare(Loaded("Ask", Ask), {"text": "x", "number": "one"}, 12.0, source=source)

        assert raised.value.message.startswith("number: should be a valid integer")

    @pytest.mark.parametrize("name", ENVELOPE)
    def test_the_envelope_is_not_for_users(self, name):
        for cls in (Ask, None):
            with pytest.raises(UsageError, match=f"'{name}' belongs to the envelope"):
                ask(cls, {"text": "x", name: 1})

    def test_a_plain_model_may_have_fields_of_the_envelopes_names(self):
        class Person(BaseModel):
            name: str

        request = ask(Person, {"name": "Ada"})

        assert request.body == b'{"name":"Ada"}'
        assert request.read(b'{"name": "Bob", "timeout": 1}').fields == {"name": "Bob"}

    @pytest.mark.parametrize("raised", [KeyError("x"), RuntimeError("a\nb"), SystemExit(3)])
    def test_a_validator_that_raises_anything_is_a_usage_error(self, raised):
        class Moody(Synapse):
            @model_validator(mode="after")
            def be_moody(self):
                raise raised

        with pytest.raises(UsageError, match=f"Moody does not take these fields: {type(raised).__name__}"):
            ask(Moody, {})

    def test_a_models_own_complaint_is_passed_on(self):
        class Picky(Synapse):
            @model_validator(mode="after")
            def be_picky(self):
                raise ValueError("never on Sundays")

        assert refusal(Picky, "{}").message == "the body: never on Sundays"

    def test_an_abstract_class_is_a_usage_error(self):
        from dendrite_cli.synapse.model import StreamingSynapse

        class Unfinished(StreamingSynapse):
            pass

        with pytest.raises(UsageError, match="Unfinished does not take these fields: TypeError"):
            ask(Unfinished, {})

    def test_fields_are_not_changed(self):
        fields = {"text": "x", "nested": {"tags": ["a"]}}

        ask(Ask, fields)

        assert fields == {"text": "x", "nested": {"tags": ["a"]}}


class TestTheBody:
    def test_it_has_the_fields_in_the_order_of_the_class_without_the_envelope(self):
        body = ask(Ask, {"number": 1, "text": "x"}).body

        assert list(json.loads(body)) == ["text", "number", "ratio", "nested", "many", "named"]

    def test_values_are_what_bittensor_10_writes(self):
        class Free(Synapse):
            any: Any = None
            big: float = 1e20
            nan: float = float("nan")
            wide: str = "é\u2028"

        fields = {"any": {"é": [1.0, 2**70, None, True], "10": 1e-7}}

        dumped = Free(**fields).model_dump(exclude=set(ENVELOPE))
        assert ask(Free, fields).body == json.dumps(dumped, separators=(",", ":")).encode()

    def test_what_bittensor_10_cannot_write_is_written_as_the_class_says_it(self):
        class Rich(Synapse):
            kind: Kind
            when: datetime
            raw: bytes

        body = ask(Rich, {"kind": "b", "when": "2025-01-01T00:00:00Z", "raw": "abc"}).body

        assert json.loads(body) == {"kind": "b", "when": "2025-01-01T00:00:00Z", "raw": "abc"}

    def test_what_json_cannot_hold_is_a_usage_error(self):
        class Raw(Synapse):
            raw: bytes = b"\xff"

        with pytest.raises(UsageError, match="Raw cannot be written as JSON"):
            ask(Raw, {})

    def test_aliases_are_for_the_user_and_names_for_the_axon(self):
        class Aliased(Synapse):
            text: str = Field(alias="inputText")
            other: str = Field(validation_alias=AliasChoices("o", "p"))

        for fields in ({"inputText": "x", "o": "y"}, {"text": "x", "p": "y"}, {"text": "x", "other": "y"}):
            request = ask(Aliased, fields)
            assert request.body == b'{"text":"x","other":"y"}'
            assert request.read(b'{"text": "x", "other": "z"}').fields == {"text": "x", "other": "z"}

    def test_a_class_is_made_once_and_once_more_for_its_required_fields(self):
        made = []

        class Counted(Synapse):
            @model_validator(mode="after")
            def count(self):
                made.append(type(self).__name__)
                return self

        class Needy(Counted):
            text: str

        ask(Counted, {})
        ask(Needy, {"text": "x"})

        assert made == ["Counted", "Needy", "Needy"]


def digest(cls: type[BaseModel], fields: dict, timeout: float = 12.0) -> str:
    """The hash as the axon computes it: from a class made anew of what was sent."""
    request = ask(cls, fields, timeout)
    texts = "".join(sha3_256(text.encode()).hexdigest() for text in request.hashed)
    synapse = cls(**json.loads(request.body), timeout=str(timeout))
    assert sha3_256(texts.encode()).hexdigest() == synapse.body_hash
    return synapse.body_hash


class TestTheHash:
    @pytest.mark.filterwarnings("ignore:Field name .required_hash_fields:UserWarning")
    def test_a_class_variable_is_hashed_in_its_own_order_and_a_field_in_the_models(self):
        class Variable(Synapse):
            required_hash_fields: ClassVar[tuple[str, ...]] = ("b", "a")
            a: str = "A"
            b: int = 1

        class Listed(Variable):
            required_hash_fields: ClassVar[list[str]] = ["b"]

        class Deprecated(Synapse):
            a: str = "A"
            b: int = 1
            required_hash_fields: list[str] = Field(default=["b", "a"], frozen=True)

        assert ask(Variable, {}).hashed == ("1", "A")
        assert ask(Listed, {}).hashed == ("1",)
        assert ask(Deprecated, {}).hashed == ("A", "1")
        assert len({digest(cls, {}) for cls in (Variable, Listed, Deprecated)}) == 3

    def test_values_are_hashed_as_python_writes_them(self):
        class Every(Synapse):
            required_hash_fields: ClassVar[tuple[str, ...]] = (
                "ratio",
                "maybe",
                "nested",
                "kind",
                "when",
                "timeout",
                "name",
            )
            ratio: float
            maybe: str | None = None
            nested: Inner = Inner()
            kind: Kind = Kind.A
            when: datetime = datetime.fromisoformat("2025-01-01T00:00:00Z")

        request = ask(Every, {"ratio": 1}, timeout=5)

        assert request.hashed[:4] == ("1.0", "None", "{'label': 'x', 'tags': []}", "Kind.A")
        assert request.hashed[5:] == ("5.0", "Every")
        digest(Every, {"ratio": 1}, timeout=5)

    def test_what_the_wire_writes_into_the_envelope_is_hashed(self):
        class Sized(Synapse):
            required_hash_fields: ClassVar[tuple[str, ...]] = ("total_size", "header_size")
            text: str = "x"

        request = ask(Sized, {})

        assert request.hashed == (str(len(request.body)), "0")

    def test_what_holds_the_signature_cannot_be_hashed(self):
        class Knot(Synapse):
            required_hash_fields: ClassVar[tuple[str, ...]] = ("dendrite",)

        with pytest.raises(UsageError, match="holds the signature of the hash"):
            ask(Knot, {})

    def test_a_plain_model_is_hashed_as_the_axons_synapse_would_be(self):
        class Plain(BaseModel):
            required_hash_fields: ClassVar[tuple[str, ...]] = ("text", "timeout", "name")
            text: str

        assert ask(Plain, {"text": "x"}, timeout=5.0).hashed == ("x", "5.0", "Plain")

    def test_half_a_surrogate_pair_has_no_hash(self):
        class Free(Synapse):
            required_hash_fields: ClassVar[tuple[str, ...]] = ("any",)
            any: Any = None

        with pytest.raises(UsageError, match="half a surrogate pair"):
            ask(Free, json.loads('{"any": "\\ud800"}'))

    def test_a_class_without_hash_fields_hashes_nothing(self):
        assert ask(Ask, {"text": "x"}).hashed == ()

    @given(st.dictionaries(st.text(max_size=3), st.integers() | st.floats(allow_nan=False) | st.text(max_size=3)))
    def test_an_axon_computes_the_same_from_what_was_sent(self, fields):
        class Free(Synapse):
            required_hash_fields: ClassVar[tuple[str, ...]] = ("any",)
            any: dict[str, Any]

        assert digest(Free, {"any": fields})


class TestTheStandIns:
    def test_a_required_field_has_the_empty_value_of_its_type(self):
        class Needy(Synapse):
            text: str
            number: int
            ratio: float
            yes: bool
            many: list[int]
            table: dict[str, int]
            nested: Inner
            maybe: str | None
            optional: str = "x"

        fields = {"text": "t", "number": 1, "ratio": 2, "yes": True, "many": [1], "table": {"a": 1}, "nested": {}}
        stand_ins = dict(ask(Needy, {**fields, "maybe": None}).stand_ins)

        assert stand_ins == {
            "text": b'""',
            "number": b"0",
            "ratio": b"0.0",
            "yes": b"false",
            "many": b"[]",
            "table": b"{}",
            "nested": b"{}",
            "maybe": b"null",
        }

    def test_where_the_class_refuses_the_empty_value_the_real_one_stands(self):
        class Must(BaseModel):
            must: int

        class Strict(Synapse):
            kind: Kind
            choice: Literal["x", "y"]
            few: int = Field(ge=5)
            long: Annotated[str, Field(min_length=2)]
            nested: Must
            text: str

        fields = {"kind": "b", "choice": "y", "few": 7, "long": "ab", "nested": {"must": 1}, "text": "t"}

        assert dict(ask(Strict, fields).stand_ins) == {
            "kind": b'"b"',
            "choice": b'"y"',
            "few": b"7",
            "long": b'"ab"',
            "nested": b'{"must":1}',
            "text": b'""',
        }

    def test_where_fields_are_compared_the_real_ones_stand(self):
        class Ordered(Synapse):
            low: int
            high: int = Field(ge=1)

            @model_validator(mode="after")
            def be_ordered(self):
                if self.high - self.low != 1:
                    raise ValueError("not in order")
                return self

        assert dict(ask(Ordered, {"low": 5, "high": 6}).stand_ins) == {"low": b"5", "high": b"6"}

    def test_a_required_field_that_is_kept_out_of_the_body_has_one_too(self):
        class Secret(Synapse):
            key: str = Field(exclude=True)

        request = ask(Secret, {"key": "k"})

        assert (request.body, request.stand_ins) == (b"{}", (("key", b'""'),))


class TestABareRoute:
    def test_the_body_goes_as_given_and_nothing_is_hashed(self):
        request = ask(None, {"b": {"c": [1.0, "é"]}, "a": None}, timeout=3.0)

        assert request.body == b'{"b":{"c":[1.0,"\\u00e9"]},"a":null}'
        assert (request.synapse, request.hashed, request.timeout) == ("Route", (), 3.0)

    def test_small_values_stand_for_themselves_and_large_ones_for_their_type(self):
        fields = {"small": {"k": 1}, "large": "x" * 300, "list": [1] * 200, "null": None, "é": 1, "a b": 1}

        assert ask(None, fields).stand_ins == (
            ("small", b'{"k":1}'),
            ("large", b'""'),
            ("list", b"[]"),
            ("null", b"null"),
        )

    def test_many_small_values_do_not_fill_the_headers(self):
        stand_ins = ask(None, {f"k{number}": "x" * 200 for number in range(100)}).stand_ins

        assert sum(len(value) for _, value in stand_ins) < 4096 + 100 * 2
        assert stand_ins[0][1] == json.dumps("x" * 200).encode()
        assert stand_ins[-1] == ("k99", b'""')

    def test_the_answer_is_read_without_its_envelope(self):
        assert ask(None, {}).read(b'{"name": 1, "dendrite": null, "x": [1]}').fields == {"x": [1]}


class TestTheAnswer:
    def test_it_is_the_fields_as_they_were_sent(self):
        read = ask(Ask, {"text": "x"}).read

        assert read(b'{"text": "y", "number": "5", "dendrite": null, "axon": 7}').fields == {"text": "y", "number": "5"}

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"{",
            b"[]",
            b"null",
            b"\xff",
            b'{"text": 1}',
            b'{"number": 1}',
            b'{"text": "x", "nested": []}',
            b'{"text": "x", "y": ' + b"[" * 100_000,
            b'{"text": "x", "number": ' + b"9" * 5000 + b"}",
        ],
    )
    def test_what_is_not_the_synapse_is_a_value_error(self, content):
        with pytest.raises(ValueError, match=r".+"):
            ask(Ask, {"text": "x"}).read(content)

    def test_it_says_what_does_not_fit(self):
        complaint = "^no Ask: text: should be a valid string; it is 1 \\(and 1 more\\)$"

        with pytest.raises(ValueError, match=complaint):
            ask(Ask, {"text": "x"}).read(b'{"text": 1, "number": "x"}')

    @pytest.mark.parametrize("raised", [KeyError("x"), RecursionError(), SystemExit(3)])
    def test_a_validator_that_raises_anything_is_a_value_error(self, raised):
        class Moody(Synapse):
            text: str = ""

            @model_validator(mode="after")
            def be_moody(self):
                if self.text == "bad":
                    raise raised
                return self

        with pytest.raises(ValueError, match=f"Moody does not take it: {type(raised).__name__}"):
            ask(Moody, {}).read(b'{"text": "bad"}')

    def test_the_users_interrupt_passes(self):
        class Slow(Synapse):
            text: str = ""

            @model_validator(mode="after")
            def be_slow(self):
                if self.text:
                    raise KeyboardInterrupt
                return self

        with pytest.raises(KeyboardInterrupt):
            ask(Slow, {}).read(b'{"text": "x"}')

    @given(st.binary(max_size=40) | st.text(max_size=40).map(lambda text: f'{{"text": "{text}"}}'.encode()))
    def test_any_bytes_are_fields_or_a_value_error(self, content):
        try:
            fields = READ(content).fields
        except ValueError:
            return
        assert isinstance(fields["text"], str)


READ = ask(Ask, {"text": "x"}).read
