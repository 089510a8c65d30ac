"""Cancelling, retrying, pausing: what whoever looks after a durable fleet does, and what it means for who waits."""

from __future__ import annotations

import anyio
import pytest
from durable_house import OnPostgres, OnSqlite, Served, Shared, host
from turning import calls

from fleet_runtime import tool
from fleet_runtime.errors import FleetError, MessageError, Paused, TurnCancelled
from fleet_runtime.messages import ModelReply, ModelRequest

pytestmark = pytest.mark.anyio


class Endless:
    """A model's answer that takes for ever, and notes whether it is interrupted."""

    def __init__(self) -> None:
        self.began = anyio.Event()
        self.interrupted = anyio.Event()

    async def __call__(self, _: object) -> str:
        self.began.set()
        try:
            await anyio.sleep(3600)
        finally:
            self.interrupted.set()
        return "never"


RINGING = [Endless()]
"""What whoever rings the bell waits for."""


@tool(name="ring")
async def ring(bell: str) -> str:
    """Ring a bell for very long."""
    await RINGING[0](None)
    return f"rung the {bell} bell"


async def waits(served: Served, account: str, text: str, turn_id: str, told: list[FleetError]) -> None:
    """Ask, and note the error that comes of it."""
    with anyio.fail_after(20):
        try:
            await (await host(served.gateway, account)).ask(text, turn_id=turn_id)
        except FleetError as error:
            told.append(error)


