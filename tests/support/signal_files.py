"""Reads files of signals as an import does, from text, and a theme reader that knows two words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from fleet_runtime.importing import DateOrder, Reject, as_utf8, numbered_lines
from fleet_runtime.intake import ColumnNames, Remark, SignalKind, SignalRead, SignalsHow, Taken, read_signals
from fleet_runtime.ports import Vector
from fleet_runtime.records.book import Invoice, Week

NOVEMBER = datetime(2026, 11, 27, 9, tzinfo=UTC)


class TwoThemes:
    """Finds a theme by its word; remembers whether vectors came with the texts."""

    def __init__(self, encoder: str = "lengths") -> None:
        self.encoder = encoder
        self.asked: list[str] = []

    def beliefs_of(self, texts: Sequence[str], vectors: Sequence[Vector] | None = None) -> list[dict[str, float]]:
        assert vectors is None or len(vectors) == len(texts)
        self.asked += texts
        return [{word: 0.9 for word in ("champion", "price") if word in text.casefold()} for text in texts]


def signals_in(  # noqa: PLR0913 - what a caller may know about a file
    given: str | bytes,
    *,
    kind: SignalKind | None = None,
    columns: ColumnNames | None = None,
    dates: DateOrder | None = None,
    at: datetime | None = None,
    now: datetime = NOVEMBER,
) -> list[SignalRead]:
    """Read a file."""
    raw = given if isinstance(given, bytes) else given.encode()
    how = SignalsHow(source="f.csv", now=now, at=at, kind=kind, columns=columns or {}, dates=dates)
    return list(read_signals(numbered_lines(as_utf8([raw])), how))


def rows(reads: list[SignalRead]) -> list[Taken]:
    return [read for read in reads if isinstance(read, Taken)]


def weeks(reads: list[SignalRead]) -> dict[tuple[str, str], Week]:
    return {(one.account, str(one.row.start)): one.row for one in rows(reads) if isinstance(one.row, Week)}


def invoices(reads: list[SignalRead]) -> dict[str, Invoice]:
    return {one.row.number: one.row for one in rows(reads) if isinstance(one.row, Invoice)}


def rejects(reads: list[SignalRead]) -> list[tuple[int, str]]:
    return [(read.line, read.why) for read in reads if isinstance(read, Reject)]


def remarks(reads: list[SignalRead], matter: str = "") -> list[tuple[int, str]]:
    return [
        (read.line, read.says) for read in reads if isinstance(read, Remark) and (not matter or read.matter == matter)
    ]
