"""Read the facts of one event by rules: the tables of this package, applied to plain statements.

Only keys that the role declares are read. Precise rather than greedy: what is asked, supposed,
denied, past or said of somebody else is passed over, for a wrong fact costs more than a missed one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace as replaced
from datetime import UTC, datetime, time

from fleet_runtime.contracts import MemoryKey, Value
from fleet_runtime.learning.ledger import facts_at
from fleet_runtime.learning.reading.asides import is_when_told
from fleet_runtime.learning.reading.commitments import promises
from fleet_runtime.learning.reading.effects import start_in
from fleet_runtime.learning.reading.endings import read_endings
from fleet_runtime.learning.reading.framing import Frame
from fleet_runtime.learning.reading.passages import CLOSE, OPEN, Clause, Passage
from fleet_runtime.learning.reading.scene import Scene
from fleet_runtime.learning.reading.statements import read_statements
from fleet_runtime.learning.reading.templates import How, Taken, read_templates
from fleet_runtime.learning.reading.troubles import content_words
from fleet_runtime.records import Event, Fact

SEVERAL_AT_ONCE = frozenset({"open_issue", "requested_feature", "competitor"})
"""Keys of which several can hold at a time; there the ``subject`` tells one from the other."""

_DATE_MARK = re.compile(rf"{OPEN}d(?P<number>\d+){CLOSE}")
_LONGEST_QUOTE = 300
_LONGEST_SUBJECT = 60
_SAME_MATTER = 0.6
_GENERIC_NAMES = frozenset({"account", "customer", "client", "demo", "test", "team", "company", "the", "acct", "acc"})


class Reading(Value):
    """One fact that a text gives, and how: it ``states`` it, ``corrects`` what was believed, or ``withdraws`` it.

    A reading that withdraws carries the value that never was. ``changes`` tells that the text names a change (a
    move, "now", a correction, a start), so that what another author said before need not be contradicted by it.
    """

    fact: Fact
    how: How = "states"
    changes: bool = True


def learn_by_rules(  # noqa: PLR0913 -- the last two are optional; whoever has cut the text already shares it
    event: Event,
    keys: Sequence[MemoryKey],
    *,
    state_facts: Sequence[Fact],
    now: datetime,
    account: str = "",
    passage: Passage | None = None,
) -> tuple[Reading, ...]:
    """Read one event.

    Args:
        event: What was said. In a ``message`` "they" are others; elsewhere (a note, a usage report) "they" are
            the account.
        keys: The keys that the role keeps; others are not read.
        state_facts: The account's rows, all versions; they tell what "Dana has left" changes.
        now: The present moment; becomes ``known_from``.
        account: The account's id; its words count as "we" where the text names it.
        passage: The event's text, if the caller has cut it already, with the account's own names (see `own_names`).

    Returns:
        The readings in a fixed order, at most one per subject and key; their ids follow the event's.
    """
    passage = Passage(event.text, event.at, own_names(account)) if passage is None else passage
    frame = Frame(event, passage, first_name(account))
    scene = Scene(
        event=event,
        passage=passage,
        frame=frame,
        keys=keys,
        holding=facts_at(state_facts, as_of=event.at, now=now),
        promised=[(start, end) for *_, start, end in promises(event, passage)],
    )
    taken = read_templates(scene)
    read = {item.found.key for item in taken if item.how == "states" and item.found.value}
    taken += _by_sense(scene, [key for key in keys if key.name not in read])
    return tuple(_readings(scene, _chosen(taken, scene).values(), now))


def _by_sense(scene: Scene, unread: Sequence[MemoryKey]) -> list[Taken]:
    """Read the sentences for the keys that the templates left unread, and for endings."""
    taken: list[Taken] = []
    for found, sentence, number in read_statements(scene, unread):
        clause = Clause(sentence.text, sentence.start, frozenset(), number)
        people = any(key.kind == "person" for key in unread if key.name == found.key)
        taken.append(Taken(found, clause, "states", of_people=people))
    held = {(fact.key, fact.value) for fact in scene.holding}
    stated = {item.found.key for item in taken if (item.found.key, item.found.value) not in held}
    for found, fact, number in read_endings(scene, [key for key in unread if key.name not in stated]):
        clause = Clause(scene.passage.text[found.start : found.end], found.start, frozenset(), number)
        taken.append(Taken(found, clause, "states", fact.subject, of_people=found.key not in SEVERAL_AT_ONCE))
    return taken


def _chosen(taken: Iterable[Taken], scene: Scene) -> dict[tuple[str, str], Taken]:
    """Keep at most one reading per subject and key."""
    names = {key.name for key in scene.keys}
    chosen: dict[tuple[str, str], Taken] = {}
    held = {(fact.key, fact.value) for fact in scene.holding}
    plans = {item.found.value for item in taken if item.found.key == "plan"}
    for item in taken:
        if item.found.key == "region_rollout" and item.found.value in plans:
            continue  # "Basalt is live": the plan
        if item.found.key not in names or _known_already(item, scene.holding):
            continue
        subject = item.subject or subject_of(item.found.key, item.found.value)
        place = (subject, item.found.key)
        rival = chosen.get(place)
        if rival is not None and item.how == "withdraws" and rival.how != "withdraws":
            continue  # the right value is told beside the wrong one
        again = rival is not None and (rival.found.key, rival.found.value) in held
        if rival is not None and not again and (not item.found.value or item.found.key == "primary_goal"):
            continue  # a new holder says more than that the old one is gone; the first goal named is the main one
        corrects = bool(item.found.value) and scene.frame.corrects(item.clause.sentence, item.found.value)
        how: How = "corrects" if corrects and item.how == "states" else item.how
        chosen[place] = replaced(item, how=how, subject=subject)
    return chosen


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
    whole = r"[\s_-]+".join(re.escape(word) for word in words)
    first = first_name(account)
    return (whole, rf"(?-i:{first})(?!\s+(?-i:[A-Z]))") if first and len(words) > 1 else (whole,)


def first_name(account: str) -> str:
    """Return the first word of an account's name as it is written; empty where the id gives no name."""
    words = re.findall(r"[^\W_]+", account)
    if not words or words[0].lower() in _GENERIC_NAMES or not all(word.isalpha() for word in words):
        return ""
    first: str = words[0]
    return first[0].upper() + first[1:]


