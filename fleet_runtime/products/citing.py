"""Footnotes: what is taken from the record carries its source into the text. Numbers go by first appearance.

A `Cited` is written into a template like a text; only when it is really printed does its source get a number and its
value a place among the figures. So the sources of a work product are those of what it says, and no others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from fleet_runtime.products.escaping import clipped, plain
from fleet_runtime.products.values import Figure, FigureValue
from fleet_runtime.records.book import Evidence

_LONGEST_SOURCE = 400


class Source(NamedTuple):
    """A footnote, ready to be printed: its number, where it is to be looked up, and what stands there."""

    number: int
    place: str
    says: str


class Ledger:
    """The footnotes of one work product."""

    def __init__(self) -> None:
        """Start with none."""
        self._says: dict[str, dict[str, None]] = {}
        self._figures: dict[tuple[str, str], Figure] = {}

    def cite(self, name: str, value: FigureValue, shown: str, *evidence: Evidence) -> Cited:
        """Make a value from the record printable.

        Args:
            name: what it is (``seats``, ``health.score``); figures are known by it.
            value: as it stands in the record, or as it was computed from it.
            shown: how it is written; escaped here.
            evidence: what it rests on; at least one.
        """
        return Cited(self, Figure(name, value, "; ".join(one.source for one in evidence), shown), evidence)

    def note(self, figure: Figure, evidence: Iterable[Evidence]) -> str:
        """Take a figure that is being printed, and return its marks."""
        self._figures.setdefault((figure.name, str(figure.value)), figure)
        used = list({(one.source, one.text): one for one in evidence}.values())
        for one in used:
            self._says.setdefault(one.source, {}).setdefault(one.text)
        numbers = list(self._says)
        return "".join(f"[{number}]" for number in sorted({numbers.index(one.source) + 1 for one in used}))

    def __iter__(self) -> Iterator[Source]:
        """Yield the footnotes that have been used so far, in the order of their numbers."""
        for number, (place, says) in enumerate(self._says.items(), start=1):
            told = "; ".join(_apart_from(place, says))
            yield Source(number, plain(clipped(place, _LONGEST_SOURCE)), plain(clipped(told, _LONGEST_SOURCE)))

    @property
    def cites(self) -> tuple[str, ...]:
        """Return where the footnotes are to be looked up."""
        return tuple(self._says)

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Return the figures that were printed, in the order of their first appearance."""
        return tuple(self._figures.values())


def _apart_from(place: str, texts: Iterable[str]) -> Iterator[str]:
    """Yield what stands at a place: no text that another one holds, nor the place itself."""
    said = [text for text in texts if text and text != place]
    folded = [text.casefold() for text in said]
    for here, text in enumerate(said):
        others = (*folded[:here], *(other for other in folded[here + 1 :] if other != folded[here]))
        if not any(folded[here] in other for other in others):
            yield text


class Cited:
    """A piece of the record: printed with its marks; ``bare`` prints it without them, and it counts all the same."""

    def __init__(self, ledger: Ledger, figure: Figure, evidence: tuple[Evidence, ...]) -> None:
        """Keep what it is and what it rests on."""
        self._ledger = ledger
        self._figure = figure
        self.evidence = evidence

    def __str__(self) -> str:
        """Print it with its marks."""
        marks = self.marks
        return f"{plain(self._figure.shown)} {marks}" if marks else plain(self._figure.shown)

    @property
    def bare(self) -> str:
        """Print it without marks."""
        self._ledger.note(self._figure, self.evidence)
        return plain(self._figure.shown)

    @property
    def marks(self) -> str:
        """Print its marks alone, where the text says the value in other words."""
        return self._ledger.note(self._figure, self.evidence)

    @property
    def silent(self) -> str:
        """Print nothing, and count all the same: for what the text says in words of its own, where it has no marks."""
        self._ledger.note(self._figure, self.evidence)
        return ""

    @property
    def value(self) -> FigureValue:
        """Return the value itself, for a template to compare."""
        return self._figure.value


class Phrase:
    """A sentence of ours around pieces of the record: they are cited when it is printed, and not before."""

    def __init__(self, *parts: Cited | str) -> None:
        """Keep its parts; ours are Markdown already."""
        self._parts = parts

    def __str__(self) -> str:
        """Print them one after the other."""
        return "".join(str(part) for part in self._parts)
