"""The account memories that `memory_peers.py` measures, each opened and used by its public API as its own docs show it.

mem0, langgraph's store, agno and openai-agents are imported late and by name: they live in an environment of their own,
where nothing of ours is installed, and ours is imported late for the same reason. Calls no language model and no hub.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, nullcontext
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from unittest.mock import patch

DIMENSIONS = 384

Vectors = dict[str, list[float]]
"""The vector of every text that a memory may ask for: made before anything is measured."""


class Said(NamedTuple):
    """One event: ``id`` is unique over all accounts, ``at`` in seconds since 1970 (UTC)."""

    id: str
    account: str
    at: float
    author: str
    text: str

    @property
    def line(self) -> str:
        """Return what a library gets that has no field for the author; of the forms tried, vectors rank this best."""
        return f"{self.author}: {self.text}"


class Found(NamedTuple):
    """One item that a search returned."""

    id: str
    text: str


class Memory(Protocol):
    """What is measured. A verb that the library has no means for raises `NotImplementedError`."""

    async def add(self, account: str, events: Sequence[Said]) -> None:
        """Keep events, oldest first, durable when it returns."""

    async def search(self, account: str, question: str, limit: int, as_of: float | None = None) -> Sequence[Found]:
        """Return at most ``limit`` items, best first; as of a moment by whatever the library offers for it."""

    async def replace(self, former: str, event: Said) -> None:
        """Put a new champion in the place of a former event's, by the library's own way of updating."""

    async def erase(self, account: str) -> None:
        """Delete all that is kept of an account."""


Opener = Callable[[Path, Vectors], AbstractAsyncContextManager[Memory]]
"""Opens the memory that is kept in a folder, for the time of a block."""


class Peer(NamedTuple):
    """A way of using a library: the distributions it needs, how it finds, and how it is opened."""

    packages: Sequence[str]
    finds: str
    open: Opener


def sqlite_build() -> str:
    """Name the SQLite in use, and whether it overwrites what is deleted unless told otherwise."""
    sqlite: Any = import_module("sqlite3")  # langgraph may have exchanged it
    with closing(sqlite.connect(":memory:")) as connection:
        return f"{sqlite.sqlite_version}, secure_delete {connection.execute('PRAGMA secure_delete').fetchone()[0]}"


class Mem0:
    """mem0 without inference: every event is one memory of the user, with its time as metadata."""

    def __init__(self, memory: Any) -> None:  # noqa: ANN401 - the library is not installed where types are checked
        """Use an open ``mem0.Memory``."""
        self._memory = memory

    async def add(self, account: str, events: Sequence[Said]) -> None:
        """Add one by one: metadata belongs to a call."""
        for event in events:
            kept = {"event": event.id, "at": event.at}
            self._memory.add(event.line, user_id=account, metadata=kept, infer=False)

    async def search(self, account: str, question: str, limit: int, as_of: float | None = None) -> Sequence[Found]:
        """Search with the lowest threshold, so that nothing is held back; a date is a filter on our metadata."""
        filters = {"user_id": account} | ({} if as_of is None else {"at": {"lte": as_of}})
        found = self._memory.search(question, top_k=limit, filters=filters, threshold=0.0)["results"]
        return [Found(item["metadata"]["event"], item["memory"]) for item in found]

    async def replace(self, former: str, event: Said) -> None:
        """Update the memory that holds the former value."""
        kept = self._memory.get_all(filters={"user_id": event.account})["results"]
        known = next(item["id"] for item in kept if item["metadata"]["event"] == former)
        self._memory.update(known, text=event.line, metadata={"event": event.id, "at": event.at})

    async def erase(self, account: str) -> None:
        """Delete all memories of the user."""
        self._memory.delete_all(user_id=account)


@asynccontextmanager
async def _mem0(folder: Path, vectors: Vectors, *, store: str) -> AsyncGenerator[Memory]:
    """Open mem0 over one of its vector stores; the model's key is demanded, and never used."""
    os.environ.update(MEM0_DIR=str(folder), MEM0_TELEMETRY="False", OPENAI_API_KEY="never-called")
    base: Any = import_module("langchain.embeddings.base").Embeddings
    known = {
        "__module__": __name__,
        "embed_query": lambda _, text: vectors[text],
        "embed_documents": lambda _, texts: [vectors[text] for text in texts],
    }
    place = {"path": str(folder / store), "embedding_model_dims": DIMENSIONS}
    place |= {"on_disk": True} if store == "qdrant" else {"distance_strategy": "cosine"}
    memory: Any = import_module("mem0").Memory.from_config(
        {
            "vector_store": {"provider": store, "config": place},
            "embedder": {"provider": "langchain", "config": {"model": type("Known", (base,), known)()}},
            "history_db_path": str(folder / "history.db"),
        }
    )
    with closing(memory):
        yield Mem0(memory)
        if store == "qdrant":
            memory.vector_store.client.close()


