"""Functions as tools: what a signature and a docstring become, what is refused, and what a call gives."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from fleet_runtime.errors import ToolError
from fleet_runtime.ports import Tool, ToolFailed
from fleet_runtime.records import AccountKey, ToolContext, ToolRules
from fleet_runtime.toolbox.functions import FunctionTool, by_name, tool

CONTEXT = ToolContext(
    key=AccountKey(tenant="t", account="acme"), role="keeper", conversation="c", turn_id="turn", speaker="Dana",
    idempotency_key="turn:1:0",
)  # fmt: skip


class Colour(Enum):
    RED = "red"
    GREEN = "green"


class Address(BaseModel):
    """Where somebody lives."""

    street: str
    title: str = Field(default="", description="how they are addressed")


@dataclasses.dataclass
class Lamp:
    wick: str
    lit: date


class Wick:
    """No type that JSON knows."""


def schema_of(function: Callable[..., object]) -> dict[str, Any]:
    return tool(function).spec.parameters


def ran(one: Tool, arguments: object = "{}") -> str:
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return anyio.run(one.run, text, CONTEXT)


def failure(one: Tool, arguments: object = "{}") -> str:
    with pytest.raises(ToolFailed) as failed:
        ran(one, arguments)
    return str(failed.value)


# What a model is told


def test_a_bare_function_becomes_a_tool_and_stays_the_function() -> None:
    @tool
    def light(lamp: str, hours: int = 3) -> str:
        """Light a lamp."""
        return f"{lamp} {hours}"

    assert light("north", hours=2) == "north 2"
    assert (light.__name__, light.__doc__, light.spec.name) == ("light", "Light a lamp.", "light")
    assert light.spec.description == "Light a lamp."
    assert light.spec.parameters == {
        "type": "object",
        "properties": {"lamp": {"type": "string"}, "hours": {"type": "integer", "default": 3}},
        "required": ["lamp"],
        "additionalProperties": False,
    }
    assert light.rules == ToolRules()


def test_what_is_declared_goes_before_what_is_read() -> None:
    @tool(name="lamp-on", description="Lights it.", needs_approval=True, timeout_seconds=2, repeatable=False)
    async def light() -> None:
        """Light a lamp."""

    assert (light.spec.name, light.spec.description) == ("lamp-on", "Lights it.")
    assert light.spec.parameters["properties"] == {}
    assert light.rules == ToolRules(needs_approval=True, timeout_seconds=2, repeatable=False)


def test_google_docstrings_describe_parameters() -> None:
    def light(lamp: str, hours: int, why: str) -> None:
        """Light a lamp.

        It burns down by itself.

        Args:
            lamp: the one
                to light: north or south
            hours (int, optional): how long
            why: it is told

        Returns:
            Nothing: at all.

        Raises:
            why: never this one
        """

    spec = tool(light).spec
    assert spec.description == "Light a lamp.\n\nIt burns down by itself."
    told = {name: known["description"] for name, known in spec.parameters["properties"].items()}
    assert told == {"lamp": "the one to light: north or south", "hours": "how long", "why": "it is told"}


def test_rest_and_plain_docstrings_are_read_too() -> None:
    def rest(lamp: str, hours: int) -> None:
        """Light a lamp.

        :param str lamp: the one
            to light
        :param hours: how long
        :returns: nothing
        """

    def plain(lamp: str) -> None:
        """Light a lamp: the sooner
        the better."""

    def silent(lamp_oil: str) -> None:
        pass

    told = {name: known.get("description") for name, known in schema_of(rest)["properties"].items()}
    assert told == {"lamp": "the one to light", "hours": "how long"}
    assert tool(rest).spec.description == "Light a lamp."
    assert tool(plain).spec.description == "Light a lamp: the sooner\nthe better."
    assert tool(silent).spec.description == "silent"


def test_a_fields_own_description_and_bounds_go_first() -> None:
    def light(hours: Annotated[int, Field(description="hours of light", ge=1, le=12)] = 4) -> None:
        """Light.

        Args:
            hours: something else
        """

    assert schema_of(light)["properties"]["hours"] == {
        "type": "integer", "default": 4, "description": "hours of light", "minimum": 1, "maximum": 12,
    }  # fmt: skip


def test_many_types_have_a_schema() -> None:
    def everything(  # noqa: PLR0913, PLR0917 - one of each type
        maybe: str | None,
        one_of: Literal["a", "b"],
        colour: Colour,
        at: Address,
        day: date,
        price: Decimal,
        names: list[str],
        counts: dict[str, int],
        lamp: Lamp,
        pair: tuple[int, str] = (1, "a"),
    ) -> None:
        """Take all of it."""

    schema = schema_of(everything)
    known = schema["properties"]
    assert known["maybe"] == {"anyOf": [{"type": "string"}, {"type": "null"}]}
    assert known["one_of"]["enum"] == ["a", "b"]
    assert known["day"] == {"type": "string", "format": "date"}
    assert {one["type"] for one in known["price"]["anyOf"]} == {"number", "string"}
    assert known["counts"]["additionalProperties"] == {"type": "integer"}
    assert schema["$defs"]["Colour"] == {"enum": ["red", "green"], "type": "string"}
    address = schema["$defs"]["Address"]
    assert "title" not in address, "titles that pydantic makes are left out"
    assert address["properties"]["title"]["description"] == "how they are addressed", "a property may be called title"
    assert set(schema["required"]) == set(known) - {"pair"}


def test_names_that_pydantic_keeps_for_itself_are_fine() -> None:
    @tool
    def odd(json: str, model_config: str, _id: int = 0, schema: str = "s") -> str:
        """Take odd names."""
        return f"{json} {model_config} {_id} {schema}"

    assert list(odd.spec.parameters["properties"]) == ["json", "model_config", "_id", "schema"]
    assert ran(odd, {"json": "a", "model_config": "b", "_id": 4}) == "a b 4 s"


def test_the_context_is_given_and_not_shown() -> None:
    @tool
    async def mine(context: ToolContext, what: str) -> str:
        """Say whose it is."""
        return f"{context.key.account} {context.idempotency_key} {what}"

    assert list(mine.spec.parameters["properties"]) == ["what"]
    assert ran(mine, {"what": "lamp"}) == "acme turn:1:0 lamp"
    assert "context" in failure(mine, {"what": "lamp", "context": {"role": "admin"}})


def test_types_that_are_local_to_a_function_are_found() -> None:
    class Oil(BaseModel):
        litres: int

    @tool
    def pour(oil: Oil) -> int:
        """Pour."""
        return oil.litres

    @tool(name="pour_twice")
    def twice(oil: Oil) -> int:
        """Pour twice."""
        return 2 * oil.litres

    assert ran(pour, {"oil": {"litres": 3}}) == "3"
    assert ran(twice, {"oil": {"litres": 3}}) == "6"


def test_a_bound_method_is_a_tool_and_a_tool_is_a_tool() -> None:
    class Lighthouse:
        lamp = "north"

        def which(self, loud: bool = False) -> str:  # noqa: FBT001, FBT002 - as people write them
            """Say which lamp burns."""
            return self.lamp.upper() if loud else self.lamp

    which = tool(Lighthouse().which)
    assert list(which.spec.parameters["properties"]) == ["loud"]
    assert ran(which, {"loud": True}) == "NORTH"
    assert ran(tool(name="again")(which), {}) == "north"


# What cannot be declared


def test_a_parameter_needs_a_type_and_a_name() -> None:
    def untyped(lamp) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - what is tried
        """Lack a type."""

    def many(*lamps: str) -> None:
        """Take many."""

    def named(**lamps: str) -> None:
        """Take named ones."""

    def placed(lamp: str, /) -> None:
        """Take one by place."""

    for function, word in ((untyped, "lamp"), (many, "*lamps"), (named, "**lamps"), (placed, "lamp")):
        with pytest.raises(ToolError) as refused:
            tool(function)
        assert word in refused.value.message
        assert refused.value.message.startswith(f"{__file__}:{function.__code__.co_firstlineno}: ")


@pytest.mark.parametrize("name", ["", "two words", "a" * 65, "ä", "a.b"])
def test_a_name_keeps_to_what_models_take(name: str) -> None:
    with pytest.raises(ToolError, match="no name of a tool"):
        tool(name=name)(schema_of)


def test_what_is_no_function_is_no_tool() -> None:
    with pytest.raises(ToolError, match="no Python function"):
        tool(len)
    with pytest.raises(ToolError, match="no name of a tool"):
        tool(lambda: "x")


def test_types_without_a_json_form_are_told_with_the_place() -> None:
    def burn(wick: Wick) -> None:
        """Burn."""

    def call(back: Callable[[int], int]) -> None:
        """Call."""

    def lost(where: Nowhere) -> None:  # type: ignore[name-defined]  # noqa: F821 - what is tried
        """Look."""

    for function in (burn, call, lost):
        declared = tool(function)
        with pytest.raises(ToolError, match="cannot be described as JSON") as refused:
            by_name([declared])
        assert refused.value.message.startswith(f"{__file__}:{function.__code__.co_firstlineno}: ")


def test_two_tools_of_one_name_are_refused_with_both_places() -> None:
    first, second = tool(name="light")(_typed), tool(name="light")(lambda: "dark")
    assert by_name([first]) == {"light": first}
    with pytest.raises(ToolError) as refused:
        by_name([first, second])
    assert first.where in refused.value.message
    assert second.where in refused.value.message


# What a call gives


def test_arguments_that_do_not_fit_are_told_line_by_line() -> None:
    @tool
    def order(number: str, count: int, day: date, at: Address | None = None) -> str:
        """Order."""
        return f"{number} {count} {day} {at}"

    told = failure(order, {"count": "three", "day": "soon", "at": {"street": 3}, "colour": "red"})
    lines = told.splitlines()
    assert len(lines) == 7
    assert "- number: is missing" in lines
    assert any(line.startswith("- count: should be a valid integer") and "'three'" in line for line in lines)
    assert any(line.startswith("- at.street: ") for line in lines)
    assert "- colour: there is no such parameter, only: number, count, day, at" in lines
    assert "no valid JSON" in failure(order, '{"number": "1"')
    assert "object" in failure(order, "[1]")


def test_numbers_in_quotes_pass_and_lossy_ones_do_not() -> None:
    """Pydantic's default for JSON: lenient where nothing is lost."""

    @tool
    def count(number: int) -> str:
        """Count."""
        return repr(number)

    assert ran(count, {"number": "3"}) == "3"
    assert ran(count, {"number": 3.0}) == "3"
    for wrong in (3.5, "three", None, [3]):
        assert "number" in failure(count, {"number": wrong})


