"""A fleet as a whole: opening, closing, two on one file, tenants, learning afterwards, and its own errors."""

from __future__ import annotations

import os
from pathlib import Path

import anyio
import pytest
from open_fleets import CSM, open_fleet
from told import ToldClock, ToldModel

from fleet_runtime import AccountBusy, Fleet, MessageError, SettingError, UnknownRole
from fleet_runtime.errors import ModelGarbled, ModelUnreachable, UnknownProfile
from fleet_runtime.messages import ModelRequest
from fleet_runtime.runtime.agent import MOST_CHARACTERS

pytestmark = pytest.mark.anyio

GRUMBLE = "People in the depot say openly that the whole tool gets on their nerves by now."
LEARNED = '{"facts": [{"key": "sentiment", "value": "gets on their nerves"}]}'
DOWN = ModelUnreachable("nothing answers", hint="start it")


@pytest.mark.parametrize("error", [ValueError("body"), KeyError("k"), ModelUnreachable("down", hint="h")])
async def test_the_bodys_own_error_comes_out_bare(error: Exception) -> None:
    with pytest.raises(type(error)) as caught:
        async with Fleet.open(database=None, model=None):
            raise error
    assert caught.value is error


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt()])
def test_leaving_the_program_from_within_is_no_group(error: BaseException) -> None:
    async def body() -> None:
        async with Fleet.open(database=None, model=None):
            raise error

    with pytest.raises(type(error)) as caught:
        anyio.run(body)
    assert caught.value is error or isinstance(error, KeyboardInterrupt)


async def test_a_cancelled_body_stays_cancelled() -> None:
    with anyio.move_on_after(0.2) as scope:
        async with Fleet.open(database=None, model=None):
            await anyio.sleep_forever()
    assert scope.cancelled_caught


async def test_leaving_with_an_error_still_finishes_the_turns_under_way(tmp_path: Path) -> None:
    model = ToldModel("free", {"reply": ["Noted."]})

    async def body() -> None:
        async with open_fleet(model, tmp_path / "f.db") as fleet:
            async for _ in (await fleet.spawn(CSM, account="acme")).stream("We have 40 seats."):
                raise ValueError("body")

    with pytest.raises(ValueError, match="body"):
        await body()
    async with open_fleet(None, tmp_path / "f.db") as fleet:
        assert [fact.value for fact in await fleet.memory("acme").facts()] == ["40"]


async def test_without_a_database_nothing_is_stored_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with Fleet.open(database=None, model=None) as fleet:
        agent = await fleet.spawn(CSM, account="acme")
        assert (await agent.ask("We have 40 seats.")).learned
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - a test may block
    async with Fleet.open(database=None, model=None) as fleet:
        assert await fleet.memory("acme").events() == ()


async def test_the_default_store_lies_in_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with Fleet.open(model=None) as fleet:
        await (await fleet.spawn(CSM, account="acme")).ask("We have 40 seats.")
    assert (tmp_path / ".fleet" / "fleet.db").is_file()


async def test_closing_drains_what_is_still_to_be_learned(tmp_path: Path) -> None:
    model = ToldModel("free", {"reply": ["Noted."], "learn": [LEARNED]})
    async with open_fleet(model, tmp_path / "f.db") as fleet:
        reply = await (await fleet.spawn(CSM, account="acme")).ask(GRUMBLE, turn_id="t1")
        assert "sentiment" not in {fact.key for fact in reply.learned}
        assert await fleet._desk.store.unlearned()
    async with open_fleet(None, tmp_path / "f.db") as fleet:
        facts = {fact.key: fact for fact in await fleet.memory("acme").facts()}
        assert facts["sentiment"].value == "gets on their nerves"
        assert facts["sentiment"].event_id == "t1:said"
        assert await fleet._desk.store.unlearned() == []


async def test_learning_waits_for_a_model_that_is_away_and_is_made_up_later(tmp_path: Path) -> None:
    model = ToldModel("free", {"reply": ["Noted."], "learn": [DOWN]})
    async with open_fleet(model, tmp_path / "f.db") as fleet:
        await (await fleet.spawn(CSM, account="acme")).ask(GRUMBLE)
    async with open_fleet(ToldModel("free", {"learn": [LEARNED]}), tmp_path / "f.db") as fleet:
        assert await fleet._desk.store.unlearned()
    async with open_fleet(None, tmp_path / "f.db") as fleet:
        assert "sentiment" in {fact.key for fact in await fleet.memory("acme").facts()}


