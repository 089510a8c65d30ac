"""Learning by a model as the runtime does it, in both voices, and what a model hands over by itself."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import pytest
from open_fleets import open_fleet, state_of
from told import ToldModel

from fleet_runtime import Event, MessageError
from fleet_runtime.learning import awaits_learning, inquire, known_before
from fleet_runtime.learning.inquiry import LOOKED_BACK
from fleet_runtime.learning.labelling import SURE
from fleet_runtime.messages import ModelReply, ModelRequest, Token
from fleet_runtime.records import AccountKey, AccountState, Fact
from fleet_runtime.runtime.learner import learn_prompts
from fleet_runtime.testing import ScriptedModel, Step

pytestmark = pytest.mark.anyio

AT = datetime(2027, 1, 8, 9, 0, tzinfo=UTC)
UNREAD = "Make that 85 for us."
SEATED = "The contract covers 60 seats."


def event(text: str, number: int = 1, *, author: str = "Dana Whitfield") -> Event:
    return Event(id=f"e{number}", at=AT + timedelta(hours=number), kind="message", author=author, text=text)


def labelled(piece: str, label: str, chance: float = 0.99) -> ModelReply:
    """Answer as a model would that gives a piece its label with that chance."""
    sure = Token(text=f" {label}", chances={f" {label}": chance, " other": 1 - chance})
    return ModelReply(text=f"{piece}: {label}", tokens=(Token(text=f"{piece}:", chances={}), sure))


async def learned_from(reply: ModelReply | str, database: Path, *events: Event) -> tuple[dict[str, Fact], str]:
    """Have an assisted model label the last event; return the facts that hold afterwards, and what it was shown."""
    async with ScriptedModel([Step("learn", reply)], voice="assisted") as model:
        async with open_fleet(model, database, learning="model") as fleet:
            for one in events:
                await fleet.memory("acme").record(one)
        (asked,) = model.calls
    assert asked.alternatives == 16
    async with open_fleet(None, database) as fleet:
        assert await fleet._desk.store.unlearned() == []
        return {fact.key: fact for fact in await fleet.memory("acme").facts()}, asked.messages[-1].content


async def test_an_assisted_model_labels_what_the_rules_did_not_read(tmp_path: Path) -> None:
    told = (event(SEATED), event(UNREAD, 2))
    facts, shown = await learned_from(labelled("85", "seats"), tmp_path / "f.db", *told)
    assert (facts["seats"].value, facts["seats"].event_id, facts["seats"].confidence) == ("85", "e2", 0.99)
    assert "On file: seats 60\n" in shown
    assert f"Before: Dana Whitfield: {SEATED}\n" in shown


@pytest.mark.parametrize("reply", [labelled("85", "seats", SURE - 0.01), "85: seats", "eighty-five"])
async def test_a_label_that_is_not_sure_changes_nothing_and_is_not_asked_again(
    reply: ModelReply | str, tmp_path: Path
) -> None:
    facts, _ = await learned_from(reply, tmp_path / "f.db", event(SEATED), event(UNREAD, 2))
    assert facts["seats"].value == "60"


async def test_an_assisted_model_is_asked_on_demand_only() -> None:
    async with ScriptedModel(voice="assisted") as model, open_fleet(model) as fleet:
        await fleet.memory("acme").record(event(UNREAD))
        assert await fleet._desk.store.unlearned() == []


async def test_what_has_no_piece_awaits_no_label_and_what_says_itself_awaits_no_model() -> None:
    said = {"op": "set", "key": "seats", "value": "85"}
    plain = event("The printers at our place are a nightmare to deal with.")
    sure = event(UNREAD, 2).model_copy(update={"operations": ()})
    async with ScriptedModel(voice="assisted") as model, open_fleet(model, learning="model") as fleet:
        await fleet.memory("acme").record_many([plain, sure, event(UNREAD, 3).model_dump() | {"operations": [said]}])
        assert await fleet._desk.store.unlearned() == []
    async with open_fleet(ToldModel("free")) as fleet:
        await fleet.memory("acme").record_many([plain, sure])
        assert [one.id for _, one in await fleet._desk.store.unlearned()] == ["e1"]


async def test_both_voices_are_asked_under_the_keepers_contract() -> None:
    async with open_fleet() as fleet:
        desk = fleet._desk
        prefix = desk.prefix(desk.keeper).text
        free, assisted = (
            learn_prompts(desk.words, desk.memory_keys, voice, prefix=prefix) for voice in ("free", "assisted")
        )
    assert free.system.startswith(prefix.rstrip() + "\n\n## Your task now")
    assert assisted.system.startswith(prefix.rstrip() + "\n\nYou keep the record")
    assert "seats: licences" in assisted.system
    assert free.few_shot
    assert assisted.labels.examples


async def test_an_event_awaits_learning_just_when_there_is_something_to_ask() -> None:
    async with open_fleet() as fleet:
        desk = fleet._desk
        keys = desk.memory_keys
        state = AccountState(key=AccountKey(tenant="default", account="acme"))
        for voice in ("free", "assisted"):
            prompts = learn_prompts(desk.words, keys, voice, prefix="")
            for text in (UNREAD, SEATED, "Thanks!", "Is it 85?", "Priya Nair is at the helm here from now on."):
                one = event(text)
                asked = inquire(one, keys, prompts, known=known_before(one, state)).request
                assert awaits_learning(one, state, keys, voice) is (asked is not None)


async def test_known_before_a_message_is_what_was_said_and_held_then() -> None:
    many = [event("Thanks!", number) for number in range(3, 40)]
    async with open_fleet() as fleet:
        memory = fleet.memory("acme")
        await memory.record_many([event(SEATED), event("The contract covers 90 seats now.", 2), *many])
        state = await state_of(fleet)
    assert [fact.value for fact in known_before(event("", 2), state).holding] == ["60"]
    assert [one.id for one in known_before(event("", 2), state).before] == ["e1"]
    later = known_before(event("", 30), state)
    assert [fact.value for fact in later.holding] == ["90"]
    assert (len(later.before), later.before[-1].id, later.account) == (LOOKED_BACK, "e29", "acme")


class TestRemembering:
    """A model calls the tool; the conversation bears it out or it is told why not."""

    GIVEN = {"key": "seats", "value": "85", "quote": "Make that 85"}

    async def test_a_scripted_model_hands_over_a_fact(self) -> None:
        async with ScriptedModel([Step("chat", json.dumps(self.GIVEN))]) as model, open_fleet() as fleet:
            memory = fleet.memory("acme")
            await memory.record_many([event(SEATED), event(UNREAD, 2)])
            function = memory.remember_tool()["function"]
            assert "seats" in function["parameters"]["properties"]["key"]["enum"]
            call = await model.complete(ModelRequest(task="chat", messages=()))
            fact = await memory.remember(json.loads(call.text))
            assert (fact.value, fact.event_id, fact.quote, fact.confidence) == ("85", "e2", "Make that 85", 0.8)
            assert [held.value for held in await memory.facts()] == ["85"]
            assert [held.value for held in await memory.history("seats")] == ["60", "85"]
            version = (await memory.rows()).version
            assert await memory.remember(self.GIVEN) == fact
            assert (await memory.rows()).version == version

    async def test_what_the_rules_have_read_already_comes_back_as_it_is(self) -> None:
        async with open_fleet() as fleet:
            memory = fleet.memory("acme")
            await memory.record(event(SEATED))
            (held,) = await memory.facts()
            given = {"key": "seats", "value": "60", "quote": "covers 60 seats"}
            assert await memory.remember(given) == held
            with pytest.raises(MessageError, match="what it taught stands"):
                await memory.remember(given | {"since": "2026-06-01"})

    async def test_a_message_is_not_read_twice_in_two_ways(self) -> None:
        async with open_fleet() as fleet:
            memory = fleet.memory("acme")
            await memory.record(event("The contract covers 60 seats. A bus has 70."))
            with pytest.raises(MessageError, match="on record is '60'"):
                await memory.remember({"key": "seats", "value": "70", "quote": "A bus has 70"})

    async def test_what_nobody_said_lately_is_refused_with_the_reason(self) -> None:
        async with open_fleet() as fleet:
            memory = fleet.memory("acme")
            for given in ({}, self.GIVEN, {"key": "weather"}, self.GIVEN | {"since": ["x"]}):
                with pytest.raises(MessageError, match="not remembered: ") as caught:
                    await memory.remember(given)
                assert caught.value.hint
            await memory.record(event(UNREAD))
            await memory.record_many([event("Thanks!", number) for number in range(2, 22)])
            with pytest.raises(MessageError, match="nobody said these words"):
                await memory.remember(self.GIVEN)

    async def test_it_is_remembered_though_the_record_moves_on_all_the_time(self) -> None:
        async with open_fleet() as fleet:
            memory = fleet.memory("acme")
            await memory.record(event(UNREAD))
            async with anyio.create_task_group() as tasks:
                for number in range(2, 12):
                    tasks.start_soon(memory.record, event("Thanks!", number))
                await memory.remember(self.GIVEN)
            assert [fact.value for fact in await memory.facts()] == ["85"]
            assert len(await memory.events()) == 11
