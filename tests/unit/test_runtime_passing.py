"""Hand-offs in a turn: the target's own boundaries apply, circles end, and no wrong role asks a model."""

from __future__ import annotations

from pathlib import Path

import pytest
from open_fleets import CSM, open_fleet
from port import BAKER, IN_A_CIRCLE, KEEPER, LED_ON, MASTER, OWNED_BY_NOBODY, PLAIN, SKIPPER, TUNER, open_port
from told import ToldModel

from fleet_runtime.errors import MessageError, SettingError, UnknownRole
from fleet_runtime.records import HandOff, Reply
from fleet_runtime.routing.passing import RootTask
from fleet_runtime.runtime.passing import Passage, pass_on
from fleet_runtime.settings import load_settings

pytestmark = pytest.mark.anyio


async def answered(folder: Path, text: str, model: ToldModel | None = None) -> Reply:
    async with open_port(folder, model) as fleet:
        return await (await fleet.spawn(KEEPER, account="acme")).ask(text, turn_id="t")


def ends(reply: Reply) -> list[tuple[str, str]]:
    return [(packet.from_role, packet.to_role) for packet in reply.hand_offs]


async def test_who_may_keep_it_gets_it_in_one_hop(tmp_path: Path) -> None:
    reply = await answered(tmp_path, PLAIN)
    assert ends(reply) == [(KEEPER, BAKER)]
    assert [part.role for part in reply.parts] == [KEEPER, BAKER]


@pytest.mark.parametrize("said", [LED_ON, f"@{BAKER} {LED_ON}", f"@{MASTER} {LED_ON}"])
async def test_the_targets_own_boundary_moves_a_packet_on_whoever_is_addressed_in_it(tmp_path: Path, said: str) -> None:
    async with open_port(tmp_path) as fleet:
        passage = await pass_on(packet(BAKER, said), task(), dispatcher=fleet._assembly.dispatcher, staff=fleet.staff)
    assert passage.task.path == (KEEPER, BAKER, SKIPPER)
    assert passage.rests_with == SKIPPER
    onward = passage.packets[-1]
    assert (onward.from_role, onward.to_role, onward.said, onward.asked) == (BAKER, SKIPPER, said, "asked")
    assert onward.rule.startswith("roles/baker.md:")
    assert onward.why == passage.refusals[0].reason


async def test_a_circle_ends_with_the_lead_who_is_told_why(tmp_path: Path) -> None:
    async with open_port(tmp_path) as fleet:
        reply = await (await fleet.spawn(KEEPER, account="acme")).ask(IN_A_CIRCLE, turn_id="t")
        events = await fleet.memory("acme").events()
    assert ends(reply) == [(KEEPER, TUNER), (TUNER, MASTER)]
    assert [part.role for part in reply.parts] == [KEEPER, MASTER]
    refusal = reply.hand_offs[-1]
    assert f"{KEEPER} to {TUNER} to {KEEPER}" in refusal.why
    assert refusal.said == IN_A_CIRCLE
    assert any(refusal.why in event.text for event in events)


async def test_no_role_of_the_circle_asks_a_model(tmp_path: Path) -> None:
    model = ToldModel("free", {"reply": ["Thank you, this is with me."]})
    reply = await answered(tmp_path, IN_A_CIRCLE, model)
    assert model.left() == {}
    asked = [call for call in model.calls if call.task != "learn"]
    assert [call.messages[0].content.splitlines()[0] for call in asked] == ["# Master"]
    assert reply.parts[-1].text == "Thank you, this is with me."


async def test_what_nobody_owns_stays_with_who_got_it_and_is_not_done(tmp_path: Path) -> None:
    model = ToldModel("free", {"reply": ["Thank you, this is with me."]})
    reply = await answered(tmp_path, OWNED_BY_NOBODY, model)
    assert ends(reply) == [(KEEPER, SKIPPER)]
    shown = next(call for call in model.calls if call.task == "reply").messages[-1].content
    assert "A boundary applies" in shown
    assert "> Does NOT embroider" in shown


def test_the_budget_is_a_setting() -> None:
    assert load_settings(environment={"FLEET_MAX_HOPS": "3"}).max_hops == 3
    with pytest.raises(SettingError, match="max_hops"):
        load_settings({"max_hops": 0})


async def test_a_spent_budget_ends_with_the_lead(tmp_path: Path) -> None:
    async with open_port(tmp_path) as fleet:
        passage = await pass_on(
            packet(BAKER, LED_ON), task(max_hops=1), dispatcher=fleet._assembly.dispatcher, staff=fleet.staff
        )
    assert passage.stopped is not None
    assert (passage.stopped.kind, passage.rests_with) == ("budget", MASTER)
    assert [hop.to_role for hop in passage.packets] == [BAKER, MASTER]


async def test_a_circle_around_the_lead_leaves_it_with_the_first_role_which_does_not_do_it(tmp_path: Path) -> None:
    async with open_port(tmp_path, lead=TUNER) as fleet:
        reply = await (await fleet.spawn(KEEPER, account="acme")).ask(IN_A_CIRCLE, turn_id="t")
    assert [part.role for part in reply.parts] == [KEEPER]
    assert reply.parts[0].kind == "decline"
    assert ends(reply) == [(KEEPER, TUNER), (TUNER, KEEPER)]
    assert "nothing new" in reply.hand_offs[-1].why


async def test_a_packet_to_nobody_at_work_or_to_oneself_is_an_error(tmp_path: Path) -> None:
    async with open_port(tmp_path) as fleet:
        for target, error in (("ghost", UnknownRole), (KEEPER, MessageError)):
            with pytest.raises(error):
                await pass_on(packet(target, PLAIN), task(), dispatcher=fleet._assembly.dispatcher, staff=fleet.staff)


async def test_a_hand_off_cites_the_facts_that_bear_on_it() -> None:
    order = {"id": "order", "at": "2027-01-08T09:00:00Z", "kind": "order", "author": "Order form",
             "text": "The contract covers 120 seats. The contract renews on 31 January 2028."}  # fmt: skip
    async with open_fleet() as fleet:
        memory = fleet.memory("acme")
        await memory.record(order)
        agent = await fleet.spawn(CSM, account="acme")
        reply = await agent.ask("Please send our renewal quote with the price per seat.")
        facts = {fact.id: fact.key for fact in await memory.facts()}
    (handed,) = reply.hand_offs
    assert 0 < len(handed.fact_ids) <= 3
    assert "renewal_date" in {facts[name] for name in handed.fact_ids}


def packet(to_role: str, said: str) -> HandOff:
    return HandOff(id="t:to:001", from_role=KEEPER, to_role=to_role, why="why", said=said, asked="asked")


def task(max_hops: int = 6) -> RootTask:
    return RootTask(id="t", first_role=KEEPER, said="What the keeper was told.", max_hops=max_hops)


def test_a_passage_without_a_packet_is_kept() -> None:
    kept = Passage(task())
    assert (kept.packets, kept.arrived, kept.rests_with) == ((), None, KEEPER)
