"""Read clauses by the tables of templates: the first look at a text, and the surer one.

A template names a whole way of saying, so what it fits is hardly anything else. What is asked, supposed, denied,
past or said of somebody else is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from dataclasses import replace as replaced
from typing import Literal

from fleet_runtime.contracts import MemoryKey
from fleet_runtime.learning.names import clean_person
from fleet_runtime.learning.reading.framing import Frame
from fleet_runtime.learning.reading.holders import departs
from fleet_runtime.learning.reading.others import is_of_them, is_of_us
from fleet_runtime.learning.reading.passages import CLOSE, OPEN, Clause, Passage
from fleet_runtime.learning.reading.patterns import Found, find
from fleet_runtime.learning.reading.people import read_people
from fleet_runtime.learning.reading.relations import is_former
from fleet_runtime.learning.reading.scene import Scene
from fleet_runtime.learning.reading.terms import PLANNED, patterns_for
from fleet_runtime.learning.reading.troubles import read_troubles
from fleet_runtime.learning.reading.wishes import read_wishes
from fleet_runtime.records import Event, Fact

How = Literal["states", "corrects", "withdraws"]

_NEVER = re.compile(r"\bnever\b", re.IGNORECASE)
_MARK = re.compile(rf"{OPEN}(?P<letter>[dnmp])(?P<number>\d+){CLOSE}")
_OTHER = re.compile(
    r"^(?:(?:and|but|also|well|fyi|meanwhile),?\s+)?(?P<at>(?:over\s+)?(?:at|for|with|in|"
    r"from)\s+)?(?P<name>(?-i:[A-Z][\w&-]+(?:\s+[A-Z][\w&-]+){0,2}))"
    r"(?:'s\s|\s+(?:\w+ly\s+|now\s+|just\s+|only\s+|also\s+)*(?:has|have|had|is|are|was|were|went|runs?|"
    r"uses?|pays?|renew\w*|moved|dropped|bought|signed|extended|"
    r"cut|grew|hit|reached|goes|got|holds?|they|it|the)\b|,)",
    re.IGNORECASE,
)
_NOTHING = re.compile(
    r"(?:none|no|nobody|no[\s-]one|nothing|n/?a|tb[dc]|unknown|cleared|empty|blank|removed|deleted|vacant|unclear|-+)"
    r"(?:\s+(?:set|named|given|any\s?more|at\s+present|now|yet|known))?\s*(?:$|[,.;(])",
    re.IGNORECASE,
)
_LONGEST_CLAUSE = 1000  # what is longer is no sentence, and would take long to read


@dataclass(frozen=True, slots=True)
class Taken:
    """What one clause gave, on its way to a reading."""

    found: Found
    clause: Clause
    how: How
    subject: str = ""
    of_people: bool = False


def read_templates(scene: Scene) -> list[Taken]:
    """Read the clauses of a text by the tables of templates; promises and mere talk are passed over."""
    event, passage, frame = scene.event, scene.passage, scene.frame
    clauses = [
        _placed(clause, event, frame)
        for clause in passage.clauses
        if len(clause.text) <= _LONGEST_CLAUSE and not frame.talk[clause.sentence]
    ]
    taken = [
        *_terms(passage, clauses, scene.keys, scene.holding),
        *_people(event, passage, clauses, scene.keys, scene.holding),
        *_voices(passage, clauses, scene.holding),
    ]
    return [item for item in taken if not scene.is_promised(item.found.value_start) and _stands(item, scene)]


def _stands(item: Taken, scene: Scene) -> bool:
    """Tell whether what was taken is not unsaid by what follows it, nor a monitor's talk of errors."""
    after = scene.passage.text[item.found.value_end :]
    if item.of_people:
        return not (item.how == "states" and item.found.value and departs(after))
    if item.found.key == "open_issue" and scene.event.kind == "usage":
        return False
    return item.how != "states" or not is_former(after)


