"""The commands that look into an account's memory: facts, history, commitments, changes, recall … Change nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from fleet_runtime.cli.options import AccountArgument, AsOfOption, end_of, moment
from fleet_runtime.cli.printing import day
from fleet_runtime.cli.reading import whole
from fleet_runtime.cli.running import Running
from fleet_runtime.records import Fact

QuestionArgument = Annotated[str, typer.Argument(metavar="QUESTION", help="What to look for.", show_default=False)]
KeyArgument = Annotated[str, typer.Argument(metavar="KEY", help="The key, such as seats.", show_default=False)]
LimitOption = Annotated[int, typer.Option(min=1, metavar="N", help="At most so many items.")]
KnownAtOption = Annotated[
    datetime | None, typer.Option("--known-at", parser=end_of, help="As it was believed then.", metavar="DATE")
]
SinceOption = Annotated[datetime, typer.Option("--since", parser=moment, help="After this date.", metavar="DATE")]
AllOption = Annotated[bool, typer.Option("--all", help="Those that are done or dropped too.")]

NOTHING = "(none)"


async def facts(
    run: Running, account: AccountArgument, as_of: AsOfOption = None, known_at: KnownAtOption = None
) -> None:
    """List what is known to hold, with who said it and when."""
    async with run.silent_fleet() as fleet:
        found = await fleet.memory(account).facts(as_of=as_of, known_at=known_at)
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


async def history(run: Running, account: AccountArgument, key: KeyArgument) -> None:
    """List the values that one key has had, oldest first, with who said each."""
    async with run.silent_fleet() as fleet:
        found = await fleet.memory(account).history(key)
    if run.out.as_json:
        run.out.json(found)
        return
    run.out.table(
        ("value", "from", "to", "said by", "on", "event"),
        [
            (fact.value or NOTHING, day(fact.valid_from), day(fact.valid_to), fact.author, day(fact.at), fact.event_id)
            for fact in found
        ],
    )


async def commitments(run: Running, account: AccountArgument, everything: AllOption = False) -> None:
    """List who promised what to whom, by when; the open ones unless --all is said."""
    async with run.silent_fleet() as fleet:
        found = await fleet.memory(account).commitments(open=not everything)
    if run.out.as_json:
        run.out.json(found)
        return
    run.out.table(
        ("task", "owner", "to", "due", "state", "since", "event"),
        [(one.task, one.owner, one.to, one.due, one.state, day(one.at), one.event_id) for one in found],
    )


async def changes(run: Running, account: AccountArgument, since: SinceOption) -> None:
    """List what was set, retracted or corrected after a date, oldest first."""
    async with run.silent_fleet() as fleet:
        found = await fleet.memory(account).changes(since)
    if run.out.as_json:
        run.out.json(found)
        return
    run.out.table(
        ("on", "what", "key", "was", "is", "said by", "event"),
        [
            (day(one.at), one.how, one.key, one.was or NOTHING, one.value or NOTHING, one.author, one.event_id)
            for one in found
        ],
    )


async def contradictions(run: Running, account: AccountArgument) -> None:
    """List what two people say differently, which of the two counts, and by which rule."""
    async with run.silent_fleet() as fleet:
        found = await fleet.memory(account).contradictions()
    if run.out.as_json:
        run.out.json(found)
        return
    run.out.table(
        ("key", "counts", "against", "by"),
        [(one.key, _claim(one.winner), _claim(one.loser), one.rule) for one in found],
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


async def brief(run: Running, account: AccountArgument, as_of: AsOfOption = None) -> None:
    """Print the account brief, dated and cited."""
    async with run.silent_fleet() as fleet:
        made = await fleet.memory(account).brief(as_of=as_of)
    if run.out.as_json:
        run.out.json(made)
    else:
        run.out.line(made.markdown())


def _claim(fact: Fact) -> str:
    """Say a claim with who made it and when."""
    return f"{fact.value or NOTHING} ({fact.author}, {day(fact.at)})"
