"""How tools go to an endpoint, and how its calls of them are read, whole or in pieces."""

from __future__ import annotations

from itertools import pairwise

import anyio
import pytest
from endpoint_models import REQUEST, endpoint_model, everything, pieces_until_error
from fake_endpoint import Answer, as_json, calling, completion, deltas, in_bytes, tool_call
from hypothesis import given
from hypothesis import strategies as st

from fleet_runtime.errors import ModelGarbled, ModelUnreachable
from fleet_runtime.messages import ChatMessage, ModelReply, ToolCall, ToolSpec
from fleet_runtime.models.events import EventReader

COUNT = ToolSpec(name="count", description="Count.", parameters={"type": "object", "properties": {}})
ASKED = REQUEST.model_copy(update={"tools": (COUNT,)})
BERRIES = ToolCall(id="a", name="count", arguments='{"of": "berries"}')
NUTS = ToolCall(id="b", name="count", arguments='{"of": "nuts"}')


def whole(answer: Answer) -> ModelReply:
    """Ask for a whole answer."""

    async def work() -> ModelReply:
        async with endpoint_model(answer) as (model, _):
            return await model.complete(ASKED)

    return anyio.run(work)


def pieced(*parts: bytes) -> ModelReply:
    """Ask for a streamed answer that comes in these bytes."""

    async def work() -> ModelReply:
        async with endpoint_model(in_bytes(*parts)) as (model, _):
            *_, last = await everything(model)
        assert isinstance(last, ModelReply)
        return last

    return anyio.run(work)


def test_tools_their_calls_and_their_results_are_sent() -> None:
    async def work() -> None:
        messages = (
            *REQUEST.messages,
            ChatMessage(role="assistant", content="", tool_calls=(BERRIES,)),
            ChatMessage(role="tool", content="12", tool_call_id="a"),
        )
        async with endpoint_model(completion("Twelve."), completion("Twelve.")) as (model, endpoint):
            await model.complete(ASKED.model_copy(update={"messages": messages}))
            await model.complete(ASKED.model_copy(update={"tool_choice": "required"}))
        first, second = endpoint.asked
        function = {"name": "count", "description": "Count.", "parameters": COUNT.parameters}
        assert first.body["tools"] == second.body["tools"] == [{"type": "function", "function": function}]
        assert "tool_choice" not in first.body
        assert second.body["tool_choice"] == "required"
        sent = first.body["messages"]
        assert isinstance(sent, list)
        assert sent[2:] == [
            {"role": "assistant", "content": None, "tool_calls": [tool_call("a", "count", BERRIES.arguments)]},
            {"role": "tool", "tool_call_id": "a", "content": "12"},
        ]

    anyio.run(work)


def test_calls_are_read_whole() -> None:
    calls = [tool_call(one.id, one.name, one.arguments) for one in (BERRIES, NUTS)]
    reply = whole(calling(*calls))
    assert reply.tool_calls == (BERRIES, NUTS)
    assert reply.text == ""
    assert reply.finish_reason == "tool_calls"
    assert whole(calling(calls[0], text="Let me see.")).text == "Let me see."


def test_calls_are_put_together_by_their_index() -> None:
    reply = pieced(
        deltas(
            {"role": "assistant", "content": None, "tool_calls": [tool_call("a", "count", "", index=0)]},
            {"tool_calls": [{"index": 0, "function": {"arguments": '{"of": '}}]},
            {"tool_calls": [tool_call("b", "count", '{"of": ', index=1)]},
            {"tool_calls": [{"index": 1, "function": {"arguments": '"nuts"}'}}]},
            {"tool_calls": [{"index": 0, "function": {"arguments": '"berries"}'}}]},
        )
    )
    assert reply.tool_calls == (BERRIES, NUTS)


@pytest.mark.parametrize("index", [{"index": 0}, {}])
def test_calls_of_which_an_endpoint_counts_none_or_all_as_the_first_are_told_apart(index: dict[str, int]) -> None:
    pieces = [{"tool_calls": [tool_call(one.id, one.name, one.arguments, **index)]} for one in (BERRIES, NUTS)]
    assert pieced(deltas(*pieces)).tool_calls == (BERRIES, NUTS)


