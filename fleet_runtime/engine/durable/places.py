"""Where the engine keeps its tables, and what queued work is called there. Opens nothing.

An id names a place in an account's order and never a text: ``{tenant}:{account}:{sequence}``, sortable; what had to be
queued once more has ``#2`` and so on behind it. Tenant and account are percent-quoted, so that a colon is ours.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote, unquote

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from fleet_runtime.errors import SettingError
from fleet_runtime.records import AccountKey, Turn

APPLICATION = "fleet"

ENGINE_VERSION = "1"
"""The shape of what is queued. It changes only where a worker could not carry on what another shape began."""

TURN, TICK = "turn", "tick"
"""What is queued."""

_AGAIN = "#"
_DIGITS = 10


def queue_of(tenant: str) -> str:
    """Return the name of a tenant's queue: its roles answer its messages, and nobody else's."""
    return f"turns:{quote(tenant, safe='')}"


def partition_of(key: AccountKey) -> str:
    """Return what an account's work has in common: of one partition one thing runs at a time."""
    return f"{quote(key.tenant, safe='')}:{quote(key.account, safe='')}"


def place_of(turn: Turn) -> str:
    """Return the id of a turn's work, as it is queued first."""
    return f"{partition_of(turn.key)}:{turn.sequence:0{_DIGITS}d}"


def tick_of(key: AccountKey, kind: str, due: str) -> str:
    """Return the id of due work: the same however often it is found due."""
    return f"{partition_of(key)}:{TICK}:{quote(kind, safe='')}:{due}"


def account_of(partition: str) -> AccountKey:
    """Return whose partition it is."""
    tenant, _, account = partition.partition(":")
    return AccountKey(tenant=unquote(tenant), account=unquote(account))


def again(place: str, times: int) -> str:
    """Return the id under which work is queued for the ``times``-th time, from 1."""
    return place if times == 1 else f"{place}{_AGAIN}{times}"


def times(workflow_id: str) -> int:
    """Return for the how manieth time work was queued under this id."""
    _, _, number = workflow_id.partition(_AGAIN)
    return int(number or 1)


def first(workflow_id: str) -> str:
    """Return the id under which the same work was queued first."""
    return workflow_id.partition(_AGAIN)[0]


def engine_url(database: str) -> URL:
    """Return where the engine's tables are: a second file beside a store's, or the same Postgres database.

    Raises: SettingError for a store in memory, which no other process could see.
    """
    if database in {"none", ":memory:"}:
        raise SettingError(
            "engine: a durable engine needs a database", hint="name a file or a Postgres URL as database"
        )
    if "://" not in database:
        return URL.create("sqlite", database=str(engine_file(Path(database).expanduser())))
    try:
        url = make_url(database)
    except ArgumentError as error:
        raise SettingError("database: not a database URL", hint="give a file, or postgresql://...") from error
    if url.get_backend_name() != "sqlite":
        return url.set(drivername="postgresql+psycopg")
    if not url.database or url.database == ":memory:":
        raise SettingError(
            "engine: a durable engine needs a database", hint="name a file or a Postgres URL as database"
        )
    return URL.create("sqlite", database=str(engine_file(Path(url.database))))


def engine_file(store: Path) -> Path:
    """Return the engine's file beside a store's: ``fleet.db`` has ``fleet.engine.db``."""
    return store.with_name(f"{store.stem}.engine{store.suffix}")
