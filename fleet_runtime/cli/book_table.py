"""Puts the book's rows into a table that fits the terminal: words besides colours, one reason under each account."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from fleet_runtime.cli.printing import PIPE_WIDTH, one_line, rendered
from fleet_runtime.runtime.book_pages import BookRow, Renewal

_BARS: Final = "▁▂▃▄▅▆▇█"
_GAP: Final = "·"
_COLOURS: Final = {"high": "bold red", "medium": "yellow", "low": "cyan"}
_POOR, _FAIR = 40, 70  # below these a score is shown in red, in yellow
_WIDE: Final = 120  # columns from which on there is room for ARR and last contact
_ORDERING: Final = dict.fromkeys((0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))
"""Marks that turn the direction of writing: within a table they would move other cells about."""


class Column(NamedTuple):
    """One column: its head, what it says of a row, how wide it is (0: what is left is shared), when it is shown."""

    head: str
    cell: Callable[[BookRow], Text]
    width: int
    least: int = 0


def book_lines(rows: Sequence[BookRow], *, for_terminal: bool) -> Iterator[str]:
    """Yield the table, line by line: for a terminal within its width and coloured, else one whole line a row."""
    width = Console().width if for_terminal else PIPE_WIDTH
    columns = [column for column in (_COLUMNS if for_terminal else _PIPED) if width >= column.least]
    gaps = (0, 1, 0, 0) if for_terminal else (0, 1)
    table = Table(box=SIMPLE_HEAD if for_terminal else None, pad_edge=False, show_edge=False, padding=gaps)
    shared = max((width - sum(column.width + 2 for column in columns) + 2) // _shares(columns), _LEAST)
    for column in columns:
        fixed = (column.width or shared) if for_terminal else None
        table.add_column(column.head, no_wrap=True, overflow="ellipsis", width=fixed)
    for row in rows:
        table.add_row(*(column.cell(row) for column in columns))
    drawn = rendered(table, for_terminal=for_terminal)
    heads = len(drawn) - len(rows)
    yield from drawn[:heads]
    for row, line in zip(rows, drawn[heads:], strict=True):
        yield line
        if for_terminal and row.why:
            yield from rendered(_reason(row, width), for_terminal=True)


def summary(rows: Sequence[BookRow]) -> str:
    """Count the accounts of the book by how they fare, as of their day."""
    risks = Counter(row.risk.severity for row in rows if row.risk)
    unknown = sum(row.score is None for row in rows)
    said = [f"{risks[severity]} at {severity} risk" for severity in ("high", "medium", "low") if risks[severity]]
    said += [f"{unknown} without enough data"] if unknown else []
    quiet = sum(row.risk is None and row.score is not None for row in rows)
    said += [f"{quiet} without a risk"] if quiet else []
    return f"{len(rows)} account{'' if len(rows) == 1 else 's'} on {rows[0].on}: {', '.join(said)}"


def plain(text: str) -> str:
    """Bring foreign text onto one line, without controls and without marks that turn the direction of writing."""
    return one_line(text.translate(_ORDERING))


def sparkline(scores: Sequence[int | None]) -> str:
    """Draw scores of 0 to 100 as bars, each on the same scale; a dot where there is none."""
    return "".join(_GAP if score is None else _BARS[min(score * len(_BARS) // 101, 7)] for score in scores)


def health_words(score: int | None, trend: str) -> str:
    """Say a score and its trend."""
    if score is None:
        return "no data"
    return str(score) if trend == "unknown" else f"{score} {trend}"


def renewal_words(renewal: Renewal | None) -> str:
    """Say in how many days an account renews."""
    if renewal is None:
        return "?"
    return f"{renewal.days} d" if renewal.days >= 0 else f"{-renewal.days} d ago"


def money(row: BookRow) -> str:
    """Say an account's ARR."""
    return "" if row.arr is None else f"{row.arr:,.0f} {plain(row.currency)}".rstrip()


def _account(row: BookRow) -> Text:
    return Text(plain(row.company or row.account), style="bold" if row.risk else "")


def _account_id(row: BookRow) -> Text:
    return Text(plain(row.account))


def _health(row: BookRow) -> Text:
    return Text(health_words(row.score, row.trend), style=score_style(row.score))


def score_style(score: int | None) -> str:
    """Return the colour of a score; what is unknown is neither good nor bad."""
    if score is None:
        return "magenta"
    return "red" if score < _POOR else "yellow" if score < _FAIR else "green"


def severity_style(severity: str) -> str:
    """Return the colour of a severity."""
    return _COLOURS.get(severity, "")


def _weeks(row: BookRow) -> Text:
    return Text(sparkline(row.history))


def _renews(row: BookRow) -> Text:
    return Text(renewal_words(row.renewal))


def _open(row: BookRow) -> Text:
    late = f", {row.overdue} late" if row.overdue else ""
    return Text(f"{row.commitments}{late}", style="yellow" if late else "")


def _next(row: BookRow) -> Text:
    coming = row.next_motion
    return Text(f"{coming.due:%m-%d} {plain(coming.motion)}" if coming else "")


def _next_in_full(row: BookRow) -> Text:
    coming = row.next_motion
    return Text(f"{coming.due} {plain(coming.motion)}" if coming else "")


def _risk(row: BookRow) -> Text:
    return Text(row.risk.severity, style=severity_style(row.risk.severity)) if row.risk else Text("")


def _arr(row: BookRow) -> Text:
    return Text(money(row))


def _contact(row: BookRow) -> Text:
    return Text(f"{row.last_contact:%Y-%m-%d}" if row.last_contact else "never")


def _why(row: BookRow) -> Text:
    return Text(plain(row.why))


def _reason(row: BookRow, width: int) -> Text:
    """Put the reason on a line of its own, cut where the terminal ends."""
    reason = Text(f"  {plain(row.why)}", style="dim", no_wrap=True, overflow="ellipsis")
    reason.truncate(width, overflow="ellipsis")
    return reason


_LEAST: Final = 8
_COLUMNS: Final = (
    Column("account", _account, 0),
    Column("health", _health, 9),
    Column("12 weeks", _weeks, 12),
    Column("renews", _renews, 8),
    Column("open", _open, 9),
    Column("next", _next, 0),
    Column("risk", _risk, 6),
    Column("ARR", _arr, 13, _WIDE),
    Column("spoken", _contact, 10, _WIDE),
)
_PIPED: Final = (
    Column("account", _account_id, 0),
    Column("company", _account, 0),
    Column("health", _health, 0),
    Column("12 weeks", _weeks, 0),
    Column("renews", _renews, 0),
    Column("open", _open, 0),
    Column("next", _next_in_full, 0),
    Column("risk", _risk, 0),
    Column("ARR", _arr, 0),
    Column("spoken", _contact, 0),
    Column("why", _why, 0),
)


def _shares(columns: Sequence[Column]) -> int:
    """Count the columns that share what is left."""
    return sum(not column.width for column in columns) or 1
