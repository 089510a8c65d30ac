"""Pins: which contract an account's persistent role is bound to, and the texts of the contracts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_STRICT = {"sqlite_strict": True, "sqlite_with_rowid": False}


def upgrade() -> None:
    """Make both tables; accounts that are there already are pinned by their next turn."""
    op.create_table(
        "pin",
        *_text("tenant", "account", "role", "content_hash", "since"),
        sa.ForeignKeyConstraint(["tenant", "account"], ["account.tenant", "account.account"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("tenant", "account", "role"),
        **_STRICT,
    )
    op.create_table(
        "contract",
        *_text("content_hash", "role", "text"),
        sa.PrimaryKeyConstraint("content_hash"),
        **_STRICT,
    )


def _text(*names: str) -> list[sa.Column[str]]:
    """Return text columns that are always set."""
    return [sa.Column(name, sa.Text, nullable=False) for name in names]
