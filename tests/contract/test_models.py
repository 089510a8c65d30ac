"""What every `ModelClient` holds to, and what the client for endpoints sends and accepts."""

from __future__ import annotations

import json
from asyncio import StreamWriter
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import anyio
import pytest
from endpoint_models import REQUEST, endpoint_model, everything, info_at, pieces_until_error
from fake_endpoint import Answer, as_json, chances, completion, fake_endpoint, raw, refusal, streamed

from fleet_runtime.errors import ModelGarbled, ModelRefused, ModelUnreachable
from fleet_runtime.messages import ModelReply, Token, Usage
from fleet_runtime.models.openai_compatible import OpenAICompatibleModel
from fleet_runtime.ports import ModelClient
from fleet_runtime.testing import ScriptedModel, Step

SCHEMA: dict[str, object] = {
    "type": "object",
    "properties": {"kind": {"type": "string", "enum": ["thanks", "ask"]}, "count": {"type": "integer"}},
    "required": ["kind"],
}


LIKELY = {"Hi": 0.75, "Ho": 0.25}
CHANCY = REQUEST.model_copy(update={"alternatives": 2})


class ModelContract:
    """Every adapter's test class derives from this and says how to make a model that will act so."""

    def says(self, text: str) -> AbstractAsyncContextManager[ModelClient]:
        """A model that answers one request, whole or streamed, with ``text``."""
        raise NotImplementedError

    def breaks_off(self) -> AbstractAsyncContextManager[ModelClient]:
        """A model whose streamed answer breaks off after a piece or more."""
        raise NotImplementedError

    def refuses(self) -> AbstractAsyncContextManager[ModelClient]:
        """A model that refuses the request."""
        raise NotImplementedError

    async def _answers_whole(self) -> None:
        async with self.says("Good morning to you.") as model:
            reply = await model.complete(REQUEST)
        assert reply.text == "Good morning to you."
        assert reply.usage.calls == 1
        assert reply.usage.completion_tokens > 0

    async def _streams_pieces_then_the_reply(self) -> None:
        async with self.says("Good morning to you.") as model:
            *pieces, last = await everything(model)
        assert isinstance(last, ModelReply)
        assert "".join(str(piece) for piece in pieces) == last.text == "Good morning to you."
        assert last.usage.calls == 1

    async def _a_broken_stream_never_ends_in_a_reply(self) -> None:
        async with self.breaks_off() as model:
            pieces, error = await pieces_until_error(model)
        assert pieces
        assert not any(isinstance(piece, ModelReply) for piece in pieces)
        assert error.hint

    async def _a_refusal_is_an_error_with_a_hint(self) -> None:
        async with self.refuses() as model:
            with pytest.raises(ModelRefused) as caught:
                await model.complete(REQUEST)
        assert caught.value.hint

    async def _says_what_it_is(self) -> None:
        async with self.says("x") as model:
            info = model.info
            await model.complete(REQUEST)
        assert info.name
        assert info.description
        assert info.reason

    def test_answers_whole(self) -> None:
        anyio.run(self._answers_whole)

    def test_streams_pieces_then_the_reply(self) -> None:
        anyio.run(self._streams_pieces_then_the_reply)

    def test_a_broken_stream_never_ends_in_a_reply(self) -> None:
        anyio.run(self._a_broken_stream_never_ends_in_a_reply)

    def test_a_refusal_is_an_error_with_a_hint(self) -> None:
        anyio.run(self._a_refusal_is_an_error_with_a_hint)

    def test_says_what_it_is(self) -> None:
        anyio.run(self._says_what_it_is)


class TestScripted(ModelContract):
    @asynccontextmanager
    async def says(self, text: str) -> AsyncGenerator[ModelClient]:
        async with ScriptedModel([Step("greet", text)]) as model:
            yield model

    @asynccontextmanager
    async def breaks_off(self) -> AsyncGenerator[ModelClient]:
        lost = ModelUnreachable("gone", hint="try again")
        async with ScriptedModel([Step("greet", lost, breaks_after=2)]) as model:
            yield model

    @asynccontextmanager
    async def refuses(self) -> AsyncGenerator[ModelClient]:
        async with ScriptedModel([Step("greet", ModelRefused("no", hint="check the key"))]) as model:
            yield model


