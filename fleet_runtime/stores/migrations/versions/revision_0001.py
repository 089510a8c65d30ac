"""The first schema: accounts, turns, events, facts, commitments, decisions, hand-offs, leases, learning."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_STRICT = {"sqlite_strict": True, "sqlite_with_rowid": False}
_ACCOUNT = (["tenant", "account"], ["account.tenant", "account.account"])
_EVENT = (["tenant", "account", "event_id"], ["event.tenant", "event.account", "event.id"])
_TURN = (["tenant", "account", "turn_id"], ["turn.tenant", "turn.account", "turn.id"])


def upgrade() -> None:
    """Make all tables."""
    _make_account_and_lease()
    _make_turn()
    _make_event()
    _make_fact()
    _make_commitment()
    _make_decision()
    _make_hand_off()
    _make_learning()


def _text(*names: str) -> list[sa.Column[str]]:
    """Return text columns that are always set."""
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _number(name: str) -> sa.Column[float]:
    """Return a float column; a STRICT table of SQLite knows it as REAL only."""
    return sa.Column(name, sa.Double[float]().with_variant(sa.REAL(), "sqlite"), nullable=False)


def _key(*identity: str) -> sa.PrimaryKeyConstraint:
    """Return a primary key that begins with the row's owner."""
    return sa.PrimaryKeyConstraint("tenant", "account", *identity)


def _bound(to: tuple[list[str], list[str]]) -> sa.ForeignKeyConstraint:
    """Return a foreign key whose rows go with what they are bound to."""
    return sa.ForeignKeyConstraint(*to, ondelete="CASCADE")


def _make_account_and_lease() -> None:
    """Make what an account itself is, and who works on it."""
    op.create_table(
        "account",
        *_text("tenant", "account"),
        sa.Column("version", sa.Integer, nullable=False),
        *_text("opened_at"),
        _key(),
        **_STRICT,
    )
    op.create_table("lease", *_text("tenant", "account", "owner", "until"), _key(), **_STRICT)


def _make_turn() -> None:
    """Make the turns: whole or open, one id per tenant, one order per account."""
    op.create_table(
        "turn",
        *_text("tenant", "account", "id", "conversation"),
        sa.Column("sequence", sa.Integer, nullable=False),
        *_text("role", "speaker", "at", "accepted_at", "text", "state"),
        sa.Column("reply", sa.Text),
        _bound(_ACCOUNT),
        sa.UniqueConstraint("tenant", "id", name="turn_id_once_per_tenant"),
        sa.UniqueConstraint("tenant", "account", "sequence", name="turn_sequence_once"),
        sa.CheckConstraint(
            "(state = 'accepted' AND reply IS NULL) OR (state = 'done' AND reply IS NOT NULL)",
            name="turn_whole",
        ),
        _key("id"),
        **_STRICT,
    )
    unfinished = sa.text("state = 'accepted'")
    op.create_index(
        "turn_unfinished",
        "turn",
        ["tenant", "account", "sequence"],
        sqlite_where=unfinished,
        postgresql_where=unfinished,
    )


def _make_event() -> None:
    """Make the events."""
    op.create_table(
        "event",
        *_text("tenant", "account", "id", "at", "kind", "author", "text"),
        _bound(_ACCOUNT),
        _key("id"),
        **_STRICT,
    )


def _make_fact() -> None:
    """Make the facts with both of their times."""
    op.create_table(
        "fact",
        *_text("tenant", "account", "id", "subject", "key"),
        sa.Column("value", sa.Text),
        *_text("event_id", "author", "at", "quote"),
        _number("confidence"),
        *_text("valid_from"),
        sa.Column("valid_to", sa.Text),
        *_text("known_from"),
        sa.Column("known_to", sa.Text),
        _bound(_EVENT),
        _key("id"),
        **_STRICT,
    )


def _make_commitment() -> None:
    """Make the commitments."""
    op.create_table(
        "commitment",
        *_text("tenant", "account", "id", "task", "owner", "to", "due", "state", "event_id", "at"),
        _bound(_EVENT),
        _key("id"),
        **_STRICT,
    )


def _make_decision() -> None:
    """Make the decisions of finished turns."""
    op.create_table(
        "decision",
        *_text("tenant", "account", "turn_id", "id", "at", "verdict"),
        sa.Column("choice", sa.Text),
        sa.Column("active_role", sa.Text),
        *_text("stage"),
        _number("confidence"),
        sa.Column("rule_where", sa.Text),
        *_text("reason", "trace"),
        _bound(_TURN),
        _key("turn_id", "id"),
        **_STRICT,
    )


def _make_hand_off() -> None:
    """Make the hand-offs of finished turns."""
    op.create_table(
        "hand_off",
        *_text("tenant", "account", "turn_id", "id"),
        sa.Column("position", sa.Integer, nullable=False),
        *_text("at", "from_role", "to_role", "why", "said", "asked", "fact_ids", "rule"),
        _bound(_TURN),
        _key("turn_id", "id"),
        **_STRICT,
    )


def _make_learning() -> None:
    """Make the list of events that await learning."""
    op.create_table(
        "learning",
        *_text("tenant", "account", "event_id", "since"),
        _bound(_EVENT),
        _key("event_id"),
        **_STRICT,
    )
