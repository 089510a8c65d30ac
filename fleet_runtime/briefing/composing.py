"""Write the lines of a brief, section by section, each a dated sentence that cites what it rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice

from fleet_runtime.briefing.layout import TITLES, Brief, BriefLine, fitted
from fleet_runtime.briefing.view import View
from fleet_runtime.contracts import MemoryKey
from fleet_runtime.dates import say_date
from fleet_runtime.digesting import excerpt
from fleet_runtime.recall.saying import say_commitment, say_fact, say_value, source_of
from fleet_runtime.records import AccountState, Fact

_MOST_LINES = 6
_LONGEST = 200
_LONGEST_EXCERPT = 320
_RULES = {"authority": "who says it weighs more", "recency": "it was said later"}


def brief(state: AccountState, *, keys: Sequence[MemoryKey], as_of: datetime, token_budget: int = 700) -> Brief:
    """Summarise an account as it stood, and as it was known, at ``as_of``.

    Args:
        state: The account's rows.
        keys: The fact keys that a role declares; one without a value is listed as unknown.
        as_of: The moment; later events, facts and commitments are not used.
        token_budget: The most that the Markdown may take, at about four characters a token. The
            weightiest sections (renewal, goals, health, risks) are filled first.

    Returns:
        The brief; the same rows, in any order, and the same moment give the same bytes.
    """
    moment = as_of.replace(tzinfo=UTC) if as_of.tzinfo is None else as_of
    view = View(state, keys, moment)
    lines = {title: tuple(islice(_lines(view, title), _MOST_LINES)) for title in TITLES}
    return fitted(state.key.account, moment, lines, token_budget=token_budget)


def _lines(view: View, title: str) -> Iterator[BriefLine]:
    """Yield the lines of one section."""
    return _WRITERS[title](view) if title in _WRITERS else _stated(view, title)


def _stated(view: View, title: str) -> Iterator[BriefLine]:
    """Yield the facts that hold, in one section."""
    for fact in view.stated(title):
        yield _line(say_fact(fact, view.keys), source_of(fact), fact.id)


def _who(view: View) -> Iterator[BriefLine]:
    """Yield how far the record reaches, after what belongs nowhere else."""
    stated = list(islice(_stated(view, "Who they are"), _MOST_LINES - 1))
    yield from stated
    if view.events:
        first, last = view.events[0], view.events[-1]
        span = f"from {say_date(first.at.date())} to {say_date(last.at.date())}"
        cites = tuple(dict.fromkeys((first.id, last.id)))
        yield BriefLine(text=f"Entries on record: {len(view.events)}, {span}.", cites=cites)


def _commitments(view: View) -> Iterator[BriefLine]:
    """Yield the open commitments, the soonest due first."""
    for one in view.open:
        yield _line(say_commitment(one), source_of(one), one.id)


def _hand_offs(view: View) -> Iterator[BriefLine]:
    """Yield the latest hand-offs, newest first."""
    for event in islice((event for event in reversed(view.events) if event.kind == "hand_off"), 3):
        yield _line(event.text, source_of(event), event.id)


def _risks(view: View) -> Iterator[BriefLine]:
    """Yield stated risks, people who left without a successor, falling use, and what is overdue."""
    yield from _stated(view, "Risks")
    for fact in view.versions:
        if fact.value is None and (fact.valid_to is None or fact.valid_to > view.moment):
            yield _line(say_fact(fact, view.keys), source_of(fact), fact.id)
    holding = {fact.id for fact in view.stated("Health")}
    for before, after in view.successions:
        if after.id in holding and _fell(before, after):
            was, now = (say_value(one.value or "", "count") for one in (before, after))
            yield _line(f"{_spoken(after.key)} fell from {was} to {now}.", source_of(after), before.id, after.id)
    for one in view.open:
        if one.due and one.due < view.moment.date().isoformat():
            yield _line(f"Overdue: {say_commitment(one)}", source_of(one), one.id)


def _contradictions(view: View) -> Iterator[BriefLine]:
    """Yield what two people claim differently: what counts, what was said against it, and by which rule."""
    for one in view.contradictions:
        counts, against = (_said(view, fact) for fact in (one.winner, one.loser))
        text = (
            f"{_spoken(one.key)}: {counts} counts ({source_of(one.winner)}), for {_RULES[one.rule]}; "
            f"{against} was said by {source_of(one.loser)}."
        )
        yield BriefLine(text=text, cites=(one.winner.id, one.loser.id))


def _changes(view: View) -> Iterator[BriefLine]:
    """Yield what changed, the latest first: the value that holds, and what it was until when."""
    pairs = [(before, after) for before, after in view.successions if after.value is not None]
    for before, after in sorted(pairs, key=lambda pair: (pair[1].valid_from, pair[1].id), reverse=True):
        was = f"was {_said(view, before)} until {say_date(after.valid_from.date())}"
        yield _line(f"{say_fact(after, view.keys).rstrip('.')} ({was}).", source_of(after), before.id, after.id)


def _quarters(view: View) -> Iterator[BriefLine]:
    """Yield the beginnings of the digests, the latest quarter first."""
    for digest in view.digests:
        text, cites = excerpt(digest, _LONGEST_EXCERPT)
        yield BriefLine(text=text, cites=cites)


def _unknown(view: View) -> Iterator[BriefLine]:
    """Yield one line that names the declared keys without a value."""
    missing = [name.replace("_", " ") for name in view.missing()]
    if missing:
        yield BriefLine(text=f"Not on record as of {say_date(view.moment.date())}: {', '.join(missing)}.")


_WRITERS: Mapping[str, Callable[[View], Iterator[BriefLine]]] = {
    "Who they are": _who,
    "Open commitments": _commitments,
    "Hand-offs": _hand_offs,
    "Risks": _risks,
    "Contradictions": _contradictions,
    "What changed": _changes,
    "Earlier quarters": _quarters,
    "Unknown": _unknown,
}


def _line(text: str, source: str, *cites: str) -> BriefLine:
    """Make a line of one sentence, cut to a readable length, with its source and date."""
    plain = " ".join(text.split())
    short = plain if len(plain) <= _LONGEST else f"{plain[: _LONGEST - 1].rstrip()}\u2026"
    return BriefLine(text=f"{short} ({source})", cites=cites)


def _said(view: View, fact: Fact) -> str:
    """Say a fact's value for people."""
    return say_value(fact.value or "", view.kind(fact.key))


def _spoken(name: str) -> str:
    """Say a key's name as the opening of a sentence."""
    return name.replace("_", " ").capitalize()


def _fell(before: Fact, after: Fact) -> bool:
    """Tell whether a counted value went down."""
    try:
        return float((after.value or "").rstrip("%")) < float((before.value or "").rstrip("%"))
    except ValueError:
        return False
