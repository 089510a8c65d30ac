"""Read the facts of one event by rules: the tables of this package, applied to plain statements.

Only keys that the role declares are read. Precise rather than greedy: what is asked, supposed,
denied, past or said of somebody else is passed over, for a wrong fact costs more than a missed one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from dataclasses import replace as replaced
from datetime import UTC, datetime, time
from typing import Literal

from fleet_runtime.contracts import MemoryKey, Value
from fleet_runtime.learning.ledger import facts_at
from fleet_runtime.learning.names import clean_person
from fleet_runtime.learning.passages import CLOSE, OPEN, Clause, Passage
from fleet_runtime.learning.patterns import Found, find
from fleet_runtime.learning.people import read_people
from fleet_runtime.learning.terms import PLANNED, TERMS, declared
from fleet_runtime.learning.troubles import content_words, read_troubles
from fleet_runtime.learning.wishes import read_wishes
from fleet_runtime.records import Event, Fact

How = Literal["states", "corrects", "withdraws"]

SEVERAL_AT_ONCE = frozenset({"open_issue", "requested_feature", "competitor"})
"""Keys of which several can hold at a time; there the ``subject`` tells one from the other."""

_CORRECTS = re.compile(
    r"\b(?:correction|correct myself|to correct|misspoke|(?:i|we) (?:was|were) (?:wrong|mistaken)|got "
    r"(?:that|it|this) wrong|"
    r"my mistake|by mistake|typo|i meant|should have said)\b",
    re.IGNORECASE,
)
_ALWAYS = re.compile(
    r"\b(?:(?:has|have|had) always (?:been|had)|was always|were always|all along|in fact it)\b", re.IGNORECASE
)
_NEVER = re.compile(r"\bnever\b", re.IGNORECASE)
_MARK = re.compile(rf"{OPEN}(?P<letter>[dnmp])(?P<number>\d+){CLOSE}")
_START = re.compile(
    r"\b(?:since|from|as of|as from|effective(?: from)?|starting(?: from| on)?|beginning(?: on)?|with "
    rf"effect from)\s+{OPEN}d(?P<date>\d+){CLOSE}"
    rf"(?!\s+(?:to|until|till)\b)",
    re.IGNORECASE,
)
_THIRD_PERSON = re.compile(r"\b(?:they|their|them)(?:'\w+)?\b", re.IGNORECASE)
_FIRST_PERSON = re.compile(rf"\b(?:we|our|us|my|i)\b|{OPEN}o{CLOSE}", re.IGNORECASE)
_OTHER = re.compile(
    r"^(?:(?:and|but|also|well|fyi|meanwhile),?\s+)?(?P<at>(?:over\s+)?(?:at|for|with|in|"
    r"from)\s+)?(?P<name>(?-i:[A-Z][\w&-]+(?:\s+[A-Z][\w&-]+){0,2}))"
    r"(?:'s\s|\s+(?:\w+ly\s+|now\s+|just\s+|only\s+|also\s+)*(?:has|have|had|is|are|was|were|went|runs?|"
    r"uses?|pays?|renew\w*|moved|dropped|bought|signed|extended|"
    r"cut|grew|hit|reached|goes|got|holds?|they|it|the)\b|,)",
    re.IGNORECASE,
)
_LONGEST_QUOTE = 300
_LONGEST_SUBJECT = 60
_LONGEST_CLAUSE = 1000  # what is longer is no sentence, and would take long to read
_SAME_MATTER = 0.6
_GENERIC_NAMES = frozenset({"account", "customer", "client", "demo", "test", "team", "company", "the"})


class Reading(Value):
    """One fact that a text gives, and how: it ``states`` it, ``corrects`` what was believed, or ``withdraws`` it.

    A reading that withdraws carries the value that never was.
    """

    fact: Fact
    how: How = "states"


@dataclass(frozen=True, slots=True)
class _Taken:
    """What one clause gave, on its way to a reading."""

    found: Found
    clause: Clause
    how: How
    subject: str = ""
    of_people: bool = False


def learn_by_rules(
    event: Event, keys: Sequence[MemoryKey], *, state_facts: Sequence[Fact], now: datetime, account: str = ""
) -> tuple[Reading, ...]:
    """Read one event.

    Args:
        event: What was said. In a ``message`` "they" are others; elsewhere (a note, a usage report) "they" are
            the account.
        keys: The keys that the role keeps; others are not read.
        state_facts: The account's rows, all versions; they tell what "Dana has left" changes.
        now: The present moment; becomes ``known_from``.
        account: The account's id; its words count as "we" where the text names it.

    Returns:
        The readings in a fixed order, at most one per subject and key; their ids follow the event's.
    """
    passage = Passage(event.text, event.at, own_names(account))
    clauses = [_placed(clause, event) for clause in passage.clauses if len(clause.text) <= _LONGEST_CLAUSE]
    holding = facts_at(state_facts, as_of=event.at, now=now)
    names = {key.name for key in keys}
    taken = [
        *_terms(passage, clauses, keys, holding),
        *_people(event, passage, clauses, keys, holding),
        *_voices(passage, clauses, holding),
    ]
    corrected = _corrected_sentences(passage)
    chosen: dict[tuple[str, str], _Taken] = {}
    for item in taken:
        if item.found.key not in names or _known_already(item, holding):
            continue
        subject = item.subject or subject_of(item.found.key, item.found.value)
        place = (subject, item.found.key)
        rival = chosen.get(place)
        if rival is not None and (not item.found.value or item.found.key == "primary_goal"):
            continue  # a new holder says more than that the old one is gone; the first goal named is the main one
        corrects = item.clause.sentence in corrected or _ALWAYS.search(item.clause.text) is not None
        how: How = "corrects" if corrects and item.how == "states" else item.how
        chosen[place] = replaced(item, how=how, subject=subject)
    return tuple(_readings(event, passage, chosen.values(), now))


def subject_of(key: str, value: str) -> str:
    """Name the subject of a fact: the account, or the matter itself for keys that hold several at once."""
    if key not in SEVERAL_AT_ONCE:
        return "account"
    slug = "-".join(re.findall(r"\w+", value.lower()))
    whole_words = slug if len(slug) <= _LONGEST_SUBJECT else slug[:_LONGEST_SUBJECT].rsplit("-", 1)[0]
    return whole_words or "account"


def own_names(account: str) -> tuple[str, ...]:
    """Return expressions for the names that an account's id gives it: "northwind-traders" is Northwind Traders."""
    words = re.findall(r"[^\W_]+", account)
    if not words or words[0].lower() in _GENERIC_NAMES:
        return ()
    return (r"[\s_-]+".join(re.escape(word) for word in words),)