@pytest.mark.parametrize(
    ("arguments", "read"),
    [('{"of": "be', '{"of": "be'), ("", "{}"), (None, "{}"), ({"of": "nuts"}, '{"of": "nuts"}'), ("nuts", "nuts")],
)
def test_arguments_are_passed_on_as_they_are(arguments: object, read: str) -> None:
    call = tool_call("a", "count", arguments)
    assert whole(calling(call, finish="length")).tool_calls[0].arguments == read
    assert pieced(deltas({"tool_calls": [call]}, finish="length")).tool_calls[0].arguments == read


def test_a_call_without_an_id_gets_one() -> None:
    reply = whole(calling(tool_call(None, "count", "{}"), tool_call("", "count", "{}")))
    assert [call.id for call in reply.tool_calls] == ["c-0", "c-1"]


def test_a_call_without_a_name_is_garbled() -> None:
    with pytest.raises(ModelGarbled, match="no name"):
        whole(calling(tool_call("a", None, "{}")))


def test_json_is_not_checked_where_tools_are_called() -> None:
    async def work() -> None:
        request = ASKED.model_copy(update={"json_schema": {"type": "object"}})
        async with endpoint_model(calling(tool_call("a", "count", "{}"), text="hm")) as (model, _):
            assert (await model.complete(request)).tool_calls

    anyio.run(work)


def test_a_model_that_the_endpoint_does_not_name_is_the_one_that_was_asked() -> None:
    choice = {"message": {"content": "Hi."}, "finish_reason": "stop"}

    async def work() -> None:
        async with endpoint_model(as_json({"choices": [choice], "model": None})) as (model, _):
            assert (await model.complete(REQUEST)).model == "m"

    anyio.run(work)


def test_events_are_read_in_every_form_that_endpoints_send() -> None:
    reply = pieced(
        b": keep alive\r\n\r\nid: 7\r\nevent: message\r\n",
        b'data: {"choices": [{"delta":\r\nda',
        b'ta: {"content": "Good "}}]}\r\n\r',
        b'\n:\n\ndata:{"choices": [{"delta": {"content": "morning"}, "finish_reason": "stop"}]}\n\n',
        b"data: [DONE]\n\ndata: never read\n\n",
    )
    assert reply.text == "Good morning"


def test_an_error_amid_a_stream_is_told_in_the_endpoints_words() -> None:
    async def work() -> None:
        said = b'data: {"choices": [{"delta": {"content": "Go"}}]}\n\ndata: {"error": {"message": "overloaded"}}\n\n'
        async with endpoint_model(in_bytes(said)) as (model, _):
            pieces, error = await pieces_until_error(model)
        assert pieces == ["Go"]
        assert isinstance(error, ModelUnreachable)
        assert "overloaded" in error.message

    anyio.run(work)


LINES = st.tuples(
    st.sampled_from([b"data: 1", b"data:2", b"data: ", b": hm", b"event: x", b""]), st.sampled_from([b"\n", b"\r\n"])
)


@given(st.lists(LINES), st.sets(st.integers(0, 99)))
def test_events_do_not_depend_on_how_the_stream_is_cut(lines: list[tuple[bytes, bytes]], cuts: set[int]) -> None:
    stream = b"".join(line + end for line, end in lines)
    places = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    reader, read = EventReader(), list[bytes]()
    for start, stop in pairwise(places):
        read += reader.feed(stream[start:stop])
    *whole, _ = b"\n".join([*(line for line, _ in lines), b""]).split(b"\n\n") if lines else [b""]
    said = [[line[5:].lstrip() for line in one.split(b"\n") if line.startswith(b"data:")] for one in whole]
    assert [one.replace(b"\r", b"").split(b"\n") for one in read] == [_without_last_empty(one) for one in said if one]


def _without_last_empty(lines: list[bytes]) -> list[bytes]:
    """Empty lines at an event's end say nothing."""
    return b"\n".join(lines).rstrip(b"\n").split(b"\n")
