"""Runs one command: settings from the options, the fleet from the settings, one line for every error.

Decides nothing about the work itself; a command that speaks to nobody opens no model unless one is named.
The fleet is named as ``fleet_runtime.Fleet``, which loads it when it is opened: ``--help`` needs none.
"""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from functools import cached_property
from pathlib import Path
from typing import cast

import typer

import fleet_runtime
from fleet_runtime.cli.options import Common
from fleet_runtime.cli.printing import Printer, one_line
from fleet_runtime.errors import FleetError
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

    @property
    def named_profile(self) -> str | None:
        """Return the profile that the command line itself names, apart from what the settings say."""
        return self._common.profile

    @property
    def named_roles(self) -> Path | None:
        """Return the folder of roles that the command line itself names."""
        return Path(self._common.roles) if self._common.roles is not None else None

    @property
    def silent_settings(self) -> Settings:
        """Return the settings without a model, unless the command line names one.

        Raises: SettingError.
        """
        return self.settings if self._common.model else self.settings.model_copy(update={"model": "none"})

    @asynccontextmanager
    async def speaking_fleet(self) -> AsyncGenerator[fleet_runtime.Fleet]:
        """Open the fleet with its model; downloads show their progress.

        Raises: FleetError of any kind.
        """
        from fleet_runtime.cli.progress import downloads  # noqa: PLC0415 - loads rich

        with downloads() as report:
            async with fleet_runtime.Fleet.open(settings=self.settings, report=report) as fleet:
                yield fleet

    @asynccontextmanager
    async def silent_fleet(self) -> AsyncGenerator[fleet_runtime.Fleet]:
        """Open the fleet without a model, unless the command line names one.

        Raises: FleetError of any kind.
        """
        from fleet_runtime.cli.progress import downloads  # noqa: PLC0415 - loads rich

        with downloads() as report:
            async with fleet_runtime.Fleet.open(settings=self.silent_settings, report=report, resume=False) as fleet:
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
    except BaseExceptionGroup as group:  # what fails in the background comes in a group
        known = _first_known(group)
        if known is None:
            raise
        report(known)
        raise typer.Exit(1) from group
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


def _first_known(error: BaseException) -> FleetError | None:
    """Return the first error of ours in a group, however deep, or None."""
    if isinstance(error, BaseExceptionGroup):
        inner = cast("BaseExceptionGroup[BaseException]", error).exceptions
        return next((known for known in map(_first_known, inner) if known), None)
    return error if isinstance(error, FleetError) else None


def report(error: FleetError) -> None:
    """Print one error and what to do about it, on standard error."""
    say_error(f"{error.code}: {error.message}", hint=error.hint)


def say_error(coded: str, *, hint: str) -> None:
    """Print ``error[code]: message`` and the hint, each on one line."""
    code, _, message = coded.partition(": ")
    typer.echo(f"error[{code}]: {one_line(message)}", err=True)
    typer.echo(f"hint: {one_line(hint)}", err=True)
