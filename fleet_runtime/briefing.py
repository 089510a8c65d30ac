"""The account brief: a dated, cited, token-bounded summary, byte-identical for the same state.

It is composed from facts, commitments and events alone. No model writes it, nothing is guessed, and
what is not on record is named as unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from fleet_runtime.contracts import MemoryKey, Value
from fleet_runtime.dates import say_date
from fleet_runtime.learning.ledger import facts_at
from fleet_runtime.lexical import tokens
from fleet_runtime.recall import find_key, say_commitment, say_fact, say_value, source_of
from fleet_runtime.records import AccountState, Fact, Moment

_TITLES = (
    *("Who they are", "Goals", "Health", "Renewal", "People", "Open commitments", "Hand-offs", "Risks"),
    *("Contradictions", "What changed", "Unknown"),
)
_WEIGHTIEST_FIRST = (
    *("Renewal", "Goals", "Health", "Risks", "People", "Open commitments", "Who they are", "Contradictions"),
    *("What changed", "Unknown", "Hand-offs"),
)
_BELONGS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Goals", ("goal", "outcome", "objective", "success")),
    ("Health", ("health", "active", "usage", "adoption", "sentiment", "mood", "nps", "satisfaction")),
    ("Renewal", ("renew", "contract", "arr", "price", "term", "revenue")),
    ("Risks", ("risk", "competitor", "issue", "churn", "blocker", "complaint")),
)
_MEASURED = frozenset({"count", "date", "money", "percent"})
_DIFFER_WITHIN = timedelta(days=45)
_MOST_LINES = 6
_LONGEST = 200


class BriefLine(Value):
    """One dated statement; ``cites`` are the ids of the facts, events or commitments it rests on."""

    text: str
    cites: tuple[str, ...] = ()

    def markdown(self) -> str:
        """Give the line as a bullet with its ids."""
        return f"- {self.text} [{', '.join(self.cites)}]" if self.cites else f"- {self.text}"


class BriefSection(Value):
    """One section of a brief; it is left out where it has no lines."""

    title: str
    lines: tuple[BriefLine, ...]


class Brief(Value):
    """An account's summary as of a moment."""

    account: str
    as_of: Moment
    sections: tuple[BriefSection, ...]

    def markdown(self) -> str:
        """Give the brief as Markdown, ending in a line break."""
        rows = [f"# {self.account}: account brief as of {say_date(self.as_of.date())}"]
        for section in self.sections:
            rows += ["", f"## {section.title}", *(line.markdown() for line in section.lines)]
        return "\n".join(rows) + "\n"


def brief(state: AccountState, *, keys: Sequence[MemoryKey], as_of: datetime, token_budget: int = 700) -> Brief:
    """Summarise an account as it stood, and as it was known, at ``as_of``.

    Args:
        state: The account's rows.
        keys: The fact keys that a role declares; one without a value is listed as unknown.
        as_of: The moment; later events, facts and commitments are not used.
        token_budget: The most that the Markdown may take, at about four characters a token. The
            weightiest sections (renewal, goals, health, risks) are filled first.

    Returns:
        The brief; the same state and moment give the same bytes.
    """
    moment = as_of.replace(tzinfo=UTC) if as_of.tzinfo is None else as_of
    view = _View(state, keys, moment)
    lines = {title: list(view.lines(title))[:_MOST_LINES] for title in _TITLES}
    kept: dict[str, list[BriefLine]] = {title: [] for title in _TITLES}
    for title in _WEIGHTIEST_FIRST:
        for line in lines[title]:
            kept[title].append(line)
            if tokens(_assembled(state, moment, kept).markdown()) > token_budget:
                kept[title].pop()
                break
    return _assembled(state, moment, kept)


def _assembled(state: AccountState, moment: datetime, lines: dict[str, list[BriefLine]]) -> Brief:
    """Put the sections that have lines in their order."""
    sections = (BriefSection(title=title, lines=tuple(lines[title])) for title in _TITLES if lines[title])
    return Brief(account=state.key.account, as_of=moment, sections=tuple(sections))


