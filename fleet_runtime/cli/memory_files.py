"""The commands that bring files of events into an account's memory, and its memory into a file. Read no format."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, cast, get_args

import typer

from fleet_runtime.cli.options import AccountArgument, moment
from fleet_runtime.cli.running import Running, report
from fleet_runtime.errors import MessageError
from fleet_runtime.importing import FORMATS, DateOrder, Format, Imported
from fleet_runtime.runtime.exporting import export_file, exported
from fleet_runtime.runtime.importing import Account, Told, import_file

FilesArgument = Annotated[
    list[Path], typer.Argument(metavar="FILE", help="Files of events, or an export.", show_default=False)
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Read and count; record nothing.")]
OutOption = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Where to write it; else print it.")]


def form(text: str) -> str:
    """Read the name of a format.

    Raises: ValueError, which the command line turns into a usage error.
    """
    return _one_of(text, FORMATS)


def date_order(text: str) -> str:
    """Read how dates are meant.

    Raises: ValueError, which the command line turns into a usage error.
    """
    return _one_of(text, get_args(DateOrder))


@dataclass(frozen=True)
class Unsaid:
    """What the files themselves do not say."""

    format: Annotated[
        str | None, typer.Option(parser=form, help=f"{', '.join(FORMATS)}; else told by the file.", metavar="F")
    ] = None
    at: Annotated[
        datetime | None, typer.Option(parser=moment, help="When it was said, if no date stands there.", metavar="DATE")
    ] = None
    author: Annotated[str | None, typer.Option(help="Who says it, if no name stands there.", metavar="NAME")] = None
    dates: Annotated[
        str | None,
        typer.Option(parser=date_order, help="day-first or month-first: how 03/04/2026 is meant.", metavar="ORDER"),
    ] = None


async def import_files(
    run: Running, account: AccountArgument, files: FilesArgument, unsaid: Unsaid, dry_run: DryRunOption = False
) -> None:
    """Record the events of files: JSON lines, CSV, mbox and eml e-mail, transcripts, or an export.

    An event that is known already is passed over: to go on after an interruption, or when a file has grown, repeat
    the command. What cannot be read is told by line on standard error.
    """
    from fleet_runtime.cli.progress import bytes_read  # noqa: PLC0415 - loads rich

    done: dict[Path, Imported] = {}
    unreadable = False
    async with run.silent_fleet() as fleet:
        memory = fleet.memory(account)
        with bytes_read() as told:
            for file in files:
                try:
                    done[file] = await _imported(memory, file, unsaid, partial(told, file.name), dry_run=dry_run)
                except MessageError as error:
                    report(error)
                    unreadable = True
                    continue
                _say(run, file, done[file])
    if run.out.as_json:
        run.out.json({"imported": [{"file": str(file), **one.model_dump(mode="json")} for file, one in done.items()]})
    if unreadable or not any(one.read for one in done.values()):
        raise typer.Exit(1)


async def export(run: Running, account: AccountArgument, out: OutOption = None) -> None:
    """Write everything that is kept of an account as JSON lines; importing them gives the same memory."""
    async with run.silent_fleet() as fleet:
        memory = fleet.memory(account)
        if out is None:
            for line in await exported(memory, _present_time):
                typer.echo(line)
            return
        count = await export_file(memory, out, _present_time)
    if run.out.as_json:
        run.out.json({"file": str(out), "lines": count})
    else:
        run.out.line(f"{count} lines written to {out}")


async def _imported(memory: Account, file: Path, unsaid: Unsaid, told: Told, *, dry_run: bool) -> Imported:
    """Import one file.

    Raises: MessageError if it cannot be read; StoreError.
    """
    return await import_file(
        memory,
        file,
        now=_present_time(),
        format=cast("Format | None", unsaid.format),
        at=unsaid.at,
        author=unsaid.author,
        dates=cast("DateOrder | None", unsaid.dates),
        told=told,
        dry_run=dry_run,
    )


def _say(run: Running, file: Path, one: Imported) -> None:
    """Print what became of a file."""
    for reject in one.rejects:
        run.out.note(f"{file}:{reject.line}: {reject.why}{f': {reject.text}' if reject.text else ''}")
    if one.rejected > len(one.rejects):
        run.out.note(f"{file}: and {one.rejected - len(one.rejects)} more were rejected")
    if not run.out.as_json:
        run.out.line(f"{file}: {one.read} read, {one.new} new, {one.known} known, {one.rejected} rejected")


def _one_of(text: str, words: tuple[str, ...]) -> str:
    """Return the text if it is one of the words.

    Raises: ValueError.
    """
    if text not in words:
        message = f"not one of {', '.join(words)}"
        raise ValueError(message)
    return text


def _present_time() -> datetime:
    """Return the machine's time."""
    return datetime.now(UTC)
