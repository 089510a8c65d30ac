"""Tell how a stretch of a sentence is said, apart from what goes along with it. Pure.

"If you want it moved, well, Ada Obi is our champion, so let's ask her" wishes and supposes, but states who the
champion is: only the stretch in which a place and its holder stand counts, and a condition on the thing itself.
"""

from __future__ import annotations

import re

from fleet_runtime.learning.reading.moods import moods_of_statement, sets_condition
from fleet_runtime.learning.reading.passages import Sentence

_CUT = re.compile(r"[,;:()\u2013\u2014?!]|\s-\s|\b(?:and|but|because|so)\b", re.IGNORECASE)
_NEAR_CUT = re.compile(r"[,;:()\u2013\u2014]|\b(?:and|but|because)\b", re.IGNORECASE)
_APART = re.compile(r";|\bbut\b", re.IGNORECASE)
_IF_YOU_ASK = re.compile(
    r"\bif\s+(?:you|anyone|anybody|someone|they)(?:'re|'ve|'d)?\s+(?:ever\s+|still\s+)?(?:ask|want|need|wonder\w*|look\w*|"
    r"got|are|have|haven't|see|hear|check|remember|recall|must\s+know)\b[^,;]*",
    re.IGNORECASE,
)
_POLITE = re.compile(
    r"\b(?:please\s+(?:be\s+(?:advised|informed|aware)|note|take\s+note|let\s+it\s+be\s+known)|(?:we|i)(?:'d|\s+would)?\s+"
    r"(?:wish|like|want|hasten|have|beg)\s+to\s+(?:inform|let|tell|announce|advise|notify|confirm|share|say|report|"
    r"introduce)|(?:that|it|this)(?:'d|\s+would)\s+be|i'd\s+(?:put|say|call)|customer\s+success|as\s+(?:planned|expected|"
    r"requested))\b",
    re.IGNORECASE,
)
_HEDGES = re.compile(
    r"\b(?:maybe|perhaps|possibly|probably|apparently|rumou?rs?|word\s+is|\w+\s+(?:thinks|believes|reckons|suspects|hopes|feels)|imagine|suppose|supposing|i\s+(?:think|guess|"
    r"believe|hope|wish|suspect|doubt)|we\s+(?:think|guess|hope|wish)|whether|what\s+if|wonder\w*|in\s+theory|ideally|"
    r"hypothetically|not\s+sure|unsure|unclear|would|might|could|may)\b(?!,)",
    re.IGNORECASE,
)
_WHO = re.compile(r"\bwho(?:m|se|'s)?\b", re.IGNORECASE)
_LOVELY = re.compile(
    r"\b(?:would|'d|might)\s+be\s+\w+\s+to\s+have\b|\b(?:one|some)\s?day\b|"
    r"\b(?:would|could|might)\b(?=[^,;]*\bto\s+have\b)",
    re.IGNORECASE,
)
_UNSETTLED = re.compile(r"\b(?:should|would|could|might|will|may|best|ideal)\b", re.IGNORECASE)
_ANSWER = re.compile(
    r"(?:^|[\s,;:?!(])(?:it|that|this|the\s+answer)(?:'s|'d\s+be|\s+is|\s+would\s+be|\s+was|'ll\s+be|\s+will\s+be)\s+"
    r"(?:now\s+|still\s+|mr\.?\s+|ms\.?\s+|mrs\.?\s+|dr\.?\s+)*$",
    re.IGNORECASE,
)
_TELLS = re.compile(
    r"\b(?:told|said|says|tells|confirm\w*|announc\w*|heard|had\s+it\s+from|came\s+from|asked|mention\w*|let\s+(?:it\s+)?slip|"
    r"wrote|found\s+out|learn\w*|inform\w*|e-?mail\w*|called|rang|spoke|spotted|noticed|reported|shared)\b"
    r"(?:\s+(?!(?:that|she|he|they|we|leav\w+|left|tak\w+|took|start\w*|since|will|is|has|be|becom\w+|mov\w+|goes|step\w*|"
    r"effective|valid|as)\b)[\w'-]+){0,7}\s*$",
    re.IGNORECASE,
)
_POINTS_BACK = re.compile(
    r"(?:^|[\s,;])(?:and\s+|yes,?\s+)*(?:that's|this\s+is|that\s+is|he's|she's)\s+\w*\s*$", re.IGNORECASE
)


def answers_who(text: str, name: int, place: int, place_end: int) -> bool:
    """Tell whether a name answers who has a place: "who the sponsor is, it's Ada Obi", "a champion, that's Ada Obi".

    Args:
        text: The sentence, or two.
        name: Where the name begins.
        place: Where the word for the place begins.
        place_end: Where it ends.
    """
    if name > place_end:
        asked = _WHO.search(text[:place])
        told = text[asked.start() : place] + text[place:name].split(",", maxsplit=1)[0] if asked is not None else ""
        return _ANSWER.search(text[:name]) is not None and _UNSETTLED.search(told) is None
    return _POINTS_BACK.search(text[:place]) is not None


def is_said(sentence: Sentence, name: int, place: int, *, answers: bool) -> bool:
    """Tell whether the stretch of a sentence that holds a name and a place states something.

    Args:
        sentence: The sentence.
        name: Where in it the name begins.
        place: Where the word for the place begins.
        answers: Whether the name answers who has the place; then how the place is spoken of does not matter.
    """
    text = sentence.text
    first, last = (
        (name, name)
        if answers and name > place
        else (place, place)
        if answers
        else (min(name, place), max(name, place))
    )
    start = max((cut.end() for cut in _CUT.finditer(text, 0, first)), default=0)
    end = next((cut.start() for cut in _CUT.finditer(text, last)), len(text))
    apart = max((cut.end() for cut in _APART.finditer(text, 0, first)), default=0)
    if sets_condition(_IF_YOU_ASK.sub(" ", text[apart:])):
        return False
    before = _POLITE.sub(" ", _IF_YOU_ASK.sub(" ", text[apart : max(start, apart)]))
    if _HEDGES.search(before) and not answers:
        return False
    if _LOVELY.search(text[start:end]):
        return False
    moods = moods_of_statement(_POLITE.sub(" ", text[start:end]))
    asked = [clause for clause in sentence.clauses if "question" in clause.moods]
    inside = {_clause_at(sentence, place) for place in ((name,) if answers else (name, place))}
    return not moods - {"past", "denied"} and not any(clause.start in inside for clause in asked)


def _clause_at(sentence: Sentence, place: int) -> int:
    """Return where the clause begins that holds a place of the sentence."""
    return max((clause.start for clause in sentence.clauses if clause.start <= sentence.start + place), default=0)


def is_when_told(text: str, place: int) -> bool:
    """Tell whether a day at a place of a text is that of the telling, not of what is told: "Bo said so on the 4th"."""
    start = max((cut.end() for cut in _NEAR_CUT.finditer(text, 0, place)), default=0)
    return _TELLS.search(text[start:place]) is not None