def _placed(clause: Clause, event: Event, frame: Frame) -> Clause:
    """Mark a clause as being about others where its subject says so."""
    if frame.foreign[clause.sentence] or (event.kind == "message" and is_of_them(clause.text)):
        return replaced(clause, moods=clause.moods | {"foreign"})
    return clause


def _of_another(clause: Clause) -> bool:
    """Tell whether the clause opens with somebody else's name: "Oakline has", "at Oakline the"."""
    match = _OTHER.match(clause.text)
    if match is None or clean_person(match["name"]) is None:
        return False
    return not (match["at"] and is_of_us(clause.text))


def _terms(
    passage: Passage, clauses: Sequence[Clause], keys: Sequence[MemoryKey], holding: Sequence[Fact]
) -> Iterator[Taken]:
    """Read dates, counts, money, plan and regions, and withdrawals of their values."""
    patterns = patterns_for(tuple(keys))
    current = {fact.key: fact for fact in holding}
    for clause in clauses:
        yield from _withdrawn(passage, clause, keys, current)
        elsewhere = _of_another(clause)
        done: set[str] = set()
        for pattern, mark in patterns:
            if (
                mark not in clause.text
                or clause.moods - pattern.allows
                or pattern.key in done
                or (elsewhere and pattern.key != "region_rollout")
            ):
                continue
            for found in find(pattern, passage, clause, planned=pattern.key in PLANNED):
                if _NOTHING.match(found.value):
                    continue  # "Competitor: none"
                done.add(pattern.key)
                yield Taken(found, clause, "states")


def _withdrawn(
    passage: Passage, clause: Clause, keys: Sequence[MemoryKey], current: dict[str, Fact]
) -> Iterator[Taken]:
    """Read "it was never 120 seats": the value that is believed, denied for all time."""
    if not _NEVER.search(clause.text) or clause.moods & {"question", "hypothetical", "foreign"}:
        return
    denied = {value for match in _MARK.finditer(clause.text) for value in _values(passage, match)}
    for key in keys:
        fact = current.get(key.name)
        if fact is not None and fact.value in denied and key.kind != "person":
            end = clause.start + len(clause.text)
            yield Taken(
                Found(key.name, fact.value or "", "", clause.start, end, clause.start, end, 0.85), clause, "withdraws"
            )


def _values(passage: Passage, mark: re.Match[str]) -> Iterator[str]:
    """Yield the plain forms that a mark may stand for."""
    number = int(mark["number"])
    if mark["letter"] != "d":
        yield passage.quantities[number].value
        return
    for mention in (passage.dates[number], passage.planned[number]):
        if mention.value is not None:
            yield mention.value.isoformat()


def _people(
    event: Event, passage: Passage, clauses: Sequence[Clause], keys: Sequence[MemoryKey], holding: Sequence[Fact]
) -> Iterator[Taken]:
    """Read who holds which place."""
    current = {fact.key: fact for fact in holding if fact.subject == "account"}
    for found, how in read_people(event, passage, clauses, keys, current):
        clause = next(item for item in clauses if item.start <= found.start <= item.start + len(item.text))
        yield Taken(found, clause, "withdraws" if how == "never" else "states", of_people=True)


def _voices(passage: Passage, clauses: Sequence[Clause], holding: Sequence[Fact]) -> Iterator[Taken]:
    """Read goals, wishes, troubles, rivals and feelings."""
    issues = [fact for fact in holding if fact.key == "open_issue"]
    rivals = [fact for fact in holding if fact.key == "competitor"]
    people = [fact.value for fact in holding if fact.value and clean_person(fact.value) and fact.key != "competitor"]
    for clause in clauses:
        for found in read_wishes(passage, clause):
            yield Taken(found, clause, "states")
        for found, ended in read_troubles(passage, clause, people, issues, rivals):
            yield Taken(found, clause, "states", ended.subject if ended is not None else "")
