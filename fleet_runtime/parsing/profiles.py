"""Reads a profile's YAML into a `Profile`, and says all that is wrong with it. Knows no roles, opens no file.

Whether the seated classes exist is checked where role files are known. A profile says who is staffed and who
reports to whom, and nothing of what a role is: that is the role file's alone.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from fleet_runtime.contracts import Profile, Seat
from fleet_runtime.errors import ContractError
from fleet_runtime.parsing.complaints import Complaint, ComplaintBook
from fleet_runtime.parsing.names import is_class_name
from fleet_runtime.parsing.nodes import Fault, Mapping, Node, Scalar, Sequence
from fleet_runtime.parsing.plain_yaml import read_data

_KEYS: Final = ("id", "title", "description", "lead", "floor", "roster", "notes")
_NEEDED: Final = ("id", "title", "lead", "roster")
_SEAT_KEYS: Final = ("class", "reports_to", "multiplicity")
_OF_ROLES: Final = ("persistent_persona", "persistent", "reset_between_tasks", "persona", "mandate", "domain")
_MOST_SEATS: Final = 1000
_FORM: Final = "write a profile as profiles/customer.yaml does"


class ReadProfile(NamedTuple):
    """What came of reading: the profile, unless an error stands among the complaints."""

    profile: Profile | None
    complaints: tuple[Complaint, ...]


def parse_profile(text: str, *, source: str) -> Profile:
    """Read a profile that must be sound; see `read_profile`.

    Raises: ContractError with the first complaint's ``file:line``.
    """
    read = read_profile(text, source=source)
    if read.profile is not None:
        return read.profile
    first = read.complaints[0]
    raise ContractError(f"{first.code}: {first.message}", hint=first.hint, where=first.where)


def read_profile(text: str, *, source: str) -> ReadProfile:
    """Read one profile and say all that is wrong with it; on no text does it raise.

    Args:
        text: the file's text, YAML.
        source: the file's name for complaints.
    """
    book = ComplaintBook(source)
    root = read_data(text)
    profile = None
    if isinstance(root, Fault):
        book.add("bad-profile", root.line, root.message, _FORM)
    else:
        profile = _Reader(book).read(root)
    return ReadProfile(profile=None if book.broken else profile, complaints=book.entries())


class _Reader:
    """Reads one file's nodes; what is wrong is written down and left out, so that the rest is still looked at."""

    def __init__(self, book: ComplaintBook) -> None:
        self._book = book

    def read(self, root: Mapping) -> Profile | None:
        """Read the whole profile, or None where not even its shape holds."""
        given = self._entries(root, _KEYS, "the profile")
        for key in _NEEDED:
            if key not in given:
                message = f"the key {key!r} is missing"
                self._book.add("missing-profile-key", root.line, message, f"keys: {', '.join(_KEYS)}")
        seats = self._seats(given["roster"]) if "roster" in given else {}
        lead = self._seated(given["lead"], seats, "lead") if "lead" in given else None
        floor = [self._seated(item, seats, "floor") for item in self._list(given.get("floor"))]
        roster = [self._seat(name, entries, seats) for name, entries in seats.items()]
        self._check_lines_of_report(roster, seats)
        name = self._name(given["id"]) if "id" in given else None
        title, description, notes = (self._text(given.get(key)) for key in ("title", "description", "notes"))
        if self._book.broken or name is None or lead is None:
            return None
        return Profile(
            id=name,
            title=title,
            description=description,
            lead=lead,
            floor=tuple(one for one in floor if one),
            roster=tuple(roster),
            notes=notes,
            source=self._book.file,
        )

    def _seats(self, node: Node) -> dict[str, dict[str, Node]]:
        """Read the roster's entries by class; each class has one seat (``multiplicity`` says how many of it)."""
        seats: dict[str, dict[str, Node]] = {}
        items = self._list(node)
        for item in items:
            entries = self._entries(item, _SEAT_KEYS, "a seat")
            if "class" not in entries:
                if isinstance(item, Mapping):
                    self._book.add(
                        "missing-profile-key", item.line, "a seat without a class", "write - class: some-role"
                    )
                continue
            name = self._name(entries["class"])
            if name in seats:
                message = f"{name!r} is seated twice; the first is on line {seats[name]['class'].line}"
                hint = "use multiplicity for several of one class"
                self._book.add("duplicate-seat", entries["class"].line, message, hint)
            elif name is not None:
                seats[name] = entries
        if not items and isinstance(node, Sequence):
            self._book.add("bad-profile", node.line, "the roster is empty", "seat at least the lead")
        return seats

    def _seat(self, name: str, entries: dict[str, Node], seats: dict[str, dict[str, Node]]) -> Seat:
        """Build one seat."""
        above, many = entries.get("reports_to"), entries.get("multiplicity")
        count = self._text(many) if many else "1"
        if not count.isascii() or not count.isdigit() or not 1 <= int(count[:9]) <= _MOST_SEATS:
            message = f"multiplicity {count[:20]!r} is no count"
            hint = f"write a number from 1 to {_MOST_SEATS}"
            self._book.add("bad-multiplicity", (many or entries["class"]).line, message, hint)
            count = "1"
        return Seat(
            role_class=name,
            reports_to=self._seated(above, seats, "reports_to", "reports-to") if above else None,
            multiplicity=int(count),
        )

    def _check_lines_of_report(self, roster: list[Seat], seats: dict[str, dict[str, Node]]) -> None:
        """Complain of everyone who in the end reports to himself; of each circle once, at its first seat."""
        above = {seat.role_class: seat.reports_to for seat in roster if seat.reports_to}
        sound: set[str] = set()
        for start in above:
            walked: dict[str, None] = {}
            at: str | None = start
            while at is not None and at not in walked and at not in sound:
                walked[at] = None
                at = above.get(at)
            if at is not None and at in walked:
                circle = list(walked)[list(walked).index(at) :]
                first = min(circle, key=list(above).index)
                message = f"{first!r} reports to itself in a circle"
                hint = f"let the line end at the lead; the circle: {', '.join(sorted(circle))[:200]}"
                self._book.add("reports-to-cycle", seats[first]["reports_to"].line, message, hint)
            sound.update(walked)

    def _seated(self, node: Node, seats: dict[str, dict[str, Node]], what: str, code: str | None = None) -> str | None:
        """Return a class that must have a seat, or None after a complaint (a roster without seats has its own)."""
        name = self._name(node)
        if name is not None and seats and name not in seats:
            message = f"{what} {name!r} is not in the roster"
            hint = f"seat it, or name one who is: {', '.join(sorted(seats))[:200]}"
            self._book.add(f"{code or what}-outside-roster", node.line, message, hint)
            return None
        return name

    def _name(self, node: Node) -> str | None:
        """Return a value that must be a class name or id, or None after a complaint."""
        if not isinstance(node, Scalar):
            self._text(node)
            return None
        name = self._text(node)
        if not is_class_name(name):
            hint = "lower-case words joined by hyphens"
            self._book.add("bad-profile", node.line, f"{name[:40]!r} is no name", hint)
            return None
        return name

    def _text(self, node: Node | None) -> str:
        """Return a single value with single spaces."""
        if isinstance(node, Scalar):
            return " ".join(node.value.split())
        if node is not None:
            self._book.add("bad-profile", node.line, "a single value is wanted", "write it as key: value")
        return ""

    def _list(self, node: Node | None) -> tuple[Node, ...]:
        """Return the items of a list."""
        if isinstance(node, Sequence):
            return node.items
        if node is not None:
            self._book.add("bad-profile", node.line, "a list is wanted", "write one item a line, each behind - ")
        return ()

    def _entries(self, node: Node, known: tuple[str, ...], what: str) -> dict[str, Node]:
        """Return a mapping's known entries; ``key: null`` and empty values count as not given."""
        if not isinstance(node, Mapping):
            message = f"{what} must be keys with values"
            self._book.add("bad-profile", node.line, message, f"keys: {', '.join(known)}")
            return {}
        for key, _ in node.entries:
            if key.value not in known:
                message = f"unknown key {key.value[:40]!r} in {what}"
                self._book.add("unknown-profile-key", key.line, message, _hint_on(key.value, known))
        return {key.value: value for key, value in node.entries if key.value in known and not _absent(value)}


def _hint_on(key: str, known: tuple[str, ...]) -> str:
    """Say where an unknown key belongs, or which keys there are."""
    if key in _OF_ROLES or "persist" in key:
        return "delete it: only the role's own file says this, and that always wins over a profile"
    return f"known keys: {', '.join(known)}"


def _absent(node: Node) -> bool:
    """Tell whether a value is YAML's way of saying that nothing is given."""
    return isinstance(node, Scalar) and node.value in ("", "null", "~")
