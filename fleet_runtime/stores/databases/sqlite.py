"""One SQLite database and the one thread that touches it. Knows no table and no value of ours.

Every transaction is a function that runs whole on that thread: one hop each, first come first served.
Cancelling an awaiting task therefore never leaves half a transaction: a function that has begun runs
to its commit or rollback, one that has not begun is dropped.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import cast

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool

from fleet_runtime.errors import StoreError
from fleet_runtime.records import AccountKey
from fleet_runtime.stores.databases.database import Result
from fleet_runtime.stores.databases.failures import explained, result_code

BUSY_SECONDS = 30.0
"""How long a write waits for another process's write lock; a write takes milliseconds."""

_OPENING_PAUSE_SECONDS = 0.02
_READERS_MILLISECONDS = 50
_BEGIN = "fleet_begin"


class SqliteDatabase:
    """A `fleet_runtime.stores.databases.database.Database` on SQLite: one writer at a time, in all processes."""

    remains: tuple[str, ...] = ()

    def __init__(self, url: URL, place: str) -> None:
        """Prepare the engine and the thread; `start` connects."""
        self.place = place
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="fleet-store")
        self._reader = create_engine(url, poolclass=StaticPool, connect_args={"timeout": BUSY_SECONDS})
        self._writer = self._reader.execution_options(**{_BEGIN: "BEGIN IMMEDIATE"})
        self._lasting: Connection | None = None
        self._closed = False
        self._journal_cleared = True
        event.listen(self._reader, "connect", _prepare)
        event.listen(self._reader, "begin", _begin)

    def start(self, bring_up_to_date: Callable[[Engine, Engine], None]) -> None:
        """Connect, and bring the schema up to date with the reading and the writing engine.

        Blocks. Another process that opens the same fresh file is waited for.

        Raises: StoreError or one of its kinds; the thread has ended then.
        """
        try:
            with explained(self.place):
                self._thread.submit(self._start, bring_up_to_date).result()
        except StoreError:
            self._thread.submit(self._reader.dispose).result()
            self._thread.shutdown()
            raise

    async def read(self, job: Callable[[Connection], Result]) -> Result:
        """Run ``job`` in one consistent snapshot.

        Raises: StoreError or one of its kinds.
        """
        return await self._run("BEGIN", job)

    async def write(self, job: Callable[[Connection], Result], *keys: AccountKey) -> Result:
        """Run ``job`` in one transaction that holds the write lock from its beginning, whichever accounts it names.

        Raises: StoreError or one of its kinds; then nothing was written.
        """
        del keys
        result = await self._run("BEGIN IMMEDIATE", job)
        if not self._journal_cleared:
            self._journal_cleared = await self._clear(_truncate_journal)
        return result

    async def note(self, job: Callable[[Connection], Result], *keys: AccountKey) -> Result:
        """Run ``job`` as `write` does, for what need not outlast a power cut: no disk is waited for.

        Raises: StoreError or one of its kinds; then nothing was written.
        """
        del keys  # one writer at a time needs no names
        return await self._run("BEGIN IMMEDIATE", job, lasting=False)

    async def sweep(self) -> bool:
        """Leave no byte of deleted rows in any file; False while another process reads the write-ahead log.

        Then the log is cut with the first write here after that process has done.

        Raises: StoreError; sweep again.
        """
        self._journal_cleared = False
        self._journal_cleared = await self._clear(_rewrite)
        return self._journal_cleared

    async def close(self) -> None:
        """Wait for what has begun, and close. A second close does nothing."""
        if self._closed:
            return
        self._closed = True
        closing = self._thread.submit(self._end)
        self._thread.shutdown(wait=False)
        with explained(self.place):
            await asyncio.shield(asyncio.wrap_future(closing))

    async def _run(self, begin: str, job: Callable[[Connection], Result], *, lasting: bool = True) -> Result:
        """Hop to the thread, run one transaction there, and hop back."""
        if self._closed:
            raise StoreError(f"{self.place}: the store is closed", hint="open it again")
        with explained(self.place):
            return await asyncio.wrap_future(self._thread.submit(self._transaction, begin, job, lasting=lasting))

    async def _clear(self, clear: Callable[[Engine], bool]) -> bool:
        """Clear up on the thread, outside of any transaction; tell whether nothing is left."""
        with explained(self.place):
            return await asyncio.wrap_future(self._thread.submit(clear, self._reader))

    def _transaction(self, begin: str, job: Callable[[Connection], Result], *, lasting: bool) -> Result:
        """Commit if ``job`` returns, roll back if it raises.

        One connection of SQLAlchemy stays open, and what begins and ends on it is said to the driver: its own way
        through pool, events and reset costs more than most transactions of ours. A writer begins as one at once: a
        reader that turns writer may be refused.
        """
        if self._lasting is None:
            self._lasting = self._reader.connect().execution_options(**{_BEGIN: ""})
        driver = cast("sqlite3.Connection", self._lasting.connection.driver_connection)
        if not lasting:  # in the write-ahead log this costs no order: whoever waits for the disk waits for all before
            driver.execute("PRAGMA synchronous = NORMAL")
        try:
            driver.execute(begin)
            result = job(self._lasting)
            driver.execute("COMMIT")
        except BaseException:
            if driver.in_transaction:
                driver.execute("ROLLBACK")
            raise
        finally:
            if not lasting:
                driver.execute("PRAGMA synchronous = FULL")
        return result

    def _end(self) -> None:
        """Let the connection go."""
        if self._lasting is not None:
            self._lasting.close()
        self._reader.dispose()

    def _start(self, bring_up_to_date: Callable[[Engine, Engine], None]) -> None:
        """Connect and upgrade; SQLite does not wait by itself while another process turns WAL on."""
        deadline = time.monotonic() + BUSY_SECONDS
        while True:
            try:
                bring_up_to_date(self._reader, self._writer)
                _turn_wal_on(self._reader)
            except (OperationalError, sqlite3.OperationalError) as error:
                self._reader.dispose()
                if result_code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
                time.sleep(_OPENING_PAUSE_SECONDS)
            else:
                return


def _prepare(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    """Set a new connection up: durable commits, no trace of deleted text, BEGIN left to us."""
    connection.isolation_level = None
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")


def _turn_wal_on(engine: Engine) -> None:
    """Let readers and the writer not wait for one another; it is set in the file, which must be ours by now."""
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode")
        if cursor.fetchone() != ("wal",):
            cursor.execute("PRAGMA journal_mode = WAL")
    finally:
        connection.close()


def _rewrite(engine: Engine) -> bool:
    """Write the file anew, then clear the journal.

    Overwriting deleted rows (``secure_delete``) is not enough: where SQLite evens out its pages it leaves stale copies
    of rows in their gaps, and those are nobody's to overwrite.
    """
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("VACUUM")
    finally:
        connection.close()
    return _truncate_journal(engine)


def _truncate_journal(engine: Engine) -> bool:
    """Move the journal into the file and cut it to nothing, unless another process reads on; memory has no journal."""
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {_READERS_MILLISECONDS}")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        busy, *_ = cursor.fetchone() or (0,)
        cursor.execute(f"PRAGMA busy_timeout = {round(BUSY_SECONDS * 1000)}")
        return not busy
    finally:
        connection.close()


def _begin(connection: Connection) -> None:
    """Begin as the connection's options say; nothing where `SqliteDatabase` begins by itself."""
    begin = connection.get_execution_options().get(_BEGIN, "BEGIN")
    if begin:
        connection.exec_driver_sql(begin)
