"""What was said with a customer, as far as it is on the account's record: read as colleagues' notes are. Pure.

A conversation is where worry is voiced first. Of each text the themes are found once; a question settles nothing, and
of a long record only the latest texts are read.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from fleet_runtime.health.case import Case
from fleet_runtime.noting import load_reader
from fleet_runtime.records import Event
from fleet_runtime.records.book import Week

SPOKEN: Final = frozenset({"message", "note", "email", "mail", "call", "meeting", "transcript"})
"""Kinds of events in which somebody says how things are; what the house itself answered is not among them."""
MOST_TEXTS: Final = 300
_SURE: Final = 0.5
_SETTLING: Final = frozenset({"renewed", "resolved", "successor", "praise"})


def talk_of(case: Case) -> tuple[Week, ...]:
    """Return what was said, oldest first, each as a week that holds nothing but a note; kept with the case."""
    if case.kept_talk is None:
        noted = {row.event_id for row in case.book.signals.weeks if row.event_id}
        said = [event for event in case.state.events if event.kind in SPOKEN and event.id not in noted]
        case.kept_talk = tuple(_read(said[-MOST_TEXTS:])) if said else ()
    return case.kept_talk


def _read(events: Iterable[Event]) -> Iterable[Week]:
    """Find the themes of texts; those without one are left out."""
    reader = load_reader()
    for event in events:
        [found] = reader.beliefs_of([event.text])
        beliefs = {theme: sure for theme, sure in found.items() if not ("?" in event.text and theme in _SETTLING)}
        if beliefs:
            themes = tuple(theme for theme, sure in beliefs.items() if sure >= _SURE)
            yield Week(
                start=event.at.date(), note=event.text, themes=themes, beliefs=beliefs, event_id=event.id,
                source=f"event {event.id}", known_from=event.at,
            )  # fmt: skip