def _known_already(item: Taken, holding: Sequence[Fact]) -> bool:
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


def _readings(scene: Scene, items: Iterable[Taken], now: datetime) -> Iterator[Reading]:
    """Write what was taken as facts with provenance."""
    event, passage, frame = scene.event, scene.passage, scene.frame
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
            valid_from=_valid_from(event, passage, frame, item),
            known_from=now,
        )
        yield Reading(fact=fact, how=item.how, changes=frame.changes(item.clause.sentence))


def _valid_from(event: Event, passage: Passage, frame: Frame, item: Taken) -> datetime:
    """Return the start that the text gives ("since 1 May", "Effective 3 March: …"), else the event's own time."""
    value = (item.found.value_start, item.found.value_end)
    effect = frame.start(item.clause.sentence)
    given = start_in(passage, item.clause.text, item.clause.start, value) if effect is None else effect.day
    given = given or _only_day(passage, item)
    return event.at if given is None or given.date() == event.at.date() else given


def _only_day(passage: Passage, item: Taken) -> datetime | None:
    """Return the one day that a clause names beside a change of people: "Dana leaves on 31 January"."""
    text = item.clause.text
    marks = [mark for mark in _DATE_MARK.finditer(text) if not is_when_told(text, mark.start())]
    if not item.of_people or len(marks) != 1:
        return None
    mention = passage.dates[int(marks[0]["number"])]
    exact = mention.precision == "day" or "end of" in mention.text.lower()
    return datetime.combine(mention.value, time(), tzinfo=UTC) if exact and mention.value is not None else None
