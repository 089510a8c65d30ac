"""Tools by a JSON schema: the request that is made, how its answer is read, what llama.cpp can make of it."""

from __future__ import annotations

import json
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet_runtime.errors import ModelGarbled
from fleet_runtime.messages import ChatMessage, ModelReply, ModelRequest, ToolCall, ToolSpec
from fleet_runtime.shape import complaint
from fleet_runtime.tools import by_schema

FIND = ToolSpec(
    name="find_order",
    description="Find an order.\nIt is quick.",
    parameters={
        "type": "object",
        "properties": {
            "number": {"type": "string", "description": "as on the  invoice", "pattern": "^(?!x)A"},
            "lines": {"type": "array", "items": {"$ref": "#/$defs/Line"}},
        },
        "required": ["number"],
        "additionalProperties": False,
        "$defs": {"Line": {"type": "object", "properties": {"next": {"$ref": "#/$defs/Line"}}}},
    },
)
RING = ToolSpec(name="ring", description="Ring the bell.", parameters={"type": "object", "properties": {}})
HISTORY = (
    ChatMessage(role="system", content="You keep a lighthouse."),
    ChatMessage(role="system", content="Today is Monday."),
    ChatMessage(role="user", content="Where is A1?"),
)


def request(
    *more: ChatMessage, tools: tuple[ToolSpec, ...] = (FIND, RING), choice: Literal["auto", "required"] = "auto"
) -> ModelRequest:
    return ModelRequest(task="reply", messages=(*HISTORY, *more), tools=tools, tool_choice=choice)


def says(answer: object) -> ModelReply:
    return ModelReply(text=answer if isinstance(answer, str) else json.dumps(answer), model="small")


def test_the_tools_are_told_after_the_stable_prefix() -> None:
    made = by_schema.as_schema_request(request())
    assert made.messages[:2] == HISTORY[:2]
    assert made.messages[3:] == HISTORY[2:]
    told = made.messages[2]
    assert told.role == "system"
    assert told.content.splitlines() == [
        "You can use these tools. You see what a tool found before you answer.",
        "- find_order: Find an order. It is quick.",
        '  - number (required): as on the invoice {"type": "string", "pattern": "^(?!x)A"}',
        '  - lines (may be left out): {"type": "array", "items": {"$ref": "#/$defs/Line"}}',
        '  where {"$defs": {"Line": {"type": "object", "properties": {"next": {"$ref": "#/$defs/Line"}}}}}',
        "- ring: Ring the bell.",
        (
            'Answer with one JSON object and nothing else: {"tool": "<its name>", "arguments": {...}} to use a tool, '
            'or {"reply": "<what you say>"} once you need none.'
        ),
    ]
    assert (made.tools, made.tool_choice, made.task) == ((), "auto", "reply")
    assert by_schema.as_schema_request(request()) == made, "byte-stable"


def test_the_schema_has_a_way_for_each_tool_and_for_the_reply() -> None:
    schema = by_schema.answer_schema(request())
    ways = schema["anyOf"]
    assert [way["properties"].get("tool", {}).get("const") for way in ways] == ["find_order", "ring", None]
    assert ways[-1]["properties"] == {"reply": {"type": "string", "maxLength": by_schema.LONGEST_REPLY}}
    arguments = ways[0]["properties"]["arguments"]
    assert arguments["properties"]["number"] == {"type": "string", "maxLength": by_schema.LONGEST_TEXT}
    assert arguments["properties"]["lines"]["maxItems"] == by_schema.MOST_ITEMS
    assert arguments["properties"]["lines"]["items"] == {"$ref": "#/$defs/find_order-Line"}
    assert schema["$defs"]["find_order-Line"]["properties"]["next"] == {"$ref": "#/$defs/find_order-Line"}
    assert all(way["additionalProperties"] is False for way in ways)


def test_a_tool_that_must_be_used_leaves_no_reply() -> None:
    made = by_schema.as_schema_request(request(choice="required"))
    assert len((made.json_schema or {})["anyOf"]) == 2
    assert "reply" not in made.messages[2].content
    with pytest.raises(ModelGarbled):
        by_schema.read(request(choice="required"), says({"reply": "no"}))


def test_an_object_that_is_asked_for_takes_the_replys_place() -> None:
    wanted = {"type": "object", "properties": {"at": {"$ref": "#/$defs/At"}}, "$defs": {"At": {"type": "integer"}}}
    asked = request().model_copy(update={"json_schema": wanted})
    schema = by_schema.answer_schema(asked)
    assert schema["anyOf"][-1]["properties"]["reply"]["properties"] == {"at": {"$ref": "#/$defs/reply-At"}}
    assert schema["$defs"]["reply-At"] == {"type": "integer"}
    assert json.loads(by_schema.read(asked, says({"reply": {"at": 3}})).text) == {"at": 3}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"type": "string", "maxLength": 9000, "title": "T"}, {"type": "string", "maxLength": 9000}),
        ({"type": "string", "minLength": 500}, {"type": "string", "minLength": 500, "maxLength": 500}),
        ({"type": "string", "format": "date"}, {"type": "string", "format": "date"}),
        ({"type": "string", "format": "uri"}, {"type": "string", "maxLength": 400}),
        ({"type": "string", "enum": ["title", "a"]}, {"type": "string", "enum": ["title", "a"]}),
        ({"type": ["string", "null"]}, {"type": ["string", "null"], "maxLength": 400}),
        ({"$ref": "https://example.org/schema"}, {}),
        (
            {"anyOf": [{"type": "array"}, {"type": "null"}]},
            {"anyOf": [{"type": "array", "maxItems": 20}, {"type": "null"}]},
        ),
        ({"type": "object", "additionalProperties": True}, {"type": "object", "additionalProperties": True}),
    ],
)
def test_a_schema_is_narrowed_to_what_a_grammar_can_be_made_of(given: dict[str, Any], kept: dict[str, Any]) -> None:
    tool = ToolSpec(name="t", description="", parameters={"type": "object", "properties": {"x": given}})
    way = by_schema.answer_schema(request(tools=(tool,)))["anyOf"][0]
    assert way["properties"]["arguments"]["properties"]["x"] == kept


