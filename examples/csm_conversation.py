"""The main job: a Customer Success Manager over three sessions, months apart, each in a process of its own.

    python examples/csm_conversation.py

Prints who said what, why each message went where it went, what was learned and what it replaced, and
ends with the account's brief. Run twice, it shows the stored replies: a repeated turn id is the same turn.
"""

from __future__ import annotations

import asyncio
import hashlib
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn

from fleet_runtime import AccountMemory, Fleet, Reply

ROLE = "customer-success-manager"
ACCOUNT = "harborline-freight"
STORES = Path(".fleet")

# A broken pipe or a narrow window must not change what is printed: 100 columns, wrapped by words.
console = Console(width=100, highlight=False, soft_wrap=False)


class Report(NamedTuple):
    """What a colleague or a system reported: the fields of an event."""

    id: str
    at: datetime
    kind: str
    author: str
    text: str


class Session(NamedTuple):
    """One conversation: when, with whom, what colleagues had reported before, what the customer says."""

    title: str
    begins: datetime
    speaker: str
    reports: tuple[Report, ...]
    messages: tuple[str, ...]


def _day(year: int, month: int, day: int) -> datetime:
    """Give nine o'clock on a day."""
    return datetime(year, month, day, 9, tzinfo=UTC)


SESSIONS = (
    Session(
        title="Onboarding",
        begins=_day(2027, 1, 12),
        speaker="Dana Whitfield",
        reports=(
            Report(
                "order-form",
                _day(2027, 1, 8),
                "order",
                "Order form",
                "The contract covers 120 seats on the Business plan. The contract renews on 31 January 2028.",
            ),
        ),
        messages=(
            "Hi, I'm Dana Whitfield, head of operations at Harborline Freight. I am your champion on our side.",
            "Our goal is to plan a tour in thirty minutes instead of two hours by the end of June.",
            "Tomas Lindqvist, our CFO, is the executive sponsor.",
            "We start with the Rotterdam depot in February, the other four depots follow in spring.",
            "When does our contract renew, and how many seats did we buy?",
            "Thank you, that is all for today.",
        ),
    ),
    Session(
        title="Mid-term check-in",
        begins=_day(2027, 7, 6),
        speaker="Priya Nair",
        reports=(
            Report("usage-june", _day(2027, 7, 1), "usage", "Usage report", "Active users: 47 of 120 in June 2027."),
        ),
        messages=(
            "Hello, I'm Priya Nair. Dana has left the company, I am your new champion.",
            "What was it that Dana wanted to reach with you?",
            "Honestly, people stopped using it after she left. The planners went back to their spreadsheets.",
            "And our SSO login is broken since yesterday, half of the Rotterdam depot is locked out.",
            "Can you build a Salesforce connector for us?",
            "Our CFO asks for 30% off at the renewal, can you give us that?",
            "So what would you suggest we do first?",
        ),
    ),
    Session(
        title="Renewal talk",
        begins=_day(2027, 11, 9),
        speaker="Priya Nair",
        reports=(
            Report("usage-october", _day(2027, 11, 2), "usage", "Usage report", "Active users: 78 in October 2027."),
        ),
        messages=(
            "Hi again, let us talk about the renewal. On which date was it?",
            "One thing has changed: we went from 120 to 90 seats in September.",
            "The planners do a tour in forty minutes now, and the dispatchers love it.",
            "What was our goal again, and how many people use it today?",
            "You promised us the Salesforce connector for this autumn, right?",
            "Who is our executive sponsor on your list?",
            "Thanks, talk soon!",
        ),
    ),
)


async def hold(number: int, database: str) -> None:
    """Hold one session over the store, and end the last one with the brief."""
    session = SESSIONS[number - 1]
    with Progress(
        TextColumn("{task.description}"), BarColumn(), DownloadColumn(), console=Console(stderr=True), transient=True
    ) as progress:
        bars: dict[str, TaskID] = {}

        def report(label: str, done: int, total: int) -> None:
            if label not in bars:
                bars[label] = progress.add_task(label, total=total)
            progress.update(bars[label], completed=done)

        opened = Fleet.open(database=database, clock=lambda: session.begins + timedelta(hours=1), report=report)
        fleet = await opened.__aenter__()
    try:
        await talk(fleet, session, number)
    finally:
        await opened.__aexit__(None, None, None)


async def talk(fleet: Fleet, session: Session, number: int) -> None:
    """Let the customer talk to the Customer Success Manager."""
    console.rule(f"[bold]Session {number}: {session.title}, {session.begins:%d %B %Y}")
    memory = fleet.memory(ACCOUNT)
    for report in session.reports:
        await memory.record(report._asdict())
        console.print(f"\n[dim]{report.author}, {report.at:%d %B %Y}: {report.text}[/dim]")
        for fact in await memory.facts(as_of=report.at, known_at=report.at):
            if fact.event_id == report.id:
                console.print(f"[green]  learned: {fact.key} = {fact.value}[/green]")
    agent = await fleet.spawn(ROLE, account=ACCOUNT, conversation=session.title)
    started = time.perf_counter()
    with console.status("The model reads the role's contract"):
        await agent.warm_up()
    console.print(f"[dim]\n  ready after {time.perf_counter() - started:.1f} s[/dim]")
    for count, text in enumerate(session.messages, start=1):
        console.print(f"\n[bold]{session.speaker}:[/bold] {text}", markup=True)
        started = time.perf_counter()
        reply = await agent.ask(
            text,
            speaker=session.speaker,
            at=session.begins + timedelta(minutes=3 * count),
            turn_id=f"session-{number}-message-{count}",
        )
        show(reply, time.perf_counter() - started)
    if number == len(SESSIONS):
        await finish(memory)


def show(reply: Reply, seconds: float) -> None:
    """Print a reply with the decision behind it and what it taught."""
    console.print(f"[dim]  decision: {reply.decision.verdict}: {reply.decision.reason}[/dim]", markup=True)
    for part in reply.parts:
        console.print(f"[bold cyan]{part.role}:[/bold cyan] {part.text}")
    before = {fact.key: fact.value for fact in reply.superseded}
    for fact in reply.learned:
        was = f" (was {before[fact.key]})" if fact.key in before else ""
        console.print(f"[green]  learned: {fact.key} = {fact.value}{was}[/green]")
    console.print(f"[dim]  {seconds:.1f} s, {reply.usage.calls} model calls[/dim]")


async def finish(memory: AccountMemory) -> None:
    """Print what is known of the account in the end."""
    console.rule("[bold]The account brief")
    console.print((await memory.brief()).markdown(), markup=False)


async def which_model() -> tuple[str, str]:
    """Say which model will answer, and the store that belongs to it: another model must not replay its replies."""
    info = await Fleet.describe_model()
    name = f"{info.name} {info.endpoint}" if info else "none"
    says = f"{info.description} ({info.reason})" if info else "no model: every reply is composed from the record"
    return says, str(STORES / f"demo-{hashlib.sha256(name.encode()).hexdigest()[:8]}.db")


def main() -> int:
    """Run the three sessions, each in a process of its own."""
    if len(sys.argv) == 3:  # noqa: PLR2004 - session and store, from the parent process
        asyncio.run(hold(int(sys.argv[1]), sys.argv[2]))
        return 0
    says, database = asyncio.run(which_model())
    console.print(f"Model: {says}")
    console.print(f"Store: {database}\n")
    for number in range(1, len(SESSIONS) + 1):
        done = subprocess.run([sys.executable, __file__, str(number), database], check=False)  # noqa: S603 - this very script
        if done.returncode:
            return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
