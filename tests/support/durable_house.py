"""Durable fleets of the guesthouse: gateways that take messages, and workers that answer them with an echo.

The only doubles are the model, which repeats what it was told unless a mark in the message says otherwise, and tools.
Gateways have no model at all: what a test hears came from a worker.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, suppress
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import anyio
import psycopg
import pytest
from guesthouse import HOST, HOUSE, Post, Speaker, open_house, words
from postgres import PostgresDatabases
from turning import SPENT

from fleet_runtime import Agent, Fleet
from fleet_runtime.messages import ModelReply, ModelRequest
from fleet_runtime.ports import Tool

SOON = 20.0
"""Within how many seconds whatever is awaited has come, even where the machine is busy."""

TOOLS = ("ring", "pay")
STAFF = {**HOUSE, HOST: Post("Keep guests", "cook meals", HOUSE[HOST].owner, TOOLS)}

Answer = str | ModelReply | Exception | Callable[[ModelRequest], Awaitable[str | ModelReply]]


def message_of(request: ModelRequest) -> str:
    """Return what the customer said, from the end of the prompt's last message for a turn."""
    said = [message.content for message in request.messages if "## The message" in message.content]
    return said[-1].rpartition("## The message")[2].strip().removeprefix("> ") if said else ""


def results_of(request: ModelRequest) -> list[str]:
    """Return what tools answered in this turn."""
    return [message.content for message in request.messages if message.role == "tool"]


class Echo(Speaker):
    """A model that says what it was told, or what a mark in the message asks for: ``on[mark]``."""

    def __init__(self, **on: Answer) -> None:
        super().__init__("free")
        self.on: dict[str, Answer] = dict(on)
        self.pauses: dict[str, anyio.Event] = {}
        self.heard: list[str] = []

    async def stream(self, request: ModelRequest) -> AsyncGenerator[str | ModelReply]:
        """Stream word by word; a mark in ``pauses`` has it wait after the first word."""
        pause = next((event for mark, event in self.pauses.items() if mark in message_of(request)), None)
        reply = await self.complete(request)
        for number, piece in enumerate(words(reply.text)):
            if number == 1 and pause is not None:
                await pause.wait()
            yield piece
        yield reply

    async def complete(self, request: ModelRequest) -> ModelReply:
        text = message_of(request)
        self.heard.append(text)
        answer = next((answer for mark, answer in self.on.items() if mark in text), f"You said: {text}")
        if isinstance(answer, Exception):
            raise answer
        given = answer if isinstance(answer, str | ModelReply) else await answer(request)
        return given if isinstance(given, ModelReply) else ModelReply(text=given, usage=SPENT)