def test_no_text_stands_for_no_arguments() -> None:
    @tool
    def ring() -> None:
        """Ring the bell."""

    assert ran(ring, "") == ran(ring, " ") == ran(ring, "{}") == "done"


@pytest.mark.parametrize(
    ("result", "text"),
    [
        ("as it is: ä", "as it is: ä"),
        (None, "done"),
        ("", ""),
        ({"a": [1, None, True]}, '{"a":[1,null,true]}'),
        ([Decimal("1.50"), date(2027, 3, 1)], '["1.50","2027-03-01"]'),
        (Address(street="Quay"), '{"street":"Quay","title":""}'),
        (Lamp("flat", date(2027, 3, 1)), '{"wick":"flat","lit":"2027-03-01"}'),
        (Colour.RED, '"red"'),
        (float("nan"), '"NaN"'),
        ("lone \ud800", "lone ?"),
    ],
)
def test_results_are_written_as_text(result: object, text: str) -> None:
    @tool
    def give() -> object:
        """Give."""
        return result

    assert ran(give) == text


def test_what_goes_wrong_is_told_without_a_traceback() -> None:
    @tool
    def break_down(how: str) -> object:
        """Break down."""
        if how == "told":
            raise ToolFailed("The lamp is out of oil; fill it first.")
        if how == "long":
            raise ValueError("x" * 10_000)
        if how == "silent":
            raise KeyError
        return Wick()

    assert failure(break_down, {"how": "told"}) == "The lamp is out of oil; fill it first."
    assert len(failure(break_down, {"how": "long"})) <= 500
    assert failure(break_down, {"how": "silent"}) == "KeyError"
    assert "cannot be written" in failure(break_down, {"how": "result"})
    with pytest.raises(ToolFailed) as failed:
        ran(break_down, {"how": "silent"})
    assert isinstance(failed.value.__cause__, KeyError)


