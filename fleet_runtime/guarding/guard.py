"""The reply guard: from a reply and its evidence to findings. Pure; it mends nothing and decides nothing.

Each family of claims has its own module; here they are asked one after the other, sentence by sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from functools import cache
from typing import NamedTuple

from fleet_runtime.dates import DateMention
from fleet_runtime.guarding.abroad import claims_abroad, is_question_abroad
from fleet_runtime.guarding.claims import leaks, unsupported_actions, unsupported_links
from fleet_runtime.guarding.cutting import sentences
from fleet_runtime.guarding.dates_abroad import find_all_dates
from fleet_runtime.guarding.days import days_of, has_date, is_distance, is_weekday_near
from fleet_runtime.guarding.derived import is_derived
from fleet_runtime.guarding.evidence import Evidence, Support
from fleet_runtime.guarding.figures import Figure, find_figures
from fleet_runtime.guarding.languages import Language, language_of
from fleet_runtime.guarding.lengths import follows_from_length
from fleet_runtime.guarding.names import unsupported_names
from fleet_runtime.guarding.promises import unsupported_product_claims, unsupported_promises
from fleet_runtime.guarding.reading import LINK, PHONE, is_question
from fleet_runtime.guarding.readings import Readings
from fleet_runtime.guarding.recitals import foreign_accounts, recitals
from fleet_runtime.guarding.values import counts_other, has_figure, is_computed, is_remainder
from fleet_runtime.records import Finding

_SMALL = 5
_POINTED_AT = re.compile(r"\b(?:the|these|those|all|other|vous|nous|euch|uns)\s+\Z", re.IGNORECASE)
_POINTS_END = re.compile(r"\s*(?:[.,;:?!)]|\Z|(?:is|are|was|were|do|does|of)\b)")
_MINUTES = re.compile(r"[\s-]*(?:minutes?|minuten?|minutos?|min)\b", re.IGNORECASE)


class Guard:
    """Holds replies against one evidence, which it reads once; a whole reply or sentence after sentence."""

    def __init__(self, evidence: Evidence, said_at: datetime, readings: Readings | None = None) -> None:
        """Take the evidence.

        Args:
            evidence: What a reply may rest on.
            said_at: The moment of the reply; it resolves "next week" on both sides.
            readings: What was read before, where the caller keeps it from turn to turn: a text that comes
                again (the contract) is then not read again.
        """
        self._support = Support(evidence, said_at, readings)
        self._established: dict[str, Said] = {}

    def check(self, text: str, *, after: str = "") -> tuple[Finding, ...]:
        """Find what a text says and nothing supports, sentence by sentence; see `check` for the kinds.

        Args:
            text: A whole reply, or the next sentence of one.
            after: What of the same reply was cleared before: a sum or a length of time may rest on it.
        """
        whole = language_of(after + text, self._support.language)
        said = Said([], [])
        for sentence in sentences(after):
            if sentence not in self._established:
                self._established[sentence] = established(sentence, language_of(sentence, whole), self._support)
            said.add(self._established[sentence])
        return tuple(
            finding
            for sentence in sentences(text)
            for finding in _check_sentence(sentence, language_of(sentence, whole), self._support, said)
        )


class Said(NamedTuple):
    """The supported figures, and the known days, that a reply has named so far."""

    figures: list[Figure]
    days: list[date]

    def add(self, more: Said) -> None:
        """Take in what the next sentence names."""
        self.figures.extend(more.figures)
        self.days.extend(more.days)


def established(sentence: str, language: Language, support: Support) -> Said:
    """Return what a cleared sentence established."""
    mentions = find_all_dates(sentence, support.said_at, language)
    figures = find_figures(sentence, [(mention.start, mention.end) for mention in mentions], language)
    return Said([figure for figure in figures if has_figure(figure, sentence, support)], days_of(mentions, support))


def check(reply: str, evidence: Evidence, *, said_at: datetime) -> tuple[Finding, ...]:
    """Find what a reply says and nothing supports, sentence by sentence.

    Kinds: ``number``, ``percentage``, ``amount``, ``time``, ``share``, ``date``, ``name``, ``promise``,
    ``product``, ``action``, ``link``, ``foreign``, ``leak``. Figures compare by value, dates by day, month,
    quarter or year; English, German, French and Spanish are read.

    Args:
        reply: The whole reply as the customer would read it.
        evidence: What it may rest on.
        said_at: The moment of the reply; it resolves "next week" on both sides.
    """
    return Guard(evidence, said_at).check(reply)


def _check_sentence(sentence: str, language: Language, support: Support, said: Said) -> Iterator[Finding]:
    """Ask every family about one sentence; ``said`` is what the reply established so far, which grows by its own."""
    mentions = find_all_dates(sentence, support.said_at, language)
    spans = [(mention.start, mention.end) for mention in mentions]
    asks = is_question(sentence) if language == "en" else is_question_abroad(sentence, language)
    said.days.extend(days_of(mentions, support))
    for mention in mentions:
        asked = asks and "\u00bf" not in sentence[mention.end :]
        if not _may_say_date(mention, mentions, sentence, support, asks=asked) and not follows_from_length(
            mention, sentence, said.days, support
        ):
            yield _finding("date", mention.text, sentence, "is a date that nothing you were given holds; leave it out")
    yield from _unsupported_figures(sentence, mentions, language, support, said, asks=asks)
    yield from unsupported_names(sentence, support, spans, language)
    if language == "en":
        yield from unsupported_promises(sentence, support)
        yield from unsupported_product_claims(sentence, support)
        yield from unsupported_actions(sentence, support)
    else:
        undated = any(not has_date(mention, support, mentions) for mention in mentions)
        yield from claims_abroad(sentence, language, support, undated=undated)
    yield from unsupported_links(sentence, support)
    yield from foreign_accounts(sentence, support)
    yield from leaks(sentence)
    yield from recitals(sentence, support)


def _unsupported_figures(  # noqa: PLR0913 - a sentence, and all that is known about it
    sentence: str,
    mentions: Sequence[DateMention],
    language: Language,
    support: Support,
    said: Said,
    *,
    asks: bool,
) -> Iterator[Finding]:
    """Yield a finding for each figure of a sentence that may not be said."""
    skip = [(mention.start, mention.end) for mention in mentions]
    skip += [match.span() for pattern in (LINK, PHONE, _enumeration()) for match in pattern.finditer(sentence)]
    figures = find_figures(sentence, skip, language)
    known = [figure for figure in figures if has_figure(figure, sentence, support)]
    said.figures.extend(known)
    dated = any(mention.value and has_date(mention, support) for mention in mentions)
    for figure in figures:
        if figure not in known and figure.kind == "number" and is_distance(figure, sentence, support, dated=dated):
            continue
        if _may_say_figure(figure, known, said, sentence, support, asks=asks):
            if figure not in known:
                said.figures.append(figure)
        else:
            yield _finding(
                figure.kind, figure.text, sentence, "is a figure that nothing you were given holds; leave it out"
            )


def _may_say_date(
    mention: DateMention, beside: Sequence[DateMention], sentence: str, support: Support, *, asks: bool
) -> bool:
    """Tell whether a date may be said: it is supported, the present, a proposal in a question, or a wish."""
    is_today = mention.value == support.today and mention.precision == "day" and not _ahead().search(sentence)
    if (
        is_today
        or has_date(mention, support, beside)
        or (_present().match(mention.text) and (not _ahead().search(sentence) or _denied().search(sentence)))
    ):
        return True
    if not _ahead().search(sentence) and is_weekday_near(mention, support):
        return True
    if (mention.relative or mention.precision == "year") and _greeted().search(sentence[: mention.start]):
        return True
    return mention.relative and (
        asks or bool(_proposed().search(sentence)) or bool(_wished().search(sentence[: mention.start]))
    )


def _may_say_figure(  # noqa: PLR0913 - a figure, and all that is known about its sentence
    figure: Figure, known: Sequence[Figure], said: Said, sentence: str, support: Support, *, asks: bool
) -> bool:
    """Tell whether a figure may be said: supported, computed, counting the reply's own points, or asking for a time."""
    rest = sentence[figure.end :]
    if figure in known:
        return figure.kind != "number" or not counts_other(figure, rest, support, known)
    if figure.kind == "number" and figure.value <= _SMALL:
        pointed = _POINTED_AT.search(sentence[: figure.start]) and _POINTS_END.match(rest)
        if pointed or _self_counted().match(rest):
            return True
    if (
        is_computed(figure, known, sentence, support)
        or is_remainder(figure, sentence, said.figures)
        or is_derived(figure, sentence, said.days, said.figures, support)
    ):
        return True
    denied = figure.kind in {"percentage", "amount"} and _denied_near().search(sentence[: figure.start])
    if denied or (figure.kind == "number" and _supposed().search(sentence)):
        return True
    proposes = asks or bool(_proposed().search(sentence))
    return proposes and (figure.kind == "time" or (figure.kind == "number" and bool(_MINUTES.match(rest))))


