"""Find promises, claims of action and leaks in a German, French or Spanish sentence that nothing carries.

Evidence may be in another language than the reply: what they share is then a day, a figure, a name or a
code, and a verb of the same deed. English sentences have their own modules.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from fleet_runtime.guarding.anchors import anchors_in, carrying_statements, restated
from fleet_runtime.guarding.attention import is_attention
from fleet_runtime.guarding.deeds import is_done
from fleet_runtime.guarding.evidence import Support
from fleet_runtime.guarding.languages import Language
from fleet_runtime.guarding.phrases import Phrases, phrases
from fleet_runtime.guarding.reading import without_quotes
from fleet_runtime.guarding.retold import is_retold
from fleet_runtime.lexical import stem, stems, words
from fleet_runtime.records import Finding

_CLAUSE = re.compile(
    r"[;:\u2014\u2013]\s*|\s-\s|,\s+|\s+(?:aber|sondern|weil|mais|donc|car|pero|porque|aunque|sino)\s+"
    r"|\s+(?:und|et|y)\s+(?=(?:ich|wir|sie|unser\w*|werde\w*|habe\w*|je|j'|j\u2019|nous|notre|vous|le|les|lo|he"
    r"|hemos|nuestro)\b)",
    re.IGNORECASE,
)
_INVERTED = re.compile(
    r"(?:^|[,;:\u2013\u2014]\s+|\bou\s+)\w+(?:-t)?-(?:vous|nous|je|il|elle|on|ils|elles|ce|tu)\b"
    r"|^\w+(?:e|en|st|t|n)\s+(?:Sie|wir|ich|Ihnen|ihr|euch|du|dir|es|das)\b",
    re.IGNORECASE,
)
"""A verb before its subject, as French and German ask."""

_NOTICE = re.compile(r"\bBescheid\s+(?:gegeben|gesagt)\Z", re.IGNORECASE)
_SHORT_TAG = 4
_FIRST_PERSON = re.compile(
    r"\b(?:I|we|our|ich|wir|unser\w*|je|j['\u2019]ai|nous|notre|he|hemos|nuestr\w+|yo)\b|^\s*(?:csm|agent"
    r"|assistant|we)\b",
    re.IGNORECASE,
)
_CARRIES = re.compile(
    r"\b(?:promis\w*|commit\w*|owe[sd]?|owing|due|agreed|pledged|will|planned|roadmap|scheduled|includ\w+|free"
    r"|credit\w*|refund\w*|discount\w*"
    r"|guarante\w+|sla|uptime|within|zugesagt|versprochen|vereinbart|geplant|f\u00e4llig|wird|werden"
    r"|inbegriffen|enthalten|kostenlos\w*|rabatt|gutschrift"
    r"|innerhalb|verf\u00fcgbarkeit|promis\w*|convenu\w*|pr\u00e9vu\w*|sera|inclus\w*|gratuit\w*|remise"
    r"|garanti\w*|sous|avoir|prometid\w*|acordad\w*|previst\w*|ser\u00e1"
    r"|incluid\w*|incluye|gratis|descuento|garantiz\w*|abono|disponibilidad)\b",
    re.IGNORECASE,
)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_VALUE = re.compile(r"\d")
_LONG_WORD = 5
_SHARE = 0.6
_SEEKING = frozenset({"pass", "ask", "check", "speak", "contact", "inform", "note", "escalate", "call"})


class _Compiled(NamedTuple):
    """The patterns of a language, compiled."""

    promises: tuple[re.Pattern[str], ...]
    firm: tuple[re.Pattern[str], ...]
    deeds: tuple[re.Pattern[str], ...]
    product: re.Pattern[str]
    denies: re.Pattern[str]
    attributes: re.Pattern[str]
    offers: re.Pattern[str]
    asks: re.Pattern[str]
    as_agreed: re.Pattern[str]
    leaks: re.Pattern[str]


def is_question_abroad(sentence: str, language: Language) -> bool:
    """Tell whether a sentence asks, and does not state something first and then ask "all right?"."""
    if not sentence.rstrip(" \"'\u201d\u2019\u00bb)*_").endswith("?"):
        return False
    if sentence.lstrip(' \u00ab"').startswith("\u00bf") or (language in {"fr", "de"} and _INVERTED.search(sentence)):
        return True
    pieces = [piece for piece in _CLAUSE.split(sentence) if piece and piece.strip()]
    if (
        len(pieces) > 1
        and len(words(pieces[-1])) < _SHORT_TAG
        and not _compiled(language).asks.search(" ".join(pieces[:-1]))
    ):
        return False
    return bool(_compiled(language).asks.search(sentence)) or len(pieces) == 1


def claims_abroad(sentence: str, language: Language, support: Support, *, undated: bool = False) -> Iterator[Finding]:
    """Yield a finding for each clause that promises what nobody agreed, or claims what nobody did.

    ``undated`` tells that the sentence names a day which the evidence does not: then no record carries its promise.
    """
    known, own = _compiled(language), phrases(language)
    leak = known.leaks.search(sentence)
    if leak:
        yield _finding(
            "leak",
            leak.group().strip(),
            sentence,
            "speaks of your instructions or of what you are made of; speak to the customer",
        )
    if is_question_abroad(sentence, language):
        return
    whole = without_quotes(sentence, support.lowered)
    offered = bool(known.offers.search(whole))
    for clause in _clauses(whole):
        found = _unexcused_deed(clause, known, own, support)
        if found and not _is_told(found, clause, sentence, own, support):
            yield _finding(
                "action", _piece(clause, found), sentence, "claims something that was not done; leave it out"
            )
            continue
        promise = _unexcused_promise(clause, known, own, support, offered=offered)
        if promise and is_attention(clause.strip(), sentence, language):
            continue
        if promise and (undated or not _is_carried(sentence, known, support)):
            yield _finding(
                "promise",
                _piece(clause, promise),
                sentence,
                "promises what nobody has agreed; say what is on record instead",
            )
            continue
        product = known.product.search(clause)
        if product and not _is_excused(product, clause, known, own) and not restated(sentence, support, _SHARE):
            yield _finding(
                "product",
                _piece(clause, product),
                sentence,
                "says what the product can do, and nothing you were given says so",
            )


def _clauses(sentence: str) -> Iterator[str]:
    """Yield the clauses of a sentence."""
    start = 0
    for match in _CLAUSE.finditer(sentence):
        yield sentence[start : match.start()]
        start = match.end()
    yield sentence[start:]


def _unexcused_deed(clause: str, known: _Compiled, own: Phrases, support: Support) -> re.Match[str] | None:
    """Return a claim of a deed that is neither idle, nor the customer's, nor really done."""
    for pattern in known.deeds:
        for match in pattern.finditer(clause):
            verb = "informiert" if _NOTICE.search(match.group()) else _verb(match)
            if _is_excused(match, clause, known, own) or verb.startswith(own.idle):
                continue
            if not _was_done(verb, clause, own, support):
                return match
    return None