class Langgraph:
    """langgraph's SqliteStore: a namespace for each account, an item for each event."""

    def __init__(self, store: Any) -> None:  # noqa: ANN401 - as above
        """Use an open store."""
        self._store = store

    async def add(self, account: str, events: Sequence[Said]) -> None:
        """Put a batch, its text to be indexed: the index's own ``fields`` are passed over (langgraph issue 8808)."""
        put: Any = partial(import_module("langgraph.store.base").PutOp, ("accounts", account), index=["text"])
        self._store.batch([put(one.id, {"text": one.line, "at": one.at}) for one in events])

    async def search(self, account: str, question: str, limit: int, as_of: float | None = None) -> Sequence[Found]:
        """Search the namespace; a date is a filter on our value."""
        dated = None if as_of is None else {"at": {"$lte": as_of}}
        found = self._store.search(("accounts", account), query=question, limit=limit, filter=dated)
        return [Found(item.key, item.value["text"]) for item in found]

    async def replace(self, former: str, event: Said) -> None:
        """Put another value under the same key."""
        self._store.put(("accounts", event.account), former, {"text": event.line, "at": event.at}, index=["text"])

    async def erase(self, account: str) -> None:
        """Delete every item of the namespace: there is no verb for the whole."""
        while found := self._store.search(("accounts", account), limit=100):
            for item in found:
                self._store.delete(item.namespace, item.key)


@asynccontextmanager
async def _langgraph(folder: Path, vectors: Vectors, *, index: bool) -> AsyncGenerator[Memory]:
    """Open a SqliteStore with or without vectors."""
    if index and not hasattr(sqlite3.Connection, "enable_load_extension"):
        sys.modules["sqlite3"] = import_module("pysqlite3")  # sqlite-vec is an extension of SQLite
    store: Any = import_module("langgraph.store.sqlite").SqliteStore
    embed = {"dims": DIMENSIONS, "embed": lambda texts: [vectors[one] for one in texts], "fields": ["text"]}
    with store.from_conn_string(str(folder / "store.db"), index=embed if index else None) as opened:
        opened.setup()
        yield Langgraph(opened)


class Agno:
    """agno's user memories in its SqliteDb."""

    def __init__(self, manager: Any) -> None:  # noqa: ANN401 - as above
        """Use a memory manager without a model."""
        self._manager = manager

    async def add(self, account: str, events: Sequence[Said]) -> None:
        """Add one by one, as the manager does."""
        memory: Any = import_module("agno.memory").UserMemory
        for one in events:
            kept = memory(memory=one.line, memory_id=one.id, created_at=int(one.at), updated_at=int(one.at))
            self._manager.add_user_memory(kept, user_id=account)

    async def search(self, account: str, question: str, limit: int, as_of: float | None = None) -> Sequence[Found]:  # noqa: ARG002 - it looks at no question
        """Return the last memories: without a model there is nothing else but the first ones."""
        if as_of is not None:
            raise NotImplementedError
        found = self._manager.search_user_memories(limit=limit, retrieval_method="last_n", user_id=account)
        return [Found(item.memory_id, item.memory) for item in reversed(found)]

    async def replace(self, former: str, event: Said) -> None:
        """Replace the memory of that id."""
        memory: Any = import_module("agno.memory").UserMemory
        self._manager.replace_user_memory(former, memory(memory=event.line), user_id=event.account)

    async def erase(self, account: str) -> None:
        """Clear the user's memories."""
        self._manager.clear_user_memories(user_id=account)


@asynccontextmanager
async def _agno(folder: Path, _: Vectors) -> AsyncGenerator[Memory]:
    """Open agno's memories."""
    os.environ["AGNO_TELEMETRY"] = "false"
    database: Any = import_module("agno.db.sqlite").SqliteDb(db_file=str(folder / "agno.db"))
    yield Agno(import_module("agno.memory").MemoryManager(db=database))
    database.close()


class OpenAiAgents:
    """openai-agents' SQLiteSession: a session for each account, an item for each event."""

    def __init__(self, kind: Any, file: Path) -> None:  # noqa: ANN401 - as above
        """Use the session class and one database file."""
        self._kind = kind
        self._file = file
        self._open: dict[str, Any] = {}

    def session(self, account: str) -> Any:  # noqa: ANN401 - as above
        """Return the account's session."""
        if account not in self._open:
            self._open[account] = self._kind(account, self._file)
        return self._open[account]

    async def add(self, account: str, events: Sequence[Said]) -> None:
        """Add items."""
        items = [{"id": event.id, "role": "user", "content": event.line} for event in events]
        await self.session(account).add_items(items)

    async def search(self, account: str, question: str, limit: int, as_of: float | None = None) -> Sequence[Found]:  # noqa: ARG002 - it looks at no question
        """Return the last items: there is no search."""
        if as_of is not None:
            raise NotImplementedError
        return [Found(one["id"], one["content"]) for one in reversed(await self.session(account).get_items(limit))]

    async def replace(self, former: str, event: Said) -> None:
        """Refuse: only the last item can be taken back."""
        raise NotImplementedError

    async def erase(self, account: str) -> None:
        """Clear the session."""
        await self.session(account).clear_session()

    def close(self) -> None:
        """Close all sessions."""
        for session in self._open.values():
            session.close()


