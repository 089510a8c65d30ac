"""Tell what is no promise though it sounds like one: refused, asked for, hoped, or kept already. Pure."""

from __future__ import annotations

import re

_NONE = re.compile(
    r"\b(?:not|never|n't|nobody|no[\s-]one|refus\w+|declin\w+|decided\s+against|might|may|could|should|perhaps|maybe|"
    r"(?:we|you|they|I)\s+(?:need|want|would\s+like)|please|ask(?:s|ed)?\s+(?:us|you|me|them)|wants?\s+(?:us|you|me|"
    r"them)|hopes?|hoping|hoped|used\s+to|was\s+(?:supposed|meant)\s+to|offer(?:s|ed|ing)?|propos\w+|suggest\w+|"
    r"consider\w*|rumou?r\w*|plan(?:s|ned|ning)?\s+to|wonder\w*|forgot|fail\w*|miss(?:ed|es)|cancel\w+|withdr\w+|kept|how\s+(?:you|we|they|to)|"
    r"ask(?:s|ed|ing)\s+(?:how|whether|what|why|if)|"
    r"(?:likes?|loves?|tends?|prefers?|able|happy|ready)\s+to)\b|"
    r"n't\b",
    re.IGNORECASE,
)
_DONE_SINCE = re.compile(
    r"\b(?:it|that|this|which|all|everything)(?:'s|\s+(?:is|was|has|had))?(?:\s+(?:now|all|been|just|since|already|long|"
    r"finally|duly|completely))*\s+(?:done|finished|completed?|happened|sorted|closed|delivered|dealt\s+with|"
    r"taken\s+care\s+of|fulfilled|kept|settled)\b(?!\s+(?:by|before|until|no\s+later))|"
    r"\boff\s+(?:the|our|my|his|her|their|your)\s+list\b|,\s*(?:all\s+)?done\b(?!\s+(?:by|before|until|no\s+later))|"
    r"\bno\s+need\s+to\s+chase\b|\bhas\s+(?:now\s+)?been\s+(?:kept|fulfilled|met|done)\b|\bwas\s+(?:kept|fulfilled)\b|"
    r"\btick\w*\s+(?:it\s+)?off\b|\bdone\s+and\s+dusted\b",
    re.IGNORECASE,
)

_NO_REFUSAL = re.compile(
    r"\b(?:no|not)\s+later\s+than\b|\bwho\s+(?:could|might|would|should)\b|\bno\s+(?:trouble|problem|objections?|later)\b",
    re.IGNORECASE,
)


def kept_already(text: str) -> bool:
    """Tell whether a sentence says of the deed it names that it has happened."""
    return _DONE_SINCE.search(text) is not None


def is_barred(rest: str) -> bool:
    """Tell whether the words around a task say that it was refused, asked for, hoped, or done."""
    return _NONE.search(_NO_REFUSAL.sub(" ", rest)) is not None or kept_already(rest)
