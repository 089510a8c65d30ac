"""LoCoMo conversations as account events, and the figures of a ranking. Judges no answer; no model is asked.

Each question of the published file names the turns that hold its answer. A question whose turns are unknown is left
out. What a shared picture showed stands in its turn's text; the file's summaries and observations are not read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from fleet_runtime.records import Event

CATEGORIES = {1: "multi-hop", 2: "temporal", 3: "open-domain", 4: "single-hop", 5: "adversarial"}
CUTOFFS = (5, 10, 25, 50)

_EVIDENCE = re.compile(r"D\s*:?\s*(\d+)\s*:\s*0*(\d+)")
_SESSION = re.compile(r"session_(\d+)")
_PACE = timedelta(seconds=20)


class Asked(NamedTuple):
    """One question, and the ids of the events that answer it."""

    text: str
    category: str
    evidence: frozenset[str]


class Conversation(NamedTuple):
    """The events of one conversation by time, and its questions."""

    name: str
    events: tuple[Event, ...]
    questions: tuple[Asked, ...]


def read_conversations(path: Path) -> tuple[Conversation, ...]:
    """Read a file of the published format.

    Raises: OSError, ValueError or KeyError for a file that is no such thing.
    """
    return tuple(_conversation(sample) for sample in json.loads(path.read_text(encoding="utf-8")))


def _conversation(sample: Mapping[str, Any]) -> Conversation:
    """Read one conversation."""
    events = tuple(_events(sample["conversation"]))
    known = {event.id for event in events}
    asked = (_asked(entry, known) for entry in sample["qa"])
    return Conversation(sample["sample_id"], events, tuple(one for one in asked if one.evidence))


def _events(conversation: Mapping[str, Any]) -> Iterable[Event]:
    """Read the turns of all sessions; within a session one follows the other at an even pace."""
    for session in sorted(int(match[1]) for name in conversation if (match := _SESSION.fullmatch(name))):
        said = conversation[f"session_{session}_date_time"].strip()
        start = datetime.strptime(said, "%I:%M %p on %d %B, %Y").replace(tzinfo=UTC)
        for place, turn in enumerate(conversation[f"session_{session}"]):
            shown = (turn.get("blip_caption") or "", turn.get("query") or "")
            picture = f" [picture: {'. '.join(shown)}]" if any(shown) else ""
            text = f"{turn.get('text') or ''}{picture}".strip()
            yield Event(
                id=turn["dia_id"], at=start + place * _PACE, kind="message", author=turn["speaker"], text=text or "-"
            )


def _asked(entry: Mapping[str, Any], known: set[str]) -> Asked:
    """Read one question; its evidence is written in several ways."""
    found = _EVIDENCE.findall(" ; ".join(map(str, entry.get("evidence", []))))
    evidence = frozenset(f"D{session}:{turn}" for session, turn in found) & known
    return Asked(entry["question"], CATEGORIES[entry["category"]], evidence)


def marks(ranked: Sequence[str], evidence: frozenset[str]) -> dict[str, float]:
    """Return the figures of one ranking: which share of the evidence is among the first, and where its first stands."""
    places = [place for place, event_id in enumerate(dict.fromkeys(ranked)) if event_id in evidence]
    recalls = {f"R@{cutoff}": sum(place < cutoff for place in places) / len(evidence) for cutoff in CUTOFFS}
    return {**recalls, "MRR": 1 / (places[0] + 1) if places else 0.0}


def averages(rows: Sequence[tuple[str, Mapping[str, float]]]) -> dict[str, dict[str, float]]:
    """Return the mean figures of all questions, and of each category."""
    groups = {"all": [row for _, row in rows]}
    for category, row in rows:
        groups.setdefault(category, []).append(row)
    return {
        name: {**{mark: round(sum(row[mark] for row in group) / len(group), 4) for mark in group[0]}, "n": len(group)}
        for name, group in groups.items()
        if group
    }
