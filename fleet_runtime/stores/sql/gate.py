"""The gate that all processes on one database share: the verbs of `fleet_runtime.boards.Gate` on SQL.

Letting a call through is one short transaction that locks the provider's row, and waits for no disk: what is counted
here need not outlast a power cut. Time is the database's own on Postgres, since machines differ, and this machine's on
SQLite. How calls are paced is said in `fleet_runtime.pacing`; nothing waits here.
"""

from __future__ import annotations

from sqlalchemy import Connection, and_, bindparam, delete, func, insert, not_, select, text, update
from sqlalchemy.dialects.postgresql import insert as put_on_postgres
from sqlalchemy.dialects.sqlite import insert as put_on_sqlite

from fleet_runtime.boards import Claim, ProviderLimit
from fleet_runtime.machine import present_time
from fleet_runtime.pacing import FULL, LONGEST_CALL, SECOND, Standing, asked, corrected
from fleet_runtime.ports import Clock
from fleet_runtime.stores.databases.database import Database
from fleet_runtime.stores.schema.columns import micros
from fleet_runtime.stores.schema.shared_tables import call, provider
from fleet_runtime.stores.statements.prepared import Prepared

_POSTGRES = "postgresql"

_named = provider.c.name == bindparam("provider")
_STANDING = Prepared(
    select(provider.c.requests_until, provider.c.tokens_until)
    .where(_named)
    .with_for_update()  # SQLite's write lock is held already, and its dialect says nothing for this
)
_MOVE = Prepared(
    update(provider).where(_named).values(requests_until=bindparam("requests"), tokens_until=bindparam("tokens"))
)

_its_calls = call.c.provider == bindparam("of")
_counts = and_(call.c.until > bindparam("now"), call.c.until <= bindparam("latest"))
_CALLS = Prepared(select(func.count(), func.count().filter(_counts)).where(_its_calls))
_CLEAR = Prepared(delete(call).where(_its_calls, not_(_counts)))
_TAKE = Prepared(insert(call))
_FREE = Prepared(delete(call).where(_its_calls, call.c.id == bindparam("claim")))

_CLOCK = Prepared(text("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"))


class SqlGate:
    """Lets model calls through within what their provider allows, counted over all processes on the database.

    The place of a process that died is free again when its call would have been over at the latest.
    """

    def __init__(self, database: Database, now: Clock = present_time) -> None:
        """Speak to an open database; ``now`` is the machine's clock, which counts on SQLite only."""
        self._database = database
        self._now = now
        self._under_way: dict[tuple[str, str], ProviderLimit] = {}

    async def admit(self, provider: str, claim: Claim, limit: ProviderLimit) -> float:
        """Let a call through now (0.0), or say in how many seconds to ask again; it is then not counted.

        Raises: StoreFull, StoreError.
        """
        wait = await self._database.note(lambda connection: self._weigh(connection, provider, claim, limit))
        if not wait:
            self._under_way[provider, claim.id] = limit
        return wait / SECOND

    async def leave(self, provider: str, claim: Claim, tokens: int) -> None:
        """Note that a call is over and took so many tokens; what was claimed too much is given back.

        A call that was never let through here, or is over already, changes nothing.

        Raises: StoreFull, StoreError; its place lapses all the same.
        """
        limit = self._under_way.pop((provider, claim.id), None)
        if limit is None:
            return
        more = tokens - claim.tokens if limit.tokens_per_minute is not None else 0
        if more or limit.concurrent is not None:
            await self._database.note(lambda connection: self._settle(connection, provider, claim, more, limit))

    def _weigh(self, connection: Connection, provider: str, claim: Claim, limit: ProviderLimit) -> int:
        """Weigh a call and count it if it need not wait; return how long it has to, in microseconds."""
        before = _locked(connection, provider)
        now = self._time(connection)
        wait, after = asked(before, claim.tokens, limit, now)
        if not wait and limit.concurrent is not None:
            places = {"of": provider, "now": now, "latest": now + LONGEST_CALL}
            known, taken = _CALLS.first(connection, places)
            if taken >= limit.concurrent:
                return FULL
            if taken < known:
                _CLEAR.run(connection, places)
            until = now + min(round(claim.seconds * SECOND), LONGEST_CALL)
            _TAKE.run(connection, {"provider": provider, "id": claim.id, "until": until})
        _move(connection, provider, before, after)
        return wait

    def _settle(self, connection: Connection, provider: str, claim: Claim, more: int, limit: ProviderLimit) -> None:
        """Free a call's place, and count the tokens that it took more than it claimed, or fewer."""
        if more:
            before = _locked(connection, provider)
            _move(connection, provider, before, corrected(before, more, limit, self._time(connection)))
        if limit.concurrent is not None:
            _FREE.run(connection, {"of": provider, "claim": claim.id})

    def _time(self, connection: Connection) -> int:
        """Return the time that counts, in microseconds; on Postgres that of after the lock was had."""
        if connection.dialect.name != _POSTGRES:
            return micros(self._now())
        (now,) = _CLOCK.first(connection, {})
        return int(now)


def _locked(connection: Connection, name: str) -> Standing:
    """Lock a provider's row, which is made if there is none, and return what it says."""
    found = _STANDING.first(connection, {"provider": name})
    if found is None:
        put = put_on_postgres if connection.dialect.name == _POSTGRES else put_on_sqlite
        connection.execute(put(provider).values(name=name, **Standing()._asdict()).on_conflict_do_nothing())
        found = _STANDING.first(connection, {"provider": name})
    return Standing(*found)


def _move(connection: Connection, name: str, before: Standing, after: Standing) -> None:
    """Write a provider's standing, if it changed: where nothing is written no disk is waited for."""
    if after != before:
        values = {"provider": name, "requests": after.requests_until, "tokens": after.tokens_until}
        _MOVE.run(connection, values)
