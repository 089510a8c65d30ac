"""The commands of the switch: pause and resume. They write one row; whoever works sees it within a second."""

from __future__ import annotations

from typing import Annotated

import typer

from fleet_runtime.cli.running import Running
from fleet_runtime.cli.storing import present_time, store_as_it_stands
from fleet_runtime.errors import StoreError
from fleet_runtime.records import Pause
from fleet_runtime.settings import Settings

ReasonOption = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; everybody who is stopped is told.")]
ByOption = Annotated[str, typer.Option("--by", metavar="NAME", help="Who turns it off.")]


async def pause(run: Running, reason: ReasonOption = "", by: ByOption = "") -> None:
    """Stop new work everywhere within a second: no message is taken up, no model or tool called.

    What is being written or done at that moment is not torn off. Messages are still accepted, and answered after
    fleet resume.
    """
    off = Pause(since=present_time(), by=by, reason=reason)
    async with store_as_it_stands(run.settings) as store:
        if store is None:
            raise _nothing_there(run.settings)
        await store.pause(run.settings.tenant, off)
    if run.out.as_json:
        run.out.json({"paused": True, "pause": off})
    else:
        run.out.line(f"paused: nothing new is begun on {_where(run.settings)} until fleet resume")


async def resume(run: Running) -> None:
    """Turn the switch on again after fleet pause; what was accepted meanwhile is answered at the next start."""
    async with store_as_it_stands(run.settings) as store:
        if store is None:
            raise _nothing_there(run.settings)
        was = await store.paused(run.settings.tenant)
        await store.pause(run.settings.tenant, None)
    if run.out.as_json:
        run.out.json({"paused": False, "was": was})
    elif was is None:
        run.out.line(f"nothing was paused on {_where(run.settings)}")
    else:
        run.out.line(f"resumed on {_where(run.settings)}; it was paused since {was.since:%Y-%m-%d %H:%M} UTC")


def _where(settings: Settings) -> str:
    """Say which fleet is meant."""
    return f"{_hidden(settings.database)} (tenant {settings.tenant})"


def _hidden(database: str) -> str:
    """Name a database without the password that its URL may hold."""
    scheme, found, rest = database.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2].partition('?')[0]}" if found else database


def _nothing_there(settings: Settings) -> StoreError:
    """Make the error for a store that is not there: a switch nobody looks at must not seem to work."""
    return StoreError(
        f"there is no store at {_hidden(settings.database)}: nobody looks at a switch there",
        hint="name the fleet's store with --database",
    )
