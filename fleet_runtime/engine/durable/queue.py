"""The queue as those see it who fill it: gateways, operators, and workers that mend it. Runs nothing.

What is queued are ids. A row of the engine says at most where a turn stands; what it says, and whether it is answered,
is the store's to know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

import anyio.to_thread
from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer, EnqueueOptions, WorkflowStatus
from sqlalchemy import Engine

from fleet_runtime.engine.durable.engine_tables import explained, open_engine, sweep
from fleet_runtime.engine.durable.places import (
    APPLICATION,
    ENGINE_VERSION,
    TICK,
    TURN,
    account_of,
    again,
    engine_url,
    first,
    partition_of,
    place_of,
    queue_of,
    tick_of,
    times,
)
from fleet_runtime.engines import AtWork, Left
from fleet_runtime.records import AccountKey, Turn

Result = TypeVar("Result")

MOST_TIMES = 20
"""How often a turn is queued, where worker after worker was lost over it."""

_CONNECTIONS = 5
_AT_ONCE = 500
_STRIDE = 8
_OPEN = ("ENQUEUED", "DELAYED", "PENDING")
_CLOSED = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")


class WorkflowQueue:
    """An `fleet_runtime.engines.TurnQueue` of one tenant over DBOS."""

    def __init__(self, client: DBOSClient, engine: Engine, tenant: str) -> None:
        """Speak through a client; `open_queue` makes it."""
        self._client = client
        self._engine = engine
        self._tenant = tenant
        self._idle: set[str] = set()

    async def put(self, turn: Turn, *, streams: bool = False, anew: bool = False) -> None:
        """Queue an accepted turn; what is queued stays as it is, and with ``anew`` what is over is queued again.

        Raises: StoreError.
        """
        await self._run(lambda: self._put_again(turn, streams) if anew else self._put(turn, 1, streams=streams))

    async def put_tick(self, key: AccountKey, kind: str, due: str) -> None:
        """Queue due work, once, however often it is put.

        Raises: StoreError.
        """
        await self._run(lambda: self._enqueue(TICK, tick_of(key, kind, due), key, (key.tenant, key.account, kind, due)))

    async def mend(self, turns: Sequence[Turn], living: Mapping[str, str], mine: AtWork) -> list[Left]:
        """Queue anew what was left by workers that do not live, and those turns that nobody would answer.

        What is taken by ``mine`` and not at work there at two looks in a row was left too. Returns turns that were
        left too often.

        Raises: StoreError.
        """
        return await self._run(lambda: self._take_up(living, mine) + self._mend(turns, living))

    async def drop(self, turn: Turn) -> None:
        """Take a turn out, and interrupt whoever works on it.

        Raises: StoreError.
        """
        await self._run(lambda: self._cancel(self._of_places([place_of(turn)])))

    async def interrupt(self, key: AccountKey) -> None:
        """Take all of an account out, and interrupt whoever works on it.

        Raises: StoreError.
        """
        await self._run(lambda: self._cancel(self._of_account(key)))

    async def forget(self, key: AccountKey) -> dict[str, int]:
        """Remove all that is known of an account, and every byte of it from SQLite's file.

        Raises: StoreError.
        """
        return await self._run(lambda: self._forget(key))

    async def trim(self, before: datetime) -> int:
        """Forget what was finished before that; return how much it was.

        Raises: StoreError.
        """
        return await self._run(lambda: self._trim(before))

    async def close(self) -> None:
        """Let go of connections."""
        await anyio.to_thread.run_sync(self._close)

    async def _run(self, job: Callable[[], Result]) -> Result:
        """Do something in a thread."""

        def explaining() -> Result:
            with explained():
                return job()

        return await anyio.to_thread.run_sync(explaining)

    def _put(self, turn: Turn, number: int, *, streams: bool) -> None:
        """Queue a turn for the ``number``-th time."""
        self._enqueue(
            TURN, again(place_of(turn), number), turn.key, (turn.key.tenant, turn.key.account, turn.id, streams)
        )

    def _enqueue(self, name: str, workflow_id: str, key: AccountKey, arguments: tuple[object, ...]) -> None:
        """Queue work under an id; what is known under it stays as it is."""
        options: EnqueueOptions = {
            "workflow_name": name,
            "queue_name": queue_of(self._tenant),
            "workflow_id": workflow_id,
            "queue_partition_key": partition_of(key),
        }
        self._client.enqueue(options, *arguments)

    def _take_up(self, living: Mapping[str, str], mine: AtWork) -> list[Left]:
        """Queue anew what is taken by nobody who works on it: any of it keeps its account from all that comes after."""
        taken = self._client.list_workflows(status="PENDING", queue_name=queue_of(self._tenant), load_output=False)
        idle = {one.workflow_id for one in taken if one.executor_id == mine.token and not _is_at_work(one, mine)}
        left = [one for one in taken if one.executor_id not in living or one.workflow_id in idle & self._idle]
        self._idle = idle
        given_up: list[Left] = []
        for one in left:
            key = account_of(str(one.queue_partition_key))
            arguments = _arguments(one)
            number = times(one.workflow_id) + 1
            if number <= MOST_TIMES:  # before the other is taken out, so that the work is always there
                self._enqueue(one.name, again(first(one.workflow_id), number), key, arguments)
            elif one.name == TURN:
                given_up.append(Left(key, str(arguments[2])))
            self._cancel([one])
        return given_up

    def _mend(self, turns: Sequence[Turn], living: Mapping[str, str]) -> list[Left]:
        """Queue those turns that are not queued, or for workers of a version that there is no more."""
        if turns and set(living.values()) == {ENGINE_VERSION}:
            self._lead()
        found = _latest(self._of_places([place_of(turn) for turn in turns]))
        given_up: list[Left] = []
        for turn in turns:
            known = found.get(place_of(turn))
            number = times(known.workflow_id) + 1 if known else 1
            if known is not None and _waits(known, living):
                continue
            if number > MOST_TIMES:
                given_up.append(Left(turn.key, turn.id))
                continue
            self._put(turn, number, streams=known is not None)
            self._cancel([known] if known else ())
        return given_up

    def _lead(self) -> None:
        """Make ours the version that takes what is queued; another one may have been, and was rolled back."""
        if self._client.get_latest_application_version()["version_name"] != ENGINE_VERSION:
            self._client.set_latest_application_version(ENGINE_VERSION)

    def _put_again(self, turn: Turn, streams: bool) -> None:  # noqa: FBT001 - passed on
        """Queue a turn unless it waits, or somebody works on it."""
        known = _latest(self._of_places([place_of(turn)])).get(place_of(turn))
        if known is None or known.status in _CLOSED:
            self._put(turn, times(known.workflow_id) + 1 if known else 1, streams=streams)

    def _of_places(self, places: Iterable[str]) -> list[WorkflowStatus]:
        """Return all that was queued at some places, for the first time or again."""
        found = self._by_id(list(places))
        left = [one.workflow_id for one in found if _was_left(one)]
        number = 2
        while left:
            more = self._by_id([again(place, number + step) for place in left for step in range(_STRIDE)])
            found += more
            number += _STRIDE
            left = [place for place in left if any(one.workflow_id == again(place, number - 1) for one in more)]
        return found

    def _by_id(self, ids: Sequence[str]) -> list[WorkflowStatus]:
        """Return what is known under some ids."""
        found: list[WorkflowStatus] = []
        for start in range(0, len(ids), _AT_ONCE):
            some = list(ids[start : start + _AT_ONCE])
            found += self._client.list_workflows(workflow_ids=some, load_input=False, load_output=False)
        return found

    def _cancel(self, known: Iterable[WorkflowStatus]) -> None:
        """Take out what is open."""
        ids = [one.workflow_id for one in known if one.status in _OPEN]
        if ids:
            self._client.cancel_workflows(ids)

    def _forget(self, key: AccountKey) -> dict[str, int]:
        """Cancel and delete an account's work."""
        mine = self._of_account(key)
        self._cancel(mine)
        if mine:
            self._client.delete_workflows([one.workflow_id for one in mine])
        sweep(self._engine)
        return {"workflow": len(mine)} if mine else {}

    def _of_account(self, key: AccountKey) -> list[WorkflowStatus]:
        """Return all that is known of an account."""
        prefix = f"{partition_of(key)}:"
        found = self._client.list_workflows(workflow_id_prefix=prefix, load_input=False, load_output=False)
        # The prefix is a pattern for the database, and a percent sign in it stands for anything.
        return [one for one in found if one.workflow_id.startswith(prefix)]

    def _trim(self, before: datetime) -> int:
        """Delete finished work, some at a time."""
        trimmed = 0
        while True:
            found = self._client.list_workflows(
                status=list(_CLOSED), completed_before=before.isoformat(), queue_name=queue_of(self._tenant),
                limit=_AT_ONCE, load_input=False, load_output=False,
            )  # fmt: skip
            if not found:
                return trimmed
            self._client.delete_workflows([one.workflow_id for one in found])
            trimmed += len(found)

    def _close(self) -> None:
        """Close client and engine."""
        self._client.destroy()
        self._engine.dispose()


