"""What becomes of queued turns that fail: tried again, given up, told to whoever waits; and the account goes on."""

from __future__ import annotations

import anyio
import pytest
from durable_house import STAFF, Echo, OnPostgres, OnSqlite, Place, Served, Shared, host
from guesthouse import HOST, write_house
from turning import calls

from fleet_runtime import tool
from fleet_runtime.errors import FleetError, ModelRefused, ModelUnreachable, RoleChanged
from fleet_runtime.messages import ModelReply, ModelRequest

pytestmark = pytest.mark.anyio

AWAY = ModelUnreachable("nothing answers at nowhere", hint="start it")
ATTEMPTS = 3
PERSISTENT = "It is a **role** (`persistent_persona: true`): it knows the house."


@tool(name="ring")
def ring(bell: str) -> str:
    """Ring a bell."""
    raise RuntimeError(f"the {bell} bell is broken")


class Failures(Shared):
    """What a customer, and whoever looks after the fleet, may expect."""

    settings = {"answer_attempts": ATTEMPTS, "model_attempts": 1, "breaker_failures": 1000}
    tools = (ring,)

    async def test_a_model_that_is_away_for_a_while_is_asked_again(self, shared: Served) -> None:
        away = [AWAY] * (ATTEMPTS - 1)

        async def answer(_: ModelRequest) -> str:
            if away:
                raise away.pop()
            return "Back again."

        shared.model.on["Patience"] = answer
        with anyio.fail_after(60):
            reply = await (await host(shared.gateway, "patient")).ask("Patience.", turn_id="patient-1")
        assert reply.text == "Back again."
        assert shared.model.heard.count("Patience.") == ATTEMPTS
        said = [event.text for event in await shared.gateway.memory("patient").events()]
        assert said.count("Patience.") == 1

    async def test_a_model_that_stays_away_is_told_and_newer_turns_go_on(self, shared: Served) -> None:
        shared.model.on["Nobody there"] = AWAY
        agent = await host(shared.gateway, "gone")
        newer = await agent.accept("Nobody there, at first.", turn_id="gone-1")
        await agent.accept("Is anybody in?", turn_id="gone-2")
        with anyio.fail_after(60), pytest.raises(ModelUnreachable) as told:
            await agent.answer(newer)
        assert (told.value.message, told.value.hint) == (AWAY.message, AWAY.hint)
        assert (await agent.ask("Is anybody in?", turn_id="gone-2")).text == "You said: Is anybody in?"
        assert shared.place.states("gone") == [("gone-1", "failed"), ("gone-2", "done")]
        failure = (await shared.gateway.turns.show("gone-1")).turn.failure
        assert failure is not None
        assert (failure.code, failure.message, failure.attempts) == ("model-unreachable", AWAY.message, ATTEMPTS)
        assert shared.model.heard.count("Nobody there, at first.") == ATTEMPTS

    async def test_a_failed_turn_is_tried_again_when_its_id_is_repeated(self, shared: Served) -> None:
        shared.model.on["Once more"] = AWAY
        agent = await host(shared.gateway, "repeat")
        with anyio.fail_after(60), pytest.raises(ModelUnreachable):
            await agent.ask("Once more.", turn_id="repeat-1")
        shared.model.on["Once more"] = "Here I am."
        reply = await agent.ask("Once more.", turn_id="repeat-1")
        assert reply.text == "Here I am."
        assert shared.place.states("repeat") == [("repeat-1", "done")]
        said = [event.text for event in await shared.gateway.memory("repeat").events()]
        assert said.count("Once more.") == 1

    async def test_what_would_not_help_to_repeat_is_told_at_once(self, shared: Served) -> None:
        shared.model.on["Refuse"] = ModelRefused("no key", hint="get one")
        agent = await host(shared.gateway, "refused")
        with anyio.fail_after(20), pytest.raises(ModelRefused) as told:
            await agent.ask("Refuse me.", turn_id="refused-1")
        assert (told.value.message, told.value.hint) == ("no key", "get one")
        assert shared.model.heard.count("Refuse me.") == 1
        assert (await agent.ask("And now?")).text == "You said: And now?"

    async def test_a_defect_of_the_model_never_blocks_the_account_nor_the_worker(self, shared: Served) -> None:
        shared.model.on["Defect"] = RuntimeError("boom")
        agent = await host(shared.gateway, "defect")
        with anyio.fail_after(60), pytest.raises(FleetError) as told:
            await agent.ask("Defect.", turn_id="defect-1")
        assert told.value.hint
        with anyio.fail_after(20):
            assert (await agent.ask("After it.")).text == "You said: After it."
        assert shared.place.states("defect")[0] == ("defect-1", "failed")

    async def test_a_defect_of_a_tool_is_answered(self, shared: Served) -> None:
        async def answer(request: ModelRequest) -> str | ModelReply:
            told = [message.content for message in request.messages if message.role == "tool"]
            return f"Sorry: {told[0]}" if told else calls(("ring", {"bell": "front"}))

        shared.model.on["Ring"] = answer
        agent = await host(shared.gateway, "tool")
        with anyio.fail_after(30):
            reply = await agent.ask("Ring the bell.", turn_id="tool-1")
        assert reply.text.startswith("Sorry: ")
        assert reply.tools[0].failed
        assert (await agent.ask("Thanks.")).text == "You said: Thanks."

    async def test_many_failing_turns_leave_room_for_others(self, shared: Served) -> None:
        shared.model.on["Doomed"] = AWAY
        async with anyio.create_task_group() as group:
            for number in range(8):
                await (await host(shared.gateway, f"doomed-{number}")).accept("Doomed.", turn_id=f"doomed-{number}")
            with anyio.fail_after(20):
                for number in range(4):
                    group.start_soon((await host(shared.gateway, f"fine-{number}")).ask, "Fine?")
        await shared.place.until("SELECT count(*) FROM turn WHERE text = 'Doomed.' AND state = 'failed'", 8, seconds=60)
        assert shared.place.rows("SELECT count(*) FROM turn WHERE text = 'Fine?' AND state = 'done'") == [(4,)]