def _unexcused_promise(
    clause: str, known: _Compiled, own: Phrases, support: Support, *, offered: bool
) -> re.Match[str] | None:
    """Return a promise that is neither idle, nor the customer's wish, nor done already, nor only offered."""
    for pattern in known.promises:
        for match in pattern.finditer(clause):
            verb = _verb(match)
            if _is_excused(match, clause, known, own) or (verb and verb.startswith(own.idle)):
                continue
            if verb and (_was_done(verb, clause, own, support) or (offered and _deed(verb, own) in _SEEKING)):
                continue
            if offered and not verb:
                continue
            return match
    firm = (match for pattern in known.firm for match in pattern.finditer(clause))
    return next((match for match in firm if not _is_excused(match, clause, known, own)), None)


def _verb(match: re.Match[str]) -> str:
    """Return the verb that a pattern found, in lower case."""
    groups = match.groupdict()
    return (groups.get("verb") or groups.get("verb_2") or groups.get("sent") or "").lower()


def _deed(verb: str, own: Phrases) -> str:
    """Return the English verb of the same deed, or the verb itself."""
    return max(
        ((start, deed) for start, deed in own.verbs.items() if verb.startswith(start)),
        key=lambda pair: len(pair[0]),
        default=("", verb),
    )[1]


def _was_done(verb: str, clause: str, own: Phrases, support: Support) -> bool:
    """Tell whether what was done holds the verb, one of its group, or the same deed in this language."""
    deed = _deed(verb, own)
    done = support.done | {stem(_deed(word, own)) for text in support.evidence.done for word in words(text)}
    return is_done(deed, done) or is_retold(deed, clause, support, abroad=True)


