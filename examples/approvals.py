"""A tool that needs a person's yes: the turn ends with a question, and whoever decides carries it on later, once.

python examples/approvals.py
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from fleet_runtime import Fleet, Settings, tool
from fleet_runtime.messages import ModelReply, ToolCall
from fleet_runtime.testing import ScriptedModel, Step

ROLES = Path(__file__).parent / "roles"


@tool(needs_approval=True)
def credit(euros: int) -> str:
    """Credit an amount to the customer's account."""
    print(f"  (now {euros} euros are credited)")
    return f"{euros} euros were credited"


def settings(folder: Path) -> Settings:
    """Keep everything in a folder of its own; the model below is a script, so it is not asked to learn."""
    return Settings(database=str(folder / "fleet.db"), roles=str(ROLES), embeddings="none", learning="rules")


async def monday(folder: Path) -> str:
    """Have the customer ask for it, and return the id of the question that the turn ended with."""
    wish = ModelReply(text="", tool_calls=(ToolCall(id="1", name="credit", arguments='{"euros": 40}'),))
    model = ScriptedModel([Step("reply", wish)])
    async with Fleet.open(model=model, tools=[credit], settings=settings(folder)) as fleet:
        agent = await fleet.spawn("billing-specialist", account="acme")
        reply = await agent.ask("Please credit us 40 euros for the outage.", speaker="Dana Whitfield")
        print(f"{reply.role}: {reply.text}")
        return reply.approvals[0].id


async def thursday(folder: Path, question_id: str) -> None:
    """Decide it in another process, and again by mistake."""
    model = ScriptedModel([Step("reply", "The 40 euros for the outage are credited, Dana.")])
    async with Fleet.open(model=model, tools=[credit], settings=settings(folder)) as fleet:
        for waiting in await fleet.approvals.list():
            print(f"Waits for a person: {waiting.question}")
        reply = await fleet.approvals.approve(question_id, by="Kim", note="for once")
        print(f"{reply.role}: {reply.text}")
        again = await fleet.approvals.approve(question_id, by="Kim")
        print("Approved again, it is the same reply:", again == reply)


async def main() -> None:
    """Ask on Monday, decide on Thursday."""
    with tempfile.TemporaryDirectory() as folder:
        question_id = await monday(Path(folder))
        await thursday(Path(folder), question_id)


asyncio.run(main())
