"""When a breaker lets requests through, and what closes it again."""

from __future__ import annotations

import anyio
import pytest
from endpoint_models import REQUEST, pieces_until_error
from hypothesis import given
from hypothesis import strategies as st

from fleet_runtime.errors import FleetError, ModelError, ModelGarbled, ModelRefused, ModelTimeout, ModelUnreachable
from fleet_runtime.models.breaker import Breaker
from fleet_runtime.testing import ScriptedModel, Step

GONE = ModelUnreachable("nothing answers", hint="look")
SILENT = ModelTimeout("no answer", hint="wait")
REFUSED = ModelRefused("no", hint="check the key")
GARBLED = ModelGarbled("hm", hint="try again")


class Hand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def breaker(*gives: str | FleetError, breaks_after: int = 0) -> tuple[Breaker, ScriptedModel, Hand]:
    """A breaker that opens after two failures for ten seconds, around a script."""
    model, clock = ScriptedModel([Step("greet", one, breaks_after) for one in gives]), Hand()
    return Breaker(model, failures=2, seconds=10.0, clock=clock), model, clock


def stands(model: Breaker) -> str:
    """Say how the circuit stands."""
    return model.circuit.value


async def asked(model: Breaker, *, streamed: bool = False) -> str:
    """Ask once, and say what came of it: the text, or the error's code."""
    try:
        if not streamed:
            return (await model.complete(REQUEST)).text
        return "".join([piece async for piece in model.stream(REQUEST) if isinstance(piece, str)])
    except ModelError as error:
        return error.code


@pytest.mark.parametrize("streamed", [False, True])
def test_after_some_failures_in_a_row_nothing_is_asked(streamed: bool) -> None:  # noqa: FBT001 - a parameter
    async def work() -> None:
        model, script, clock = breaker(GONE, SILENT, "Hi.")
        assert stands(model) == "closed"
        assert await asked(model, streamed=streamed) == "model-unreachable"
        assert await asked(model, streamed=streamed) == "model-timeout"
        assert stands(model) == "open"
        clock.seconds = 4.0
        with pytest.raises(ModelUnreachable, match="failed 2 times in a row; it is tried again in 6 seconds") as caught:
            await model.complete(REQUEST)
        assert "fallback_models" in caught.value.hint
        assert len(script.calls) == 2
        clock.seconds = 10.0
        assert stands(model) == "half-open"
        assert await asked(model, streamed=streamed) == "Hi."
        assert stands(model) == "closed"

    anyio.run(work)


def test_a_trial_that_fails_keeps_it_open_for_as_long_again() -> None:
    async def work() -> None:
        model, script, clock = breaker(GONE, GONE, GONE, "Hi.")
        for _ in range(2):
            await asked(model)
        clock.seconds = 10.0
        assert await asked(model) == "model-unreachable"
        clock.seconds = 19.0
        assert stands(model) == "open"
        clock.seconds = 20.0
        assert await asked(model) == "Hi."
        script.assert_done()

    anyio.run(work)


def test_one_trial_at_a_time_and_a_cancelled_one_proves_nothing() -> None:
    class Slow(ScriptedModel):
        """Never answers its third request."""

        async def complete(self, request):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202 - as its base
            if len(self.calls) == 2:
                self.calls.append(request)
                await anyio.sleep_forever()
            return await super().complete(request)

    async def work() -> None:
        script, clock = Slow([Step("greet", GONE), Step("greet", GONE), Step("greet", "Hi.")]), Hand()
        model = Breaker(script, failures=2, seconds=10.0, clock=clock)
        for _ in range(2):
            await asked(model)
        clock.seconds = 10.0
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(asked, model)
            await anyio.wait_all_tasks_blocked()
            with pytest.raises(ModelUnreachable, match="being tried by another request"):
                await model.complete(REQUEST)
            tasks.cancel_scope.cancel()
        assert stands(model) == "half-open"
        assert await asked(model) == "Hi."

    anyio.run(work)


@given(st.lists(st.sampled_from(["Hi.", GONE, SILENT, REFUSED, GARBLED])))
def test_it_is_open_exactly_when_the_last_answers_were_failures(gives: list[str | FleetError]) -> None:
    async def work() -> None:
        model, script, _ = breaker(*gives)
        failed = 0
        for given_next in gives:
            assert (stands(model) == "open") == (failed >= 2)
            if failed >= 2:
                before = len(script.calls)
                assert await asked(model) == "model-unreachable"
                assert len(script.calls) == before
                return
            await asked(model)
            failed = failed + 1 if given_next in (GONE, SILENT) else 0

    anyio.run(work)


def test_streams_that_break_off_count() -> None:
    async def work() -> None:
        model, _, _ = breaker(GONE, GONE, breaks_after=1)
        for _ in range(2):
            pieces, error = await pieces_until_error(model)
            assert (len(pieces), error) == (1, GONE)
        assert stands(model) == "open"

    anyio.run(work)


def test_a_stream_that_is_left_early_ends_the_trial_and_the_models_stream() -> None:
    async def work() -> None:
        model, _, clock = breaker(GONE, GONE, "Good morning.", "Hi.")
        for _ in range(2):
            await asked(model)
        clock.seconds = 10.0
        stream = model.stream(REQUEST)
        await anext(stream)
        await stream.aclose()
        assert stands(model) == "half-open"
        assert await asked(model) == "Hi."
        assert model.info.kind == "scripted"
        await model.close()

    anyio.run(work)
