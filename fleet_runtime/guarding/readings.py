"""Reads one text of the evidence, its words, names, sentences, figures and dates, each when first asked for.

What was read can be kept by whoever keeps a `Readings`: a contract that every turn shows is read once. It
keeps what it is given and fetches nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import NamedTuple, get_args

from fleet_runtime.dates import DateMention
from fleet_runtime.guarding.cutting import sentences
from fleet_runtime.guarding.dates_abroad import find_all_dates
from fleet_runtime.guarding.figures import Figure, find_figures
from fleet_runtime.guarding.languages import Language, language_of
from fleet_runtime.guarding.reading import LINK, PHONE
from fleet_runtime.lexical import STOPWORDS, stem, stems, words

_TOKEN = re.compile(r"\b[^\W\d_][\w-]*")
_NEXT_WORD = re.compile(
    r"[\s-]+(?:(?:of|der|de|des|del|Ihrer|vos|sus|your|our|the|active|aktive[nr]?)\s+)?([^\W\d_]{3,})"
)
_KEPT_TEXTS = 512


class Row(NamedTuple):
    """One sentence of the evidence, read once."""

    text: str
    language: Language
    dates: tuple[DateMention, ...]
    figures: tuple[Figure, ...]

    def counts(self, value: Decimal) -> bool:
        """Tell whether any of its figures may have that value."""
        return any(value in figure.readings for figure in self.figures)


class TextRead:
    """One text, as read on one day."""

    def __init__(self, text: str, day: date) -> None:
        """Keep the text; read nothing yet."""
        self.text = text
        self._said_at = datetime.combine(day, time())

    @cached_property
    def lowered(self) -> str:
        """The text in lower case with single blanks."""
        return " ".join(self.text.lower().split())

    @cached_property
    def language(self) -> Language:
        """The language that most of the text is in."""
        return language_of(self.text)

    @cached_property
    def row(self) -> list[str]:
        """The text's words, in order, in lower case."""
        return words(self.text)

    @cached_property
    def spoken(self) -> str:
        """The text's words with single blanks between and around them."""
        return f" {' '.join(self.row)} "

    @cached_property
    def words(self) -> frozenset[str]:
        """The text's words, a possessive ("Priya's") also without its ending."""
        return frozenset(self.row) | frozenset(word.partition("'")[0] for word in self.row if word.endswith("'s"))

    @cached_property
    def stems(self) -> frozenset[str]:
        """The stems of all its words."""
        return frozenset(stem(word) for word in self.words)

    @cached_property
    def pairs(self) -> frozenset[tuple[str, str]]:
        """Every two neighbouring words."""
        return frozenset(pairwise(self.row))

    @cached_property
    def capitalised(self) -> frozenset[str]:
        """Words that the text writes with a capital, in lower case."""
        found = {token for token in _TOKEN.findall(self.text) if token[0].isupper()}
        return frozenset(word for token in found for word in words(token))

    @cached_property
    def small(self) -> frozenset[str]:
        """Words that the text also writes without a capital."""
        found = {token for token in _TOKEN.findall(self.text) if not token[0].isupper()}
        return frozenset(word for token in found for word in words(token))

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        """The text's sentences."""
        return tuple(sentences(self.text))

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """Every sentence that may hold a figure or a date, with both."""
        return tuple(self._row(sentence) for sentence in self.sentences)

    @cached_property
    def by_value(self) -> Mapping[Decimal, tuple[Figure, ...]]:
        """Its figures under each of their values."""
        found: dict[Decimal, tuple[Figure, ...]] = {}
        for row in self.rows:
            for figure in row.figures:
                for value in figure.readings:
                    found[value] = (*found.get(value, ()), figure)
        return found

    @cached_property
    def counts(self) -> Mapping[str, frozenset[Decimal]]:
        """For the stem of each thing that it counts, the numbers that it gives."""
        found: dict[str, set[Decimal]] = {}
        for row in self.rows:
            for figure in row.figures:
                thing = counted(row.text[figure.end :]) if figure.kind == "number" else ""
                if thing:
                    found.setdefault(thing, set()).update(figure.readings)
        return {thing: frozenset(numbers) for thing, numbers in found.items()}

    @cached_property
    def statements(self) -> tuple[tuple[str, frozenset[str]], ...]:
        """Every sentence that is no question, with its stems."""
        return tuple((each, frozenset(stems(each))) for each in self.sentences if not each.rstrip().endswith("?"))

    def _row(self, sentence: str) -> Row:
        """Read a sentence's dates, and its figures apart from dates and links."""
        language = language_of(sentence, self.language)
        dates = find_all_dates(sentence, self._said_at, language)
        spans = [(mention.start, mention.end) for mention in dates]
        spans += [match.span() for pattern in (LINK, PHONE) for match in pattern.finditer(sentence)]
        figures = find_figures(sentence, spans, language)
        if language_of(sentence, "en") != language_of(sentence, "de"):  # too short to tell: read its words in each
            read = {(figure.start, figure.value) for figure in figures}
            figures += tuple(
                figure
                for other in get_args(Language)
                if other != language
                for figure in find_figures(sentence, spans, other)
                if (figure.start, figure.value) not in read
            )
        return Row(sentence, language, dates, figures)


def counted(following: str) -> str:
    """Return the stem of the word right after a number, if it can be a thing that is counted."""
    match = _NEXT_WORD.match(following)
    word = match[1].lower() if match else ""
    return stem(word) if word and word not in STOPWORDS else ""


class Readings:
    """Keeps what was read, so that a text that comes again is not read again."""

    def __init__(self, kept: int = _KEPT_TEXTS) -> None:
        """Keep at most ``kept`` texts, those asked for last."""
        self.read = lru_cache(maxsize=kept)(TextRead)
