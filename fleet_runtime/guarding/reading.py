"""Cut a sentence into clauses, and tell what kind of sentence each is. Judges nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fleet_runtime.lexical import words

LINK = re.compile(
    r"(?:https?://|www\.)[^\s<>\"')\]]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|\b[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|io|dev|app|co\.uk|de|eu|ai|fr|es|ch|at|info|ly|cloud|tech"
    r"|example)\b(?:/[^\s<>\"')\]]*)?",
    re.IGNORECASE,
)
"""Links and e-mail addresses."""

PHONE = re.compile(
    r"(?<![\w.,])(?<!\d-)(?!\d{1,2}[./]\d{1,2}[./]\d{2,4}(?!\d))(?:\+|00|\(?0)\(?\d[\d\s()/.\u00a0-]{5,}\d(?![\w%])"
)
"""Telephone numbers."""

OURS = (
    r"(?:(?:our|the|my)\s+(?:[\w-]+\s+){0,2}(?:team|agent|engineers?|developers?|support|manager|executive"
    r"|colleagues?"
    r"|lead|product|sales|engineering|finance|company|department|boss|ceo|cto|cfo|vp|directors?|folks|people"
    r"|lawyers?|counsel|legal|billing|account\s+executive)"
    r"|(?-i:Legal|Engineering|Finance|Sales|Billing|Support|Product|Procurement|Operations)(?=\s+(?:has|have|is"
    r"|are|will|just|already|approved|confirmed|signed|told))"
    r"|some(?:one|body)(?:\s+(?:from|in|on)\s+(?:our\s+|the\s+)?\w+)?|(?:an?|one\s+of\s+(?:our|my"
    r"|the))\s+colleagues?)"
)
"""A pattern for those on our side who are spoken of: "our support agent", "the engineering team", "someone"."""

_CLAUSE = re.compile(
    r"[;:\u2014\u2013]\s*|\s-\s|,?\s+(?:(?:but|so|yet|however|while|because)\b|and\s+(?=(?:I|we|you|it|our"
    r"|the)\b))|,\s+",
    re.IGNORECASE,
)
_OPENS_QUESTION = frozenset(
    words("""what which who whom whose when where why how shall should could would can may might do does did is are
    was were have has had will won't isn't aren't don't doesn't""")
)
_LEADS_IN = frozenset(words("and but so or ok okay then also well in at on for from by with to of since until about"))
_QUOTED = re.compile(r"[\"\u201c\u201e]([^\"\u201c\u201d\u201e]{2,})[\"\u201d]")
_NEGATION = re.compile(
    r"\b(?:not|never|no(?!\s+(?:extra|additional|cost|charge|fee|problem|doubt|worries|matter)\b)|nobody|none"
    r"|nothing|neither|nor|cannot|without(?!\s+(?:a\s+|any\s+)?(?:penalt|notice|fee|charge|cost|delay))|unable"
    r"|decline[sd]?|refuse[sd]?)\b|n['\u2019]t\b",
    re.IGNORECASE,
)
_ATTRIBUTED = re.compile(
    r"\byou(?:r\s+(?:team|people|colleagues?|side|boss|manager))?\s*(?:'d|\u2019d)?\s*(?:have\s+|are\s+|were\s+"
    r"|would\s+|had\s+)?"
    r"(?:also\s+|just\s+)?(?:ask\w*|like|want\w*|need\w*|mention\w*|sa(?:id|y)|told|wr[io]te\w*|hop(?:e\w*|ing)"
    r"|wish\w*"
    r"|expect\w*|request\w*|prefer\w*|look(?:ing)?\s+for|wonder\w*|remember)\b"
    r"|\byour\s+(?:request|question|wish|ask|idea|message)\s+(?:for|to|that|about|whether|is|was)\b|\bwhether\b"
    r"|\bif\s+(?:we|I|you)\b|\basking\s+(?:for|us|me)\b",
    re.IGNORECASE,
)


def clauses(sentence: str) -> Iterator[str]:
    """Yield the clauses of a sentence: a negation or "you asked for" reaches no further than its own."""
    start = 0
    for match in _CLAUSE.finditer(sentence):
        yield sentence[start : match.start()]
        start = match.end()
    yield sentence[start:]


def is_question(sentence: str) -> bool:
    """Tell whether a sentence asks: it ends in a question mark, and some clause opens as questions do."""
    if not sentence.rstrip(" \"'\u201d\u2019)*_").endswith("?"):
        return False
    openings = (next((word for word in words(clause) if word not in _LEADS_IN), "") for clause in clauses(sentence))
    return any(word in _OPENS_QUESTION for word in openings)


def is_denied(clause: str, position: int) -> bool:
    """Tell whether a negation stands before ``position`` in the clause, or just after it."""
    return bool(_NEGATION.search(clause[: position + 1])) or bool(_NEGATION.match(clause[position:].lstrip()))


def is_attributed(clause: str, position: int) -> bool:
    """Tell whether what stands at ``position`` is given as the customer's own wish or words."""
    found = _ATTRIBUTED.search(clause)
    return found is not None and found.start() <= position


def without_quotes(sentence: str, known: str) -> str:
    """Blank out what the sentence quotes word for word from ``known`` (lower case, single blanks)."""

    def blank(match: re.Match[str]) -> str:
        inside = " ".join(match[1].lower().split()).rstrip(".,!?")
        return " " * len(match.group()) if inside in known else match.group()

    return _QUOTED.sub(blank, sentence)
