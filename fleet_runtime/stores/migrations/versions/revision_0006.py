"""The book: signals of accounts, what was noticed, motions that were run, and what they wrote."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

revision = "0006"
down_revision = "0005"

_WORDS: TypeEngine[str] = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
_WIDE: TypeEngine[int] = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables, each bound to its account, and what they are looked through by."""
    _make("week", [_text("start"), _wide("known_from"), _text("body")], "start", "known_from")
    _make("invoice", [_text("number"), _wide("known_from"), _text("body")], "number", "known_from")
    _make("details", [_wide("known_from"), _text("body")], "known_from")
    _make("notice", [_text("id"), _text("day"), _text("body")], "id")
    _make("motion_run", [_text("motion"), _text("due"), _text("body")], "motion", "due")
    _make("work_product", [_text("id"), _text("state"), _text("body")], "id")
    _make("portfolio", [_number("version")])
    op.create_index("notice_day", "notice", ["day"])
    op.create_index("motion_run_due", "motion_run", ["due"])
    op.create_index("work_product_state", "work_product", ["state"])


def _make(name: str, columns: list[sa.Column[str] | sa.Column[int]], *identity: str) -> None:
    """Make a table of an account's rows, told apart by ``identity``, that go when the account goes."""
    op.create_table(
        name,
        _number("account_number"),
        *columns,
        sa.ForeignKeyConstraint(["account_number"], ["account.number"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_number", *identity),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _text(name: str) -> sa.Column[str]:
    """Return a text column that is always set."""
    return sa.Column(name, _WORDS, nullable=False)


def _number(name: str) -> sa.Column[int]:
    """Return an integer column that is always set."""
    return sa.Column(name, sa.Integer, nullable=False)


def _wide(name: str) -> sa.Column[int]:
    """Return a column of whole numbers of eight bytes."""
    return sa.Column(name, _WIDE, nullable=False)
