"""The one schema of the store, as SQLAlchemy tables. Opens nothing, reads nothing and migrates nothing.

``tenant`` and ``account`` open every primary key: there is no row without an owner, and SQLite keeps
an account's rows side by side (WITHOUT ROWID), which is what a turn reads. Only the texts of role
contracts have none: they come from the project's files, not from a customer. Times are text of one
width, ``2026-03-01T09:30:00.000000+00:00``, always UTC: they sort as they stand in every database, and
a person who looks into the file can read them; integers of microseconds would only save some bytes.
Replies are JSON, since nothing asks for a part of one; decisions and hand-offs stand as rows too.

A change here needs a migration, and `SCHEMA_VERSION` is its revision; a test holds the two together.
"""

from __future__ import annotations

from sqlalchemy import (
    REAL,
    CheckConstraint,
    Column,
    Double,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.sql.schema import SchemaItem
from sqlalchemy.types import TypeEngine

SCHEMA_VERSION = "0002"
"""The revision that this schema is. Revisions are numbers of one width and sort as text."""

Number: TypeEngine[float] = Double[float]().with_variant(REAL(), "sqlite")
"""A float of eight bytes: a STRICT table of SQLite knows it as REAL only."""

metadata = MetaData()

schema_version = Table(
    "alembic_version",
    metadata,
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


def _owned(name: str, *items: SchemaItem, identity: tuple[str, ...] = ("id",)) -> Table:
    """Make a table of an account's rows, told apart within the account by ``identity``."""
    return Table(
        name,
        metadata,
        Column("tenant", Text, nullable=False),
        Column("account", Text, nullable=False),
        *items,
        PrimaryKeyConstraint("tenant", "account", *identity),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _of_account() -> ForeignKeyConstraint:
    """Bind a row to its account, so that it goes when the account goes."""
    return ForeignKeyConstraint(["tenant", "account"], ["account.tenant", "account.account"], ondelete="CASCADE")


def _cites_event() -> ForeignKeyConstraint:
    """Bind a row to the event that it comes from: nothing is known that no event says."""
    return ForeignKeyConstraint(
        ["tenant", "account", "event_id"],
        ["event.tenant", "event.account", "event.id"],
        ondelete="CASCADE",
    )


def _of_turn() -> ForeignKeyConstraint:
    """Bind a row to its turn."""
    return ForeignKeyConstraint(
        ["tenant", "account", "turn_id"],
        ["turn.tenant", "turn.account", "turn.id"],
        ondelete="CASCADE",
    )


account = _owned(
    "account",
    Column("version", Integer, nullable=False),
    Column("opened_at", Text, nullable=False),
    identity=(),
)

turn = _owned(
    "turn",
    Column("id", Text, nullable=False),
    Column("conversation", Text, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("role", Text, nullable=False),
    Column("speaker", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("accepted_at", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reply", Text),
    _of_account(),
    UniqueConstraint("tenant", "id", name="turn_id_once_per_tenant"),
    UniqueConstraint("tenant", "account", "sequence", name="turn_sequence_once"),
    # A turn is done exactly if it has a reply: the database itself admits no half turn.
    CheckConstraint(
        "(state = 'accepted' AND reply IS NULL) OR (state = 'done' AND reply IS NOT NULL)",
        name="turn_whole",
    ),
    Index(
        "turn_unfinished",
        "tenant",
        "account",
        "sequence",
        sqlite_where=text("state = 'accepted'"),
        postgresql_where=text("state = 'accepted'"),
    ),
)

event = _owned(
    "event",
    Column("id", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("text", Text, nullable=False),
    _of_account(),
)

fact = _owned(
    "fact",
    Column("id", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("value", Text),
    Column("event_id", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("quote", Text, nullable=False),
    Column("confidence", Number, nullable=False),
    Column("valid_from", Text, nullable=False),
    Column("valid_to", Text),
    Column("known_from", Text, nullable=False),
    Column("known_to", Text),
    _cites_event(),
)

commitment = _owned(
    "commitment",
    Column("id", Text, nullable=False),
    Column("task", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("to", Text, nullable=False),
    Column("due", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("at", Text, nullable=False),
    _cites_event(),
)

decision = _owned(
    "decision",
    Column("turn_id", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("choice", Text),
    Column("active_role", Text),
    Column("stage", Text, nullable=False),
    Column("confidence", Number, nullable=False),
    Column("rule_where", Text),
    Column("reason", Text, nullable=False),
    Column("trace", Text, nullable=False),
    _of_turn(),
    identity=("turn_id", "id"),
)

hand_off = _owned(
    "hand_off",
    Column("turn_id", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("at", Text, nullable=False),
    Column("from_role", Text, nullable=False),
    Column("to_role", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("said", Text, nullable=False),
    Column("asked", Text, nullable=False),
    Column("fact_ids", Text, nullable=False),
    Column("rule", Text, nullable=False),
    _of_turn(),
    identity=("turn_id", "id"),
)

# A lease may be taken before the account has any row, so it is bound to none.
lease = _owned(
    "lease",
    Column("owner", Text, nullable=False),
    Column("until", Text, nullable=False),
    identity=(),
)

learning = _owned(
    "learning",
    Column("event_id", Text, nullable=False),
    Column("since", Text, nullable=False),
    _cites_event(),
    identity=("event_id",),
)

pin = _owned(
    "pin",
    Column("role", Text, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("since", Text, nullable=False),
    _of_account(),
    identity=("role",),
)

# A pin may name a contract whose text was not to be had, so it is not bound to this table.
contract = Table(
    "contract",
    metadata,
    Column("content_hash", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("text", Text, nullable=False),
    PrimaryKeyConstraint("content_hash"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
