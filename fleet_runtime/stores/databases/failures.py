"""The one place where foreign errors of the database become ours. Retries nothing and hides nothing.

What only Postgres says stands in `postgres_failures`, which loads its driver.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from fleet_runtime.errors import StoreError, StoreFull

_PRIMARY = 0xFF
"""An extended result code of SQLite keeps its primary code in the lowest byte."""

FULL = "no space is left"
FULL_HINT = "free space and repeat it; nothing of this was written, and what was accepted before is kept"
CONTRADICTION_HINT = "an id is used twice, or a fact cites an event that is not there; nothing was written"

_SAYINGS = {
    sqlite3.SQLITE_BUSY: ("another process holds the write lock", "repeat it later; nothing was written"),
    sqlite3.SQLITE_LOCKED: ("another process holds the write lock", "repeat it later; nothing was written"),
    sqlite3.SQLITE_NOTADB: ("the file is not a database", "name another file, or restore a backup"),
    sqlite3.SQLITE_CORRUPT: ("the file is damaged", "restore a backup; keep the damaged file for rescue"),
    sqlite3.SQLITE_CANTOPEN: ("the file cannot be opened", "check the path and the folder's permissions"),
    sqlite3.SQLITE_READONLY: ("the file or its folder is read-only", "make both writable, or name another place"),
    sqlite3.SQLITE_PERM: ("the file's permissions forbid it", "make the file and its folder writable"),
    sqlite3.SQLITE_IOERR: ("the disk failed to read or write", "check the disk; nothing was written"),
    sqlite3.SQLITE_TOOBIG: ("a text is larger than the database allows", "shorten it; nothing was written"),
    sqlite3.SQLITE_CONSTRAINT: (
        "a row contradicts what is stored",
        CONTRADICTION_HINT,
    ),
}


@contextmanager
def explained(place: str) -> Generator[None]:
    """Turn every foreign error inside into a `StoreError` that names ``place``.

    Raises: StoreFull where the disk is full, else StoreError; the foreign error is the cause.
    """
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise _of_database(place, error) from error
    except (UnicodeError, PydanticSerializationError) as error:
        raise StoreError(
            f"{place}: a text is not valid Unicode",
            hint="remove lone surrogates; nothing was written",
        ) from error
    except ValidationError as error:
        raise StoreError(
            f"{place}: a stored {error.title} cannot be read: {error.errors()[0]['msg']}",
            hint="the row was changed by hand or is damaged; restore a backup",
        ) from error
    except OSError as error:
        raise StoreError(
            f"{place}: {error.strerror or error}", hint="check the path and the folder's permissions"
        ) from error


def result_code(error: BaseException | None) -> int | None:
    """Return SQLite's primary result code behind an error, or None where there is none."""
    origin = error.orig if isinstance(error, DBAPIError) else error
    code: object = getattr(origin, "sqlite_errorcode", None)
    return code & _PRIMARY if isinstance(code, int) else None


def _of_database(place: str, error: SQLAlchemyError | sqlite3.Error) -> StoreError:
    """Say a database error in our words."""
    code = result_code(error)
    if code == sqlite3.SQLITE_FULL:
        return StoreFull(f"{place}: {FULL}", hint=FULL_HINT)
    origin = error.orig if isinstance(error, DBAPIError) else error
    wrong, hint = _SAYINGS.get(code or 0, (str(origin), "see the cause; nothing was written"))
    return StoreError(f"{place}: {wrong}", hint=hint)