def _finding(kind: str, text: str, sentence: str, what: str) -> Finding:
    """Say what is wrong with a piece of a sentence."""
    return Finding(kind=kind, text=text, sentence=sentence, message=f'"{text}" {what}')


@cache
def _enumeration() -> re.Pattern[str]:
    """Give the pattern of a number in a list."""
    return re.compile(
        r"^\s*(?:[-*\u2022]\s*)?[(\[]?\d{1,2}[.)\]:](?=\s)"
        r"|\b(?:step|option|point|question|part|no\.|number|schritt|punkt|frage|\u00e9tape|pas|paso|pregunta"
        r"|opci\u00f3n)\s+#?\d{1,2}\b",
        re.IGNORECASE,
    )


@cache
def _self_counted() -> re.Pattern[str]:
    """Give what a reply may count of its own."""
    return re.compile(
        r"\s+(?:\w+\s+)?(?:questions?|things?|points?|options?|ideas?|steps?|ways?|sides?|parts?|sentences?"
        r"|words?|reasons?|numbers?|figures?|values?|dates?|facts?|wishes|entries|openings?|requests?|concerns?"
        r"|topics?|items?|suggestions?|approaches|sources|of\s+(?:us|you|them|those|these)"
        r"|fragen|punkte|dinge|themen|m\u00f6glichkeiten|optionen|schritte|gr\u00fcnde|anliegen|wege|ideen"
        r"|choses|\u00e9tapes|possibilit\u00e9s|sujets|pistes|raisons|preguntas|cosas|puntos|temas|opciones"
        r"|pasos|razones)\b",
        re.IGNORECASE,
    )


