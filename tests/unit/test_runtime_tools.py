"""Tools in a turn: what a role may use, what the model is told, and that no effect is lost or doubled."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from told import Given, ToldModel
from turning import calls

from fleet_runtime import Fleet, Settings, tool
from fleet_runtime.errors import ModelUnreachable
from fleet_runtime.ports import Tool
from fleet_runtime.records import Step, ToolContext

pytestmark = pytest.mark.anyio

DOWN = ModelUnreachable("nothing answers", hint="start it")
HOST = "inn-host"
CONTRACT = """# Inn Host — fleet role definition

The **inn-host** keeps the guests of an inn (`class: inn-host`, `domain: inn`).

## Mandate
1. **Keep guests** — answer what they ask about rooms
## Boundaries
- **Does NOT cook** — the kitchen does.
## Persona
Plain and warm.
## Tools
{tools}
"""


class Bell:
    """A bell with a ledger: who rang it, and under which key."""

    def __init__(self) -> None:
        self.rung: list[str] = []
        self.under_way = 0
        self.most = 0

    def tools(self) -> list[Tool]:
        """Make the tools that ring it."""

        @tool
        async def ring(times: int, context: ToolContext) -> str:
            """Ring the bell.

            Args:
                times: how often.
            """
            self.under_way += 1
            self.most = max(self.most, self.under_way)
            await anyio.sleep(0.01)
            self.under_way -= 1
            self.rung.append(context.idempotency_key)
            return f"rang {times} times"

        @tool(timeout_seconds=0.05)
        async def sleep() -> str:
            """Sleep too long."""
            await anyio.sleep(5)
            return "slept"

        @tool(repeatable=False)
        def pay(amount: int, context: ToolContext) -> str:
            """Pay once."""
            self.rung.append(context.idempotency_key)
            return f"paid {amount}"

        return [ring, sleep, pay]


@asynccontextmanager
async def inn(
    model: ToldModel, folder: Path, *, bell: Bell, allowed: str = "- ring\n- sleep\n- pay", **settings: Any
) -> AsyncGenerator[Fleet]:
    """Open an inn with one role, whose contract allows the tools."""
    roles, profiles = folder / "roles", folder / "profiles"
    roles.mkdir(exist_ok=True)
    profiles.mkdir(exist_ok=True)
    (roles / f"{HOST}.md").write_text(CONTRACT.format(tools=allowed), encoding="utf-8")
    profile = f"id: inn\ntitle: Inn\nlead: {HOST}\nroster:\n  - class: {HOST}\n"
    (profiles / "inn.yaml").write_text(profile, encoding="utf-8")
    chosen = {
        "database": "none", "embeddings": "none", "profile": "inn", "roles": str(roles), "profiles": str(profiles),
        "lease_seconds": 1.0, **settings,
    }  # fmt: skip
    async with Fleet.open(settings=Settings.model_validate(chosen), model=model, tools=bell.tools()) as fleet:
        yield fleet


async def test_a_tool_is_used_and_its_result_answers(tmp_path: Path) -> None:
    bell, model = Bell(), ToldModel("free", {"reply": [calls(("ring", {"times": 3})), "I rang 3 times."]})
    async with inn(model, tmp_path, bell=bell) as fleet:
        reply = await (await fleet.spawn(HOST, account="a")).ask("Please ring.", turn_id="t1")
    assert reply.text == "I rang 3 times."
    assert [(use.name, use.result, use.failed) for use in reply.tools] == [("ring", "rang 3 times", False)]
    assert bell.rung == ["t1:1:0"]
    first, second = (call.messages for call in model.calls)
    assert [spec.name for spec in model.calls[0].tools] == ["ring", "sleep", "pay"]
    assert second[: len(first)] == first
    assert [(message.role, message.content) for message in second[len(first) :]] == [
        ("assistant", ""), ("tool", "rang 3 times"),
    ]  # fmt: skip
    assert reply.usage.calls == 2


async def test_independent_calls_run_at_once_and_are_answered_in_their_order(tmp_path: Path) -> None:
    bell = Bell()
    wanted = calls(("ring", {"times": 1}), ("ring", {"times": 2}), ("ring", {"times": "x"}))
    model = ToldModel("free", {"reply": [wanted, "Done."]})
    async with inn(model, tmp_path, bell=bell) as fleet:
        reply = await (await fleet.spawn(HOST, account="a")).ask("Ring.", turn_id="t1")
    assert bell.most == 2
    told = [message.content for message in model.calls[1].messages if message.role == "tool"]
    assert told[:2] == ["rang 1 times", "rang 2 times"]
    assert "times" in told[2]
    assert sorted(use.failed for use in reply.tools) == [False, False, True]


@pytest.mark.parametrize(
    ("allowed", "granted", "wanted", "told"),
    [
        ("- ring", None, "sleep", "There is no tool 'sleep' for you; you have: ring"),
        ("- ring\n- sleep", ["ring"], "sleep", "you have: ring"),
        ("- ring", [], "ring", "you have: none"),
        ("- sleep", None, "sleep", "no answer within 0.05 seconds"),
        ("- r*", None, "fly", "There is no tool 'fly'"),
    ],
)
async def test_what_may_not_be_used_or_fails_is_told_as_data(
    tmp_path: Path, allowed: str, granted: list[str] | None, wanted: str, told: str
) -> None:
    bell, model = Bell(), ToldModel("free", {"reply": [calls((wanted, {})), "I could not do it."]})
    async with inn(model, tmp_path, bell=bell, allowed=allowed) as fleet:
        reply = await (await fleet.spawn(HOST, account="a")).ask("Please.", tools=granted)
    assert told in model.calls[1].messages[-1].content
    assert reply.tools[0].failed
    assert bell.rung == []


async def test_a_model_that_never_stops_calling_gets_no_more_tools(tmp_path: Path) -> None:
    bell = Bell()
    model = ToldModel("free", {"reply": [calls(("ring", {"times": 1}))] * 4})
    async with inn(model, tmp_path, bell=bell, tool_rounds=2) as fleet:
        reply = await (await fleet.spawn(HOST, account="a")).ask("Ring.")
    assert len(bell.rung) == 2
    assert [bool(call.tools) for call in model.calls] == [True, True, False, False]
    assert reply.parts[-1].kind == "composed"


async def test_a_turn_that_failed_after_its_tools_goes_on_after_them(tmp_path: Path) -> None:
    """The model is asked again, and no tool is."""
    bell = Bell()
    model = ToldModel("free", {"reply": [calls(("ring", {"times": 3})), DOWN, "I rang 3 times."]})
    async with inn(model, tmp_path, bell=bell, database=str(tmp_path / "f.db")) as fleet:
        agent = await fleet.spawn(HOST, account="a")
        with pytest.raises(ModelUnreachable):
            await agent.ask("Ring.", turn_id="t1")
        reply = await agent.ask("Ring.", turn_id="t1")
    assert reply.text == "I rang 3 times."
    assert bell.rung == ["t1:1:0"]
    assert [message.content for message in model.calls[2].messages if message.role == "tool"] == ["rang 3 times"]


@pytest.mark.parametrize(("name", "arguments", "rung"), [("ring", {"times": 2}, 1), ("pay", {"amount": 2}, 0)])
async def test_a_round_that_a_crash_cut_off_is_completed_under_the_same_keys(
    tmp_path: Path, name: str, arguments: dict[str, object], rung: int
) -> None:
    """What may be repeated is; the rest is told to have been interrupted."""
    bell = Bell()
    model = ToldModel("free", {"reply": [calls((name, arguments)), "Done."]})
    async with inn(model, tmp_path, bell=bell) as fleet:
        agent = await fleet.spawn(HOST, account="a")
        turn = await agent.accept("Ring.", turn_id="t1")
        first = calls((name, arguments))
        step = Step(number=1, role=HOST, calls=first.tool_calls)
        await fleet._desk.store.put_step(turn.key, turn.id, step)
        model._answers["reply"].popleft()
        reply = await agent.answer(turn)
        steps = await fleet._desk.store.steps(turn.key, turn.id)
    assert bell.rung == ["t1:1:0"] * rung
    assert [len(one.results) for one in steps] == [1]
    assert ("interrupted" in steps[0].results[0].text) == (rung == 0)
    assert reply.text == "Done."


async def test_a_streamed_turn_tells_of_its_tools(tmp_path: Path) -> None:
    bell = Bell()
    model = ToldModel("free", {"reply": [calls(("ring", {"times": 3}), said=""), "I rang 3 times."]})
    async with inn(model, tmp_path, bell=bell) as fleet:
        agent = await fleet.spawn(HOST, account="a")
        kinds = [signal.kind async for signal in agent.stream("Ring.")]
    told = [kind for kind in kinds if kind in {"began", "decision", "tool_call", "tool_result", "token", "done"}]
    assert told == ["began", "decision", "tool_call", "tool_result", "token", "done"]


async def test_a_model_that_is_assisted_looks_things_up_and_the_runtime_says_what_was_found(tmp_path: Path) -> None:
    bell = Bell()
    answers: dict[str, list[Given]] = {
        "look_up": [calls(("ring", {"times": 3})), "none"],
        "classify": ["asks_record"],
        "answer": ["It rang 4 times."],
    }
    model = ToldModel("assisted", answers)
    async with inn(model, tmp_path, bell=bell) as fleet:
        reply = await (await fleet.spawn(HOST, account="a")).ask("What does the bell say?", turn_id="t1")
    assert bell.rung == ["t1:1:0"]
    assert "rang 3 times" in reply.text.lower()
    assert "4 times" not in reply.text
    assert [use.result for use in reply.tools] == ["rang 3 times"]
    first, second = (call for call in model.calls if call.task == "look_up")
    assert [spec.name for spec in first.tools] == ["ring", "sleep", "pay"]
    assert [message.role for message in second.messages[len(first.messages) :]] == ["assistant", "tool"]