def _is_told(match: re.Match[str], clause: str, sentence: str, own: Phrases, support: Support) -> bool:
    """Tell whether a statement of the evidence tells the same deed of the same thing."""
    deed, mine = _deed(_verb(match), own), bool(match.groupdict().get("mine"))
    anchors = anchors_in(clause if mine else sentence, support)
    for text, held in carrying_statements(support):
        if mine and not _FIRST_PERSON.search(text):
            continue
        spoken = words(text)
        same_deed = is_done(deed, held) or any(_deed(word, own) == deed for word in spoken)
        shared = anchors & anchors_in(text, support)
        if not mine and deed not in own.verbs.values() and any(_VALUE.search(anchor) for anchor in shared):
            return True
        if same_deed and (shared or len(held & frozenset(stems(clause))) > 1):
            return True
    return False


def _is_carried(sentence: str, known: _Compiled, support: Support) -> bool:
    """Tell whether the record holds a promise about what this sentence speaks of."""
    if restated(sentence, support, _SHARE):
        return True
    agreed = bool(known.as_agreed.search(sentence))
    anchors, topic = anchors_in(sentence, support), _topic(sentence)
    for text, held in carrying_statements(support):
        shared = anchors & anchors_in(text, support) if agreed is False else anchors
        if _CARRIES.search(text) and (agreed or shared):
            return True
        if any(_DAY.match(anchor) for anchor in shared) and topic & held:
            return True
    return False


def _topic(sentence: str) -> frozenset[str]:
    """Return the stems of a sentence's longer words."""
    return frozenset(each for each in stems(sentence) if len(each) >= _LONG_WORD and each.isalpha())


def _is_excused(match: re.Match[str], clause: str, known: _Compiled, own: Phrases) -> bool:
    """Tell whether what was found is denied, or given as the customer's own wish or words."""
    denied = None if match.groupdict().get("even_denied") else known.denies.search(clause)
    if denied and (own.denies_late or denied.start() <= match.end()):
        return True
    found = known.attributes.search(clause)
    return found is not None and found.start() <= match.start()


def _piece(clause: str, match: re.Match[str]) -> str:
    """Cut the claim out of its clause."""
    return " ".join(clause[match.start() :].split())


def _finding(kind: str, text: str, sentence: str, what: str) -> Finding:
    """Say what is wrong with a piece of a sentence."""
    return Finding(kind=kind, text=text, sentence=sentence, message=f'"{text}" {what}')


@cache
def _compiled(language: Language) -> _Compiled:
    """Compile a language's patterns when the first sentence in it comes."""
    own = phrases(language)

    def row(patterns: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
        return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)

    single = (own.product, own.denies, own.attributes, own.offers, own.asks, own.as_agreed, own.leaks)
    product, denies, attributes, offers, asks, as_agreed, leaks = row(single)
    return _Compiled(
        row(own.promises), row(own.firm), row(own.deeds), product, denies, attributes, offers, asks, as_agreed, leaks
    )
