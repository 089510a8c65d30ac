"""How far scans for due work have come, in an open transaction. Commits nothing itself, and knows no scan by name."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.postgresql import insert as put  # SQLite takes its upserts too, and not the other way round

from fleet_runtime.stores.schema.shared_tables import mark


def mark_of(connection: Connection, tenant: str, scan: str) -> datetime | None:
    """Return up to when a scan has come, or None if it never ran."""
    wanted = select(mark.c.at).where(mark.c.tenant == tenant, mark.c.scan == scan)
    return connection.execute(wanted).scalar_one_or_none()


def move_mark(connection: Connection, tenant: str, scan: str, seen: datetime | None, to: datetime) -> bool:
    """Note that a scan has come up to then; False if another process moved it since ``seen``."""
    first = put(mark).values(tenant=tenant, scan=scan, at=to).on_conflict_do_nothing().returning(mark.c.at)
    on = update(mark).where(mark.c.tenant == tenant, mark.c.scan == scan, mark.c.at == seen).values(at=to)
    move = first if seen is None else on.returning(mark.c.at)
    return connection.execute(move).first() is not None
