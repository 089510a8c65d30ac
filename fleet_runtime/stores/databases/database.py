"""What the store asks of a database, whichever it is. Knows no table, and opens nothing.

All SQL of ours stands in jobs: functions of an open connection that run whole inside one transaction, and may be run
again from the beginning where the database asks for it, so a job changes nothing but rows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from fleet_runtime.records import AccountKey

Result = TypeVar("Result")


class Database(Protocol):
    """A database that is open; ``place`` names it in errors, without a password."""

    @property
    def place(self) -> str:
        """Return the name for errors."""
        ...

    @property
    def remains(self) -> tuple[str, ...]:
        """Return where deleted rows may still be found after a sweep, in plain sentences."""
        ...

    async def read(self, job: Callable[[Connection], Result]) -> Result:
        """Run ``job`` in one consistent snapshot.

        Raises: StoreError or one of its kinds.
        """
        ...

    async def write(self, job: Callable[[Connection], Result], *keys: AccountKey) -> Result:
        """Run ``job`` in one transaction that is alone with the accounts ``keys`` from its beginning.

        Writes that name an account in common follow each other, in all processes. A database with one writer at a time
        needs no names.

        Raises: StoreError or one of its kinds; then nothing was written, unless the error says that nobody knows.
        """
        ...

    async def note(self, job: Callable[[Connection], Result], *keys: AccountKey) -> Result:
        """Run ``job`` as `write` does, for what need not outlast a power cut: no disk is waited for.

        Raises: StoreError or one of its kinds; then nothing was written, unless the error says that nobody knows.
        """
        ...

    async def sweep(self) -> bool:
        """Leave no deleted row where it can be helped; False while somebody still reads what was there before.

        Raises: StoreError; sweep again.
        """
        ...

    async def close(self) -> None:
        """Wait for what has begun, and close. A second close does nothing."""
        ...
