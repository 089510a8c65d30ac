"""What a reply may rest on, and how it is looked up: figures, dates, names and sentences by value.

It holds only what the model was shown and what was really done this turn; it fetches nothing.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from fleet_runtime.contracts import Value
from fleet_runtime.dates import DateMention, find_dates
from fleet_runtime.guarding.figures import Figure, find_figures
from fleet_runtime.guarding.reading import LINK, sentences
from fleet_runtime.lexical import STOPWORDS, stem, stems, words

_CAPITALISED = re.compile(r"\b[^\W\d_][\w-]*")
_NEXT_WORD = re.compile(r"[\s-]+([^\W\d_]{3,})")
_MAY_COUNT = re.compile(
    r"\d|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tues?|wednes|thurs?|fri|satur|sun|day|week|fortnight"
    r"|month|quarter|year|today|tonight|tomorrow|yesterday|zero|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
    r"|thir|fif|twen|hundred|thousand|million|billion|dozen|half|halved|third|tenth|doubled|tripled|one)",
    re.IGNORECASE,
)
_QUARTER = 3


class Evidence(Value):
    """What a reply may rest on.

    ``texts`` is what the model was shown (contract, brief, recalled memory, tool results, the
    conversation with the customer's message); ``names`` are proper names it may use besides;
    ``done`` says the actions really done this turn, in plain words ("passed the message to support").
    """

    texts: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    done: tuple[str, ...] = ()


class _Read(NamedTuple):
    """One sentence of the evidence, read once."""

    text: str
    dates: tuple[DateMention, ...]
    figures: tuple[Figure, ...]


class Support:
    """The evidence, read once for one reply."""

    def __init__(self, evidence: Evidence, said_at: datetime) -> None:
        """Keep the evidence; each view of it is made when first asked for."""
        self._texts = evidence.texts + evidence.names + evidence.done
        self._evidence = evidence
        self._said_at = said_at

    @cached_property
    def lowered(self) -> str:
        """All of the evidence in lower case with single blanks."""
        return " ".join(" ".join(self._texts).lower().split())

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word of the evidence, in lower case."""
        return frozenset(word for text in self._texts for word in words(text))

    @cached_property
    def pairs(self) -> frozenset[tuple[str, str]]:
        """Every two neighbouring words of the evidence."""
        rows = [words(text) for text in self._texts]
        return frozenset(pair for row in rows for pair in pairwise(row))

    @cached_property
    def capitalised(self) -> frozenset[str]:
        """Words that the evidence writes with a capital, in lower case."""
        found = (match.group() for text in self._texts for match in _CAPITALISED.finditer(text))
        return frozenset(word for token in found if token[0].isupper() for word in words(token))

    @cached_property
    def small(self) -> frozenset[str]:
        """Words that the evidence also writes without a capital."""
        found = (match.group() for text in self._texts for match in _CAPITALISED.finditer(text))
        return frozenset(word for token in found if not token[0].isupper() for word in words(token))

    @cached_property
    def _read(self) -> tuple[_Read, ...]:
        """Every sentence of the evidence with its dates and figures, each read once."""
        every = (sentence for text in self._texts for sentence in sentences(text))
        return tuple(_read(each, self._said_at) for each in every)

    @cached_property
    def dates(self) -> tuple[DateMention, ...]:
        """Every date of the evidence."""
        return tuple(mention for row in self._read for mention in row.dates)

    @cached_property
    def _figures(self) -> tuple[Figure, ...]:
        """Every figure of the evidence."""
        return tuple(figure for row in self._read for figure in row.figures)

    @cached_property
    def _statements(self) -> tuple[tuple[str, frozenset[str]], ...]:
        """Every sentence of the evidence that is no question, with its stems."""
        every = (sentence for text in self._evidence.texts for sentence in sentences(text))
        return tuple((each, frozenset(stems(each))) for each in every if not each.rstrip().endswith("?"))

    @cached_property
    def done(self) -> frozenset[str]:
        """The stems of what was really done this turn."""
        return frozenset(stem(word) for text in self._evidence.done for word in words(text))

    def has_figure(self, figure: Figure) -> bool:
        """Tell whether the evidence holds the same value in the same unit, or the years of a date hold it."""
        if any(_same(figure, known) for known in self._figures):
            return True
        years = {mention.value.year for mention in self.dates if mention.value}
        return figure.kind == "number" and figure.value in years

    def counts_other(self, number: Decimal, following: str) -> bool:
        """Tell whether a known number is said of a thing that the evidence counts differently ("140 seats").

        So it is when the evidence gives other numbers for that thing, and no sentence of it holds both.
        """
        thing = _counted(following)
        if not thing or thing not in self._counts or number in self._counts[thing]:
            return False
        return not any(thing in held and number in values for held, values in self._holdings)

    @cached_property
    def _counts(self) -> dict[str, set[Decimal]]:
        """For each counted thing of the evidence, its numbers."""
        counts: dict[str, set[Decimal]] = {}
        for row in self._read:
            for figure in row.figures:
                thing = _counted(row.text[figure.end :])
                if figure.kind == "number" and thing:
                    counts.setdefault(thing, set()).add(figure.value)
        return counts

    @cached_property
    def _holdings(self) -> tuple[tuple[frozenset[str], frozenset[Decimal]], ...]:
        """For each sentence of the evidence, its stems and its numbers."""
        return tuple(
            (frozenset(stems(row.text)), frozenset(figure.value for figure in row.figures)) for row in self._read
        )

    def has_date(self, mention: DateMention) -> bool:
        """Tell whether the evidence speaks of that day, or of a day within that month, quarter or year."""
        if " ".join(mention.text.lower().split()) in self.lowered:
            return True
        return mention.value is not None and any(
            known.value is not None and _covers(mention, known.value, known.precision) for known in self.dates
        )

    def statements_like(self, topic: frozenset[str], share: float) -> tuple[str, ...]:
        """Return the evidence's statements that hold at least ``share`` (0..1) of the topic's stems."""
        if not topic:
            return ()
        return tuple(text for text, held in self._statements if len(topic & held) >= share * len(topic))


def _read(sentence: str, said_at: datetime) -> _Read:
    """Read a sentence's dates, and its figures apart from dates and links; most sentences have neither."""
    if not _MAY_COUNT.search(sentence):
        return _Read(sentence, (), ())
    dates = find_dates(sentence, said_at)
    spans = [*((mention.start, mention.end) for mention in dates), *(match.span() for match in LINK.finditer(sentence))]
    return _Read(sentence, dates, find_figures(sentence, spans))


def _counted(following: str) -> str:
    """Return the stem of the word right after a number, if it can be a thing that is counted."""
    match = _NEXT_WORD.match(following)
    word = match[1].lower() if match else ""
    return stem(word) if word and word not in STOPWORDS else ""


def _same(figure: Figure, known: Figure) -> bool:
    """Compare by value; a third is 33 as well as 33.3 percent."""
    if {figure.kind, known.kind} == {"share", "percentage"} or figure.kind == known.kind == "share":
        return abs(figure.value - known.value) < 1
    return (figure.kind, figure.value, figure.currency) == (known.kind, known.value, known.currency)


def _covers(mention: DateMention, day: date, precision: str) -> bool:
    """Tell whether a known date says what the mention says; a coarser one does not."""
    said = mention.value
    if said is None or said.year != day.year:
        return False
    if mention.precision == "year":
        return True
    if mention.precision == "quarter":
        return precision != "year" and (said.month - 1) // _QUARTER == (day.month - 1) // _QUARTER
    same_month = said.month == day.month and precision in {"day", "month"}
    return same_month and (mention.precision == "month" or (precision == "day" and said.day == day.day))
