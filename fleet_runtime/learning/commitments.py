"""Read promises: who will do what, until when. Takes what a person announces as that person's own promise.

Two ways of saying it are read: a sentence ("Priya will send the list by Friday"), and a note with labels
("Action for Priya: send the list, due Friday"). Of a note, the task is what is left when the owner, the day
and the labels are taken away. Requests ("could you send …"), conditions and refusals are no promises.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fleet_runtime.learning.moods import moods_of, sets_condition
from fleet_runtime.learning.names import PERSON, clean_person, person_within
from fleet_runtime.learning.passages import CLOSE, OPEN, Passage, Sentence
from fleet_runtime.records import Commitment, Event

_DEEDS = (
    r"(?:send|share|get back|come back|follow up|reply|answer|provide|deliver|prepare|draft|set up|schedule|book|"
    r"arrange|organi[sz]e|call|ring|e-?mail|write|check|confirm|update|fix|look into|look after|review|sign|pay|"
    r"return|introduce|invite|forward|upload|submit|finish|complete|install|configure|test|run|train|host|present|"
    r"publish|hand over|give|bring|put together|work out|sort out|let you know|raise|chase|escalate|pass|report|"
    r"circulate|file|ship|order|find out|talk to|speak to|ask|make sure|migrate|clean up|close|nominate|name|have|"
    r"get|draw up|compile|map|document|build|walk|demo|enable|switch on|turn on|credit|refund|collect|gather|supply)"
)
_DATE = rf"{OPEN}d(?P<date>\d+){CLOSE}"
_ADVERBS = (
    r"(?:\s+(?:also|then|gladly|happily|certainly|definitely|personally|now|just|today|has|have|had|'s|firmly|kindly|"
    r"already|explicitly|again|formally|verbally|hereby))*"
)
_WHOM = rf"(?:\s+(?P<to>us|me|them|you|the\s+\w+|{PERSON}))?"
_SAYS_SO = (
    r"(?:offered(?=.*\b(?:accepted|agreed)\b)|promis(?:es|ed|ing)|promise|commit(?:s|ted)?(?:\s+(?:him|her|them|my|"
    r"our)sel(?:f|ves))?|pledge[sd]?|"
    r"vow(?:s|ed)?|undert(?:akes?|ook|aken)|agree[sd]?|volunteer(?:s|ed)|sw(?:ears?|ore)|guarantee[sd]?|"
    r"(?:has|have|had)?\s*(?:signed|stepped)\s+up|(?:is|are|am|'m|'s|was)\s+(?:on\s+the\s+hook|committed|bound|down|"
    r"tasked|due|set|signed\s+up|on\s+point|assigned|lined\s+up|responsible\s+for\s+it)|"
    r"(?:took|takes|has\s+taken)\s+(?:it\s+(?:up)?on\s+(?:him|her|them)sel(?:f|ves)|on|the\s+action(?:\s+item)?|an\s+"
    r"action(?:\s+item)?)|(?:gave|gives|has\s+given)\s+(?:us\s+|me\s+|them\s+)?(?:his|her|their|a|my)\s+"
    r"(?:word|promise|commitment|undertaking)|made\s+(?:a|the)\s+(?:promise|commitment))"
)
_REPORTS = r"(?:said|says|assured|assures|told|confirmed|confirms|wrote|writes|declared|announced|replied|let)"
_ONE = r"(?:he|she|they|I|we)"
_WILL_TO = rf"(?:that\s+)?(?:to\b|{_ONE}(?:\s+(?:will|would|shall|is\s+going\s+to|are\s+going\s+to)|'ll|'d))"
_WILL = (
    r"(?:'ll|\s+(?:will|shall|is\s+going\s+to|are\s+going\s+to|am\s+going\s+to|is\s+to|are\s+to|owes?\s+(?:us|you|"
    r"them|me)\s+to|to|has\s+to|must|needs\s+to)|'(?:m|re|s)\s+going\s+to)"
)
_WHO = rf"(?<!\w)(?<!\w')(?:(?P<self>I|we|you)|(?P<who>{PERSON}))(?:,[^,;:]{{1,50}},|\s*\([^)]{{1,40}}\))?"
_FIRST = rf"(?:\s*,?\s*(?:by|before|until|no\s+later\s+than)\s+{OPEN}d\d+{CLOSE}\s*,?)?"
_VERY = r"(?:\s+(?:also|then|gladly|happily|certainly|definitely|personally|make sure to|be sure to|try to))*"
_SENTENCES = tuple(
    re.compile(text, re.IGNORECASE)
    for text in (
        (
            r"\b(?:agreed|decided|settled|minuted|noted|understood|confirmed|"
            rf"arranged)\s+that\s+(?P<who>{PERSON})\s+(?:will|would|shall|is\s+to|should)\s+"
            r"(?P<task>.+)$"
        ),
        (
            r"\b(?:job|task|action(?:\s+item|\s+point)?|responsibility|promise|commitment|duty|to-?do)\s+(?:to|"
            r"of)\s+(?P<task>[^.;]+?)\s+(?:(?:was|is|has\s+been|now)\s+)*"
            r"(?:taken|lies|sits|went|falls|goes|rests|given|made|assigned|accepted|picked|with|owned|on)\b(?:\s+(?:on|"
            rf"up|over|to|with|by|now|squarely|in|the|hands|of))*\s+(?P<who>{PERSON})"
        ),
        rf"{_WHO}{_ADVERBS}\s*{_SAYS_SO}{_WHOM}{_FIRST}\s+{_WILL_TO}{_VERY}\s+(?P<task>.+)$",
        (
            rf"{_WHO}{_ADVERBS}\s+{_REPORTS}{_WHOM}{_FIRST}\s+(?:that\s+)?{_ONE}(?:\s+(?:will|would|shall)|'ll|'d)\s+"
            r"(?P<task>.+)$"
        ),
        (
            rf"(?<![\w'])(?P<who>{PERSON})'s\s+(?:word|promise|commitment|pledge|action(?:\s+item)?|job|task|to-?do)"
            rf"(?:\s+(?:is|was|that\s+{_ONE}\s+will))?\s*:?\s*(?:to\s+)?(?P<task>.+)$"
        ),
        (
            rf"\b(?:promise[ds]?|commitment|pledge[ds]?|assurance|undertaking|word)\s+(?:was\s+)?(?:made\s+)?(?:by|from|of)"
            rf"\s+(?P<who>{PERSON})(?:\s+to|\s+that\s+{_ONE}\s+will|\s*:)\s+(?P<task>.+)$"
        ),
        (
            rf"\b(?:expect|count\s+on|rely\s+on|have|got|hold(?:ing)?|waiting\s+(?:on|for)|up\s+to|falls\s+to|is\s+on)\s+"
            rf"(?P<who>{PERSON})\s+to\s+(?P<task>.+)$"
        ),
    )
)
_PLAIN = re.compile(rf"{_WHO}{_WILL}{_VERY}\s+(?P<task>{_DEEDS}\b.*)$", re.IGNORECASE)
_PLAIN_DATED = re.compile(
    rf"{_WHO}{_WILL}{_FIRST}{_VERY}\s+(?P<task>(?!(?:be|become|take\s+over|renew|leave|join|stay|remain|need|replace|"
    r"succeed|step|move|go|retire|expire|end|start|run\s+out|lapse|act|serve|continue|own|miss|know|see|lose|champion|"
    r"sponsor|attend|visit|travel|return|hold|keep|still|not|never)\b)[a-z].*)$",
    re.IGNORECASE,
)
_DUE = re.compile(
    r"[\s,;:(\[|/\u2013\u2014-]*(?:\b(?:and|all|with|to\s+be|done|finished|completed|delivered|ready|deadline|due|"
    r"target(?:ed)?|date|eta|by|before|until|till|(?:no|not)\s+later\s+than|at\s+the\s+latest|latest|on\s+or\s+before|"
    r"on|for|within|is|being|set|that|the|as|close\s+of\s+business|cob|eob|eod|end\s+of\s+day|end\s+of|in\s+time|"
    r"come|promised|needed|wanted|expected|agreed|timeline|timing|when)\b[\s:=,(]*)*"
    rf"{_DATE}(?:\s*(?:at\s+the\s+latest|latest|or\s+(?:sooner|earlier)|is\s+the\s+(?:deadline|due\s+date|date)))?"
    r"[)\]]?",
    re.IGNORECASE,
)
_FIRM = re.compile(r"\b(?:by|before|until|till|later than|latest|due|deadline|within|end of)\b", re.IGNORECASE)
_LABEL = re.compile(
    r"\b(?:action(?:\s+(?:item|point))?s?|AI|AP|to-?do|to\s+do(?=\s*:)|task|next\s+step|follow-?up|promise[ds]?|"
    r"commitment|committed|"
    r"deliverable|pledge[d]?|owed|owes(?:\s+(?:us|them|you|me))?(?:\s+(?:this|that|the\s+following))?|owner|assignee|"
    r"assigned|due|deadline|takeaway|homework|logged|noted|recorded|"
    r"responsible|agreed|on\s+the\s+hook|taken\s+on|new|item|minuted|open|tracker|date|when|who|what)\b",
    re.IGNORECASE,
)
_SURELY_LABEL = re.compile(
    r"\b(?:action(?:\s+(?:item|point))?s?\b|AI\b|AP\b|to-?do\b|to\s+do(?=\s*:)|task\b|next\s+step|follow-?up\b|"
    r"promise[ds]?\b|commitment|"
    r"committed|deliverable|pledge|owed|owes(?:\s+(?:us|them|you|me))?(?:\s+(?:this|that|the\s+following))?|owner|"
    r"assignee|assigned|homework|takeaway|on\s+the\s+hook|minuted|"
    r"responsible)",
    re.IGNORECASE,
)
_LABELLED_OWNER = re.compile(
    r"(?:\b(?:owner|owned\s+by|assigned\s+to|assignee|who|responsible|promised\s+by|taken\s+(?:on\s+)?by|made\s+by|"
    rf"from|for|by|on|with|to)\b[\s:=]*|@|[([])?\s*(?P<who>{PERSON})(?:'s)?[)\]]?",
    re.IGNORECASE,
)
_EDGES = " \t\n,.;:!?|/()[]\u2013\u2014-\u2192>=*\u2022\"'"
_LEADS_IN = re.compile(
    r"^(?:to|will|shall|has to|must|needs to|is to|that (?:he|she|they) (?:will|would))\s+", re.IGNORECASE
)
_CARRIES_ON = re.compile(
    r"^(?:to-?\s?do|task|action|promise|what|deliverable|commitment|due|deadline|owner|by|target|eta|date|assignee|"
    r"responsible|who|when|that's due)\b",
    re.IGNORECASE,
)
_AFTER_LABEL = re.compile(r"(?:item|point|for|from|by|with|on|logged|noted|recorded|new|to)\b")
_LONGEST, _NEAR_THE_START = 1000, 40
_FEWEST_WORDS, _MOST_WORDS = 2, 40
_PLACE = re.compile(
    r"(?:be|become|take\s+over|serve|act|stay|remain|continue|replace|succeed|step\s+(?:in|up|down)|sponsor|champion|"
    r"renew|"
    r"(?:look\s+after|own|manage|run|cover|handle|pick\s+up|inherit)(?=\b.*\b(?:account|you|them|us|customer)\b)|"
    r"extend|move\s+to|upgrade|downgrade|switch\s+to)\b",
    re.IGNORECASE,
)
_ACCEPTED = re.compile(
    r",\s+(?:(?:and|which)\s+)?(?:we|they|I)\s+(?:gladly\s+|happily\s+)?(?:accepted|agreed|took|said\s+yes).*$",
    re.IGNORECASE,
)
_KEPT = re.compile(
    r"\bhad\s+(?:promised|committed|pledged|agreed)\b|\b(?:has|have)\s+(?:now\s+|since\s+|duly\s+)*(?:done|kept|"
    r"delivered|fulfilled)\b|\bdone\s+so\b|\bas\s+(?:promised|agreed)\b",
    re.IGNORECASE,
)
_SPEAKER = re.compile(rf"(?P<who>{PERSON})\s*:\s")
_QUOTED = re.compile(
    r"[\"'\u201d\u2019,]+\s*(?:said|wrote|writes|says|replied|promised|told\s+us|confirmed|"
    rf"added)\s+(?P<who>{PERSON})",
    re.IGNORECASE,
)
_SOCIAL = re.compile(
    r"(?:see|meet|have|think|come|hear|talk|speak|let|call|miss|look\s+forward|wait|keep|try|want|like|love|get|"
    r"take\s+(?:a|the|some)\s+(?:day|week|"
    r"break|train|flight)|fly|drive|work|live|watch)\b",
    re.IGNORECASE,
)
_LOOSE = re.compile(r"^(?:have|get)\b", re.IGNORECASE)
_BARE_DEED = re.compile(
    r"^(?:have|get|run|name|give|bring|order|pass|close|ask|test|train|present|pay|call)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class _Part:
    """A stretch of a sentence at ``start`` of the marked text; its day may stand anywhere in ``scope``."""

    text: str
    start: int
    sentence: Sentence
    scope: str


Promise = tuple[str, str, str, str, int, int]
"""Owner, whom, task, due, and where the promise stands in the marked text."""


def read_commitments(event: Event, passage: Passage) -> Iterator[Commitment]:
    """Yield the promises of a text; ids follow the event's.

    ``owner`` is the author for "I" and "we", else the named person; ``due`` is an ISO date, or empty.
    """
    for number, (owner, whom, task, due, _, _) in enumerate(promises(event, passage), 1):
        yield Commitment(
            id=f"{event.id}:commitment" + (f":{number}" if number > 1 else ""),
            task=task,
            owner=owner,
            to=whom,
            due=due,
            event_id=event.id,
            at=event.at,
        )


def promises(event: Event, passage: Passage) -> Iterator[Promise]:
    """Yield every promise of a text with its place; what stands there is no statement of fact."""
    taken = -1
    for index, sentence in enumerate(passage.sentences):
        if len(sentence.text) > _LONGEST or index <= taken:
            continue  # no sentence, or part of a note that is read already
        spoken = list(_spoken(event, passage, sentence))
        yield from spoken
        if not spoken and _SURELY_LABEL.search(sentence.text):
            last = _end_of_note(passage.sentences, index)
            note = _noted(passage, passage.sentences[index : last + 1])
            if note is not None:
                taken = last
                yield note


def _spoken(event: Event, passage: Passage, sentence: Sentence) -> Iterator[Promise]:
    """Yield the promises that a sentence tells; several clauses may each tell one."""
    whole = _Part(sentence.text, sentence.start, sentence, sentence.text)
    for form in _SENTENCES:
        told = _told(event, passage, form.search(sentence.text), whole)
        if told is not None:
            yield told
            return
    parts = [whole]
    if len(sentence.clauses) > 1:
        parts = [
            _Part(clause.text, clause.start, sentence, clause.text if number else "")
            for number, clause in enumerate(sentence.clauses)
        ]
    for part in parts:
        told = _told(event, passage, _PLAIN.search(part.text), part) or _dated(event, passage, part)
        if told is not None:
            yield told


def _dated(event: Event, passage: Passage, part: _Part) -> Promise | None:
    """Read "Priya will have the list by Friday": any deed, where a day is given."""
    match, due = _PLAIN_DATED.search(part.text), _DUE.search(part.text)
    if match is None or due is None or (match["self"] and _SOCIAL.match(match["task"])):
        return None
    told = _told(event, passage, match, part) if match["self"] or _FIRM.search(due[0]) else None
    return told if told is not None and told[3] else None


def _told(event: Event, passage: Passage, match: re.Match[str] | None, part: _Part) -> Promise | None:
    """Turn a match into a promise, unless it is asked, supposed, denied, kept already or somebody else's."""
    if match is None:
        return None
    task, said = match["task"], (match.groupdict().get("self") or "").lower()
    owner = _owner(event, match, part.sentence)
    start, end = part.start + match.start("task"), part.start + match.end("task")
    if owner is None or _is_none(match, part.sentence) or "question" in part.sentence.moods_at(start):
        return None
    by = _DUE.search(task) or _DUE.search(part.scope)
    due = _day(passage, int(by["date"])) if by is not None else ""
    if by is not None and due and by.string is task:
        end = start + by.start()
    vague = not due and (said or match.re is _PLAIN) and _BARE_DEED.match(task)
    if vague or (said == "you" and not _LOOSE.match(task)):
        return None  # "we will have a look"; "you will send us" tells the other side what it does
    cut = _ACCEPTED.search(passage.text[start:end])
    end = start + cut.start() if cut else end
    lead = _LEADS_IN.match(passage.text[start:end])
    words = passage.words(start + (lead.end() if lead else 0), end).strip(_EDGES)
    whom = clean_person(match.groupdict().get("to") or "") or ""
    return (owner, whom, words, due, start, part.start + match.end()) if words else None


