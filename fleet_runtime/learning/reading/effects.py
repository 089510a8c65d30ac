"""Read from which day a text says that something holds: "Effective 3 March: …", "since 1 May"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time

from fleet_runtime.learning.reading.asides import is_when_told
from fleet_runtime.learning.reading.passages import CLOSE, OPEN, Passage, Sentence

_EFFECT_WORD = (
    r"(?:effect(?:ive(?:ly)?)?|back-?dat\w+|retro\w*|since|as\s+of|as\s+at|as\s+from|from|starting|beginning|"
    r"commencing|"
    r"with\s+effect|valid|appl(?:y|ies|ied|icable)|true|in\s+force|in\s+place|dat(?:es|ed|ing)|held|holds|stands|"
    r"onwards?|going\s+back|kicked\s+in|took\s+effect|takes\s+effect|came\s+into|happened|live\s+from|changed|already|"
    r"late|belated(?:ly)?|start\s+date|backfill\w*|missed|earlier|back\s+in|catching\s+up|catch-up|counting\s+from|"
    r"in\s+fact|ever\s+since)"
)
_START = re.compile(
    r"\b(?:since|from|as\s+of|as\s+at|as\s+from|effective(?:\s+(?:from|as\s+of|date|on|since))?:?|"
    r"starting(?:\s+(?:from|on))?|"
    r"beginning(?:\s+(?:on|from))?|commencing|with\s+effect\s+(?:from|as\s+of)|back-?dated\s+to|retro\w*\s+(?:to|"
    r"from|as\s+of)|"
    r"dating\s+(?:back\s+)?(?:to|from)|dates\s+(?:back\s+)?(?:to|from)|going\s+back\s+to|valid\s+(?:from|as\s+of|"
    r"since)|"
    rf"(?:in\s+force|applies|in\s+place|live)\s+(?:from|since|as\s+of))\s+(?:the\s+)?{OPEN}d(?P<date>\d+){CLOSE}"
    r"(?!\s+(?:to|until|till|through)\b)",
    re.IGNORECASE,
)
_OPENING = re.compile(
    rf"^(?P<words>[^:.!?{OPEN}\u2014]{{0,90}}?){OPEN}d(?P<date>\d+){CLOSE}(?P<rest>[^:.;!?{OPEN}\u2014\u2013)"
    r"]{0,40}?)"
    r"\s*(?P<end>[:.;,\u2014\u2013\n)\]]|\s-\s|$)",
    re.IGNORECASE,
)
_LATER_OPENING = re.compile(
    rf"^(?P<words>[^:.!?\u2014]{{0,110}}?\b(?:since|from|as\s+of|as\s+at|effective(?:\s+(?:on|from))?|back\s+to|dated)\s+(?:the\s+)?)"
    rf"{OPEN}d(?P<date>\d+){CLOSE}(?P<rest>[^:.;!?{OPEN}\u2014\u2013)]{{0,40}}?)\s*(?P<end>[:\u2014]|$)",
    re.IGNORECASE,
)
_EFFECT = re.compile(rf"\b{_EFFECT_WORD}\b", re.IGNORECASE)
_PERIOD = re.compile(r"\b(?:this|last|current|previous)\s+(?:week|month|quarter|year)\b", re.IGNORECASE)
_DIRECTLY = re.compile(
    r"(?:\bsince|\bfrom|\bas\s+of|\bas\s+from|\bas\s+at|\bstarting|\bbeginning|\bcommencing)\s+(?:the\s+|on\s+)?$",
    re.IGNORECASE,
)
_FIRM_EFFECT = re.compile(
    r"\b(?:effect|effective(?:ly)?|back-?dat\w+|retro\w*|valid|appl(?:y|ies|ied|icable)|in\s+force|dating|onwards?|"
    r"kicked\s+in|start\s+date)\b",
    re.IGNORECASE,
)
_OF_A_PAPER = re.compile(
    r"\b(?:slides?|decks?|notes?|e?-?mails?|invoices?|reports?|calls?|meetings?|minutes|tickets?|messages?|letters?|documents?|"
    r"sheets?|figures?|numbers?|entr(?:y|ies)|versions?|surveys?|files?|quotes?|reviews?|comments?|requests?|badge|visit)\s+$",
    re.IGNORECASE,
)
_ON = re.compile(r"\b(?:on|since|in|to|of)\s+(?:the\s+)?$", re.IGNORECASE)
_CONTENT = re.compile(
    r"\b(?:renew\w*|seats?|licen[cs]\w*|champion|sponsor|csm|plan|tier|arr|acv|goal|mood|sentiment|competitor|health|"
    r"score|roll\w*|contract|subscription|agreement|term|expir\w+|account|worth|pays?|live|runs?)\b",
    re.IGNORECASE,
)
_LONGEST_OPENING, _SHORT_OPENING = 22, 16


@dataclass(frozen=True, slots=True)
class Effect:
    """A day from which the sentences ``first`` to ``last`` hold; ``place`` is where its date stands in marked text."""

    day: datetime
    first: int
    last: int
    place: int


def read_effects(passage: Passage, sentences: Sequence[Sentence]) -> Iterator[Effect]:
    """Yield the days of effect that open a sentence, for that one and what follows."""
    for number, sentence in enumerate(sentences):
        openings = (_OPENING.match(sentence.text), _LATER_OPENING.match(sentence.text))
        match = next((one for one in openings if one is not None and _opens_with_effect(one)), None)
        if match is None:
            continue
        day = passage.dates[int(match["date"])].value
        if day is None:
            continue
        alone = match.end() >= len(sentence.text.rstrip(" .:"))
        if alone and number + 1 == len(sentences):
            continue  # nothing follows that could hold from then on
        yield Effect(
            day=datetime.combine(day, time(), tzinfo=UTC),
            first=number,
            last=len(sentences) - 1 if alone or number == 0 else number,
            place=sentence.start + match.start("date") - len(f"{OPEN}d"),
        )


def _opens_with_effect(match: re.Match[str]) -> bool:
    """Tell whether an opening gives its date as one of effect, and says nothing else."""
    before, words = match["words"], f"{match['words']} {match['rest']}"
    if _CONTENT.search(words) or len(words.split()) > _LONGEST_OPENING or not _EFFECT.search(words):
        return False
    alone = match["end"] in ":.(" or not match["end"].strip()
    direct = _DIRECTLY.search(before) is not None and len(words.split()) <= _SHORT_OPENING
    return direct or _FIRM_EFFECT.search(words) is not None or (alone and _ON.search(before) is not None)


def start_in(passage: Passage, text: str, offset: int, value: tuple[int, int]) -> datetime | None:
    """Return the start that a text gives beside the value it states ("since 1 May")."""
    for match in _START.finditer(text):
        start, end = offset + match.start("date"), offset + match.end("date")
        if start < value[1] and value[0] < end and value[1] - value[0] < len(text):
            continue  # the date is the value itself
        told = match[0].lower().startswith("on ") and is_when_told(text, match.start())
        if told or _OF_A_PAPER.search(text[: match.start()]):
            continue  # "the old slide from March"
        mention = passage.dates[int(match["date"])]
        if mention.value is not None and not _PERIOD.search(mention.text):
            return datetime.combine(mention.value, time(), tzinfo=UTC)
    return None
