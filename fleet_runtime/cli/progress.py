"""Shows downloads as a bar on standard error. Downloads nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

Report = Callable[[str, int, int], None]


@contextmanager
def downloads() -> Generator[Report]:
    """Give a function ``report(label, done, total)`` in bytes; the bar appears with its first call."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    tasks: dict[str, TaskID] = {}

    def report(label: str, done: int, total: int) -> None:
        """Move the bar of ``label``; where nobody watches, one line says that it began."""
        if label not in tasks:
            tasks[label] = bar.add_task(label, total=total or None)
            if sys.stderr.isatty():
                bar.start()
            else:
                sys.stderr.write(f"{label}: {total / 1e6:.0f} MB\n")
                sys.stderr.flush()
        bar.update(tasks[label], completed=done, total=total or None)

    try:
        yield report
    finally:
        if bar.live.is_started:
            bar.stop()