@pytest.mark.parametrize("answer", ["", "{", '{"facts": [{"key": "sentiment", "value": "furious"}]}', "[]", "null"])
async def test_what_a_model_makes_up_is_not_learned_and_not_asked_again(tmp_path: Path, answer: str) -> None:
    model = ToldModel("free", {"reply": ["Noted."], "learn": [answer]})
    async with open_fleet(model, tmp_path / "f.db") as fleet:
        await (await fleet.spawn(CSM, account="acme")).ask(GRUMBLE)
    async with open_fleet(None, tmp_path / "f.db") as fleet:
        assert "sentiment" not in {fact.key for fact in await fleet.memory("acme").facts()}
        assert await fleet._desk.store.unlearned() == []


async def test_one_garbled_answer_does_not_keep_the_others_from_being_learned(tmp_path: Path) -> None:
    """An answer that the client itself finds garbled is this event's trouble, not the round's."""
    garbled = ModelGarbled("cut off", hint="ask again")
    model = ToldModel("free", {"reply": ["Noted."] * 2, "learn": [garbled, LEARNED]})
    async with open_fleet(model, tmp_path / "f.db") as fleet:
        await (await fleet.spawn(CSM, account="a-first")).ask(GRUMBLE)
        await (await fleet.spawn(CSM, account="b-second")).ask(GRUMBLE)
    async with open_fleet(None, tmp_path / "f.db") as fleet:
        assert "sentiment" in {fact.key for fact in await fleet.memory("b-second").facts()}


async def test_learning_does_not_run_while_somebody_waits(tmp_path: Path) -> None:
    asked: list[str] = []

    async def slow(request: ModelRequest) -> str:
        asked.append(request.task)
        await anyio.sleep(0.05)
        return "Noted."

    model = ToldModel("free", {"reply": [slow] * 3, "learn": [slow] * 3})
    async with open_fleet(model, tmp_path / "f.db") as fleet:
        agent = await fleet.spawn(CSM, account="acme")
        for _ in range(3):
            await agent.ask(GRUMBLE)
    assert asked[:3] == ["reply"] * 3


async def test_two_fleets_on_one_file_see_each_others_record(tmp_path: Path, clock: ToldClock) -> None:
    database = tmp_path / "f.db"
    async with open_fleet(None, database, clock=clock) as one, open_fleet(None, database, clock=clock) as two:
        await (await one.spawn(CSM, account="acme")).ask("We have 40 seats.")
        clock.move(days=1)
        reply = await (await two.spawn(CSM, account="acme")).ask("We have 55 seats now.")
        assert [fact.value for fact in reply.superseded] == ["40"]
        assert [fact.value for fact in await one.memory("acme").facts()] == ["55"]


async def test_two_fleets_take_turns_on_one_account_and_lose_none(tmp_path: Path) -> None:
    database = tmp_path / "f.db"
    running: list[str] = []
    overlaps: list[tuple[str, ...]] = []

    async def slow(request: ModelRequest) -> str:
        running.append(request.messages[-1].content)
        overlaps.append(tuple(running))
        await anyio.sleep(0.01)
        running.pop()
        return "Noted."

    models = [ToldModel("free", {"reply": [slow] * 9}) for _ in range(2)]
    async with (
        open_fleet(models[0], database, lease_wait_seconds=20.0) as one,
        open_fleet(models[1], database, lease_wait_seconds=20.0) as two,
        anyio.create_task_group() as tasks,
    ):
        for number in range(8):
            agent = await (one if number % 2 else two).spawn(CSM, account="acme")
            tasks.start_soon(agent.ask, f"Thank you for message {number}!")
    async with open_fleet(None, database) as fleet:
        state = await fleet._desk.store.read(fleet._desk.key("acme"))
    assert all(len(overlap) == 1 for overlap in overlaps)
    assert [turn.sequence for turn in state.turns] == sorted(turn.sequence for turn in state.turns)
    assert len({turn.sequence for turn in state.turns}) == 8
    assert [turn.state for turn in state.turns] == ["done"] * 8
    assert len(state.events) == 8