class TestEndpoint(ModelContract):
    @asynccontextmanager
    async def says(self, text: str) -> AsyncGenerator[ModelClient]:
        async def either(writer: StreamWriter) -> None:
            """Answer in the way that was asked for."""
            pieced = endpoint.asked[-1].body.get("stream")
            answer = streamed(text[:5], text[5:]) if pieced else completion(text)
            await answer(writer)

        async with endpoint_model(either) as (model, endpoint):
            yield model

    @asynccontextmanager
    async def breaks_off(self) -> AsyncGenerator[ModelClient]:
        async with endpoint_model(streamed("Good ", "morning", finish=None)) as (model, _):
            yield model

    @asynccontextmanager
    async def refuses(self) -> AsyncGenerator[ModelClient]:
        async with endpoint_model(refusal(401, "bad key")) as (model, _):
            yield model


def test_the_body_and_the_key_are_sent_and_the_cost_is_read() -> None:
    async def work() -> None:
        async with endpoint_model(completion("Hi.")) as (model, endpoint):
            reply = await model.complete(REQUEST.model_copy(update={"grammar": 'root ::= "x"', "max_tokens": 9}))
        assert reply.usage == Usage(prompt_tokens=20, cached_tokens=15, completion_tokens=4, calls=1)
        assert reply.model == "fake-1"
        (asked,) = endpoint.asked
        assert (asked.method, asked.path) == ("POST", "/v1/chat/completions")
        assert asked.headers["authorization"] == "Bearer key-1"
        assert asked.body == {
            "model": "m",
            "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello?"}],
            "temperature": 0.0,
            "max_tokens": 9,
        }

    anyio.run(work)


def test_only_llama_cpp_is_sent_a_grammar() -> None:
    async def work() -> None:
        async with endpoint_model(completion("x"), llama_cpp=True) as (model, endpoint):
            await model.complete(REQUEST.model_copy(update={"grammar": 'root ::= "x"'}))
        assert endpoint.asked[0].body["grammar"] == 'root ::= "x"'
        assert endpoint.asked[0].body["cache_prompt"] is True
        assert "id_slot" not in endpoint.asked[0].body

    anyio.run(work)


def test_a_schema_is_sent_and_its_answer_is_checked() -> None:
    async def work() -> None:
        async with endpoint_model(completion('{"kind": "ask", "count": 2}')) as (model, endpoint):
            reply = await model.complete(REQUEST.model_copy(update={"json_schema": SCHEMA, "task": "which kind?"}))
        assert json.loads(reply.text) == {"kind": "ask", "count": 2}
        assert endpoint.asked[0].body["response_format"] == {
            "type": "json_schema",
            "json_schema": {"name": "which_kind_", "schema": SCHEMA},
        }

    anyio.run(work)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (completion('{"kind": "ask"'), "not JSON"),
        (completion('{"count": 1}'), "lacks 'kind'"),
        (completion('{"kind": "other"}'), "none of the allowed values"),
        (completion('{"kind": "ask", "count": true}'), "answer.count is not of type integer"),
        (completion('{"kind": "as', finish="length"), "cut off"),
        (completion("[]"), "not of type object"),
    ],
)
def test_json_of_another_shape_is_garbled(answer: Answer, says: str) -> None:
    async def work() -> None:
        async with endpoint_model(answer) as (model, _):
            with pytest.raises(ModelGarbled, match=says):
                await model.complete(REQUEST.model_copy(update={"json_schema": SCHEMA}))

    anyio.run(work)


@pytest.mark.parametrize(
    "answer",
    [
        completion(""),
        completion(" \n"),
        completion(None),
        as_json({"choices": []}),
        as_json({"choices": None}),
        as_json({"hello": 1}),
        as_json([1, 2]),
        raw(b"{ not json"),
        raw(b"<html>Welcome</html>", headers={"Content-Type": "text/html"}),
    ],
)
def test_an_empty_or_malformed_answer_is_garbled_and_not_repeated(answer: Answer) -> None:
    async def work() -> None:
        async with endpoint_model(answer) as (model, endpoint):
            with pytest.raises(ModelGarbled) as caught:
                await model.complete(REQUEST)
        assert caught.value.hint
        assert len(endpoint.asked) == 1

    anyio.run(work)


def test_an_empty_stream_is_garbled() -> None:
    async def work() -> None:
        async with endpoint_model(streamed()) as (model, _):
            pieces, error = await pieces_until_error(model)
        assert pieces == []
        assert isinstance(error, ModelGarbled)

    anyio.run(work)


def test_a_stream_that_is_left_early_frees_its_place() -> None:
    async def work() -> None:
        async with fake_endpoint(streamed("a", "b", "c"), completion("next")) as endpoint:
            model = OpenAICompatibleModel(info_at(endpoint.base_url), gate=anyio.Semaphore(1))
            stream = model.stream(REQUEST)
            assert await anext(stream) == "a"
            await stream.aclose()
            with anyio.fail_after(2):
                assert (await model.complete(REQUEST)).text == "next"
            await model.close()

    anyio.run(work)