async def open_queue(database: str, tenant: str) -> WorkflowQueue:
    """Open the queue of a database; its tables are made or brought up to date.

    Raises: SettingError for a database in memory; StoreError.
    """
    return await anyio.to_thread.run_sync(lambda: _open(database, tenant))


def _open(database: str, tenant: str) -> WorkflowQueue:
    """Open it, blocking."""
    url = engine_url(database)
    engine = open_engine(url, connections=_CONNECTIONS)
    with explained():
        engine.connect().close()  # makes SQLite's file ours before DBOS does
        DBOS.migrate(url.render_as_string(hide_password=False))
        client = DBOSClient(
            system_database_engine=engine,
            serializer=DBOSPortableJSONSerializer(),
            application_name=APPLICATION,
            retry_connection_errors=False,
        )
    return WorkflowQueue(client, engine, tenant)


def _latest(known: Iterable[WorkflowStatus]) -> dict[str, WorkflowStatus]:
    """Return by place what was queued there last."""
    return {first(one.workflow_id): one for one in sorted(known, key=lambda one: times(one.workflow_id))}


def _was_left(one: WorkflowStatus) -> bool:
    """Tell whether there may be another one of the same place."""
    return one.status not in {"ENQUEUED", "DELAYED"}


def _waits(one: WorkflowStatus, living: Mapping[str, str]) -> bool:
    """Tell whether it is taken, which `WorkflowQueue._take_up` looks after, or will be by a worker of its version."""
    return one.status == "PENDING" or (
        one.status in _OPEN and one.app_version in {None, ENGINE_VERSION, *living.values()}
    )


def _is_at_work(one: WorkflowStatus, mine: AtWork) -> bool:
    """Tell whether a turn is being worked on in this process; due work is let be."""
    return one.name != TURN or _arguments(one)[2] in mine.turns


def _arguments(one: WorkflowStatus) -> tuple[object, ...]:
    """Return what something was queued with; it must have been loaded."""
    return tuple(one.input["args"]) if one.input else ()
