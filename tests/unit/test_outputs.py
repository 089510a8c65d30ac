"""Structured output: what a schema says and refuses to say, and how an answer is read, complained about or taken."""

from __future__ import annotations

import enum
import json
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, RootModel, model_validator

from fleet_runtime.errors import MessageError
from fleet_runtime.outputs import against_schema, object_in, read_output, schema_of


class Size(enum.StrEnum):
    SMALL = "small"
    LARGE = "large"


class Seat(BaseModel):
    name: str = Field(min_length=1, max_length=40, pattern="^[A-Z]")
    size: Size = Size.SMALL


class Order(BaseModel):
    """What a customer wants."""

    seats: list[Seat] = Field(max_length=3, description="at most three")
    due: date | None = None
    price: Decimal
    share: float = Field(ge=0, le=1)
    kind: Literal["new"] = "new"
    pair: tuple[int, int] = (1, 2)


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int


class Dog(BaseModel):
    kind: Literal["dog"]
    tricks: list[str]


class Home(BaseModel):
    pet: Annotated[Cat | Dog, Field(discriminator="kind")]


class Tree(BaseModel):
    children: list[Tree]


class Open(BaseModel):
    counts: dict[str, int]


class Loose(BaseModel):
    anything: Any


class Mixed(BaseModel):
    pair: tuple[int, str]


class Bare(BaseModel):
    things: list  # type: ignore[type-arg]  # what people write


class Listed(RootModel[list[int]]):
    pass


class Foreign:
    pass


class Odd(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)

    foreign: Foreign


class Span(BaseModel):
    first: int
    last: int = 9
    nothing: float = float("nan")

    @model_validator(mode="after")
    def in_order(self) -> Span:
        if self.first > self.last:
            raise ValueError("first comes after last")
        return self


SPANS = '{"first": 1, "last": 2, "nothing": 0}'


def every_part(schema: object) -> list[dict[str, Any]]:
    if isinstance(schema, list):
        return [part for one in schema for part in every_part(one)]
    if not isinstance(schema, dict):
        return []
    return [schema, *(part for value in schema.values() for part in every_part(value))]


@pytest.mark.parametrize("model", [Order, Seat, Home, Span])
def test_a_schema_is_closed_and_has_no_references(model: type[BaseModel]) -> None:
    schema = schema_of(model)
    for part in every_part(schema):
        assert not part.keys() & {"$ref", "$defs", "default", "title", "pattern", "oneOf", "discriminator", "const"}
        if part.get("type") == "object":
            assert part["additionalProperties"] is False
            assert part["required"] == list(part["properties"])


def test_a_schema_keeps_what_is_told_of_the_fields() -> None:
    schema = schema_of(Order)
    assert schema["description"] == "What a customer wants."
    fields = schema["properties"]
    assert (fields["seats"]["maxItems"], fields["seats"]["description"]) == (3, "at most three")
    assert fields["seats"]["items"]["properties"]["name"] == {"type": "string", "minLength": 1, "maxLength": 40}
    assert fields["seats"]["items"]["properties"]["size"] == {"type": "string", "enum": ["small", "large"]}
    assert fields["due"] == {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]}
    assert fields["share"] == {"type": "number", "minimum": 0, "maximum": 1}
    assert fields["kind"] == {"type": "string", "enum": ["new"]}
    assert fields["pair"] == {"type": "array", "minItems": 2, "maxItems": 2, "items": {"type": "integer"}}
    kinds = [way["properties"]["kind"]["enum"] for way in schema_of(Home)["properties"]["pet"]["anyOf"]]
    assert kinds == [["cat"], ["dog"]]


