"""The switch in turns: off, nothing new is begun within a second, in any fleet on the store; what came is kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import anyio
import pytest
from guesthouse import COOK, HOST, HOUSE, Post, Speaker, heard, open_house, until_answered
from open_fleets import state_of
from turning import calls, hand_off

from fleet_runtime import Fleet, tool
from fleet_runtime.errors import Paused
from fleet_runtime.messages import ModelReply, ModelRequest
from fleet_runtime.ports import Tool
from fleet_runtime.records import ToolContext
from fleet_runtime.signals import Signal, TurnFailed

pytestmark = pytest.mark.anyio

STAFF = {
    **HOUSE,
    HOST: Post("Keep guests", "cook meals", COOK, ("ring", "refund")),
    COOK: Post("Cook meals", "rent rooms to guests", HOST, ("ring",)),
}
NOTICED = 0.3
"""Seconds after which a fleet has noticed that the switch was turned off elsewhere."""


class Bell:
    """A bell with a ledger; while it is rung something may happen."""

    def __init__(self) -> None:
        self.rung: list[str] = []
        self.meanwhile: list[Callable[[], object]] = []

    def tools(self) -> list[Tool]:
        """Make the tools of the house."""

        @tool
        async def ring(context: ToolContext) -> str:
            """Ring the bell."""
            self.rung.append(context.idempotency_key)
            if self.meanwhile:
                await self.meanwhile.pop()()  # type: ignore[misc] # a coroutine function
            return "rung"

        @tool(needs_approval=True)
        def refund(context: ToolContext) -> str:
            """Pay money back."""
            self.rung.append(context.idempotency_key)
            return "paid back"

        return [ring, refund]


async def off(fleet: Fleet) -> None:
    """Turn the switch off elsewhere, and wait until it is noticed here."""
    await fleet.pause(by="Dana", reason="a wrong price is out")
    await anyio.sleep(NOTICED)


async def test_off_in_one_fleet_nothing_begins_in_another_within_a_second(tmp_path: Path) -> None:
    database = str(tmp_path / "f.db")
    model = Speaker("free", {"reply": ["Good day.", "Good evening.", "Good night."]})
    async with (
        open_house(model, tmp_path, database=database) as here,
        open_house(model, tmp_path, database=database) as elsewhere,
    ):
        agent = await here.spawn(HOST, account="a")
        await agent.ask("Hm, well.")
        await off(elsewhere)
        with pytest.raises(Paused, match="by Dana: a wrong price is out"):
            await agent.ask("And now?", turn_id="t2")
        with pytest.raises(Paused):
            await here.dispatch("And now?", account="b", turn_id="t3")
        assert len(model.calls) == 1
        assert [turn.state for turn in (await state_of(here, "a")).turns] == ["done", "accepted"]
        paused = await here.paused()
        assert paused is not None
        assert (paused.by, paused.reason) == ("Dana", "a wrong price is out")
        await here.resume()
        assert await here.paused() is None
        assert (await agent.ask("And now?", turn_id="t2")).text.startswith("Good")
        assert (await here.dispatch("And now?", account="b", turn_id="t3")).text.startswith("Good")
    assert model.left() == {}


async def test_on_again_what_was_accepted_is_answered_unasked_and_once(tmp_path: Path) -> None:
    model = Speaker("free", {"reply": [f"Answer {number}." for number in range(3)]})
    async with open_house(model, tmp_path) as fleet:
        agent = await fleet.spawn(HOST, account="a")
        await fleet.pause()
        for number in range(3):
            with pytest.raises(Paused):
                await agent.ask(f"Message {number}", turn_id=f"t{number}")
        await fleet.resume()
        assert await until_answered(fleet, "a", 3) == [f"Answer {number}." for number in range(3)]
        assert (await agent.ask("Message 1", turn_id="t1")).text == "Answer 1."
    assert len(model.calls) == 3


async def test_what_was_accepted_while_off_is_answered_by_the_next_fleet_that_opens_with_it_on(tmp_path: Path) -> None:
    database = str(tmp_path / "f.db")
    model = Speaker("free", {"reply": ["Good day."]})
    async with open_house(model, tmp_path, database=database) as fleet:
        await fleet.pause()
        with pytest.raises(Paused):
            await (await fleet.spawn(HOST, account="a")).ask("Hm, well.", turn_id="t1")
    async with open_house(model, tmp_path, database=database) as fleet:
        await anyio.sleep(0.1)
        assert [turn.state for turn in (await state_of(fleet, "a")).turns] == ["accepted"]
        assert model.calls == []
        await fleet.resume()
        assert await until_answered(fleet, "a", 1) == ["Good day."]


@pytest.mark.parametrize("streamed", [False, True])
async def test_off_while_a_tool_runs_no_model_is_asked_after_it_and_the_tool_is_not_run_again(
    tmp_path: Path, *, streamed: bool
) -> None:
    bell, database = Bell(), str(tmp_path / "f.db")
    told: list[Signal] = []
    model = Speaker("free", {"reply": [calls(("ring", {})), "It is rung."]})
    async with (
        open_house(model, tmp_path, house=STAFF, tools=bell.tools(), database=database, listen=told.append) as here,
        open_house(None, tmp_path, house=STAFF, database=database) as elsewhere,
    ):
        bell.meanwhile.append(lambda: off(elsewhere))
        agent = await here.spawn(HOST, account="a")
        with pytest.raises(Paused):
            await (
                heard(agent.stream("Ring, please.", turn_id="t1"))
                if streamed
                else agent.ask("Ring, please.", turn_id="t1")
            )
        assert isinstance(told[-1], TurnFailed)
        assert told[-1].code == "paused"
        assert len(model.calls) == 1
        await here.resume()
        reply = await agent.ask("Ring, please.", turn_id="t1")
    assert reply.text == "It is rung."
    assert bell.rung == ["t1:1:0"]
    assert [use.id for use in reply.tools] == ["t1:1:0"]


async def test_off_while_a_model_answers_its_tool_is_not_run_before_it_is_on_again(tmp_path: Path) -> None:
    bell, database = Bell(), str(tmp_path / "f.db")

    async with (
        open_house(None, tmp_path, house=STAFF, database=database) as elsewhere,
    ):

        async def answer(_: ModelRequest) -> ModelReply:
            await off(elsewhere)
            return calls(("ring", {}))

        # Whether the wish was kept or is asked for anew is the turn's own business: it is done once.
        model = Speaker("free", {"reply": [answer, "It is rung.", "It is rung."]})
        async with open_house(model, tmp_path, house=STAFF, tools=bell.tools(), database=database) as here:
            agent = await here.spawn(HOST, account="a")
            with pytest.raises(Paused):
                await agent.ask("Ring, please.", turn_id="t1")
            assert bell.rung == []
            await here.resume()
            await agent.ask("Ring, please.", turn_id="t1")
    assert bell.rung in ([], ["t1:1:0"])


async def test_off_between_the_roles_of_a_turn_the_second_is_not_asked(tmp_path: Path) -> None:
    database = str(tmp_path / "f.db")
    async with open_house(None, tmp_path, database=database) as elsewhere:

        async def answer(_: ModelRequest) -> ModelReply:
            await off(elsewhere)
            return hand_off(COOK)

        model = Speaker("free", {"reply": [answer, hand_off(COOK), "I am the cook."]})
        async with open_house(model, tmp_path, database=database) as here:
            agent = await here.spawn(HOST, account="a")
            with pytest.raises(Paused):
                await agent.ask("Hm, well.", turn_id="t1")
            assert len(model.calls) == 1
            await here.resume()
            reply = await agent.ask("Hm, well.", turn_id="t1")
    assert (reply.role, len(reply.hand_offs)) == (COOK, 1)


async def test_off_a_colleague_is_not_asked(tmp_path: Path) -> None:
    database = str(tmp_path / "f.db")
    async with open_house(None, tmp_path, database=database) as elsewhere:

        async def answer(_: ModelRequest) -> ModelReply:
            await off(elsewhere)
            return calls(("ask_colleague", {"to": COOK, "question": "Eggs?"}))

        model = Speaker("free", {"reply": [answer]})
        async with open_house(model, tmp_path, database=database) as here:
            with pytest.raises(Paused):
                await (await here.spawn(HOST, account="a")).ask("Hm, well.", turn_id="t1")
            assert len(model.calls) == 1


async def test_a_decision_taken_while_off_is_carried_out_when_it_is_on(tmp_path: Path) -> None:
    bell = Bell()
    model = Speaker("free", {"reply": [calls(("refund", {})), "You have it back."]})
    async with open_house(model, tmp_path, house=STAFF, tools=bell.tools()) as fleet:
        reply = await (await fleet.spawn(HOST, account="a")).ask("Money back, please.", turn_id="t1")
        (question,) = reply.approvals
        await off(fleet)
        with pytest.raises(Paused):
            await fleet.approvals.approve(question.id, by="Kim")
        assert bell.rung == []
        await fleet.resume()
        assert (await until_answered(fleet, "a", 2))[-1] == "You have it back."
        assert (await fleet.approvals.approve(question.id)).text == "You have it back."
    assert bell.rung == ["t1:1:0"]


async def test_another_tenant_goes_on(tmp_path: Path) -> None:
    database = str(tmp_path / "f.db")
    model = Speaker("free", {"reply": ["Good day."]})
    async with (
        open_house(None, tmp_path, database=database, tenant="north") as north,
        open_house(model, tmp_path, database=database, tenant="south") as south,
    ):
        await off(north)
        assert (await (await south.spawn(HOST, account="a")).ask("Hm, well.")).text == "Good day."
        assert await south.paused() is None


async def test_a_turn_that_is_done_is_read_while_off(tmp_path: Path) -> None:
    async with open_house(Speaker("free", {"reply": ["Good day."]}), tmp_path) as fleet:
        agent = await fleet.spawn(HOST, account="a")
        reply = await agent.ask("Hm, well.", turn_id="t1")
        await fleet.pause()
        assert await agent.ask("Hm, well.", turn_id="t1") == reply
        signals = await heard(agent.stream("Hm, well.", turn_id="t1"))
        assert [signal.kind for signal in signals] == ["token", "done"]


async def test_without_a_model_nothing_is_composed_while_off(tmp_path: Path) -> None:
    async with open_house(None, tmp_path) as fleet:
        agent = await fleet.spawn(HOST, account="a")
        await fleet.pause()
        with pytest.raises(Paused):
            await agent.ask("Hm, well.", turn_id="t1")
        await fleet.resume()
        assert len(await until_answered(fleet, "a", 1)) == 1
