"""What a reply may rest on, and how it is looked up: figures, names and sentences by value.

It holds only what the model was shown and what was really done this turn; it fetches nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from fleet_runtime.contracts import Value
from fleet_runtime.dates import DateMention
from fleet_runtime.guarding.figures import Figure
from fleet_runtime.guarding.languages import Language
from fleet_runtime.guarding.readings import Readings, Row, TextRead
from fleet_runtime.lexical import stem, words

_MESSAGE = re.compile(r"\A((?:message|e?-?mail|chat|note)\s+to\b[^:]*):.*", re.IGNORECASE | re.DOTALL)
"""What was sent to somebody, and then its words: what those ask for is not done yet."""


class Evidence(Value):
    """What a reply may rest on.

    ``texts`` is what the model was shown (brief, recalled memory, tool results, the conversation with
    the customer's message); ``names`` are proper names it may use besides; ``done`` says the actions really
    done this turn, in plain words ("passed the message to support"). ``system`` is the compiled contract: a
    fact may rest on it, but the reply may not recite it. ``foreign`` are the names of other accounts, which
    no reply may mention whatever else holds them.
    """

    texts: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    done: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()
    system: str = ""


class Support:
    """The evidence, read once; each view of it is made when first asked for."""

    def __init__(self, evidence: Evidence, said_at: datetime, readings: Readings | None = None) -> None:
        """Keep the evidence; ``readings`` gives what was read of it before."""
        read = (readings or Readings()).read
        self.evidence = evidence
        self.said_at = said_at
        self.today = said_at.date()
        self._shown = [read(text, self.today) for text in evidence.texts if text]
        self.system = read(evidence.system, self.today) if evidence.system else None
        self._stating = [*self._shown, *([self.system] if self.system else [])]
        self._reads = [*self._stating, *(read(text, self.today) for text in (*evidence.names, *evidence.done))]

    @property
    def shown(self) -> list[TextRead]:
        """Give the texts that are no contract."""
        return self._shown

    @cached_property
    def language(self) -> Language:
        """The language of what was said last: the customer's."""
        return self._shown[-1].language if self._shown else "en"

    @cached_property
    def lowered(self) -> str:
        """All of the evidence in lower case with single blanks."""
        return " ".join(read.lowered for read in self._reads)

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word of the evidence, in lower case."""
        return frozenset[str]().union(*(read.words for read in self._reads))

    @cached_property
    def stems(self) -> frozenset[str]:
        """The stem of every word of the evidence."""
        return frozenset[str]().union(*(read.stems for read in self._reads))

    @cached_property
    def capitalised(self) -> frozenset[str]:
        """Words that the evidence writes with a capital, in lower case."""
        return frozenset[str]().union(*(read.capitalised for read in self._reads))

    @cached_property
    def small(self) -> frozenset[str]:
        """Words that the evidence also writes without a capital."""
        return frozenset[str]().union(*(read.small for read in self._reads))

    def holds_pair(self, pair: tuple[str, str]) -> bool:
        """Tell whether two words stand side by side anywhere in the evidence."""
        return any(pair in read.pairs for read in self._reads)

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """Every sentence of the evidence that holds a date or a figure."""
        return tuple(row for read in self._reads for row in read.rows if row.dates or row.figures)

    @cached_property
    def dates(self) -> tuple[DateMention, ...]:
        """Every date of the evidence."""
        return tuple(mention for row in self.rows for mention in row.dates)

    @cached_property
    def years(self) -> frozenset[Decimal]:
        """The years of the evidence's dates."""
        return frozenset(Decimal(mention.value.year) for mention in self.dates if mention.value)

    @cached_property
    def figures(self) -> tuple[Figure, ...]:
        """Every figure of the evidence."""
        return tuple(figure for row in self.rows for figure in row.figures)

    def counts_of(self, thing: str) -> frozenset[Decimal]:
        """Return the numbers that the evidence gives for a thing, told by its stem."""
        return frozenset[Decimal]().union(*(read.counts.get(thing, ()) for read in self._reads))

    def holds_both(self, one: Decimal, two: Decimal) -> bool:
        """Tell whether one text of the evidence holds both values."""
        return any(one in read.by_value and two in read.by_value for read in self._reads)

    def figures_of(self, values: Iterable[Decimal]) -> tuple[Figure, ...]:
        """Return the figures of the evidence that may have one of the values."""
        return tuple(figure for value in values for read in self._reads for figure in read.by_value.get(value, ()))

    @cached_property
    def done(self) -> frozenset[str]:
        """The stems of what was really done this turn."""
        heads = (_MESSAGE.sub(r"\1", text) for text in self.evidence.done)
        return frozenset(stem(word) for text in heads for word in words(text))

    def statements_like(self, topic: frozenset[str], share: float) -> tuple[str, ...]:
        """Return the evidence's statements that hold at least ``share`` (0..1) of the topic's stems."""
        if not topic:
            return ()
        least = share * len(topic)
        return tuple(text for read in self._stating for text, held in read.statements if len(topic & held) >= least)

    def statements(self) -> tuple[str, ...]:
        """Return every statement of the evidence."""
        return tuple(text for read in self._stating for text, _ in read.statements)
