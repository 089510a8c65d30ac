"""Reads what somebody says of a goal: that it was reached, or that it was not. Knows no account and no goal.

English, and conservative: what is hoped, asked, doubted, doubly denied or done in part says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from fleet_runtime.lexical import STOPWORDS, stem, words
from fleet_runtime.patterns import pattern

_GOAL: Final = r"\b(?:goals?|targets?|objectives?|success criteri(?:a|on))\b"
_WHOSE: Final = r"(?:the|our|their|its|your|his|her|this|that|all|both)"
_THE_GOAL: Final = rf"{_WHOSE}(?:\s+[\w%'-]+){{0,4}}?\s+{_GOAL}"
_DONE: Final = r"(?:reached|met|achieved|hit|exceeded|surpassed|fulfilled|attained|beaten|beat)"
_DO: Final = r"(?:reach|meet|achieve|hit|fulfil|attain|reached|met|achieved|fulfilled|attained)"
_LATELY: Final = r"(?:(?:now|already|finally|fully|just|all|both|clearly|easily|indeed|yet)\s+)*"
_IS: Final = r"(?:is|are|was|were|has\s+been|have\s+been)"
_AIMED: Final = r"\b(?:aimed\s+(?:at|for)|set\s+out\s+(?:to|for)|signed\s+up\s+for)\b"
_AT_HAND: Final = pattern(rf"{_GOAL}|{_AIMED}")
_REACHED: Final = pattern(
    rf"\b{_DONE}\s+{_THE_GOAL}"
    rf"|{_GOAL}[^,;]*?\b{_IS}\s+{_LATELY}{_DONE}\b"
    rf"|{_GOAL}\s+{_LATELY}{_DONE}\b"
    rf"|\b{_DONE}\b[^;]{{0,120}}{_AIMED}"
)
_MISSED: Final = pattern(
    rf"\b(?:miss|misses|missed|f[ae]ll(?:s|en)?\s+short\s+of|failed\s+to\s+{_DO}"
    rf"|(?:(?:did|do|does|have|has|will)\s*(?:not|n't)|won't|never|not)\s+{_LATELY}{_DO})\s+{_THE_GOAL}"
    rf"|{_GOAL}[^,;]*?\b(?:(?:is|are|was|were|has|have|will)\s*(?:not|n't)|won't|never)\s+{_LATELY}(?:been\s+|be\s+)?{_DONE}\b"
    rf"|{_GOAL}[^,;]*?\b{_IS}\s+{_LATELY}missed\b|{_GOAL}\s+(?:missed|not\s+{_LATELY}{_DONE})\b"
)
_DENIES: Final = pattern(
    r"\b(?:not|never|no|nobody|none|nothing|neither|nor|without|hardly|barely|miss|misses|missed|failed|short|cannot)\b"
    r"|n't\b"
)
_UNSURE: Final = pattern(
    r"\?|\b(?:if|whether|unless|until|till|once|when|would|should|could|might|must|want(?:s|ed)?|hop(?:e|es|ed|ing)"
    r"|plan(?:s|ned|ning)?|expect\w*|tr(?:y|ies|ied|ying)|needs?|soon|almost|nearly|partly|partially|halfway|only|but"
    r"|except|although|though|however|maybe|perhaps|probably|likely|seem(?:s|ed)?|think|thinks|believe\w*|guess"
    r"|claim(?:s|ed)?|supposed|next|former|previous|old|ask(?:s|ed)?|wonder\w*|pretend\w*|imagine|before|instead|than"
    r"|competitors?|far|track|close|toward|towards)\b"
)
_MAY: Final = re.compile(r"\bmay\b")
"""The verb: the month is written with a capital letter."""
_AHEAD: Final = pattern(r"\b(?:will|shall|going\s+to|to\s+have)\b|'ll\b")
_PLURAL: Final = pattern(r"\b(?:goals|targets|objectives|criteria)\b")
_IN_PART: Final = pattern(
    r"(?:\b(?:half|parts?|some|most|many|few|percent|thirds?|quarter|one|two|three|several|\d+)|%)"
    rf"\s+(?:out\s+)?of\s+{_WHOSE}\b[^,;]*{_GOAL}"
)
_TELLS: Final = pattern(
    r"(?:(?:[A-Z][\w.'-]*|[Tt]hey|[Ss]?he|[Tt]he|our|and|of|customer|champion|sponsor|contact|just|also|has)\s+){1,6}"
    r"(?:says?|said|confirm(?:s|ed)?|tells?|told|writes?|wrote|report(?:s|ed)?|mention(?:s|ed)?)\b"
    r"(?:\s+(?:us|me|on|in|at|the|a|call|phone|meeting|review|QBR|today|again|by|e?-?mail|that)\b)*"
    r"|[A-Z][\w .'-]{0,40}:"
)
"""By whom it is told, before what is told."""
_SENTENCE_ENDS: Final = re.compile(r"(?<=[.!?;])\s+|\n+")
_YEAR: Final = re.compile(r"20\d\d")
_NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)*")
_LONGEST: Final = 400
"""Characters of a sentence that is read; a longer one says more than can be told apart."""
_IDLE: Final = frozenset(
    words("""
    goal goals target targets objective objectives success criteria criterion reached met achieved hit exceeded
    surpassed fulfilled attained beaten beat aimed set reach meet achieve fulfil attain miss misses missed fell fall
    falls fallen short failed primary main agreed original shared first big annual yearly quarterly customer account
    team everybody everyone today yesterday week month quarter year early time ahead schedule deadline last great
    good happy glad proud news hooray congratulations finally fully already yet never clearly easily indeed well
    done january february march april may june july august september october november december monday tuesday
    wednesday thursday friday
    """)
)
"""Words that a sentence on the goal as such may have besides; any further word makes it one on something certain."""


class Outcome(NamedTuple):
    """What a sentence says of a goal: ``sentence`` in its own words, and whether it was ``reached``.

    ``about`` are the stems of what it speaks of; none where it speaks of the goal as such, ``of_all`` where of all.
    """

    sentence: str
    reached: bool
    of_all: bool
    about: frozenset[str]
    numbers: frozenset[str]


def outcomes_in(text: str) -> Iterator[Outcome]:
    """Yield what the sentences of a text say of goals, in order."""
    if _AT_HAND.search(text.casefold()) is None:
        return
    for raw in _SENTENCE_ENDS.split(text):
        sentence = " ".join(raw.split())
        reached = _verdict(sentence.replace("\u2019", "'")) if len(sentence) <= _LONGEST else None
        if reached is not None:
            yield _outcome(sentence, reached=reached)


def topic(text: str) -> frozenset[str]:
    """Return the stems of what a text speaks of, numbers among them; words of every goal are none of it."""
    idle = STOPWORDS | _IDLE
    return frozenset(
        stem(word)
        for word in words(text)
        if word not in idle and not word.endswith("n't") and _YEAR.fullmatch(word) is None
    )


def numbers(text: str) -> frozenset[str]:
    """Return the numbers in a text, without years."""
    return frozenset(found for found in _NUMBER.findall(text) if _YEAR.fullmatch(found) is None)


def _verdict(sentence: str) -> bool | None:
    """Tell whether a sentence says that a goal was reached (True) or not (False); None if it says neither."""
    said = sentence.casefold()
    if _UNSURE.search(said) or _MAY.search(sentence) or _IN_PART.search(said):
        return None
    denials = len(_DENIES.findall(said))
    if not denials and _AHEAD.search(said) is None and _REACHED.search(said):
        return True
    return False if denials == 1 and _MISSED.search(said) else None


def _outcome(sentence: str, *, reached: bool) -> Outcome:
    """Take apart a sentence that says what became of a goal."""
    teller = _TELLS.match(sentence)
    told = (
        sentence[teller.end() :] if teller is not None and _AT_HAND.search(teller[0].casefold()) is None else sentence
    )
    return Outcome(sentence, reached, _PLURAL.search(told.casefold()) is not None, topic(told), numbers(told))
