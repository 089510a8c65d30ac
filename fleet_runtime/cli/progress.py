"""Shows as a bar on standard error how far a download or other long work is. Downloads nothing itself."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

Report = Callable[[str, int, int], None]
"""Hears what is done, how much of it, and how much there is in all."""


@contextmanager
def downloads() -> Generator[Report]:
    """Give a function ``report(label, done, total)`` in bytes; the bar appears with its first call.

    Where nobody watches, one line says that it began.
    """
    with _bar(DownloadColumn(), "{label}: {megabytes:.0f} MB") as report:
        yield report


@contextmanager
def bytes_read() -> Generator[Report]:
    """Give a function ``report(label, done, total)`` in bytes of a file that is read."""
    with _bar(DownloadColumn()) as report:
        yield report


@contextmanager
def items_done() -> Generator[Report]:
    """Give a function ``report(label, done, total)`` in pieces of work."""
    with _bar(MofNCompleteColumn()) as report:
        yield report


@contextmanager
def _bar(column: ProgressColumn, unwatched: str = "") -> Generator[Report]:
    """Give a function that moves one bar for each label; where nobody watches, ``unwatched`` is said once."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        column,
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    tasks: dict[str, TaskID] = {}

    def report(label: str, done: int, total: int) -> None:
        """Move the bar of ``label``."""
        if label not in tasks:
            tasks[label] = bar.add_task(label, total=total or None)
            if sys.stderr.isatty():
                bar.start()
            elif unwatched:
                sys.stderr.write(unwatched.format(label=label, megabytes=total / 1e6) + "\n")
                sys.stderr.flush()
        bar.update(tasks[label], completed=done, total=total or None)

    try:
        yield report
    finally:
        if bar.live.is_started:
            bar.stop()
