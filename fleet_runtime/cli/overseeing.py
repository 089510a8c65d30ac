"""The commands for whoever looks after a fleet: how it fares, and the way of single turns.

Looking needs no roles, no model and no fleet: it reads the store as it stands. To have a turn tried again or cancelled,
a fleet is opened that answers nothing by itself.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, NamedTuple

import typer

import fleet_runtime
from fleet_runtime.boards import Boards
from fleet_runtime.cli.printing import one_line
from fleet_runtime.cli.running import Running
from fleet_runtime.cli.storing import present_time, store_as_it_stands
from fleet_runtime.ports import Store
from fleet_runtime.records import Step, Turn, TurnRecord, TurnState
from fleet_runtime.runtime.overseeing import Budget, FailedTurn, Status, Watched, found_turn, no_turn, status
from fleet_runtime.settings import Settings


class State(StrEnum):
    """How a turn fares, as in `fleet_runtime.records.TurnState`."""

    ACCEPTED = "accepted"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


IdArgument = Annotated[str, typer.Argument(metavar="ID", help="The turn's id.", show_default=False)]
StateOption = Annotated[
    State | None, typer.Option("--state", metavar="S", help="accepted, done, failed or cancelled; else all.")
]
AccountOption = Annotated[str | None, typer.Option("--account", metavar="A", help="Of this account only.")]
LimitOption = Annotated[int, typer.Option("--limit", metavar="N", min=1, help="How many, the newest first.")]

_SHOWN = 200  # characters of a text that are printed


class _Looked(NamedTuple):
    """An open store, and what the processes on it tell each other."""

    store: Store
    boards: Boards


async def show_status(run: Running) -> None:
    """Say how the fleet fares: workers, queue, what failed last, what was spent today, the switch, the store."""
    async with _looking(run.settings) as found:
        if found is None:
            seen = None
        else:
            from fleet_runtime.stores.schema.tables import SCHEMA_VERSION  # noqa: PLC0415 - loaded with the store

            seen = await status(
                run.settings, found.store, found.boards, clock=present_time, schema_version=SCHEMA_VERSION
            )
    if run.out.as_json:
        run.out.json(seen)
    elif seen is None:
        run.out.note("there is no store yet: nothing was ever accepted here")
    else:
        _print_status(run, seen)


async def list_turns(
    run: Running, state: StateOption = None, account: AccountOption = None, limit: LimitOption = 50
) -> None:
    """List turns, the newest first: whose they are, how they fare, how long ago they were accepted."""
    async with _looking(run.settings) as found:
        states: tuple[TurnState, ...] = () if state is None else (state.value,)
        log = found.boards.log if found else None
        records = (
            await log.turns(run.settings.tenant, states=states, account=account, limit=limit) if log is not None else []
        )
    if run.out.as_json:
        run.out.json(records)
        return
    if not records:
        run.out.note("there are no such turns")
        return
    now = present_time()
    run.out.table(("id", "state", "account", "role", "accepted", "note"), [_row(one, now) for one in records])


async def show_turn(run: Running, turn_id: IdArgument) -> None:
    """Show one turn: what was said, how it fares, the tools that were called so far, why it failed."""
    async with _looking(run.settings) as found:
        if found is None:
            raise no_turn(run.settings.tenant, turn_id)
        record = await found_turn(found.boards.log, run.settings.tenant, turn_id)
        steps = await found.store.steps(record.turn.key, turn_id)
    if run.out.as_json:
        run.out.json({"record": record, "steps": steps})
        return
    for label, value in _lines(record, steps):
        run.out.line(f"{label:<12}{one_line(value)}".rstrip())


async def retry(run: Running, turn_id: IdArgument) -> None:
    """Have a failed or cancelled turn answered after all: by a worker, or at the next start of a fleet."""
    await _have_found(run, turn_id)
    async with _acting(run.settings) as fleet:
        turn = await fleet.turns.retry(turn_id)
        durable = fleet.settings.engine == "durable"
    _print_turn(run, turn, "a worker answers it" if durable else "it is answered at the next start of the fleet")


async def cancel(run: Running, turn_id: IdArgument) -> None:
    """Give a turn up that is not answered yet; whoever works on it lets it go."""
    await _have_found(run, turn_id)
    async with _acting(run.settings) as fleet:
        turn = await fleet.turns.cancel(turn_id)
    _print_turn(run, turn, "it is not answered, unless fleet turns retry is said")


@asynccontextmanager
async def _looking(settings: Settings) -> AsyncGenerator[_Looked | None]:
    """Open the store as it stands; None where nothing is kept, or nothing has been yet."""
    async with store_as_it_stands(settings) as store:
        if store is None:
            yield None
            return
        from fleet_runtime.adapters import boards_of  # noqa: PLC0415 - loads the database driver

        boards = boards_of(store)
        yield None if boards is None else _Looked(store, boards)


def _acting(settings: Settings) -> AbstractAsyncContextManager[fleet_runtime.Fleet]:
    """Open a fleet that can have turns queued and stopped, and nothing else: it answers, learns and calls nothing."""
    off: dict[str, object] = {"model": "none", "embeddings": "none", "routing": "off", "memory": "off", "mcp": {}}
    return fleet_runtime.Fleet.open(settings=settings.model_copy(update=off), resume=False)


async def _have_found(run: Running, turn_id: str) -> None:
    """Refuse an id that no turn has, before a fleet is opened: it would make a store where there is none."""
    async with _looking(run.settings) as found:
        if found is None:
            raise no_turn(run.settings.tenant, turn_id)
        await found_turn(found.boards.log, run.settings.tenant, turn_id)


def _print_turn(run: Running, turn: Turn, then: str) -> None:
    """Say how a turn fares now, and what follows."""
    if run.out.as_json:
        run.out.json(turn)
    else:
        run.out.line(f"turn {turn.id} is {turn.state}: {then}")


def _print_status(run: Running, seen: Status) -> None:
    """Put a status into lines and tables."""
    for label, value in _summary(seen):
        run.out.line(f"{label:<12}{one_line(value)}".rstrip())
    if seen.workers:
        run.out.line()
        columns = ("worker", "host", "pid", "version", "turns", "heard of", "state")
        run.out.table(columns, [_worker(one) for one in seen.workers])
    if seen.errors:
        run.out.line()
        heads = ("failed turn", "account", "at (UTC)", "attempts", "code", "message")
        run.out.table(heads, [_error(one) for one in seen.errors])


def _summary(seen: Status) -> Iterator[tuple[str, str]]:
    """Say in a few lines how a fleet fares."""
    yield "store", f"{seen.database}, schema {seen.schema_version}, tenant {seen.tenant}"
    yield "engine", seen.engine
    if seen.paused is None:
        yield "switch", "on"
    else:
        by = f" by {seen.paused.by}" if seen.paused.by else ""
        why = f": {seen.paused.reason}" if seen.paused.reason else ""
        yield "switch", f"paused since {seen.paused.since:%Y-%m-%d %H:%M} UTC{by}{why}"
    living = [one for one in seen.workers if not one.lapsed]
    yield "workers", f"{len(living)} living, {_count(sum(one.turns for one in living), 'turn')} in flight"
    oldest = "" if seen.oldest_seconds is None else f", the oldest for {_ago(seen.oldest_seconds)}"
    running = f"{_count(seen.queue.running, 'account')} worked on"
    yield "queue", f"{seen.queue.waiting} waiting{oldest}; {running}; {seen.queue.failed} failed"
    yield "today", _spending(seen.budget)
    if seen.ticked is not None:
        yield "motions", f"carried out up to {seen.ticked:%Y-%m-%d %H:%M} UTC"


def _spending(budget: Budget) -> str:
    """Say what was spent, and what may be."""
    unpriced = f" ({_count(budget.unpriced, 'call')} unpriced)" if budget.unpriced else ""
    of = "the last accounts, of more" if budget.partial else _count(budget.accounts, "account")
    bounds = [f"{budget.day_tokens} tokens"] if budget.day_tokens is not None else []
    bounds += [f"{budget.day_money:f}"] if budget.day_money is not None else []
    bound = f"; each may spend {' and '.join(bounds)}" if bounds else ""
    out = f"; used up by {', '.join(budget.exhausted)}" if budget.exhausted else ""
    return f"{budget.tokens} tokens, cost {budget.cost:f}{unpriced}, by {of}{bound}{out}"


def _worker(one: Watched) -> tuple[str, ...]:
    """Say how a worker fares."""
    heard = "never" if one.seen_seconds is None else f"{_ago(one.seen_seconds)} ago"
    state = "silent" if one.lapsed else "leaving" if one.leaving else "at work"
    return (one.id, one.host, str(one.pid), one.version, str(one.turns), heard, state)


def _error(one: FailedTurn) -> tuple[str, ...]:
    """Say why a turn was given up."""
    return (one.turn_id, one.account, f"{one.at:%Y-%m-%d %H:%M:%S}", str(one.attempts), one.code, _cut(one.message))


def _row(record: TurnRecord, now: datetime) -> tuple[str, ...]:
    """Say how a turn fares, in a row."""
    turn = record.turn
    note = f"held by {record.held_by}" if record.held_by and turn.state == "accepted" else ""
    if turn.failure is not None:
        note = f"{turn.failure.code}: {_cut(turn.failure.message)}"
    ago = _ago((now - record.accepted_at).total_seconds())
    return (turn.id, turn.state, turn.key.account, turn.role or "(front door)", f"{ago} ago", note)


def _lines(record: TurnRecord, steps: tuple[Step, ...]) -> Iterator[tuple[str, str]]:
    """Say everything that is known of a turn."""
    turn = record.turn
    yield "turn", f"{turn.id}, number {turn.sequence} of its account"
    yield "account", f"{turn.key.account} (tenant {turn.key.tenant}), conversation {turn.conversation}"
    yield "to", turn.role or "the front door"
    yield "said", f"{turn.speaker}: {_cut(turn.text)}"
    yield "accepted", f"{record.accepted_at:%Y-%m-%d %H:%M:%S} UTC"
    yield "state", turn.state + (f", held by {record.held_by}" if record.held_by and turn.state == "accepted" else "")
    for step in steps:
        called = ", ".join(call.name for call in step.calls)
        came = f"{len(step.results)} of {len(step.calls)} results" if step.results else "no result is kept"
        yield f"round {step.number}", f"{step.role} called {called}: {came}"
    if turn.failure is not None:
        failure = turn.failure
        yield (
            "failed",
            f"{failure.at:%Y-%m-%d %H:%M:%S} UTC after {_count(failure.attempts, 'attempt')}: {failure.code}",
        )
        yield "", failure.message
        yield "hint", failure.hint
    if turn.reply is not None:
        yield "answered", f"{turn.reply.role}: {_cut(turn.reply.text)}"
        yield "", f"fleet trace {turn.id} shows the whole way"


def _ago(seconds: float) -> str:
    """Say a span in its two largest units."""
    whole = timedelta(seconds=round(max(seconds, 0.0)))
    minutes, rest = divmod(whole.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if whole.days:
        return f"{whole.days} d {hours} h"
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _count(number: int, what: str) -> str:
    """Say how many there are."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def _cut(text: str) -> str:
    """Bring text onto one line, cut where it is long."""
    plain = one_line(text)
    return plain if len(plain) <= _SHOWN else f"{plain[:_SHOWN].rstrip()} ..."
