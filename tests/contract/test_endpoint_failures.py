"""How the client for endpoints behaves when they fail: what is repeated, how patiently, and what is said."""

from __future__ import annotations

import anyio
import pytest
from endpoint_models import REQUEST, Sleeps, endpoint_model, everything, info_at, patience, pieces_until_error
from fake_endpoint import Answer, completion, garbage_event, in_bytes, late, refusal, reset, stall, streamed

from fleet_runtime.errors import ModelError, ModelGarbled, ModelRefused, ModelTimeout, ModelUnreachable
from fleet_runtime.messages import ModelReply, Usage
from fleet_runtime.models.openai_compatible import OpenAICompatibleModel


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (refusal(400), "setting model"),
        (refusal(401), "api_key"),
        (refusal(403), "api_key"),
        (refusal(404), "base_url"),
        (refusal(422), "setting model"),
        (refusal(429, code="insufficient_quota"), "credit"),
    ],
)
def test_a_refusal_is_never_repeated_and_names_the_setting(answer: Answer, hint: str) -> None:
    async def work() -> None:
        async with endpoint_model(answer) as (model, endpoint):
            with pytest.raises(ModelRefused) as caught:
                await model.complete(REQUEST)
        assert hint in caught.value.hint
        assert caught.value.__cause__ is not None
        assert len(endpoint.asked) == 1

    anyio.run(work)


@pytest.mark.parametrize("passing", [refusal(408), refusal(409), refusal(429), refusal(500), refusal(503), reset()])
def test_what_may_pass_is_repeated(passing: Answer) -> None:
    async def work() -> None:
        sleeps = Sleeps()
        async with endpoint_model(passing, passing, completion("Hi."), retry=patience(sleeps)) as (model, endpoint):
            reply = await model.complete(REQUEST)
        assert reply.text == "Hi."
        assert len(endpoint.asked) == 3
        assert sleeps == [0.5, 1.0]

    anyio.run(work)


