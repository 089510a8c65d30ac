"""Which errors move on to the next model, what a stream may still do, hedging, and how settings name the models."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

import anyio
import httpx2
import openai
import pytest
from endpoint_models import REQUEST, everything, pieces_until_error
from fake_endpoint import completion, fake_endpoint, refusal

from fleet_runtime.errors import (
    FleetError,
    ModelError,
    ModelGarbled,
    ModelRefused,
    ModelTimeout,
    ModelUnreachable,
    SettingError,
)
from fleet_runtime.messages import ModelInfo, ModelReply, ModelRequest, Usage
from fleet_runtime.models.breaker import Breaker
from fleet_runtime.models.fallback import Fallback, moves_on
from fleet_runtime.models.resolve import resolve_model
from fleet_runtime.ports import ModelClient
from fleet_runtime.settings import Settings
from fleet_runtime.testing import ScriptedModel, Step

GONE = ModelUnreachable("nothing answers", hint="look")
SILENT = ModelTimeout("no answer", hint="wait")
GARBLED = ModelGarbled("hm", hint="try again")
REFUSED = ModelRefused("bad request", hint="ask for less")


def refused(status: int, code: str | None = None) -> ModelRefused:
    """A refusal as an endpoint gives it."""
    response = httpx2.Response(status, request=httpx2.Request("POST", "http://127.0.0.1/v1"))
    error = ModelRefused(f"{status}", hint="look")
    error.__cause__ = openai.APIStatusError("no", response=response, body={"code": code})
    return error


def script(*gives: str | FleetError, breaks_after: int = 0) -> ScriptedModel:
    """A model that gives these."""
    return ScriptedModel([Step("greet", one, breaks_after) for one in gives])


@pytest.mark.parametrize(
    ("error", "moves"),
    [
        (GONE, True),
        (SILENT, True),
        (GARBLED, True),
        (REFUSED, False),
        (refused(400), False),
        (refused(401), True),
        (refused(403), True),
        (refused(404), True),
        (refused(429, "insufficient_quota"), True),
        (ModelError("?", hint="?"), False),
    ],
)
def test_what_moves_on(error: ModelError, moves: bool) -> None:  # noqa: FBT001 - a parameter
    assert moves_on(error) is moves

    async def work() -> None:
        second = script("Hi.")
        model = Fallback([script(error), second])
        if moves:
            assert (await model.complete(REQUEST)).text == "Hi."
        else:
            with pytest.raises(type(error)):
                await model.complete(REQUEST)
        assert len(second.calls) == moves

    anyio.run(work)


@pytest.mark.parametrize("streamed", [False, True])
def test_if_none_answers_the_error_is_of_the_firsts_kind_and_tells_all(streamed: bool) -> None:  # noqa: FBT001
    async def work() -> None:
        model = Fallback([script(SILENT), script(GONE), script(REFUSED), script("never asked")])
        with pytest.raises(
            ModelTimeout, match=r"none of 3 models answered: no answer; then nothing.*; then bad"
        ) as caught:
            await (everything(model) if streamed else model.complete(REQUEST))
        assert caught.value.__cause__ is SILENT
        assert caught.value.hint == SILENT.hint

    anyio.run(work)


def test_the_only_models_error_comes_as_it_is() -> None:
    async def work() -> None:
        with pytest.raises(ModelUnreachable) as caught:
            await Fallback([script(GONE)]).complete(REQUEST)
        assert caught.value is GONE

    anyio.run(work)


def test_a_stream_falls_back_only_before_its_first_piece() -> None:
    async def work() -> None:
        pieces = await everything(Fallback([script(GONE), script("Good morning.")]))
        assert isinstance(pieces[-1], ModelReply)
        assert "".join(str(piece) for piece in pieces[:-1]) == "Good morning."
        second = script("never asked")
        given, error = await pieces_until_error(Fallback([script(GONE, breaks_after=1), second]))
        assert len(given) == 1
        assert error is GONE
        assert second.calls == []

    anyio.run(work)


def test_an_open_breaker_moves_on_at_once() -> None:
    async def work() -> None:
        first = script(GONE, "never asked")
        model = Fallback([Breaker(first, failures=1, seconds=60.0), script("One.", "Two.")])
        assert (await model.complete(REQUEST)).text == "One."
        assert (await model.complete(REQUEST)).text == "Two."
        assert len(first.calls) == 1

    anyio.run(work)


def test_the_requests_time_is_for_all_the_models() -> None:
    async def work() -> None:
        last = script("Hi.")
        model = Fallback([script(GONE), last])
        await model.complete(REQUEST.model_copy(update={"timeout_seconds": 5.0}))
        left = last.calls[0].timeout_seconds
        assert left is not None
        assert 0 < left < 5.0
        late = Fallback([Slow(0.05, GONE), script("never asked")])
        with pytest.raises(ModelUnreachable):
            await late.complete(REQUEST.model_copy(update={"timeout_seconds": 0.01}))

    anyio.run(work)


class Slow:
    """A model that takes its time; notes whether it was cancelled, and what it was closed for."""

    def __init__(self, seconds: float, gives: str | ModelError) -> None:
        self._seconds = seconds
        self._gives = gives
        self.asked = 0
        self.cancelled = False
        self.closed = False

    @property
    def info(self) -> ModelInfo:
        return ModelInfo(name="slow", kind="scripted", description="slow", reason="test", voice="free")

    async def complete(self, request: ModelRequest) -> ModelReply:
        self.asked += 1
        try:
            await anyio.sleep(self._seconds)
        except anyio.get_cancelled_exc_class():
            self.cancelled = True
            raise
        if isinstance(self._gives, ModelError):
            raise self._gives
        return ModelReply(text=self._gives, usage=Usage(prompt_tokens=1, calls=1), model=request.task)

    async def stream(self, request: ModelRequest) -> AsyncGenerator[str | ModelReply]:
        yield await self.complete(request)

    async def close(self) -> None:
        self.closed = True


async def hedged(models: Sequence[ModelClient], *, seconds: float = 0.02) -> ModelReply:
    """Ask with hedging, within a second."""
    with anyio.fail_after(1):
        return await Fallback(models, hedge_seconds=seconds).complete(REQUEST)


def test_the_next_is_asked_when_the_first_is_silent_and_the_slower_is_cancelled() -> None:
    async def work() -> None:
        first, second, third = Slow(30.0, "first"), Slow(0.0, "second"), Slow(0.0, "third")
        reply = await hedged([first, second, third])
        assert reply.text == "second"
        assert reply.usage == Usage(prompt_tokens=1, calls=2)
        assert first.cancelled
        assert third.asked == 0

    anyio.run(work)


def test_a_quick_first_is_alone() -> None:
    async def work() -> None:
        second = Slow(0.0, "second")
        assert (await hedged([Slow(0.0, "first"), second], seconds=0.5)).text == "first"
        assert second.asked == 0

    anyio.run(work)


def test_a_failing_first_does_not_wait_for_the_hedge() -> None:
    async def work() -> None:
        reply = await hedged([script(GONE), Slow(0.0, "second")], seconds=60.0)
        assert reply.text == "second"

    anyio.run(work)


def test_the_slow_first_may_still_win_over_a_second_that_fails() -> None:
    async def work() -> None:
        assert (await hedged([Slow(0.1, "first"), Slow(0.0, GONE)])).text == "first"

    anyio.run(work)


def test_hedged_models_that_all_fail_are_told_together() -> None:
    async def work() -> None:
        with pytest.raises(ModelTimeout, match="none of 2 models"):
            await hedged([Slow(0.05, SILENT), Slow(0.06, GONE)])
        second = Slow(0.0, "never asked")
        with pytest.raises(ModelRefused):
            await hedged([script(REFUSED), second])
        assert second.asked == 0

    anyio.run(work)


def test_a_cancelled_race_cancels_its_requests() -> None:
    async def work() -> None:
        first, second = Slow(30.0, "first"), Slow(30.0, "second")
        with anyio.move_on_after(0.08):
            await Fallback([first, second], hedge_seconds=0.01).complete(REQUEST)
        assert first.cancelled
        assert second.cancelled

    anyio.run(work)


def test_info_is_the_firsts_and_all_are_closed() -> None:
    async def work() -> None:
        models = Slow(0.0, "first"), Slow(0.0, "second")
        model = Fallback(models)
        assert model.info == models[0].info
        await model.close()
        assert all(one.closed for one in models)

    anyio.run(work)


def test_settings_name_models_at_the_same_endpoint_and_elsewhere(tmp_path: Path) -> None:
    async def work() -> None:
        async with (
            fake_endpoint(refusal(404), refusal(404)) as here,
            fake_endpoint(completion("Good morning.")) as there,
        ):
            settings = Settings(
                model="big",
                base_url=here.base_url,
                api_key="key-1",
                fallback_models=("small", f"other@{there.base_url}/"),
            )
            model = await resolve_model(settings, environment={}, cache=tmp_path)
            assert model is not None
            reply = await model.complete(REQUEST)
            assert model.info.name == "big"
            await model.close()
        assert reply.text == "Good morning."
        assert [asked.body["model"] for asked in (*here.asked, *there.asked)] == ["big", "small", "other"]
        assert [asked.headers["authorization"] for asked in here.asked] == ["Bearer key-1"] * 2
        assert "key-1" not in there.asked[0].headers["authorization"], "a key goes to its own endpoint only"

    anyio.run(work)


@pytest.mark.parametrize("given", ["", "auto", "embedded", "@http://127.0.0.1/v1"])
def test_a_fallback_without_a_name_is_a_setting_error(given: str, tmp_path: Path) -> None:
    async def work() -> None:
        settings = Settings(model="big", base_url="http://127.0.0.1:9/v1", fallback_models=(given,))
        with pytest.raises(SettingError, match="fallback_models"):
            await resolve_model(settings, environment={}, cache=tmp_path)

    anyio.run(work)