async def test_accounts_run_side_by_side() -> None:
    together = anyio.Event()
    waiting: list[str] = []

    async def meet(request: ModelRequest) -> str:
        waiting.append(request.task)
        if len(waiting) == 3:
            together.set()
        with anyio.fail_after(5):
            await together.wait()
        return "Noted."

    async with open_fleet(ToldModel("free", {"reply": [meet] * 3})) as fleet, anyio.create_task_group() as tasks:
        for account in ("a", "b", "c"):
            tasks.start_soon((await fleet.spawn(CSM, account=account)).ask, "Our planners like it.")
    assert len(waiting) == 3


async def test_an_account_held_elsewhere_is_busy_past_the_bounded_wait_and_the_message_stays(tmp_path: Path) -> None:
    database = tmp_path / "f.db"
    begun, go_on = anyio.Event(), anyio.Event()

    async def hold(_: ModelRequest) -> str:
        begun.set()
        await go_on.wait()
        return "Noted."

    async with (
        open_fleet(ToldModel("free", {"reply": [hold]}), database) as one,
        open_fleet(None, database, lease_wait_seconds=0.05) as two,
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon((await one.spawn(CSM, account="acme")).ask, "Our planners like it.")
        await begun.wait()
        agent = await two.spawn(CSM, account="acme")
        with pytest.raises(AccountBusy) as caught:
            await agent.ask("We have 40 seats.", turn_id="t2")
        assert "t2" in caught.value.hint
        assert (await (await two.spawn(CSM, account="other")).ask("We have 7 seats.")).learned, "others go on"
        go_on.set()
        with anyio.fail_after(5):
            while (state := await two._desk.store.read(two._desk.key("acme"))).turns[0].state != "done":  # noqa: ASYNC110
                await anyio.sleep(0.01)
        assert [turn.state for turn in state.turns] == ["done", "accepted"]
        assert [fact.value for fact in (await agent.ask("We have 40 seats.", turn_id="t2")).learned] == ["40"]


async def test_tenants_never_see_each_other(tmp_path: Path) -> None:
    database = tmp_path / "f.db"
    async with open_fleet(None, database, tenant="red") as red, open_fleet(None, database, tenant="blue") as blue:
        await (await red.spawn(CSM, account="acme")).ask("We have 40 seats.", turn_id="t1")
        theirs = await (await blue.spawn(CSM, account="acme")).ask("How many seats?", turn_id="t1")
        assert "40" not in theirs.text
        assert theirs.recalled == ()
        memory = blue.memory("acme")
        assert (await memory.facts(), await memory.recall("seats")) == ((), await memory.recall("seats"))
        assert not any("40" in item.text for item in await memory.recall("How many seats do we have?"))
        assert [fact.value for fact in await red.memory("acme").facts()] == ["40"]


async def test_the_work_left_by_another_tenant_is_not_done_in_this_ones_name(tmp_path: Path) -> None:
    """A tenant's fleet has that tenant's roles, words and model: it answers and learns for no other."""
    database = tmp_path / "f.db"
    async with open_fleet(None, database, tenant="red") as red:
        await (await red.spawn(CSM, account="acme")).accept("We have 40 seats.", turn_id="t1")
    async with open_fleet(None, database, tenant="blue"):
        await anyio.sleep(0.1)
    async with open_fleet(None, database, tenant="green") as green:
        await anyio.sleep(0.1)
        left = await green._desk.store.unfinished()
    assert [(turn.key.tenant, turn.id) for turn in left] == [("red", "t1")]


async def test_nothing_crosses_between_accounts_that_speak_at_once() -> None:
    async with open_fleet() as fleet:
        replies: dict[str, str] = {}

        async def talk(name: str) -> None:
            agent = await fleet.spawn(CSM, account=f"account-{name}")
            await agent.ask(f"Our champion is {name} Nair.")
            replies[name] = (await agent.ask("Who is our champion?")).text

        async with anyio.create_task_group() as tasks:
            for name in ("Priya", "Tomas", "Ines", "Marta", "Jonas"):
                tasks.start_soon(talk, name)
    assert len(replies) == 5
    for name, text in replies.items():
        assert f"{name} Nair" in text
        assert not any(other in text for other in replies if other != name)


@pytest.mark.parametrize(
    "text", ["", " \n\t", "a\x00b", "x" * (MOST_CHARACTERS + 1), "lone \ud800 surrogate", "x" * 5_000_000]
)
async def test_what_is_no_message_is_refused_and_nothing_is_stored(text: str) -> None:
    async with open_fleet() as fleet:
        agent = await fleet.spawn(CSM, account="acme")
        for refused in (agent.ask(text), fleet.dispatch(text, account="acme")):
            with pytest.raises(MessageError) as caught:
                await refused
            assert caught.value.hint
            assert len(str(caught.value)) < 500
        assert await fleet._desk.store.accounts("default") == []


async def test_the_longest_message_is_taken() -> None:
    async with open_fleet() as fleet:
        agent = await fleet.spawn(CSM, account="acme")
        turn = await agent.accept("word " * (MOST_CHARACTERS // 5))
        assert len(turn.text) == MOST_CHARACTERS


@pytest.mark.parametrize("more", [{"speaker": "a\x00"}, {"turn_id": "a\x00"}, {"turn_id": " "}, {"speaker": "\udc80"}])
async def test_a_bad_speaker_or_turn_id_is_refused(more: dict[str, str]) -> None:
    async with open_fleet() as fleet:
        agent = await fleet.spawn(CSM, account="acme")
        with pytest.raises(MessageError):
            await agent.ask("Thanks!", speaker=more.get("speaker"), turn_id=more.get("turn_id"))
        assert await fleet._desk.store.accounts("default") == []


@pytest.mark.parametrize("account", ["", "  ", "a\x00b", "lone \ud800"])
async def test_a_bad_account_is_refused(account: str) -> None:
    async with open_fleet() as fleet:
        with pytest.raises(MessageError):
            await fleet.spawn(CSM, account=account)
        with pytest.raises(MessageError):
            fleet.memory(account)
        with pytest.raises(MessageError):
            await fleet.dispatch("Thanks!", account=account)


async def test_an_unknown_class_is_named_with_near_ones() -> None:
    async with open_fleet() as fleet:
        for attempt in (
            fleet.spawn("customer-sucess-manager", account="a"),
            fleet.route("x", active_role="customer-sucess-manager"),
            fleet.compile("customer-sucess-manager"),
        ):
            with pytest.raises(UnknownRole) as caught:
                await attempt
            assert "customer-success-manager" in caught.value.hint
        with pytest.raises(UnknownRole) as caught:
            await fleet.spawn("zzz", account="a")
        assert "support-agent" in caught.value.hint


async def test_an_unknown_profile_and_a_bad_setting_are_typed() -> None:
    with pytest.raises(UnknownProfile):
        async with Fleet.open(database=None, model=None, profile="nosuch"):
            pass
    with pytest.raises(SettingError, match="engine"):
        async with Fleet.open(database=None, model=None, engine="steam"):
            pass


async def test_compile_gives_the_prefix_and_with_an_account_the_tail() -> None:
    async with open_fleet() as fleet:
        await (await fleet.spawn(CSM, account="acme")).ask("We have 40 seats.")
        (prefix,) = await fleet.compile(CSM)
        same, tail = await fleet.compile(CSM, account="acme")
        assert same == prefix
        assert "40 seats" in tail.text
        assert "1 March 2027" in tail.text
        assert fleet.model_info is None
        assert fleet.settings.tenant == "default"


async def test_a_model_of_the_callers_own_answers_and_is_not_closed() -> None:
    model = ToldModel("free", {"reply": ["Hello, good to hear from you."]})
    async with Fleet.open(database=None, model=model) as fleet:
        assert fleet.model_info == model.info
        reply = await (await fleet.spawn(CSM, account="acme")).ask("Hello!")
    assert reply.text == "Hello, good to hear from you."
    assert model.tasks == ["reply"]
