"""An account's memory as callers see it: each event once, facts as of any date, nothing that is no event."""

from __future__ import annotations

from datetime import UTC, datetime

import anyio
import pytest
from open_fleets import CSM, open_fleet
from told import ToldClock

from fleet_runtime import Event, MessageError

pytestmark = pytest.mark.anyio


async def test_times_are_the_callers_or_the_clocks(clock: ToldClock) -> None:
    async with open_fleet(clock=clock) as fleet:
        agent = await fleet.spawn(CSM, account="acme")
        await agent.ask("Thanks!")
        await agent.ask("Thank you!", at=clock.now.replace(year=2026, tzinfo=None))
        events = await fleet.memory("acme").events()
    assert [event.at.year for event in events] == [2026, 2027]
    assert all(event.at.tzinfo for event in events)


class TestAccountMemory:
    """What colleagues and systems say, kept once; what is asked of it, as of any date."""

    EVENT = Event(
        id="e1",
        at=datetime(2027, 1, 8, tzinfo=UTC),
        kind="order",
        author="Order form",
        text="120 seats were bought. The contract covers 120 seats.",
    )

    async def test_an_event_is_kept_once_and_teaches_once(self) -> None:
        async with open_fleet() as fleet:
            memory = fleet.memory("acme")
            learned = await memory.record(self.EVENT)
            assert [fact.value for fact in learned.news] == ["120"]
            assert (await memory.record(self.EVENT)).news == ()
            assert (await memory.record(self.EVENT.model_dump())).news == ()
            assert await memory.events() == (self.EVENT,)
            assert len(await memory.facts()) == 1
            assert memory.account == "acme"

    @pytest.mark.parametrize(
        "event",
        [
            {}, {"id": "e"}, {"id": "", "at": "2027-01-01", "kind": "k", "author": "a", "text": "t"},
            {"id": "e", "at": "soon", "kind": "k", "author": "a", "text": "t"},
            {"id": "e", "at": "2027-01-01", "kind": "k", "author": "a", "text": " "},
            {"id": "e", "at": "2027-01-01", "kind": "k", "author": "a", "text": "a\x00"},
            {"id": "e", "at": "2027-01-01", "kind": "k", "author": "a", "text": "t", "colour": "red"},
            {"id": "e", "at": "2027-01-01", "kind": "k", "author": "a\x00", "text": "t"},
            {"id": "e\x00", "at": "2027-01-01", "kind": "k", "author": "a", "text": "t"},
            {"id": "e", "at": "2027-01-01", "kind": "k", "author": "a", "text": "lone \ud800"},
        ],
    )  # fmt: skip
    async def test_what_is_no_event_is_refused(self, event: dict[str, object]) -> None:
        async with open_fleet() as fleet:
            with pytest.raises(MessageError) as caught:
                await fleet.memory("acme").record(event)
            assert caught.value.hint
            assert await fleet._desk.store.accounts("default") == []

    async def test_many_are_kept_in_the_order_of_their_times(self) -> None:
        later = self.EVENT.model_copy(
            update={"id": "e2", "at": datetime(2027, 2, 8, tzinfo=UTC), "text": "The contract covers 90 seats now."}
        )
        async with open_fleet() as fleet:
            memory = fleet.memory("acme")
            await memory.record_many([later, self.EVENT])
            assert [event.id for event in await memory.events()] == ["e1", "e2"]
            assert [fact.value for fact in await memory.facts()] == ["90"]
            assert [fact.value for fact in await memory.facts(as_of=datetime(2027, 1, 20, tzinfo=UTC))] == ["120"]
            assert [event.id for event in await memory.events(as_of=datetime(2027, 1, 20))] == ["e1"]  # noqa: DTZ001 - naive on purpose
            assert {fact.value for fact in await memory.history("seats")} == {"120", "90"}

    async def test_concurrent_records_are_all_kept(self) -> None:
        async with open_fleet() as fleet:
            memory = fleet.memory("acme")
            async with anyio.create_task_group() as tasks:
                for number in range(12):
                    tasks.start_soon(memory.record, self.EVENT.model_copy(update={"id": f"e{number}"}))
            assert len(await memory.events()) == 12
            assert [fact.value for fact in await memory.facts()] == ["120"]

    async def test_a_turn_is_committed_though_the_record_moves_on_all_the_time(self) -> None:
        async with open_fleet() as fleet:
            memory = fleet.memory("acme")
            agent = await fleet.spawn(CSM, account="acme")
            async with anyio.create_task_group() as tasks:
                for number in range(12):
                    tasks.start_soon(memory.record, self.EVENT.model_copy(update={"id": f"e{number}"}))
                reply = await agent.ask("Our champion is Priya Nair.")
            assert [fact.key for fact in reply.learned] == ["champion"]
            assert len(await memory.events()) == 13

    async def test_a_brief_says_what_holds_with_its_source(self) -> None:
        async with open_fleet() as fleet:
            memory = fleet.memory("acme")
            await memory.record(self.EVENT)
            text = (await memory.brief()).markdown()
            assert "120 seats" in text
            assert "Order form" in text
            assert text == (await memory.brief()).markdown()
            assert "120 seats" not in (await memory.brief(as_of=datetime(2026, 12, 1, tzinfo=UTC))).markdown()

    async def test_as_of_a_date_nothing_said_later_is_recalled(self) -> None:
        async with open_fleet() as fleet:
            memory = fleet.memory("acme")
            await memory.record(self.EVENT)
            assert any("120" in item.text for item in await memory.recall("How many seats did we buy?"))
            assert await memory.recall("How many seats did we buy?", as_of=datetime(2026, 12, 1, tzinfo=UTC)) == ()
            assert await memory.commitments() == ()
