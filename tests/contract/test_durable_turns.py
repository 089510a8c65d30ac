"""Turns that gateways accept and a worker answers, on SQLite and on Postgres: none lost, none doubled, all in order."""

from __future__ import annotations

from datetime import UTC, datetime

import anyio
import pytest
from durable_house import OnPostgres, OnSqlite, Served, Shared, host
from guesthouse import COOK, HOST
from pydantic import BaseModel

from fleet_runtime.errors import OutputInvalid
from fleet_runtime.messages import ModelRequest
from fleet_runtime.records import Event, Reply

pytestmark = pytest.mark.anyio

ODD_IDS = (
    "a:b", "a#b", "100%", "%41", "it's", 'a "quoted" one', "two  blanks", "ünïcödé-名前-🏠", "x" * 300, "back\\slash",
    "semi;colon--", "{tenant}:{account}", "default", "../up", "A", "a",
)  # fmt: skip


class Room(BaseModel):
    """What a guest wants."""

    number: int
    guests: list[str]


def note_of(number: int) -> Event:
    """Return what a colleague notes."""
    return Event(id=f"note-{number}", at=datetime.now(UTC), kind="note", author="Kim", text=f"Note {number}.")


class TurnsAnswered(Shared):
    """What a gateway may expect while a worker is there."""

    async def test_a_reply_is_the_stored_one_wherever_and_however_often_it_is_asked_for(self, shared: Served) -> None:
        agent = await host(shared.gateway, "equal")
        first = await agent.ask("A room, please.", turn_id="equal-1")
        again = await agent.ask("A room, please.", turn_id="equal-1")
        async with shared.place.gateway() as other:
            elsewhere = await (await host(other, "equal")).ask("A room, please.", turn_id="equal-1")
        assert first.text == "You said: A room, please."
        assert first == again == elsewhere
        assert shared.model.heard.count("A room, please.") == 1

    async def test_one_turn_asked_for_by_many_at_once_is_answered_once(self, shared: Served) -> None:
        replies: list[Reply] = []

        async with shared.place.gateway() as other, anyio.create_task_group() as group:
            for number in range(8):
                agent = await host((shared.gateway, other)[number % 2], "chorus")

                async def ask(agent=agent) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - binds the agent
                    replies.append(await agent.ask("All at once.", turn_id="chorus-1"))

                group.start_soon(ask)
        assert len(replies) == 8
        assert all(reply == replies[0] for reply in replies)
        assert shared.model.heard.count("All at once.") == 1
        assert shared.place.states("chorus") == [("chorus-1", "done")]

    async def test_three_gateways_feed_one_account_and_order_holds(self, shared: Served) -> None:
        async with (
            shared.place.gateway() as two,
            shared.place.gateway() as three,
            anyio.create_task_group() as group,
        ):
            for number in range(12):
                agent = await host((shared.gateway, two, three)[number % 3], "fed")
                group.start_soon(agent.ask, f"Fed {number}.")
        stored = shared.place.rows("SELECT sequence, text FROM turn WHERE account = 'fed' ORDER BY sequence")
        assert [number for number, _ in stored] == list(range(1, 13))
        assert [text for text in shared.model.heard if text.startswith("Fed")] == [text for _, text in stored]
        said = [event.text for event in await shared.gateway.memory("fed").events() if event.text.startswith("Fed")]
        assert sorted(said) == sorted(str(text) for _, text in stored)

    async def test_a_slow_account_holds_nobody_up(self, shared: Served) -> None:
        let_go = anyio.Event()

        async def wait(_: ModelRequest) -> str:
            await let_go.wait()
            return "At last."

        shared.model.on["Take your time"] = wait
        done: list[str] = []

        async def ask(account: str, text: str) -> None:
            done.append((await (await host(shared.gateway, account)).ask(text)).text)

        async with anyio.create_task_group() as group:
            group.start_soon(ask, "slow", "Take your time.")
            await shared.place.until("SELECT count(*) FROM lease WHERE account = 'slow'", 1)
            async with anyio.create_task_group() as quick:
                for number in range(5):
                    quick.start_soon(ask, f"quick-{number}", "Quickly.")
            assert done == ["You said: Quickly."] * 5
            let_go.set()
        assert done[5:] == ["At last."]

    async def test_ids_are_the_users_own(self, shared: Served) -> None:
        """Accounts, turn ids and conversations of odd names are all different ones, and each has its own reply."""
        async with anyio.create_task_group() as group:
            for name in ODD_IDS:
                agent = await host(shared.gateway, name)

                async def ask(agent=agent, name=name) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - binds both
                    reply = await agent.ask(f"I am {name}.", turn_id=f"turn {name}", conversation=name)
                    assert reply.text == f"You said: I am {name}."
                    assert (reply.turn_id, reply.conversation) == (f"turn {name}", name)

                group.start_soon(ask)
        for name in ODD_IDS:
            events = await shared.gateway.memory(name).events()
            assert [event.text for event in events if event.kind == "message"] == [f"I am {name}."], name

    async def test_an_account_and_a_turn_id_whose_joint_is_ambiguous_stay_apart(self, shared: Served) -> None:
        one = await (await host(shared.gateway, "p")).ask("One.", turn_id="q:r")
        two = await (await host(shared.gateway, "p:q")).ask("Two.", turn_id="r")
        three = await (await host(shared.gateway, "p:1")).ask("Three.", turn_id="p:1:1")
        assert [reply.text for reply in (one, two, three)] == ["You said: One.", "You said: Two.", "You said: Three."]

    async def test_a_turn_id_of_two_thousand_characters_is_kept(self, shared: Served) -> None:
        agent = await host(shared.gateway, "long id")
        turn_id = "t" * 2000
        assert (await agent.ask("Long.", turn_id=turn_id)).turn_id == turn_id
        assert [signal.kind async for signal in agent.stream("Long.", turn_id=turn_id)][-1] == "done"

    async def test_the_front_door_and_several_conversations(self, shared: Served) -> None:
        at_the_door = await shared.gateway.dispatch("Hello there.", account="door", turn_id="door-1")
        cook = await shared.gateway.spawn(COOK, account="door")
        second = await cook.ask("Soup, please.", conversation="kitchen")
        assert (at_the_door.role, second.role, second.conversation) == (HOST, COOK, "kitchen")
        again = await shared.gateway.dispatch("Hello there.", account="door", turn_id="door-1")
        assert again == at_the_door

    async def test_an_object_comes_from_elsewhere_and_is_the_same_again(self, shared: Served) -> None:
        shared.model.on["Room four"] = '{"number": 4, "guests": ["Ada"]}'
        agent = await host(shared.gateway, "objects")
        room = await agent.ask("Room four for Ada.", output=Room, turn_id="object-1")
        again = await agent.ask("Room four for Ada.", output=Room, turn_id="object-1")
        assert room == again == Room(number=4, guests=["Ada"])

    async def test_an_answer_that_is_no_object_is_told_as_such(self, shared: Served) -> None:
        shared.model.on["Room none"] = "I would rather not."
        agent = await host(shared.gateway, "no objects")
        with anyio.fail_after(30), pytest.raises(OutputInvalid):
            await agent.ask("Room none.", output=Room)
        assert (await agent.ask("And now?")).text == "You said: And now?", "the account goes on"

    async def test_whoever_gives_up_waiting_loses_nothing(self, shared: Served) -> None:
        let_go = anyio.Event()

        async def wait(_: ModelRequest) -> str:
            await let_go.wait()
            return "Here it is."

        shared.model.on["Impatient"] = wait
        agent = await host(shared.gateway, "impatient")
        with anyio.move_on_after(0.5) as waiting:
            await agent.ask("Impatient.", turn_id="impatient-1")
        assert waiting.cancelled_caught
        let_go.set()
        assert (await agent.ask("Impatient.", turn_id="impatient-1")).text == "Here it is."
        assert shared.model.heard.count("Impatient.") == 1

    async def test_memory_is_read_and_written_here_while_the_account_is_answered_there(self, shared: Served) -> None:
        memory = shared.gateway.memory("busy")
        agent = await host(shared.gateway, "busy")

        async def note() -> None:
            for number in range(6):
                await memory.record(note_of(number))

        async def talk() -> None:
            for number in range(6):
                assert (await agent.ask(f"Talk {number}.")).text == f"You said: Talk {number}."

        async with anyio.create_task_group() as group:
            group.start_soon(note)
            group.start_soon(talk)
        told = [event.text for event in await memory.events()]
        for kind in ("Note", "Talk"):
            assert [text for text in told if text.startswith(kind)] == [f"{kind} {n}." for n in range(6)]


class TestOnSqlite(OnSqlite, TurnsAnswered):
    pass


class TestOnPostgres(OnPostgres, TurnsAnswered):
    pass
