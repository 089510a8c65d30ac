"""The commands of signals: files of accounts, weeks and invoices come in, one account's are shown. Read no format."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, cast

import typer

from fleet_runtime.cli.memory_files import date_order
from fleet_runtime.cli.options import AccountArgument, AsOfOption, moment
from fleet_runtime.cli.printing import one_line
from fleet_runtime.cli.running import Running
from fleet_runtime.importing import DateOrder
from fleet_runtime.intake import COLUMNS, MATTERS, Matter
from fleet_runtime.records.book import AccountDetails, Invoice, Signals, Week
from fleet_runtime.runtime.intake_tally import SignalsImported, SignalsWarning
from fleet_runtime.runtime.taking_in import STORED, SignalsTold


class Kind(StrEnum):
    """What a file holds, as in `fleet_runtime.intake.SignalKind`."""

    ACCOUNTS = "accounts"
    WEEKLY = "weekly"
    INVOICES = "invoices"


FilesArgument = Annotated[
    list[Path], typer.Argument(metavar="FILE", help="CSV files of accounts, weeks or invoices.", show_default=False)
]
_SHOWN: Final = 20
"""Warnings of one matter that are printed; --json has more."""
_SAID: Final[dict[Matter, str]] = {
    "cell": "cells left out",
    "column": "columns passed over or missing",
    "duplicate": "rows said before",
    "conflict": "rows that contradict another",
    "order": "rows behind a later week",
    "weekday": "weeks moved to the first day",
    "future": "weeks that have not begun",
    "gap": "weeks without data between others",
    "account": "accounts in one kind of file only",
    "late": "weeks that came late",
    "changed": "rows that say otherwise than before",
}


@dataclass(frozen=True)
class Unsaid:
    """What the files themselves do not say."""

    kind: Annotated[Kind | None, typer.Option(help="What all files are; else told by their headers.")] = None
    columns: Annotated[
        Path | None, typer.Option(help="YAML of the files' own column names: docs/signals.md.", metavar="FILE")
    ] = None
    at: Annotated[
        datetime | None,
        typer.Option(parser=moment, help="When the accounts were exported; else now.", metavar="DATE"),
    ] = None
    dates: Annotated[
        str | None,
        typer.Option(parser=date_order, help="day-first or month-first: how 03/04/2026 is meant.", metavar="ORDER"),
    ] = None


async def import_files(run: Running, files: FilesArgument, unsaid: Unsaid) -> None:
    """Take in signals of accounts: CSV files of accounts, weeks and invoices, told apart by their headers.

    What is known already is passed over: to go on after an interruption, or when a file has grown, repeat the command.
    What is left out, rejected or odd is told by line on standard error.
    """
    async with run.silent_fleet() as fleet:
        with _progress() as told:
            done = await fleet.book.import_signals(
                *files,
                kind=unsaid.kind.value if unsaid.kind else None,
                columns=unsaid.columns,
                at=unsaid.at,
                dates=cast("DateOrder | None", unsaid.dates),
                told=told,
            )
    _say(run, done)
    if not done.read or any(one.kind is None and one.rejected for one in done.files):
        raise typer.Exit(1)


async def show(run: Running, account: AccountArgument, as_of: AsOfOption = None) -> None:
    """Show what is known of an account's signals: its details, its weeks and its invoices; an empty cell is no data."""
    async with run.silent_fleet() as fleet:
        found = await fleet.book.signals(account, as_of)
    if run.out.as_json:
        run.out.json(found)
        return
    if found == Signals():
        run.out.note(f"no signals are known of {account}: fleet signals import brings them in")
        return
    for details in found.details:
        run.out.line(_about(details))
    if found.weeks:
        columns = columns_of(found.weeks)
        head = ("week", *columns, "themes", "note", "source")
        run.out.table(head, [_week(week, columns) for week in found.weeks])
    if found.invoices:
        head = ("invoice", "issued", "due", "paid", "amount", "currency", "source")
        run.out.table(head, [_invoice(invoice) for invoice in found.invoices])


