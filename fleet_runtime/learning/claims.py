"""Which of two people's claims counts, and which claims contradict each other. Pure; decides nothing silently.

Told later is not told better: where a text states another value than somebody else stated shortly before,
and names no change, the two claims contradict. Then authority decides, and among equals the later word.
The loser is kept and can be shown.

* a record (a contract, an order, an invoice, the CRM, billing, usage) counts more than
* a person who holds a place on the account (the champion, the sponsor, the CSM), who counts more than
* anyone else.

What was set by operations is no claim: the caller has judged. Moods and scores do not contradict: each
is true of its day. How many use it is such a reading too: two may be shown as contradicting, but the
older one never bars the newer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from fleet_runtime.learning.ledger import Ledger, first_name, same_value
from fleet_runtime.learning.names import is_name, same_person
from fleet_runtime.lexical import words
from fleet_runtime.records import Contradiction, Fact

KindOf = Callable[[str], str]
"""Gives the kind of an event by its id, or an empty text where it is not known."""

_WITHIN = timedelta(days=45)
_RECORDS = frozenset({"contract", "order", "invoice", "crm", "billing", "usage"})
_MOODS = ("sentiment", "mood", "health", "nps", "satisfaction")
_READINGS = ("active", "usage", "adoption")
_CHANGE = re.compile(
    r"\b(?:now|new|newly|anymore|any more|no longer|instead|since|until|till|as of|effective|from|used to|was|were|"
    r"chang\w*|mov\w+|switch\w*|replac\w*|t(?:ak|ook)\w* over|t(?:ak|ook)\w* on|hand\w* over|pass\w+ to|step\w+|"
    r"went|goes|going|gone|grew|grow\w*|r(?:ise|ose|isen|ising)|rais\w+|increas\w+|expand\w*|add\w*|up(?:graded|graded|sized)?|"
    r"drop\w*|cut\w*|reduc\w+|decreas\w+|shr[aiu]nk\w*|down(?:graded|sized)?|lower\w*|fell|fall\w*|trim\w*|"
    r"extend\w*|postpon\w+|push\w+|bring|brought|reschedul\w+|sign\w*|agreed|decided|settled|bec[ao]m\w+|"
    r"correct\w*|mistak\w+|misread|wrong|sorry|actually|not|never|all along|always)\b",
    re.IGNORECASE,
)


def names_change(fact: Fact) -> bool:
    """Tell whether a statement says that something changed, or was corrected, or since when it holds.

    One without a quote was set by its caller, who has judged that it changed.
    """
    return not fact.quote or fact.valid_from != fact.at or _CHANGE.search(fact.quote) is not None


def contradict(held: Fact, new: Fact) -> bool:
    """Tell whether a new statement contradicts the believed one, rather than following it."""
    return (
        (held.subject, held.key) == (new.subject, new.key)
        and held.value is not None
        and new.value is not None
        and not same_value(held.value, new.value)
        and not same_person(held.author, new.author)
        and abs(new.at - held.at) <= _WITHIN
        and not names_change(new)
        and not _named(new.key, _MOODS)
    )


def authority(fact: Fact, places: Iterable[str], kind_of: KindOf) -> int:
    """Weigh who says it: 2 a record, 1 who holds a place on the account, 0 anyone else.

    Args:
        fact: The statement.
        places: The names of those who hold a place.
        kind_of: Gives an event's kind; where that is not known, the author's name tells a record.
    """
    said_in = {*words(kind_of(fact.event_id)), *words(fact.author)}
    if said_in & _RECORDS:
        return 2
    return 1 if any(same_person(fact.author, name) for name in places) else 0


def place_holders(held: Iterable[Fact]) -> frozenset[str]:
    """Return the people's names among what holds, but for competitors."""
    return frozenset(row.value for row in held if row.value and row.key != "competitor" and is_name(row.value))


def judged(ledger: Ledger, new: Fact, kind_of: KindOf) -> Fact:
    """Return a new statement as it is to be kept: yielding where it contradicts one of more authority.

    Args:
        ledger: The account's facts.
        new: What a text states.
        kind_of: Gives an event's kind by its id, or an empty text.
    """
    held = ledger.holding(new.subject, new.key, new.valid_from)
    if held is None or _named(new.key, _READINGS) or not contradict(held, new):
        return new
    places = place_holders(ledger.holding_at(new.at))
    if authority(new, places, kind_of) >= authority(held, places, kind_of):
        return new
    return new.model_copy(update={"yields_to": first_name(held.id)})


def contradictions(facts: Sequence[Fact], *, as_of: datetime | None = None) -> tuple[Contradiction, ...]:
    """Return the pairs of claims that contradict each other while the winner's holds.

    Args:
        facts: The account's rows, all versions.
        as_of: As it was, and was known, at that moment; None for what is believed today and holds last.

    Returns:
        The pairs by key, subject and time; a contradiction is over when the winner's value is.
    """
    lines: dict[tuple[str, str], list[Fact]] = {}
    for row in facts:
        if _believed(row, as_of):
            lines.setdefault((row.subject, row.key), []).append(row)
    found = [pair for rows in lines.values() if len(rows) > 1 for pair in _rivals(rows, as_of)]
    if not found:
        return ()
    places = place_holders(row for rows in lines.values() for row in rows if not row.yields_to and _stands(row, as_of))
    told = (_pair(winner, loser, places) for winner, loser in found)
    return tuple(sorted(told, key=lambda pair: (pair.key, pair.subject, pair.loser.at, pair.loser.id)))


def _rivals(rows: Sequence[Fact], as_of: datetime | None) -> Iterator[tuple[Fact, Fact]]:
    """Yield the winners and losers among the believed rows of one (subject, key)."""
    tiles = sorted((row for row in rows if not row.yields_to), key=lambda row: (row.valid_from, row.id))
    standing = {first_name(row.id): row for row in tiles if _stands(row, as_of)}
    for row in rows:
        if row.yields_to in standing:
            yield standing[row.yields_to], row
    for before, after in pairwise(tiles):
        if first_name(after.id) in standing and before.valid_to == after.valid_from and contradict(before, after):
            yield after, before


def _unknown(_event_id: str) -> str:
    """Know no event's kind: facts alone do not tell it."""
    return ""


def _named(key: str, beginnings: tuple[str, ...]) -> bool:
    """Tell whether one of a key's words begins so."""
    return any(word.startswith(beginnings) for word in key.split("_"))


def _pair(winner: Fact, loser: Fact, places: Iterable[str]) -> Contradiction:
    """Write one contradiction; a claim that was kept as yielding lost by authority."""
    higher = bool(loser.yields_to) or authority(winner, places, _unknown) > authority(loser, places, _unknown)
    return Contradiction(
        subject=winner.subject,
        key=winner.key,
        winner=winner,
        loser=loser,
        rule="authority" if higher else "recency",
    )


def _believed(row: Fact, moment: datetime | None) -> bool:
    """Tell whether a row was believed at a moment, or is today."""
    if moment is None:
        return row.known_to is None
    return row.known_from <= moment and (row.known_to is None or moment < row.known_to)


def _stands(row: Fact, moment: datetime | None) -> bool:
    """Tell whether a row's value holds at a moment, or last of all."""
    if moment is None:
        return row.valid_to is None
    return row.valid_from <= moment and (row.valid_to is None or moment < row.valid_to)
