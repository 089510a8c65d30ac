"""Kinds of columns that the databases know by different names, and times as whole numbers. Knows no table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import REAL, BigInteger, Double, Integer, LargeBinary, Text
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeDecorator, TypeEngine

Number: TypeEngine[float] = Double[float]().with_variant(REAL(), "sqlite")
"""A float of eight bytes: a STRICT table of SQLite knows it as REAL only."""

Blob: TypeEngine[bytes] = LargeBinary()

Wide: TypeEngine[int] = BigInteger().with_variant(Integer(), "sqlite")
"""A whole number of eight bytes."""

Words: TypeEngine[str] = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
"""A text that sorts by its bytes, whatever language the database was made for."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def micros(moment: datetime) -> int:
    """Return a time as microseconds since 1970 (UTC), exactly."""
    return (moment - _EPOCH) // _MICROSECOND


def moment_of(count: int) -> datetime:
    """Return the time of so many microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=count)


class Instant(TypeDecorator[datetime]):
    """An aware time, kept as microseconds since 1970."""

    impl = Wide
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: object) -> int | None:
        """Write it."""
        del dialect
        return None if value is None else micros(value)

    def process_result_value(self, value: int | None, dialect: object) -> datetime | None:
        """Read it."""
        del dialect
        return None if value is None else moment_of(value)
