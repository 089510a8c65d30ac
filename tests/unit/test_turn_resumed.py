"""Turns that were cut off: nothing is done twice, nothing is lost, and the reply is whole all the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from guesthouse import COOK, HOST, HOUSE, Post, Speaker, done, heard, open_house, said, until_answered
from open_fleets import state_of
from pydantic import BaseModel
from told import Given
from turning import calls, hand_off

from fleet_runtime import Fleet, tool
from fleet_runtime.errors import ApprovalError, ModelUnreachable, OutputInvalid
from fleet_runtime.messages import ModelRequest, ToolCall
from fleet_runtime.ports import Tool
from fleet_runtime.records import Reply, Step, ToolContext

pytestmark = pytest.mark.anyio

STAFF = {
    **HOUSE,
    HOST: Post("Keep guests", "cook meals", COOK, ("ring", "pay", "refund")),
    COOK: Post("Cook meals", "rent rooms to guests", HOST, ("ring",)),
}
DOWN = ModelUnreachable("nothing answers", hint="start it")
RING = ToolCall(id="c1", name="ring", arguments="{}")
PAY = ToolCall(id="c2", name="pay", arguments="{}")


class Ledger:
    """Tools, and the keys under which they were run, in order."""

    def __init__(self) -> None:
        self.keys: list[str] = []

    def tools(self) -> list[Tool]:
        """Make the tools of the house."""

        @tool
        def ring(context: ToolContext) -> str:
            """Ring the bell."""
            self.keys.append(context.idempotency_key)
            return "rung"

        @tool(repeatable=False)
        def pay(context: ToolContext) -> str:
            """Pay once."""
            self.keys.append(context.idempotency_key)
            return "paid"

        @tool(needs_approval=True)
        def refund(amount: int, context: ToolContext) -> str:
            """Pay money back."""
            self.keys.append(context.idempotency_key)
            return f"paid {amount} back"

        return [ring, pay, refund]


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


def settings(folder: Path, ledger: Ledger) -> dict[str, Any]:
    """Give what all fleets of a test have in common."""
    return {"house": STAFF, "tools": ledger.tools(), "database": str(folder / "f.db")}


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("guard", ["off", "enforce"])
async def test_what_failed_between_tool_and_reply_goes_on_after_the_tool_in_another_process(
    tmp_path: Path, ledger: Ledger, guard: str, *, streamed: bool
) -> None:
    wanted = calls(("ring", {}), ("pay", {}), said="One moment. Hold on, please. ")
    broken = Speaker("free", {"reply": [wanted, DOWN]})
    async with open_house(broken, tmp_path, guard=guard, **settings(tmp_path, ledger)) as fleet:
        agent = await fleet.spawn(HOST, account="a")
        with pytest.raises(ModelUnreachable):
            await (
                heard(agent.stream("Ring and pay.", turn_id="t1"))
                if streamed
                else agent.ask("Ring and pay.", turn_id="t1")
            )
    model = Speaker("free", {"reply": ["It is all well. Good day."]})
    async with open_house(model, tmp_path, guard=guard, resume=False, **settings(tmp_path, ledger)) as fleet:
        signals = await heard((await fleet.spawn(HOST, account="a")).stream("Ring and pay.", turn_id="t1"))
    reply = done(signals).reply
    assert sorted(ledger.keys) == ["t1:1:0", "t1:1:1"]
    assert sorted((use.id, use.result, use.failed) for use in reply.tools) == [
        ("t1:1:0", "rung", False), ("t1:1:1", "paid", False),
    ]  # fmt: skip
    assert [message.content for message in model.calls[0].messages if message.role == "tool"] == ["rung", "paid"]
    assert reply.text.endswith("It is all well. Good day.")
    assert said(signals) == reply.text


async def test_a_turn_that_fails_again_and_again_does_each_thing_once(tmp_path: Path, ledger: Ledger) -> None:
    answers: list[Given] = [
        DOWN, calls(("ring", {})), DOWN, DOWN, calls(("pay", {}), ("ring", {})), DOWN, hand_off(COOK), DOWN,
        calls(("ring", {})), DOWN, "I am the cook.",
    ]  # fmt: skip
    model = Speaker("free", {"reply": answers})
    async with open_house(model, tmp_path, **settings(tmp_path, ledger)) as fleet:
        agent = await fleet.spawn(HOST, account="a")
        for _ in range(answers.count(DOWN)):
            with pytest.raises(ModelUnreachable):
                await agent.ask("Hm, well.", turn_id="t1")
        reply = await agent.ask("Hm, well.", turn_id="t1")
        again = await agent.ask("Hm, well.", turn_id="t1")
    assert model.left() == {}
    assert again == reply
    assert len(set(ledger.keys)) == len(ledger.keys) == 4
    assert [(hop.from_role, hop.to_role) for hop in reply.hand_offs] == [(HOST, COOK)]
    assert sorted(use.id for use in reply.tools) == sorted(ledger.keys)
    assert (reply.role, reply.owner) == (COOK, COOK)
    assert [part.kind for part in reply.parts] == ["hand_off", "free"]


async def test_an_orphan_round_is_completed_what_may_not_be_repeated_is_told_as_uncertain(
    tmp_path: Path, ledger: Ledger
) -> None:
    """A process died after it had kept the wish, and before it had kept the results."""
    model = Speaker("free", {"reply": ["It is all well."]})
    async with open_house(model, tmp_path, resume=False, **settings(tmp_path, ledger)) as fleet:
        agent = await fleet.spawn(HOST, account="a")
        turn = await agent.accept("Ring and pay.", turn_id="t1")
        await fleet._desk.store.put_step(turn.key, "t1", Step(number=1, role=HOST, calls=(RING, PAY)))
        reply = await agent.answer(turn)
    assert ledger.keys == ["t1:1:0"]
    rung, paid = (message.content for message in model.calls[0].messages if message.role == "tool")
    assert rung == "rung"
    assert "may have happened" in paid
    assert sorted(use.id for use in reply.tools) == ["t1:1:0", "t1:1:1"]
    kept = await _steps(tmp_path, ledger)
    assert [len(step.results) for step in kept] == [2]


async def _steps(folder: Path, ledger: Ledger) -> tuple[Step, ...]:
    """Read a turn's rounds as they are kept."""
    async with open_house(None, folder, resume=False, **settings(folder, ledger)) as fleet:
        return await fleet._desk.store.steps(fleet._desk.key("a"), "t1")


