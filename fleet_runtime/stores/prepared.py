"""Statements that every turn runs: written with SQLAlchemy, compiled once, run on the driver itself.

To put an expression together and to pass it through SQLAlchemy's layers costs a hundred times what SQLite takes to
answer it. Types are not converted here: these statements touch columns of text and whole numbers only.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from sqlalchemy import ClauseElement, Connection
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine.interfaces import DBAPICursor


class Prepared:
    """One statement with named parameters."""

    def __init__(self, statement: ClauseElement) -> None:
        """Keep the statement; it is compiled when it is first run."""
        self._statement = statement

    def run(self, connection: Connection, values: Mapping[str, object]) -> DBAPICursor:
        """Run it inside the connection's present transaction, and return the driver's cursor."""
        cursor = connection.connection.cursor()
        cursor.execute(self._text, values)
        return cursor

    def first(self, connection: Connection, values: Mapping[str, object]) -> Any:  # noqa: ANN401 - a row of the driver
        """Run it and return the first row, or None."""
        return self.run(connection, values).fetchone()

    @cached_property
    def _text(self) -> str:
        """Return the statement as text with ``:name`` parameters."""
        return str(self._statement.compile(dialect=SQLiteDialect_pysqlite(paramstyle="named")))
