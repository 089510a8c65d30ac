"""What two sentences of different languages can share: days, figures, names, codes. It judges nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fleet_runtime.dates import DateMention
from fleet_runtime.guarding.dates_abroad import find_all_dates
from fleet_runtime.guarding.evidence import Support
from fleet_runtime.guarding.figures import find_figures
from fleet_runtime.guarding.languages import language_of
from fleet_runtime.lexical import stems

_NAME = re.compile(r"(?<![.!?:]\s)(?<!^)\b[A-Z][\w-]*\d[\w-]*|\b[A-Z]{2,}\b|(?<=[\w,] )\b[A-Z][a-z]{2,}\b")
_CUSTOMER = re.compile(
    r"^\W*(?:\d{4}-\d\d-\d\d[\d:T ]*\W*)?(?:the\s+)?(?:customer|user|client|kunde|kundin|cliente|clienta)\b[^:]{0,30}:",
    re.IGNORECASE,
)
_CLAIMED = re.compile(
    r"\b(?:wish\w*|deseo|w\u00fcnsch\w*|wunsch|souhait\w*|necesitamos|brauchen\s+wir|wir\s+brauchen|nous\s+avons\s+besoin"
    r"|queremos|quisi\u00e9ramos|voudrions)\b|"
    r"\b(?:you|they)\s+(?:have\s+)?(?:promised|agreed|said|told|committed)\b|\bSie\s+haben\b.*\b(?:versprochen"
    r"|zugesagt)\b|\bvous\s+(?:nous\s+|m['\u2019])?avez\s+promis\b"
    r"|\b(?:ustedes|usted)?\s*(?:me|nos)\s+(?:prometieron|prometi\u00f3)\b",
    re.IGNORECASE,
)


def anchors_in(text: str, support: Support) -> frozenset[str]:
    """Return what a text holds that every language writes alike, by value."""
    found: set[str] = set()
    language = language_of(text)
    mentions = find_all_dates(text, support.said_at, language)
    found.update(_day(mention) for mention in mentions if mention.value)
    spans = [(mention.start, mention.end) for mention in mentions]
    found.update(f"{figure.value.normalize():f}" for figure in find_figures(text, spans, language))
    if language != "de":
        found.update(match.group().lower() for match in _NAME.finditer(text))
    else:
        found.update(
            word.lower() for word in re.findall(r"\b[A-Z][\w-]+\b", text) if word.lower() in support.capitalised
        )
    return frozenset(found)


def _day(mention: DateMention) -> str:
    """Say a day, or a month, by value."""
    return f"{mention.value:%Y-%m-%d}" if mention.precision == "day" else f"{mention.value:%Y-%m} {mention.precision}"


def carrying_statements(support: Support) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield the statements of the evidence that our own side stands for, with their stems."""
    for read in (*support.shown, *([support.system] if support.system else [])):
        if not _CUSTOMER.match(read.text):
            yield from ((text, held) for text, held in read.statements if not _CLAIMED.search(text))


def restated(sentence: str, support: Support, share: float) -> bool:
    """Tell whether a statement of our own side holds at least ``share`` (0..1) of the sentence's stems."""
    topic = frozenset(stems(sentence))
    return bool(topic) and any(len(topic & held) >= share * len(topic) for _, held in carrying_statements(support))
