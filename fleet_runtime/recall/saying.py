"""Say remembered things in plain sentences, with their values as people write them. Ranks nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

from fleet_runtime.contracts import MemoryKey, MemoryKind
from fleet_runtime.dates import say_date
from fleet_runtime.lexical import words
from fleet_runtime.records import Commitment, Event, Fact, Recalled

_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_LONG_NUMBER = re.compile(r"(?<![\d.])\d{4,}(?![\d.]*\d)")


def say_value(value: str, kind: MemoryKind) -> str:
    """Say a stored value as people write it: "31 March 2027", "1,200", "EUR 48,000"; else as it stands."""
    if kind == "date" and _ISO_DAY.match(value):
        return say_day(value)
    if kind in {"count", "money"}:
        return _LONG_NUMBER.sub(lambda match: f"{int(match.group()):,}", value)
    return value


def say_day(iso: str) -> str:
    """Say an ISO day ("2027-03-31") in plain words; what is no such day stays as it is."""
    try:
        return say_date(date.fromisoformat(iso))
    except ValueError:
        return iso


def find_key(keys: Iterable[MemoryKey], name: str) -> MemoryKey | None:
    """Return the declared key of that name, or None."""
    return next((key for key in keys if key.name == name), None)


def say_fact(fact: Fact, keys: Sequence[MemoryKey]) -> str:
    """Say a fact through its key's sentence; a key that no role declares is said by its name.

    The subject is named where it is neither the account nor only the value's own words. A retraction
    says that nothing is known to hold any more.
    """
    key = find_key(keys, fact.key)
    name = fact.key.replace("_", " ")
    if fact.value is None:
        return f"The {name} is no longer known."
    value = say_value(fact.value, key.kind if key else "text")
    said = key.say(value) if key else f"The {name} is {value}."
    about_account = fact.subject == "account" or set(words(fact.subject)) <= set(words(fact.value))
    return said if about_account else f"{fact.subject}: {said}"


def say_commitment(commitment: Commitment) -> str:
    """Say who promised what to whom, and by when."""
    to = f" to {commitment.to}" if commitment.to else ""
    due = f", due {say_day(commitment.due)}" if commitment.due else ""
    return f"Promised by {commitment.owner}{to}: {commitment.task.rstrip('.')}{due}."


def source_of(item: Event | Fact | Commitment | Recalled) -> str:
    """Say where something comes from: "Dana Whitfield, 12 January 2027"."""
    author = item.owner if isinstance(item, Commitment) else item.author
    return f"{author}, {say_date(item.at.date())}"
