"""Reads captions, WebVTT and SRT: cues with a time since the recording's beginning. Knows no day.

A cue that goes on with the same speaker's unfinished sentence is joined to it by the caller.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Final

from fleet_runtime.importing.reads import Read, Reject
from fleet_runtime.importing.spoken import is_speaker
from fleet_runtime.importing.streams import Line

Shown = Callable[[int, str, timedelta, str], Iterator[Read]]
"""Takes a cue: its line, speaker (may be empty), time since the beginning, and text."""

_TIMING: Final = re.compile(
    r"(?:(?P<hours>\d{1,4}):)?(?P<minutes>\d{1,2}):(?P<seconds>\d{2})[.,](?P<parts>\d{1,3})\s+-->\s+[\d:.,]+(?:\s.*)?"
)
_VOICE: Final = re.compile(r"<v(?:\.[^\s>]*)?\s+(?P<name>[^>]{1,80})>")
_TAG: Final = re.compile(r"</?[a-z][^<>]{0,80}>|<[\d:.]{5,13}>", re.IGNORECASE)
_SAID: Final = re.compile(r"(?P<name>[^:]{1,60}):\s+(?P<text>\S.*)")
_FIRST_LINES: Final = 4


def is_caption_file(beginning: Sequence[str]) -> bool:
    """Tell by its first lines whether a file holds captions."""
    lines = [line.strip() for line in beginning if line.strip()][:_FIRST_LINES]
    return bool(lines) and (lines[0].startswith("WEBVTT") or any(map(_TIMING.fullmatch, lines)))


def captioned(lines: Iterable[tuple[Line, str | Reject]], shown: Shown) -> Iterator[Read]:
    """Lead every cue of a file to ``shown``; what stands outside of cues (names, notes, styles) is no speech."""
    since: timedelta | None = None
    speaker = ""
    for line, text in lines:
        if isinstance(text, Reject):
            yield text
            continue
        stripped = text.strip()
        timing = _TIMING.fullmatch(stripped)
        if timing is not None:
            since, speaker = _since(timing), ""
        elif not stripped:
            since = None
        elif since is not None:
            said = _said(stripped, speaker)
            speaker = said[0]
            if said[1]:
                yield from shown(line.number, speaker, since, said[1])


def _said(text: str, speaker: str) -> tuple[str, str]:
    """Return who speaks and what; the lines of one cue go on with its speaker."""
    voice = _VOICE.search(text)
    bare = " ".join(_TAG.sub(" ", _VOICE.sub(" ", text)).split())
    if voice is not None:
        return voice["name"].strip(), bare
    named = _SAID.fullmatch(bare)
    if named is not None and is_speaker(named["name"]):
        return named["name"].strip(), named["text"]
    return speaker, bare


def _since(timing: re.Match[str]) -> timedelta:
    """Return how far into the recording a cue begins."""
    return timedelta(
        hours=int(timing["hours"] or 0),
        minutes=int(timing["minutes"]),
        seconds=int(timing["seconds"]),
        milliseconds=int(timing["parts"].ljust(3, "0")),
    )
