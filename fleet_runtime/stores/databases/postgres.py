"""One Postgres database, a few connections to it and as many threads. Knows no value of ours but an account's name.

Every transaction is a function that runs whole on one thread and one connection: cancelling an awaiting task therefore
never leaves half a transaction. Reads see one snapshot. Writes see, at each statement, all that is committed, and hold
a lock of each account that they name, so that nobody else changes what they look up. What no such lock guards (an id
that is given once per tenant) a constraint does; a job that runs into one is run again, and then sees what was there.

A connection that was lost before a transaction began is replaced. One that is lost later is an error, and a commit
that nobody confirmed is never repeated here.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import cast

import psycopg
from sqlalchemy import URL, Connection, Engine, create_engine
from sqlalchemy.exc import DBAPIError

from fleet_runtime.errors import StoreError
from fleet_runtime.records import AccountKey
from fleet_runtime.stores.databases.database import Result
from fleet_runtime.stores.databases.postgres_failures import FOREIGN, explained, may_run_again, unconfirmed, unreachable
from fleet_runtime.stores.databases.postgres_sweeping import REMAINS, mark_of, unseen, vacuum

CONNECTIONS = 5
"""Connections, and threads, of one open store: a transaction takes milliseconds, and a server has not many to give."""

LOCK_SECONDS = 30.0
"""How long a write waits for an account that another one holds."""

STILL_SECONDS = 5.0
"""After how long the server ends a write whose process stands still amid it, and so frees its accounts."""

_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_WRITE = (
    "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; "
    "SET LOCAL lock_timeout = {lock}; SET LOCAL idle_in_transaction_session_timeout = {still}"
)
_LOCK = "; SELECT pg_advisory_xact_lock({number})"
_UNSYNCED = "; SET LOCAL synchronous_commit = off"
_TRIES = 5
_PAUSE_SECONDS = 0.01

_CONNECTING = {
    "application_name": "fleet",
    "client_encoding": "utf8",
    "connect_timeout": 10,
    # A server that vanished without a word is noticed within half a minute.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
}


class PostgresDatabase:
    """A `fleet_runtime.stores.databases.database.Database` on Postgres: one writer at a time for each account."""

    remains = REMAINS

    def __init__(
        self,
        url: URL,
        place: str,
        *,
        connections: int = CONNECTIONS,
        lock_seconds: float = LOCK_SECONDS,
        still_seconds: float = STILL_SECONDS,
    ) -> None:
        """Prepare the connections and the threads; `start` connects."""
        self.place = place
        self._write = _WRITE.format(lock=round(lock_seconds * 1000), still=round(still_seconds * 1000))
        self._threads = ThreadPoolExecutor(max_workers=connections, thread_name_prefix="fleet-store")
        self._engine = create_engine(
            url.set(drivername="postgresql+psycopg"),
            isolation_level="AUTOCOMMIT",  # transactions are begun and ended by name
            pool_size=connections,
            max_overflow=0,
            pool_reset_on_return=None,
            pool_use_lifo=True,
            hide_parameters=True,
            use_native_hstore=False,
            connect_args={name: value for name, value in _CONNECTING.items() if name not in url.query},
        )
        self._connections = connections
        self._closed = False
        self._unswept: str | None = None

    def start(self, bring_up_to_date: Callable[[Engine, Engine], None]) -> None:
        """Connect, and bring the schema up to date with the reading and the writing engine.

        Blocks. Other processes may open the same fresh database at once.

        Raises: StoreError or one of its kinds; the threads have ended then.
        """
        try:
            with explained(self.place):
                self._threads.submit(self._start, bring_up_to_date).result()
        except StoreError:
            self._engine.dispose()
            self._threads.shutdown()
            raise

    async def read(self, job: Callable[[Connection], Result]) -> Result:
        """Run ``job`` in one consistent snapshot.

        Raises: StoreError or one of its kinds.
        """
        return await self._run(lambda: self._transaction(_READ, job))

    async def write(self, job: Callable[[Connection], Result], *keys: AccountKey) -> Result:
        """Run ``job`` in one transaction that holds the locks of the accounts ``keys`` from its beginning.

        Raises: StoreError or one of its kinds; then nothing was written, unless the error says that nobody knows.
        """
        begin = self._write + _locks(keys)
        result = await self._run(lambda: self._transaction(begin, job))
        if self._unswept is not None:
            with suppress(StoreError):  # what was written is written; the next write sweeps
                await self._run(self._sweep_later)
        return result

    async def note(self, job: Callable[[Connection], Result], *keys: AccountKey) -> Result:
        """Run ``job`` as `write` does, for what need not outlast a power cut: no disk is waited for.

        Raises: StoreError or one of its kinds; then nothing was written, unless the error says that nobody knows.
        """
        begin = self._write + _UNSYNCED + _locks(keys)
        return await self._run(lambda: self._transaction(begin, job))

    async def sweep(self) -> bool:
        """Free the room of deleted rows; False while a transaction that began before still may read them.

        Then it is done with the first write here after that one has ended. `remains` says what is not reached.

        Raises: StoreError; sweep again.
        """
        return await self._run(self._sweep)

    async def close(self) -> None:
        """Wait for what has begun, and close. A second close does nothing."""
        if self._closed:
            return
        self._closed = True
        await asyncio.shield(asyncio.get_running_loop().run_in_executor(None, self._end))

    async def _run(self, work: Callable[[], Result]) -> Result:
        """Hop to a thread, and back."""
        if self._closed:
            raise StoreError(f"{self.place}: the store is closed", hint="open it again")
        with explained(self.place):
            working = self._threads.submit(work)
            try:
                return await asyncio.wrap_future(working)
            except asyncio.CancelledError:
                # What has begun is committed or not by the time its caller goes on.
                if not working.cancel():
                    await asyncio.gather(asyncio.wrap_future(working), return_exceptions=True)
                raise

    def _transaction(self, begin: str, job: Callable[[Connection], Result]) -> Result:
        """Commit if ``job`` returns, roll back if it raises; run it again where others got in its way."""
        tries = 0
        while True:
            tries += 1
            try:
                with self._connected(begin) as connection:
                    return self._finished(connection, job)
            except FOREIGN as error:
                if tries == _TRIES or not may_run_again(error):
                    raise
            time.sleep(_PAUSE_SECONDS * tries)

    def _finished(self, connection: Connection, job: Callable[[Connection], Result]) -> Result:
        """Run the job in the transaction that was begun, and end it one way or the other.

        Raises: StoreError if the commit was not confirmed, or an error inside was passed over.
        """
        driver = _driver(connection)
        try:
            result = job(connection)
        except BaseException:
            _undo(connection, driver)
            raise
        try:
            ended = driver.execute("COMMIT").statusmessage
        except psycopg.Error as error:
            if not driver.closed:
                raise
            connection.invalidate()
            raise unconfirmed(self.place) from error
        if ended != "COMMIT":  # the server rolls a broken transaction back without an error
            raise StoreError(f"{self.place}: a part of it failed unsaid", hint="report this; nothing was written")
        return result

    def _connected(self, first: str) -> Connection:
        """Return a connection on which ``first`` was run; those that were lost since they were used are replaced.

        Raises: StoreError if the server cannot be reached.
        """
        lost = 0
        while True:
            try:
                connection = self._engine.connect()
            except DBAPIError as error:
                raise unreachable(self.place, error) from error
            driver = _driver(connection)
            try:
                driver.execute(first.encode())
            except BaseException:
                lost += driver.closed
                again = driver.closed and lost <= self._connections
                _undo(connection, driver)
                connection.close()
                if not again:
                    raise
            else:
                return connection

    def _sweep(self) -> bool:
        """Note what is to be freed, and free it now if nobody may read it any more."""
        with self._connected("SELECT 1") as connection:
            self._unswept = mark = mark_of(connection)
            nobody = unseen(connection, mark, wait=True)
            vacuum(connection)
            if nobody:
                self._unswept = None
            return nobody

    def _sweep_later(self) -> None:
        """Free what is still to be freed, if nobody may read it any more."""
        mark = self._unswept
        if mark is None:
            return
        with self._connected("SELECT 1") as connection:
            if unseen(connection, mark, wait=False):
                vacuum(connection)
                self._unswept = None

    def _start(self, bring_up_to_date: Callable[[Engine, Engine], None]) -> None:
        """Connect and upgrade."""
        self._connected("SELECT 1").close()
        bring_up_to_date(self._engine, self._engine.execution_options(isolation_level="READ COMMITTED"))

    def _end(self) -> None:
        """Wait for what has begun, and let the connections go."""
        self._threads.shutdown()
        self._engine.dispose()


def _locks(keys: Iterable[AccountKey]) -> str:
    """Return the statements that take the locks of some accounts."""
    return "".join(_LOCK.format(number=number) for number in lock_numbers(keys))


def lock_numbers(keys: Iterable[AccountKey]) -> list[int]:
    """Return the numbers of the accounts' locks, each once and in the order in which everybody takes them.

    A number is a hash, the same in every process and version: two accounts that share one wait for each other and
    nothing worse.
    """
    return sorted({_lock_number(key) for key in keys})


def _lock_number(key: AccountKey) -> int:
    """Return the number of an account's lock: 64 bits with a sign, as Postgres takes it."""
    name = f"{len(key.tenant)}:{key.tenant}{key.account}"
    digest = hashlib.blake2b(name.encode(errors="surrogatepass"), digest_size=8, person=b"fleet").digest()
    return int.from_bytes(digest, signed=True)


def _driver(connection: Connection) -> psycopg.Connection:
    """Return the driver's connection, to which transactions are told."""
    return cast("psycopg.Connection", connection.connection.driver_connection)


def _undo(connection: Connection, driver: psycopg.Connection) -> None:
    """Roll back what was begun; a connection that was lost has no transaction any more, and is thrown away."""
    with suppress(psycopg.Error):
        driver.rollback()
    if driver.closed:
        connection.invalidate()
