"""Turns what a customer said round, so that it can be given back: "our login fails" becomes "your login fails".

By code and not by a model: a small one swaps who does what. Where turning could go wrong there is no clause.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from fleet_runtime.lexical import stems, words
from fleet_runtime.voicing.forms import Order, holds_claim, is_markup, is_question, order_in, without_lead

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
    r"(?:I|we|my|our|the|an?|this|that|there|it|they|these|those|only|nobody|everyone|some|all|most|half|in|at|on|from|her|his|their|its|both|each|every|no|few|several|two|three|four|five|six|seven|eight|nine|ten|she|he|people|since|after|last|yesterday|today)\b",
    re.IGNORECASE,
)
_INDIRECT = re.compile(r"\b(?:asks?|asking|asked|wonders?|wondering|(?:want|wants|like) to know)\b", re.IGNORECASE)
_REMINDED = re.compile(r"\bas (?:agreed|promised|discussed|confirmed|said)\b", re.IGNORECASE)
_LEANS_ON = re.compile(r"\bas (?:you|we|agreed|promised|discussed|confirmed|said)\b", re.IGNORECASE)
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
_POINTS = re.compile(r"^(?:that|this|it|them|so|to|out|off|away|into|in|rid|back|through|there)\b", re.IGNORECASE)

_AUXILIARY = r"(?:do|does|did|is|are|am|was|were|has|have|had|can|could|will|would|should|shall|may|might|must)"
_ASKING_WORD = re.compile(
    r"^(?:(?:and|but|so|then|ok|okay|well|now|also|right|great|fine|sorry|please|honestly|by the way)\b[,.]?\s+)*"
    r"(?P<asks>(?:(?:by|since|until|in|on|at|for|from|to) )?(?:when|where|who|whom|whose|why|what|which|how)"
    r"(?: (?:many|much|long|often|far|soon|exactly))?)\s+(?P<rest>.+)$",
    re.IGNORECASE | re.DOTALL,
)
_YES_OR_NO = re.compile(
    rf"^(?:(?:and|but|so|then|ok|okay|well|also|right|great|sorry)\b[,.]?\s+)*(?P<rest>{_AUXILIARY}\b.+)$",
    re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(r"^(?P<condition>if\b[^,]{5,90}),\s+(?P<rest>.+)$", re.IGNORECASE | re.DOTALL)
_STATED = re.compile(
    r"^(?:(?:and|but|so|then|ok|okay|well)\b[,.]?\s+)*"
    r"(?P<rest>(?:I|we|you|our|your|my|the|it|it['\u2019]s|they|that|this|there)\b.+)$",
    re.IGNORECASE | re.DOTALL,
)
_TAG = re.compile(
    r",\s*(?:right|correct|(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|won|should)n?['\u2019]?t?\s+"
    r"(?:it|you|we|they|he|she|there|i)|do you know|if i may ask|please)$",
    re.IGNORECASE,
)
_SUBJECT_YOU = re.compile(
    r"(?P<said>\b)you(?=\s+(?:\w+\s+)?(?:promised|said|agreed|told|guaranteed|committed|assured|confirmed|offered|granted)\b)"
    rf"|(?P<before>\b(?:{_AUXILIARY}|that|if|when|because|and|but|what|which|who|why|how|while|than|as)\s+|^)"
    r"you\b(?!\s+(?:a|an|the|and|too|all|for|with|in|on|at|by|to)\b)",
    re.IGNORECASE,
)
_SWAPPED = {
    "you are": "we are", "you're": "we are", "your": "our", "yours": "ours", "yourself": "ourselves",
    "yourselves": "ourselves", "you": "us", "i am": "you are", "i'm": "you are", "i was": "you were",
    "we're": "you are",
    "i": "you", "we": "you", "me": "you", "us": "you", "my": "your", "our": "your", "mine": "yours", "ours": "yours",
    "am i": "are you", "was i": "were you", "myself": "yourself", "ourselves": "yourselves",
}  # fmt: skip
_SIDES = re.compile(
    r"\b(?:" + "|".join(sorted((re.escape(word) for word in _SWAPPED), key=len, reverse=True)) + r")\b", re.IGNORECASE
)
_AFTER_TERMS = re.compile(
    r"\b(?:would|could|can|if|price|cost|discount|cheaper|do we get|fix|fixed|reset)\b", re.IGNORECASE
)
_SIDE_WORDS = frozenset({"we", "us", "our", "ours", "you", "your", "yours"})
_DO = frozenset({"do", "does", "did"})
_FEWEST_ASKED, _MOST_ASKED = 3, 20


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
    orders, markup, what others ask, introductions, long and broken sentences are left alone.
    """
    if is_question(sentence) or _ADDRESSES.search(sentence) or _INTRODUCES.search(sentence):
        return None
    if is_markup(sentence) or order_in(sentence) is not Order.NONE or _claims_more(sentence):
        return None
    clause = you_form(sentence)
    fits = _FEWEST_WORDS <= len(clause.split()) <= _MOST_WORDS
    return clause if fits and not set(clause) & set("?;\n") else None


def reported(sentence: str) -> str | None:
    """Return the clause of a sentence that passes on a question: "Priya asks what it costs."; see `reflectable`."""
    clause = you_form(sentence)
    plain = _INDIRECT.search(sentence) and not _ADDRESSES.search(sentence) and not is_question(sentence)
    fits = plain and _FEWEST_WORDS <= len(clause.split()) <= _MOST_WISHED_WORDS
    return clause if fits and not is_markup(sentence) and not set(clause) & set("?;:\n") else None


