"""Tells whether a question is about a company that is not the customer's own. Pure text work in English.

It knows no names; what is known is handed in: a name that stands on the account's record is no stranger, nor is the
account itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fleet_runtime.lexical import words
from fleet_runtime.voicing.forms import is_question, sentences

_NAME = r"(?-i:[A-Z][\w&'\u2019-]*(?:\s+(?:of|and|&|de|van|von)?\s*[A-Z][\w&'\u2019-]*)*)"
_KINDS = (
    r"(?-i:AG|Academ(?:y|ies)|Airlines?|Airways|Associates|Bakery|Bakeries|Bank|Brewery|Brothers|Care|Clinics?|College|Company|Corp"
    r"|Council|Dental|Energy|Engineering|Farms?|Foods?|Foundation|Freight|GmbH|Group|Health|Holdings?|Hospitals?|Hotels?|Inc"
    r"|Industries|Insurance|Labs?|LLC|Logistics|Ltd|Manufacturing|Marine|Media|Motors|Partners|Pharma|PLC|Railways?|Retail"
    r"|Schools?|Services|Shipping|Solutions|Stores|Systems|Technologies|Telecom|Traders|Transport|Trust|University|Utilities"
    r"|Ventures|Works)"
)
_MATTER = (
    r"(?:users?|seats?|licen[cs]es?|contract|plan|price|discount|pay|pays|paying|renewal|renew|terms|deal|subscription"
    r"|customers?)"
)
_COMPANY = re.compile(rf"\b(?P<name>{_NAME}\s+{_KINDS})\b")
_SUBJECT = re.compile(
    rf"\b(?:does|do|did|has|have|had|is|are|was|were|will|can|would)\s+(?P<name>{_NAME})\s+(?:also\s+|still\s+|even\s+)?"
    r"(?:have|pay|use|get|got|buy|bought|spend|run|renew|sign|doing|on|a customer|paying|using|with you|have to pay)\b",
    re.IGNORECASE,
)
_OWNER = re.compile(
    rf"(?P<name>{_NAME})(?:'s|\u2019s|s'|')\s+(?:\w+\s+)?{_MATTER}\b|\b(?:of|for|with|at)\s+(?P<other>{_NAME})\s*\?",
    re.IGNORECASE,
)
_ASKED_GENERALLY = re.compile(
    r"\bother\s+(?:\w+\s+){1,4}?(?:do|are|have|did)\s+you\s+(?:\w+\s+)?(?:work|serve|have|supply|sell|look after)"
    r"|\bwho\s+else\s+(?:uses|is using|buys|bought|works with|do you|have you)\b"
    r"|\b(?:list|name)\s+(?:of\s+)?(?:all\s+)?(?:your\s+)?customers\b"
    r"|\bwhat\s+(?:do|are)\s+(?:your\s+)?others?(?:\s+\w+)?\s+pay",
    re.IGNORECASE,
)
_NOT_NAMES = frozenset(
    words("""i i'm i've i'd i'll we our the a an this that january february march april may june july august september
    october november december monday tuesday wednesday thursday friday saturday sunday who what when where which why how
    does do did is are was were will can would could should has have had and but so if""")
)


def asks_about(text: str, known: str) -> bool:
    """Tell whether a text asks about other customers, or about a company whose name ``known`` does not hold."""
    if not any(is_question(sentence) for sentence in sentences(text)):
        return False
    if _ASKED_GENERALLY.search(text):
        return True
    return any(_is_strange(name, known) for name in _companies(text))


def names_somebody(text: str, known: str) -> bool:
    """Tell whether a text names somebody, after its first word, whom ``known`` does not hold."""
    names = [word.strip("'\".,?!") for word in text.split()[1:] if word[:1].isupper()]
    return any(len(name) > 1 and _is_strange(name, known) for name in names)


def _companies(text: str) -> Iterator[str]:
    """Yield the names that stand where a company's name stands."""
    for match in _COMPANY.finditer(text):
        yield match["name"]
    for sentence in sentences(text):
        if not re.search(rf"\b{_MATTER}\b", sentence, re.IGNORECASE):
            continue
        for match in (*_SUBJECT.finditer(sentence), *_OWNER.finditer(sentence)):
            yield match.groupdict().get("name") or match.groupdict().get("other") or ""


def _is_strange(name: str, known: str) -> bool:
    """Tell whether a name has a word of its own, and none that is known."""
    own = [word for word in re.findall(r"[\w&-]+", name.casefold()) if word not in _NOT_NAMES and len(word) > 1]
    there = frozenset(re.findall(r"[\w&-]+", known.casefold()))
    return bool(own) and not there.intersection(own)
