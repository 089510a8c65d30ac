"""Reading measured by phrasings: each of a file is filled with the file's values and read alone (see `learning`).

Every value must be given verbatim. What a phrasing does not say and is read all the same counts as false.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

import yaml

from fleet_runtime.contracts import MemoryKey
from fleet_runtime.dates import say_date
from fleet_runtime.learning import learn_by_rules
from fleet_runtime.learning.quantities import same_quantity
from fleet_runtime.learning.reading.closings import read_closings
from fleet_runtime.learning.reading.commitments import read_commitments
from fleet_runtime.learning.reading.passages import Passage
from fleet_runtime.learning.reading.rules import own_names, subject_of
from fleet_runtime.records import Commitment, Event, Fact

Said = tuple[str, str | None]

FILLS = 3
SET_ASIDE = frozenset({"open_issue", "requested_feature", "active_users", "go_live_date"})
"""Keys that a phrasing's author was not asked about, and may speak of beside the one in question."""
OWNER, AUTHOR = "Kofi Asante", "Sam Reed"


@dataclass(slots=True)
class Tally:
    """What was wanted, got right, and taken though nobody said it, by section; and the texts of the misses."""

    counts: dict[str, Counter[str]] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)

    def add(self, section: str, phrasing: str, text: str, *, wanted: set[Said], found: set[Said]) -> None:
        """Compare one text's labels with what was read in it."""
        right = {label for label in wanted if any(equal(label, pair) for pair in found)}
        false = {pair for pair in found if not any(equal(label, pair) for label in wanted)}
        row = self.counts.setdefault(section, Counter())
        row.update({"texts": 1, "wanted": len(wanted), "right": len(right), "false": len(false)})
        if right != wanted or false:
            why = f"missed {sorted(wanted - right, key=str)}  false {sorted(false, key=str)}"
            self.shown.setdefault(phrasing, f"  [{section}] {text}\n      {why}")

    def report(self, *, show: bool) -> None:
        """Print the figures, and the misses where they are asked for."""
        if show:
            print("\n".join(self.shown.values()))
        for section, row in self.counts.items():
            part = f"{row['right'] / row['wanted']:.3f}" if row["wanted"] else "  -  "
            print(f"{section:24} {row['texts']:4} texts  right {part} of {row['wanted']:4}  false {row['false']:3}")
        total = sum(self.counts.values(), Counter[str]())
        share = total["right"] / max(total["wanted"], 1)
        print(
            f"{'all':24} {total['texts']:4} texts  right {share:.3f} of {total['wanted']:4}  false {total['false']:3}"
        )


def equal(one: Said, other: Said) -> bool:
    """Tell whether two pairs say the same, word for word but for letter case and the way of writing numbers."""
    if one[0] != other[0] or one[1] is None or other[1] is None:
        return one == other
    return one[1].casefold().split() == other[1].casefold().split() or same_quantity(one[1], other[1])


class Filler:
    """Gives values by turns, so that a run is the same each time."""

    def __init__(self, values: Mapping[str, Sequence[str]]) -> None:
        """Take the file's own values and make dates and numbers."""
        self._turns = {name: cycle(words) for name, words in values.items()}
        self._numbers = cycle([45, 120, 90, 310, 75, 1250, 64])
        self._scores = cycle([72, 41, 88, 63, 55])
        self._money = cycle(["$113k", "$48k", "EUR 36,000", "$1.2M", "\u00a391k", "$64,500"])
        self._days = cycle([date(2025, 3, 9), date(2025, 11, 30), date(2026, 6, 1), date(2025, 12, 14)])
        self._forms = cycle(["plain", "plain", "us", "short", "iso", "ordinal"])

    def take(self, key: str) -> tuple[str, str]:
        """Return a value as it is written and as it is kept."""
        if key in {"renewal_date", "day"}:
            return self.day(next(self._days))
        if key in {"champion", "exec_sponsor", "csm_owner"}:
            key = "person"
        if key in {"seats", "health_score"}:
            number = str(next(self._numbers if key == "seats" else self._scores))
            return number, number
        written = next(self._money) if key == "arr" else next(self._turns[key])
        return written, written

    def day(self, day: date) -> tuple[str, str]:
        """Write a date in one of the forms people use."""
        plain = say_date(day)
        number, month, year = plain.split()
        ordinal = {"1": "st", "2": "nd", "3": "rd"}.get(number[-1], "th") if number not in {"11", "12", "13"} else "th"
        written = {
            "plain": plain,
            "us": f"{month} {number}, {year}",
            "short": f"{number} {month[:3]} {year}",
            "iso": day.isoformat(),
            "ordinal": f"{number}{ordinal} {month} {year}",
        }
        return written[next(self._forms)], day.isoformat()


def filled(text: str, words: Mapping[str, str]) -> str:
    """Put words into the places of a phrasing."""
    for name, value in words.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def holding(key: str, value: str) -> Fact:
    """Make a fact that holds since January."""
    at = datetime(2025, 1, 5, 9, 0, tzinfo=UTC)
    names: dict[str, Any] = {"event_id": "held", "author": "notes", "at": at, "valid_from": at, "known_from": at}
    return Fact(id=f"held:{key}", subject=subject_of(key, value), key=key, value=value, **names)


