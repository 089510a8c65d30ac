"""Tells whether a boundary hands the refused work back to the role itself. Finds no other owner; `owners` does.

Being mentioned is no hand-off ("the support-agent escalates it", "outside the support-agent's lane"), and
neither is owning something else ("the support-agent owns the queue, the sales-lead the price").
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from fleet_runtime.parsing import wording
from fleet_runtime.parsing.outline import Prose

_WINDOW: Final = 120  # characters of the sentence that are looked at on each side of the name
_NEAR: Final = 60  # characters that a verb, a preposition and an article take, with some to spare

_JOINED_NAMES: Final = (
    rf"(?:[\w-]+(?:\s[\w-]+){{0,2}}{wording.POSSESSIVE}?\s*{wording.JOIN}\s*(?:to\s+)?{wording.ARTICLE}){{1,3}}$"
)
_BELONGING: Final = rf"(?:{wording.BELONG}){wording.ARTICLE}(?:$|{_JOINED_NAMES})"
_BELONGING_WORDS: Final = ("belong", "stay", "lie", "rest", "reserved", "owner")
_HANDING_WORDS: Final = ("to ", "by ", "with ", "for ", "owner")
_DONE_BY: Final = (
    rf"{wording.STAYING}|\b(?:owned|handled|decided|kept|led|run|set|made|approved)\s+by\s+{wording.ARTICLE}$"
)
_TO: Final = rf"\bto\s+{wording.ARTICLE}$"
_SENT: Final = (
    r"(?:^|[.;:,—\u2013]\s*)(?:(?:it|that|this|these|those|all|such\s+\w+)\s+)?(?:(?:is|are|must\s+be)\s+)?"
    rf"(?:goes?|hand(?:ed)?|pass(?:ed)?|route[sd]?|sent|left|up|referr?(?:ed)?)\s+(?:(?:it|that|them)\s+)?{_TO}"
)
_COPIES: Final = (
    r"(?:cop(?:y|ies)|notes?|notices?|word|news|summar(?:y|ies)|reports?|results?|answers?|repl(?:y|ies)|minutes"
    r"|drafts?|outcomes?|records?|feedback|lists?|briefs?|credit|thanks)\b"
)
_TOPIC_SENT: Final = (
    rf"(?:(?!{_COPIES})[\w'\u2019/-]+\s+){{1,8}}"
    rf"(?:go(?:es)?|(?:(?:is|are)\s+)?(?:handed|passed|routed|sent|referred)(?:\s+on)?)\s+{_TO}"
)
"""A whole sentence of what is asked for, so that no other role can have been handed the work before."""

_NEGATED: Final = r"\b(?:not|never|nor|no|without|outside|beyond|above|besides?|leaves?)\b|n['\u2019]t\b"
_IS: Final = (
    r"(?:^\s*|\b(?:is|are|remains?|stays?|(?:falls?|lies?|stays?)\s+(?:in|into|within|under|with))\s+(?:only\s+|all\s+)?)"
    rf"{wording.ARTICLE}$"
)
_SUBJECT: Final = rf"\s*(?:only\s+|always\s+|and\s+|so\s+)?{wording.ARTICLE}"

_OWNED: Final = rf"{wording.POSSESSIVE}\s*(?:{wording.LANE}|[.,;:!?)\u2014\u2013]|$)"
_ACTS: Final = rf"\s+{wording.VERB}\s*(?:{wording.IT}|[.,;:!?)\u2014\u2013-]|$)"
_LIMITS: Final = (
    r"(?:only|but|not|never|no|nothing|none|within|when|where|if|after|once|until|unless|before|with|together|as"
    r"|while)\b"
)
_DECIDES: Final = (
    rf"\s+(?:(?:alone|only|always)\s+)?(?:decides?|approves?|settles?)(?:\s+(?!{_LIMITS})[\w'\u2019/-]+){{1,8}}[.!]?"
)
_NAMED: Final = rf"\s*{wording.FOLLOW}|{wording.ROLE}"
_ENDS: Final = r"\s*(?:[.;!]|$)"


class _Mention(NamedTuple):
    """What stands on both sides of one naming of the role."""

    left: str
    right: str
    first: bool
    """Whether ``left`` begins with what follows the refused work, and is no later part of it."""
    marked: bool

    @property
    def clause(self) -> str:
        """Return what stands on the left since the last sign."""
        return self.left[max(self.left.rfind(sign) for sign in wording.CLAUSE_SIGNS) + 1 :]


def hands_to_itself(said: Prose, own_class: str) -> bool:
    """Tell whether ``said``, what follows the refused work, hands it to ``own_class``."""
    spoken = own_class.replace("-", " ")
    if not spoken or spoken not in " ".join(re.split(r"[-\s]", said.text.lower())):
        return False
    name = r"[-\s]".join(re.escape(part) for part in own_class.split("-"))
    marks = {mark.end for mark in said.marks}
    return any(
        _is_handed(
            _Mention(
                left=said.text[max(0, found.start() - _WINDOW) : found.start()],
                right=said.text[found.end() : found.end() + _WINDOW],
                first=found.start() <= _WINDOW,
                marked=found.end() in marks,
            )
        )
        for found in re.finditer(rf"(?<![\w-]){name}(?![\w-])", said.text, re.IGNORECASE)
    )


def _is_handed(mention: _Mention) -> bool:
    """Weigh one mention. A file may hold thousands, so what is quickly told comes before what must be searched for."""
    left, right = mention.left, mention.right
    if re.match(_OWNED, right):
        handed = re.search(_IS, mention.clause, re.IGNORECASE) is not None or _belongs(mention.clause)
    elif re.match(_ACTS, right):
        handed = re.fullmatch(_SUBJECT, mention.clause, re.IGNORECASE) is not None
    elif re.match(_NAMED, right):
        handed = _stands_alone(mention) or (_is_handing(left) and (_belongs(left) or _is_sent(mention)))
    else:
        handed = False
    return (handed or _decides(mention)) and re.search(_NEGATED, mention.clause, re.IGNORECASE) is None


def _is_handing(left: str) -> bool:
    """Tell whether there is a word without which nothing is handed over, which is found sooner than a wording."""
    plain = left.lower()
    return any(word in plain for word in _HANDING_WORDS)


def _stands_alone(mention: _Mention) -> bool:
    """Tell whether the name is all that is said."""
    if not mention.first or not re.match(_ENDS, mention.right):
        return False
    return re.fullmatch(wording.OPENING, mention.left, re.IGNORECASE) is not None


def _belongs(left: str) -> bool:
    """Tell whether the work is said to belong to the name, or to be done by it; others may be named before it."""
    if _ends(left, _DONE_BY):
        return True
    plain = left.lower()
    if not any(word in plain for word in _BELONGING_WORDS):
        return False
    return re.search(_BELONGING, left, re.IGNORECASE) is not None


def _is_sent(mention: _Mention) -> bool:
    """Tell whether the work is sent to the name: "goes to the X", "journalists' questions go to the X."."""
    if not _ends(mention.left, _TO):
        return False
    if re.search(_SENT, mention.left, re.IGNORECASE):
        return True
    whole = mention.first and re.match(_ENDS, mention.right) is not None
    return whole and re.fullmatch(_TOPIC_SENT, mention.left, re.IGNORECASE) is not None


def _decides(mention: _Mention) -> bool:
    """Tell whether all that is said is that the marked name decides something."""
    if not mention.marked or not mention.first or not re.fullmatch(_SUBJECT, mention.left, re.IGNORECASE):
        return False
    return re.fullmatch(_DECIDES, mention.right, re.IGNORECASE) is not None


def _ends(left: str, pattern: str) -> bool:
    """Tell whether ``left`` ends with a short wording, which is looked for only where it can begin."""
    return re.compile(pattern, re.IGNORECASE).search(left, max(0, len(left) - _NEAR)) is not None
