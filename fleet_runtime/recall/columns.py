"""The columns of an account's events in numpy: words as hashes, authors, days, sessions and vectors. Ranks nothing.

`Columns.until` gives the part up to a moment, so that what came later has no say in word statistics either.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, cached_property

import numpy as np
import numpy.typing as npt

from fleet_runtime.dates import MONTHS
from fleet_runtime.lexical import stem, stems
from fleet_runtime.ports import RankingRows
from fleet_runtime.recall.terms import MICROSECONDS, MOST_WORDS, microseconds, term_hash
from fleet_runtime.recall.vectors import Floats, Numbers, earlier_products, table

Ints = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]

_DATE_WORDS = 3

BEFORE, BESIDE = 0.7, 0.6
"""How much the event before counts, and each neighbour where both do, when vectors are taken together."""
_SESSION_GAP = 6 * 3600 * MICROSECONDS


@dataclass(frozen=True)
class Named:
    """A column of names, few of them different: ``names[of[place]]`` is an event's, ``hashes`` are the names' stems."""

    names: tuple[str, ...]
    hashes: tuple[frozenset[int], ...]
    of: Ints

    @classmethod
    def read(cls, column: Sequence[str]) -> Named:
        """Number the different names of a column."""
        numbers: dict[str, int] = {}
        of = np.fromiter((numbers.setdefault(each, len(numbers)) for each in column), np.int32, len(column))
        return cls(tuple(numbers), tuple(frozenset(map(term_hash, stems(name))) for name in numbers), of)

    @property
    def sizes(self) -> Ints:
        """Return how many stems each event's name has."""
        return np.array([len(each) for each in self.hashes], dtype=np.int32)[self.of]

    def where(self, fits: Callable[[int], bool]) -> Bools:
        """Tell for each event whether its name, by the name's number, fits."""
        return np.array([fits(number) for number in range(len(self.names))], dtype=np.bool_)[self.of]


