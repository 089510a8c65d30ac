"""Tells whether a boundary hands the refused work back to the role itself. Finds no other owner; `owners` does.

Being mentioned is no hand-off ("the support-agent escalates it", "outside the support-agent's lane"), and
neither is owning something else ("the support-agent owns the queue, the sales-lead the price").
"""

from __future__ import annotations

import re
from typing import Final

from fleet_runtime.parsing import wording
from fleet_runtime.parsing.outline import Prose

_WINDOW: Final = 120  # characters of the sentence that are looked at on each side of the name

_JOINED_NAMES: Final = (
    rf"(?:[\w-]+(?:\s[\w-]+){{0,2}}{wording.POSSESSIVE}?\s*{wording.JOIN}\s*(?:to\s+)?{wording.ARTICLE}){{1,3}}$"
)
_BELONGING: Final = (
    rf"(?:{wording.BELONG}){wording.ARTICLE}(?:$|{_JOINED_NAMES})|{wording.BELONGING}|{wording.STAYING}"
    rf"|\b(?:owned|handled|decided|kept|run|set|made|approved)\s+by\s+{wording.ARTICLE}$"
)
_SENT: Final = (
    r"(?:^|[.;:,—\u2013]\s*)(?:(?:it|that|this|these|those|all|such\s+\w+)\s+)?(?:(?:is|are|must\s+be)\s+)?"
    r"(?:goes?|hand(?:ed)?|pass(?:ed)?|route[sd]?|sent|left|up|referr?(?:ed)?)\s+(?:(?:it|that|them)\s+)?to\s+"
    rf"{wording.ARTICLE}$"
)
_NEGATED: Final = r"\b(?:not|never|nor|no|without|outside|beyond|above|besides?|leaves?)\b|n['\u2019]t\b"
_IT: Final = r"(?:it|that|this|them|these|those|so|alone|only|all\s+of\s+(?:it|that|them))\b|[.,;:!?)\u2014\u2013-]|$"
_IS: Final = (
    r"(?:^\s*|\b(?:is|are|remains?|stays?|(?:falls?|lies?|stays?)\s+(?:in|into|within|under|with))\s+(?:only\s+|all\s+)?)"
    rf"{wording.ARTICLE}$"
)
_OWNED: Final = rf"{wording.POSSESSIVE}\s*(?:{wording.LANE}|[.,;:!?)\u2014\u2013]|$)"


def hands_to_itself(said: Prose, own_class: str) -> bool:
    """Tell whether ``said``, what follows the refused work, hands it to ``own_class``."""
    spoken = own_class.replace("-", " ")
    if not spoken or spoken not in " ".join(re.split(r"[-\s]", said.text.lower())):
        return False
    name = r"[-\s]".join(re.escape(part) for part in own_class.split("-"))
    return any(
        _is_handed(said.text[max(0, found.start() - _WINDOW) : found.start()], said.text[found.end() :][:_WINDOW])
        for found in re.finditer(rf"(?<![\w-]){name}(?![\w-])", said.text, re.IGNORECASE)
    )


def _is_handed(left: str, right: str) -> bool:
    """Weigh one mention by what stands on both sides of it."""
    clause = re.split(r"[.;:,\u2014\u2013]", left)[-1]
    if re.search(_NEGATED, clause, re.IGNORECASE):
        return False
    if re.match(_OWNED, right):
        return re.search(rf"{_IS}|{_BELONGING}", clause, re.IGNORECASE) is not None
    if re.match(rf"\s+{wording.VERB}\s*(?:{_IT})", right):
        return (
            re.fullmatch(rf"\s*(?:only\s+|always\s+|and\s+|so\s+)?{wording.ARTICLE}", clause, re.IGNORECASE) is not None
        )
    named = re.match(rf"\s*{wording.FOLLOW}|{wording.ROLE}", right) is not None
    alone = re.fullmatch(wording.OPENING, left, re.IGNORECASE) is not None and re.match(r"\s*(?:[.;!]|$)", right)
    return named and bool(alone or re.search(_BELONGING, left, re.IGNORECASE) or re.search(_SENT, left, re.IGNORECASE))
