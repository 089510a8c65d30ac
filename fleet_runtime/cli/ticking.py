"""The command that lets the calendar do its work: one day's, or that of a window of days. Judges nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Final

import typer

from fleet_runtime.cli.running import Running

_SPANS: Final = {"day": 1, "week": 7, "month": 30}
_LONGEST: Final = 366
_FIRST_YEAR: Final = 1970
_LAST_YEAR: Final = 2199


def day(text: str) -> date:
    """Read an ISO date; a time of day is refused, as a day is looked at as of its end.

    Raises: ValueError, which the command line turns into a usage error.
    """
    try:
        found = date.fromisoformat(text)
    except ValueError as error:
        message = f"{text!r} is no date such as 2027-03-01"
        raise ValueError(message) from error
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        message = f"{text} is not between {_FIRST_YEAR} and {_LAST_YEAR}"
        raise ValueError(message)
    return found


def span(text: str) -> timedelta:
    """Read how far apart two looks are: day, week, month (30 days), or a number of days.

    Raises: ValueError, which the command line turns into a usage error.
    """
    days = _SPANS.get(text) or (int(text) if text.isascii() and text.isdigit() else 0)
    if not 0 < days <= _LONGEST:
        message = f"not day, week, month, or a number of days from 1 to {_LONGEST}"
        raise ValueError(message)
    return timedelta(days=days)


@dataclass(frozen=True)
class When:
    """Which day, or which days."""

    now: Annotated[
        date | None, typer.Option(parser=day, metavar="DATE", help="The day that is looked at; else today.")
    ] = None
    since: Annotated[
        date | None, typer.Option("--from", parser=day, metavar="DATE", help="First day of a window, with --to.")
    ] = None
    until: Annotated[date | None, typer.Option("--to", parser=day, metavar="DATE", help="Its last day.")] = None
    every: Annotated[
        timedelta | None,
        typer.Option(parser=span, metavar="SPAN", help="In the window: day, week (default), month, or N days."),
    ] = None


async def tick(run: Running, when: When) -> None:
    """Carry out what motions are due, and show what was raised: risk, upside, doubtful data, renewals, promises.

    A day is looked at as of its end (UTC): only what was known by then counts. Done again it comes to the same, and
    raises nothing twice; no model is asked. A window prints all that is raised within it, whenever that was.

    With --json an array of rows: date, account, kind, severity, reasons, evidence and more (docs/book.md).
    """
    window = _window(when)
    from fleet_runtime.cli.raised import COLUMNS, as_json, as_row, summary  # noqa: PLC0415 - loads what reviews need

    async with run.silent_fleet() as fleet:
        done = await fleet.motions.ticked()
        if window is None:
            found = await fleet.motions.tick(when.now)
        else:
            from fleet_runtime.cli.progress import items_done  # noqa: PLC0415 - loads rich

            with items_done() as told:
                found = await fleet.motions.replay(
                    *window, when.every or timedelta(weeks=1), told=lambda done, of: told("days", done, of)
                )
        looked_at = 0 if run.out.as_json else len(await fleet.book.accounts(window[1] if window else when.now))
    if window is None and when.now is not None and done is not None and done.date() >= when.now:
        run.out.note(f"{when.now} was carried out before, up to {done.date()}: --from and --to look at days again")
    if run.out.as_json:
        run.out.json([as_json(one) for one in found])
        return
    if found:
        run.out.table(COLUMNS, [as_row(one) for one in found])
        run.out.line()
    run.out.line(summary(found, looked_at, window))


def _window(when: When) -> tuple[date, date] | None:
    """Return the window that is meant, or None for a single day.

    Raises: typer.BadParameter.
    """
    if when.since is None and when.until is None:
        if when.every is not None:
            raise typer.BadParameter("--every is for a window: say --from and --to")
        return None
    if when.now is not None:
        raise typer.BadParameter("say either --now, or --from and --to")
    if when.since is None or when.until is None:
        raise typer.BadParameter("a window needs both --from and --to")
    if when.since > when.until:
        raise typer.BadParameter(f"--from {when.since} is after --to {when.until}")
    return when.since, when.until
