"""A faulty model fails as it was told, and the same way for the same seed."""

from __future__ import annotations

import anyio
import pytest
from endpoint_models import REQUEST, Sleeps, everything, pieces_until_error

from fleet_runtime.errors import ModelError, ModelGarbled, ModelTimeout, ModelUnreachable
from fleet_runtime.messages import ModelReply, ToolCall
from fleet_runtime.testing import Fault, FaultyModel, ScriptedModel, Step

SCHEMA = {"type": "object", "properties": {"kind": {"type": "string"}}, "required": ["kind"]}
CALL = ToolCall(id="a", name="count", arguments='{"of": "nuts"}')


def faulty(*faults: Fault | None, gives: str | ToolCall = "Good morning.") -> tuple[FaultyModel, Sleeps]:
    """A model with these faults, in front of a patient script."""
    sleeps = Sleeps()
    return FaultyModel(ScriptedModel([Step("greet", gives)] * 9), faults, delay_seconds=2.0, sleep=sleeps), sleeps


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.BUSY, ModelUnreachable),
        (Fault.UNREACHABLE, ModelUnreachable),
        (Fault.TIMEOUT, ModelTimeout),
        (Fault.GARBLED, ModelGarbled),
        (Fault.TRUNCATED, ModelUnreachable),
    ],
)
def test_faults_that_raise(fault: Fault, error: type[ModelError], streamed: bool) -> None:  # noqa: FBT001
    async def work() -> None:
        model, _ = faulty(fault)
        if streamed:
            pieces, raised = await pieces_until_error(model)
            assert isinstance(raised, error)
            assert raised.hint
            assert pieces == (["Good m"] if fault is Fault.TRUNCATED else [])
        else:
            with pytest.raises(error):
                await model.complete(REQUEST)
        assert (await model.complete(REQUEST)).text == "Good morning.", "only what was told fails"
        assert model.injected == [fault, None]

    anyio.run(work)


def test_bad_answers() -> None:
    async def work() -> None:
        model, _ = faulty(Fault.EMPTY, Fault.EMPTY, Fault.WRONG_SCHEMA, Fault.WRONG_SCHEMA, Fault.WRONG_SCHEMA)
        asked = REQUEST.model_copy(update={"json_schema": SCHEMA})
        assert (await model.complete(REQUEST)).text == ""
        assert [piece async for piece in model.stream(REQUEST)][:-1] == []
        assert (await model.complete(asked)).text == '{"unexpected": true}'
        assert (await everything(model, asked))[0] == '{"unexpected": true}'
        assert (await model.complete(REQUEST)).text == "Good morning.", "no schema, nothing to break"

    anyio.run(work)


def test_bad_arguments() -> None:
    async def work() -> None:
        model, _ = faulty(Fault.BAD_ARGUMENTS, Fault.BAD_ARGUMENTS, gives=CALL)
        assert (await model.complete(REQUEST)).tool_calls[0].arguments == '{"of": "nuts"'
        last = [piece async for piece in model.stream(REQUEST)][-1]
        assert isinstance(last, ModelReply)
        assert last.tool_calls[0].arguments == '{"of": "nuts"'
        assert (await model.complete(REQUEST)).tool_calls == (CALL,)

    anyio.run(work)


def test_a_delay_is_waited_by_the_callers_clock() -> None:
    async def work() -> None:
        model, sleeps = faulty(Fault.DELAY, None)
        assert (await model.complete(REQUEST)).text == "Good morning."
        assert [piece async for piece in model.stream(REQUEST)][:2] == ["Good mo", "rning."]
        assert sleeps == [2.0]
        assert model.info.kind == "scripted"
        await model.close()

    anyio.run(work)


def test_chance_is_the_seeds() -> None:
    async def drawn(seed: int, share: float) -> list[Fault | None]:
        script = ScriptedModel([Step("greet", "Hi.")] * 200)
        model = FaultyModel.at_random(script, seed=seed, share=share, faults=(Fault.EMPTY, Fault.DELAY), sleep=Sleeps())
        for _ in range(200):
            await model.complete(REQUEST)
        return model.injected

    async def work() -> None:
        first = await drawn(1, 0.3)
        assert first == await drawn(1, 0.3)
        assert first != await drawn(2, 0.3)
        assert 30 < sum(fault is not None for fault in first) < 90
        assert set(first) == {None, Fault.EMPTY, Fault.DELAY}
        assert set(await drawn(1, 0.0)) == {None}

    anyio.run(work)