@pytest.mark.parametrize(
    ("model", "place", "why"),
    [
        (Tree, "Tree.children[]", "holds itself"),
        (Open, "Open.counts", "mapping of any keys"),
        (Loose, "Loose.anything", "any type"),
        (Mixed, "Mixed.pair", "tuple of different types"),
        (Bare, "Bare.things[]", "any type"),
        (Listed, "Listed", "no object"),
        (Odd, "Odd", "cannot be an output"),
        (int, "int", "no pydantic model"),
    ],
)
def test_what_cannot_be_said_is_a_typed_error(model: type[BaseModel], place: str, why: str) -> None:
    with pytest.raises(MessageError) as caught:
        schema_of(model)
    assert place in caught.value.message
    assert why in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        SPANS,
        f"```json\n{SPANS}\n```",
        f"Sure, here is the {{object}} you asked for:\n{SPANS}\nAnything else?",
        f"  {SPANS} {SPANS}",
    ],
)
def test_an_object_is_found_wherever_a_model_puts_it(text: str) -> None:
    assert read_output(text, Span) == Span(first=1, last=2, nothing=0.0)
    assert against_schema(text, schema_of(Span)) is None


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "the answer is no JSON object: there is no { in it"),
        ("[1, 2]", "the answer is no JSON object: there is no { in it"),
        ('{"first": 1', "the answer is no JSON object: Expecting ',' delimiter at character 12"),
        ('{"first": NaN}', "the answer cannot be read: NaN is no JSON number"),
        ('{"first": 1e999}', "the answer cannot be read: 1e999 is beyond all bounds"),
        ('{"first": [' + '{"a":[' * 5000, "the answer cannot be read: it is nested too deeply"),
        ("{}", "first: Field required"),
        ('{"first": "x"}', 'first: Input should be a valid integer, unable to parse string as an integer (given: "x")'),
        ('{"first": 10}', "the object: Value error, first comes after last"),
    ],
)
def test_a_wrong_answer_is_complained_about_in_words(text: str, complaint: str) -> None:
    assert read_output(text, Span) == complaint


def test_every_wrong_field_has_its_line() -> None:
    text = json.dumps({"seats": [{"name": "", "size": "huge" * 30}], "price": [], "share": 2})
    said = read_output(text, Order)
    assert isinstance(said, str)
    paths = [line.split(":")[0] for line in said.split("\n")]
    assert paths == ["seats[0].name", "seats[0].size", "price", "share"]
    assert max(map(len, said.split("\n"))) < 180
    many = read_output(json.dumps({"seats": [{}] * 3, "price": "x", "share": "x"}), Order)
    assert isinstance(many, str)
    few = read_output(json.dumps({"tricks": list(range(30)), "kind": "dog"}), Dog)
    assert isinstance(few, str)
    assert few.split("\n")[-1] == "and 20 more"


def test_without_the_class_the_schema_still_complains() -> None:
    schema = schema_of(Order)
    assert against_schema("no", schema) == "the answer is no JSON object: there is no { in it"
    assert against_schema('{"seats": []}', schema) == "answer lacks 'due'"
    wrong = {
        "seats": [{"name": "A", "size": "huge"}],
        "due": None,
        "price": 1,
        "share": 0,
        "kind": "new",
        "pair": [1, 2],
    }
    assert against_schema(json.dumps(wrong), schema) == "answer.seats[0].size is none of the allowed values"


@given(
    st.builds(
        Order,
        seats=st.lists(st.builds(Seat, name=st.from_regex("[A-Z][a-z]{0,9}", fullmatch=True)), max_size=3),
        due=st.none() | st.dates(),
        price=st.decimals(0, 10**6, places=2),
        share=st.floats(0, 1),
        pair=st.tuples(st.integers(-99, 99), st.integers(-99, 99)),
    ),
    st.text(alphabet=st.characters(exclude_characters="{")),
)
def test_what_a_model_can_hold_goes_there_and_back(order: Order, prose: str) -> None:
    text = f"{prose}{order.model_dump_json()}{prose}"
    assert read_output(text, Order) == order
    assert against_schema(text, schema_of(Order)) is None


@given(st.text(alphabet='{}[]":,ab1 \\eN\n', max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    found = object_in(text)
    assert isinstance(found, dict | str)
    assert isinstance(read_output(text, Span), Span | str)
