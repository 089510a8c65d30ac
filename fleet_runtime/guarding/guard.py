"""The reply guard: from a reply and its evidence to findings. Pure; it mends nothing and decides nothing.

Each family of claims has its own module; here they are asked one after the other, sentence by sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from fleet_runtime.dates import DateMention, find_dates
from fleet_runtime.guarding.claims import leaks, unsupported_actions, unsupported_links
from fleet_runtime.guarding.evidence import Evidence, Support
from fleet_runtime.guarding.figures import Figure, find_figures
from fleet_runtime.guarding.names import unsupported_names
from fleet_runtime.guarding.promises import unsupported_product_claims, unsupported_promises
from fleet_runtime.guarding.reading import LINK, is_question, sentences
from fleet_runtime.records import Finding

_ENUMERATION = re.compile(
    r"^\s*(?:[-*\u2022]\s*)?[(\[]?\d{1,2}[.)\]:](?=\s)|\b(?:step|option|point|question|part|no\.|number)\s+#?\d{1,2}\b",
    re.IGNORECASE,
)
_SELF_COUNTED = re.compile(
    r"\s+(?:\w+\s+)?(?:questions?|things?|points?|options?|ideas?|steps?|ways?|sides?|parts?|sentences?|words?|reasons?|numbers?|figures?|values?|dates?|facts?|wishes|entries|openings?|requests?|concerns?"
    r"|topics?|items?|suggestions?|approaches|sources|of\s+(?:us|you|them|those|these))\b",
    re.IGNORECASE,
)
_SMALL = 5
_PRESENT = re.compile(r"(?:today|tonight|this\s+(?:week|month|quarter|year|morning|afternoon))\Z", re.IGNORECASE)
_GREETED = re.compile(
    r"\b(?:have\s+an?|enjoy|good|nice|happy|lovely|until|see\s+you)\s+(?:\w+\s+){0,2}\Z", re.IGNORECASE
)
_AHEAD = re.compile(r"\b(?:will|shall|going\s+to|promis\w+)\b|['\u2019]ll\b", re.IGNORECASE)
_POINTED_AT = re.compile(r"\b(?:the|these|those|all|other)\s+\Z", re.IGNORECASE)
_POINTS_END = re.compile(r"\s*(?:[.,;:?!)]|\Z|(?:is|are|was|were|do|does|of)\b)")


def check(reply: str, evidence: Evidence, *, said_at: datetime) -> tuple[Finding, ...]:
    """Find what a reply says and nothing supports, sentence by sentence.

    Kinds: ``number``, ``percentage``, ``amount``, ``time``, ``share``, ``date``, ``name``, ``promise``,
    ``product``, ``action``, ``link``, ``leak``. Figures compare by value, dates by day, month, quarter or year.

    Args:
        reply: The whole reply as the customer would read it.
        evidence: What it may rest on.
        said_at: The moment of the reply; it resolves "next week" on both sides.
    """
    support = Support(evidence, said_at)
    return tuple(finding for sentence in sentences(reply) for finding in _check_sentence(sentence, support, said_at))


def _check_sentence(sentence: str, support: Support, said_at: datetime) -> Iterator[Finding]:
    """Ask every family about one sentence."""
    mentions = find_dates(sentence, said_at)
    links = [match.span() for match in LINK.finditer(sentence)]
    spans = [(mention.start, mention.end) for mention in mentions]
    asks = is_question(sentence)
    for mention in mentions:
        if not _may_say_date(mention, sentence, support, asks=asks):
            yield _finding("date", mention.text, sentence, "is a date that nothing you were given holds; leave it out")
    enumeration = [match.span() for match in _ENUMERATION.finditer(sentence)]
    for figure in find_figures(sentence, [*spans, *links, *enumeration]):
        if not _may_say_figure(figure, sentence, support, asks=asks):
            yield _finding(
                figure.kind, figure.text, sentence, "is a figure that nothing you were given holds; leave it out"
            )
    yield from unsupported_names(sentence, support, spans)
    yield from unsupported_promises(sentence, support)
    yield from unsupported_product_claims(sentence, support)
    yield from unsupported_actions(sentence, support)
    yield from unsupported_links(sentence, support)
    yield from leaks(sentence)


def _may_say_date(mention: DateMention, sentence: str, support: Support, *, asks: bool) -> bool:
    """Tell whether a date may be said: it is supported, the present, a proposal in a question, or a wish."""
    if support.has_date(mention) or (_PRESENT.match(mention.text) and not _AHEAD.search(sentence)):
        return True
    return mention.relative and (asks or bool(_GREETED.search(sentence[: mention.start])))


def _may_say_figure(figure: Figure, sentence: str, support: Support, *, asks: bool) -> bool:
    """Tell whether a figure may be said: it is supported, counts the reply's own points, or asks for minutes."""
    rest = sentence[figure.end :]
    if support.has_figure(figure):
        return figure.kind != "number" or not support.counts_other(figure.value, rest)
    if figure.kind == "number" and figure.value <= _SMALL:
        pointed = _POINTED_AT.search(sentence[: figure.start]) and _POINTS_END.match(rest)
        if pointed or _SELF_COUNTED.match(rest):
            return True
    return (
        asks
        and figure.kind in {"number", "time"}
        and (figure.kind == "time" or bool(re.match(r"[\s-]+minutes?\b", rest)))
    )


def _finding(kind: str, text: str, sentence: str, what: str) -> Finding:
    """Say what is wrong with a piece of a sentence."""
    return Finding(kind=kind, text=text, sentence=sentence, message=f'"{text}" {what}')
