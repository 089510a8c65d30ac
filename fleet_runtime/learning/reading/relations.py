"""Read dates, counts and amounts by what they stand beside: a word for the matter, and a value near it.

Where a template (see `patterns`) names a whole way of saying, a relation only names the matter's words and
what must not stand between them and the value. So it reads ways of saying that nobody has thought of; what it
loses in certainty it wins back by refusing: values that are former ones, differences, or of another matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fleet_runtime.learning.reading.passages import CLOSE, MARK_LETTERS, OPEN, Passage, Sentence
from fleet_runtime.learning.reading.patterns import Found, typed

_FILL = (
    r"(?:the|it|was|were|as|at|our|their|a|an|about|around|roughly|on|just|only|for|to|be|been|still|is|all|of|that|"
    r"merely)"
)
_OLD_BEFORE = re.compile(
    r"(?:\b(?:from|was|were|previously|formerly|instead\s+of|rather\s+than|in\s+place\s+of|replac(?:es|ing|ed)|"
    r"(?:up|down)\s+(?:from|on)|not|no\s+longer|(?:never|not|n't)\s+(?:been\s+|be\s+)?(?:said|say|had|have|paid|pay|ordered|order|signed|sign|held|bought|stood|read|showed|agreed|at|for|on)(?:\s+(?:you|us|up))?|isn't|wasn't|aren't|weren't|never|used\s+to\s+(?:be|say|read|show|"
    r"have)|"
    r"originally|old(?:er)?(?:\s+\w+)?(?:\s+(?:of|was|is))?|previous(?:\s+\w+)?(?:\s+of)?|former(?:\s+\w+)?(?:\s+of)?|"
    r"prior(?:\s+\w+)?(?:\s+of)?|against|versus|vs\.?|compared\s+(?:to|with)|past|had|after|away\s+from|over\s+from|"
    r"out\s+of|beyond|leaving|left|abandon\w+|wrong(?:ly)?(?:\s+\w+)?|believed|thought|assumed|claimed|supersed\w+|"
    r"scrap|forget|strike|ignore|disregard|delete|remove|isn't|than|until\s+now|so\s+far|before|initial(?:ly)?|"
    r"last\s+year(?:'s)?|the\s+(?:said|recorded|logged|noted)|contrary\s+to|unlike|neither|nor)"
    rf"(?:\s+{_FILL})*|{OPEN}n\d+{CLOSE}\s+(?:out\s+)?of(?:\s+(?:the|our|their))?|[(\[]\s*(?:was|were|old|ex|not|"
    r"previously|formerly|before|prev\.?|instead\s+of|up\s+from|down\s+from)"
    r":?(?:\s+(?:at|on|the))*)\s+[\"']?$",
    re.IGNORECASE,
)
_WEAKLY_OLD = re.compile(
    r"\b(?:crm|record|file|sheet|system|notes?|shows?|showed|listed|says|said|read|recorded|logged|entered|noted|wrote|"
    r"typed|put|quoted|stated|had)\b[^,;.]{0,25}$",
    re.IGNORECASE,
)
_OLD_AFTER = re.compile(
    r"^\s*(?:\w+\s+){0,2}?,?\s*(?:(?:is|was|were|has\s+been|had\s+been|which\s+is|that\s+is|figure|date|number|value|"
    r"entry)\s+)*"
    r"(?:never|wrong|incorrect|an?\s+(?:[\w-]+\s+)?(?:typo|mistake|slip|error|misprint|mix-?up|misunderstanding)|outdated|obsolete|out\s+of\s+date|superseded|"
    r"in\s+error|by\s+mistake|no\s+longer|not\s+(?:right|correct|valid|true)|before\b(?!\s+\w+\s+\w+)|previously|"
    r"originally|until\s+(?:now|recently|last)|becomes?|became|turned\s+into|changes?\s+to|is\s+gone|mistyped|misread|"
    r"(?:we|i|you|they)\s+(?:had|(?:have\s+|'ve\s+)?(?:noted|recorded|entered|logged)|have\s+(?:on\s+(?:file|record)|in\s+(?:the|our)|down|listed|written))|in\s+(?:the\s+|our\s+)?(?:crm|file|system|record|"
    r"notes?|sheet|last\s+note|earlier\s+note)|on\s+(?:file|record))\b"
    rf"|^[^.;{OPEN}]{{0,40}}?\b(?:came|comes|come|was|is|taken|copied)\s+(?:in\s+)?from\s+(?:someone|somebody|another|a\s+different|the\s+wrong|an\s+old)\b"
    rf"|^[^.,;{OPEN}]{{0,50}}?(?:,\s+(?:that|which|it)\s+)?\b(?:was|were|is)\s+(?:just\s+|simply\s+)?(?:an?\s+)?(?:[\w-]+\s+)?(?:mix-?up|typo|misprint|misreading)\b"
    r"|^\s*(?:\w+\s+)?(?:->|=>|\u2192|>)|^\s*\((?:old|before|previous|was|wrong)\)|^\s*(?:\w+\s+)?(?:up\s+|"
    rf"down\s+)?to\s+{OPEN}",
    re.IGNORECASE,
)
_NEW_BEFORE = re.compile(
    r"(?:\b(?:to|now|at|actual(?:ly)?|correct|right|true|real|should\s+(?:be|read|say)|always(?:\s+been)?|becomes?|"
    r"reads|"
    r"stands\s+at|comes\s+to|until|through|till|is|be|rather|new|into|instead)|->|=>|\u2192|>|:|"
    r"=)\s*(?:\w+\s+)?[\"']?$",
    re.IGNORECASE,
)
_STILL_TRUE = re.compile(
    r"\b(?:since\s+(?:(?:we|they)\s+(?:first\s+)?signed|the\s+(?:beginning|start|outset|first\s+day))|from\s+the\s+get-?go|right\s+from\s+the\s+\w+|all\s+along|always|from\s+(?:day\s+(?:one|⟦n\d+⟧)|"
    r"the\s+(?:very\s+)?(?:start|beginning|outset|first))|throughout|"
    r"the\s+whole\s+time|all\s+the\s+time|since\s+(?:day\s+(?:one|⟦n\d+⟧)|signing|signature))(?!\w)",
    re.IGNORECASE,
)
_DELTA = re.compile(
    r"(?:\bby|\bplus|\bminus|\badd(?:s|ed|ing)?|\badditional|\banother|\bextra|\bfurther|\bup|\bdown|\bbought|\bneed|"
    r"\blose|\blost|\bgain(?:ed)?|\bevery|\beach|\bper|\bnext|\blast|\bpast|\btop|\bwithin|\b(?:gave|give)\s+back|"
    r"\breleased|"
    r"\breturned|\bof\s+which|\bticket|\bcase|#|\bno\.?|\bversion|\bphase|\broom|\bpage|\bsection|\bstep|\bweeks?|\bdays?|\bmonths?|\bslides?|\bitems?|\blevel|\bthe\s+other)"
    r"\s+(?:about\s+|an?\s+|some\s+|the\s+|roughly\s+)?$",
    re.IGNORECASE,
)
_DELTA_AFTER = re.compile(
    r"^[\s-]*(?!instead\s)(?:\w+\s+)?(?:more|extra|additional|fewer|less|spare|unused|empty|left|free|unassigned|"
    r"of\s+(?:the|our|their|"
    rf"them|those|{OPEN})|out\s+of\s+(?!100)|too\s+many|short)|^[\s-]*(?:above|below|over|under)\b",
    re.IGNORECASE,
)
_COVERS = re.compile(
    r"\b(?:covers?|covering|licen[cs]ed\s+for|includes?|contracted\s+for|pay(?:s|ing)?\s+for|signed\s+for)\s+$",
    re.IGNORECASE,
)
_OF_THEM = re.compile(r"\s+of\s+(?:them|those)\b", re.IGNORECASE)
_DENIED = re.compile(r"\b(?:not|never|no|without|neither|nor|nobody|none|hardly|cannot)\b|n't\b", re.IGNORECASE)
_BYGONE = re.compile(
    r"\b(?:used to|back (?:in|then)|at the time|previously|formerly|in the past|years ago|once had|had been|"
    r"last year|expired|ended|lapsed|ran out)\b",
    re.IGNORECASE,
)
_DENIED_VALUE = re.compile(rf"\b(?:never|not)\s+(?:\w+\s+){{0,3}}{OPEN}[dnm]\d+{CLOSE}", re.IGNORECASE)
_NOT_ONLY = re.compile(
    r"\bnot only\b|\bno (?:longer|change|surprise|doubt)\b[^,]*|\bnot [^,;]{1,30}[,;] (?:but )?|\bno\.", re.IGNORECASE
)
_FARTHEST = 95
_OTHER_CLAUSE = 25


@dataclass(frozen=True, slots=True)
class Relation:
    """How a key's value is found: by the ``matter``'s words, in a sentence without ``never``.

    ``after`` is what may follow the value where no word of the matter does, ``between`` what may not stand between
    the two. ``closest`` wants the matter's word right beside the value unless ``after`` holds.
    """

    key: str
    kind: str
    matter: re.Pattern[str]
    between: re.Pattern[str] | None = None
    never: re.Pattern[str] | None = None
    after: re.Pattern[str] | None = None
    confidence: float = 0.8
    highest: int | None = None


def relate(
    relation: Relation, passage: Passage, sentence: Sentence, barred: Sequence[tuple[int, int]], *, planned: bool
) -> Iterator[Found]:
    """Yield the value that a sentence gives for a key, at most one.

    Args:
        relation: Which key, and how it is spoken of.
        passage: The text.
        sentence: One of its sentences, or two joined.
        barred: Stretches of the marked text that speak of something else: promises, dates of effect.
        planned: Read a date without a year as the next such day.
    """
    text = sentence.text
    if f"{OPEN}{MARK_LETTERS[relation.kind]}" not in text:
        return
    matters = list(relation.matter.finditer(text))
    if not matters or (relation.never is not None and relation.never.search(text)):
        return
    best: tuple[float, re.Match[str], re.Match[str], str] | None = None
    for mark in re.finditer(rf"{OPEN}{MARK_LETTERS[relation.kind]}(?P<number>\d+){CLOSE}", text):
        place = sentence.start + mark.start()
        value = typed(relation.kind, int(mark["number"]), passage, planned=planned)
        if (
            value is None
            or _is_the_day_of_telling(relation, mark, passage)
            or any(start <= place < end for start, end in barred)
            or not _fits(relation, mark, value)
        ):
            continue
        for matter in matters:
            distance = _distance(relation, sentence, mark, matter)
            if distance is not None and (best is None or distance < best[0]):
                best = (distance, mark, matter, value)
    if best is None:
        return
    _, mark, matter, value = best
    start, end = min(mark.start(), matter.start()), max(mark.end(), matter.end())
    at = sentence.start
    yield Found(relation.key, value, "", at + start, at + end, at + mark.start(), at + mark.end(), relation.confidence)


def _is_the_day_of_telling(relation: Relation, mark: re.Match[str], passage: Passage) -> bool:
    """Tell whether a date is the "today" on which something was told."""
    return relation.kind == "date" and passage.dates[int(mark["number"])].text.lower() in {"today", "yesterday"}


def is_former(after: str) -> bool:
    """Tell whether what follows a value says that it is a former or a wrong one."""
    return _OLD_AFTER.search(after) is not None


def _fits(relation: Relation, mark: re.Match[str], value: str) -> bool:
    """Tell whether a value may be the one: no former one, no difference, no other thing counted."""
    text = mark.string
    before, after = text[: mark.start()], text[mark.end() :]
    if is_former(after):
        return False
    old = _OLD_BEFORE.search(before)
    if old is not None and not (
        re.match(r"(?:was|were|at|from|had|has)\b", old[0], re.IGNORECASE) and _STILL_TRUE.search(text)
    ):
        return False
    if relation.kind == "date":
        return True
    covered = _COVERS.search(before) is not None and _OF_THEM.match(after) is not None
    if (_DELTA_AFTER.search(after) and relation.highest is None and not covered) or (
        _DELTA.search(before) and not re.search(r"\bset\s+up\s*$", before)
    ):
        return False
    of_a_scale = re.match(r"-?\s?point\b", after) is not None  # "a 100-point scale"
    if relation.highest is not None and (of_a_scale or float(value.rstrip("%")) > relation.highest):
        return False
    return relation.after is None or relation.after.search(after) is not None


def _distance(relation: Relation, sentence: Sentence, mark: re.Match[str], matter: re.Match[str]) -> float | None:
    """Say how far a value stands from a word of the matter; None where it is not its value."""
    text = mark.string
    if matter.end() <= mark.start():
        gap = text[matter.end() : mark.start()]
    elif mark.end() <= matter.start():
        gap = text[mark.end() : matter.start()]
    else:
        gap = ""
    if len(gap) > _FARTHEST or (relation.between is not None and relation.between.search(gap)):
        return None
    places = [mark.start()] if "?" in gap and matter.end() <= mark.start() else [mark.start(), matter.start()]
    moods = sentence.moods_at(*(sentence.start + place for place in places))
    start, end = min(mark.start(), matter.start()), max(mark.end(), matter.end())
    lead = re.split(r"[,;:.]", text[max(0, start - 30) : start])[-1]
    said = _NOT_ONLY.sub(" ", _DENIED_VALUE.sub(" ", lead + text[start:end]))
    if (
        moods - {"denied", "past"}
        or _is_bygone(_from_a_break(text, mark.start()))
        or (_DENIED.search(said) and not _STILL_TRUE.search(text))
    ):
        return None
    distance = float(len(gap)) + _OTHER_CLAUSE * sum(gap.count(mark_end) for mark_end in ";.")
    if _NEW_BEFORE.search(text[: mark.start()]):
        distance -= _OTHER_CLAUSE
    if re.match(rf"\s*(?:right\s+)?{_STILL_TRUE.pattern}", text[mark.end() :], re.IGNORECASE):
        distance -= _OTHER_CLAUSE
    if _WEAKLY_OLD.search(text[: mark.start()]):
        distance += 2 * _OTHER_CLAUSE
    return distance


def _from_a_break(text: str, place: int) -> str:
    """Cut off what a sentence says before a "but" that stands before a place."""
    breaks = [match.end() for match in re.finditer(r"[;\u2014]|,\s+(?:but|and|so)\b", text[:place], re.IGNORECASE)]
    return text[max(breaks, default=0) :]


def _is_bygone(text: str) -> bool:
    """Tell whether a sentence speaks of former times, and of the present in no word."""
    return (
        _BYGONE.search(text) is not None
        and re.search(r"\b(?:now|new|today|instead|always|all along)\b", text, re.IGNORECASE) is None
    )
