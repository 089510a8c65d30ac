"""The commands that keep an account's memory: record, digest, index, erase. Remember and erase nothing themselves."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

import typer

from fleet_runtime.cli.options import AccountArgument, Reported, TextArgument
from fleet_runtime.cli.printing import clean
from fleet_runtime.cli.reading import whole
from fleet_runtime.cli.running import Running
from fleet_runtime.errors import MessageError
from fleet_runtime.records import AccountState, Event

YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


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


async def digest(run: Running, account: AccountArgument) -> None:
    """Sum up the quarters that are over, and print all digests with what they cite; nothing is deleted."""
    async with run.silent_fleet() as fleet:
        memory = fleet.memory(account)
        made = await memory.consolidate()
        found = await memory.digests()
    if run.out.as_json:
        run.out.json(found)
        return
    for one in found:
        run.out.line(f"## {one.period} ({one.events} events)\n\n{one.text}\n")
    run.out.note(f"{len(made)} new, {len(found)} in all")


async def index(run: Running) -> None:
    """Make the vectors that remembered events lack, of all accounts; a large import leaves many to make."""
    from fleet_runtime.cli.progress import items_done  # noqa: PLC0415 - loads rich

    async with run.silent_fleet() as fleet:
        with items_done() as report:
            made = await fleet.embed_memory(told=lambda done, total: report("events", done, total))
    if run.out.as_json:
        run.out.json({"embedded": made})
    else:
        run.out.line(f"{made} {'event was' if made == 1 else 'events were'} given a vector")


async def erase(run: Running, account: AccountArgument, yes: YesOption = False) -> None:
    """Remove everything that is kept of an account, beyond recovery, and print the receipt.

    Unless --yes is said, the account's id must be typed. Copies elsewhere (backups, exports, a model provider's
    logs) are not reached.
    """
    async with run.silent_fleet() as fleet:
        memory = fleet.memory(account)
        if not yes:
            _confirm(account, await memory.rows())
        receipt = await memory.erase()
    if run.out.as_json:
        run.out.json(receipt)
        return
    if not receipt.erased:
        run.out.line(f"nothing is kept of {account}")
        return
    run.out.line(f"erased {account} at {receipt.at.isoformat(timespec='seconds')}: {_counted(receipt.counts)}")
    run.out.line(f"sha256 of what was there: {receipt.content_hash}")
    if not receipt.journal_cleared:
        run.out.note("another process was reading: what it may still see is cleared by a later write")
    for place in receipt.remains:
        run.out.note(f"bytes may be left in {place}")


def _confirm(account: str, rows: AccountState) -> None:
    """Have the account's id typed.

    Raises: MessageError if something else is typed.
    """
    there = {"event": len(rows.events), "fact": len(rows.facts), "turn": len(rows.turns)}
    typer.echo(clean(f"{account}: {_counted(there)} will be erased, beyond recovery."), err=True)
    typed: str = typer.prompt("Type the account's id to go on", default="", show_default=False, err=True)
    if typed.strip() != account:
        raise MessageError("nothing was erased: that is not the account's id", hint="type it exactly, or say --yes")


def _counted(counts: Mapping[str, int]) -> str:
    """Say what there is, without what there is none of."""
    said = [f"{count} {name.replace('_', '-')}{'' if count == 1 else 's'}" for name, count in counts.items() if count]
    return ", ".join(said) or "no rows"
