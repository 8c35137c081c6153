import enum
import json
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import pytest
from pydantic import AnyUrl, BaseModel, Field

from dendrite_cli.errors import UsageError
from dendrite_cli.synapse.describe import Field as Described
from dendrite_cli.synapse.describe import describe, schema, template
from dendrite_cli.synapse.load import Loaded
from dendrite_cli.synapse.model import Synapse


class Kind(enum.Enum):
    A = "a"
    B = "b"


class Inner(BaseModel):
    must: int = Field(ge=3)
    may: str = "m"


class Ask(Synapse):
    """Ask for
    something.
    """

    text: str = Field(description="What to say.", min_length=2)
    kind: Kind = Kind.B
    maybe: Inner | None = None
    many: list[Inner] = Field(default_factory=list, max_length=3)


ASK = Loaded("Ask", Ask, "m:Ask")


def test_a_class_is_described_with_its_own_fields():
    description = describe(ASK)

    assert (description.name, description.doc, description.streaming) == ("Ask", "Ask for something.", False)
    assert (description.hash_fields, description.covered) == ((), False)
    assert description.fields == (
        Described("text", "str", True, None, "What to say.", ("min_length=2",)),
        Described("kind", "Kind", False, "b", None),
        Described("maybe", "Inner | None", False, None, None),
        Described("many", "list[Inner]", False, [], None, ("max_length=3",)),
    )


def test_what_the_signature_covers_is_described(real):
    assert describe(real("HashedClassVar")).hash_fields == ("prompt", "params", "numbers")
    assert describe(real("HashedDeprecated")).hash_fields == ("roles", "messages")
    assert describe(real("HashedDeprecated")).covered


def test_streams_are_described_as_such(real):
    assert describe(real("StreamText")).streaming


def test_types_are_written_as_their_author_did(real):
    fields = {field.name: field.type for field in describe(real("GetContentsByBuckets")).fields}

    assert fields["bucket_ids_to_contents"] in {
        "List[Tuple[BucketId, List[bytes]]]",
        "list[tuple[BucketId, list[bytes]]]",
    }


def test_the_names_in_a_literal_stay_whole():
    class Choosy(Synapse):
        model: Literal["gpt.4", "a.b.c"] = "a.b.c"

    assert describe(Loaded("Choosy", Choosy)).fields[0].type == "Literal['gpt.4', 'a.b.c']"


def test_a_class_of_a_file_is_said_to_be_there(write, loading):
    write(mod="from dendrite_cli.synapse.model import Synapse\nclass Ask(Synapse): pass\n")

    after = "from dendrite_cli.synapse.describe import describe; said['module'] = describe(loaded).module"
    assert loading("./mod.py:Ask", after=after)["module"] == "./mod.py"


def test_a_bare_route_has_nothing_to_describe():
    for look in (describe, template, schema):
        with pytest.raises(UsageError, match="'Route' is a bare route"):
            look(Loaded("Route"))


def test_a_schema_has_the_own_fields_alone():
    assert list(schema(ASK)["properties"]) == ["text", "kind", "maybe", "many"]
    assert schema(ASK)["required"] == ["text"]


def test_a_type_without_a_json_form_is_a_usage_error():
    class Odder(Synapse):
        thing: type

    with pytest.raises(UsageError, match="Odder has no JSON Schema"):
        template(Loaded("Odder", Odder))


def test_a_template_has_required_fields_filled_in_and_the_defaults_of_others():
    assert template(ASK) == {"text": "xx", "kind": "b", "maybe": None, "many": []}


def test_a_template_fits_its_class():
    class Bounded(Synapse):
        few: int = Field(ge=5, le=9)
        less: int = Field(lt=0)
        above: float = Field(gt=0)
        between: float = Field(gt=0, lt=0.5)
        below: float = Field(lt=-3)
        even: int = Field(ge=3, multiple_of=2)
        long: Annotated[str, Field(min_length=4)]
        some: list[Inner] = Field(min_length=2)
        pair: tuple[int, Kind]
        table: dict[str, int]
        kind: Kind
        choice: Literal["x", "y"]
        either: Inner | str
        when: datetime
        day: date
        key: UUID
        where: AnyUrl
        yes: bool
        nothing: None
        one: Literal[7]
        called: str = Field(examples=["Ada"])

    example = template(Loaded("Bounded", Bounded))

    Bounded.model_validate(json.loads(json.dumps(example)))
    assert (example["kind"], example["called"], example["some"][0]) == ("a", "Ada", {"must": 3, "may": "m"})


def test_a_type_that_holds_itself_ends():
    class Tree(BaseModel):
        inner: "Tree"

    class Holder(Synapse):
        tree: Tree

    assert template(Loaded("Holder", Holder))["tree"]["inner"]
