"""Questions for a person: the turn ends, the question is kept, and it is carried on once, days later, elsewhere."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from told import ToldModel
from turning import calls

from fleet_runtime import Fleet, Settings, tool
from fleet_runtime.errors import ApprovalError, ModelUnreachable
from fleet_runtime.ports import Tool
from fleet_runtime.records import ToolContext

pytestmark = pytest.mark.anyio

HOST = "inn-host"
CONTRACT = """# Inn Host — fleet role definition

The **inn-host** keeps the guests of an inn (`class: inn-host`, `domain: inn`).

## Mandate
1. **Keep guests** — answer what they ask about rooms
## Boundaries
- **Does NOT cook** — the kitchen does.
## Persona
Plain and warm.
## Tools
- refund
"""
DOWN = ModelUnreachable("nothing answers", hint="start it")
ASKED = calls(("refund", {"amount": 40}))


@asynccontextmanager
async def inn(model: ToldModel | None, folder: Path, paid: list[str], **settings: Any) -> AsyncGenerator[Fleet]:
    """Open an inn whose refunds need a person's yes."""

    @tool(needs_approval=True)
    def refund(amount: int, context: ToolContext) -> str:
        """Pay money back."""
        paid.append(context.idempotency_key)
        return f"paid {amount} back"

    tools: list[Tool] = [refund]
    roles, profiles = folder / "roles", folder / "profiles"
    roles.mkdir(exist_ok=True)
    profiles.mkdir(exist_ok=True)
    (roles / f"{HOST}.md").write_text(CONTRACT, encoding="utf-8")
    roster = f"id: inn\ntitle: Inn\nlead: {HOST}\nroster:\n  - class: {HOST}\n"
    (profiles / "inn.yaml").write_text(roster, encoding="utf-8")
    chosen = {
        "database": str(folder / "f.db"), "embeddings": "none", "profile": "inn", "roles": str(roles),
        "profiles": str(profiles), "lease_seconds": 1.0, "model": "none", **settings,
    }  # fmt: skip
    async with Fleet.open(settings=Settings.model_validate(chosen), model=model, tools=tools) as fleet:
        yield fleet


async def test_the_turn_ends_and_nothing_is_done(tmp_path: Path) -> None:
    paid: list[str] = []
    async with inn(ToldModel("free", {"reply": [ASKED]}), tmp_path, paid) as fleet:
        reply = await (await fleet.spawn(HOST, account="a")).ask("Money back, please.", turn_id="t1", speaker="Ann")
        waiting = await fleet.approvals.list()
    assert paid == []
    assert reply.parts[-1].kind == "awaits_approval"
    assert "approval" in reply.text
    assert reply.approvals == waiting
    (question,) = waiting
    assert (question.kind, question.state, question.turn_id, question.use_id) == ("tool", "waiting", "t1", "t1:1:0")
    assert '{"amount": 40}' in question.question


async def test_yes_days_later_in_another_process_is_carried_out_once(tmp_path: Path) -> None:
    paid: list[str] = []
    async with inn(ToldModel("free", {"reply": [ASKED]}), tmp_path, paid) as fleet:
        await (await fleet.spawn(HOST, account="a")).ask("Money back, please.", turn_id="t1")
        (question,) = await fleet.approvals.list()
    later = ToldModel("free", {"reply": ["You have 40 back."]})
    async with inn(later, tmp_path, paid) as fleet:
        reply = await fleet.approvals.approve(question.id, by="Bob", note="fine")
        assert reply == await fleet.approvals.approve(question.id, by="Bob", note="fine")
        with pytest.raises(ApprovalError):
            await fleet.approvals.reject(question.id)
        assert await fleet.approvals.list() == ()
    assert paid == ["t1:1:0"]
    assert (reply.text, reply.turn_id, reply.role) == ("You have 40 back.", question.resuming_turn, HOST)
    (asked,) = later.calls
    assert [message.role for message in asked.messages[-3:]] == ["user", "assistant", "tool"]
    assert asked.messages[-1].content == "paid 40 back"
    assert "fine" in asked.messages[-3].content


async def test_a_yes_whose_answer_failed_pays_once_all_the_same(tmp_path: Path) -> None:
    paid: list[str] = []
    model = ToldModel("free", {"reply": [ASKED, DOWN, "You have 40 back."]})
    async with inn(model, tmp_path, paid) as fleet:
        await (await fleet.spawn(HOST, account="a")).ask("Money back, please.", turn_id="t1")
        (question,) = await fleet.approvals.list()
        with pytest.raises(ModelUnreachable):
            await fleet.approvals.approve(question.id)
        assert (await fleet.approvals.approve(question.id)).text == "You have 40 back."
    assert paid == ["t1:1:0"]


async def test_no_is_told_to_the_customer_and_nothing_is_done(tmp_path: Path) -> None:
    paid: list[str] = []
    model = ToldModel("free", {"reply": [ASKED, "I am sorry, that was not approved."]})
    async with inn(model, tmp_path, paid) as fleet:
        await (await fleet.spawn(HOST, account="a")).ask("Money back, please.", turn_id="t1")
        (question,) = await fleet.approvals.list()
        reply = await fleet.approvals.reject(question.id, by="Bob", note="too late")
    assert paid == []
    assert reply.text == "I am sorry, that was not approved."
    told = model.calls[1].messages[-1].content
    assert "not approved" in told
    assert "too late" in told


@pytest.mark.parametrize(("approve", "text"), [(True, "Welcome to our inn."), (False, "not approved")])
async def test_a_reply_can_need_a_yes(tmp_path: Path, *, approve: bool, text: str) -> None:
    paid: list[str] = []
    model = ToldModel("free", {"reply": ["Welcome to our inn."]})
    async with inn(model, tmp_path, paid, role={HOST: {"approve_replies": ["free"]}}) as fleet:
        agent = await fleet.spawn(HOST, account="a")
        heard = "".join([piece async for piece in agent.stream_text("Good evening.", turn_id="t1")])
        (question,) = await fleet.approvals.list()
        decide = fleet.approvals.approve if approve else fleet.approvals.reject
        reply = await decide(question.id)
    assert "Welcome" not in heard
    assert agent.last_reply is not None
    assert agent.last_reply.text == heard
    assert (question.kind, question.draft) == ("reply", "Welcome to our inn.")
    assert text in reply.text
    assert len(model.calls) == 1


async def test_without_a_model_the_decision_is_told_in_composed_words(tmp_path: Path) -> None:
    paid: list[str] = []
    async with inn(ToldModel("free", {"reply": [ASKED]}), tmp_path, paid) as fleet:
        await (await fleet.spawn(HOST, account="a")).ask("Money back, please.", turn_id="t1")
        (question,) = await fleet.approvals.list()
    async with inn(None, tmp_path, paid) as fleet:
        reply = await fleet.approvals.approve(question.id)
    assert paid == ["t1:1:0"]
    assert reply.parts[-1].kind == "approved"
