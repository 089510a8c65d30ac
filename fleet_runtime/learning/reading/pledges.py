"""Read promises by their parts: somebody named, a deed, the day by which, and a word that binds. The second look.

Where the forms of `commitments` know whole ways of saying, this joins what stands apart: "The deadline Ada Obi
accepted when promising to draft the plan is 1 May", "Draft the plan by 1 May. Ada Obi took it." Without an exact
day, a named person and a binding word nothing is read; what is asked, supposed, refused or done already is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fleet_runtime.learning.reading.action_notes import Promise
from fleet_runtime.learning.reading.deadlines import EDGES, FIRM, due_told_apart, due_within
from fleet_runtime.learning.reading.holders import names_in
from fleet_runtime.learning.reading.moods import sets_condition
from fleet_runtime.learning.reading.passages import CLOSE, OPEN, Passage, Sentence
from fleet_runtime.learning.reading.promise_bars import is_barred

_VERBS = """
    add adjust agree align amend analyse analyze announce answer apply appoint archive arrange ask assemble assess
    assign attach audit automate back ballpark benchmark book brief bring build bundle buy calculate call cancel capture
    chase check circulate clarify clean clear close collate collect compare compile complete compose configure confirm
    connect consolidate contact convert copy correct cost create credit cut debug define deliver demo demonstrate deploy
    describe design determine diagnose dig disable discuss distribute document download draft draw edit email enable
    encrypt escalate estimate evaluate examine expand explain export extend feed file fill finalise finalize find finish
    fix follow format forward gather generate get give grant handle have help hire host identify implement import
    improve
    inform inspect install integrate introduce invite invoice issue join launch learn let liaise line link list load
    localise localize log look mail make map mark measure merge migrate mock model monitor name nail negotiate nominate
    note notify obtain open order organise organize outline pass patch pay ping plan post prepare present print price
    produce propose prototype provide publish pull purge push put quote raise re-run read rebuild recalculate reconcile
    record redraw refresh refund register release remove rename repair replace reply report reproduce request rerun
    research reserve reset resend resolve respond restore restructure return review revise rewrite ring roll rotate run
    scan schedule scope script secure see send set settle share ship show sign simplify sketch solve sort source speak
    spell split start submit suggest summarise summarize supply switch sync tackle talk teach tell test tidy trace track
    train transfer translate trigger tune turn type unblock unlock update upgrade upload validate verify visit walk
    write work wrap e-mail double-check proofread pre-fill
