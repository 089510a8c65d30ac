"""Reads a profile's YAML into a `Profile`. Knows no roles: whether the classes exist is checked when staffing."""

from __future__ import annotations

from typing import Final, NoReturn

from fleet_runtime.contracts import Profile, Seat
from fleet_runtime.errors import ContractError
from fleet_runtime.parsing.names import is_class_name
from fleet_runtime.parsing.nodes import Fault, Mapping, Node, Scalar, Sequence

_KEYS: Final = ("id", "title", "description", "lead", "floor", "roster", "notes")
_SEAT_KEYS: Final = ("class", "reports_to", "multiplicity")
_MOST_SEATS: Final = 1000


def parse_profile(text: str, *, source: str) -> Profile:
    """Read one profile.

    Raises: ContractError with ``file:line`` for bad YAML, unknown or missing keys, a lead, floor or
        ``reports_to`` outside the roster, a class seated twice, or a circle of ``reports_to``.
    """
    return _Reader(source).read(text)


class _Reader:
    """Reads one file; every complaint ends the reading."""

    def __init__(self, source: str) -> None:
        self._source = source

    def read(self, text: str) -> Profile:
        """Read the whole profile and check that it holds together."""
        from fleet_runtime.parsing.yamldata import read_yaml  # noqa: PLC0415 -- loads PyYAML only when it is needed

        root = read_yaml(text)
        if isinstance(root, Fault):
            self._refuse(root.line, root.message, "write a profile as profiles/customer.yaml does")
        given = self._entries(root, _KEYS, "the profile")
        for key in ("id", "title", "lead", "roster"):
            if key not in given:
                self._refuse(root.line, f"the key {key!r} is missing", f"keys: {', '.join(_KEYS)}")
        seats = self._seats(given["roster"])
        classes = {name.value for name, _ in seats}
        lead = self._seated(given["lead"], classes, "lead")
        floor = tuple(self._seated(item, classes, "floor") for item in self._list(given.get("floor")))
        self._check_lines_of_report(seats, classes)
        return Profile(
            id=self._name(given["id"]),
            title=self._text(given["title"]),
            description=self._text(given.get("description")),
            lead=lead,
            floor=floor,
            roster=tuple(self._seat(name, entries) for name, entries in seats),
            notes=self._text(given.get("notes")),
            source=self._source,
        )

    def _seats(self, node: Node) -> list[tuple[Scalar, dict[str, Node]]]:
        """Read the roster's entries; each class has one seat (``multiplicity`` says how many of it)."""
        seats: list[tuple[Scalar, dict[str, Node]]] = []
        for item in self._list(node):
            entries = self._entries(item, _SEAT_KEYS, "a seat")
            name = entries.get("class")
            if name is None:
                self._refuse(item.line, "a seat without a class", "write - class: some-role")
            scalar = Scalar(self._name(name), name.line)
            if any(other.value == scalar.value for other, _ in seats):
                self._refuse(
                    scalar.line, f"{scalar.value!r} is seated twice", "use multiplicity for several of one class"
                )
            seats.append((scalar, entries))
        if not seats:
            self._refuse(node.line, "the roster is empty", "seat at least the lead")
        return seats

    def _seat(self, name: Scalar, entries: dict[str, Node]) -> Seat:
        """Build one seat."""
        reports_to = entries.get("reports_to")
        many = entries.get("multiplicity")
        count = self._text(many) if many else "1"
        if not count.isascii() or not count.isdigit() or not 1 <= int(count[:9]) <= _MOST_SEATS:
            line = many.line if many else name.line
            self._refuse(line, f"multiplicity {count[:20]!r} is no count", f"write a number from 1 to {_MOST_SEATS}")
        return Seat(
            role_class=name.value,
            reports_to=self._name(reports_to) if reports_to else None,
            multiplicity=int(count),
        )

    def _check_lines_of_report(self, seats: list[tuple[Scalar, dict[str, Node]]], classes: set[str]) -> None:
        """Refuse a superior outside the roster, and anyone who in the end reports to himself."""
        above = {
            name.value: (self._seated(entries["reports_to"], classes, "reports_to"), entries["reports_to"].line)
            for name, entries in seats
            if "reports_to" in entries
        }
        for start, (_, line) in above.items():
            at, steps = start, 0
            while at in above and steps <= len(above):
                at, steps = above[at][0], steps + 1
                if at == start:
                    self._refuse(line, f"{start!r} reports to itself in a circle", "let the circle end at the lead")

    def _seated(self, node: Node, classes: set[str], what: str) -> str:
        """Return a class that must have a seat."""
        name = self._name(node)
        if name not in classes:
            self._refuse(
                node.line, f"{what} {name!r} is not in the roster", f"seated are: {', '.join(sorted(classes))}"
            )
        return name

    def _name(self, node: Node) -> str:
        """Return a value that must be a class name or id."""
        name = self._text(node)
        if not is_class_name(name):
            self._refuse(node.line, f"{name[:40]!r} is no name", "lower-case words joined by hyphens")
        return name

    def _text(self, node: Node | None) -> str:
        """Return a single value with single spaces."""
        if node is None:
            return ""
        if not isinstance(node, Scalar):
            self._refuse(node.line, "a single value is wanted", "write it as key: value")
        return " ".join(node.value.split())

    def _list(self, node: Node | None) -> tuple[Node, ...]:
        """Return the items of a list."""
        if node is None:
            return ()
        if not isinstance(node, Sequence):
            self._refuse(node.line, "a list is wanted", "write one item a line, each behind - ")
        return node.items

    def _entries(self, node: Node, known: tuple[str, ...], what: str) -> dict[str, Node]:
        """Return a mapping's entries, all of them known; ``key: null`` and empty values count as not given."""
        if not isinstance(node, Mapping):
            self._refuse(node.line, f"{what} must be keys with values", f"keys: {', '.join(known)}")
        for key, _ in node.entries:
            if key.value not in known:
                self._refuse(key.line, f"unknown key {key.value[:40]!r} in {what}", f"known keys: {', '.join(known)}")
        return {key.value: value for key, value in node.entries if not _absent(value)}

    def _refuse(self, line: int, message: str, hint: str) -> NoReturn:
        """End the reading with the place in front."""
        raise ContractError(message, hint=hint, where=f"{self._source}:{line}")


def _absent(node: Node) -> bool:
    """Tell whether a value is YAML's way of saying that nothing is given."""
    return isinstance(node, Scalar) and node.value in ("", "null", "~")
