"""Budgets in whole turns: nothing is spent beyond them, the reply says so, and what was spent is told to the cent."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import anyio
import pytest
from guesthouse import COOK, HOST, HOUSE, PORTER, Post, Speaker, done, heard, open_house, said
from pydantic import BaseModel
from told import Given, ToldClock
from turning import calls, hand_off

from fleet_runtime import Fleet, tool
from fleet_runtime.errors import FleetError, ModelTimeout, ModelUnreachable
from fleet_runtime.messages import ModelReply, ModelRequest, Usage
from fleet_runtime.records import Reply
from fleet_runtime.settings import Price

pytestmark = pytest.mark.anyio

STAFF = {**HOUSE, HOST: Post("Keep guests", "cook meals", COOK, ("ring", "doze"))}
TABLE = {"told": Price(input=Decimal(2), cached=Decimal("0.5"), output=Decimal(10))}
DEAR = {"told": Price(input=Decimal(1000), output=Decimal(1000))}
DOWN = ModelUnreachable("nothing answers", hint="start it")
NOON = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)


@tool
def ring(times: int) -> str:
    """Ring the bell."""
    return f"rang {times} times"


@tool
async def doze(seconds: float) -> str:
    """Doze off."""
    await anyio.sleep(seconds)
    return "awake again"


def spent(text: str | ModelReply, read: int, written: int, *, cached: int = 0, model: str = "told") -> ModelReply:
    """Answer, and say what it cost in tokens."""
    reply = text if isinstance(text, ModelReply) else ModelReply(text=text)
    usage = Usage(prompt_tokens=read, cached_tokens=cached, completion_tokens=written, calls=1)
    return reply.model_copy(update={"usage": usage, "model": model})


async def asked(model: Speaker, folder: Path, text: str = "Hm, well.", **settings: Any) -> Reply:
    """Ask the host one message."""
    async with open_house(model, folder, house=STAFF, tools=[ring, doze], **settings) as fleet:
        return await (await fleet.spawn(HOST, account="a")).ask(text)


def says_so(reply: Reply, budget: str) -> None:
    """Hold a reply against what is promised of an exhausted one."""
    assert reply.exhausted == budget
    assert "stop here" in reply.text
    assert reply.parts[-1].kind == "composed"


@pytest.mark.parametrize(
    ("budget", "settings"),
    [
        ("turn_tokens", {"turn_tokens": 200}),
        ("turn_money", {"turn_money": "0.0001", "prices": DEAR}),
        ("turn_seconds", {"turn_seconds": 0.001}),
        ("day_tokens", {"day_tokens": 200}),
        ("day_money", {"day_money": "0.0001", "prices": DEAR}),
    ],
)
async def test_a_call_that_does_not_fit_is_not_made_and_the_reply_says_so(
    tmp_path: Path, budget: str, settings: dict[str, Any]
) -> None:
    model = Speaker("free", {"reply": ["never said"]})
    reply = await asked(model, tmp_path, **settings)
    says_so(reply, budget)
    assert model.calls == []
    assert reply.usage == Usage()


async def test_the_record_is_kept_in_a_turn_that_a_budget_ended(tmp_path: Path) -> None:
    model = Speaker("free", {"reply": ["It is Priya Nair."]})
    async with open_house(model, tmp_path, database=str(tmp_path / "f.db"), day_tokens=200) as fleet:
        reply = await (await fleet.spawn(HOST, account="a")).ask("Our champion is Priya Nair.", turn_id="t1")
        assert await (await fleet.spawn(HOST, account="a")).ask("Our champion is Priya Nair.", turn_id="t1") == reply
    says_so(reply, "day_tokens")
    async with open_house(model, tmp_path, database=str(tmp_path / "f.db")) as fleet:
        later = await (await fleet.spawn(HOST, account="a")).ask("Who is our champion?")
    assert any("Priya Nair" in found.text for found in later.recalled)


async def test_in_the_middle_of_a_turn_what_was_done_is_kept_and_told(tmp_path: Path) -> None:
    rung = spent(calls(("ring", {"times": 3})), 8_000, 900)
    model = Speaker("free", {"reply": [rung, "never said"]})
    reply = await asked(model, tmp_path, turn_tokens=9_000)
    says_so(reply, "turn_tokens")
    assert [(use.name, use.result) for use in reply.tools] == [("ring", "rang 3 times")]
    assert (len(model.calls), reply.usage.tokens, reply.usage.calls) == (1, 8_900, 1)


async def test_where_less_room_is_left_a_shorter_answer_is_allowed(tmp_path: Path) -> None:
    model = Speaker("free", {"reply": ["Short."]})
    await asked(model, tmp_path)
    (free,) = model.calls
    read = sum(len(message.content.encode()) for message in free.messages)
    bounded = Speaker("free", {"reply": ["Short."]})
    await asked(bounded, tmp_path, turn_tokens=read + 4_000)
    assert bounded.calls[0].max_tokens <= free.max_tokens
    tight = Speaker("free", {"reply": ["Short."] * 2})
    low, high = read, read + 4_000
    while high - low > 1:
        middle = (low + high) // 2
        reply = await asked(Speaker("free", {"reply": ["Short."]}), tmp_path, turn_tokens=middle)
        low, high = (low, middle) if not reply.exhausted else (middle, high)
    reply = await asked(tight, tmp_path, turn_tokens=high)
    assert not reply.exhausted
    assert 64 <= tight.calls[0].max_tokens < free.max_tokens


@pytest.mark.parametrize(
    ("model", "cost", "unpriced"),
    [("told", "0.0027", 0), ("told-2026-01-01", "0.0027", 0), ("", "0.0027", 0), ("tolder", "0", 1), ("other", "0", 1)],
)
async def test_money_is_reckoned_exactly_by_the_model_that_answered(
    tmp_path: Path, model: str, cost: str, unpriced: int
) -> None:
    """600 read anew at 2, 400 from the cache at 0.5, 130 written at 10, each for a million."""
    answer = spent("Good day.", 1_000, 130, cached=400, model=model)
    reply = await asked(Speaker("free", {"reply": [answer]}), tmp_path, prices=TABLE, turn_money="1")
    assert isinstance(reply.usage.cost, Decimal)
    assert (reply.usage.cost, reply.usage.unpriced) == (Decimal(cost), unpriced)
    assert reply.usage.cached_share == 0.4


async def test_a_model_without_a_price_is_asked_whatever_the_money_budget_and_told_call_by_call(tmp_path: Path) -> None:
    answers: list[Given] = [spent(calls(("ring", {"times": 1})), 10**6, 10**6), spent("Good day.", 10**6, 10**6)]
    reply = await asked(Speaker("free", {"reply": answers}), tmp_path, turn_money="0.01", prices={})
    assert (reply.text, reply.exhausted, reply.usage.unpriced) == ("Good day.", "", 2)


async def test_the_usage_sums_over_hops_and_colleagues(tmp_path: Path) -> None:
    answers: list[Given] = [
        spent(calls(("ask_colleague", {"to": PORTER, "question": "Where?"})), 100, 10, cached=50),
        spent("In the hall.", 200, 20, cached=100),
        spent(hand_off(COOK), 300, 30, cached=0),
        spent("I am the cook.", 400, 40, cached=250),
    ]
    reply = await asked(Speaker("free", {"reply": answers}), tmp_path, prices=TABLE)
    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens, reply.usage.calls) == (1_000, 100, 4)
    assert (reply.usage.cached_share, reply.usage.cost) == (0.4, Decimal("0.0024"))


async def test_a_colleague_draws_on_the_same_purse(tmp_path: Path) -> None:
    answers: list[Given] = [
        spent(calls(("ask_colleague", {"to": COOK, "question": "How many eggs?"})), 20_000, 500),
        spent("Forty.", 25_000, 500), "never said",
    ]  # fmt: skip
    model = Speaker("free", {"reply": answers})
    reply = await asked(model, tmp_path, turn_tokens=47_000)
    says_so(reply, "turn_tokens")
    assert (len(model.calls), reply.usage.tokens) == (2, 46_000)


async def test_time_left_bounds_each_call(tmp_path: Path) -> None:
    model = Speaker("free", {"reply": [calls(("doze", {"seconds": 0.05})), "Good day."]})
    await asked(model, tmp_path, turn_seconds=20)
    first, second = (call.timeout_seconds for call in model.calls)
    assert first is not None
    assert second is not None
    assert 19 < second <= first - 0.05 < 20


async def test_time_that_ran_out_in_a_tool_ends_the_turn_with_what_there_is(tmp_path: Path) -> None:
    model = Speaker("free", {"reply": [calls(("doze", {"seconds": 0.2})), "never said"]})
    reply = await asked(model, tmp_path, turn_seconds=0.2)
    says_so(reply, "turn_seconds")


async def test_a_tool_may_take_no_longer_than_the_turn_has_left(tmp_path: Path) -> None:
    model = Speaker("free", {"reply": [calls(("doze", {"seconds": 1.5})), "never said"]})
    begun = time.monotonic()
    reply = await asked(model, tmp_path, turn_seconds=0.2)
    assert time.monotonic() - begun < 1
    says_so(reply, "turn_seconds")


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_model_that_used_up_the_turns_time_ends_it_with_what_there_is(
    tmp_path: Path, *, streamed: bool
) -> None:
    """The client keeps to the time it was given, and that was all there was."""

    async def too_late(request: ModelRequest) -> str:
        assert request.timeout_seconds is not None
        await anyio.sleep(request.timeout_seconds)
        raise ModelTimeout("no answer in the time allowed", hint="try again")

    async with open_house(Speaker("free", {"reply": [too_late, too_late]}), tmp_path, turn_seconds=0.15) as fleet:
        agent = await fleet.spawn(HOST, account="a")
        if streamed:
            signals = await heard(agent.stream("Hm, well."))
            reply = done(signals).reply
            assert said(signals) == reply.text
        else:
            reply = await agent.ask("Hm, well.")
    says_so(reply, "turn_seconds")


async def test_a_day_is_spent_over_turns_and_processes_and_begins_anew(tmp_path: Path) -> None:
    clock = ToldClock(NOON)
    model = Speaker("free", {"reply": [spent("Good day.", 20_000, 1_000), "Good day.", "Good day."]})
    settings: dict[str, Any] = {"database": str(tmp_path / "f.db"), "day_tokens": 22_000}
    async with open_house(model, tmp_path, clock=clock, **settings) as fleet:
        assert not (await (await fleet.spawn(HOST, account="a")).ask("Hm, well.")).exhausted
    async with open_house(model, tmp_path, clock=clock, **settings) as fleet:
        agent = await fleet.spawn(HOST, account="a")
        says_so(await agent.ask("Hm, well."), "day_tokens")
        other = await (await fleet.spawn(HOST, account="b")).ask("Hm, well.")
        assert not other.exhausted
        clock.move(hours=13)
        assert not (await agent.ask("Hm, well.")).exhausted
    assert model.left() == {}


async def test_two_processes_at_once_spend_one_day(tmp_path: Path) -> None:
    answers: list[Given] = [spent("Good day.", 1_000, 100) for _ in range(8)]
    model = Speaker("free", {"reply": answers})
    flat = {"told": Price(input=Decimal(1), output=Decimal(1))}
    settings: dict[str, Any] = {"database": str(tmp_path / "f.db"), "day_money": "0.008", "prices": flat}
    replies: list[Reply] = []

    async def ask(fleet: Fleet) -> None:
        agent = await fleet.spawn(HOST, account="a")
        replies.extend([await agent.ask("Hm, well.") for _ in range(4)])

    async with (
        open_house(model, tmp_path, **settings) as one,
        open_house(model, tmp_path, **settings) as two,
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(ask, one)
        tasks.start_soon(ask, two)
    cost = sum((reply.usage.cost for reply in replies), Decimal(0))
    assert cost <= Decimal("0.008")
    assert len(replies) == 8
    ended = [reply.exhausted for reply in replies]
    assert "day_money" in ended
    assert "" in ended
    assert cost == Decimal("0.0011") * ended.count("")


async def test_a_turn_that_failed_is_counted_against_the_day(tmp_path: Path) -> None:
    clock = ToldClock(NOON)
    model = Speaker("free", {"reply": [spent(calls(("ring", {"times": 1})), 20_000, 1_000), DOWN, "never said"]})
    database = str(tmp_path / "f.db")
    async with open_house(
        model, tmp_path, house=STAFF, tools=[ring], clock=clock, database=database, day_tokens=100_000
    ) as fleet:
        agent = await fleet.spawn(HOST, account="a")
        with pytest.raises(ModelUnreachable):
            await agent.ask("Hm, well.", turn_id="t1")
    async with open_house(
        model, tmp_path, house=STAFF, tools=[ring], clock=clock, database=database, day_tokens=22_000
    ) as fleet:
        says_so(await (await fleet.spawn(HOST, account="a")).ask("Hm, well.", turn_id="t1"), "day_tokens")
    assert model.left() == {"reply": 1}


class Room(BaseModel):
    """An object to ask for."""

    number: int


async def test_an_object_that_a_budget_does_not_allow_is_a_typed_error(tmp_path: Path) -> None:
    model = Speaker("free", {"reply": ['{"number": 1}']})
    async with open_house(model, tmp_path, turn_tokens=200) as fleet:
        agent = await fleet.spawn(HOST, account="a")
        with pytest.raises(FleetError) as told:
            await agent.ask("Which room?", output=Room)
    assert told.value.code in {"budget-spent", "output-invalid"}
    assert model.calls == []


async def test_an_object_within_the_budget_comes_back_with_its_costs(tmp_path: Path) -> None:
    answers: list[Given] = [spent('{"number": "x"}', 100, 10), spent('{"number": 7}', 200, 10)]
    async with open_house(Speaker("free", {"reply": answers, "output": answers}), tmp_path, prices=TABLE) as fleet:
        agent = await fleet.spawn(HOST, account="a")
        assert (await agent.ask("Which room? It is 7.", output=Room)).number == 7
        assert agent.last_reply is not None
        assert (agent.last_reply.usage.calls, agent.last_reply.usage.cost) == (2, Decimal("0.0008"))


async def test_the_second_chance_of_a_guarded_reply_is_paid_from_the_same_purse(tmp_path: Path) -> None:
    bad = spent("The room is 480 euros a night.", 18_000, 500)
    model = Speaker("free", {"reply": [bad, "never said"]})
    reply = await asked(model, tmp_path, guard="enforce", turn_tokens=19_000)
    says_so(reply, "turn_tokens")
    assert "480" not in reply.text