@dataclass(frozen=True)
class Columns:
    """One row for each event, in time. ``terms`` are all events' words one after another, ``row`` whose each one is.

    ``lengths`` count the words by which an event is found (its text's, its author's and its date's), ``spoken`` all
    that it says; ``dates`` are years, months and days; ``session`` numbers the sessions: a pause of six hours ends one.
    ``vectors`` have no columns where no event has one.
    """

    at: npt.NDArray[np.int64]
    terms: npt.NDArray[np.uint32]
    row: Ints
    lengths: Floats
    spoken: Floats
    flags: npt.NDArray[np.uint32]
    authors: Named
    dates: Ints
    session: Ints
    vectors: Numbers
    inverse_lengths: Floats

    @classmethod
    def of(cls, rows: RankingRows) -> Columns:
        """Read the rows of a store; there is at least one."""
        counts = np.fromiter(map(len, rows.terms), np.int32, len(rows.terms)) // 4
        flat = np.frombuffer(b"".join(rows.terms), dtype="<u4")
        starts = np.concatenate(([0], np.cumsum(counts)[:-1]))
        headers = flat[starts]
        at = np.asarray(rows.at, dtype=np.int64)
        authors = Named.read(rows.authors)
        vectors, inverse_lengths = table(rows.vectors or [None] * len(at))
        return cls(
            at=at,
            terms=np.delete(flat, starts),
            row=np.repeat(np.arange(len(at), dtype=np.int32), counts - 1),
            lengths=(counts - 1 + authors.sizes + _DATE_WORDS).astype(np.float32),
            spoken=(headers & MOST_WORDS).astype(np.float32),
            flags=headers & ~np.uint32(MOST_WORDS),
            authors=authors,
            dates=_dates(at),
            session=np.concatenate(([0], np.cumsum(np.diff(at) > _SESSION_GAP))).astype(np.int32),
            vectors=vectors,
            inverse_lengths=inverse_lengths,
        )

    def __len__(self) -> int:
        """Return how many events there are."""
        return len(self.at)

    def until(self, moment: datetime | None) -> Columns:
        """Return the events up to a moment, it included; None for all."""
        count = len(self) if moment is None else int(np.searchsorted(self.at, microseconds(moment), side="right"))
        if count == len(self):
            return self
        words = int(np.searchsorted(self.row, count))
        return Columns(
            at=self.at[:count],
            terms=self.terms[:words],
            row=self.row[:words],
            lengths=self.lengths[:count],
            spoken=self.spoken[:count],
            flags=self.flags[:count],
            authors=replace(self.authors, of=self.authors.of[:count]),
            dates=self.dates[:, :count],
            session=self.session[:count],
            vectors=self.vectors[:count],
            inverse_lengths=self.inverse_lengths[:count],
        )

    def of_latest_day(self, moment: datetime) -> list[int]:
        """Return the places of what was said on the latest day before that of a moment."""
        midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        count = int(np.searchsorted(self.at, microseconds(midnight), side="left"))
        if not count:
            return []
        latest = self.dates[:, count - 1 : count]
        return [int(place) for place in np.flatnonzero((self.dates[:, :count] == latest).all(axis=0))]

    def told(self, term: int) -> Floats:
        """Return how often each event's text has one term."""
        return np.bincount(self.row[self.terms == np.uint32(term)], minlength=len(self)).astype(np.float32)

    def named(self, term: int) -> Floats:
        """Return how often each event's author's name and date have one term."""
        found = np.zeros(len(self), dtype=np.float32)
        if any(term in name for name in self.authors.hashes):
            found += self.authors.where(lambda number: term in self.authors.hashes[number])
        if term in _date_terms():
            part, value = _date_terms()[term]
            found += self.dates[part] == value
        return found

    @cached_property
    def kept(self) -> dict[str, Floats]:
        """Return a place where ranking keeps what it found of the events that no question changes."""
        return {}

    @cached_property
    def first(self) -> Ints:
        """Return the place of each session's first event."""
        return np.flatnonzero(np.diff(self.session, prepend=-1)).astype(np.int32)

    @cached_property
    def told_rarely(self) -> Floats:
        """Return how rare the words of each event are in the account, added up.

        Words are counted by half of their hash, without sorting: two that share it look a little more common.
        """
        halves = (self.terms >> np.uint32(16)).astype(np.int32)
        rarity = np.log1p(len(self) / np.maximum(np.bincount(halves, minlength=1 << 16), 1))
        return np.bincount(self.row, weights=rarity[halves], minlength=len(self)).astype(np.float32)

    @cached_property
    def length_with_before(self) -> Floats:
        """Return how long the vector of each event and, by `BEFORE`, the one before it would be together."""
        square = 1 + BEFORE**2 * self._has_before + 2 * BEFORE * self._like_earlier(1)
        together: Floats = np.sqrt(square).astype(np.float32)
        return together

    @cached_property
    def length_with_both(self) -> Floats:
        """Return how long the vector of each event and, by `BESIDE`, those before and after it would be together."""
        before, has_before, across = self._like_earlier(1), self._has_before, self._like_earlier(2)
        neighbours = has_before + 2 * BESIDE**-1 * before
        after = np.append(neighbours[1:], np.float32(0)) + 2 * np.append(across[1:], np.float32(0))
        together: Floats = np.sqrt(1 + BESIDE**2 * (neighbours + after)).astype(np.float32)
        return together

    @property
    def _has_before(self) -> Floats:
        """Tell (1 or 0) whether the event before it is of its session."""
        same: Floats = (np.diff(self.session, prepend=-1) == 0).astype(np.float32)
        return same

    def _like_earlier(self, steps: int) -> Floats:
        """Return the cosine of each event's vector with that so many events before it in its session; else 0."""
        found = np.zeros(len(self), dtype=np.float32)
        inverse, session = self.inverse_lengths, self.session
        same = (session[steps:] == session[:-steps]) * inverse[steps:] * inverse[:-steps]
        found[steps:] = earlier_products(self.vectors, steps) * same
        return found


@cache
def _date_terms() -> dict[int, tuple[int, int]]:
    """Return what a term says of a date: which part of it (year, month, day), and its value."""
    years = {term_hash(str(year)): (0, year) for year in range(1970, 2100)}
    months = {term_hash(stem(name.lower())): (1, number) for number, name in enumerate(MONTHS, 1)}
    days = {term_hash(str(day)): (2, day) for day in range(1, 32)}
    return {**years, **months, **days}


def _dates(at: npt.NDArray[np.int64]) -> Ints:
    """Return the year, month and day of each time."""
    moments = at.astype("datetime64[us]")
    years, months = moments.astype("datetime64[Y]"), moments.astype("datetime64[M]")
    return np.array(
        [
            years.astype(np.int64) + 1970,
            (months - years).astype(np.int64) + 1,
            (moments.astype("datetime64[D]") - months.astype("datetime64[D]")).astype(np.int64) + 1,
        ],
        dtype=np.int32,
    )