def claimed(sentence: str) -> str | None:
    """Return what is said that we promised, seen from our side: "You agreed to wait" gives "we agreed to wait"."""
    if _LEANS_ON.search(sentence):
        return None
    plain = sentence.strip().strip("\"'").rstrip(".!?;, ")
    while (shorter := _FILLER.sub("", plain)) != plain:
        plain = shorter
    clause = sides_changed(plain)
    fits = _FEWEST_WORDS <= len(clause.split()) <= _MOST_ASKED and not is_question(sentence) and holds_claim(sentence)
    opens = clause[:1].lower() + clause[1:] if _COMMON_START.match(plain) or clause.startswith("Our ") else clause
    return opens if fits and not is_markup(sentence) and not set(clause) & set("?;:\n") else None


def wished_for(sentence: str) -> str | None:
    """Return what a wish asks for, in the you-form ("Can you build us a printer?" -> "a printer"), or None."""
    match = _WISHED.search(sentence.strip())
    if match is None:
        return None
    thing = you_form(_FOR_US.sub("", match.group("thing").strip()))
    if not thing or _POINTS.match(thing) or len(thing.split()) > _MOST_WISHED_WORDS:
        return None
    return thing


_ASKS_AFTER = re.compile(rf",\s*{_AUXILIARY}\s+(?:you|we|i|it|that|they)\b", re.IGNORECASE)
"""A question that follows something else: the two have no common beginning."""


class Asked(NamedTuple):
    """A question on its way to being given back: the word with which it asks, and the rest with the sides changed."""

    word: str
    rest: str

    @property
    def begins(self) -> str:
        """Return the word that stands behind a helping verb: with it a statement of the same begins."""
        first, _, others = self.rest.partition(" ")
        subject = others.split(maxsplit=1)[0] if others else ""
        asks_for_it = self.word.startswith(("who", "what", "which")) and first.lower() not in _DO
        return subject if re.fullmatch(_AUXILIARY, first.lower()) and not asks_for_it else ""


def asked(sentence: str) -> Asked | None:
    """Return a question's asking word and its rest, seen from our side, or None where that could go wrong.

    "When do you send us the list?" asks "when", and its rest is "do we send you the list". The order of the words is
    still that of a question: to give it back takes somebody who knows the language. A condition goes to the end.
    """
    told = sentence.strip().strip("\"'").rstrip("?!. ")
    plain = _TAG.sub("", told)
    condition = _CONDITION.match(plain)
    if is_markup(sentence) or set(plain) & set('?;:\n!"<>') or _ASKS_AFTER.search(plain):
        return None
    core, after = (condition["rest"], f" {condition['condition']}") if condition else (plain, "")
    after = after[:1] + after[1:2].lower() + after[2:]
    match = _ASKING_WORD.match(core) or _YES_OR_NO.match(core)
    if match is None:
        match = _STATED.match(core) if sentence.rstrip("\"' ").endswith("?") else None
    if match is None:
        return None
    rest = sides_changed(match["rest"].strip() + after)
    word = match.groupdict().get("asks")
    rest = rest if word else rest[:1].lower() + rest[1:]
    fits = _FEWEST_ASKED <= len(rest.split()) <= _MOST_ASKED
    return Asked(" ".join((word or "whether").lower().split()), rest) if fits else None


def keeps_words(said: str, clause: str) -> bool:
    """Tell whether what was given back has every topic word of the clause and no other, and the same sides."""
    return frozenset(stems(said)) == frozenset(stems(clause)) and _sides(said) == _sides(clause)


def _sides(text: str) -> frozenset[str]:
    """Return the words of a text that tell our side from the customer's: "we" and "our", "you" and "your"."""
    return _SIDE_WORDS & frozenset(word.partition("'")[0] for word in words(text))


def turned(said: str, question: Asked) -> bool:
    """Tell whether a question that was given back has the order of a statement: "your contract renews"."""
    row = said.lower().rstrip(".").split()
    helper = question.rest.lower().split()[0]
    if question.begins and helper not in _DO and helper not in row:
        return False
    if _DO & set(question.rest.lower().split()) and _DO & set(row):
        return False
    return question.word.startswith(("who", "what", "which")) or re.fullmatch(_AUXILIARY, row[0]) is None


def ordered(sentence: str) -> str | None:
    """Return what an order wants done, seen from our side ("Please send us the list." -> "send you the list")."""
    if order_in(sentence) is not Order.PLAIN or is_markup(sentence):
        return None
    clause = sides_changed(without_lead(sentence).strip().strip("\"'").rstrip("?!. "))
    fits = _FEWEST_WORDS <= len(clause.split()) <= _MOST_WISHED_WORDS + 6
    return clause[:1].lower() + clause[1:] if fits and not set(clause) & set('?;:\n!"<>') else None


def sides_changed(text: str) -> str:
    """Say from our side what the customer said from theirs: "we" becomes "you", and "you" becomes "we" or "us"."""
    marked = _SUBJECT_YOU.sub(lambda match: f"{match['before'] or ''}\x00", text)
    turned = _SIDES.sub(lambda match: _SWAPPED[match.group().lower()] if match.group() != "US" else "US", marked)
    return turned.replace("\x00", "we")


def _claims_more(sentence: str) -> bool:
    """Tell whether a sentence passes on a question, or leans on what was said before."""
    return bool(_INDIRECT.search(sentence) or _REMINDED.search(sentence))


def asks_for_record(question: str) -> bool:
    """Tell whether a question is after a day, a person, a number or a state, and not after a price or a favour."""
    match = _ASKING_WORD.match(question.strip())
    return match is not None and not _AFTER_TERMS.search(question)
