"""What a message's form gives away without a model: sentences, questions, courtesies, tone, you-form.

Pure text work; decides nothing about who answers.
"""

from __future__ import annotations

import re
from typing import Literal

from fleet_runtime.voicing.bank import VoiceBank

Tone = Literal["negative", "positive", "neutral", "request"]

_SENTENCE_END = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?=[\"'(A-Z0-9])|\n+")
_ABBREVIATION = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|St|No|approx|e\.g|i\.e|etc|vs)\.$", re.IGNORECASE)
_ASKS = re.compile(
    r"^(?:so |and |but |ok |well |also |then |now |sorry |by the way |just )*,?\s*"
    r"(?:what|when|where|who|whom|whose|which|why|how|can|could|will|would|do|does|did|is|are|was|were|have|has|should|may|any)\b",
    re.IGNORECASE,
)
_REMINDS = re.compile(r"\b(?:remind me|tell me|let me know|i(?:'d| would) like to know|i wonder|not sure (?:when|who|what|how))\b", re.IGNORECASE)
_WISHES = re.compile(
    r"^(?:so |and |but |please |ok |well |also )*,?\s*(?:can|could|will|would) (?:you|we|i)\b|"
    r"\b(?:please|we need|i need|we want you to|we would like you to|give us|give me)\b",
    re.IGNORECASE,
)
_GREETING_LEAD = re.compile(
    r"^(?:(?:hi|hello|hey|dear|good (?:morning|afternoon|evening))\b(?: (?:there|all|team|everyone|again))?(?:,? [A-Z][\w'-]+)?[,.!]*\s+)", re.IGNORECASE
)
_TO_YOU = (
    (r"\bI am\b|\bI'm\b", "you are"),
    (r"\bI was\b", "you were"),
    (r"\bI(?:'ve| have)\b", "you have"),
    (r"\bI'll\b", "you will"),
    (r"\bI'd\b", "you would"),
    (r"\bwe're\b", "you are"),
    (r"\bwe've\b", "you have"),
    (r"\bwe'll\b", "you will"),
    (r"\bwe'd\b", "you would"),
    (r"\b(?:I|we|us|me)\b", "you"),
    (r"\b(?:my|our)\b", "your"),
    (r"\b(?:mine|ours)\b", "yours"),
    (r"\b(?:myself|ourselves)\b", "yourselves"),
)
_WISHED = re.compile(
    r"(?:(?:can|could|will|would) (?:you|we)(?: please)? (?:build|add|ship|make|give|get|offer|have|do|create|develop|provide)"
    r"(?: (?:us|me))?|(?:do|are) you (?:plan(?:ning)?|have)(?: to (?:build|add|ship))?|when (?:will|do) you (?:ship|build|add|release)|"
    r"(?:we|i) (?:really )?(?:need|want)|(?:please )?give (?:us|me)|(?:we|i) would like)\s+(?P<thing>(?:an?|the|some|our|more|\d)?\s*[^?.!;]{3,90})",
    re.IGNORECASE,
)
_LEADING = re.compile(r"^(?:so|and|but|well|ok|okay|yes|no|honestly|actually|also|by the way|oh|listen|look|fyi)\b[,:]?\s+", re.IGNORECASE)


def sentences(text: str) -> tuple[str, ...]:
    """Cut a text into its sentences; abbreviations do not end one."""
    found: list[str] = []
    for piece in _SENTENCE_END.split(text.strip()):
        if found and _ABBREVIATION.search(found[-1]):
            found[-1] = f"{found[-1]} {piece}"
        elif piece.strip():
            found.append(piece.strip())
    return tuple(found)


def is_question(sentence: str) -> bool:
    """Tell whether a sentence asks, with or without its mark."""
    return sentence.rstrip("\"') ").endswith("?") or bool(_ASKS.match(sentence) or _REMINDS.search(sentence))


def is_wish(sentence: str) -> bool:
    """Tell whether a sentence asks for something to be done or given."""
    return bool(_WISHES.search(sentence))


def without_greeting(text: str) -> tuple[str, bool]:
    """Return the text without its opening salutation, and whether it had one."""
    rest = _GREETING_LEAD.sub("", text, count=1)
    return (rest or text, rest != text and bool(rest))


def courtesy(text: str, bank: VoiceBank) -> str | None:
    """Name the courtesy (``thanks``, ``greeting``, ``farewell``) if the message holds nothing else."""
    if is_question(text) and not bank.cued("thanks", text):
        return None
    bare = re.sub(r"[^\w\s']", " ", text.casefold()).split()
    for name in ("thanks", "farewell", "greeting"):
        limit = 7 if name != "greeting" else 3
        if bank.cued(name, text) and len(bare) <= limit:
            return name
    return None


def tone_of(sentence: str, bank: VoiceBank) -> Tone:
    """Guess the tone from plain words; the voice's model may know better."""
    if is_wish(sentence):
        return "request"
    if bank.cued("negative", sentence):
        return "negative"
    return "positive" if bank.cued("positive", sentence) else "neutral"


def you_form(sentence: str) -> str:
    """Turn a customer's sentence into a clause in the you-form: "Our login fails." -> "your login fails"."""
    clause = sentence.strip().strip("\"'").rstrip(".!?;, ")
    while (shorter := _LEADING.sub("", clause)) != clause:
        clause = shorter
    starts_own = bool(re.match(r"(?:I|we|my|our|the|a|an|this|that|there|it|they|these|those|only|nobody|everyone|some|all|most|half)\b", clause, re.IGNORECASE))
    for pattern, replacement in _TO_YOU:
        clause = re.sub(pattern, replacement, clause, flags=re.IGNORECASE)
    return clause[:1].lower() + clause[1:] if starts_own else clause


def is_clean_clause(clause: str) -> bool:
    """Tell whether a you-form clause can stand after a stem: short, one statement, nobody addressed as "you" before.

    A sentence that already said "you" meant us; flipped, it would mean the customer.
    """
    return 3 <= len(clause.split()) <= 28 and "?" not in clause and "\n" not in clause and ";" not in clause


def reflectable(sentence: str) -> str | None:
    """Return the clause that a reflection may give back, or None where giving it back could go wrong.

    A sentence that said "you" meant us; turned round it would mean the customer. Questions and long
    or broken sentences are left alone.
    """
    if is_question(sentence) or re.search(r"\b(?:you|your|yours)\b", sentence, re.IGNORECASE):
        return None
    clause = you_form(sentence)
    return clause if is_clean_clause(clause) else None


def wished_for(sentence: str) -> str | None:
    """Return what a wish asks for, in you-form ("Can you build us a label printer?" -> "a label printer"), or None."""
    match = _WISHED.search(sentence.strip())
    if match is None:
        return None
    thing = re.sub(r" (?:for|to) (?:us|me)$", "", match.group("thing").strip(), flags=re.IGNORECASE)
    thing = you_form(thing)
    return thing if 1 <= len(thing.split()) <= 14 and "?" not in thing else None
