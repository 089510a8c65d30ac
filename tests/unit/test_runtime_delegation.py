"""Hand-offs and consultations that models ask for: who answers, who is told, and that boundaries and hops hold."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from told import ToldModel
from turning import calls, hand_off

from fleet_runtime import Fleet, Settings, tool

pytestmark = pytest.mark.anyio

ROLE = """# {title} — fleet role definition

The **{name}** {does} (`class: {name}`, `domain: inn`).

## Mandate
1. **{does}** — all of it
## Boundaries
- **Does NOT {refuses}** — the **{owner}** does.
## Persona
Plain and warm.
## Tools
{tools}
"""
HOST, COOK = "inn-host", "inn-cook"


@tool
def larder() -> str:
    """Look into the larder."""
    return "40 eggs"


@asynccontextmanager
async def inn(model: ToldModel, folder: Path, **settings: Any) -> AsyncGenerator[Fleet]:
    """Open an inn with a host and a cook."""
    roles, profiles = folder / "roles", folder / "profiles"
    roles.mkdir()
    profiles.mkdir()
    for name, title, does, refuses, owner, tools in (
        (HOST, "Inn Host", "Keep guests", "cook meals", COOK, ""),
        (COOK, "Inn Cook", "Cook meals", "rent rooms to guests", HOST, "- larder"),
    ):
        text = ROLE.format(name=name, title=title, does=does, refuses=refuses, owner=owner, tools=tools)
        (roles / f"{name}.md").write_text(text, encoding="utf-8")
    roster = f"id: inn\ntitle: Inn\nlead: {HOST}\nroster:\n  - class: {HOST}\n  - class: {COOK}\n"
    (profiles / "inn.yaml").write_text(roster, encoding="utf-8")
    chosen = {
        "database": "none", "embeddings": "none", "profile": "inn", "roles": str(roles), "profiles": str(profiles),
        "routing": "off", "guard": "off", **settings,
    }  # fmt: skip
    async with Fleet.open(settings=Settings.model_validate(chosen), model=model, tools=[larder]) as fleet:
        yield fleet


async def test_the_owner_takes_over_and_keeps_the_conversation(tmp_path: Path) -> None:
    model = ToldModel("free", {"reply": [hand_off(COOK, "meals are the cook's"), "I am on it.", "Still me."]})
    async with inn(model, tmp_path, routing="on") as fleet:
        agent = await fleet.spawn(HOST, account="a")
        reply = await agent.ask("Well, what do you think of it all?")
        again = await agent.ask("And in the evening?")
    assert [(part.role, part.kind) for part in reply.parts] == [(HOST, "hand_off"), (COOK, "free")]
    assert "inn cook" in reply.parts[0].text
    assert [(packet.from_role, packet.to_role, packet.why) for packet in reply.hand_offs] == [
        (HOST, COOK, "meals are the cook's")
    ]
    assert (reply.role, reply.owner) == (COOK, COOK)
    assert again.decision.active_role == COOK
    tail = model.calls[1].messages[-1].content
    assert "Handed to you" in tail
    assert "please take it up" in tail
    assert "Inn Cook" in model.calls[1].messages[0].content


async def test_a_colleague_is_asked_and_the_role_answers_with_what_it_says(tmp_path: Path) -> None:
    asked = calls(("ask_colleague", {"to": COOK, "question": "How many eggs are there?"}))
    model = ToldModel("free", {"reply": [asked, calls(("larder", {})), "There are 40 eggs.", "We have 40 eggs."]})
    async with inn(model, tmp_path) as fleet:
        reply = await (await fleet.spawn(HOST, account="a")).ask("Have you got eggs?")
    assert (reply.text, reply.role, reply.owner) == ("We have 40 eggs.", HOST, HOST)
    assert reply.hand_offs == ()
    assert model.calls[3].messages[-1].content == f"{COOK} says: There are 40 eggs."
    offered = [[spec.name for spec in call.tools] for call in model.calls]
    assert offered == [["hand_off", "ask_colleague"], ["larder", "ask_colleague"], ["larder", "ask_colleague"],
                       ["hand_off", "ask_colleague"]]  # fmt: skip


@pytest.mark.parametrize("hops", [1, 2, 5])
async def test_models_that_hand_off_for_ever_stop_after_exactly_the_hop_budget(tmp_path: Path, hops: int) -> None:
    answers = [hand_off(COOK if hop % 2 == 0 else HOST) for hop in range(hops)]
    last = COOK if hops % 2 else HOST
    other = HOST if last == COOK else COOK
    model = ToldModel("free", {"reply": [*answers, hand_off(other), hand_off(other), "I keep it."]})
    async with inn(model, tmp_path, max_hops=hops, tool_rounds=3) as fleet:
        reply = await (await fleet.spawn(HOST, account="a")).ask("Who takes it?")
    assert len(reply.hand_offs) == hops
    assert (reply.exhausted, reply.role, reply.parts[-1].text) == ("hops", last, "I keep it.")
    assert "as often as it may be" in model.calls[-1].messages[-1].content
    assert model.left() == {}


async def test_nothing_widens_on_a_hop(tmp_path: Path) -> None:
    """The cook has the larder, but this turn may use nothing."""
    model = ToldModel("free", {"reply": [hand_off(COOK), calls(("larder", {})), "I cannot look."]})
    async with inn(model, tmp_path) as fleet:
        reply = await (await fleet.spawn(HOST, account="a")).ask("Eggs?", tools=[])
    assert [use.failed for use in reply.tools] == [True]
    assert "40" not in reply.tools[0].result


async def test_a_hop_that_the_colleague_may_not_take_is_refused_with_the_reason(tmp_path: Path) -> None:
    wish = hand_off(COOK, asked="Please rent rooms to guests.")
    model = ToldModel("free", {"reply": [wish, "Then I do it myself."]})
    async with inn(model, tmp_path, routing="on") as fleet:
        reply = await (await fleet.spawn(HOST, account="a")).ask("Hm, well.")
    assert reply.hand_offs == ()
    assert "may not do that" in model.calls[1].messages[-1].content


@pytest.mark.parametrize("to", [HOST, "nobody", ""])
async def test_nobody_hands_to_strangers_or_to_itself(tmp_path: Path, to: str) -> None:
    model = ToldModel("free", {"reply": [hand_off(to), "I keep it."]})
    async with inn(model, tmp_path) as fleet:
        reply = await (await fleet.spawn(HOST, account="a")).ask("Hm.")
    assert (reply.hand_offs, reply.text) == ((), "I keep it.")


async def test_delegation_can_be_off(tmp_path: Path) -> None:
    model = ToldModel("free", {"reply": ["Fine."]})
    async with inn(model, tmp_path, delegation="off") as fleet:
        await (await fleet.spawn(HOST, account="a")).ask("Hm.")
    assert model.calls[0].tools == ()
