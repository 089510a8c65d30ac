"""Find proper names in a reply that no evidence holds.

A capital tells a name in English, French and Spanish; in German, where every noun has one, its form, its
neighbours and common given names do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from fleet_runtime.guarding.evidence import Support
from fleet_runtime.guarding.languages import Language
from fleet_runtime.guarding.name_words import is_german_noun, is_given_name
from fleet_runtime.guarding.places import is_known_place
from fleet_runtime.guarding.reading import LINK
from fleet_runtime.guarding.vocabulary import is_ordinary, is_ordinary_opening, may_be_name
from fleet_runtime.lexical import words
from fleet_runtime.records import Finding

_TOKEN = re.compile(r"[^\W_](?:[\w'\u2019&-]*[^\W_])?")
_OPENING = re.compile(
    r"(?:^|[:\u2014\u2013\u2022|(\"\u201c\u2018\u201e\u00ab\u00bf\u00a1*#>]|(?<!\w)[-_']|\d[.)]"
    r"|[.!?\u2026][\"\u201d)]*)\s*$"
)
_POSSESSIVE = re.compile(r"['\u2019](?:s|m|ll|d|ve|re|t)?$", re.IGNORECASE)
_CALENDAR = frozenset(
    words("""monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december jan feb mar apr jun jul aug sep sept oct nov dec montag dienstag mittwoch
    donnerstag freitag samstag sonntag januar februar m\u00e4rz mai juni juli oktober dezember lundi mardi mercredi
    jeudi vendredi samedi dimanche lunes martes mi\u00e9rcoles jueves viernes s\u00e1bado domingo""")
)
_POLITE = frozenset(
    words("""monsieur madame mademoiselle messieurs mesdames mme mlle se\u00f1or se\u00f1ora se\u00f1orita sr sra ud uds
    usted ustedes herr herrn frau dr prof ms mrs mr je i nous vous oui non s\u00ed no bonjour merci hola gracias hallo
    danke l d j m mm eur usd gbp chf ok pdf csv faq id url tva iva pme rh rrhh mwst ust agb uhr kw edv it hr
    crm sso api excel wlan mo go ko mb gb don do\u00f1a prof professor ki ia ai""")
)
"""Words that are written with a capital, or as capitals, and name nobody."""

_TITLES = frozenset(
    words("ms mrs mr mx miss sir madam dr prof professor doctor utc gmt cet cest ai ha haha hey phew ooh aha")
)
_TITLE = re.compile(r"\b(?:M[rs]s?|Mx|Dr|Prof|Hr|Fr|Sr|Sra|M|Mme|Mlle)\.\s+\Z")
_CUE = re.compile(
    r"\b(?:Herrn?|Frau|Dr\.|Prof\.|Kolleg(?:in|e|en)|Firma|namens|hei(?:\u00dft|sst)"
    r"|Ansprechpartner(?:in)?"
    r"|Managerin|Manager|Leiterin|Leiter)\s+\Z"
)
_BARE = re.compile(
    r"\b(?:mit|von|bei|an|durch|f\u00fcr|\u00fcber|nach|zu|aus|und|oder|in|als|wie|gegen\u00fcber|ist|war|hat"
    r"|haben|wird)\s+\Z"
)
_ACTS = re.compile(
    r"['\u2019]s\b|(?:,?\s+[A-Z])|\s+(?:has|will|would|can|could|said|says|told|asked|joined|knows|wants|wrote|confirmed|agreed"
    r"|approved|signed|called|takes|leads|and\s+(?:I|we)|from|at\s+[A-Z]|is|was)\b"
)
"""What follows the name of somebody or something that acts, where a sentence opens with it."""

_PLACED = re.compile(r"\b(?:in|aus|nach)\s+\Z")
_FIRM = re.compile(r"\s+(?:GmbH|AG|SE|KG|OHG|Inc|Ltd|SA|SAS|SARL|SL|BV|plc)\b")
_LONGEST_CAPITALS = 5
_QUARTER = re.compile(r"[QT][1-4]\Z|KW\Z")


class _Token:
    """One capitalised word of a sentence, and where it stands."""

    def __init__(self, match: re.Match[str], sentence: str) -> None:
        self.text = _POSSESSIVE.sub("", match.group())
        self.start, self.end = match.span()
        self.titled = bool(_TITLE.search(sentence[: self.start]))
        self.opens = not self.titled and bool(_OPENING.search(sentence[: self.start]))


def unsupported_names(
    sentence: str, support: Support, skip: Sequence[tuple[int, int]] = (), language: Language = "en"
) -> Iterator[Finding]:
    """Yield a finding for each name of ``sentence`` that the evidence does not hold, or joins wrongly.

    ``skip`` are spans that are no names (dates). A capital at the opening counts only when the word
    is no ordinary one.
    """
    spans = [*skip, *(match.span() for match in LINK.finditer(sentence))]
    tokens = [token for token in _capitalised(sentence) if not any(a <= token.start < b for a, b in spans)]
    if language == "en":
        wrong = [
            token
            for token in tokens
            if _is_unsupported(token, sentence, support) and not is_known_place(token.text, support)
        ]
    else:
        wrong = [token for token in tokens if _is_unsupported_abroad(token, sentence, support, language)]
    for name in _joined(wrong, sentence):
        yield Finding(
            kind="name",
            text=name,
            sentence=sentence,
            message=f'"{name}" is named nowhere in what you were given; leave it out',
        )
    for first, second in pairwise(tokens):
        between = sentence[first.end : second.start]
        both_known = first not in wrong and second not in wrong and not (first.opens and language != "en")
        if between == " " and both_known and _is_false_pair(first, second, support):
            name = f"{first.text} {second.text}"
            yield Finding(
                kind="name",
                text=name,
                sentence=sentence,
                message=f'"{name}" joins two different names; use each as it was given',
            )


def _capitalised(sentence: str) -> Iterator[_Token]:
    """Yield the words with a capital or a digit among letters; hyphenated and camel-case words count whole."""
    for match in _TOKEN.finditer(sentence):
        token = match.group()
        if token != token.lower() or _is_code(token):
            yield _Token(match, sentence)


def _acts(following: str) -> bool:
    """Tell whether what follows a sentence's first word tells it to be a name."""
    return bool(_ACTS.match(following))