class Overseeing(Shared):
    """What whoever looks after a fleet may expect."""

    tools = (ring,)

    async def test_a_running_turn_is_cancelled_and_its_model_is_interrupted(self, shared: Served) -> None:
        endless = shared.model.on["Endless"] = Endless()
        told: list[FleetError] = []
        async with anyio.create_task_group() as group:
            group.start_soon(waits, shared, "running", "Endless.", "running-1", told)
            await endless.began.wait()
            assert (await shared.gateway.turns.cancel("running-1")).state == "cancelled"
            with anyio.fail_after(5):
                await endless.interrupted.wait()
        assert isinstance(told[0], TurnCancelled)
        assert (await (await host(shared.gateway, "running")).ask("Next.")).text == "You said: Next."
        assert shared.place.states("running")[0] == ("running-1", "cancelled")
        assert [event.text for event in await shared.gateway.memory("running").events()] == ["Next."]

    async def test_a_tool_of_a_cancelled_turn_is_interrupted(self, shared: Served) -> None:
        async def answer(_: ModelRequest) -> ModelReply:
            return calls(("ring", {"bell": "church"}))

        shared.model.on["Ring"] = answer
        RINGING[0] = Endless()
        told: list[FleetError] = []
        async with anyio.create_task_group() as group:
            group.start_soon(waits, shared, "ringing", "Ring.", "ringing-1", told)
            with anyio.fail_after(20):
                await RINGING[0].began.wait()
            await shared.gateway.turns.cancel("ringing-1")
            with anyio.fail_after(5):
                await RINGING[0].interrupted.wait()
        assert isinstance(told[0], TurnCancelled)
        assert shared.place.states("ringing") == [("ringing-1", "cancelled")]

    async def test_a_waiting_turn_is_cancelled_and_never_begun_and_the_next_goes_on(self, shared: Served) -> None:
        endless = shared.model.on["Endless"] = Endless()
        agent = await host(shared.gateway, "queue")
        told: list[FleetError] = []
        async with anyio.create_task_group() as group:
            group.start_soon(waits, shared, "queue", "Endless.", "queue-1", told)
            await endless.began.wait()
            await agent.accept("Cancel me.", turn_id="queue-2")
            last = await agent.accept("Answer me.", turn_id="queue-3")
            await shared.gateway.turns.cancel("queue-2")
            await shared.gateway.turns.cancel("queue-1")
            with anyio.fail_after(20):
                assert (await agent.answer(last)).text == "You said: Answer me."
        assert "Cancel me." not in shared.model.heard
        assert [state for _, state in shared.place.states("queue")] == ["cancelled", "cancelled", "done"]

    async def test_a_cancelled_turn_stays_so_when_repeated_until_it_is_retried(self, shared: Served) -> None:
        shared.model.on["Endless"] = Endless()
        agent = await host(shared.gateway, "again")
        await agent.accept("Endless and again.", turn_id="again-1")
        await shared.gateway.turns.cancel("again-1")
        with anyio.fail_after(20), pytest.raises(TurnCancelled):
            await agent.ask("Endless and again.", turn_id="again-1")
        assert (await shared.gateway.turns.cancel("again-1")).state == "cancelled"
        del shared.model.on["Endless"]
        assert (await shared.gateway.turns.retry("again-1")).state == "accepted"
        with anyio.fail_after(20):
            reply = await agent.ask("Endless and again.", turn_id="again-1")
        assert reply.text == "You said: Endless and again."

    async def test_a_done_turn_is_neither_cancelled_nor_retried(self, shared: Served) -> None:
        agent = await host(shared.gateway, "done")
        reply = await agent.ask("Done.", turn_id="done-1")
        for door in (
            shared.gateway.turns.cancel,
            shared.gateway.turns.retry,
        ):
            with pytest.raises(MessageError):
                await door("done-1")
        with pytest.raises(MessageError):
            await shared.gateway.turns.cancel("no such turn")
        assert await agent.ask("Done.", turn_id="done-1") == reply

    async def test_retrying_a_turn_that_waits_has_it_answered_once(self, shared: Served) -> None:
        endless = shared.model.on["Endless"] = Endless()
        agent = await host(shared.gateway, "doubled")
        await agent.accept("Endless.", turn_id="doubled-1")
        await agent.accept("Only once.", turn_id="doubled-2")
        await endless.began.wait()
        for _ in range(3):
            await shared.gateway.turns.retry("doubled-2")
        await shared.gateway.turns.cancel("doubled-1")
        await shared.place.until("SELECT state FROM turn WHERE id = 'doubled-2'", "done")
        await agent.ask("And after it?")
        assert shared.model.heard.count("Only once.") == 1

    async def test_a_pause_begins_nothing_and_its_end_answers_all_unasked(self, shared: Served) -> None:
        agent = await host(shared.gateway, "paused")
        await agent.ask("Before.")
        await shared.gateway.pause(by="Ada", reason="a look")
        try:
            await anyio.sleep(1.1)  # it holds everywhere within a second
            with anyio.fail_after(20), pytest.raises(Paused):
                await agent.ask("Meanwhile.", turn_id="paused-2")
            waiting = await (await host(shared.gateway, "paused too")).accept("Me too.", turn_id="paused-3")
            await anyio.sleep(0.5)
            assert not {"Meanwhile.", "Me too."} & set(shared.model.heard)
            assert shared.place.states("paused")[1:] == [("paused-2", "accepted")]
        finally:
            await shared.gateway.resume()
        await shared.place.until("SELECT count(*) FROM turn WHERE id LIKE 'paused-%' AND state = 'done'", 2)
        assert shared.model.heard.count("Meanwhile.") == 1
        assert (await (await host(shared.gateway, "paused too")).answer(waiting)).text == "You said: Me too."

    async def test_the_list_tells_of_every_state(self, shared: Served) -> None:
        agent = await host(shared.gateway, "listed")
        await agent.ask("One.", turn_id="listed-1")
        shared.model.on["Endless"] = Endless()
        await agent.accept("Endless.", turn_id="listed-2")
        await shared.place.until("SELECT count(*) FROM lease WHERE account = 'listed'", 1)
        records = await shared.gateway.turns.list(account="listed")
        assert [(one.turn.id, one.turn.state) for one in records] == [("listed-2", "accepted"), ("listed-1", "done")]
        assert [one.turn.id for one in await shared.gateway.turns.list(account="listed", state="done")] == ["listed-1"]
        await shared.gateway.turns.cancel("listed-2")


class TestOnSqlite(OnSqlite, Overseeing):
    pass


class TestOnPostgres(OnPostgres, Overseeing):
    pass