def test_the_gate_lets_requests_through_in_their_order() -> None:
    async def work() -> None:
        done: list[str] = []
        async with fake_endpoint(*[completion("ok")] * 4) as endpoint:
            model = OpenAICompatibleModel(info_at(endpoint.base_url), gate=anyio.Semaphore(1))

            async def ask(name: str) -> None:
                await model.complete(REQUEST)
                done.append(name)

            async with anyio.create_task_group() as tasks:
                for name in "abcd":
                    tasks.start_soon(ask, name)
            await model.close()
        assert done == ["a", "b", "c", "d"]

    anyio.run(work)


def test_a_parameter_that_the_model_refuses_is_left_out_from_then_on() -> None:
    async def work() -> None:
        answers = (
            refusal(400, param="temperature"),
            refusal(400, param="max_tokens"),
            completion("Hi."),
            completion("Hi."),
        )
        async with endpoint_model(*answers) as (model, endpoint):
            await model.complete(REQUEST)
            await model.complete(REQUEST)
        assert len(endpoint.asked) == 4
        for asked in endpoint.asked[2:]:
            assert asked.body.keys() == {"model", "messages", "max_completion_tokens"}

    anyio.run(work)


def test_a_refused_parameter_that_cannot_be_left_out_is_a_refusal() -> None:
    async def work() -> None:
        async with endpoint_model(refusal(400, param="messages")) as (model, endpoint):
            with pytest.raises(ModelRefused):
                await model.complete(REQUEST)
        assert len(endpoint.asked) == 1

    anyio.run(work)


def test_the_chances_of_tokens_are_given_where_they_are_asked_for() -> None:
    async def work() -> None:
        answers = (
            completion("Hi.", logprobs=chances(("Hi", LIKELY), (".", None))),
            streamed("Hi", "Hi", likely=LIKELY),
            completion("Hi."),
        )
        async with endpoint_model(*answers) as (model, endpoint):
            whole = await model.complete(CHANCY)
            *_, last = [piece async for piece in model.stream(CHANCY)]
            plain = await model.complete(REQUEST)
        assert [token.text for token in whole.tokens] == ["Hi", "."]
        assert whole.tokens[0].chances == pytest.approx(LIKELY)
        assert whole.tokens[1].chances == {}
        assert isinstance(last, ModelReply)
        assert last.tokens == (whole.tokens[0], whole.tokens[0])
        assert plain.tokens == ()
        for asked in endpoint.asked[:2]:
            assert (asked.body["logprobs"], asked.body["top_logprobs"]) == (True, 2)
        assert not {"logprobs", "top_logprobs"} & endpoint.asked[2].body.keys()

    anyio.run(work)


@pytest.mark.parametrize("logprobs", [None, {"content": None}, {"tokens": ["Hi"]}, chances(("Hi", None), (".", {}))])
def test_an_endpoint_that_gives_no_alternatives_gives_no_tokens(logprobs: dict[str, object] | None) -> None:
    async def work() -> None:
        async with endpoint_model(completion("Hi.", logprobs=logprobs)) as (model, _):
            assert (await model.complete(CHANCY)).tokens == ()

    anyio.run(work)


@pytest.mark.parametrize(
    "refused",
    [
        refusal(400, param="logprobs"),
        refusal(400, param="top_logprobs"),
        refusal(403, "You are not allowed to request logprobs from this model"),
        refusal(422, "logprobs: extra field"),
    ],
)
def test_an_endpoint_that_refuses_chances_answers_without_them_from_then_on(refused: Answer) -> None:
    async def work() -> None:
        async with endpoint_model(refused, completion("Hi."), completion("Hi.")) as (model, endpoint):
            assert (await model.complete(CHANCY)).tokens == ()
            await model.complete(CHANCY)
        for asked in endpoint.asked[1:]:
            assert asked.body.keys() == {"model", "messages", "temperature", "max_tokens"}

    anyio.run(work)


def test_a_refusal_that_names_chances_though_none_were_asked_for_is_a_refusal() -> None:
    async def work() -> None:
        async with endpoint_model(refusal(403, "no logprobs")) as (model, endpoint):
            with pytest.raises(ModelRefused):
                await model.complete(REQUEST)
        assert len(endpoint.asked) == 1

    anyio.run(work)


def test_a_script_gives_the_tokens_that_it_was_given() -> None:
    async def work() -> None:
        reply = ModelReply(text="Hi", tokens=(Token(text="Hi", chances=LIKELY),))
        async with ScriptedModel([Step("greet", reply), Step("greet", reply)]) as model:
            assert (await model.complete(CHANCY)).tokens == reply.tokens
            assert (await everything(model))[-1] == reply

    anyio.run(work)