@asynccontextmanager
async def _agents(folder: Path, _: Vectors) -> AsyncGenerator[Memory]:
    """Open openai-agents' sessions."""
    with closing(OpenAiAgents(import_module("agents").SQLiteSession, folder / "sessions.db")) as sessions:
        yield sessions


class FleetMemory:
    """fleet_runtime's own account memory, without a model."""

    def __init__(self, fleet: Any) -> None:  # noqa: ANN401 - its class is imported late, as theirs are
        """Use an open fleet."""
        self._fleet = fleet

    async def add(self, account: str, events: Sequence[Said]) -> None:
        """Record events, from which rules learn facts, and keep their vectors, which would come later by themselves."""
        await self._fleet.memory(account).record_many([_event(event) for event in events])
        await self._fleet.embed_memory()

    async def search(self, account: str, question: str, limit: int, as_of: float | None = None) -> Sequence[Found]:
        """Recall."""
        moment = None if as_of is None else datetime.fromtimestamp(as_of, UTC)
        found = await self._fleet.memory(account).recall(question, as_of=moment, limit=limit)
        return [Found(item.event_id, item.text) for item in found]

    async def replace(self, former: str, event: Said) -> None:  # noqa: ARG002 - a key is set, whichever event said it
        """Record an event that sets the key."""
        value = event.text.removesuffix(".").rpartition(" is ")[2]
        operation = {"op": "set", "key": "champion", "value": value}
        await self._fleet.memory(event.account).record_many([{**_event(event), "operations": [operation]}])

    async def erase(self, account: str) -> None:
        """Erase the account."""
        await self._fleet.memory(account).erase()


def _event(said: Said) -> dict[str, object]:
    """Return an event as the SDK takes it."""
    at = datetime.fromtimestamp(said.at, UTC)
    return {"id": said.id, "at": at, "kind": "message", "author": said.author, "text": said.text}


class KnownVectors:
    """An encoder before another that remembers every text, so that a second run spends nothing on encoding."""

    def __init__(self, encoder: Any, vectors: Vectors) -> None:  # noqa: ANN401 - a port of ours
        """Add to ``vectors``."""
        self._encoder = encoder
        self._vectors = vectors

    @property
    def name(self) -> str:
        """Return the encoder's name."""
        return str(self._encoder.name)

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Return one vector per text."""
        new = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        if new:
            self._vectors.update(zip(new, map(list, await self._encoder.embed(new)), strict=True))
        return [self._vectors[text] for text in texts]


@asynccontextmanager
async def open_fleet(folder: Path, vectors: Vectors, *, encoder: object | None) -> AsyncGenerator[Memory]:
    """Open a fleet without a model; with an encoder, its vectors are remembered in ``vectors``."""
    from fleet_runtime import Fleet  # noqa: PLC0415 - not installed beside the others
    from fleet_runtime.settings import Settings  # noqa: PLC0415

    async def known(*_: object) -> object:
        return KnownVectors(encoder, vectors)

    settings = Settings(database=str(folder / "fleet.db"), model="none", embeddings="local" if encoder else "none")
    # The others get their vectors by parameter. Ours takes no encoder from outside: a known one is put in its place.
    swapped = patch("fleet_runtime.embedding.load_embedder", known) if encoder else nullcontext()
    with swapped:
        async with Fleet.open(settings=settings) as fleet:
            yield FleetMemory(fleet)


PEERS = {
    "mem0, qdrant": Peer(("mem0ai", "qdrant-client", "langchain"), "vectors", partial(_mem0, store="qdrant")),
    "mem0, faiss": Peer(("mem0ai", "faiss-cpu", "langchain"), "vectors", partial(_mem0, store="faiss")),
    "langgraph, indexed": Peer(
        ("langgraph-checkpoint-sqlite", "sqlite-vec", "pysqlite3-binary"), "vectors", partial(_langgraph, index=True)
    ),
    "langgraph, no index": Peer(("langgraph-checkpoint-sqlite",), "last N", partial(_langgraph, index=False)),
    "agno": Peer(("agno", "sqlalchemy"), "last N", _agno),
    "openai-agents": Peer(("openai-agents",), "last N", _agents),
}
"""By what they are called in the table. ``finds``: by vectors, or no search but the newest items."""
