"""What was known of an account at one moment, sorted once for all sections. Nothing that came later is in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from operator import attrgetter

from fleet_runtime.contracts import MemoryKey, MemoryKind
from fleet_runtime.digesting import quarter_end
from fleet_runtime.learning.claims import contradictions
from fleet_runtime.learning.ledger import facts_at
from fleet_runtime.records import AccountState, Commitment, Fact

_ID, _SUBJECT, _VALID_FROM = attrgetter("id"), attrgetter("subject"), attrgetter("valid_from")

_BELONGS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Goals", ("goal", "outcome", "objective", "success")),
    ("Health", ("health", "active", "usage", "adoption", "sentiment", "mood", "nps", "satisfaction")),
    ("Renewal", ("renew", "contract", "arr", "price", "term", "revenue")),
    ("Risks", ("risk", "competitor", "issue", "churn", "blocker", "complaint")),
)


class View:
    """An account's rows as they stood, and were known, at a moment; every row in a fixed order."""

    def __init__(self, state: AccountState, keys: Sequence[MemoryKey], moment: datetime) -> None:
        """Sort the rows; rows of the same state in another order give the same view."""
        self.keys = keys
        self.moment = moment
        self._kinds: dict[str, MemoryKind] = {key.name: key.kind for key in keys}
        self._titles: dict[str, str] = {}
        known = [fact for fact in state.facts if _was_known(fact, moment)]
        place = _places(known, keys)
        # Sorts are stable: the last one counts most. One attribute at a time makes no tuple for each row.
        self.facts = sorted(facts_at(known, now=moment, known_at=moment), key=_ID)
        self.facts.sort(key=_VALID_FROM, reverse=True)
        self.facts.sort(key=lambda fact: place[fact.key])
        self.versions = sorted((row for row in known if row.valid_from <= moment and not row.yields_to), key=_ID)
        self.versions.sort(key=_VALID_FROM)
        self.versions.sort(key=_SUBJECT)
        self.versions.sort(key=lambda fact: place[fact.key])
        self.successions = tuple(self._successions())
        self.contradictions = contradictions(known, as_of=moment)
        self.events = sorted((e for e in state.events if e.at <= moment), key=lambda event: (event.at, event.id))
        self.open = sorted(
            (one for one in state.commitments if _was_open(one, moment)),
            key=lambda one: (one.due or "9999", one.at, one.id),
        )
        self.digests = sorted(
            (digest for digest in state.digests if quarter_end(digest.period) <= moment),
            key=lambda digest: digest.period,
            reverse=True,
        )
        self._by_title: dict[str, list[Fact]] = defaultdict(list)
        for fact in self.facts:
            self._by_title[self.title_of(fact)].append(fact)

    def stated(self, title: str) -> Sequence[Fact]:
        """Return the facts that hold, in one section."""
        return self._by_title.get(title, ())

    def title_of(self, fact: Fact) -> str:
        """Tell in which section a fact belongs, by its kind and the words of its key."""
        if fact.key not in self._titles:
            words = fact.key.split("_")
            found = (title for title, parts in _BELONGS if any(word.startswith(parts) for word in words))
            person = self._kinds.get(fact.key) == "person"
            self._titles[fact.key] = "People" if person else next(found, "Who they are")
        return self._titles[fact.key]

    def kind(self, key: str) -> MemoryKind:
        """Return the kind of a key's values; what no role declares is text."""
        return self._kinds.get(key, "text")

    def missing(self) -> Iterator[str]:
        """Yield the declared keys of which nothing is known to hold."""
        held = {fact.key for fact in self.facts}
        return (key.name for key in self.keys if key.name not in held)

    def _successions(self) -> Iterable[tuple[Fact, Fact]]:
        """Yield each value with the next one of its key, where they differ; retractions only as the later."""
        for before, after in pairwise(self.versions):
            same_key = (before.subject, before.key) == (after.subject, after.key)
            if same_key and before.value is not None and before.value != after.value:
                yield before, after


def _places(facts: Iterable[Fact], keys: Sequence[MemoryKey]) -> dict[str, int]:
    """Return where each key stands: as the keys are declared, others follow by name."""
    declared = dict.fromkeys(key.name for key in keys)
    others = sorted({fact.key for fact in facts} - declared.keys())
    return {name: place for place, name in enumerate((*declared, *others))}


def _was_known(fact: Fact, moment: datetime) -> bool:
    """Tell whether a version was believed at a moment."""
    return fact.known_from <= moment and (fact.known_to is None or fact.known_to > moment)


def _was_open(one: Commitment, moment: datetime) -> bool:
    """Tell whether a promise was open at a moment; one that was closed nobody knows when counts as closed."""
    return one.open_at(moment) and (one.state == "open" or one.closed_at is not None)
