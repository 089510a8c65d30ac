"""What a message's form gives away without a model: sentences, questions, wishes, courtesies, tone.

Pure text work in English; decides nothing about who answers.
"""

from __future__ import annotations

import re
from typing import Literal

from fleet_runtime.voicing.bank import VoiceBank

Tone = Literal["negative", "positive", "neutral", "request"]

LONGEST_COURTESY = {"thanks": 7, "farewell": 7, "greeting": 3}
"""Words up to which a message with such a cue holds nothing else."""

_SENTENCE_END = re.compile(r"(?:(?<=[.!?])|(?<=[.!?][\"')\]]))\s+(?=[\"'(A-Z0-9])|\n+")
_ABBREVIATION = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|St|No|approx|e\.g|i\.e|etc|vs)\.$", re.IGNORECASE)
_LEAD = r"^(?:(?:so|and|but|please|ok|well|also|then|now|sorry|by the way|just)\b,?\s*)*"
_ASKS = re.compile(
    _LEAD + r"(?:what|when|where|who|whom|whose|which|why|how|can|could|will|would|do|does|did"
    r"|is|are|was|were|have|has|should|may|any)\b",
    re.IGNORECASE,
)
_REMINDS = re.compile(
    r"\b(?:remind me|tell me|let me know|i(?:'d| would) like to know|i wonder|not sure (?:when|who|what|how))\b",
    re.IGNORECASE,
)
_WISHES = re.compile(
    _LEAD + r"(?:can|could|will|would) (?:you|we|i)\b"
    r"|\b(?:please|we need|i need|we want you to|we would like you to|give us|give me)\b",
    re.IGNORECASE,
)
_NEWS = re.compile(r"\d|\b(?:we|our)\b", re.IGNORECASE)
_NO_NAME = r"(?!I\b|I'|We\b|My\b|Our\b|The\b)"
_SALUTATION = re.compile(
    r"^(?i:hi|hello|hey|dear|good (?:morning|afternoon|evening))\b"
    rf"(?: (?:there|all|team|everyone|again))?(?:,? {_NO_NAME}[A-Z][\w-]+)?[,.!]*\s+"
)


def sentences(text: str) -> tuple[str, ...]:
    """Cut a text into its sentences, each a piece of the text; abbreviations do not end one."""
    found: list[str] = []
    begin = 0
    for end, following in (*(match.span() for match in _SENTENCE_END.finditer(text)), (len(text), len(text))):
        piece = text[begin:end].strip()
        if following < len(text) and _ABBREVIATION.search(piece):
            continue
        if piece:
            found.append(piece)
        begin = following
    return tuple(found)


def is_question(sentence: str) -> bool:
    """Tell whether a sentence asks, with or without its mark."""
    return sentence.rstrip("\"') ").endswith("?") or bool(_ASKS.match(sentence) or _REMINDS.search(sentence))


def is_wish(sentence: str) -> bool:
    """Tell whether a sentence asks for something to be done or given."""
    return bool(_WISHES.search(sentence))


def without_greeting(text: str) -> tuple[str, bool]:
    """Return the text without its opening salutation, and whether it had one before something else."""
    rest = _SALUTATION.sub("", text, count=1)
    return (rest, True) if rest and rest != text else (text, False)


def courtesy(text: str, bank: VoiceBank) -> str | None:
    """Name the courtesy (``thanks``, ``farewell``, ``greeting``) if the message holds nothing else.

    "Thanks, we are leaving" is short, and news all the same.
    """
    if is_question(text) or _NEWS.search(text) or bank.cued("negative", text):
        return None
    length = len(re.sub(r"[^\w\s']", " ", text).split())
    return next((name for name, most in LONGEST_COURTESY.items() if length <= most and bank.cued(name, text)), None)


def tone_of(sentence: str, bank: VoiceBank) -> Tone:
    """Guess the tone from plain words; the voice's model may know better."""
    if is_wish(sentence):
        return "request"
    if bank.cued("negative", sentence):
        return "negative"
    return "positive" if bank.cued("positive", sentence) else "neutral"