class Place:
    """A database and the house on it. ``database`` is a file or a URL."""

    def __init__(self, folder: Path, database: str) -> None:
        self.folder = folder
        self.database = database

    def gateway(
        self, model: Echo | None = None, *, tools: Sequence[Tool] = (), **settings: Any
    ) -> AbstractAsyncContextManager[Fleet]:
        """Open a fleet on it."""
        chosen: dict[str, Any] = {
            "database": self.database, "engine": "durable", "reply_wait_seconds": SOON, "lease_seconds": 10.0,
            **settings,
        }  # fmt: skip
        return open_house(model, self.folder, house=STAFF, tools=tools, **chosen)

    @asynccontextmanager
    async def worker(
        self, model: Echo | None = None, *, worker: str = "w1", tools: Sequence[Tool] = (), **settings: Any
    ) -> AsyncGenerator[Fleet]:
        """Open a fleet that works for the time of the block, and have it drained afterwards."""
        async with self.gateway(model or Echo(), tools=tools, **settings) as fleet, working(fleet, worker):
            yield fleet

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """Ask the database, past everything of ours."""
        if "://" in self.database:
            with closing(psycopg.connect(self.database)) as connection:
                return connection.execute(query.encode()).fetchall()
        return _select(Path(self.database), query)

    def states(self, account: str, tenant: str = "default") -> list[tuple[object, ...]]:
        """Return ids and states of an account's turns, in their order."""
        return self.rows(
            f"SELECT id, state FROM turn WHERE account = '{account}' AND tenant = '{tenant}' ORDER BY sequence"  # noqa: S608 - names of ours
        )

    def tables(self) -> dict[str, list[str]]:
        """Return every table of every schema or file, as the database names it, by whoever made it, row by row."""
        if "://" not in self.database:
            return {
                f"{file.name}.{name}": [repr(row) for row in _select(file, f'SELECT * FROM "{name}"')]  # noqa: S608
                for file in sorted(self.folder.glob("*.db"))
                for (name,) in _select(file, "SELECT name FROM sqlite_master WHERE type = 'table'")
            }
        names = self.rows(
            "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables"
            " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        )
        return {str(name): [str(row) for (row,) in self.rows(f"SELECT t::text FROM {name} t")] for (name,) in names}  # noqa: S608

    async def until(self, query: str, expected: object, *, seconds: float = SOON) -> None:
        """Wait until a query's only value is as expected.

        Raises: TimeoutError.
        """
        with anyio.fail_after(seconds):
            while self.rows(query) != [(expected,)]:  # noqa: ASYNC110 - other processes write it
                await anyio.sleep(0.02)


def _select(file: Path, query: str) -> list[tuple[object, ...]]:
    """Read from a file."""
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(query).fetchall()


@asynccontextmanager
async def working(fleet: Fleet, worker: str = "w1") -> AsyncGenerator[None]:
    """Have a fleet work for the time of the block; then it is cancelled and drains."""
    ready = asyncio.Event()
    task = asyncio.create_task(fleet.work(worker=worker, ready=ready.set))
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait((task, waiting), timeout=SOON, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if task.done():
        await task  # it could not begin, and says why
    assert ready.is_set(), "the worker does not begin"
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def host(fleet: Fleet, account: str = "acme") -> Agent:
    """Return the host at work for an account."""
    return await fleet.spawn(HOST, account=account)


class Served(NamedTuple):
    """What the tests of a class share: a gateway, and a worker elsewhere in this process."""

    place: Place
    gateway: Fleet
    worker: Fleet
    model: Echo


class Shared:
    """A suite whose tests share a gateway and a worker, each with accounts of its own."""

    settings: ClassVar[Mapping[str, Any]] = {}
    tools: ClassVar[Sequence[Tool]] = ()

    @pytest.fixture(scope="class")
    @classmethod
    def anyio_backend(cls) -> str:
        return "asyncio"

    @pytest.fixture(scope="class")
    @classmethod
    async def shared(cls, shared_place: Place) -> AsyncGenerator[Served]:
        model = Echo()
        async with (
            shared_place.gateway(**cls.settings) as gateway,
            shared_place.worker(model, tools=cls.tools, **cls.settings) as worker,
        ):
            yield Served(shared_place, gateway, worker, model)


class OnSqlite:
    """Puts a suite on a file."""

    @pytest.fixture
    def place(self, tmp_path: Path) -> Place:
        return Place(tmp_path, str(tmp_path / "fleet.db"))

    @pytest.fixture(scope="class")
    @classmethod
    def shared_place(cls, tmp_path_factory: pytest.TempPathFactory) -> Place:
        folder = tmp_path_factory.mktemp("house")
        return Place(folder, str(folder / "fleet.db"))


class OnPostgres:
    """Puts a suite on Postgres."""

    @pytest.fixture
    def place(self, tmp_path: Path, postgres_database: str) -> Place:
        return Place(tmp_path, postgres_database)

    @pytest.fixture(scope="class")
    @classmethod
    def shared_place(
        cls, tmp_path_factory: pytest.TempPathFactory, postgres_databases: PostgresDatabases
    ) -> Iterator[Place]:
        with postgres_databases.fresh() as url:
            yield Place(tmp_path_factory.mktemp("house"), url)
