"""How tables of the store are made: whose rows they hold, and what goes with what. Knows no table itself.

Every text sorts by its bytes, on each database (`Words`): what is read in order comes in the order of Python's strings.
"""

from __future__ import annotations

from sqlalchemy import (
    Column,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
)
from sqlalchemy.sql.schema import SchemaItem

from fleet_runtime.stores.schema.columns import Words

metadata = MetaData()


def strict(name: str, *items: SchemaItem) -> Table:
    """Make a table that keeps its rows where their primary key stands, each value of its column's type."""
    return Table(name, metadata, *items, sqlite_strict=True, sqlite_with_rowid=False)


def owned(name: str, *items: SchemaItem, identity: tuple[str, ...] = ("id",)) -> Table:
    """Make a table of an account's rows, told apart within the account by ``identity``."""
    owner = (Column("tenant", Words, nullable=False), Column("account", Words, nullable=False))
    return strict(name, *owner, *items, PrimaryKeyConstraint("tenant", "account", *identity))


def numbered(name: str, *items: SchemaItem, identity: str | tuple[str, ...] = "id") -> Table:
    """Make a table of many rows of an account, whose owner is given by its number."""
    owner = Column("account_number", Integer, nullable=False)
    within = (identity,) if isinstance(identity, str) else identity
    return strict(name, owner, *items, PrimaryKeyConstraint("account_number", *within))


def of_account() -> ForeignKeyConstraint:
    """Bind a row to its account, so that it goes when the account goes."""
    return ForeignKeyConstraint(["tenant", "account"], ["account.tenant", "account.account"], ondelete="CASCADE")


def of_number() -> ForeignKeyConstraint:
    """Bind a row to its account by number."""
    return ForeignKeyConstraint(["account_number"], ["account.number"], ondelete="CASCADE")


def cites_event() -> ForeignKeyConstraint:
    """Bind a row to the event that it comes from: nothing is known that no event says."""
    return ForeignKeyConstraint(
        ["account_number", "event_id"], ["event.account_number", "event.id"], ondelete="CASCADE"
    )


def of_turn() -> ForeignKeyConstraint:
    """Bind a row to its turn."""
    return ForeignKeyConstraint(
        ["tenant", "account", "turn_id"],
        ["turn.tenant", "turn.account", "turn.id"],
        ondelete="CASCADE",
    )
