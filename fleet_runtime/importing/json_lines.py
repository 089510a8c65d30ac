"""Reads JSON lines: one event a line, under its usual names. Learns nothing and looks nothing up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final, cast

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from fleet_runtime.importing.columns import parts_of
from fleet_runtime.importing.reads import LONGEST_BYTES, Draft, How, Read, Reject, checked, reject
from fleet_runtime.importing.streams import Line
from fleet_runtime.importing.times import Unreadable, read_moment
from fleet_runtime.records import Operation

_OPERATIONS: Final = TypeAdapter(tuple[Operation, ...])
_ROWS_OF_AN_EXPORT: Final = frozenset(("fact", "commitment", "digest", "turn"))


def read_json_lines(lines: Iterable[Line], how: How) -> Iterator[Read]:
    """Read each line that is not blank as one event."""
    for line in lines:
        if line.raw.strip():
            yield _read(line, how)


def object_of(line: Line) -> dict[str, object] | Reject:
    """Return the JSON object that a line holds."""
    if line.too_long:
        return reject(line.number, f"the line is longer than {LONGEST_BYTES:,} bytes: cut it into several", line.raw)
    try:
        found: object = from_json(line.raw)
    except ValueError as error:
        if line.raw.lstrip().startswith(b"[") and line.number == 1:
            return reject(1, "a list over several lines is not read: write one object a line (jq -c '.[]')", line.raw)
        why = str(error).replace(" at line 1 column", " at column")
        return reject(line.number, f"the line is no JSON ({why}): write one object a line", line.raw)
    if not isinstance(found, dict):
        return reject(line.number, "the line is no JSON object: write one object a line", line.raw)
    return cast("dict[str, object]", found)


def _read(line: Line, how: How) -> Read:
    """Read one line."""
    given = object_of(line)
    if isinstance(given, Reject):
        return given
    if given.get("row") in _ROWS_OF_AN_EXPORT:
        why = f"a {given['row']} is read only from a whole export, with its first line: import that file as it is"
        return reject(line.number, why, line.raw)
    names = parts_of(given)
    parts = {part: _plain(given[name]) for part, name in names.items() if part != "operations"}
    told = _told(parts, how)
    operations = _operations(given.get(names.get("operations", "")))
    wrong = next((one for one in (told, operations) if isinstance(one, Unreadable)), None)
    if wrong is not None or isinstance(told, Unreadable) or isinstance(operations, Unreadable):
        return reject(line.number, wrong.why if wrong else "", line.raw)
    text = "\n\n".join(part for part in (parts.get("subject", ""), parts.get("text", "")) if part)
    return checked(
        Draft(
            line=line.number,
            told=told,
            author=parts.get("author") or how.author,
            text=text,
            kind=parts.get("kind") or "note",
            id=parts.get("id", ""),
            operations=operations,
        )
    )


def _plain(value: object) -> str:
    """Return a value as text; whatever holds others counts as not given."""
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _told(parts: dict[str, str], how: How) -> datetime | Unreadable:
    """Return when it was said."""
    text = parts.get("at") or " ".join(part for part in (parts.get("date"), parts.get("time")) if part)
    if text:
        return read_moment(text, how.dates)
    return how.at or Unreadable("it has no date (at): give it one, or name the day with --at")


def _operations(given: object) -> tuple[Operation, ...] | Unreadable | None:
    """Read what the event is said to mean; None where that is left to its text."""
    if given is None:
        return None
    try:
        return _OPERATIONS.validate_python(given)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(step) for step in ("operations", *first["loc"]))
        return Unreadable(f"{where} is wrong ({first['msg']}): see docs/memory.md for their form")