def _owner(event: Event, match: re.Match[str], sentence: Sentence) -> str | None:
    """Name who promises: for "I" the one who is quoted or marked as speaking, else the author."""
    if not match.groupdict().get("self"):
        return person_within(match["who"])
    speaker = _QUOTED.search(sentence.text) or _SPEAKER.match(sentence.text)
    return person_within(speaker["who"]) if speaker else event.author


def _is_none(match: re.Match[str], sentence: Sentence) -> bool:
    """Tell whether what is said is no promise: supposed, denied, kept already, or about a place that is taken."""
    head = re.sub(r"\b(?:would|'d)\b", "", match.string[: match.start("task")])
    moods = moods_of(head) & {"hypothetical", "denied", "foreign"}
    return bool(moods or _PLACE.match(match["task"]) or _KEPT.search(match.string)) or sets_condition(sentence.text)


def _end_of_note(sentences: Sequence[Sentence], first: int) -> int:
    """Return the index of the last sentence of a note: those that go on with "Due: …", "Owner: …"."""
    last = first
    while last + 1 < len(sentences) and (
        _CARRIES_ON.match(sentences[last + 1].text) or not re.search(r"\w\s+\w", sentences[last].text[-60:])
    ):
        last += 1
    if last == first and first + 1 < len(sentences) and len(sentences[first].text.split()) <= _FEWEST_WORDS + 4:
        last += 1  # "Action for Priya." and the task in a sentence of its own
    return last


