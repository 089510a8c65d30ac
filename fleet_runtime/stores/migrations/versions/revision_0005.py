"""Turns that are given up, what is heard of a turn while it runs, workers, marks of scans, and limits of providers.

SQLite cannot change a condition of a table, so that it makes the turns anew and copies each row once, in the order in
which they lie. Foreign keys must be off meanwhile (`upgrading` sees to it, and checks them afterwards).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.schema import SchemaItem
from sqlalchemy.types import TypeEngine

revision = "0005"
down_revision = "0004"

_STRICT = {"sqlite_strict": True, "sqlite_with_rowid": False}
_ACCOUNT = (["tenant", "account"], ["account.tenant", "account.account"])
_TURN = (["tenant", "account", "turn_id"], ["turn.tenant", "turn.account", "turn.id"])
_WORDS: TypeEngine[str] = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
_WIDE: TypeEngine[int] = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_WHOLE = (
    "state IN ('accepted', 'done', 'failed', 'cancelled')"
    " AND (state = 'done') = (reply IS NOT NULL) AND (state = 'failed') = (failure IS NOT NULL)"
)
_STAYS = (
    "tenant, account, id, conversation, sequence, role, speaker, at, accepted_at, text, state, reply, approval,"
    ' output_schema, "grant", trace'
)


def upgrade() -> None:
    """Let turns be given up, and make the tables."""
    if op.get_bind().dialect.name == "sqlite":
        _make_turns_anew()
    else:
        op.add_column("turn", sa.Column("failure", _WORDS))
        op.drop_constraint("turn_whole", "turn", type_="check")
        op.create_check_constraint("turn_whole", "turn", _WHOLE)
        op.drop_index("turn_unfinished", "turn")
    _index("turn_unfinished", "accepted", "tenant", "account", "sequence", "accepted_at", "state")
    _index("turn_failed", "failed", "tenant", "account", "sequence", "state")
    number = _number("number")
    owner, key = _text("tenant", "account"), _key("tenant", "account", "turn_id", "number")
    _make("signal", *owner, *_text("turn_id"), number, *_text("body"), _bound(_TURN), key)
    _make(
        "worker",
        *_text("id", "token", "tenant", "host"),
        _number("pid"),
        *_text("version"),
        _wide("started_at"),
        *(_number(name) for name in ("beat", "turns", "leaving")),
        _wide("seen_at"),
        _key("id"),
    )
    _make("mark", *_text("tenant", "scan"), _wide("at"), _key("tenant", "scan"))
    _make("provider", *_text("name"), _wide("requests_until"), _wide("tokens_until"), _key("name"))
    _make("call", *_text("provider", "id"), _wide("until"), _key("provider", "id"))
    op.create_index("call_until", "call", ["provider", "until"])


def _make_turns_anew() -> None:
    """Move the turns into a table that knows how they fail.

    What is bound to them stays bound to a table of their name, as it does in SQLite's way of old.
    """
    op.execute("PRAGMA legacy_alter_table = ON")
    op.rename_table("turn", "old_turn")
    op.execute("PRAGMA legacy_alter_table = OFF")
    op.drop_index("turn_unfinished", "old_turn")
    _make_turn()
    op.execute(f"INSERT INTO turn ({_STAYS}) SELECT {_STAYS} FROM old_turn")
    op.drop_table("old_turn")


def _index(name: str, state: str, *columns: str) -> None:
    """Make an index of the turns of one state."""
    where = sa.text(f"state = '{state}'")
    op.create_index(name, "turn", list(columns), sqlite_where=where, postgresql_where=where)


def _make_turn() -> None:
    """Make the turns, each whole: done exactly if it has a reply, failed exactly if something says why."""
    _make(
        "turn",
        *_text("tenant", "account", "id", "conversation"),
        _number("sequence"),
        *_text("role", "speaker", "at", "accepted_at", "text", "state"),
        *_told("reply", "failure"),
        sa.Column("approval", _WORDS, nullable=False, server_default=sa.text("''")),
        *_told("output_schema", "grant", "trace"),
        _bound(_ACCOUNT),
        sa.UniqueConstraint("tenant", "id", name="turn_id_once_per_tenant"),
        sa.UniqueConstraint("tenant", "account", "sequence", name="turn_sequence_once"),
        sa.CheckConstraint(_WHOLE, name="turn_whole"),
        _key("tenant", "account", "id"),
    )


def _make(name: str, *items: SchemaItem) -> None:
    """Make a table whose rows lie by their key."""
    op.create_table(name, *items, **_STRICT)


def _text(*names: str) -> list[sa.Column[str]]:
    """Return text columns that are always set."""
    return [sa.Column(name, _WORDS, nullable=False) for name in names]


def _told(*names: str) -> list[sa.Column[str]]:
    """Return text columns that may say nothing."""
    return [sa.Column(name, _WORDS) for name in names]


def _number(name: str) -> sa.Column[int]:
    """Return an integer column that is always set."""
    return sa.Column(name, sa.Integer, nullable=False)


def _wide(name: str) -> sa.Column[int]:
    """Return a column of whole numbers of eight bytes."""
    return sa.Column(name, _WIDE, nullable=False)


def _key(*columns: str) -> sa.PrimaryKeyConstraint:
    """Return a primary key."""
    return sa.PrimaryKeyConstraint(*columns)


def _bound(to: tuple[list[str], list[str]]) -> sa.ForeignKeyConstraint:
    """Return a foreign key whose rows go with what they are bound to."""
    return sa.ForeignKeyConstraint(*to, ondelete="CASCADE")
