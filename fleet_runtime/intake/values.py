"""What reading a file of signals gives: rows, remarks on what was left out or odd, and rejected rows.

Whatever a file holds comes out as one of the three; nothing here raises because of it.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple, get_args

from fleet_runtime.contracts import Value
from fleet_runtime.importing import DateOrder, Reject
from fleet_runtime.intake.columns import ColumnNames, SignalKind
from fleet_runtime.records import Moment
from fleet_runtime.records.book import AccountDetails, Invoice, Week

Matter = Literal[
    "cell", "column", "duplicate", "conflict", "order", "weekday", "future", "gap", "account", "late", "changed"
]
"""What a remark is about.

``cell``: a cell was left out. ``column``: a column was passed over, or is missing. ``duplicate``: a row stood there
before. ``conflict``: two rows say different things, the later one counts. ``order``: a row stood behind a later week
of its account. ``weekday``: a week was moved to its file's first day. ``future``: a week has not begun. ``gap``: weeks
are missing between others. ``account``: an account is in one kind of file only. ``late``: a week came after later ones
of an earlier import. ``changed``: a row replaces what an earlier import said.
"""
MATTERS: Final[tuple[Matter, ...]] = get_args(Matter)

SignalsRow = AccountDetails | Week | Invoice


class SignalsHow(Value):
    """What the caller knows about a file.

    ``source`` is its name, as figures cite it. ``now`` is the present moment; dates far behind it are taken for
    mistakes. ``at`` is when the accounts' details were exported, default now. ``kind`` and ``columns`` are told by the
    header and by the default names where they are left out; ``dates`` says how "03/04/2026" is meant.
    """

    source: str
    now: Moment
    at: Moment | None = None
    kind: SignalKind | None = None
    columns: ColumnNames = {}
    dates: DateOrder | None = None


class Taken(NamedTuple):
    """One row as it is to be kept, of an account; ``rows`` of the file became it, the first of them on ``line``."""

    account: str
    kind: SignalKind
    line: int
    rows: int
    row: SignalsRow


class Remark(NamedTuple):
    """Something that a person may want to know; so many ``pieces`` of the file are meant, the first on ``line``.

    ``file`` is named where it is not the one that is being read.
    """

    line: int
    matter: Matter
    says: str
    pieces: int = 1
    file: str = ""


SignalRead = Taken | Remark | Reject