def _noted(passage: Passage, sentences: Sequence[Sentence]) -> Promise | None:
    """Read a note with labels: the task is the longest piece that is neither owner, nor day, nor label."""
    start, last = sentences[0].start, sentences[-1]
    text = passage.text[start : last.start + len(last.text)]
    if any("question" in clause.moods or sets_condition(clause.text) for s in sentences for clause in s.clauses):
        return None
    owner, taken = "", list[tuple[int, int]]()
    for match in _LABELLED_OWNER.finditer(text):
        found = person_within(match["who"])
        alone = " " not in (found or "") and not match["who"][len(found or "") :] and match.start("who") == 0
        if found and not owner and not alone and (place := match["who"].find(found)) >= 0:
            owner, at = found, match.start("who") + place
            end = at + len(found)
            taken.append((match.start() if place == 0 else at, match.end() if match.end("who") == end else end))
    due = ""
    for match in _DUE.finditer(text):
        due = _day(passage, int(match["date"]))
        taken.append(match.span())
    if not owner or not due:
        return None
    taken += [match.span() for match in _LABEL.finditer(text) if _stands_as_label(text, match)]
    pieces = [(a, b) for a, b in _left_over(text, taken) if _FEWEST_WORDS <= len(text[a:b].split()) <= _MOST_WORDS]
    if not pieces:
        return None
    first, last_place = max(pieces, key=lambda piece: piece[1] - piece[0])
    lead = _LEADS_IN.match(text[first:last_place])
    words = passage.words(start + first + (lead.end() if lead else 0), start + last_place).strip(_EDGES)
    return (owner, "", words, due, start, start + len(text)) if words else None


def _stands_as_label(text: str, match: re.Match[str]) -> bool:
    """Tell whether a word is used as a label: at an edge of the note, or next to a mark of punctuation."""
    before, after = text[: match.start()].rstrip(), text[match.end() :].lstrip()
    if not before or not after or before[-1] in ":;,.|([\u2014\u2013-/" or after[0] in ":=|\u2014\u2013-)]/,":
        return True
    return match.start() < _NEAR_THE_START and _AFTER_LABEL.match(after) is not None


def _left_over(text: str, taken: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the spans that nothing has taken, without marks of punctuation at their edges."""
    at = 0
    for start, end in [*sorted(taken), (len(text), len(text))]:
        piece = text[at:start] if start > at else ""
        if piece.strip(_EDGES):
            first = at + len(piece) - len(piece.lstrip(_EDGES))
            yield first, at + len(piece.rstrip(_EDGES))
        at = max(at, end)


def _day(passage: Passage, number: int) -> str:
    """Give the promised day; a period counts as its last day only where that is said."""
    mention = passage.planned[number]
    exact = mention.precision == "day" or "end of" in mention.text.lower()
    return mention.value.isoformat() if exact and mention.value is not None else ""