class _View:
    """What was known of an account at one moment, by section."""

    def __init__(self, state: AccountState, keys: Sequence[MemoryKey], moment: datetime) -> None:
        self._keys = keys
        self._kinds = {key.name: key.kind for key in keys}
        self._order = {key.name: place for place, key in enumerate(keys)}
        self._moment = moment
        self._facts = sorted(facts_at(state.facts, now=moment, as_of=moment, known_at=moment), key=self._place)
        self._versions = sorted(
            (fact for fact in state.facts if _was_known(fact, moment) and fact.valid_from <= moment),
            key=lambda fact: (*self._place(fact), fact.valid_from, fact.id),
        )
        self._events = sorted((e for e in state.events if e.at <= moment), key=lambda event: (event.at, event.id))
        self._open = sorted(
            (one for one in state.commitments if one.state == "open" and one.at <= moment),
            key=lambda one: (one.due or "9999", one.at, one.id),
        )

    def lines(self, title: str) -> Iterator[BriefLine]:
        """Yield the lines of one section."""
        makers: dict[str, Callable[[], Iterator[BriefLine]]] = {
            "Who they are": self._who,
            "Open commitments": self._commitments,
            "Hand-offs": self._hand_offs,
            "Risks": self._risks,
            "Contradictions": self._contradictions,
            "What changed": self._changes,
            "Unknown": self._unknown,
        }
        return makers[title]() if title in makers else self._stated(title)

    def _place(self, fact: Fact) -> tuple[int, str, str]:
        """Order facts as their keys are declared; others follow by name."""
        return self._order.get(fact.key, len(self._order)), fact.key, fact.subject

    def _section_of(self, fact: Fact) -> str:
        """Tell where a fact belongs, by its kind and the words of its key."""
        if self._kinds.get(fact.key) == "person":
            return "People"
        return next((title for title, parts in _BELONGS if _has_word(fact.key, parts)), "Who they are")

    def _stated(self, title: str) -> Iterator[BriefLine]:
        """Yield the facts that hold, in one section."""
        for fact in self._facts:
            if self._section_of(fact) == title:
                yield _line(say_fact(fact, self._keys), source_of(fact), fact.id)

    def _who(self) -> Iterator[BriefLine]:
        """Yield what belongs nowhere else, then how far the record reaches."""
        yield from self._stated("Who they are")
        if self._events:
            first, last = self._events[0], self._events[-1]
            span = f"from {say_date(first.at.date())} to {say_date(last.at.date())}"
            cites = tuple(dict.fromkeys((first.id, last.id)))
            yield BriefLine(text=f"Entries on record: {len(self._events)}, {span}.", cites=cites)

    def _commitments(self) -> Iterator[BriefLine]:
        """Yield the open commitments, the soonest due first."""
        for one in self._open:
            yield _line(say_commitment(one), source_of(one), one.id)

    def _hand_offs(self) -> Iterator[BriefLine]:
        """Yield the latest hand-offs, newest first."""
        for event in reversed([event for event in self._events if event.kind == "hand_off"][-3:]):
            yield _line(event.text, source_of(event), event.id)

    def _risks(self) -> Iterator[BriefLine]:
        """Yield stated risks, people who left without a successor, falling use, and what is overdue."""
        yield from self._stated("Risks")
        for fact in self._versions:
            gone = fact.value is None and (fact.valid_to is None or fact.valid_to > self._moment)
            if gone and fact.known_from <= self._moment:
                yield _line(say_fact(fact, self._keys), source_of(fact), fact.id)
        for before, after in self._successions():
            if self._section_of(after) == "Health" and _fell(before, after) and after in self._facts:
                was, now = (say_value(one.value or "", "count") for one in (before, after))
                yield _line(f"{_spoken(after.key)} fell from {was} to {now}.", source_of(after), before.id, after.id)
        for one in self._open:
            if one.due and one.due < self._moment.date().isoformat():
                yield _line(f"Overdue: {say_commitment(one)}", source_of(one), one.id)

    def _contradictions(self) -> Iterator[BriefLine]:
        """Yield measured values that two people told differently within a short time."""
        for before, after in self._successions():
            measured = self._kinds.get(after.key) in _MEASURED and after.value is not None
            if measured and before.author != after.author and after.at - before.at <= _DIFFER_WITHIN:
                one, other = (self._said(fact) for fact in (before, after))
                text = f"{_spoken(after.key)}: {one} says {source_of(before)}; {other} says {source_of(after)}."
                yield BriefLine(text=text, cites=(before.id, after.id))

    def _changes(self) -> Iterator[BriefLine]:
        """Yield what changed, the latest first: the value that holds, and what it was until when."""
        pairs = [(before, after) for before, after in self._successions() if after.value is not None]
        for before, after in sorted(pairs, key=lambda pair: (pair[1].valid_from, pair[1].id), reverse=True):
            was = f"was {self._said(before)} until {say_date(after.valid_from.date())}"
            text = f"{say_fact(after, self._keys).rstrip('.')} ({was})."
            yield _line(text, source_of(after), before.id, after.id)

    def _unknown(self) -> Iterator[BriefLine]:
        """Yield one line that names the declared keys without a value."""
        held = {fact.key for fact in self._facts}
        missing = [key.name.replace("_", " ") for key in self._keys if key.name not in held]
        if missing:
            yield BriefLine(text=f"Not on record as of {say_date(self._moment.date())}: {', '.join(missing)}.")

    def _said(self, fact: Fact) -> str:
        """Say a fact's value for people."""
        key = find_key(self._keys, fact.key)
        return say_value(fact.value or "", key.kind if key else "text")

    def _successions(self) -> Iterator[tuple[Fact, Fact]]:
        """Yield each value with the next one of its key, where they differ; retractions only as the later."""
        for before, after in pairwise(self._versions):
            same_key = (before.subject, before.key) == (after.subject, after.key)
            if same_key and before.value is not None and before.value != after.value:
                yield before, after


def _line(text: str, source: str, *cites: str) -> BriefLine:
    """Make a line of one sentence, cut to a readable length, with its source and date."""
    plain = " ".join(text.split())
    short = plain if len(plain) <= _LONGEST else f"{plain[: _LONGEST - 1].rstrip()}\u2026"
    return BriefLine(text=f"{short} ({source})", cites=cites)


def _was_known(fact: Fact, moment: datetime) -> bool:
    """Tell whether a version was believed at a moment."""
    return fact.known_from <= moment and (fact.known_to is None or fact.known_to > moment)


def _has_word(name: str, parts: Iterable[str]) -> bool:
    """Tell whether one of a key's words begins with one of ``parts``."""
    return any(word.startswith(part) for word in name.split("_") for part in parts)


def _spoken(name: str) -> str:
    """Say a key's name as the opening of a sentence."""
    return name.replace("_", " ").capitalize()


def _fell(before: Fact, after: Fact) -> bool:
    """Tell whether a counted value went down."""
    try:
        return float((after.value or "").rstrip("%")) < float((before.value or "").rstrip("%"))
    except ValueError:
        return False
