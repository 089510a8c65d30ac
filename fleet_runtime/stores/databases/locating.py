"""Where a store is: what a user says, as a URL and as a name for errors that holds no password. Connects to nothing."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from fleet_runtime.errors import StoreError
from fleet_runtime.stores.databases.failures import explained

_KNOWN = "give a file, sqlite:///FILE, or postgresql://ROLE:PASSWORD@HOST/DATABASE"
_POSTGRES = frozenset({"postgres", "postgresql", "postgresql+psycopg"})


def locate(database: str | None) -> tuple[URL, str]:
    """Return the URL and the name for errors of a file, an SQLAlchemy URL, or None for memory.

    A URL's driver is the one that we use. A file's folder is made.

    Raises: StoreError if the URL is malformed or of another database, or the folder cannot be made.
    """
    if database is None:
        return URL.create("sqlite+pysqlite"), "store in memory"
    if "://" not in database:
        return _file(URL.create("sqlite+pysqlite", database=str(Path(database).expanduser())), f"store {database}")
    url = _url(database)
    if url.drivername in _POSTGRES:
        return url.set(drivername="postgresql+psycopg"), _server(url)
    if url.get_backend_name() != "sqlite":
        raise StoreError(f"store: {url.drivername} is not supported", hint=_KNOWN)
    return _file(url.set(drivername="sqlite+pysqlite"), f"store {database}")


def _url(database: str) -> URL:
    """Read a URL; one that is malformed is not repeated, since nobody knows where in it the password is.

    Raises: StoreError.
    """
    try:
        return make_url(database)
    except (ArgumentError, ValueError):
        raise StoreError("store: not a database URL", hint=_KNOWN) from None


def _server(url: URL) -> str:
    """Name a database of a server: who asks for which database where, and nothing secret."""
    where = {"host": url.query["host"]} if "host" in url.query else {}
    return f"store {URL.create('postgresql', url.username, None, url.host, url.port, url.database, where)}"


def _file(url: URL, place: str) -> tuple[URL, str]:
    """Make the folder of a SQLite file, unless it is in memory.

    Raises: StoreError.
    """
    if url.database and url.database != ":memory:" and not url.database.startswith("file:"):
        with explained(place):
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    return url, place
