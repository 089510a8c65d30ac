"""Patterns of facts as readable templates: a cue in plain words with one typed slot.

``{we} {adv}have {adv}{count} {seats}`` is a template. Slots are ``{date} {count} {money} {percent}
{person} {name} {places} {clause}``; ``{old:date}`` is the value that was before and is not taken.
The other words in braces are vocabulary of the table below. A space stands for any white space, and
letter case matters only inside names. Knows no key: the tables that use it do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from fleet_runtime.learning.names import PERSON, clean_person, is_plain_word
from fleet_runtime.learning.reading.moods import Mood
from fleet_runtime.learning.reading.passages import CLOSE, MARK_LETTERS, OPEN, Clause, Passage

_NAME_WORD = r"[A-Z][\w&+.-]*\w"
_SLOTS: Mapping[str, str] = {
    **{kind: f"{OPEN}{letter}\\d+{CLOSE}" for kind, letter in MARK_LETTERS.items()},
    "person": PERSON,
    "name": rf"(?-i:{_NAME_WORD}(?:\s{_NAME_WORD}){{0,2}})",
    "places": rf"(?-i:(?:the\s)?{_NAME_WORD}(?:\s{_NAME_WORD})*(?:(?:,\s|\sand\s|"
    rf",\sand\s)(?:the\s)?{_NAME_WORD}(?:\s{_NAME_WORD})*)*)",
    "clause": r"[^;]{3,160}?",
}
_VOCABULARY: Mapping[str, str] = {
    "we": r"(?<![\w'])(?:(?:we|they)(?:'re|'ve|'ll|\s+have|\s+are|\s+will)?|i(?:'ve)?|(?:our|my|the|"
    r"your)\s+(?:team|company|"
    r"organi[sz]ation|people|side|account|customer|client|department|school|business|"
    rf"colleagues)(?:\s+(?:has|have|is|are))?|{OPEN}o{CLOSE})",
    "our": rf"(?<![\w'])(?:our|my|the|your|their|its|this|{OPEN}o{CLOSE}'s)(?:\s+(?:new|current|next|actual|own|"
    r"overall))?",
    "adv": r"(?:(?:now|currently|already|still|only|today|just|actually|officially|also|then|finally|really|"
    rf"recently|meanwhile|definitely|always|roughly|about|around|exactly|some|fully|both|all|therefore|"
    r"at the moment|right now|so far|in total|as discussed|going forward|from now on|again|(?:(?:as of|"
    rf"since|from|in|on|by|for|during) )?{OPEN}d\d+{CLOSE}),?\s+)*",
    "mark": OPEN,
    "when": rf"(?: (?:(?:as of|since|from|in|on|by|for|during) )?{OPEN}d\d+{CLOSE}| here| there| over here| on my "
    r"side| on our side| at our (?:site|end|place))?",
    "be": r"(?:is|are|'s|'re|will be|has been|have been|remains?|stays?|stands?|sits|falls|lands|comes to|"
    r"amounts to|equals|=|:)",
    "moves": r"(?:(?:has |have |had |is |are |was |were |will |got |gets )?(?:been |be |now |just )?(?:moved?|moves|"
    r"moving|shift(?:s|ed|ing)?|"
    r"chang(?:e|es|ed|ing)|extend(?:s|ed)?|postponed?|push(?:es|ed)?(?: back| out)?|delayed|brought "
    r"forward|slip(?:s|ped)?|"
    r"set|scheduled|fixed|rescheduled|goes?|going|went|gone|drop(?:s|ped)?|f(?:alls?|ell|allen)|r(?:ises?|"
    r"ose|isen)|gr(?:ows?|ew|own)|"
    r"cut|scaled?|trimmed|shrank|slimmed|expanded|upsized|downsized|lowered|bumped|reduced?|raised?|"
    r"increased?|decreased?|climbed|shrunk|shrank|jumped|down|up|back)(?: up| down)?)",
    "seats": r"(?:(?:paid|user|named|full|active|contracted|licen[cs]ed)\s+)*(?:seats?|licen[cs]es?|user accounts)\b",
}
_WORDS_AS_VALUE = frozenset({"person", "name", "places", "clause"})
_PLACEHOLDER = re.compile(r"\{(?:(?P<group>old|from):)?(?P<word>[a-z]+)\}")


@dataclass(frozen=True, slots=True)
class Pattern:
    """One template for one key. ``allows`` are the moods in which it may be said beside plain statement."""

    key: str
    template: str
    confidence: float = 0.9
    allows: frozenset[Mood] = frozenset()


@dataclass(frozen=True, slots=True)
class Found:
    """What a pattern found in a clause: the value, the former one, and where the pattern stood (in marked text)."""

    key: str
    value: str
    old: str
    start: int
    end: int
    value_start: int
    value_end: int
    confidence: float


def find(pattern: Pattern, passage: Passage, clause: Clause, *, planned: bool = False) -> Iterator[Found]:
    """Yield what one pattern finds in one clause whose mood it allows.

    Args:
        pattern: The pattern.
        passage: The text.
        clause: One of its clauses.
        planned: Read a date without a year as the next such day, not as the closest.
    """
    if clause.moods - pattern.allows or mark_of_value(pattern.template) not in clause.text:
        return
    expression = compiled(pattern.template)
    slot = _group(expression, "value") or 0
    at = 0
    while (match := expression.search(clause.text, at)) is not None:
        value = _read(match, "value", passage, clause, planned=planned)
        if value is None:
            at = match.start() + 1  # a word with a capital that is no name: look further on
            continue
        yield Found(
            key=pattern.key,
            value=value,
            old=_read(match, "old", passage, clause, planned=planned) or "",
            start=clause.start + match.start(),
            end=clause.start + match.end(),
            value_start=clause.start + match.start(slot),
            value_end=clause.start + match.end(slot),
            confidence=pattern.confidence,
        )
        return


@cache
def mark_of_value(template: str) -> str:
    """Return how the mark begins without which a template finds no value; nothing where the value is plain words.

    Compiling takes milliseconds a pattern, so those that cannot match a clause are left uncompiled.
    """
    if "(?P<value_" in template:
        return ""
    kinds = {match["word"] for match in _PLACEHOLDER.finditer(template) if match["group"] is None}
    letters = [letter for kind, letter in MARK_LETTERS.items() if kind in kinds]
    return f"{OPEN}{letters[0]}" if len(letters) == 1 and kinds.isdisjoint(_WORDS_AS_VALUE) else ""


@cache
def compiled(template: str) -> re.Pattern[str]:
    """Compile a template; patterns are compiled when first used, not at import."""
    expression = _PLACEHOLDER.sub(_expand, template)
    for written, meant in ((" ?", r"\s*"), (" *", r"\s*"), (" ", r"\s+")):
        expression = expression.replace(written, meant)
    return re.compile(expression, re.IGNORECASE)


def _expand(match: re.Match[str]) -> str:
    """Write a placeholder as an expression; a slot becomes a group named after its part and its kind."""
    word = match["word"]
    if word in _VOCABULARY:
        return _VOCABULARY[word]
    return f"(?P<{match['group'] or 'value'}_{word}>{_SLOTS[word]})"


@cache
def _group(expression: re.Pattern[str], part: str) -> str:
    """Name the group of a part (value, old), or the whole match where the template has no such slot."""
    return next((name for name in expression.groupindex if name.startswith(f"{part}_")), "")


def _read(match: re.Match[str], part: str, passage: Passage, clause: Clause, *, planned: bool) -> str | None:
    """Read a slot's value in its plain form; None if it is not there or is no such thing."""
    group = _group(match.re, part)
    if not group:
        return "" if part == "value" else None
    marked = match[group]
    if marked is None:
        return None
    kind = group.partition("_")[2]
    if kind in MARK_LETTERS:
        return typed(kind, int(marked[2:-1]), passage, planned=planned)
    words = passage.words(clause.start + match.start(group), clause.start + match.end(group))
    if kind == "person":
        return clean_person(words)
    if kind in {"places", "name"} and is_plain_word(words.removeprefix("the ").split()[0]):
        return None
    return words.strip(" ,:\"'") or None


def typed(kind: str, number: int, passage: Passage, *, planned: bool) -> str | None:
    """Read a mark: an ISO day, or a plain quantity. A vague date ("in March") is no day."""
    if kind != "date":
        return passage.quantities[number].value
    mention = (passage.planned if planned else passage.dates)[number]
    exact = mention.precision == "day" or "end of" in mention.text.lower()
    return mention.value.isoformat() if exact and mention.value is not None else None
