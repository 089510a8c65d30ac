"""Consolidation: a quarter that is over gets a digest, a few cited lines on what happened. It deletes nothing.

Composed from the quarter's own events, facts and commitments, so that a digest never knows more than its quarter
did. No model writes it, and the same rows give the same text. ``[n]`` in a text points to the n-th of its ``cites``.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from fleet_runtime.contracts import MemoryKey
from fleet_runtime.dates import say_date
from fleet_runtime.learning.changes import changes
from fleet_runtime.lexical import Bm25, stems
from fleet_runtime.recall.saying import find_key, say_day, say_value
from fleet_runtime.records import AccountState, Change, Commitment, Digest, Event

_SETTLED_AFTER = timedelta(days=30)
_LONGEST = 900
_LONGEST_PIECE = 130
_MOST_OF_A_KIND = 5
_MOST_TELLING = 3
_RAREST_STEMS = 6
_HEADINGS = ("", "Changed", "Corrected", "Ended", "Set", "Promised", "Kept", "Handed over", "Most telling")
_WEIGHTIEST_FIRST = ("", "Changed", "Ended", "Promised", "Kept", "Corrected", "Most telling", "Set", "Handed over")
_BRACKETS = str.maketrans("[]", "()")
_REFERENCE = re.compile(r" ?\[(\d+)(?:, (\d+))?\]")
_PIECE_END = re.compile(r"(?<=\]); ")
_BEGINNING = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Piece:
    """One thing that happened, under a heading, with the ids that it rests on."""

    heading: str
    text: str
    cites: tuple[str, ...]


def digests_due(state: AccountState, *, now: datetime, keys: Sequence[MemoryKey]) -> tuple[Digest, ...]:
    """Write the digests that are missing.

    Args:
        state: The account's rows.
        now: The present moment; a quarter must have been over for 30 days.
        keys: The keys that roles declare; they say how values are written.

    Returns:
        One digest for each such quarter whose events are not all covered by the one that is kept, oldest first. The
        id is ``digest:`` and the quarter, so that a new one takes the place of the old.
    """
    covered = {digest.period: digest.events for digest in state.digests}
    quarters: dict[str, list[Event]] = defaultdict(list)
    for event in state.events:
        quarters[quarter_of(event.at)].append(event)
    due = [
        period
        for period, events in sorted(quarters.items())
        if quarter_end(period) + _SETTLED_AFTER <= now and covered.get(period) != len(events)
    ]
    changed: dict[str, list[Change]] = defaultdict(list)
    for change in changes(state.facts, _BEGINNING) if due else ():
        changed[quarter_of(change.at)].append(change)
    return tuple(
        _digest(period, quarters[period], changed[period], state.commitments, keys=keys, now=now) for period in due
    )


def quarter_of(moment: datetime) -> str:
    """Return the quarter of a moment: "2026-Q1"."""
    return f"{moment.year:04}-Q{(moment.month + 2) // 3}"


def quarter_end(period: str) -> datetime:
    """Return the moment at which a quarter is over."""
    year, quarter = int(period[:4]), int(period[-1])
    return datetime(year + quarter // 4, quarter % 4 * 3 + 1, 1, tzinfo=UTC)


def excerpt(digest: Digest, longest: int) -> tuple[str, tuple[str, ...]]:
    """Return the first pieces of a digest that fit, without references, and the ids that they rest on.

    Args:
        digest: The digest.
        longest: How many characters fit; the first line is given in any case.
    """
    said, cites = "", list[str]()
    for line in digest.text.splitlines():
        for number, piece in enumerate(_PIECE_END.split(line.rstrip("."))):
            joint = "; " if number else ". "
            longer = f"{said}{joint}{_REFERENCE.sub('', piece)}" if said else _REFERENCE.sub("", piece)
            if said and len(longer) >= longest:
                return f"{said}.", tuple(dict.fromkeys(cites))
            said = longer
            cites += [digest.cites[int(ref) - 1] for refs in _REFERENCE.findall(piece) for ref in refs if ref]
    return f"{said}.", tuple(dict.fromkeys(cites))


def _digest(  # noqa: PLR0913 - the quarter's rows, by kind
    period: str,
    events: Sequence[Event],
    changed: Sequence[Change],
    commitments: Sequence[Commitment],
    *,
    keys: Sequence[MemoryKey],
    now: datetime,
) -> Digest:
    """Write one quarter's digest: the weightiest pieces that there is room for."""
    ordered = sorted(events, key=lambda event: (event.at, event.id))
    promised = sorted((one for one in commitments if quarter_of(one.at) == period), key=lambda one: (one.at, one.id))
    kept = sorted(
        (one for one in commitments if one.closed_at and one.state == "done" and quarter_of(one.closed_at) == period),
        key=lambda one: (one.closed_at or one.at, one.id),
    )
    pieces: dict[str, list[_Piece]] = defaultdict(list)
    for piece in (
        _heading(period, ordered),
        *_changes(changed, keys),
        *(_Piece("Promised", _promise(one), (one.id,)) for one in promised),
        *(_Piece("Kept", one.task, (one.id, one.closed_by) if one.closed_by else (one.id,)) for one in kept),
        *(_Piece("Handed over", one.text, (one.id,)) for one in ordered if one.kind == "hand_off"),
        *_telling(ordered, Counter([*(one.event_id for one in changed), *(one.event_id for one in promised)])),
    ):
        pieces[piece.heading].append(piece)
    chosen: list[_Piece] = []
    for heading in _WEIGHTIEST_FIRST:
        for piece in pieces[heading][:_MOST_OF_A_KIND]:
            if len(_rendered([*chosen, piece])[0]) <= _LONGEST:
                chosen.append(piece)
    text, cites = _rendered(chosen)
    return Digest(id=f"digest:{period}", period=period, text=text, cites=cites, events=len(events), made_at=now)