async def test_an_orphan_round_whose_tool_is_gone_is_told_and_not_an_error(tmp_path: Path, ledger: Ledger) -> None:
    gone = ToolCall(id="c1", name="toll", arguments="{}")
    model = Speaker("free", {"reply": ["It is not possible."]})
    async with open_house(model, tmp_path, resume=False, **settings(tmp_path, ledger)) as fleet:
        agent = await fleet.spawn(HOST, account="a")
        turn = await agent.accept("Toll.", turn_id="t1")
        await fleet._desk.store.put_step(turn.key, "t1", Step(number=1, role=HOST, calls=(gone,)))
        reply = await agent.answer(turn)
    assert reply.text == "It is not possible."
    assert [use.failed for use in reply.tools] == [True]


async def test_an_orphan_round_of_another_right_is_not_run(tmp_path: Path, ledger: Ledger) -> None:
    """What a turn may use is narrowed by its grant also when it is taken up again."""
    model = Speaker("free", {"reply": ["It is not possible."]})
    async with open_house(model, tmp_path, resume=False, **settings(tmp_path, ledger)) as fleet:
        agent = await fleet.spawn(HOST, account="a")
        turn = await agent.accept("Ring.", turn_id="t1", tools=["pay"])
        await fleet._desk.store.put_step(turn.key, "t1", Step(number=1, role=HOST, calls=(RING,)))
        await agent.answer(turn)
    assert ledger.keys == []


async def test_a_hand_off_that_a_crash_cut_off_is_made_once(tmp_path: Path, ledger: Ledger) -> None:
    wish = hand_off(COOK).tool_calls
    model = Speaker("free", {"reply": ["I am the cook."]})
    async with open_house(model, tmp_path, resume=False, **settings(tmp_path, ledger)) as fleet:
        agent = await fleet.spawn(HOST, account="a")
        turn = await agent.accept("Hm, well.", turn_id="t1")
        await fleet._desk.store.put_step(turn.key, "t1", Step(number=1, role=HOST, calls=wish))
        signals = await heard(agent.stream_answer(turn))
    reply = done(signals).reply
    assert [(hop.from_role, hop.to_role) for hop in reply.hand_offs] == [(HOST, COOK)]
    assert [part.role for part in reply.parts] == [HOST, COOK]
    assert said(signals) == reply.text


