"""The commands for whoever looks after a fleet: how it fares, and the way of single turns.

Looking needs no roles, no model and no fleet: it reads the store as it stands. To have a turn tried again or cancelled,
a fleet is opened that answers nothing by itself.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from enum import StrEnum
from typing import Annotated, NamedTuple, cast

import typer

from fleet_runtime.boards import Boards
from fleet_runtime.cli.printing import one_line
from fleet_runtime.cli.running import Running
from fleet_runtime.cli.storing import present_time, store_as_it_stands
from fleet_runtime.ports import Store
from fleet_runtime.records import Step, Turn, TurnRecord
from fleet_runtime.runtime.overseeing import Budget, Status, found_turn, no_turn, status
from fleet_runtime.settings import Settings


class State(StrEnum):
    """How a turn fares, as in `fleet_runtime.records.TurnState`."""

    ACCEPTED = "accepted"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


TurnArgument = Annotated[str, typer.Argument(metavar="ID", help="The turn's id.", show_default=False)]
StateOption = Annotated[
    State | None, typer.Option("--state", metavar="S", help="accepted, done, failed or cancelled; else all.")
]
AccountOption = Annotated[str | None, typer.Option("--account", metavar="A", help="Of this account only.")]
LimitOption = Annotated[int, typer.Option("--limit", metavar="N", min=1, help="How many, the newest first.")]

_SHOWN = 200  # characters of a text that are printed


class _Opened(NamedTuple):
    """An open store, and what the processes on it tell each other."""

    store: Store
    boards: Boards
