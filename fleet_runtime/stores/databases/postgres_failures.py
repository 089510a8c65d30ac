"""How errors of Postgres become ours, and which of them mean that a transaction may run again. Repeats nothing itself.

What a driver says of a row may quote it; our messages do not. No message of libpq holds a password.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import psycopg
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from fleet_runtime.errors import StoreError, StoreFull
from fleet_runtime.stores.databases import failures

FOREIGN = (SQLAlchemyError, psycopg.Error)
"""What SQLAlchemy and the driver raise."""

_NOTHING = "nothing was written"

_FULL = "53100"
_AGAIN = frozenset({"40001", "40P01", "23505", "23503"})
"""Serialisation failure and deadlock; a row that came, or went, since the job looked for it."""

_LOST = frozenset({"25P03", "57P01", "57P02", "57P03", "57P05"})
"""The server ended the connection: a transaction that stood still, a shutdown, a crash, a start, a silent session."""

_SAYINGS = {
    "22003": ("a number is larger than the database allows", f"make it smaller; {_NOTHING}"),
    "25006": ("the server is read-only", "name the primary server, not a replica; " + _NOTHING),
    "3F000": ("there is no schema to write to", "make the schema that the role's search_path names"),
    "40001": ("other writers came in between again and again", f"repeat it later; {_NOTHING}"),
    "40P01": ("other writers came in between again and again", f"repeat it later; {_NOTHING}"),
    "42501": ("the role may not do it", "let the role own the database or its schema (docs/postgres.md)"),
    "53200": ("the server is out of memory", f"repeat it later; {_NOTHING}"),
    "54000": ("a text is larger than the database allows", f"shorten it; {_NOTHING}"),
    "55P03": ("another process holds the account", f"repeat it later; {_NOTHING}"),
}
_CONTRADICTION = ("a row contradicts what is stored", failures.CONTRADICTION_HINT)
_NUL = ("a text holds a NUL character, which Postgres cannot keep", f"remove it; {_NOTHING}")


@contextmanager
def explained(place: str) -> Generator[None]:
    """Turn every foreign error inside into a `StoreError` that names ``place``.

    Raises: StoreFull where the server's disk is full, else StoreError; the foreign error is the cause.
    """
    with failures.explained(place):
        try:
            yield
        except FOREIGN as error:
            raise _of_server(place, error) from error


def may_run_again(error: BaseException) -> bool:
    """Tell whether a transaction failed only because of what others did at the same time."""
    return _state(error) in _AGAIN


def unreachable(place: str, error: SQLAlchemyError) -> StoreError:
    """Return what to say where no connection can be made."""
    return StoreError(
        f"{place}: no connection to the server: {_first_line(error)}",
        hint="start the server, or check host, database, role and password; the next call tries again",
    )


def unconfirmed(place: str) -> StoreError:
    """Return what to say of a commit that was sent and not answered."""
    return StoreError(
        f"{place}: the connection was lost while the server committed, which it did or did not",
        hint="repeat it: what has the same id is not written twice",
    )


def _of_server(place: str, error: Exception) -> StoreError:
    """Say an error of the server or the driver in our words."""
    origin, state = _origin(error), _state(error) or ""
    if state == _FULL:
        return StoreFull(f"{place}: {failures.FULL}", hint=failures.FULL_HINT)
    if _is_lost(origin, state):
        return StoreError(f"{place}: the connection to the server was lost", hint=f"repeat it; {_NOTHING}")
    if isinstance(origin, psycopg.DataError) and "NUL" in str(origin):
        wrong, hint = _NUL
    elif state.startswith("23"):
        wrong, hint = _CONTRADICTION
    else:
        wrong, hint = _SAYINGS.get(state, (_first_line(error), f"see the cause; {_NOTHING}"))
    return StoreError(f"{place}: {wrong}", hint=hint)


def _is_lost(origin: BaseException | None, state: str) -> bool:
    """Tell whether the connection is gone: the server said so, or nothing at all."""
    silent = not state and isinstance(origin, psycopg.OperationalError)
    return silent or state in _LOST or state.startswith("08")


def _state(error: BaseException | None) -> str | None:
    """Return the SQLSTATE behind an error, or None where there is none."""
    origin = _origin(error)
    return origin.sqlstate if isinstance(origin, psycopg.Error) else None


def _origin(error: BaseException | None) -> BaseException | None:
    """Return the driver's error behind SQLAlchemy's."""
    return error.orig if isinstance(error, DBAPIError) else error


def _first_line(error: BaseException) -> str:
    """Return what the driver says, without its details."""
    return next(iter(str(_origin(error)).splitlines()), type(error).__name__)
