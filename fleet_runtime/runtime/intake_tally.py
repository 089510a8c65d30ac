"""Counts what an import of signals did, and keeps the first of what was rejected or odd. Reads and stores nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from fleet_runtime.contracts import Value
from fleet_runtime.importing import Reject
from fleet_runtime.intake import KINDS, Matter, Remark, RowCounts, SignalKind, SignalRead, Taken

KEPT: Final = 1000
"""How many rejects, and how many warnings of one matter, are kept with their words."""
_NAMED: Final = 12


class RejectedRow(Value, defer_build=True):
    """A row, or a whole file, that was not taken: where, why and what to do, and how it looks."""

    file: str
    line: int
    why: str
    text: str = ""


class SignalsWarning(Value, defer_build=True):
    """Something left out or odd; ``line`` is 0 and ``file`` empty where no single one is meant."""

    file: str
    line: int
    matter: Matter
    says: str


class FileTaken(Value, defer_build=True):
    """One file: what it was found to be (None where nothing of it could be read), its rows taken and rejected."""

    file: str
    kind: SignalKind | None = None
    rows: int = 0
    rejected: int = 0


class SignalsImported(Value, defer_build=True):
    """What an import of signals did.

    ``kinds`` counts rows by kind; ``accounts`` how many accounts they are of. ``noted`` counts the warnings by matter,
    ``warnings`` holds the first of each, as ``rejects`` does of the ``rejected`` rows.
    """

    files: tuple[FileTaken, ...] = ()
    accounts: int = 0
    kinds: dict[SignalKind, RowCounts] = {}
    rejected: int = 0
    rejects: tuple[RejectedRow, ...] = ()
    noted: dict[Matter, int] = {}
    warnings: tuple[SignalsWarning, ...] = ()

    @property
    def read(self) -> int:
        """Return how many rows were read and taken."""
        return sum(one.read for one in self.kinds.values())

    @property
    def new(self) -> int:
        """Return how many weeks, invoices and details are new."""
        return sum(one.new for one in self.kinds.values())

    @property
    def same(self) -> int:
        """Return how many were known already."""
        return sum(one.same for one in self.kinds.values())

    @property
    def changed(self) -> int:
        """Return how many say otherwise than what was stored."""
        return sum(one.changed for one in self.kinds.values())

    def told(self) -> dict[str, object]:
        """Return everything in the form that other programs rely on."""
        sums = {"read": self.read, "new": self.new, "same": self.same, "changed": self.changed}
        return {**sums, **self.model_dump(mode="json")}


class Tally:
    """Counts while an import goes on."""

    def __init__(self) -> None:
        """Begin at nothing."""
        self._kinds: dict[str, SignalKind | None] = {}
        self._rows: Counter[str] = Counter()
        self._rejected: Counter[str] = Counter()
        self._counts: dict[SignalKind, RowCounts] = {}
        self._rejects: list[RejectedRow] = []
        self._noted: Counter[Matter] = Counter()
        self._kept: Counter[Matter] = Counter()
        self._warnings: list[SignalsWarning] = []
        self._accounts = 0
        self._strangers: list[str] = []
        self._silent: list[str] = []

    def rows(self, file: str, reads: Iterable[SignalRead]) -> Iterator[Taken]:
        """Give the rows of a file, and count what else is read."""
        self._file(file)
        for read in reads:
            if isinstance(read, Reject):
                self.reject(file, read)
            elif isinstance(read, Remark):
                self.remark(file, read)
            else:
                self._rows[file] += read.rows
                self._kinds[file] = read.kind
                yield read

    def reject(self, file: str, reject: Reject) -> None:
        """Count what was not taken."""
        self._file(file)
        self._rejected[file] += 1
        if len(self._rejects) < KEPT:
            self._rejects.append(RejectedRow(file=file, line=reject.line, why=reject.why, text=reject.text))

    def remark(self, file: str, remark: Remark) -> None:
        """Count what was odd."""
        self._noted[remark.matter] += remark.pieces
        self._kept[remark.matter] += 1
        if self._kept[remark.matter] <= KEPT:
            warning = SignalsWarning(
                file=remark.file or file, line=remark.line, matter=remark.matter, says=remark.says
            )  # fmt: skip
            self._warnings.append(warning)

    def account(self, counts: Mapping[SignalKind, RowCounts], remarks: Sequence[Remark]) -> None:
        """Count an account whose rows are kept."""
        self._accounts += 1
        for kind, more in counts.items():
            self._counts[kind] = _sum(self._counts.get(kind, RowCounts()), more)
        for remark in remarks:
            self.remark("", remark)

    def strange(self, account: str) -> None:
        """Note an account with signals, of which no details are known."""
        self._strangers.append(account)

    def silent(self, account: str) -> None:
        """Note an account with details, of which no week is known."""
        self._silent.append(account)

    def imported(self) -> SignalsImported:
        """Return the counts; accounts without weeks are told where weeks were among the files."""
        self._tell_accounts(self._strangers, "no file of accounts has told of")
        if "weekly" in self._kinds.values():
            self._tell_accounts(self._silent, "no weeks are known of")
        return SignalsImported(
            files=tuple(
                FileTaken(file=file, kind=kind, rows=self._rows[file], rejected=self._rejected[file])
                for file, kind in self._kinds.items()
            ),
            accounts=self._accounts,
            kinds={kind: self._counts[kind] for kind in KINDS if self._counts.get(kind, RowCounts()) != RowCounts()},
            rejected=self._rejected.total(),
            rejects=tuple(self._rejects),
            noted=dict(self._noted),
            warnings=tuple(self._warnings),
        )

    def _file(self, file: str) -> None:
        """Begin to count a file."""
        self._kinds.setdefault(file, None)

    def _tell_accounts(self, accounts: Sequence[str], says: str) -> None:
        """Warn of accounts that are in one kind of file only."""
        if not accounts:
            return
        more = f" and {len(accounts) - _NAMED} more" if len(accounts) > _NAMED else ""
        self.remark("", Remark(0, "account", f"{says} {', '.join(accounts[:_NAMED])}{more}", len(accounts)))


def _sum(one: RowCounts, other: RowCounts) -> RowCounts:
    """Add counts."""
    return RowCounts(
        read=one.read + other.read,
        new=one.new + other.new,
        same=one.same + other.same,
        changed=one.changed + other.changed,
    )