def test_calls_and_results_of_the_past_become_texts() -> None:
    past = request(
        ChatMessage(
            role="assistant", content="I look.",
            tool_calls=(
                ToolCall(id="1", name="find_order", arguments='{"number":"A1"}'), ToolCall(id="2", name="ring"),
            ),
        ),
        ChatMessage(role="tool", content="at sea", tool_call_id="1"),
        ChatMessage(role="tool", content="rung", tool_call_id="2"),
        ChatMessage(role="user", content="And now?"),
        ChatMessage(role="assistant", content="Still at sea."),
        ChatMessage(role="tool", content="lost", tool_call_id="9"),
    )  # fmt: skip
    made = by_schema.as_schema_request(past)
    assert [(message.role, message.content) for message in made.messages[4:]] == [
        (
            "assistant",
            'I look.\n{"tool": "find_order", "arguments": {"number": "A1"}}\n{"tool": "ring", "arguments": {}}',
        ),
        ("user", "find_order gave: at sea\n\nring gave: rung\n\nAnd now?"),
        ("assistant", "Still at sea."),
        ("user", "The tool gave: lost"),
    ]
    assert not any(message.tool_calls or message.role == "tool" for message in made.messages)
    reply = by_schema.read(past, says({"tool": "ring", "arguments": {}}))
    assert reply.tool_calls[0].id == "call-3", "no id comes twice in a conversation"


def test_without_tools_only_the_past_is_rewritten() -> None:
    calling = ChatMessage(role="assistant", content="", tool_calls=(ToolCall(id="1", name="ring", arguments="{oops"),))
    past = request(calling, tools=())
    made = by_schema.as_schema_request(past)
    assert made.json_schema is None
    assert len(made.messages) == len(past.messages)
    assert made.messages[-1].content == '{"tool": "ring", "arguments": "{oops"}'
    assert by_schema.concerns(past)
    assert not by_schema.concerns(request(tools=()))
    assert by_schema.read(past, says("plain")).text == "plain"


@pytest.mark.parametrize(
    "answer",
    ["", "plain words", "[]", {"tool": "fly", "arguments": {}}, {"tool": 3}, {"arguments": {}}, {"tool": ["ring"]}],
)
def test_what_is_neither_call_nor_reply_is_garbled(answer: object) -> None:
    with pytest.raises(ModelGarbled, match="small: reply: "):
        by_schema.read(request(), says(answer))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_SPECS = st.lists(st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True), min_size=1, max_size=4, unique=True).map(
    lambda names: tuple(ToolSpec(name=name, description="", parameters={"type": "object"}) for name in names)
)


@given(_SPECS, st.data())
def test_a_call_is_read_back_as_it_was_written(tools: tuple[ToolSpec, ...], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(tools)).name
    arguments = data.draw(st.dictionaries(st.text(max_size=8), _JSON, max_size=4))
    asked = request(tools=tools)
    answer = {"tool": name, "arguments": arguments}
    assert complaint(answer, by_schema.answer_schema(asked)) is None
    reply = by_schema.read(asked, says(answer))
    assert (reply.text, reply.tool_calls[0].name) == ("", name)
    assert json.loads(reply.tool_calls[0].arguments) == arguments
    told = by_schema.as_schema_request(request(ChatMessage(role="assistant", content="", tool_calls=reply.tool_calls)))
    assert json.loads(told.messages[-1].content) == answer, "the past shows what the model wrote"


@given(st.text())
def test_a_reply_is_read_back_as_it_was_written(text: str) -> None:
    reply = by_schema.read(request(), says({"reply": text}))
    assert (reply.text, reply.tool_calls) == (text, ())


def test_the_check_of_shapes_knows_forms_and_constants() -> None:
    schema = by_schema.answer_schema(request())
    assert complaint({"reply": "yes"}, schema) is None
    assert complaint({"tool": "ring", "arguments": {}}, schema) is None
    for wrong in ({"tool": "fly", "arguments": {}}, {"tool": "find_order", "arguments": {}}, {"reply": 3}, {}, "reply"):
        assert complaint(wrong, schema) == "answer is none of the allowed values"


def test_llama_cpp_takes_the_schema() -> None:
    xllamacpp = pytest.importorskip("xllamacpp")
    grammar = xllamacpp.json_schema_to_grammar(by_schema.answer_schema(request()))
    assert "find_order" in grammar