class ChangedRole:
    """What a gateway of yesterday may expect of a worker of today."""

    async def test_a_role_that_changed_in_between_is_told_at_once_and_accepted_then(self, place: Place) -> None:
        """The gateway knows the contract of yesterday, the worker today's, and changes are to be accepted first."""
        model = Echo()
        old, new = place.folder / "old", place.folder / "new"
        for folder, watched in ((old, "Keep guests"), (new, "Keep guests well")):
            folder.mkdir()
            write_house(folder, STAFF)
            file = folder / "roles" / f"{HOST}.md"
            text = file.read_text(encoding="utf-8").replace("1. **Keep guests**", f"1. **{watched}**")
            file.write_text(text.replace("## Mandate", f"{PERSISTENT}\n\n## Mandate"), encoding="utf-8")
        async with place.gateway(roles=str(old / "roles")) as gateway:
            agent = await host(gateway)
            async with place.worker(model, roles=str(old / "roles")):
                await agent.ask("Before.", turn_id="t1")
            async with place.worker(model, roles=str(new / "roles"), changed_role="refuse") as worker:
                with anyio.fail_after(20), pytest.raises(RoleChanged):
                    await agent.ask("After.", turn_id="t2")
                assert model.heard == ["Before."]
                assert await (await host(worker)).accept_role() is not None
                assert (await agent.ask("After.", turn_id="t2")).text == "You said: After."


class TestOnSqlite(OnSqlite, Failures):
    pass


class TestOnPostgres(OnPostgres, Failures):
    pass


class TestChangedRoleOnSqlite(OnSqlite, ChangedRole):
    pass


class TestChangedRoleOnPostgres(OnPostgres, ChangedRole):
    pass
