"""What is read: one event's text, cut and framed, and what its account holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fleet_runtime.contracts import MemoryKey
from fleet_runtime.learning.reading.framing import Frame
from fleet_runtime.learning.reading.passages import Passage, Sentence
from fleet_runtime.records import Event, Fact

_LONGEST_SENTENCE = 1000


@dataclass(frozen=True, slots=True)
class Scene:
    """One event's text as it is read.

    ``keys`` are those that the role keeps, ``holding`` the facts that hold at the event's time, ``promised`` the
    stretches of the marked text that are promises.
    """

    event: Event
    passage: Passage
    frame: Frame
    keys: Sequence[MemoryKey]
    holding: Sequence[Fact]
    promised: Sequence[tuple[int, int]]

    def current(self) -> Mapping[str, Sequence[Fact]]:
        """Return the facts that hold, by key."""
        found: dict[str, list[Fact]] = {}
        for fact in self.holding:
            found.setdefault(fact.key, []).append(fact)
        return found

    def is_promised(self, place: int) -> bool:
        """Tell whether a place of the marked text is part of a promise."""
        return any(start <= place < end for start, end in self.promised)

    def readable(self, number: int) -> bool:
        """Tell whether a sentence may state something: it is no mere talk, and no endless line."""
        return not self.frame.talk[number] and len(self.passage.sentences[number].text) <= _LONGEST_SENTENCE

    def joined(self, number: int) -> Sentence | None:
        """Join a sentence with the next one, where that may be read too and speaks of no other company."""
        following = number + 1
        if following >= len(self.passage.sentences) or not self.readable(following) or self.frame.foreign[following]:
            return None
        one, other = self.passage.sentences[number], self.passage.sentences[following]
        text = self.passage.text[one.start : other.start + len(other.text)]
        return Sentence(text, one.start, (*one.clauses, *other.clauses)) if len(text) <= _LONGEST_SENTENCE else None