async def test_what_a_colleague_answered_before_a_crash_is_not_asked_again(tmp_path: Path, ledger: Ledger) -> None:
    answers: list[Given] = [
        calls(("ask_colleague", {"to": COOK, "question": "Eggs?"})),
        calls(("ring", {})),
        "Forty.",
        DOWN,
    ]
    model = Speaker("free", {"reply": answers})
    async with open_house(model, tmp_path, **settings(tmp_path, ledger)) as fleet:
        agent = await fleet.spawn(HOST, account="a")
        with pytest.raises(ModelUnreachable):
            await agent.ask("Eggs?", turn_id="t1")
        model.tell("reply", "We have forty.")
        reply = await agent.ask("Eggs?", turn_id="t1")
    assert reply.text == "We have forty."
    assert len(ledger.keys) == 1
    assert "Forty." in model.calls[-1].messages[-1].content


async def test_a_colleague_who_failed_after_its_tool_does_not_run_it_again(tmp_path: Path, ledger: Ledger) -> None:
    ask = calls(("ask_colleague", {"to": COOK, "question": "Eggs?"}))
    model = Speaker("free", {"reply": [ask, calls(("ring", {})), DOWN, "Forty.", "We have forty."]})
    async with open_house(model, tmp_path, **settings(tmp_path, ledger)) as fleet:
        agent = await fleet.spawn(HOST, account="a")
        with pytest.raises(ModelUnreachable):
            await agent.ask("Eggs?", turn_id="t1")
        reply = await agent.ask("Eggs?", turn_id="t1")
    assert reply.text == "We have forty."
    assert len(ledger.keys) == 1
    assert len([use for use in reply.tools if use.name == "ring"]) == 1


async def test_an_unanswered_turn_of_before_is_finished_before_the_next_is_answered(
    tmp_path: Path, ledger: Ledger
) -> None:
    broken = Speaker("free", {"reply": [calls(("ring", {})), DOWN]})
    async with open_house(broken, tmp_path, **settings(tmp_path, ledger)) as fleet:
        with pytest.raises(ModelUnreachable):
            await (await fleet.spawn(HOST, account="a")).ask("First.", turn_id="t1")
    model = Speaker("free", {"reply": ["To the first.", "To the second."]})
    async with open_house(model, tmp_path, resume=False, **settings(tmp_path, ledger)) as fleet:
        reply = await (await fleet.spawn(HOST, account="a")).ask("Second.", turn_id="t2")
        turns = (await state_of(fleet, "a")).turns
    assert reply.text == "To the second."
    assert [turn.reply and turn.reply.text for turn in turns] == ["To the first.", "To the second."]
    assert ledger.keys == ["t1:1:0"]


async def test_a_repeated_turn_id_asks_no_model_and_runs_no_tool(tmp_path: Path, ledger: Ledger) -> None:
    model = Speaker("free", {"reply": [calls(("ring", {})), hand_off(COOK), "I am the cook."]})
    async with open_house(model, tmp_path, **settings(tmp_path, ledger)) as fleet:
        reply = await (await fleet.spawn(HOST, account="a")).ask("Hm, well.", turn_id="t1")
    silent = Speaker("free")
    async with open_house(silent, tmp_path, **settings(tmp_path, ledger)) as fleet:
        agent = await fleet.spawn(HOST, account="a")
        assert await agent.ask("Hm, well.", turn_id="t1") == reply
        assert await agent.ask("Something else entirely.", turn_id="t1", tools=[]) == reply
        assert await (await fleet.spawn(COOK, account="a")).ask("Hm, well.", turn_id="t1") == reply
        assert done(await heard(agent.stream("Hm, well.", turn_id="t1"))).reply == reply
    assert silent.calls == []
    assert len(ledger.keys) == 1


