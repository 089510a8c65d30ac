"""Runs one command: settings from the options, the fleet from the settings, one line for every error.

Decides nothing about the work itself; a command that speaks to nobody opens no model unless one is named.
"""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from functools import cached_property
from pathlib import Path

import typer

from fleet_runtime.cli.options import Common
from fleet_runtime.cli.printing import Printer, one_line
from fleet_runtime.cli.progress import downloads
from fleet_runtime.errors import FleetError
from fleet_runtime.fleet import Fleet
from fleet_runtime.settings import Settings, load_settings

SETTINGS_FILE = Path("fleet.toml")
INTERRUPTED = 130


class Running:
    """What a command works with: the settings in force, the printer, and the way to a fleet."""

    def __init__(self, common: Common) -> None:
        """Keep the options; nothing is read before it is asked for."""
        self._common = common
        self.out = Printer(as_json=common.as_json)

    @cached_property
    def settings(self) -> Settings:
        """Return the settings in force.

        Raises: SettingError.
        """
        return load_settings(self._common.settings(), os.environ, SETTINGS_FILE)

    @asynccontextmanager
    async def speaking_fleet(self) -> AsyncGenerator[Fleet]:
        """Open the fleet with its model; downloads show their progress.

        Raises: FleetError of any kind.
        """
        with downloads() as report:
            async with Fleet.open(settings=self.settings, report=report) as fleet:
                yield fleet

    @asynccontextmanager
    async def silent_fleet(self) -> AsyncGenerator[Fleet]:
        """Open the fleet without a model, unless the command line names one.

        Raises: FleetError of any kind.
        """
        settings = self.settings if self._common.model else self.settings.model_copy(update={"model": "none"})
        with downloads() as report:
            async with Fleet.open(settings=settings, report=report) as fleet:
                yield fleet


@contextmanager
def errors_reported() -> Generator[None]:
    """Turn every expected failure into its line on standard error and its exit code."""
    try:
        yield
        sys.stdout.flush()
    except FleetError as error:
        report(error)
        raise typer.Exit(1) from error
    except KeyboardInterrupt as error:
        say_error("interrupted: stopped by the keyboard", hint="what was accepted is stored and is answered later")
        raise typer.Exit(INTERRUPTED) from error
    except BrokenPipeError as error:
        # Python flushes standard output once more on its way out; let that go nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        say_error(
            "output: the reader of the output went away", hint="what was accepted is stored; ask again by its turn id"
        )
        raise typer.Exit(1) from error


def report(error: FleetError) -> None:
    """Print one error and what to do about it, on standard error."""
    say_error(f"{error.code}: {error.message}", hint=error.hint)


def say_error(coded: str, *, hint: str) -> None:
    """Print ``error[code]: message`` and the hint, each on one line."""
    code, _, message = coded.partition(": ")
    typer.echo(f"error[{code}]: {one_line(message)}", err=True)
    typer.echo(f"hint: {one_line(hint)}", err=True)
