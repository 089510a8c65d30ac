"""Turns what a customer said round, so that it can be given back: "our login fails" becomes "your login fails".

By code and not by a model: a small one swaps who does what. Where turning could go wrong there is no clause.
"""

from __future__ import annotations

import re

from fleet_runtime.voicing.forms import is_question

_FEWEST_WORDS, _MOST_WORDS = 3, 28
_MOST_WISHED_WORDS = 14

_TO_YOU = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"\b(?i:I am|I'm)\b", "you are"),
        (r"\b(?i:I was)\b", "you were"),
        (r"\b(?i:I|we)'ve\b", "you have"),
        (r"\b(?i:I|we)'ll\b", "you will"),
        (r"\b(?i:I|we)'d\b", "you would"),
        (r"\b(?i:we're)\b", "you are"),
        (r"\b(?:(?i:I|we|me)|us)\b", "you"),  # "US" is a country
        (r"\b(?i:my|our)\b", "your"),
        (r"\b(?i:mine|ours)\b", "yours"),
        (r"\b(?i:myself|ourselves)\b", "yourselves"),
    )
)
_FILLER = re.compile(
    r"^(?:so|and|but|well|ok|okay|yes|no|honestly|actually|also|by the way|oh|listen|look|fyi)\b[,:]?\s+", re.IGNORECASE
)
_ANNOUNCES = re.compile(r"^[^:,;]{3,30}: (?=\w)")
_INTRODUCES = re.compile(r"^(?:I'm|I am|(?i:my name is|this is)) [A-Z]|^[A-Z][\w-]+ here\b")
_ADDRESSES = re.compile(r"\b(?:you|your|yours)\b", re.IGNORECASE)
_COMMON_START = re.compile(
    r"(?:I|we|my|our|the|an?|this|that|there|it|they|these|those|only|nobody|everyone|some|all|most|half|in|at|on|from)\b",
    re.IGNORECASE,
)
_GIVES = r"(?:build|add|ship|make|give|get|offer|have|do|create|develop|provide)"
_WISHED = re.compile(
    rf"(?:(?:can|could|will|would) (?:you|we)(?: please)? {_GIVES}(?: (?:us|me))?"
    r"|(?:do|are) you (?:plan(?:ning)?|have)(?: to (?:build|add|ship))?"
    r"|when (?:will|do) you (?:ship|build|add|release)"
    r"|(?:we|i) (?:really )?(?:need|want)|(?:please )?give (?:us|me)|(?:we|i) would like)"
    r"\s+(?P<thing>[^?.!;,]{3,90})",
    re.IGNORECASE,
)
_FOR_US = re.compile(r" (?:for|to) (?:us|me)$", re.IGNORECASE)
_POINTS = re.compile(r"^(?:that|this|it|them|so|to)\b", re.IGNORECASE)


def you_form(sentence: str) -> str:
    """Turn a customer's sentence into a clause in the you-form: "Our login fails." -> "your login fails"."""
    clause = _ANNOUNCES.sub("", sentence.strip().strip("\"'").rstrip(".!?;, "))
    while (shorter := _FILLER.sub("", clause)) != clause:
        clause = shorter
    common = _COMMON_START.match(clause)
    for pattern, replacement in _TO_YOU:
        clause = pattern.sub(replacement, clause)
    return clause[:1].lower() + clause[1:] if common and not clause[1:2].isupper() else clause


def reflectable(sentence: str) -> str | None:
    """Return the clause that a reflection may give back, or None where giving it back could go wrong.

    A sentence that said "you" meant us; turned round it would mean the customer. Questions,
    introductions, long and broken sentences are left alone.
    """
    if is_question(sentence) or _ADDRESSES.search(sentence) or _INTRODUCES.search(sentence):
        return None
    clause = you_form(sentence)
    fits = _FEWEST_WORDS <= len(clause.split()) <= _MOST_WORDS
    return clause if fits and not set(clause) & set("?;\n") else None


def wished_for(sentence: str) -> str | None:
    """Return what a wish asks for, in the you-form ("Can you build us a printer?" -> "a printer"), or None."""
    match = _WISHED.search(sentence.strip())
    if match is None:
        return None
    thing = you_form(_FOR_US.sub("", match.group("thing").strip()))
    if not thing or _POINTS.match(thing) or len(thing.split()) > _MOST_WISHED_WORDS:
        return None
    return thing
