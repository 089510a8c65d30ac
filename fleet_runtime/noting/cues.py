"""Finds cues in a note: the words and phrases that colleagues use for one notion ("leave", "joke"), and denied ones.

The notions stand in ``cues.json``, as wordings that may end in ``*``. A cue alone decides nothing: the reader has
learned what each of them, and each pair in one sentence, is worth. Knows no theme.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files

_DENIAL_REACH = 4
"""How many words before a cue a denial may stand."""
_NEGATIONS = "negations"


class CueFinder:
    """Finds the notions of a lexicon in sentences of lower-case words. Holds no text."""

    def __init__(self, lexicon: Mapping[str, Sequence[str]]) -> None:
        """Order the wordings by their first word; ``lexicon`` has them by notion, and what denies by ``negations``."""
        self._negations = frozenset(lexicon[_NEGATIONS])
        self._whole: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
        self._stems: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
        self.words: set[str] = set()
        for notion, wordings in lexicon.items():
            for wording in wordings if notion != _NEGATIONS else ():
                first, *rest = wording.split()
                self.words.update(word for word in (first, *rest) if not word.endswith("*"))
                table = self._stems if first.endswith("*") else self._whole
                table.setdefault(first.rstrip("*"), []).append((notion, tuple(rest)))
        self._starting = lru_cache(maxsize=10_000)(self._starting_with)

    def find(self, sentence: Sequence[str]) -> Iterator[str]:
        """Give the notions of one sentence (lower-case words), in order, with ``!`` before one that is denied."""
        denied_until = -1
        for place, word in enumerate(sentence):
            for notion, rest in self._starting(word):
                if not rest or _follows(sentence, place + 1, rest):
                    yield f"!{notion}" if place <= denied_until else notion
            if word in self._negations or word.endswith("n't"):
                denied_until = place + _DENIAL_REACH

    def _starting_with(self, word: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Return the notions, with the rest of their wordings, that can begin with a word."""
        found = list(self._whole.get(word, ()))
        for length in range(2, len(word) + 1):
            found += self._stems.get(word[:length], ())
        return tuple(found)


def _follows(sentence: Sequence[str], place: int, rest: tuple[str, ...]) -> bool:
    """Tell whether the rest of a wording stands at a place."""
    there = tuple(sentence[place : place + len(rest)])
    if there == rest:
        return True
    if len(there) < len(rest):
        return False
    return all(
        word == wanted or (wanted[-1] == "*" and word.startswith(wanted[:-1]))
        for word, wanted in zip(there, rest, strict=True)
    )


def shipped_cues() -> CueFinder:
    """Return a finder for the shipped lexicon."""
    text = files("fleet_runtime.noting").joinpath("cues.json").read_text(encoding="utf-8")
    return CueFinder(json.loads(text))