def _heading(period: str, events: Sequence[Event]) -> _Piece:
    """Say how much happened, in which forms, and when."""
    kinds = Counter(event.kind for event in events).most_common()
    forms = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds, key=lambda row: (-row[1], row[0]))[:4])
    first, last = events[0], events[-1]
    span = f"{say_date(first.at.date())} to {say_date(last.at.date())}"
    return _Piece("", f"{period}, {span}: {len(events)} on record ({forms})", tuple(dict.fromkeys((first.id, last.id))))


def _changes(changed: Sequence[Change], keys: Sequence[MemoryKey]) -> Iterator[_Piece]:
    """Yield what was set, changed, corrected and ended."""
    for one in changed:
        key = find_key(keys, one.key)
        kind = key.kind if key else "text"
        value, was = (say_value(text, kind) if text is not None else None for text in (one.value, one.was))
        name = one.key.replace("_", " ")
        name = name if one.subject == "account" or value is not None else f"{name} {one.subject}"
        if one.how == "correct":
            said = f"{name} {value}, not {was}" if value is not None else f"{name} was never {was}"
            yield _Piece("Corrected", said, (one.event_id,))
        elif value is None:
            yield _Piece("Ended", f"{name}, formerly {was}" if was else name, (one.event_id,))
        elif was is not None:
            yield _Piece("Changed", f"{name} from {was} to {value}", (one.event_id,))
        else:
            yield _Piece("Set", f"{name} {value}", (one.event_id,))


def _promise(one: Commitment) -> str:
    """Say a promise in few words."""
    due = f", due {say_day(one.due)}" if one.due else ""
    return f"{one.task.rstrip('.')} ({one.owner}{due})"


def _telling(events: Sequence[Event], taught: Mapping[str, int]) -> Iterator[_Piece]:
    """Yield the events that taught most, and among those the ones in the rarest words."""
    documents = [stems(event.text) for event in events]
    weights = Bm25(documents)
    ranked: list[tuple[int, float, Event]] = []
    for event, document in zip(events, documents, strict=True):
        rarest = sorted((weights.idf(stem) for stem in set(document)), reverse=True)[:_RAREST_STEMS]
        ranked.append((taught.get(event.id, 0), round(sum(rarest), 6), event))
    ranked.sort(key=lambda row: (-row[0], -row[1], row[2].at, row[2].id))
    for _, rarity, event in ranked[:_MOST_TELLING]:
        if rarity and event.kind != "hand_off":
            yield _Piece("Most telling", f"{event.author}, {say_date(event.at.date())}: {event.text}", (event.id,))


def _rendered(pieces: Sequence[_Piece]) -> tuple[str, tuple[str, ...]]:
    """Write pieces as lines, one a heading, and number what they cite."""
    numbers: dict[str, int] = {}
    lines: list[str] = []
    for heading in _HEADINGS:
        said: list[str] = []
        for piece in pieces:
            if piece.heading == heading:
                refs = ", ".join(str(numbers.setdefault(cite, len(numbers) + 1)) for cite in piece.cites)
                said.append(f"{_short(piece.text)} [{refs}]")
        if said:
            lines.append(f"{heading}: {'; '.join(said)}." if heading else f"{said[0]}.")
    return "\n".join(lines), tuple(numbers)


def _short(text: str) -> str:
    """Bring a text to one line of readable length, without brackets that could be taken for references."""
    plain = " ".join(text.translate(_BRACKETS).split()).rstrip(".;")
    return plain if len(plain) <= _LONGEST_PIECE else f"{plain[: _LONGEST_PIECE - 1].rstrip()}\u2026"