@cache
def _present() -> re.Pattern[str]:
    """Give the words for the present."""
    return re.compile(
        r"(?:today|tonight|this\s+(?:week|month|quarter|year|morning|afternoon)|heute|aujourd['\u2019]hui|hoy"
        r"|diese[nmrs]?\s+\w+|cette\s+\w+|ce\s+\w+|est[ea]\s+\w+)\Z",
        re.IGNORECASE,
    )


@cache
def _proposed() -> re.Pattern[str]:
    """Give the words of a proposal, which states no day."""
    return re.compile(
        r"\byou\s+(?:pick|choose)\b|\bif\s+you\s+(?:want|like|wish|prefer|agree|['\u2019]d\s+like)\b|\bI\s*(?:['\u2019]d|would)?\s+(?:suggest|propose)\b"
        r"|\bwenn\s+Sie\s+(?:m\u00f6chten|wollen|m\u00f6gen)\b|\bschlage\b[^.]*\bvor\b|\bsi\s+vous\s+(?:voulez|souhaitez|pr\u00e9f\u00e9rez)\b"
        r"|\bje\s+(?:vous\s+)?propose\b|\bsi\s+(?:quiere|lo\s+desea|prefiere|le\s+parece)\b|\b(?:propongo|sugiero)\b",
        re.IGNORECASE,
    )


@cache
def _greeted() -> re.Pattern[str]:
    """Give the words of a wish before a date."""
    return re.compile(
        r"\b(?:have\s+an?|enjoy|good|nice|happy|lovely|see\s+you)\s+(?:\w+\s+){0,2}\Z|(?:^|[,!.]\s*)until\s+\Z"
        r"|(?:^|[,!.]\s*)(?:und\s+|et\s+|y\s+)?(?:(?:eine?n?\s+)?sch\u00f6ne[nrs]?|bis|gute[nrs]?|bonne?|\u00e0"
        r"|buen[oa]?s?|feliz|hasta)\s+(?:el\s+|zum\s+|am\s+)?\Z",
        re.IGNORECASE,
    )


@cache
def _ahead() -> re.Pattern[str]:
    """Give the words of what is to come."""
    return re.compile(
        r"\b(?:will|shall|going\s+to|promis\w+|werden?|wird|bekommen|erhalten|versprech\w*|recevr\w+|\w+rons"
        r"|\w+rai|recibir\w+|\w+remos)\b|['\u2019]ll\b",
        re.IGNORECASE,
    )


@cache
def _denied() -> re.Pattern[str]:
    """Give the words that deny."""
    return re.compile(
        r"\b(?:not|never|nothing|cannot|nicht|nichts|kein\w*|ne|pas|rien|no|nada|ning\u00fan\w*)\b|n['\u2019]t\b",
        re.IGNORECASE,
    )


@cache
def _denied_near() -> re.Pattern[str]:
    """Give a denial that stands close before a figure: "there is no 20% discount"."""
    return re.compile(
        r"(?:\b(?:no(?!\s+(?:problem|doubt|worries|wonder))|not|never|cannot|kein\w*(?!\s+(?:problem|thema|sorge))|nicht|aucune?"
        r"(?!\s+(?:probl\u00e8me|souci))|pas(?!\s+de\s+(?:probl\u00e8me|souci))|ning\u00fan\w*(?!\s+problema))"
        r"|n['\u2019]t)\b(?!\s+(?:only|nur))[^.;:,?!\u2013\u2014]{0,40}\Z",
        re.IGNORECASE,
    )


@cache
def _supposed() -> re.Pattern[str]:
    """Give the words of what is only supposed: "if we were to add ten seats"."""
    return re.compile(
        r"\bif\s+(?:we|you|they)\s+(?:were\s+to|added|moved|went|had)\b|\bsuppose\b|\bangenommen\b"
        r"|\bsupposons\b|\bsupongamos\b",
        re.IGNORECASE,
    )


@cache
def _wished() -> re.Pattern[str]:
    """Give the words that give a day back as the customer's wish."""
    return re.compile(
        r"\byou\s+(?:want\w*|asked|need\w*|mentioned|said|would\s+like|wish\w*|hope\w*|expect\w*)\b", re.IGNORECASE
    )
