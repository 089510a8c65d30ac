"""The columns of the three kinds of signals: their names, which are needed, and how a file's header gives them.

Letter case and marks in a header do not count. A file's own names are told by a small YAML mapping, per kind.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, Literal, NamedTuple, get_args

from fleet_runtime.errors import SettingError
from fleet_runtime.importing.columns import parts_of, plain_name
from fleet_runtime.parsing import nodes

SignalKind = Literal["accounts", "weekly", "invoices"]
KINDS: Final[tuple[SignalKind, ...]] = get_args(SignalKind)

ColumnNames = Mapping[SignalKind, Mapping[str, str]]
"""By kind: our name of a column, and the file's."""

COLUMNS: Final[Mapping[SignalKind, tuple[str, ...]]] = {
    "accounts": (
        *("account_id", "company", "industry", "segment", "arr", "seats", "renewal_date", "csm", "go_live_date"),
        *("champion", "exec_sponsor"),
    ),
    "weekly": (
        *("account_id", "week_start", "active_users", "seats_active", "logins", "key_feature_uses", "top_user_share"),
        *("tickets_opened", "p1_open", "nps", "nps_responses", "csat", "csat_responses", "invoices_overdue", "event"),
        *("feature", "uses"),
    ),
    "invoices": ("account_id", "number", "issued", "due", "paid", "amount", "currency"),
}
OPEN_NAMES: Final[Mapping[SignalKind, re.Pattern[str]]] = {
    "accounts": re.compile(r"arr_[a-z]{3}"),
    "weekly": re.compile(r"uses_\w{1,80}"),
    "invoices": re.compile(r"amount_[a-z]{3}"),
}
"""Names besides these: of a currency, or of a feature."""
_OPEN_SAID: Final = {"accounts": "arr_eur, arr_usd …", "weekly": "uses_<feature>", "invoices": "amount_eur …"}
_NEEDED: Final[Mapping[SignalKind, tuple[str, ...]]] = {
    "accounts": ("account_id",),
    "weekly": ("account_id", "week_start"),
    "invoices": ("account_id", "number", "issued"),
}
_TOLD_IN_ORDER: Final[tuple[SignalKind, ...]] = ("weekly", "invoices", "accounts")
_SHOWN: Final = 12


class Layout(NamedTuple):
    """Where a file has what: ``columns`` by our names; ``ignored`` are the file's further names.

    ``absent`` are names of the mapping (ours, the file's) that the file has not.
    """

    kind: SignalKind
    columns: Mapping[str, int]
    width: int
    ignored: tuple[str, ...] = ()
    absent: tuple[tuple[str, str], ...] = ()


def read_columns(text: str, *, source: str) -> ColumnNames:
    """Read a mapping of column names: for each kind our name and the file's.

    Args:
        text: YAML such as ``weekly: {account_id: Customer, active_users: WAU}``.
        source: the file's name, for the error.

    Raises: SettingError for a kind or a name that is not known, with those that are.
    """
    from fleet_runtime.parsing.yamldata import read_yaml  # noqa: PLC0415 - loads PyYAML, which few imports need

    root = read_yaml(text)
    if isinstance(root, nodes.Fault):
        raise SettingError(
            f"{source}:{root.line}: {root.message}", hint="write a mapping for each kind, such as weekly: nps: NPS"
        )
    found: dict[SignalKind, dict[str, str]] = {}
    kinds: dict[str, SignalKind] = {kind: kind for kind in KINDS}
    for name, inner in root.entries:
        kind = kinds.get(name.value)
        if kind is None or not isinstance(inner, nodes.Mapping):
            raise SettingError(
                f"{source}:{name.line}: {name.value!r} is no kind of signals with its columns",
                hint=f"kinds are {', '.join(KINDS)}; below each stands our name: the file's name",
            )
        found[kind] = dict(_mapped(kind, ours, theirs, source) for ours, theirs in inner.entries)
    return found


def laid_out(names: Sequence[str], kind: SignalKind | None, columns: ColumnNames) -> Layout | str:
    """Find a header's columns, or say what is missing and what to do.

    Args:
        names: the header's cells.
        kind: what the file is; None tells it by the header.
        columns: the file's own names.
    """
    kinds = (kind,) if kind else _TOLD_IN_ORDER
    problems: list[str] = []
    for one in kinds:
        layout = _found(names, one, columns.get(one, {}))
        missing = _missing(layout)
        if not missing:
            return layout
        problems.append(missing)
    there = ", ".join(name.strip() for name in names[:_SHOWN])
    if kind:
        return f"a file of {kind} needs {problems[0]} (there are: {there}): name the file's columns with --columns"
    parts = parts_of(names)
    if "text" in parts and not parts.keys().isdisjoint(("at", "date")):
        return f"these are events, not signals (there are: {there}): take them in with fleet memory import ACCOUNT"
    needs = "; ".join(f"{one}: {', '.join(_NEEDED[one])}" for one in KINDS)
    return f"the columns tell no kind of signals (there are: {there}; needed are {needs}): say --kind, --columns"


def known_names(names: Sequence[str], columns: ColumnNames) -> int:
    """Return how many of a header's names are known in the kind that knows most of them."""
    return max(len(_found(names, kind, columns.get(kind, {})).columns) for kind in KINDS)


def _found(names: Sequence[str], kind: SignalKind, mapped: Mapping[str, str]) -> Layout:
    """Find the columns of one kind; a name of the mapping goes before the default one."""
    plain: dict[str, int] = {}
    for index, name in enumerate(names):
        plain.setdefault(plain_name(name), index)
    theirs = {ours: plain[plain_name(name)] for ours, name in mapped.items() if plain_name(name) in plain}
    taken = set(theirs.values())
    for name, index in plain.items():
        known = name in COLUMNS[kind] or OPEN_NAMES[kind].fullmatch(name)
        if known and name not in theirs and index not in taken:
            theirs[name] = index
    if not {"feature", "uses"} <= theirs.keys():
        theirs.pop("feature", None)
        theirs.pop("uses", None)
    used = set(theirs.values())
    ignored = tuple(name.strip() for index, name in enumerate(names) if index not in used and name.strip())
    absent = tuple((ours, name) for ours, name in mapped.items() if ours not in theirs)
    return Layout(kind, theirs, len(names), ignored, absent)


def _missing(layout: Layout) -> str:
    """Say which columns a kind lacks, or nothing."""
    missing = [name for name in _NEEDED[layout.kind] if name not in layout.columns]
    if layout.kind == "accounts" and len(layout.columns) <= len(_NEEDED["accounts"]):
        missing.append("one more column")
    if layout.kind == "invoices" and not any(name.startswith("amount") for name in layout.columns):
        missing.append("amount")
    return ", ".join(missing)


def _mapped(kind: SignalKind, ours: nodes.Scalar, theirs: nodes.Node, source: str) -> tuple[str, str]:
    """Read one entry of a mapping.

    Raises: SettingError.
    """
    name = plain_name(ours.value)
    if name not in COLUMNS[kind] and not OPEN_NAMES[kind].fullmatch(name):
        raise SettingError(
            f"{source}:{ours.line}: {kind} has no column {ours.value!r}",
            hint=f"known are {', '.join(COLUMNS[kind])}, {_OPEN_SAID[kind]}",
        )
    if not isinstance(theirs, nodes.Scalar) or not plain_name(theirs.value):
        raise SettingError(
            f"{source}:{ours.line}: {ours.value!r} is not told one column of the file",
            hint="write our name: the file's",
        )
    return name, theirs.value
