"""Keeps a conversation within its part of the prompt: the last pairs verbatim, and of what was before, what binds.

What is left out leaves a digest: every sentence with a promise, a decision, a number or a date, word for word and with
who said it. Nothing is summed up, so nothing is invented. The cut moves in steps, so that prompt caches hold what
successive turns have in common. Reads no store, asks no model, and does no work on texts while all of them fit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Final, NamedTuple, TypeVar

from fleet_runtime.lexical import tokens as estimated
from fleet_runtime.lexical import words

EARLIER: Final = "Earlier in this conversation (shortened; what stands here was said in these words):"
"""The first line of a digest."""

_DIGEST_SHARE: Final = 4
"""A digest takes at most one part in so many of the budget."""

_CHARACTERS_PER_TOKEN: Final = len("x" * 400) // estimated("x" * 400)
_TEXTS_KNOWN: Final = 2048
_SENTENCE_END: Final = (
    r"(?<=[.!?\u2026])(?<!\d\.)(?<!\bca\.)(?<!\bNr\.)(?<!\bMr\.)(?<!\bMs\.)(?<!\bDr\.)(?<!\bMrs\.)(?<!\bapprox\.)"
    r"(?<!\be\.g\.)(?<!\bi\.e\.)\s+|[\n\r]+"
)
"""Where a sentence ends: not behind "3." (of a date) or a common short form. Compiled when something is left out."""

_APART: Final = str.maketrans({"\u2019": "'"} | dict.fromkeys('.,;:!?()[]"/*\t\u2026\u201c\u201d\u2014', " "))

_BINDING: Final = frozenset(
    words("""
    agree agreed agreement decide decided decision promise promised promises commit committed commitment guarantee
    guaranteed confirm confirmed approve approved accept accepted reject rejected refuse refused cancel cancelled
    canceled signed owe owes deadline must never shall will won't don't i'll we'll you'll he'll she'll they'll
    vereinbart beschlossen entschieden versprochen zugesagt best\u00e4tigt genehmigt werde werden muss m\u00fcssen nie
    niemals frist convenu d\u00e9cid\u00e9 promis confirm\u00e9 accept\u00e9 jamais doit devons \u00e9ch\u00e9ance
    acordado decidido prometido confirmado aceptado nunca debe debemos plazo
    """)
)
"""Words of promises and decisions."""

_BINDING_PAIRS: Final = (" do not ", " going to ", " bitte nicht ", " por favor no ")

_FIGURES: Final = frozenset(
    words("""
    two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
    nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion dozen half quarter
    twice double triple percent
    january february march april june july august september october november december monday tuesday wednesday thursday
    friday saturday sunday today tomorrow yesterday tonight week month quarter year
    zwei drei vier f\u00fcnf sechs sieben acht neun zehn elf zw\u00f6lf hundert tausend prozent januar februar m\u00e4rz
    mai juni juli oktober dezember montag dienstag mittwoch donnerstag freitag samstag sonntag heute morgen gestern
    deux trois quatre cinq sept huit neuf dix cent mille janvier f\u00e9vrier mars avril juin juillet ao\u00fbt
    septembre octobre novembre d\u00e9cembre lundi mardi mercredi jeudi vendredi samedi dimanche demain hier
    dos tres cuatro cinco seis siete ocho nueve diez cien mil enero febrero marzo abril mayo junio julio agosto
    septiembre octubre noviembre diciembre lunes martes mi\u00e9rcoles jueves viernes s\u00e1bado domingo ma\u00f1ana
    ayer
    """)
)
"""Numbers and days in words. Whatever holds a digit counts besides."""

_T = TypeVar("_T")


class Compacted(NamedTuple):
    """A conversation as a prompt shows it.

    ``earlier`` is empty, or the digest of the pairs that were left out: `EARLIER`, then one quoted line a statement, in
    the conversation's order. ``talk`` are the (customer, reply) pairs after them, verbatim, oldest first.
    """

    earlier: str
    talk: tuple[tuple[str, str], ...]


class _Statements(NamedTuple):
    """What of one text is worth keeping, as lines of a digest: what binds, mere figures, and all of them in order."""

    binding: tuple[str, ...]
    figures: tuple[str, ...]
    lines: tuple[str, ...]


def compact(talk: Sequence[tuple[str, str]], *, tokens: int) -> Compacted:
    """Fit a conversation into a budget.

    While all fits, all is given. Then the oldest pairs go, at once so many that the rest takes half of its room, and
    the next ones only when that is full again: between two such steps the result only grows at its end. The digest has
    a quarter of the budget; where it is too small, promises and decisions go first, the newest before the older.

    Args:
        talk: (customer, reply) pairs, oldest first, from the beginning of the conversation: a window that slides by
            itself would move the cut with every turn.
        tokens: The most that digest and pairs may take together, as `fleet_runtime.lexical.tokens` estimates; a pair
            that alone takes more than its room is left out too.
    """
    cut = _cut([estimated(said) + estimated(answered) for said, answered in talk], tokens)
    if not cut:
        return Compacted("", tuple(talk))
    return Compacted(_digest(talk[:cut], tokens // _DIGEST_SHARE * _CHARACTERS_PER_TOKEN), tuple(talk[cut:]))


def fitting(items: Iterable[_T], *, tokens: int, say: Callable[[_T], str]) -> tuple[_T, ...]:
    """Return the items that fit into a budget, whole and in their order (best first).

    One that is too long is passed over, and shorter ones after it may still fit.

    Args:
        items: What is to be shown, the best first.
        tokens: The most that all of them may take, as `fleet_runtime.lexical.tokens` estimates.
        say: Gives the text by which an item stands in the prompt.
    """
    kept: list[_T] = []
    room = tokens
    for item in items:
        taken = estimated(say(item))
        if taken <= room:
            kept.append(item)
            room -= taken
    return tuple(kept)


def _cut(costs: Sequence[int], tokens: int) -> int:
    """Return how many pairs are left out: live through the conversation, and note where room was made.

    The newest pair stays beyond half of the room if it fits at all.
    """
    room = tokens - tokens // _DIGEST_SHARE
    cut = taken = 0
    for newest, cost in enumerate(costs):
        taken += cost
        if taken > (room if cut else tokens):
            while taken > room // 2 and (cut < newest or taken > room):
                taken -= costs[cut]
                cut += 1
    return cut


def _digest(talk: Sequence[tuple[str, str]], room: int) -> str:
    """Keep what binds of the pairs, in at most ``room`` characters."""
    binding: list[str] = []
    figures: list[str] = []
    for said, answered in talk:
        for statements in (_statements("customer", said), _statements("you", answered)):
            binding += statements.binding
            figures += statements.figures
    kept: set[str] = set()
    left = room - len(EARLIER)
    for line in (*reversed(binding), *reversed(figures)):
        if len(line) < left and line not in kept:
            kept.add(line)
            left -= len(line) + 1
    return "\n".join([EARLIER, *_in_order(talk, kept)]) if kept else ""


def _in_order(talk: Sequence[tuple[str, str]], kept: set[str]) -> list[str]:
    """Return the kept lines as they were said; what was said twice stands where it was said last."""
    lines = [
        line
        for said, answered in talk
        for line in (*_statements("customer", said).lines, *_statements("you", answered).lines)
        if line in kept
    ]
    return list(dict.fromkeys(reversed(lines)))[::-1]


@lru_cache(maxsize=_TEXTS_KNOWN)
def _statements(who: str, text: str) -> _Statements:
    """Find the sentences of a text that are worth keeping.

    The digest is made anew for every turn; the memo leaves only new texts to be read.
    """
    binding: list[str] = []
    figures: list[str] = []
    lines: list[str] = []
    for sentence in re.split(_SENTENCE_END, text):
        plain = f" {sentence.lower().translate(_APART)} "
        spoken = plain.split()
        if not _BINDING.isdisjoint(spoken) or any(pair in plain for pair in _BINDING_PAIRS):
            kind = binding
        elif not _FIGURES.isdisjoint(spoken) or any(map(str.isdigit, plain)):
            kind = figures
        else:
            continue
        line = f"> {who}: {' '.join(sentence.split())}"
        kind.append(line)
        lines.append(line)
    return _Statements(tuple(binding), tuple(figures), tuple(lines))
