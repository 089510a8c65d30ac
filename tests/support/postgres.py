"""A real Postgres for tests: one server for each process that runs tests, and a fresh database for each test.

The server comes with a package and is kept by a program of its own (`postgres_keeper`), which ends with this process.
If ``FLEET_TEST_POSTGRES`` is the URL of a database on another server, whose role may create databases, that one serves.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest
from remembered import NOON
from sqlalchemy import make_url

from fleet_runtime.stores.databases.locating import locate
from fleet_runtime.stores.databases.postgres import PostgresDatabase
from fleet_runtime.stores.schema.upgrading import bring_up_to_date
from fleet_runtime.stores.sql.store import SqlStore, open_store

GIVEN = os.environ.get("FLEET_TEST_POSTGRES", "")


class PostgresServer:
    """A server of its own, which may be broken."""

    def __init__(self) -> None:
        keeper = Path(__file__).with_name("postgres_keeper.py")
        self._keeper = subprocess.Popen(
            [sys.executable, str(keeper)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,  # a Ctrl-C is for the tests
        )
        self.url = self._answer()

    def crash(self) -> None:
        """Stop it as a power cut would, all connections with it."""
        self._tell("crash")

    def start(self) -> None:
        """Start it again."""
        self._tell("start")

    def stop(self) -> None:
        """Stop it, and remove its files."""
        self._keeper.communicate()

    def _tell(self, word: str) -> None:
        assert self._keeper.stdin is not None
        self._keeper.stdin.write(f"{word}\n")
        self._keeper.stdin.flush()
        assert self._answer() == "done"

    def _answer(self) -> str:
        assert self._keeper.stdout is not None
        return self._keeper.stdout.readline().strip()


class PostgresDatabases:
    """Makes databases on a server: copies of one that has our schema, and empty ones."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._names = (f"fleet_test_{os.getpid()}_{number}" for number in count())
        self._template = self._made("template0")
        store = open_store(self._url_of(self._template), now=lambda: NOON)
        with ThreadPoolExecutor(1) as thread:  # the first test that asks may have a loop running here
            thread.submit(lambda: asyncio.run(store.close())).result()

    @contextmanager
    def fresh(self, *, empty: bool = False) -> Iterator[str]:
        """Give the URL of a database, and drop it afterwards, whoever is still connected."""
        name = self._made("template0" if empty else self._template)
        yield self._url_of(name)
        self._drop(name)

    def close(self) -> None:
        self._drop(self._template)

    def _made(self, template: str) -> str:
        name = next(self._names)
        self._run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def _drop(self, name: str) -> None:
        self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def _run(self, statement: str) -> None:
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute(statement.encode())

    def _url_of(self, name: str) -> str:
        return make_url(self._url).set(database=name).render_as_string(hide_password=False)


def one_by_one(url: str) -> SqlStore:
    """Open a store that does one thing after the other, as told time needs it."""
    database = PostgresDatabase(*locate(url), connections=1)
    database.start(bring_up_to_date)
    return SqlStore(database, now=lambda: NOON)


@pytest.fixture(scope="session")
def postgres_databases() -> Iterator[PostgresDatabases]:
    """Give what makes databases on this process's server."""
    own = None if GIVEN else PostgresServer()
    databases = PostgresDatabases(GIVEN if own is None else own.url)
    yield databases
    databases.close()
    if own is not None:
        own.stop()


@pytest.fixture
def postgres_database(postgres_databases: PostgresDatabases) -> Iterator[str]:
    """Give the URL of a database that has our schema and no row."""
    with postgres_databases.fresh() as url:
        yield url


class OnPostgres:
    """Puts a contract's store on Postgres."""

    @pytest.fixture
    def database(self, postgres_database: str) -> str | None:
        return postgres_database
