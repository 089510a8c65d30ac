"""What a turn does besides talking: its rounds of tool calls, questions for a person, money, its way, the switch.

A decision is no longer stored a second time beside its turn's reply.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.sql.schema import SchemaItem

revision = "0004"
down_revision = "0003"

_STRICT = {"sqlite_strict": True, "sqlite_with_rowid": False}
_ACCOUNT = (["tenant", "account"], ["account.tenant", "account.account"])
_TURN = (["tenant", "account", "turn_id"], ["turn.tenant", "turn.account", "turn.id"])


def upgrade() -> None:
    """Make the tables, and let turns say more; those that are there say nothing of it."""
    op.add_column("turn", sa.Column("approval", sa.Text, nullable=False, server_default=sa.text("''")))
    for name in ("output_schema", "grant", "trace"):
        op.add_column("turn", sa.Column(name, sa.Text))
    op.drop_column("decision", "trace")
    _make("step", *_text("turn_id"), _number("number"), *_text("body"), _bound(_TURN), _key("turn_id", "number"))
    _make("approval", *_text("id", "turn_id", "state", "asked_at", "body"), _bound(_TURN), _key("id"))
    cost = sa.Column("cost", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False)
    _make("spent", *_text("day"), _number("tokens"), cost, _number("unpriced"), _bound(_ACCOUNT), _key("day"))
    op.create_table("pause", *_text("tenant", "since", "by", "reason"), sa.PrimaryKeyConstraint("tenant"), **_STRICT)


def _make(name: str, *items: SchemaItem) -> None:
    """Make a table of an account's rows."""
    op.create_table(name, *_text("tenant", "account"), *items, **_STRICT)


def _text(*names: str) -> list[sa.Column[str]]:
    """Return text columns that are always set."""
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _number(name: str) -> sa.Column[int]:
    """Return an integer column that is always set."""
    return sa.Column(name, sa.Integer, nullable=False)


def _key(*identity: str) -> sa.PrimaryKeyConstraint:
    """Return a primary key that begins with the row's owner."""
    return sa.PrimaryKeyConstraint("tenant", "account", *identity)


def _bound(to: tuple[list[str], list[str]]) -> sa.ForeignKeyConstraint:
    """Return a foreign key whose rows go with what they are bound to."""
    return sa.ForeignKeyConstraint(*to, ondelete="CASCADE")