def test_a_synchronous_function_runs_beside_the_loop_and_can_be_left_waiting() -> None:
    released = threading.Event()

    @tool
    def wait() -> str:
        """Wait in a thread."""
        released.wait(10)
        return threading.current_thread().name

    async def main() -> str:
        with anyio.move_on_after(0.05) as scope:
            await wait.run("{}", CONTEXT)
        assert scope.cancelled_caught, "a time-out need not wait for the thread"
        released.set()
        return await wait.run("{}", CONTEXT)

    assert anyio.run(main) != threading.main_thread().name


def test_a_synchronous_function_may_give_something_to_await() -> None:
    async def later() -> str:
        return "later"

    @tool
    def soon() -> Awaitable[str]:
        """Promise."""
        return later()

    assert ran(soon) == "later"


def test_declaring_a_tool_loads_nothing_heavy() -> None:
    program = (
        "import sys\nfrom fleet_runtime.toolbox.functions import tool\n"
        "@tool\ndef f(a: int) -> int:\n    return a\n"
        "print(sorted({'anyio', 'openai', 'mcp', 'asyncio'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@tool
def echo(  # noqa: PLR0913, PLR0917 - one of each type
    words: list[str], numbers: dict[str, int], day: date, price: Decimal, at: Address | None, colour: Colour
) -> dict[str, object]:
    """Give back what came."""
    return {"words": words, "numbers": numbers, "day": day, "price": price, "at": at, "colour": colour}


_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(
    st.fixed_dictionaries(
        {
            "words": st.lists(_TEXT, max_size=4),
            "numbers": st.dictionaries(_TEXT, st.integers(-(2**53), 2**53), max_size=4),
            "day": st.dates().map(str),
            "price": st.decimals(allow_nan=False, allow_infinity=False, places=2).map(str),
            "at": st.none() | st.fixed_dictionaries({"street": _TEXT, "title": _TEXT}),
            "colour": st.sampled_from(["red", "green"]),
        }
    )
)
def test_arguments_come_through_and_back(arguments: dict[str, object]) -> None:
    assert json.loads(ran(echo, arguments)) == arguments


def test_a_tool_keeps_the_functions_type() -> None:
    made: FunctionTool[[str, int], str] = tool(_typed)
    assert made("a", 2) == "aa"


def _typed(text: str, times: int) -> str:
    return text * times
