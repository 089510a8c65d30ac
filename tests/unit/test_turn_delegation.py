"""Passing on in conversation: how often, to whom, with which rights, and who has the conversation afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from guesthouse import COOK, HOST, PORTER, Post, Speaker, done, heard, open_house, said
from pydantic import BaseModel
from told import Given
from turning import calls, hand_off

from fleet_runtime import tool
from fleet_runtime.errors import ApprovalError
from fleet_runtime.messages import ModelReply, ModelRequest
from fleet_runtime.ports import Tool
from fleet_runtime.records import ToolContext
from fleet_runtime.signals import Consulted

pytestmark = pytest.mark.anyio

STAFF = {
    HOST: Post("Keep guests", "cook meals", COOK, ("ring", "refund")),
    COOK: Post("Cook meals", "rent rooms to guests", HOST, ("larder", "refund")),
    PORTER: Post("Carry trunks", "clean windows", HOST, ()),
}
BUILT_IN = {"hand_off", "ask_colleague"}


class Ledger:
    """Tools, and who ran them under which key."""

    def __init__(self) -> None:
        self.done: list[tuple[str, str, str]] = []

    def tools(self) -> list[Tool]:
        """Make the tools of the house."""

        @tool
        def ring(context: ToolContext) -> str:
            """Ring the bell."""
            return self._note("ring", context)

        @tool
        def larder(context: ToolContext) -> str:
            """Look into the larder."""
            return self._note("larder", context)

        @tool(needs_approval=True)
        def refund(amount: int, context: ToolContext) -> str:
            """Pay money back."""
            return f"{self._note('refund', context)} {amount}"

        return [ring, larder, refund]

    def _note(self, name: str, context: ToolContext) -> str:
        """Write a call down."""
        self.done.append((name, context.role, context.idempotency_key))
        return f"{name} done"


def ask(to: str, question: str = "What do you say?") -> ModelReply:
    """Ask a colleague."""
    return calls(("ask_colleague", {"to": to, "question": question}))


def for_ever(*wishes: ModelReply) -> list[Given]:
    """Repeat wishes for as long as anybody listens, and say so when tools are no longer offered."""

    def answer(place: int) -> Given:
        async def given(request: ModelRequest) -> str | ModelReply:
            return wishes[place % len(wishes)] if request.tools else "I keep it."

        return given

    return [answer(place) for place in range(200)]


@pytest.mark.parametrize("hops", [1, 2, 3, 6])
@pytest.mark.parametrize("streamed", [False, True])
async def test_three_roles_that_hand_on_for_ever_stop_after_exactly_the_hop_budget(
    tmp_path: Path, hops: int, *, streamed: bool
) -> None:
    chain = for_ever(hand_off(COOK), hand_off(PORTER), hand_off(HOST))
    model = Speaker("free", {"reply": chain})
    async with open_house(model, tmp_path, house=STAFF, max_hops=hops, tool_rounds=50) as fleet:
        agent = await fleet.spawn(HOST, account="a")
        if streamed:
            signals = await heard(agent.stream("Hm, well."))
            reply = done(signals).reply
            assert said(signals) == reply.text
        else:
            reply = await agent.ask("Hm, well.")
    assert len(reply.hand_offs) == hops
    assert reply.exhausted == "hops"
    assert reply.role == [HOST, COOK, PORTER][hops % 3]
    ids = [packet.id for packet in reply.hand_offs]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("hops", [1, 2, 4])
async def test_colleagues_who_ask_each_other_for_ever_stop_at_the_hop_budget(tmp_path: Path, hops: int) -> None:
    chain = for_ever(ask(COOK), ask(PORTER), ask(HOST))
    model = Speaker("free", {"reply": chain})
    async with open_house(model, tmp_path, house=STAFF, max_hops=hops, tool_rounds=4) as fleet:
        signals = await heard((await fleet.spawn(HOST, account="a")).stream("Hm, well."))
    answered = [signal for signal in signals if isinstance(signal, Consulted) and signal.answer]
    assert len(answered) <= hops
    assert len(model.calls) <= 5 * (hops + 1)
    assert done(signals).reply.text


async def test_the_owner_survives_reopening_and_each_conversation_has_its_own(tmp_path: Path) -> None:
    database = str(tmp_path / "f.db")
    first = Speaker("free", {"reply": [hand_off(COOK), "I am the cook.", "Host here."]})
    async with open_house(first, tmp_path, house=STAFF, database=database, routing="on") as fleet:
        agent = await fleet.spawn(HOST, account="a")
        reply = await agent.ask("Hm, well.")
        assert (reply.role, reply.owner) == (COOK, COOK)
        other = await agent.ask("Hm, well.", conversation="other")
        assert (other.role, other.owner) == (HOST, HOST)
    later = Speaker("free", {"reply": ["Still the cook.", "Still the host.", hand_off(HOST), "Back again.", "Yes."]})
    async with open_house(later, tmp_path, house=STAFF, database=database, routing="on") as fleet:
        agent = await fleet.spawn(HOST, account="a")
        reply = await agent.ask("And in the evening?")
        assert (reply.role, reply.owner, reply.decision.active_role) == (COOK, COOK, COOK)
        reply = await agent.ask("And in the evening?", conversation="other")
        assert (reply.role, reply.owner) == (HOST, HOST)
        reply = await agent.ask("And at night?")
        assert [(hop.from_role, hop.to_role) for hop in reply.hand_offs] == [(COOK, HOST)]
        assert (reply.role, reply.owner) == (HOST, HOST)
        reply = await agent.ask("Still there?")
        assert (reply.role, reply.decision.active_role) == (HOST, HOST)
    assert later.left() == {}


async def test_the_front_door_nominates_the_owner_too(tmp_path: Path) -> None:
    model = Speaker("free", {"reply": [hand_off(COOK), "I am the cook.", "Still me."]})
    async with open_house(model, tmp_path, house=STAFF, routing="on") as fleet:
        reply = await (await fleet.spawn(HOST, account="a")).ask("Well, what do you think of it all?", conversation="c")
        assert reply.owner == COOK
        again = await fleet.dispatch("And what of the other thing?", account="a", conversation="c")
    assert (again.decision.active_role, again.role) == (COOK, COOK)


async def test_an_owner_is_only_nominated_its_boundaries_hold(tmp_path: Path) -> None:
    """The cook has the conversation, and does not rent rooms to guests."""
    model = Speaker("free", {"reply": [hand_off(COOK), "I am the cook.", "The host again."]})
    async with open_house(model, tmp_path, house=STAFF, routing="on") as fleet:
        await (await fleet.spawn(HOST, account="a")).ask("Well, what do you think of it all?")
        reply = await fleet.dispatch("Please rent rooms to guests.", account="a")
    assert (reply.decision.verdict, reply.decision.active_role) == ("hand_off", COOK)
    assert [(hop.from_role, hop.to_role) for hop in reply.hand_offs] == [(COOK, HOST)]
    assert (reply.role, reply.owner) == (HOST, HOST)


async def test_the_customer_is_told_who_takes_over(tmp_path: Path) -> None:
    model = Speaker("free", {"reply": [hand_off(COOK), hand_off(PORTER), "I am the porter."]})
    async with open_house(model, tmp_path, house=STAFF) as fleet:
        reply = await (await fleet.spawn(HOST, account="a")).ask("Hm, well.")
    assert [(part.role, part.kind) for part in reply.parts] == [
        (HOST, "hand_off"), (COOK, "hand_off"), (PORTER, "free"),
    ]  # fmt: skip
    assert "inn cook" in reply.parts[0].text
    assert "inn porter" in reply.parts[1].text


async def test_the_packet_says_what_was_said_and_what_is_asked_word_for_word(tmp_path: Path) -> None:
    model = Speaker("free", {"reply": [hand_off(COOK, "it is the cook's", "plan a feast"), "Gladly."]})
    async with open_house(model, tmp_path, house=STAFF) as fleet:
        reply = await (await fleet.spawn(HOST, account="a")).ask("A feast, for forty!")
    (packet,) = reply.hand_offs
    assert (packet.said, packet.asked, packet.why) == ("A feast, for forty!", "plan a feast", "it is the cook's")


@pytest.mark.parametrize("granted", [None, [], ["ring"], ["larder"], ["refund"], ["ring", "larder"]])
async def test_each_role_has_its_own_tools_narrowed_by_the_turns_grant(
    tmp_path: Path, granted: list[str] | None
) -> None:
    ledger = Ledger()
    tries = calls(("ring", {}), ("larder", {}))
    model = Speaker("free", {"reply": [tries, hand_off(COOK), tries, hand_off(HOST), tries, "That is all."]})
    async with open_house(model, tmp_path, house=STAFF, tools=ledger.tools()) as fleet:
        await (await fleet.spawn(HOST, account="a")).ask("Hm, well.", tools=granted)
    allowed = {("ring", HOST), ("larder", COOK)}
    expected = {(name, role) for name, role in allowed if granted is None or name in granted}
    assert {(name, role) for name, role, _ in ledger.done} == expected
    for call in model.calls:
        offered = {spec.name for spec in call.tools} - BUILT_IN
        assert granted is None or offered <= set(granted)


async def test_a_colleague_who_is_asked_has_its_own_tools_within_the_grant(tmp_path: Path) -> None:
    ledger = Ledger()
    tries = calls(("ring", {}), ("larder", {}))
    model = Speaker("free", {"reply": [ask(COOK), tries, "I looked.", tries, "That is all."]})
    async with open_house(model, tmp_path, house=STAFF, tools=ledger.tools()) as fleet:
        await (await fleet.spawn(HOST, account="a")).ask("Hm, well.", tools=["larder", "refund"])
    assert [(name, role) for name, role, _ in ledger.done] == [("larder", COOK)]


@pytest.mark.parametrize("way", [(), (COOK,), (COOK, HOST), (COOK, HOST, COOK)])
async def test_what_needs_a_yes_needs_it_on_every_hop(tmp_path: Path, way: Sequence[str]) -> None:
    ledger = Ledger()
    model = Speaker("free", {"reply": [*map(hand_off, way), calls(("refund", {"amount": 40})), "You have it back."]})
    async with open_house(model, tmp_path, house=STAFF, tools=ledger.tools()) as fleet:
        reply = await (await fleet.spawn(HOST, account="a")).ask("Hm, well.", turn_id="t1")
        role = [HOST, *way][-1]
        assert (reply.role, reply.parts[-1].kind, ledger.done) == (role, "awaits_approval", [])
        (question,) = reply.approvals
        assert question.role == role
        carried = await fleet.approvals.approve(question.id)
    assert (carried.role, carried.text) == (role, "You have it back.")
    assert ledger.done == [("refund", role, question.use_id)]


async def test_approve_tools_of_a_role_holds_where_it_was_handed_to(tmp_path: Path) -> None:
    ledger = Ledger()
    model = Speaker("free", {"reply": [hand_off(COOK), calls(("larder", {}))]})
    async with open_house(
        model, tmp_path, house=STAFF, tools=ledger.tools(), role={COOK: {"approve_tools": ["larder"]}}
    ) as fleet:
        reply = await (await fleet.spawn(HOST, account="a")).ask("Hm, well.")
    assert (len(reply.approvals), ledger.done) == (1, [])


async def test_approve_replies_of_a_role_holds_where_it_was_handed_to_also_streamed(tmp_path: Path) -> None:
    model = Speaker("free", {"reply": [hand_off(COOK), "Forty crowns, and not one less."]})
    async with open_house(model, tmp_path, house=STAFF, role={COOK: {"approve_replies": ["free"]}}) as fleet:
        signals = await heard((await fleet.spawn(HOST, account="a")).stream("Hm, well."))
        reply = done(signals).reply
        assert "Forty crowns" not in said(signals)
        assert "Forty crowns" not in reply.text
        (question,) = reply.approvals
        assert (question.kind, question.draft) == ("reply", "Forty crowns, and not one less.")
        assert "Forty crowns" in (await fleet.approvals.approve(question.id)).text


async def test_a_colleague_who_is_asked_cannot_do_what_needs_a_yes_and_the_customer_hears_of_the_question(
    tmp_path: Path,
) -> None:
    ledger = Ledger()
    answers: list[Given] = [
        ask(COOK, "Pay back 40?"),
        calls(("refund", {"amount": 40})),
        "We look into it.",
        "We look into it.",
    ]
    async with open_house(Speaker("free", {"reply": answers}), tmp_path, house=STAFF, tools=ledger.tools()) as fleet:
        reply = await (await fleet.spawn(HOST, account="a")).ask("Hm, well.", turn_id="t1")
        waiting = await fleet.approvals.list()
    assert ledger.done == []
    assert reply.approvals == waiting
    assert len(waiting) == 1
    assert "approval" in reply.text


async def test_a_decided_question_of_a_narrowed_turn_widens_nothing(tmp_path: Path) -> None:
    """The turn might use ``refund`` and nothing else; so may the turn that carries it on."""
    ledger = Ledger()
    answers: list[Given] = [
        calls(("refund", {"amount": 40})),
        calls(("ring", {})),
        "You have it back.",
        "You have it back.",
    ]
    model = Speaker("free", {"reply": answers})
    async with open_house(model, tmp_path, house=STAFF, tools=ledger.tools()) as fleet:
        reply = await (await fleet.spawn(HOST, account="a")).ask("Hm, well.", turn_id="t1", tools=["refund"])
        (question,) = reply.approvals
        await fleet.approvals.approve(question.id)
    assert [name for name, _, _ in ledger.done] == ["refund"]
    assert {spec.name for spec in model.calls[1].tools} - BUILT_IN <= {"refund"}


async def test_a_further_question_in_the_turn_that_carries_one_on_waits_again(tmp_path: Path) -> None:
    ledger = Ledger()
    pay = calls(("refund", {"amount": 40}))
    model = Speaker("free", {"reply": [pay, pay, "You have both back."]})
    async with open_house(model, tmp_path, house=STAFF, tools=ledger.tools()) as fleet:
        first = await (await fleet.spawn(HOST, account="a")).ask("Hm, well.", turn_id="t1")
        second = await fleet.approvals.approve(first.approvals[0].id)
        assert len(ledger.done) == 1
        (question,) = second.approvals
        assert question.id != first.approvals[0].id
        third = await fleet.approvals.approve(question.id)
        with pytest.raises(ApprovalError):
            await fleet.approvals.reject(question.id)
    assert third.text == "You have both back."
    assert len({key for _, _, key in ledger.done}) == len(ledger.done) == 2


class Meal(BaseModel):
    """An object to ask for."""

    name: str


async def test_an_object_comes_from_whoever_it_was_handed_to(tmp_path: Path) -> None:
    answers: list[Given] = [hand_off(COOK), '{"name": "soup"}']
    async with open_house(Speaker("free", {"reply": answers, "output": answers}), tmp_path, house=STAFF) as fleet:
        agent = await fleet.spawn(HOST, account="a")
        assert await agent.ask("What is for supper?", output=Meal) == Meal(name="soup")
        assert agent.last_reply is not None
        assert (agent.last_reply.role, agent.last_reply.owner) == (COOK, COOK)