@pytest.mark.parametrize(
    ("asked", "waited"),
    [
        ("3", 3.0),
        ("0", 0.0),
        ("3600", 20.0),
        ("Sun, 01 Mar 2026 12:00:07 GMT", 7.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("soon", 0.5),
    ],
)
def test_retry_after_is_honoured_up_to_a_cap(asked: str, waited: float) -> None:
    async def work() -> None:
        sleeps = Sleeps()
        answers = refusal(429, retry_after=asked), completion("Hi.")
        async with endpoint_model(*answers, retry=patience(sleeps)) as (model, _):
            await model.complete(REQUEST)
        assert sleeps == [waited]

    anyio.run(work)


def test_the_attempts_are_bounded() -> None:
    async def work() -> None:
        async with endpoint_model(*[refusal(500)] * 5) as (model, endpoint):
            with pytest.raises(ModelUnreachable, match="500"):
                await model.complete(REQUEST)
        assert len(endpoint.asked) == 3

    anyio.run(work)


def test_no_wait_is_begun_that_would_pass_the_total_time() -> None:
    async def work() -> None:
        sleeps = Sleeps()
        retry = patience(sleeps, attempts=9, total_seconds=1.0)
        async with endpoint_model(refusal(429, retry_after="15"), retry=retry) as (model, _):
            with pytest.raises(ModelUnreachable):
                await model.complete(REQUEST)
        assert sleeps == []

    anyio.run(work)


def test_silence_is_a_timeout() -> None:
    async def work() -> None:
        sleeps = Sleeps()
        async with endpoint_model(stall(), stall(), retry=patience(sleeps, attempts=2), seconds=0.4) as (model, _):
            with pytest.raises(ModelTimeout) as caught:
                await model.complete(REQUEST)
        assert "model_timeout_seconds" in caught.value.hint
        assert len(sleeps) == 1, "one wait between two attempts"

    anyio.run(work)


def test_a_requests_own_time_goes_before() -> None:
    async def work() -> None:
        async with endpoint_model(stall(), retry=patience(Sleeps(), attempts=1), seconds=30) as (model, _):
            with pytest.raises(ModelTimeout), anyio.fail_after(2):
                await model.complete(REQUEST.model_copy(update={"timeout_seconds": 0.1}))

    anyio.run(work)


def test_one_attempt_has_its_time_however_short_all_together_may_be() -> None:
    async def work() -> None:
        retry = patience(Sleeps(), attempts=1, total_seconds=0.05)
        async with endpoint_model(late(0.2, completion("Hi.")), retry=retry) as (model, _):
            assert (await model.complete(REQUEST)).text == "Hi."

    anyio.run(work)


def test_a_long_time_of_the_requests_own_leaves_room_for_attempts() -> None:
    async def work() -> None:
        request = REQUEST.model_copy(update={"timeout_seconds": 30.0})
        async with endpoint_model(stall(), completion("Hi."), seconds=0.3) as (model, endpoint):
            with anyio.fail_after(3):
                assert (await model.complete(request)).text == "Hi."
        assert len(endpoint.asked) == 2

    anyio.run(work)


def test_a_requests_own_time_is_for_all_attempts() -> None:
    async def work() -> None:
        sleeps = Sleeps()
        async with endpoint_model(refusal(500), stall(), stall(), retry=patience(sleeps), seconds=30) as (
            model,
            endpoint,
        ):
            with pytest.raises(ModelTimeout), anyio.fail_after(2):
                await model.complete(REQUEST.model_copy(update={"timeout_seconds": 0.6}))
        assert len(endpoint.asked) == 2

    anyio.run(work)


def test_a_requests_own_time_is_for_all_pieces_of_a_stream() -> None:
    async def work() -> None:
        request = REQUEST.model_copy(update={"timeout_seconds": 0.3})
        async with endpoint_model(streamed("a", "b", "c", "d", pause=0.12), seconds=30) as (model, _):
            pieces, error = await pieces_until_error(model, request)
        assert isinstance(error, ModelTimeout)
        assert 0 < len(pieces) < 4

    anyio.run(work)


def test_comments_do_not_keep_a_silent_stream_waiting() -> None:
    async def work() -> None:
        said = b'data: {"choices": [{"delta": {"content": "Go"}}]}\n\n'
        answer = in_bytes(said, *[b": still here\n\n"] * 20, pause=0.05)
        async with endpoint_model(answer, seconds=0.3) as (model, _):
            pieces, error = await pieces_until_error(model)
        assert pieces == ["Go"]
        assert isinstance(error, ModelTimeout)

    anyio.run(work)


def test_nothing_there_is_unreachable() -> None:
    async def work() -> None:
        async with endpoint_model() as (_, endpoint):
            base_url = endpoint.base_url
        model = OpenAICompatibleModel(info_at(base_url), retry=patience(Sleeps(), attempts=2))
        with pytest.raises(ModelUnreachable) as caught:
            await model.complete(REQUEST)
        await model.close()
        assert "base_url" in caught.value.hint

    anyio.run(work)


def test_a_stream_is_repeated_only_before_its_first_piece() -> None:
    async def work() -> None:
        async with endpoint_model(refusal(500), reset(), streamed("Hi", ".")) as (model, endpoint):
            pieces = await everything(model)
        assert pieces[:2] == ["Hi", "."]
        last = pieces[-1]
        assert isinstance(last, ModelReply)
        assert last.usage == Usage(prompt_tokens=20, cached_tokens=15, completion_tokens=4, calls=1)
        assert len(endpoint.asked) == 3
        assert endpoint.asked[-1].body["stream_options"] == {"include_usage": True}

    anyio.run(work)


@pytest.mark.parametrize(
    ("then", "error"),
    [(reset(), ModelUnreachable), (stall(), ModelTimeout), (garbage_event(), ModelGarbled), (None, ModelUnreachable)],
)
def test_a_stream_that_breaks_off_is_an_error_and_not_repeated(then: Answer | None, error: type[ModelError]) -> None:
    async def work() -> None:
        answers = streamed("Good ", "morning", finish=None, then=then), completion("never asked for")
        async with endpoint_model(*answers, seconds=0.3) as (model, endpoint):
            pieces, raised = await pieces_until_error(model)
        assert pieces == ["Good ", "morning"]
        assert isinstance(raised, error)
        assert len(endpoint.asked) == 1

    anyio.run(work)
