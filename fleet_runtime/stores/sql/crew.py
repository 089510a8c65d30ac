"""Who works, on SQL: the verbs of `fleet_runtime.boards.Crew`, each one transaction. Decides about nobody's life.

Times are the database's own on Postgres, since machines differ, and this machine's on SQLite. Nothing is decided by
them here.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from functools import partial

from sqlalchemy import BigInteger, ColumnElement, Connection, and_, cast, delete, extract, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert as put  # SQLite takes its upserts too, and not the other way round

from fleet_runtime.ports import Clock
from fleet_runtime.records import AccountKey, Worker
from fleet_runtime.stores.databases.database import Database
from fleet_runtime.stores.schema.columns import micros
from fleet_runtime.stores.schema.shared_tables import worker
from fleet_runtime.stores.schema.tables import lease
from fleet_runtime.stores.statements.marking import mark_of, move_mark

_MICROSECONDS = 1_000_000
_NAMES = tuple(Worker.model_fields)


def machine_time() -> datetime:
    """Return the present time by this machine's clock."""
    return datetime.now(UTC)


class SqlCrew:
    """The workers on one database, and how far scans for due work have come."""

    def __init__(self, database: Database, now: Clock = machine_time) -> None:
        """Speak to an open database, which somebody else closes; ``now`` is asked on SQLite only."""
        self._database = database
        self._now = now

    async def enrol(self, worker: Worker) -> bool:
        """Write a worker down; False if another incarnation stands under its id.

        When it began, and was heard of, is said by the database's clock.

        Raises: StoreFull, StoreError.
        """
        return await self._database.write(lambda connection: self._enrol(connection, worker))

    async def beat(self, worker_id: str, token: str, *, turns: int, leaving: bool) -> bool:
        """Show a sign of life; False if that incarnation was buried.

        Raises: StoreFull, StoreError.
        """
        return await self._database.note(
            lambda connection: self._beat(connection, worker_id, token, turns=turns, leaving=leaving)
        )

    async def workers(self, tenant: str | None = None) -> list[Worker]:
        """Return the workers by id, of one tenant or of all.

        Raises: StoreError.
        """
        return await self._database.read(lambda connection: _workers(connection, tenant))

    async def bury(self, worker_id: str, token: str) -> bool:
        """Strike an incarnation and free the accounts that it held; False if it was struck before.

        The accounts that it holds are kept from everybody meanwhile, so that what it may just be committing is
        committed before it is struck, or never.

        Raises: StoreError.
        """
        buried: bool | None = None
        while buried is None:
            held = await self._database.read(lambda connection: _held(connection, token))
            buried = await self._database.write(partial(_bury, worker_id, token, held), *held)
        return buried

    async def mark(self, tenant: str, scan: str) -> datetime | None:
        """Return up to when a scan has come, or None if it never ran.

        Raises: StoreError.
        """
        return await self._database.read(lambda connection: mark_of(connection, tenant, scan))

    async def move_mark(self, tenant: str, scan: str, seen: datetime | None, to: datetime) -> bool:
        """Note that a scan has come up to then; False if another process moved it since ``seen``.

        Raises: StoreFull, StoreError.
        """
        return await self._database.write(lambda connection: move_mark(connection, tenant, scan, seen, to))

    def _enrol(self, connection: Connection, one: Worker) -> bool:
        """Insert a worker, and tell whether it is the one that stands under its id then."""
        now = self._time(connection)
        row = {name: getattr(one, name) for name in _NAMES} | {"leaving": int(one.leaving)}
        connection.execute(put(worker).values(row | {"started_at": now, "seen_at": now}).on_conflict_do_nothing())
        token: str = connection.execute(select(worker.c.token).where(worker.c.id == one.id)).scalar_one()
        return token == one.token

    def _beat(self, connection: Connection, worker_id: str, token: str, *, turns: int, leaving: bool) -> bool:
        """Count an incarnation on, and tell whether it is there."""
        news = {"turns": turns, "leaving": int(leaving), "beat": worker.c.beat + 1, "seen_at": self._time(connection)}
        same = and_(worker.c.id == worker_id, worker.c.token == token)
        return connection.execute(update(worker).where(same).values(news)).rowcount > 0

    def _time(self, connection: Connection) -> ColumnElement[int]:
        """Return the present time in microseconds, as part of a statement."""
        if connection.dialect.name == "sqlite":
            return literal(micros(self._now()), BigInteger)
        return cast(extract("epoch", func.clock_timestamp()) * _MICROSECONDS, BigInteger)


def _workers(connection: Connection, tenant: str | None) -> list[Worker]:
    """Return the workers by id, of one tenant or of all."""
    found = select(*(worker.c[name] for name in _NAMES)).order_by(worker.c.id)
    if tenant is not None:
        found = found.where(worker.c.tenant == tenant)
    return [Worker.model_validate(dict(row)) for row in connection.execute(found).mappings()]


def _held(connection: Connection, token: str) -> list[AccountKey]:
    """Return the accounts that an incarnation holds."""
    found = connection.execute(select(lease.c.tenant, lease.c.account).where(lease.c.owner == token))
    return [AccountKey(tenant=tenant, account=account) for tenant, account in found]


def _bury(worker_id: str, token: str, known: Collection[AccountKey], connection: Connection) -> bool | None:
    """Delete an incarnation and its leases; None, and nothing is done, if it holds other accounts than are known."""
    if any(key not in known for key in _held(connection, token)):
        return None
    connection.execute(delete(lease).where(lease.c.owner == token))
    return connection.execute(delete(worker).where(worker.c.id == worker_id, worker.c.token == token)).rowcount > 0
