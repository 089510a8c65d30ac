"""The doubles that we give to users: they object to what a test did not foresee."""

from __future__ import annotations

import math

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet_runtime.errors import ModelTimeout
from fleet_runtime.messages import ChatMessage, ModelReply, ModelRequest, ToolCall
from fleet_runtime.ports import Vector
from fleet_runtime.testing import HashEmbedder, ScriptedModel, Step, UnexpectedCall, UnusedSteps


def request(task: str) -> ModelRequest:
    return ModelRequest(task=task, messages=(ChatMessage(role="user", content="one two three"),))


def likeness(one: Vector, other: Vector) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def test_steps_are_given_in_order_and_calls_are_kept() -> None:
    async def work() -> None:
        whole = ModelReply(text="whole", model="other")
        async with ScriptedModel([Step("a", "first"), Step("b", whole)]) as model:
            first = await model.complete(request("a"))
            assert (first.text, first.usage.prompt_tokens, first.usage.completion_tokens) == ("first", 3, 1)
            assert await model.complete(request("b")) == whole
        assert [call.task for call in model.calls] == ["a", "b"]

    anyio.run(work)


def test_a_step_may_call_tools() -> None:
    async def work() -> None:
        call = ToolCall(id="a", name="count", arguments='{"of": "nuts"}')
        both = ModelReply(text="Let me see.", tool_calls=(call,))
        async with ScriptedModel([Step("a", call), Step("a", (call, call)), Step("a", both)]) as model:
            reply = await model.complete(request("a"))
            assert (reply.text, reply.tool_calls, reply.finish_reason) == ("", (call,), "tool_calls")
            assert reply.usage.completion_tokens == 3
            assert [piece async for piece in model.stream(request("a"))] == [
                reply.model_copy(
                    update={
                        "tool_calls": (call, call),
                        "usage": reply.usage.model_copy(update={"completion_tokens": 6}),
                    }
                )
            ]
            *pieces, last = [piece async for piece in model.stream(request("a"))]
            assert "".join(str(piece) for piece in pieces) == "Let me see."
            assert last == both

    anyio.run(work)


def test_another_task_than_the_next_is_named() -> None:
    async def work() -> None:
        model = ScriptedModel([Step("a", "x")])
        with pytest.raises(UnexpectedCall, match=r"'b'.*next is 'a'"):
            await model.complete(request("b"))
        await model.complete(request("a"))
        with pytest.raises(UnexpectedCall, match=r"'a'.*over"):
            await model.complete(request("a"))

    anyio.run(work)


def test_a_step_may_raise() -> None:
    async def work() -> None:
        async with ScriptedModel([Step("a", ModelTimeout("slow", hint="wait"))]) as model:
            with pytest.raises(ModelTimeout):
                await model.complete(request("a"))

    anyio.run(work)


def test_unused_steps_fail_the_block() -> None:
    async def work() -> None:
        async with ScriptedModel([Step("a", "x"), Step("b", "y")]) as model:
            await model.complete(request("a"))

    with pytest.raises(UnusedSteps, match="b"):
        anyio.run(work)


def test_a_failure_of_the_block_is_not_hidden_by_unused_steps() -> None:
    async def work() -> None:
        async with ScriptedModel([Step("a", "x")]):
            raise KeyError("the real reason")

    with pytest.raises(KeyError):
        anyio.run(work)


def test_it_says_that_it_is_a_script() -> None:
    info = ScriptedModel(voice="assisted").info
    assert (info.kind, info.voice) == ("scripted", "assisted")


@settings(deadline=None, max_examples=40)
@given(st.text())
def test_any_text_streams_into_itself(text: str) -> None:
    async def work() -> None:
        async with ScriptedModel([Step("a", text)]) as model:
            *pieces, last = [piece async for piece in model.stream(request("a"))]
            assert "".join(str(piece) for piece in pieces) == text
            assert isinstance(last, ModelReply)
            assert last.text == text

    anyio.run(work)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.text(), max_size=4))
def test_hash_vectors_are_unit_long_and_depend_on_the_text_alone(texts: list[str]) -> None:
    async def work() -> None:
        vectors = await HashEmbedder().embed(texts)
        assert all(math.isclose(math.hypot(*vector), 1.0) for vector in vectors)
        assert vectors == [(await HashEmbedder().embed([text]))[0] for text in texts]

    anyio.run(work)


def test_texts_that_share_words_are_alike() -> None:
    async def work() -> None:
        one, near, far = await HashEmbedder().embed(["our login is broken", "login broken again", "thirty more seats"])
        assert likeness(one, near) > likeness(one, far)

    anyio.run(work)