def columns_of(weeks: Sequence[Week]) -> tuple[str, ...]:
    """Return the names of what was measured in any week: the usual ones first, then others by name."""
    measured = {name for week in weeks for name in week.values}
    usual = tuple(name for name in COLUMNS["weekly"] if name in measured)
    return usual + tuple(sorted(measured.difference(usual)))


@contextmanager
def _progress() -> Generator[SignalsTold]:
    """Give a function that moves a bar for each file that is read, and then one for the accounts that are stored."""
    from fleet_runtime.cli.progress import Report, bytes_read, items_done  # noqa: PLC0415 - loads rich

    with ExitStack() as stack:
        shown: dict[bool, Report] = {}

        def told(what: str, done: int, total: int) -> None:
            """Move the bar; those of another kind go, since a terminal shows one kind at a time."""
            storing = what == STORED
            if storing not in shown:
                stack.close()
                shown.clear()
                shown[storing] = stack.enter_context(items_done() if storing else bytes_read())
            shown[storing](what, done, total)

        yield told


def _say(run: Running, done: SignalsImported) -> None:
    """Print what an import did."""
    for reject in done.rejects:
        place = f"{reject.file}:{reject.line}" if reject.line else reject.file
        run.out.note(f"{place}: {reject.why}{f': {reject.text}' if reject.text else ''}")
    if done.rejected > len(done.rejects):
        run.out.note(f"and {done.rejected - len(done.rejects)} more were rejected")
    for matter in MATTERS:
        found = [one for one in done.warnings if one.matter == matter]
        for one in found[:_SHOWN]:
            run.out.note(_warning(one))
        if len(found) > _SHOWN:
            run.out.note(f"{matter}: and {len(found) - _SHOWN} more such remarks (--json tells them)")
    if run.out.as_json:
        run.out.json(done.told())
        return
    run.out.table(
        ("kind", "rows read", "new", "known", "changed"),
        [(kind, *map(str, (one.read, one.new, one.same, one.changed))) for kind, one in done.kinds.items()],
    )
    noted = [f"{_SAID[matter]}: {done.noted[matter]}" for matter in MATTERS if done.noted.get(matter)]
    run.out.line("; ".join((f"accounts: {done.accounts}", f"rows rejected: {done.rejected}", *noted)))


def _warning(one: SignalsWarning) -> str:
    """Say a warning with its place, if it has one."""
    place = f"{one.file}:{one.line}: " if one.file and one.line else f"{one.file}: " if one.file else ""
    return f"{place}{one.matter}: {one.says}"


def _about(details: AccountDetails) -> str:
    """Say an account's details in one line."""
    amount = f"{details.currency} {details.arr:,f}".strip() if details.arr is not None else ""
    said = [
        *(details.company, details.industry, details.segment),
        *(f"{label} {value}" for label, value in _labelled(details, amount) if value),
    ]
    return f"{', '.join(one for one in said if one)} (known from {details.known_from.date()}, {details.source})"


def _labelled(details: AccountDetails, amount: str) -> tuple[tuple[str, str], ...]:
    """Return what of the details needs a word before it."""
    return (
        ("ARR", amount),
        ("seats", _text(details.seats)),
        ("renewal", _text(details.renewal_date)),
        ("live since", _text(details.go_live_date)),
        ("champion", details.champion),
        ("sponsor", details.exec_sponsor),
        ("CSM", details.csm),
    )


def _week(week: Week, columns: Sequence[str]) -> tuple[str, ...]:
    """Return a week's cells; empty where nothing was measured."""
    values = (f"{week.values[name]:.10g}" if name in week.values else "" for name in columns)
    return (str(week.start), *values, ", ".join(week.themes), one_line(week.note), week.source)


def _invoice(one: Invoice) -> tuple[str, ...]:
    """Return an invoice's cells."""
    days = (str(one.issued), str(one.due), _text(one.paid))
    return (one.number, *days, f"{one.amount:f}", one.currency, one.source)


def _text(value: object) -> str:
    """Write a value, or nothing."""
    return "" if value is None else str(value)