@pytest.mark.parametrize("kept", ["f.db", "none"])
async def test_the_same_turn_asked_for_twice_at_once_is_done_once(tmp_path: Path, ledger: Ledger, kept: str) -> None:
    answers: list[Given] = [calls(("ring", {})), "It is rung.", calls(("ring", {})), "It is rung again."]
    model = Speaker("free", {"reply": answers})
    replies: list[Reply] = []
    database = kept if kept == "none" else str(tmp_path / kept)
    async with open_house(model, tmp_path, **{**settings(tmp_path, ledger), "database": database}) as fleet:

        async def ask() -> None:
            replies.append(await (await fleet.spawn(HOST, account="a")).ask("Ring.", turn_id="t1"))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ask)
            tasks.start_soon(ask)
    assert ledger.keys == ["t1:1:0"]
    assert len(model.calls) == 2
    assert [reply.text for reply in replies] == ["It is rung."] * 2


async def test_the_same_turn_asked_for_in_two_fleets_at_once_is_done_once(tmp_path: Path, ledger: Ledger) -> None:
    answers: list[Given] = [calls(("ring", {})), "It is rung.", calls(("ring", {})), "It is rung again."]
    model = Speaker("free", {"reply": answers})
    replies: list[Reply] = []

    async def ask(fleet: Fleet) -> None:
        replies.append(await (await fleet.spawn(HOST, account="a")).ask("Ring.", turn_id="t1"))

    async with (
        open_house(model, tmp_path, **settings(tmp_path, ledger)) as one,
        open_house(model, tmp_path, **settings(tmp_path, ledger)) as two,
        anyio.create_task_group() as tasks,
    ):
        for fleet in (one, two):
            tasks.start_soon(ask, fleet)
    assert ledger.keys == ["t1:1:0"]
    assert len(model.calls) == 2
    assert [reply.text for reply in replies] == ["It is rung."] * 2


@pytest.mark.parametrize("fleets", [1, 2])
async def test_two_who_decide_at_once_have_it_done_once(tmp_path: Path, ledger: Ledger, fleets: int) -> None:
    model = Speaker("free", {"reply": [calls(("refund", {"amount": 40})), "You have it back.", "never said"]})
    outcomes: list[Reply] = []
    async with open_house(model, tmp_path, **settings(tmp_path, ledger)) as one:
        asked = await (await one.spawn(HOST, account="a")).ask("Back, please.", turn_id="t1")
        (question,) = asked.approvals

        async def decide(fleet: Fleet, by: str) -> None:
            outcomes.append(await fleet.approvals.approve(question.id, by=by))

        async with (
            open_house(model, tmp_path, **settings(tmp_path, ledger)) as two,
            anyio.create_task_group() as tasks,
        ):
            tasks.start_soon(decide, one, "Kim")
            tasks.start_soon(decide, (one, two)[fleets - 1], "Lee")
    assert ledger.keys == ["t1:1:0"]
    assert [outcome.text for outcome in outcomes] == ["You have it back."] * 2
    assert model.left() == {"reply": 1}


async def test_yes_and_no_at_once_one_of_them_counts(tmp_path: Path, ledger: Ledger) -> None:
    model = Speaker("free", {"reply": [calls(("refund", {"amount": 40})), "So it is.", "So it is."]})
    async with open_house(model, tmp_path, **settings(tmp_path, ledger)) as fleet:
        asked = await (await fleet.spawn(HOST, account="a")).ask("Back, please.", turn_id="t1")
    (question,) = asked.approvals
    refused: list[ApprovalError] = []

    async def decide(deciding: Callable[..., Any]) -> None:
        try:
            assert (await deciding(question.id)).text == "So it is."
        except ApprovalError as error:
            refused.append(error)

    async with (
        open_house(model, tmp_path, **settings(tmp_path, ledger)) as one,
        open_house(model, tmp_path, **settings(tmp_path, ledger)) as two,
    ):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(decide, one.approvals.approve)
            tasks.start_soon(decide, two.approvals.reject)
        (decided,) = await one.approvals.list(None)
    assert len(refused) == 1
    assert ledger.keys == (["t1:1:0"] if decided.state == "approved" else [])


async def test_several_questions_of_a_turn_are_decided_one_by_one(tmp_path: Path, ledger: Ledger) -> None:
    wanted = calls(("refund", {"amount": 1}), ("refund", {"amount": 2}), ("ring", {}))
    model = Speaker("free", {"reply": [wanted, "One is back.", "No second."]})
    async with open_house(model, tmp_path, **settings(tmp_path, ledger)) as fleet:
        asked = await (await fleet.spawn(HOST, account="a")).ask("Back, please.", turn_id="t1")
        first, second = asked.approvals
        assert ledger.keys == ["t1:1:2"]
        assert (await fleet.approvals.approve(first.id)).text == "One is back."
        assert ledger.keys == ["t1:1:2", "t1:1:0"]
        assert (await fleet.approvals.reject(second.id)).text == "No second."
    assert ledger.keys == ["t1:1:2", "t1:1:0"]