def _placed(clause: Clause, event: Event) -> Clause:
    """Mark a clause as being about others where its subject says so."""
    if _FIRST_PERSON.search(clause.text):
        return clause
    if event.kind == "message" and _THIRD_PERSON.search(clause.text):
        return replaced(clause, moods=clause.moods | {"foreign"})
    return clause


def _of_another(clause: Clause) -> bool:
    """Tell whether the clause opens with somebody else's name: "Oakline has", "at Oakline the"."""
    match = _OTHER.match(clause.text)
    if match is None or clean_person(match["name"]) is None:
        return False
    return not (match["at"] and _FIRST_PERSON.search(clause.text))


def _terms(
    passage: Passage, clauses: Sequence[Clause], keys: Sequence[MemoryKey], holding: Sequence[Fact]
) -> Iterator[_Taken]:
    """Read dates, counts, money, plan and regions, and withdrawals of their values."""
    kinds = {key.name: key.kind for key in keys}
    patterns = [pattern for pattern in (*TERMS, *declared(keys)) if pattern.key in kinds]
    current = {fact.key: fact for fact in holding}
    for clause in clauses:
        yield from _withdrawn(passage, clause, keys, current)
        elsewhere = _of_another(clause)
        done: set[str] = set()
        for pattern in patterns:
            if pattern.key in done or (elsewhere and pattern.key != "region_rollout"):
                continue
            for found in find(pattern, passage, clause, planned=pattern.key in PLANNED):
                done.add(pattern.key)
                yield _Taken(found, clause, "states")


