"""Statements that every turn runs: written with SQLAlchemy, compiled once, run on the driver itself.

To put an expression together and to pass it through SQLAlchemy's layers costs a hundred times what SQLite takes to
answer it. Types are not converted here: these statements touch columns of text and whole numbers only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ClauseElement, Connection, Dialect
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine.interfaces import DBAPICursor


class Prepared:
    """One statement with named parameters."""

    def __init__(self, statement: ClauseElement) -> None:
        """Keep the statement; it is compiled when it is first run on a kind of database."""
        self._statement = statement
        self._texts: dict[str, str] = {}

    def run(self, connection: Connection, values: Mapping[str, object]) -> DBAPICursor:
        """Run it inside the connection's present transaction, and return the driver's cursor."""
        text = self._texts.get(connection.dialect.name) or self._compiled(connection.dialect)
        cursor = connection.connection.cursor()
        cursor.execute(text, values)
        return cursor

    def run_many(self, connection: Connection, rows: Sequence[Mapping[str, object]]) -> None:
        """Run it once for each row; not at all where there is none."""
        if rows:
            text = self._texts.get(connection.dialect.name) or self._compiled(connection.dialect)
            connection.connection.cursor().executemany(text, rows)

    def first(self, connection: Connection, values: Mapping[str, object]) -> Any:  # noqa: ANN401 - a row of the driver
        """Run it and return the first row, or None."""
        return self.run(connection, values).fetchone()

    def _compiled(self, dialect: Dialect) -> str:
        """Return the statement with named parameters as the database's driver writes them, and keep it."""
        named = SQLiteDialect_pysqlite(paramstyle="named") if dialect.name == "sqlite" else dialect
        text = self._texts[dialect.name] = str(self._statement.compile(dialect=named))
        return text
