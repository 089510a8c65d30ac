"""Memory rows by account number, times as integers, terms and vectors for recall, digests, receipts of erasures.

Every table of the account's memory, and the account's own, is made anew and filled from the old one: SQLite cannot
change a primary key. The tables that are bound to an account by name stay as they are. Foreign keys must be off
meanwhile (`upgrading` sees to it, and checks them afterwards): dropping a table deletes what is bound to it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.sql.schema import SchemaItem
from sqlalchemy.types import TypeEngine

from fleet_runtime.recall.terms import event_terms
from fleet_runtime.records import Event

revision = "0003"
down_revision = "0002"

_STRICT = {"sqlite_strict": True, "sqlite_with_rowid": False}
_NUMBERED = {"sqlite_strict": True, "sqlite_autoincrement": True}
_OLD = ("learning", "commitment", "fact", "event", "account")
_TIME: TypeEngine[int] = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_FLOAT: TypeEngine[float] = sa.Double[float]().with_variant(sa.REAL(), "sqlite")
_CITES = (["account_number", "event_id"], ["event.account_number", "event.id"])
_AT_ONCE = 1000


def upgrade() -> None:
    """Move what is stored into the new tables, then drop the old ones."""
    for name in _OLD:
        op.execute(f"CREATE TABLE old_{name} AS SELECT * FROM {name}")
        op.drop_table(name)
    _make_account()
    _make_event()
    _make_fact()
    _make_commitment()
    _make_rest()
    _fill()
    for name in _OLD:
        op.drop_table(f"old_{name}")


def _text(*names: str) -> list[sa.Column[str]]:
    """Return text columns that are always set."""
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _time(name: str, *, open_end: bool = False) -> sa.Column[int]:
    """Return a column of microseconds since 1970."""
    return sa.Column(name, _TIME, nullable=open_end)


def _number(name: str) -> sa.Column[int]:
    """Return an integer column that is always set."""
    return sa.Column(name, sa.Integer, nullable=False)


def _bound(to: tuple[list[str], list[str]] = (["account_number"], ["account.number"])) -> sa.ForeignKeyConstraint:
    """Return a foreign key whose rows go with what they are bound to."""
    return sa.ForeignKeyConstraint(*to, ondelete="CASCADE")


def _memory(name: str, *items: SchemaItem, identity: str = "id") -> None:
    """Make a table of an account's memory."""
    key = sa.PrimaryKeyConstraint("account_number", identity)
    op.create_table(name, _number("account_number"), *items, key, **_STRICT)


def _make_account() -> None:
    """Make accounts with numbers, and the names of encoders."""
    op.create_table(
        "account",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        *_text("tenant", "account"),
        _number("version"),
        *_text("opened_at"),
        *(_number("events"), _number("embedded"), _number("encoder")),
        sa.UniqueConstraint("tenant", "account", name="account_once_per_tenant"),
        **_NUMBERED,
    )
    op.create_table(
        "encoder",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        *_text("name"),
        sa.UniqueConstraint("name", name="encoder_once"),
        **_NUMBERED,
    )


def _make_event() -> None:
    """Make events with the terms by which they are found."""
    terms = sa.Column("terms", sa.LargeBinary, nullable=False)
    _memory("event", *_text("id"), _time("at"), *_text("kind", "author", "text"), terms, _bound())


def _make_fact() -> None:
    """Make facts in two times."""
    _memory(
        "fact",
        *_text("id", "subject", "key"),
        sa.Column("value", sa.Text),
        *_text("event_id", "author"),
        _time("at"),
        *_text("quote"),
        sa.Column("confidence", _FLOAT, nullable=False),
        *(_time("valid_from"), _time("valid_to", open_end=True)),
        *(_time("known_from"), _time("known_to", open_end=True)),
        *_text("yields_to"),
        _bound(_CITES),
    )


def _make_commitment() -> None:
    """Make commitments that know since when they are closed."""
    _memory(
        "commitment",
        *_text("id", "task", "owner", "to", "due", "state", "event_id"),
        *(_time("at"), _time("closed_at", open_end=True)),
        *_text("closed_by"),
        _bound(_CITES),
    )


def _make_rest() -> None:
    """Make digests, vectors, what awaits learning, and receipts."""
    _memory("digest", *_text("id", "period", "text", "cites"), _number("events"), _time("made_at"), _bound())
    data = sa.Column("data", sa.LargeBinary, nullable=False)
    _memory("vector", *_text("event_id"), data, _bound(_CITES), identity="event_id")
    _memory("learning", *_text("event_id"), _time("since"), _bound(_CITES), identity="event_id")
    op.create_table(
        "erasure",
        *(_number("account_number"), _number("version"), _time("at")),
        *_text("counts", "content_hash"),
        sa.PrimaryKeyConstraint("account_number"),
        **_STRICT,
    )


def _fill() -> None:
    """Copy what was stored; a promise that was kept before is known to be closed since it was made, no better."""
    number = "(SELECT number FROM account a WHERE a.tenant = o.tenant AND a.account = o.account)"
    op.execute(
        "INSERT INTO account (tenant, account, version, opened_at, events, embedded, encoder)"
        " SELECT tenant, account, version, opened_at, (SELECT count(*) FROM old_event e"
        " WHERE e.tenant = o.tenant AND e.account = o.account), 0, 0"
        " FROM old_account o ORDER BY opened_at, tenant, account"
    )
    op.execute(f"INSERT INTO event SELECT {number}, id, {_micros('at')}, kind, author, text, x'' FROM old_event o")
    _write_terms()
    times = ", ".join(_micros(name) for name in ("valid_from", "valid_to", "known_from", "known_to"))
    op.execute(
        f"INSERT INTO fact SELECT {number}, id, subject, key, value, event_id, author, {_micros('at')}, quote,"
        f" confidence, {times}, '' FROM old_fact o"
    )
    op.execute(
        f'INSERT INTO commitment SELECT {number}, id, task, owner, "to", due, state, event_id, {_micros("at")},'
        f" CASE state WHEN 'open' THEN NULL ELSE {_micros('at')} END, '' FROM old_commitment o"
    )
    op.execute(f"INSERT INTO learning SELECT {number}, event_id, {_micros('since')} FROM old_learning o")


def _write_terms() -> None:
    """Write the terms of every event."""
    connection = op.get_bind()
    rows = connection.exec_driver_sql("SELECT account_number, id, at, kind, author, text FROM event").all()
    for start in range(0, len(rows), _AT_ONCE):
        made = [
            (event_terms(Event(id=name, at=at / 1_000_000, kind=kind, author=author, text=text)), number, name)
            for number, name, at, kind, author, text in rows[start : start + _AT_ONCE]
        ]
        connection.exec_driver_sql("UPDATE event SET terms = ? WHERE account_number = ? AND id = ?", made)


def _micros(column: str) -> str:
    """Return the SQL that turns a time as text (``2026-03-01T09:30:00.000000+00:00``) into microseconds."""
    seconds = f"strftime('%s', substr({column}, 1, 19))"
    return f"(CAST({seconds} AS INTEGER) * 1000000 + CAST(substr({column}, 21, 6) AS INTEGER))"