def _withdrawn(
    passage: Passage, clause: Clause, keys: Sequence[MemoryKey], current: dict[str, Fact]
) -> Iterator[_Taken]:
    """Read "it was never 120 seats": the value that is believed, denied for all time."""
    if not _NEVER.search(clause.text) or clause.moods & {"question", "hypothetical", "foreign"}:
        return
    denied = {value for match in _MARK.finditer(clause.text) for value in _values(passage, match)}
    for key in keys:
        fact = current.get(key.name)
        if fact is not None and fact.value in denied and key.kind != "person":
            end = clause.start + len(clause.text)
            yield _Taken(
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
) -> Iterator[_Taken]:
    """Read who holds which place."""
    current = {fact.key: fact for fact in holding if fact.subject == "account"}
    for found, how in read_people(event, passage, clauses, keys, current):
        clause = next(item for item in clauses if item.start <= found.start <= item.start + len(item.text))
        yield _Taken(found, clause, "withdraws" if how == "never" else "states", of_people=True)


def _voices(passage: Passage, clauses: Sequence[Clause], holding: Sequence[Fact]) -> Iterator[_Taken]:
    """Read goals, wishes, troubles, rivals and feelings."""
    issues = [fact for fact in holding if fact.key == "open_issue"]
    rivals = [fact for fact in holding if fact.key == "competitor"]
    people = [fact.value for fact in holding if fact.value and clean_person(fact.value) and fact.key != "competitor"]
    for clause in clauses:
        for found in read_wishes(passage, clause):
            yield _Taken(found, clause, "states")
        for found, ended in read_troubles(passage, clause, people, issues, rivals):
            yield _Taken(found, clause, "states", ended.subject if ended is not None else "")


def _known_already(item: _Taken, holding: Sequence[Fact]) -> bool:
    """Tell whether a matter of a several-at-once key is known in other words."""
    key, value = item.found.key, item.found.value
    if key not in SEVERAL_AT_ONCE or not value:
        return False
    words = content_words(value)
    for fact in holding:
        other = content_words(fact.value or "")
        if fact.key == key and words and len(words & other) >= _SAME_MATTER * min(len(words), len(other)) > 0:
            return True
    return False


def _corrected_sentences(passage: Passage) -> frozenset[int]:
    """Return the sentences that correct what was said before: the one that says so, and the next."""
    said = {clause.sentence for clause in passage.clauses if _CORRECTS.search(clause.text)}
    return frozenset(said | {number + 1 for number in said})


def _readings(event: Event, passage: Passage, items: Iterable[_Taken], now: datetime) -> Iterator[Reading]:
    """Write what was taken as facts with provenance."""
    numbers: dict[str, int] = {}
    for item in items:
        found = item.found
        numbers[found.key] = numbers.get(found.key, 0) + 1
        number = numbers[found.key]
        quote = passage.words(item.clause.start, item.clause.start + len(item.clause.text))
        if len(quote) > _LONGEST_QUOTE:
            quote = passage.words(found.start, found.end)
        fact = Fact(
            id=f"{event.id}:{found.key}" + (f":{number}" if number > 1 else ""),
            subject=item.subject,
            key=found.key,
            value=found.value or None,
            event_id=event.id,
            author=event.author,
            at=event.at,
            quote=quote,
            confidence=found.confidence,
            valid_from=_valid_from(event, passage, item),
            known_from=now,
        )
        yield Reading(fact=fact, how=item.how)


def _valid_from(event: Event, passage: Passage, item: _Taken) -> datetime:
    """Return the start that the clause gives ("since 1 May"), else the event's own time."""
    for match in _START.finditer(item.clause.text):
        start, end = item.clause.start + match.start("date"), item.clause.start + match.end("date")
        if (
            start < item.found.value_end
            and item.found.value_start < end
            and item.found.value_end - item.found.value_start < len(item.clause.text)
        ):
            continue  # the date is the value itself
        day = passage.dates[int(match["date"])].value
        if day is not None and day != event.at.date():
            return datetime.combine(day, time(), tzinfo=UTC)
    return _only_day(passage, item) or event.at


def _only_day(passage: Passage, item: _Taken) -> datetime | None:
    """Return the one day that a clause names beside a change of people: "Dana leaves on 31 January"."""
    marks = [match for match in _MARK.finditer(item.clause.text) if match["letter"] == "d"]
    if not item.of_people or len(marks) != 1:
        return None
    mention = passage.dates[int(marks[0]["number"])]
    exact = mention.precision == "day" or "end of" in mention.text.lower()
    return datetime.combine(mention.value, time(), tzinfo=UTC) if exact and mention.value is not None else None