def _is_code(token: str) -> bool:
    """Tell whether a small-letter word is a code such as "v2" (not "12k", "2nd" or "10am")."""
    return token[0].isalpha() and any(letter.isdigit() for letter in token)


def _is_unsupported(token: _Token, sentence: str, support: Support) -> bool:
    """Tell whether a word names something that the evidence does not."""
    text = token.text
    parts = words(text)
    lowered = text.lower()
    if not parts or lowered in _CALENDAR or lowered in _TITLES or _QUARTER.match(text) or text[0].isdigit():
        return False
    if all(part in support.words for part in parts):
        return not token.opens and may_be_name(lowered) and lowered not in support.capitalised
    if _is_code(text) or any(letter.isupper() for letter in text[1:] if text != text.upper() and "-" not in text):
        return True
    if may_be_name(lowered) or is_given_name(lowered):
        return not (token.opens and may_be_name(lowered))
    if token.opens and not _acts(sentence[token.end :]) and not any(is_given_name(part) for part in parts):
        return False
    known = is_ordinary_opening if token.opens else is_ordinary
    return not all(part in support.words or known(part) for part in parts)


def _is_unsupported_abroad(token: _Token, sentence: str, support: Support, language: Language) -> bool:
    """Tell the same of a word in a German, French or Spanish sentence."""
    text, lowered = token.text, token.text.lower()
    parts = words(text)
    nameless = (
        is_known_place(text, support)
        or lowered in _CALENDAR
        or lowered in _POLITE
        or _QUARTER.match(text)
        or text[0].isdigit()
    )
    if nameless or all(part in support.words or part in _POLITE for part in parts):
        return False
    if _is_code(text) or _has_inner_capital(text) or is_given_name(lowered):
        return True
    if text.isupper() and 1 < len(text) <= _LONGEST_CAPITALS:
        return True
    if language != "de":
        return not token.opens and text[0].isupper() and not is_ordinary(lowered)
    before = sentence[: token.start]
    if _CUE.search(before) or _FIRM.match(sentence, token.end):
        return not is_german_noun(lowered)
    return (
        not token.opens and bool(_BARE.search(before)) and _looks_foreign(lowered, placed=bool(_PLACED.search(before)))
    )


def _has_inner_capital(text: str) -> bool:
    """Tell whether a word has a capital within, as "HubSpot" has; parts of a hyphenated word count singly."""
    return any(letter.isupper() for part in text.split("-") for letter in part[1:]) and text != text.upper()


def _looks_foreign(word: str, *, placed: bool) -> bool:
    """Tell whether a lower-case word has the form of no German noun: no known word in it, no such ending."""
    endings = ("e", "en", "er", "n", "t") if placed else ("e", "en", "er", "n", "el", "t")
    return not is_german_noun(word) and not word.endswith(endings)


def _joined(tokens: Sequence[_Token], sentence: str) -> Iterator[str]:
    """Join neighbouring words to one name."""
    group: list[_Token] = []
    for token in tokens:
        if group and sentence[group[-1].end : token.start] != " ":
            yield " ".join(each.text for each in group)
            group = []
        group.append(token)
    if group:
        yield " ".join(each.text for each in group)


def _is_false_pair(first: _Token, second: _Token, support: Support) -> bool:
    """Tell whether two known names stand side by side that the evidence never joins ("Dana Pike")."""
    one, two = words(first.text), words(second.text)
    if not one or not two or support.holds_pair((one[-1], two[0])):
        return False
    return all(
        word in support.capitalised
        and word not in support.small
        and not is_ordinary(word)
        and word not in _CALENDAR
        and word not in _POLITE
        for word in (one[-1], two[0])
    )