"""
_DEED = rf"(?-i:{'|'.join(sorted(_VERBS.split(), key=len, reverse=True))})"
_BINDS = re.compile(
    r"\b(?:promis\w+|commit(?:s|ted|ment|ting)?|pledg\w+|word|vow\w*|sw(?:ore|orn|ears)|undert\w+|guarante\w+|assur\w+|"
    r"agree[sd]?|accept(?:s|ed)|volunteer(?:s|ed)|deadline|action(?:\s+item|\s+point)?s?|task(?:ed)?|to-?do|owes?|"
    r"list|hook|plate|desk|court|own(?:s|er|ed)|took|taken|takes|assigned|given|left\s+(?:with|to)|lies\s+with|"
    r"up\s+to|falls?\s+(?:to|on)|fell\s+to|rest(?:s|ed)\s+with|responsib\w+|down\s+(?:to|for)|signed\s+up|"
    r"next\s+steps?|follow-?up|will|who'll|'ll|going\s+to|due|said|told|says|yes|on\s+it|expect(?:s|ed)?|deal|"
    r"minut\w+|noted|homework|deliverable|diary|calendar)\b|->|\u2192|"
    r"\s[-\u2013\u2014|/]\s.*\s[-\u2013\u2014|/]\s",
    re.IGNORECASE,
)
_LEADS = (
    re.compile(
        rf"(?:\b(?:will|shall|would|who'd|is\s+to|to|(?:is|are|was)\s+going\s+to)|'ll|'d)\s+"
        rf"(?:(?:also|then|still|please|personally|try\s+to|make\s+sure\s+to|\w+ly)\s+)*(?P<task>{_DEED}\b.*)$",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?:[:=]|->|\u2192|\s[-\u2013\u2014])\s*[\"'\u201c\u2018]?(?:to\s+)?(?P<task>{_DEED}\b.*)$", re.IGNORECASE
    ),
    re.compile(rf"^[\"'\u201c\u2018*\u2022-]*\s*(?:to\s+)?(?P<task>{_DEED.replace('?-i:', '?i:')}\b.*)$"),
)
_ENDS = re.compile(
    r",\s+(?:and|as|which|who|so|you|that|that's|okay|ok|um|uh|no\s+later|holding|all|done|honestly|frankly|we|they|"
    r"he|she|I|it|it's|promised|said|at\s+least|with|by|before|due|latest|is|was)\b|"
    r"\s+(?:and|which|as)\s+(?:that|that's|it|it's|we|they|he|she|I|gave|promised|committed|the\s+promise|has|have|is|"
    r"will|was|who)\b|\s+(?:is|was|has\s+been|now)\s+(?:on|with|taken|owned|assigned|given|accepted|promised|picked|"
    r"the|down|due)\b|[;:.!]|\s[-\u2013\u2014]+\s|->|\u2192|\s*\(|[\"\u201d]|'(?=[\s,.;]|$)|\s+was\s+taken\b",
    re.IGNORECASE,
)
_TAKES_IT = re.compile(
    r"\b(?:took|takes|taking|taken|has|owns?|volunteer\w*|accept\w*|agree[sd]?|commit\w*|promis\w+|pledg\w+|on\s+it|"
    r"said\s+(?:yes|ok(?:ay)?|sure)|stepp\w+\s+up|put\s+(?:his|her|their)\s+hand|will\s+do|does\s+(?:it|that|this)|"
    r"responsible|owner|signed\s+up|assigned|picked\s+(?:it|that|this)\s+up|in\s+charge|nodded|raised\s+(?:his|her|"
    r"their)\s+hand|word)\b|^\W*(?:owner|by|who|assignee|that's|it's)\b",
    re.IGNORECASE,
)
_OTHERS_BEFORE = re.compile(
    r"\b(?:to|with|from|for|as\s+(?:asked|agreed|requested)\s+by|asked\s+by|thanks\s+to|per|via|cc|mrs?\.?|ms\.?|"
    r"told|asked|(?<!made\s)by)\s+(?:mr\.?\s+|mrs\.?\s+|ms\.?\s+|dr\.?\s+)?$",
    re.IGNORECASE,
)
_GIVES = re.compile(
    r"\b(?:left|lies|rests?|stays?|sits|fell|falls|goes|went|given|passed|assigned|handed|down|action|item|task|point|"
    r"to-?do|deadline|next\s+steps?|owned|taken|promised|made|accepted|agreed|picked\s+up|due|word|promise|commitment)\b[^,;]{0,20}$",
    re.IGNORECASE,
)
_NAMES_A_DAY = re.compile(
    rf"\b(?:said|named|gave|committed\s+to|accepted|promised|offered|chose|it's|is)\s+(?:the\s+)?{OPEN}d", re.IGNORECASE
)
_ANOTHER_MATTER = re.compile(r"\b(?:renew\w*|expir\w+|contract|since|invoice\s+is)\b", re.IGNORECASE)
_SHE = re.compile(
    r"\b(?:he|she|they)(?:'ll|'d|\s+(?:will|would|is\s+going\s+to|are\s+going\s+to|promised|agreed))\b", re.IGNORECASE
)
_FEWEST, _MOST = 2, 30
_A_PLACE = re.compile(
    r"(?:be|become|have\s+(?:it|that|this)|get\s+(?:it|that|this)|renew|upgrade|downgrade|extend|see|know|move)\b",
    re.IGNORECASE,
)


def read_pledge(passage: Passage, index: int) -> tuple[Promise, int] | None:
    """Read the promise that a sentence tells, alone or with the next one.

    Args:
        passage: The text.
        index: Which of its sentences.

    Returns:
        The promise and the number of its last sentence, or None.
    """
    sentence = passage.sentences[index]
    following = passage.sentences[index + 1] if index + 1 < len(passage.sentences) else None
    alone = _joined(passage, sentence, None)
    if alone is not None:
        return alone, index
    both = _joined(passage, sentence, following) if following is not None else None
    return None if both is None else (both, index + 1)


def _joined(passage: Passage, sentence: Sentence, following: Sentence | None) -> Promise | None:
    """Join the parts of a promise; ``following`` may tell who took it, and by when."""
    text, more = sentence.text, following.text if following is not None else ""
    task = _task(text)
    if task is None or not _is_free(sentence, following) or is_barred(text[: task[0]] + " " + text[task[1] :] + more):
        return None
    owner = _owner(passage, sentence, *task)
    if following is not None and not owner:
        owner = _owner(passage, following, 0, 0) if _TAKES_IT.search(more) else ""
    day = _due(passage, text, task) or (due_within(passage, more)[1] if following is not None else "")
    if not owner or not day or not _BINDS.search(text[: task[0]] + " " + text[task[1] :] + " " + more):
        return None
    start, last = sentence.start, following or sentence
    words = passage.words(start + task[0], start + task[1]).strip(EDGES)
    return (owner, "", words, day, start, last.start + len(last.text)) if words else None


def _is_free(sentence: Sentence, following: Sentence | None) -> bool:
    """Tell whether nothing is asked or made to depend on something."""
    parts = [sentence, following] if following is not None else [sentence]
    asked = any("question" in clause.moods for part in parts for clause in part.clauses)
    return not asked and not any(sets_condition(part.text) for part in parts)


def _task(text: str) -> tuple[int, int] | None:
    """Find where the task stands: from its verb to where the sentence turns to the day or to something else."""
    for start in sorted(_starts(text)):
        end = _end(text, start)
        if _FEWEST <= len(text[start:end].split()) <= _MOST and not _A_PLACE.match(text[start:]):
            return start, end
    return None


def _starts(text: str) -> Iterator[int]:
    """Yield where tasks may begin; a later lead-in is tried too."""
    for lead in _LEADS:
        at = 0
        while (match := lead.search(text, at)) is not None and match.start("task") > at - 1:
            yield match.start("task")
            at = match.start("task") + 1


def _end(text: str, start: int) -> int:
    """Return where a task ends."""
    ends = [match.start() for match in _ENDS.finditer(text, start)]
    for match in re.finditer(rf"{OPEN}d\d+{CLOSE}", text[start:]):
        cue = re.search(
            r"[\s,;(]*\b(?:(?:by|before|until|till|due|on|for|no|not|later|than|at|the|latest|end|of|within|"
            r"to|be|done|ready|finished|deadline|target|date|is|and|:)\b[\s:]*)+$",
            text[start : start + match.start()],
            re.IGNORECASE,
        )
        if cue is not None and FIRM.search(cue[0]):
            ends.append(start + cue.start())
    return min(ends, default=len(text))


def _due(passage: Passage, text: str, task: tuple[int, int]) -> str:
    """Return the day by which, from around the task; a day within it is part of it."""
    for part in (text[task[1] :], text[: task[0]]):
        by, day = due_within(passage, part)
        if by is None or _ANOTHER_MATTER.search(part):
            continue
        if FIRM.search(part) or by[0].strip(EDGES).startswith(OPEN) or _NAMES_A_DAY.search(part):
            return day
    return due_told_apart(passage, text[task[1] :])


def _owner(passage: Passage, sentence: Sentence, start: int, end: int) -> str:
    """Name who promised: the first before the task who is not merely told or asked, else the first after."""
    text = sentence.text
    people = [name for name in names_in(passage, sentence) if not start < name.start < end]
    able = [
        name for name in people if not _OTHERS_BEFORE.search(text[: name.start]) or _GIVES.search(text[: name.start])
    ]
    before = [name for name in able if name.end <= start]
    after = [name for name in able if name.start >= end]
    she = people if len(people) == 1 and _SHE.search(text) else []
    return next((name.words for name in (*before, *after, *she)), "")