async def test_decided_and_never_begun_is_carried_on_by_the_next_fleet_that_opens(
    tmp_path: Path, ledger: Ledger
) -> None:
    model = Speaker("free", {"reply": [calls(("refund", {"amount": 40})), "You have it back."]})
    async with open_house(model, tmp_path, **settings(tmp_path, ledger)) as fleet:
        asked = await (await fleet.spawn(HOST, account="a")).ask("Back, please.", turn_id="t1")
        (question,) = asked.approvals
        now = fleet._desk.clock()
        await fleet._desk.store.decide("default", question.id, approve=True, by="Kim", note="", now=now)
    async with open_house(model, tmp_path, **settings(tmp_path, ledger)) as fleet:
        await until_answered(fleet, "a", 2)
        assert (await fleet.approvals.approve(question.id)).text == "You have it back."
    assert ledger.keys == ["t1:1:0"]


class Sum(BaseModel):
    """An object to ask for."""

    euros: int


async def test_an_object_whose_turn_failed_is_had_by_repeating_it(tmp_path: Path, ledger: Ledger) -> None:
    answers: list[Given] = [calls(("ring", {})), DOWN, '{"euros": "many"}', '{"euros": 40}']
    model = Speaker("free", {"reply": answers, "output": answers[1:]})
    async with open_house(model, tmp_path, **settings(tmp_path, ledger)) as fleet:
        agent = await fleet.spawn(HOST, account="a")
        with pytest.raises(ModelUnreachable):
            await agent.ask("How much? It was 40.", output=Sum, turn_id="t1")
        assert await agent.ask("How much? It was 40.", output=Sum, turn_id="t1") == Sum(euros=40)
        count = len(model.calls)
        assert await agent.ask("How much? It was 40.", output=Sum, turn_id="t1") == Sum(euros=40)
        assert len(model.calls) == count
    assert ledger.keys == ["t1:1:0"]


async def test_an_object_that_nothing_supports_is_not_given_out_under_enforce(tmp_path: Path, ledger: Ledger) -> None:
    answers: list[Given] = ['{"euros": 4815}'] * 4
    model = Speaker("free", {"reply": answers, "output": answers})
    async with open_house(model, tmp_path, guard="enforce", **settings(tmp_path, ledger)) as fleet:
        agent = await fleet.spawn(HOST, account="a")
        with pytest.raises(OutputInvalid):
            await agent.ask("How much?", output=Sum, turn_id="t1")


async def test_a_question_for_a_person_where_an_object_was_asked_for_is_a_typed_error_and_is_kept(
    tmp_path: Path, ledger: Ledger
) -> None:
    model = Speaker("free", {"reply": [calls(("refund", {"amount": 40}))]})
    async with open_house(model, tmp_path, **settings(tmp_path, ledger)) as fleet:
        agent = await fleet.spawn(HOST, account="a")
        with pytest.raises(OutputInvalid):
            await agent.ask("Back, please.", output=Sum, turn_id="t1")
        assert len(await fleet.approvals.list()) == 1
    assert ledger.keys == []


async def test_what_the_customer_said_is_told_to_the_model_again_when_a_turn_is_taken_up(
    tmp_path: Path, ledger: Ledger
) -> None:
    """The prompt of the second attempt begins with that of the first, so that the provider's cache holds it."""
    model = Speaker("free", {"reply": [calls(("ring", {})), DOWN, "It is rung."]})
    async with open_house(model, tmp_path, **settings(tmp_path, ledger)) as fleet:
        agent = await fleet.spawn(HOST, account="a")
        with pytest.raises(ModelUnreachable):
            await agent.ask("Ring.", turn_id="t1")
        await agent.ask("Ring.", turn_id="t1")

    def shown(request: ModelRequest) -> list[tuple[str, str]]:
        return [(message.role, message.content) for message in request.messages]

    assert shown(model.calls[1]) == shown(model.calls[2])
