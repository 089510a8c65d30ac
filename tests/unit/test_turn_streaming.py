"""What a stream tells: every step once and in order, the reply's text exactly, and nothing of a turn that failed."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import anyio
import pytest
from guesthouse import COOK, HOST, HOUSE, Post, Speaker, done, heard, kinds, open_house, said
from open_fleets import CSM, open_fleet, state_of
from told import Given
from turning import calls, hand_off

from fleet_runtime import Fleet, tool
from fleet_runtime.errors import MessageError, ModelUnreachable
from fleet_runtime.messages import ModelReply, ModelRequest, Usage
from fleet_runtime.signals import (
    ApprovalAsked,
    Consulted,
    Decided,
    HandedOff,
    MemoryLearned,
    ModelAnswered,
    ModelAsked,
    Objected,
    Signal,
    TextReleased,
    ToolAnswered,
    ToolCalled,
    TurnFailed,
)

pytestmark = pytest.mark.anyio

DOWN = ModelUnreachable("nothing answers", hint="start it")
MORNING = "Good morning. I am glad to hear from you.\n\nWhat can I do for you?"
STAFF = {**HOUSE, HOST: Post("Keep guests", "cook meals", COOK, ("ring", "refund"))}


@tool
def ring(times: int) -> str:
    """Ring the bell."""
    if times > 99:
        raise ValueError("the bell is worn out")
    return f"rang {times} times"


@tool(needs_approval=True)
def refund(amount: int) -> str:
    """Pay money back."""
    return f"paid {amount} back"


async def streamed(model: Speaker, folder: Path, text: str = "Hm, well.", **settings: Any) -> list[Signal]:
    """Stream one message to the host."""
    async with open_house(model, folder, house=STAFF, tools=[ring, refund], **settings) as fleet:
        agent = await fleet.spawn(HOST, account="a")
        return await heard(agent.stream(text, turn_id="t1"))


async def test_a_plain_turn_tells_its_steps_in_order() -> None:
    async with open_fleet(Speaker("free", {"reply": [MORNING]}), learning="rules", guard="off") as fleet:
        agent = await fleet.spawn(CSM, account="a")
        signals = await heard(agent.stream("Our champion is Priya Nair.", turn_id="t1"))
    assert kinds(signals) == ["began", "decision", "learned", "model_asked", "token", "model_answered", "done"]
    assert {signal.turn_id for signal in signals} == {"t1"}
    reply = done(signals).reply
    (decided,) = [signal.decision for signal in signals if isinstance(signal, Decided)]
    assert decided == reply.decision
    (learned,) = [signal for signal in signals if isinstance(signal, MemoryLearned)]
    assert learned.learned == reply.learned != ()


async def test_what_memory_gave_is_told_before_the_model_is_asked(tmp_path: Path) -> None:
    model = Speaker("free", {"reply": ["Noted.", "It is Priya Nair."]})
    async with open_house(model, tmp_path) as fleet:
        agent = await fleet.spawn(HOST, account="a")
        await agent.ask("Our champion is Priya Nair.")
        signals = await heard(agent.stream("Who is our champion?"))
    told = kinds(signals)
    assert told.index("memory") < told.index("model_asked")
    recalled = next(signal for signal in signals if signal.kind == "memory")
    assert recalled.recalled == done(signals).reply.recalled != ()  # type: ignore[attr-defined] # a MemoryRecalled


async def test_a_tool_turn_tells_each_call_before_its_result(tmp_path: Path) -> None:
    wanted = calls(("ring", {"times": 3}), ("ring", {"times": 100}), said="One moment. Hold on, please. ")
    signals = await streamed(Speaker("free", {"reply": [wanted, "I rang. All is well."]}), tmp_path)
    assert kinds(signals) == [
        "began", "decision", "model_asked", "token", "model_answered", "tool_call", "tool_result",
        "tool_call", "tool_result", "model_asked", "token", "model_answered", "done",
    ] or kinds(signals)[5:9] == ["tool_call", "tool_call", "tool_result", "tool_result"]  # fmt: skip
    called = [signal for signal in signals if isinstance(signal, ToolCalled)]
    answered = [signal.use for signal in signals if isinstance(signal, ToolAnswered)]
    assert [(call.use_id, call.role, call.name, call.arguments) for call in called] == [
        ("t1:1:0", HOST, "ring", '{"times": 3}'), ("t1:1:1", HOST, "ring", '{"times": 100}'),
    ]  # fmt: skip
    for use in answered:
        order = [signal.kind for signal in signals if use.id in (getattr(signal, "use_id", ""), _use_id(signal))]
        assert order == ["tool_call", "tool_result"]
    reply = done(signals).reply
    assert answered == list(reply.tools)
    assert {use.id: use.failed for use in reply.tools} == {"t1:1:0": False, "t1:1:1": True}
    assert said(signals) == reply.text == "One moment. Hold on, please. I rang. All is well."


def _use_id(signal: Signal) -> str:
    """Return the key of the call that a result belongs to."""
    return signal.use.id if isinstance(signal, ToolAnswered) else ""


async def test_a_hand_off_is_told_between_the_one_role_and_the_other(tmp_path: Path) -> None:
    model = Speaker("free", {"reply": [hand_off(COOK), "I am the cook. Tell me more."]})
    signals = await streamed(model, tmp_path)
    assert kinds(signals) == [
        "began", "decision", "model_asked", "model_answered", "hand_off", "token",
        "model_asked", "token", "model_answered", "done",
    ]  # fmt: skip
    reply = done(signals).reply
    assert tuple(signal.packet for signal in signals if isinstance(signal, HandedOff)) == reply.hand_offs
    assert [signal.role for signal in signals if isinstance(signal, ModelAsked)] == [HOST, COOK]
    roles = [signal.role for signal in signals if isinstance(signal, TextReleased)]
    assert roles == sorted(roles, key=[HOST, COOK].index)
    assert said(signals) == reply.text


async def test_what_a_colleague_says_in_between_is_not_said_to_the_customer(tmp_path: Path) -> None:
    asked = calls(("ask_colleague", {"to": COOK, "question": "How many eggs?"}))
    model = Speaker("free", {"reply": [asked, "Forty, between us.", "We have plenty."]})
    signals = await streamed(model, tmp_path)
    (consulted,) = [signal for signal in signals if isinstance(signal, Consulted)]
    assert (consulted.role, consulted.colleague, consulted.question, consulted.answer, consulted.why) == (
        HOST, COOK, "How many eggs?", "Forty, between us.", "",
    )  # fmt: skip
    assert said(signals) == done(signals).reply.text == "We have plenty."


async def test_a_question_for_a_person_is_told_and_ends_the_turn(tmp_path: Path) -> None:
    signals = await streamed(Speaker("free", {"reply": [calls(("refund", {"amount": 40}))]}), tmp_path)
    assert kinds(signals) == [
        "began", "decision", "model_asked", "model_answered", "approval", "token", "done",
    ]  # fmt: skip
    reply = done(signals).reply
    assert tuple(signal.approval for signal in signals if isinstance(signal, ApprovalAsked)) == reply.approvals
    assert said(signals) == reply.text


@pytest.mark.parametrize("guard", ["warn", "enforce"])
async def test_each_finding_is_told_once_before_the_end(tmp_path: Path, guard: str) -> None:
    answers: list[Given] = ["Good day. The room is 480 euros a night.", "I do not know the price."]
    signals = await streamed(Speaker("free", {"reply": answers}), tmp_path, guard=guard)
    found = tuple(signal.finding for signal in signals if isinstance(signal, Objected))
    assert found == done(signals).reply.findings
    assert [finding.text for finding in found] == ["480 euros"]


ANSWERS: tuple[tuple[Given, ...], ...] = (
    (MORNING,),
    (f"  {MORNING}",),
    (f"{MORNING}\n",),
    ("Good morning.   \n\n\n  And good night. ",),
    ("", "", ""),
    (" \n ", " \n ", ""),
    ('He said "Good morning." and went',),
    ("1. Tea\n2. Coffee\n\n```\ncode.  here\n```\n",),
    (calls(("ring", {"times": 1}), said="One moment. Hold on. "), "All is well."),
    (calls(("ring", {"times": 1}), said="One moment. Hold on"), "All is well."),
    (calls(("ring", {"times": 1}), said="One moment.\n\n"), calls(("ring", {"times": 1})), "Well."),
    (calls(("ring", {"times": 1})), "", ""),
    (calls(("refund", {"amount": 1}), said="One moment. Let me ask. "),),
    (calls(("refund", {"amount": 1}), said="One moment. Let me ask"),),
    (hand_off(COOK).model_copy(update={"text": "Good day. Wait. "}), "It is me. Good day."),
    (hand_off(COOK).model_copy(update={"text": "Good day. Wait"}), " It is me. Good day.\n"),
    (hand_off(COOK), hand_off(HOST), MORNING),
    (calls(("ask_colleague", {"to": COOK, "question": "?"}), said="One moment. Hold on. "), "Fine.", "Well."),
    tuple(calls(("ring", {"times": 1}), said="Once more. Hold on. ") for _ in range(4)),
)  # fmt: skip
"""What a model says, round by round."""


@pytest.mark.parametrize(
    ("guard", "answers"),
    [
        pytest.param(guard, answers, id=f"{place}-{guard}")
        for place, answers in enumerate(ANSWERS)
        for guard in ("off", "warn", "enforce")
    ],
)
async def test_what_is_said_is_the_reply_to_the_letter(tmp_path: Path, guard: str, answers: tuple[Given, ...]) -> None:
    model = Speaker("free", {"reply": answers})
    signals = await streamed(model, tmp_path, guard=guard, tool_rounds=3)
    reply = done(signals).reply
    assert said(signals) == reply.text
    assert reply.text == "\n\n".join(part.text for part in reply.parts)
    assert reply.text.strip()


@pytest.mark.parametrize("guard", ["off", "enforce"])
async def test_what_is_said_is_the_reply_where_a_budget_ends_it(tmp_path: Path, guard: str) -> None:
    rung = calls(("ring", {"times": 1}), said="One moment. Hold on. ").model_copy(
        update={"usage": Usage(prompt_tokens=9_000, completion_tokens=900, calls=1)}
    )
    signals = await streamed(Speaker("free", {"reply": [rung]}), tmp_path, guard=guard, turn_tokens=9_950)
    reply = done(signals).reply
    assert reply.exhausted == "turn_tokens"
    assert reply.text.startswith("One moment.")
    assert said(signals) == reply.text


@pytest.mark.parametrize(
    "guard",
    [
        "off",
        "enforce",
    ],
)
async def test_every_model_call_that_is_begun_is_told_to_its_end_and_sums_to_the_usage(
    tmp_path: Path, guard: str
) -> None:
    answers: list[Given] = [
        calls(("ring", {"times": 1})), "Good day. The room is 480 euros a night. See you.", "I do not know the price.",
    ]  # fmt: skip
    signals = await streamed(Speaker("free", {"reply": answers}), tmp_path, guard=guard)
    told = [signal.kind for signal in signals if isinstance(signal, ModelAsked | ModelAnswered)]
    assert told == ["model_asked", "model_answered"] * (len(told) // 2)
    answered = [signal.usage for signal in signals if isinstance(signal, ModelAnswered)]
    assert sum(answered, Usage()) == done(signals).reply.usage


async def test_what_is_listened_to_is_what_is_streamed(tmp_path: Path) -> None:
    also: list[Signal] = []
    model = Speaker("free", {"reply": [calls(("ring", {"times": 1})), MORNING]})
    async with open_house(model, tmp_path, house=STAFF, tools=[ring], listen=also.append) as fleet:
        signals = await heard((await fleet.spawn(HOST, account="a")).stream("Hm, well."))
    assert also == signals


async def test_asking_tells_the_same_steps_as_streaming_and_says_nothing_piece_by_piece(tmp_path: Path) -> None:
    also: list[Signal] = []
    answers: list[Given] = [calls(("ring", {"times": 1})), hand_off(COOK), MORNING]
    model = Speaker("free", {"reply": answers * 2})
    async with open_house(model, tmp_path, house=STAFF, tools=[ring], listen=also.append) as fleet:
        asked = await (await fleet.spawn(HOST, account="a")).ask("Hm, well.")
        heard_of_asked = kinds(also)
        signals = await heard((await fleet.spawn(HOST, account="b")).stream("Hm, well."))
    assert heard_of_asked == kinds(signals, but=("stage", "token"))
    assert asked.text == done(signals).reply.text


async def test_a_turn_done_before_is_read_out_again_without_a_model(tmp_path: Path) -> None:
    model = Speaker("free", {"reply": [hand_off(COOK), MORNING]})
    async with open_house(model, tmp_path) as fleet:
        agent = await fleet.spawn(HOST, account="a")
        first = await heard(agent.stream("Hm, well.", turn_id="t1"))
        again = await heard(agent.stream("Hm, well.", turn_id="t1"))
    assert said(again) == said(first) == done(again).reply.text
    assert done(again) == done(first)
    assert len(model.calls) == 2


@pytest.mark.parametrize("guard", ["off", "warn", "enforce"])
@pytest.mark.parametrize("until", ["", "Good", "Good morning. I am", "Good morning. I am glad. "])
async def test_a_stream_that_breaks_commits_nothing_and_can_be_repeated(tmp_path: Path, guard: str, until: str) -> None:
    model = Speaker("free", {"reply": [MORNING]})
    model.break_off("reply", until, DOWN)
    signals: list[Signal] = []
    async with open_house(model, tmp_path, guard=guard, listen=signals.append) as fleet:
        agent = await fleet.spawn(HOST, account="a")
        with pytest.raises(ModelUnreachable):
            await heard(agent.stream("Our champion is Priya Nair.", turn_id="t1"))
        last = signals[-1]
        assert isinstance(last, TurnFailed)
        assert last.code == DOWN.code
        assert until.startswith(said(signals))
        state = await state_of(fleet, "a")
        assert [(turn.state, turn.reply) for turn in state.turns] == [("accepted", None)]
        assert (state.facts, state.events) == ((), ())
        again = await heard(agent.stream("Our champion is Priya Nair.", turn_id="t1"))
        assert said(again) == done(again).reply.text == MORNING
        assert [turn.state for turn in (await state_of(fleet, "a")).turns] == ["done"]


@pytest.mark.parametrize("after", ["began", "token", "tool_call"])
async def test_an_abandoned_stream_is_answered_and_committed(tmp_path: Path, after: str) -> None:
    model = Speaker("free", {"reply": [calls(("ring", {"times": 1}), said="One moment. Hold on. "), MORNING]})
    settings: dict[str, Any] = {"house": STAFF, "tools": [ring], "database": str(tmp_path / "f.db")}
    async with open_house(model, tmp_path, **settings) as fleet:
        stream = (await fleet.spawn(HOST, account="a")).stream("Hm, well.", turn_id="t1")
        async for signal in stream:
            if signal.kind == after:
                break
        assert isinstance(stream, AsyncGenerator)
        await stream.aclose()
    async with open_house(None, tmp_path, **settings) as fleet:
        (turn,) = (await state_of(fleet, "a")).turns
    assert turn.reply is not None
    assert turn.reply.text == f"One moment. Hold on. {MORNING}"


async def test_messages_of_one_conversation_are_answered_in_the_order_of_their_arrival(tmp_path: Path) -> None:
    """However they are begun: the first is the slowest, and nobody overtakes it."""
    under_way = 0
    most = 0
    answered: list[str] = []

    async def slowly(request: ModelRequest) -> str:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await anyio.sleep(0.05 if not answered else 0)
        under_way -= 1
        answered.append(request.messages[-1].content.split("> message ")[-1].strip())
        return f"That was {answered[-1]}."

    async with open_house(Speaker("free", {"reply": [slowly] * 5}), tmp_path) as fleet:
        agent = await fleet.spawn(HOST, account="a")
        turns = [await agent.accept(f"message {letter}") for letter in "abcde"]
        replies: dict[str, str] = {}

        async def hear(letter: str, place: int) -> None:
            replies[letter] = said(await heard(agent.stream_answer(turns[place])))

        async with anyio.create_task_group() as tasks:
            for place in (4, 2, 0, 3, 1):
                tasks.start_soon(hear, "abcde"[place], place)
    assert answered == list("abcde")
    assert most == 1
    assert replies == {letter: f"That was {letter}." for letter in "abcde"}


async def test_accounts_are_answered_side_by_side(tmp_path: Path) -> None:
    """Each waits for all others: one after the other they would wait for ever."""
    all_there = anyio.Event()
    present = 0

    async def together(_: ModelRequest) -> str:
        nonlocal present
        present += 1
        if present == 4:
            all_there.set()
        with anyio.fail_after(5):
            await all_there.wait()
        return "Here we are."

    async def ask(fleet: Fleet, account: str) -> None:
        reply = await (await fleet.spawn(HOST, account=account)).ask("Hm, well.")
        assert reply.text == "Here we are."

    async with (
        open_house(Speaker("free", {"reply": [together] * 4}), tmp_path) as fleet,
        anyio.create_task_group() as tasks,
    ):
        for account in "abcd":
            tasks.start_soon(ask, fleet, account)


async def test_a_message_that_cannot_be_kept_streams_nothing(tmp_path: Path) -> None:
    async with open_house(Speaker("free"), tmp_path) as fleet:
        agent = await fleet.spawn(HOST, account="a")
        with pytest.raises(MessageError):
            await anext(aiter(agent.stream(" ")))
        assert (await state_of(fleet, "a")).turns == ()


async def test_only_pieces_with_text_are_told_and_they_come_as_the_model_gives_them(tmp_path: Path) -> None:
    """With the guard off nothing is held back until the model is done."""
    seen: list[str] = []
    heard_first = anyio.Event()

    class Waiting(Speaker):
        async def stream(self, request: ModelRequest) -> AsyncGenerator[str | ModelReply]:
            self.calls.append(request)
            yield "Good "
            yield ""
            with anyio.fail_after(5):
                await heard_first.wait()
            yield "morning."
            yield ModelReply(text="Good morning.", usage=Usage(calls=1))

    async with open_house(Waiting("free"), tmp_path) as fleet:
        async for signal in (await fleet.spawn(HOST, account="a")).stream("Hm, well."):
            if isinstance(signal, TextReleased):
                seen.append(signal.text)
                heard_first.set()
    assert "".join(seen) == "Good morning."
    assert all(seen)
    assert len(seen) >= 2
