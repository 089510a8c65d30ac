"""The commands on an account's memory: facts, recall, events, record, brief. Remembers nothing itself."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Annotated

import typer

from fleet_runtime.cli.options import AccountArgument, AsOfOption, Reported, TextArgument
from fleet_runtime.cli.printing import day
from fleet_runtime.cli.reading import whole
from fleet_runtime.cli.running import Running
from fleet_runtime.records import Event

QuestionArgument = Annotated[str, typer.Argument(metavar="QUESTION", help="What to look for.", show_default=False)]
LimitOption = Annotated[int, typer.Option(min=1, metavar="N", help="At most so many items.")]


async def facts(run: Running, account: AccountArgument, as_of: AsOfOption = None) -> None:
    """List what is known to hold, with who said it and when."""
    async with run.silent_fleet() as fleet:
        found = await fleet.memory(account).facts(as_of=as_of)
    if run.out.as_json:
        run.out.json(found)
        return
    run.out.table(
        ("key", "value", "since", "said by", "on", "event"),
        [
            (fact.key, fact.value or "", day(fact.valid_from), fact.author, day(fact.at), fact.event_id)
            for fact in found
        ],
    )


async def recall(
    run: Running,
    account: AccountArgument,
    question: QuestionArgument,
    as_of: AsOfOption = None,
    limit: LimitOption = 10,
) -> None:
    """List what is remembered about a question, best first."""
    asked = whole(question)
    async with run.silent_fleet() as fleet:
        found = await fleet.memory(account).recall(asked, as_of=as_of, limit=limit)
    if run.out.as_json:
        run.out.json(found)
        return
    run.out.table(
        ("score", "on", "author", "text", "why"),
        [(f"{item.score:.2f}", day(item.at), item.author, item.text, "; ".join(item.reasons)) for item in found],
    )


async def events(run: Running, account: AccountArgument) -> None:
    """List everything that happened on the account, oldest first."""
    async with run.silent_fleet() as fleet:
        found = await fleet.memory(account).events()
    if run.out.as_json:
        run.out.json(found)
        return
    run.out.table(
        ("on", "kind", "author", "text", "id"),
        [(day(event.at), event.kind, event.author, event.text, event.id) for event in found],
    )


async def record(run: Running, account: AccountArgument, text: TextArgument, reported: Reported) -> None:
    """Put on record what a colleague or a system says, and show what it taught."""
    said = whole(text)
    at = reported.at or datetime.now(UTC)
    event = Event(id=uuid.uuid4().hex, at=at, kind=reported.kind, author=reported.author, text=said)
    async with run.speaking_fleet() as fleet:  # a model may learn from it what rules cannot read
        learned = await fleet.memory(account).record(event)
    if run.out.as_json:
        run.out.json({"event": event, "learned": learned})
        return
    run.out.line(f"recorded {event.id}")
    was = {(fact.subject, fact.key): fact.value for fact in learned.superseded}
    for fact in learned.facts:
        former = was.get((fact.subject, fact.key))
        run.out.line(f"remembered: {fact.key} = {fact.value}{f' (was {former})' if former else ''}")


async def brief(run: Running, account: AccountArgument, as_of: AsOfOption = None) -> None:
    """Print the account brief, dated and cited."""
    async with run.silent_fleet() as fleet:
        made = await fleet.memory(account).brief(as_of=as_of)
    if run.out.as_json:
        run.out.json(made)
    else:
        run.out.line(made.markdown())
