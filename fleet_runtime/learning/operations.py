"""Take an event at its caller's word: its ``operations`` become facts and commitments without its text being read.

What cannot be right (a value without a key, a due day that is no day) is refused before anything is
kept, for a caller's mistake would stand as a fact for years. Pure.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import date

from fleet_runtime.errors import MessageError
from fleet_runtime.learning.ledger import Ledger
from fleet_runtime.learning.promises import Promises
from fleet_runtime.records import Commitment, Event, Fact, Operation

_NEEDS: dict[str, tuple[str, ...]] = {
    "set": ("key", "value"),
    "retract": ("key",),
    "correct": ("key",),
    "commit": ("task",),
    "close": ("task",),
    "qbr": (),
}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")


def check_operations(event: Event) -> None:
    """Refuse operations that cannot be right.

    Raises: MessageError naming the event and the operation (counted from 1).
    """
    for number, operation in enumerate(event.operations or (), start=1):
        wrong = _wrong_with(operation)
        if wrong:
            what, hint = wrong
            raise MessageError(f"event {event.id!r}, operation {number} ({operation.op}): {what}", hint=hint)


def apply_operations(event: Event, ledger: Ledger, promises: Promises) -> None:
    """Do what an event's operations say, in their order, in the account's ledger and its promises.

    Facts get the id ``{event.id}:{key}`` (a second one of that key ``:2``), no quote, and full confidence.

    Args:
        event: The event; its operations have passed `check_operations`.
        ledger: The account's facts; a fact whose id it has is passed over.
        promises: The account's commitments.
    """
    numbers: Counter[str] = Counter()
    for operation in event.operations or ():
        name = operation.key.strip() or "commitment"
        numbers[name] += operation.op in {"set", "retract", "correct", "commit"}
        row_id = f"{event.id}:{name}" + (f":{numbers[name]}" if numbers[name] > 1 else "")
        match operation.op:
            case "set" | "retract" | "correct":
                if row_id not in ledger:
                    _state(_fact(event, operation, row_id), operation, ledger)
            case "commit":
                promises.make(_commitment(event, operation, row_id))
            case "close":
                promises.close(operation.task, event, owner=operation.owner)
            case "qbr":
                pass


def _state(fact: Fact, operation: Operation, ledger: Ledger) -> None:
    """Set, retract or correct one value; where nothing stands, the corrected value holds from now on."""
    held = ledger.holding(fact.subject, fact.key, fact.at) if operation.op == "correct" else None
    if held is not None and held.value is not None:
        ledger.correct(held, fact)
    elif operation.op != "correct" or fact.value is not None:
        ledger.add(fact)


def _fact(event: Event, operation: Operation, row_id: str) -> Fact:
    """Write an operation as a fact of its event; a retraction has no value."""
    value = None if operation.op == "retract" or operation.value is None else " ".join(operation.value.split())
    start = None if operation.op == "correct" else operation.valid_from
    return Fact(
        id=row_id,
        subject=operation.subject.strip() or "account",
        key=operation.key.strip(),
        value=value,
        event_id=event.id,
        author=event.author,
        at=event.at,
        valid_from=start or event.at,
        known_from=event.at,
    )


def _commitment(event: Event, operation: Operation, row_id: str) -> Commitment:
    """Write a promise; who is not named promised it as the event's author."""
    return Commitment(
        id=row_id,
        task=" ".join(operation.task.split()),
        owner=operation.owner.strip() or event.author,
        to=operation.to.strip(),
        due=operation.due.strip(),
        event_id=event.id,
        at=event.at,
    )


def _wrong_with(operation: Operation) -> tuple[str, str] | None:
    """Say what is wrong with an operation and what to do, or None."""
    for name in _NEEDS[operation.op]:
        if not str(getattr(operation, name) or "").strip():
            return f"it has no {name}", f"a {operation.op} needs {' and '.join(_NEEDS[operation.op])}"
    if operation.value is not None and not operation.value.strip():
        return "its value is empty", "retract a key that has no value any more"
    if "#" in operation.key:
        return f"the key {operation.key!r} holds a #", "a key is a plain name: the # marks further versions of a row"
    texts = (operation.subject, operation.key, operation.value or "", operation.task, operation.owner, operation.to)
    if any("\x00" in text for text in texts):
        return "a text holds a NUL character", "take it out"
    if operation.due.strip() and not _is_day(operation.due.strip()):
        return f"the due day {operation.due!r} is no day", "write it as 2027-03-31, or leave it empty"
    return None


def _is_day(text: str) -> bool:
    """Tell whether a text is an ISO date that exists."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return _DAY.match(text) is not None
