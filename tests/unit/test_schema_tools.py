"""A model without tool calling, given tools; and finding out which models need that."""

from __future__ import annotations

import json

import pytest

from fleet_runtime.errors import FleetError, ModelGarbled, ModelRefused, ModelTimeout, ModelUnreachable
from fleet_runtime.messages import ChatMessage, ModelInfo, ModelReply, ModelRequest, ToolCall, ToolSpec
from fleet_runtime.models.schema_tools import (
    PROBE,
    SchemaTools,
    calls_tools,
    tool_calling,
    tool_calling_key,
)
from fleet_runtime.testing import ScriptedModel, Step

pytestmark = pytest.mark.anyio

RING = ToolSpec(name="ring", description="Ring.", parameters={"type": "object", "properties": {}})
PLAIN = ModelRequest(task="reply", messages=(ChatMessage(role="user", content="Hello"),))
ASKING = PLAIN.model_copy(update={"tools": (RING,)})
CALL = json.dumps({"tool": "ring", "arguments": {}})


def calling(name: str = "add_numbers", arguments: str = '{"first": 1738, "second": 2645}') -> ModelReply:
    return ModelReply(text="", tool_calls=(ToolCall(id="1", name=name, arguments=arguments),))


async def test_requests_without_tools_pass_untouched() -> None:
    async with ScriptedModel([Step("reply", "Hello!"), Step("reply", "Hello, you!")]) as model:
        wrapped = SchemaTools(model)
        assert (await wrapped.complete(PLAIN)).text == "Hello!"
        pieces = [piece async for piece in wrapped.stream(PLAIN)]
        assert pieces[:-1] == ["Hello, ", "you!"]
        assert wrapped.info == model.info
        assert all(call is PLAIN for call in model.calls)
        await wrapped.close()


async def test_a_call_comes_back_as_a_call_and_a_reply_as_a_text() -> None:
    async with ScriptedModel([Step("reply", CALL), Step("reply", '{"reply": "Rung."}')]) as model:
        wrapped = SchemaTools(model)
        first = await wrapped.complete(ASKING)
        assert first.tool_calls == (ToolCall(id="call-1", name="ring", arguments="{}"),)
        result = ChatMessage(role="tool", content="rung", tool_call_id="call-1")
        past = ChatMessage(role="assistant", content="", tool_calls=first.tool_calls)
        second = await wrapped.complete(ASKING.model_copy(update={"messages": (*ASKING.messages, past, result)}))
        assert (second.text, second.tool_calls) == ("Rung.", ())
        assert second.usage.calls == 1
        assert [message.role for message in model.calls[1].messages] == ["system", "user", "assistant", "user"]
        assert model.calls[1].messages[0] == model.calls[0].messages[0]
        assert not any(call.tools for call in model.calls)


async def test_a_stream_with_tools_gives_the_text_once_it_is_known() -> None:
    async with ScriptedModel([Step("reply", CALL), Step("reply", '{"reply": "Rung."}')]) as model:
        wrapped = SchemaTools(model)
        called = [piece async for piece in wrapped.stream(ASKING)]
        assert [type(piece) for piece in called] == [ModelReply]
        told = [piece async for piece in wrapped.stream(ASKING)]
        assert told[0] == "Rung."
        assert isinstance(told[1], ModelReply)
        assert told[1].text == "Rung."


async def test_what_cannot_be_read_is_garbled_where_a_tool_must_be_called() -> None:
    async with ScriptedModel([Step("reply", "I ring now.")]) as model:
        with pytest.raises(ModelGarbled):
            await SchemaTools(model).complete(ASKING.model_copy(update={"tool_choice": "required"}))


async def test_a_model_that_calls_as_asked_calls_tools() -> None:
    async with ScriptedModel([Step(PROBE, calling())]) as model:
        assert await calls_tools(model)
        assert [call.tool_choice for call in model.calls] == ["auto"], (
            "an endpoint may force the form that the model would not choose"
        )


@pytest.mark.parametrize(
    "answer",
    [
        "I add them: 4383.",
        calling("add"),
        calling(arguments="{oops"),
        calling(arguments='{"first": 1738}'),
        calling(arguments='{"first": "many", "second": 2}'),
        calling(arguments="[]"),
        ModelReply(text="", tool_calls=calling().tool_calls * 2),
        ModelRefused("tools are not supported", hint="none"),
    ],
)
async def test_anything_else_is_a_no(answer: str | ModelReply | FleetError) -> None:
    async with ScriptedModel([Step(PROBE, answer)]) as model:
        assert not await calls_tools(model)


async def test_a_model_that_keeps_to_no_schema_still_answers_without_tools() -> None:
    garbled = ModelGarbled("it is prose", hint="none")
    async with ScriptedModel([Step("reply", garbled), Step("reply", "Good morning.")]) as model:
        request = ModelRequest(
            task="reply", messages=(ChatMessage(role="user", content="Hi"),),
            tools=(ToolSpec(name="add", description="", parameters={"type": "object", "properties": {}}),),
        )  # fmt: skip
        assert (await SchemaTools(model).complete(request)).text == "Good morning."
        assert [call.json_schema is None for call in model.calls] == [False, True]


@pytest.mark.parametrize(
    "error",
    [
        ModelUnreachable("gone", hint="start it"),
        ModelTimeout("slow", hint="wait"),
        ModelGarbled("it is empty", hint="none"),
    ],
)
async def test_nothing_is_concluded_from_silence(error: FleetError) -> None:
    async with ScriptedModel([Step(PROBE, error)]) as model:
        with pytest.raises(type(error)):
            await calls_tools(model)


async def test_what_is_kept_is_not_asked_again() -> None:
    async with ScriptedModel([Step(PROBE, "no")]) as model:
        key = tool_calling_key(model.info)
        assert await tool_calling(model, {key: True})
        assert not await tool_calling(model, {key: False})
        assert model.calls == []
        assert not await tool_calling(model, {"endpoint other http://x": True})


def test_the_embedded_models_key_outlives_its_port() -> None:
    def info(kind: str, endpoint: str) -> ModelInfo:
        return ModelInfo.model_validate(
            {"name": "m", "kind": kind, "endpoint": endpoint, "description": "", "reason": "", "voice": "free"}
        )

    assert tool_calling_key(info("embedded", "http://127.0.0.1:1")) == tool_calling_key(
        info("embedded", "http://127.0.0.1:2")
    )
    assert tool_calling_key(info("endpoint", "http://a")) != tool_calling_key(info("endpoint", "http://b"))
