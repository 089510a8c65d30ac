"""The one schema of the store, as SQLAlchemy tables. Opens nothing, reads nothing and migrates nothing.

Every row has an owner, and its owner opens its primary key: tenant and account, or the ``account_number``
that stands for both where rows are many (events, facts, commitments, vectors; a million of them fit in
600 MB so). A number is never given twice, so that what is left of an erased account anywhere belongs to
nobody. SQLite keeps an account's rows side by side (WITHOUT ROWID), which is what a turn reads. Only the
texts of role contracts, the names of encoders and the receipts of erasures have no owner: none holds a
customer's words. Times of memory rows are integers, microseconds since 1970; those of turns are text of
one width, ``2026-03-01T09:30:00.000000+00:00``, always UTC, which sorts as it stands.
Replies are JSON (`packing`), since nothing asks for a part of one; what one may ask of decisions and hand-offs stands
as rows too.

A change here needs a migration, and `SCHEMA_VERSION` is its revision; a test holds the two together.
"""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
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

from fleet_runtime.stores.columns import Blob, Instant, Number, Wide

SCHEMA_VERSION = "0004"
"""The revision that this schema is. Revisions are numbers of one width and sort as text."""

metadata = MetaData()

schema_version = Table(
    "alembic_version",
    metadata,
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


def _strict(name: str, *items: SchemaItem) -> Table:
    """Make a table that keeps its rows where their primary key stands, each value of its column's type."""
    return Table(name, metadata, *items, sqlite_strict=True, sqlite_with_rowid=False)


def _owned(name: str, *items: SchemaItem, identity: tuple[str, ...] = ("id",)) -> Table:
    """Make a table of an account's rows, told apart within the account by ``identity``."""
    owner = (Column("tenant", Text, nullable=False), Column("account", Text, nullable=False))
    return _strict(name, *owner, *items, PrimaryKeyConstraint("tenant", "account", *identity))


def _numbered(name: str, *items: SchemaItem, identity: str = "id") -> Table:
    """Make a table of an account's memory, whose owner is given by its number."""
    owner = Column("account_number", Integer, nullable=False)
    return _strict(name, owner, *items, PrimaryKeyConstraint("account_number", identity))


def _of_account() -> ForeignKeyConstraint:
    """Bind a row to its account, so that it goes when the account goes."""
    return ForeignKeyConstraint(["tenant", "account"], ["account.tenant", "account.account"], ondelete="CASCADE")


def _of_number() -> ForeignKeyConstraint:
    """Bind a row to its account by number."""
    return ForeignKeyConstraint(["account_number"], ["account.number"], ondelete="CASCADE")


def _cites_event() -> ForeignKeyConstraint:
    """Bind a row to the event that it comes from: nothing is known that no event says."""
    return ForeignKeyConstraint(
        ["account_number", "event_id"], ["event.account_number", "event.id"], ondelete="CASCADE"
    )


def _of_turn() -> ForeignKeyConstraint:
    """Bind a row to its turn."""
    return ForeignKeyConstraint(
        ["tenant", "account", "turn_id"],
        ["turn.tenant", "turn.account", "turn.id"],
        ondelete="CASCADE",
    )


# ``events`` and ``embedded`` count the account's events, and those of them that have a vector by ``encoder``.
account = Table(
    "account",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("tenant", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("opened_at", Text, nullable=False),
    Column("events", Integer, nullable=False),
    Column("embedded", Integer, nullable=False),
    Column("encoder", Integer, nullable=False),
    UniqueConstraint("tenant", "account", name="account_once_per_tenant"),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)

encoder = Table(
    "encoder",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("name", Text, nullable=False),
    UniqueConstraint("name", name="encoder_once"),
    sqlite_strict=True,
    sqlite_autoincrement=True,
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
    Column("approval", Text, nullable=False, server_default=text("''")),
    Column("output_schema", Text),
    Column("grant", Text),
    Column("trace", Text),
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

event = _numbered(
    "event",
    Column("id", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("kind", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("terms", Blob, nullable=False),
    _of_number(),
)

fact = _numbered(
    "fact",
    Column("id", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("value", Text),
    Column("event_id", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("quote", Text, nullable=False),
    Column("confidence", Number, nullable=False),
    Column("valid_from", Instant, nullable=False),
    Column("valid_to", Instant),
    Column("known_from", Instant, nullable=False),
    Column("known_to", Instant),
    Column("yields_to", Text, nullable=False),
    _cites_event(),
)

commitment = _numbered(
    "commitment",
    Column("id", Text, nullable=False),
    Column("task", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("to", Text, nullable=False),
    Column("due", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("closed_by", Text, nullable=False),
    _cites_event(),
)

digest = _numbered(
    "digest",
    Column("id", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("cites", Text, nullable=False),
    Column("events", Integer, nullable=False),
    Column("made_at", Instant, nullable=False),
    _of_number(),
)

# All vectors of an account are by its ``encoder``; `fleet_runtime.recall.packed_vector` gives their form.
vector = _numbered(
    "vector",
    Column("event_id", Text, nullable=False),
    Column("data", Blob, nullable=False),
    _cites_event(),
    identity="event_id",
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

# A round of a turn in which tools were called; ``body`` is a `fleet_runtime.records.Step` as JSON.
step = _owned(
    "step",
    Column("turn_id", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("body", Text, nullable=False),
    _of_turn(),
    identity=("turn_id", "number"),
)

# A question for a person; ``body`` is a `fleet_runtime.records.Approval` as JSON, its ``state`` stands beside it.
approval = _owned(
    "approval",
    Column("id", Text, nullable=False),
    Column("turn_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("asked_at", Text, nullable=False),
    Column("body", Text, nullable=False),
    _of_turn(),
)

# ``day`` is an ISO date (UTC), ``cost`` in pico-units (10^-12) of the price table's currency.
spent = _owned(
    "spent",
    Column("day", Text, nullable=False),
    Column("tokens", Integer, nullable=False),
    Column("cost", Wide, nullable=False),
    Column("unpriced", Integer, nullable=False),
    _of_account(),
    identity=("day",),
)

# The switch of a tenant, while it is off.
pause = _strict(
    "pause",
    Column("tenant", Text, nullable=False),
    Column("since", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    PrimaryKeyConstraint("tenant"),
)

# A lease may be taken before the account has any row, so it is bound to none.
lease = _owned(
    "lease",
    Column("owner", Text, nullable=False),
    Column("until", Text, nullable=False),
    identity=(),
)

learning = _numbered(
    "learning",
    Column("event_id", Text, nullable=False),
    Column("since", Instant, nullable=False),
    _cites_event(),
    identity="event_id",
)

# What was erased, and when, without a word of whose it was. ``version`` is the account's last: those opened later count
# on from there, so that what was read of an account before it was erased never passes for the state of a later one.
erasure = _strict(
    "erasure",
    Column("account_number", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("counts", Text, nullable=False),
    Column("content_hash", Text, nullable=False),
    PrimaryKeyConstraint("account_number"),
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
contract = _strict(
    "contract",
    Column("content_hash", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("text", Text, nullable=False),
    PrimaryKeyConstraint("content_hash"),
)