class Phrasings:
    """Measures a file of phrasings, section by section, on an account that holds the former value."""

    at = datetime(2025, 2, 3, 10, 0, tzinfo=UTC)

    def __init__(self, path: Path, memory: Sequence[MemoryKey]) -> None:
        """Take the file."""
        self._data = yaml.safe_load(path.read_text(encoding="utf-8"))
        self._memory, self._tally, self._fill = memory, Tally(), Filler(self._data["values"])
        self._account = self._data["values"]["company"][0].lower().replace(" ", "-")
        self._promised = [
            Commitment(id=f"c{number}", task=task, owner=OWNER, event_id="p", at=self.at - timedelta(days=9))
            for number, task in enumerate(self._data["values"]["task"])
        ]

    def measure(self) -> Tally:
        """Measure every section."""
        self._sets()
        self._late()
        self._retractions()
        self._corrections()
        self._promises()
        self._nothing()
        return self._tally

    def _taken(self, text: str, facts: Sequence[Fact], promises: Sequence[Commitment] = ()) -> set[Said]:
        """Read one text; corrections, starts, promises and closings are told as pairs of their own."""
        event = Event(id="e", at=self.at, kind="note", author=AUTHOR, text=text)
        read = learn_by_rules(event, self._memory, state_facts=facts, now=self.at, account=self._account)
        passage = Passage(text, self.at, own_names(self._account))
        found: set[Said] = {(one.fact.key, one.fact.value) for one in read if one.how != "withdraws"}
        found = {pair for pair in found if pair[0] not in SET_ASIDE}
        found |= {("corrects", one.fact.key) for one in read if one.how == "corrects"}
        found |= {("from", one.fact.valid_from.date().isoformat()) for one in read if one.fact.valid_from != self.at}
        found |= {("promise", f"{one.owner}: {one.task} > {one.due}") for one in read_commitments(event, passage)}
        return found | {("closed", one.task) for one in read_closings(event, passage, promises)}

    def _sets(self) -> None:
        """Measure what sets a key."""
        for key, texts in self._data["set"].items():
            for text in texts * FILLS:
                (old, was), (new, value) = self._fill.take(key), self._fill.take(key)
                said = filled(text, {"v": new, "o": old})
                found = self._taken(said, [holding(key, was)])
                self._tally.add(f"set {key}", text, said, wanted={(key, value)}, found=found)

    def _late(self) -> None:
        """Measure openings with an earlier day of effect, each before statements by turns."""
        statements = cycle([(key, text) for key, texts in self._data["set"].items() for text in texts])
        for text in self._data["late"] * FILLS * 2:
            (key, statement), (day, start) = next(statements), self._fill.day(date(2025, 1, 14))
            (old, was), (new, value) = self._fill.take(key), self._fill.take(key)
            said = filled(f"{text.rstrip()} {statement}", {"v": new, "o": old, "d": day})
            wanted: set[Said] = {(key, value), ("from", start)}
            self._tally.add("late", text, said, wanted=wanted, found=self._taken(said, [holding(key, was)]))

    def _retractions(self) -> None:
        """Measure what ends a key."""
        for key, texts in self._data["retract"].items():
            for text in texts * FILLS:
                old, was = self._fill.take(key)
                said = filled(text, {"o": old, "v": old})
                found = self._taken(said, [holding(key, was)])
                self._tally.add(f"retract {key}", text, said, wanted={(key, None)}, found=found)

    def _corrections(self) -> None:
        """Measure what puts a value right."""
        for key, texts in self._data["correct"].items():
            for text in texts * FILLS:
                (old, was), (new, value) = self._fill.take(key), self._fill.take(key)
                said, wanted = filled(text, {"v": new, "o": old}), {(key, value), ("corrects", key)}
                found = self._taken(said, [holding(key, was)])
                self._tally.add(f"correct {key}", text, said, wanted={*wanted}, found=found)

    def _promises(self) -> None:
        """Measure promises and what tells that one was kept, among the open ones."""
        for text in self._data["commit"] * FILLS:
            owner, (task, _), (day, due) = self._fill.take("person")[0], self._fill.take("task"), self._fill.take("day")
            said = filled(text, {"owner": owner, "task": task, "day": day})
            wanted: set[Said] = {("promise", f"{owner}: {task} > {due}")}
            self._tally.add("commit", text, said, wanted=wanted, found=self._taken(said, []))
        for text in self._data["close"] * FILLS:
            task = self._fill.take("task")[0]
            said = filled(text, {"owner": OWNER, "task": task})
            found = self._taken(said, [], self._promised)
            self._tally.add("close", text, said, wanted={("closed", task)}, found=found)

    def _nothing(self) -> None:
        """Measure what must give nothing, on an account that holds every key."""
        others = cycle(self._data["values"]["company"][1:])
        facts = [holding(key, self._fill.take(key)[1]) for key in self._data["set"]]
        for section in ("chatter", "hypothetical", "foreign"):
            for text in self._data[section] * FILLS:
                words = {slot: self._fill.take(key)[0] for slot, key in (("n", "seats"), ("p", "person"), ("d", "day"))}
                said = filled(text, words | {"plan": self._fill.take("plan")[0], "other": next(others)})
                self._tally.add(section, text, said, wanted=set(), found=self._taken(said, facts, self._promised))
