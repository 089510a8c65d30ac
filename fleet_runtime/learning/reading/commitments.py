"""Read promises: who will do what, until when. Takes what a person announces as that person's own promise.

Sentences are read here ("Priya will send the list by Friday"); what they do not fit is tried as a note with labels
(see `action_notes`), then by its parts (see `pledges`). Requests ("could you send …"), conditions and refusals are
no promises.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fleet_runtime.learning.names import PERSON, clean_person, person_within
from fleet_runtime.learning.reading.action_notes import Promise, read_note
from fleet_runtime.learning.reading.deadlines import EDGES, FIRM, LEADS_IN, due_told_apart, due_within
from fleet_runtime.learning.reading.moods import moods_of, sets_condition
from fleet_runtime.learning.reading.passages import CLOSE, OPEN, Passage, Sentence
from fleet_runtime.learning.reading.pledges import read_pledge
from fleet_runtime.learning.reading.promise_bars import kept_already
from fleet_runtime.records import Commitment, Event

_DEEDS = (
    r"(?:send|share|get back|come back|follow up|reply|answer|provide|deliver|prepare|draft|set up|schedule|book|"
    r"arrange|organi[sz]e|call|ring|e-?mail|write|check|confirm|update|fix|look into|look after|review|sign|pay|"
    r"return|introduce|invite|forward|upload|submit|finish|complete|install|configure|test|run|train|host|present|"
    r"publish|hand over|give|bring|put together|work out|sort out|let you know|raise|chase|escalate|pass|report|"
    r"circulate|file|ship|order|find out|talk to|speak to|ask|make sure|migrate|clean up|close|nominate|name|have|"
    r"get|draw up|compile|map|document|build|walk|demo|enable|switch on|turn on|credit|refund|collect|gather|supply)"
)
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
_WHO = (
    rf"(?<!\w)(?<!\w')(?:(?P<self>I|we|you)|(?P<who>{PERSON}))(?:,[^,;:]{{1,50}},|\s*\([^)]{{1,40}}\)|"
    r"\s+(?:from|in|at|on)\s+(?:(?:our|my|the|your|their)\s+)?\w+(?:\s+(?:team|desk|side|group|department))?(?=\s+(?:will|is|has|"
    r"shall)\b))?"
)
_FIRST = rf"(?:\s*,?\s*(?:by|before|until|no\s+later\s+than)\s+{OPEN}d\d+{CLOSE}\s*,?)?"
_ASIDE = (
    r"(?:,?\s+(?:on|during|in|at|over|after|this|last|yesterday|today|again|firmly|clearly)\b[^,;:.]{0,30}?(?=\s+(?:to|"
    r"that|he|she|they)\b))?"
)
_VERY = r"(?:\s+(?:also|then|gladly|happily|certainly|definitely|personally|make sure to|be sure to|try to))*"
_SENTENCES = tuple(
    re.compile(text, re.IGNORECASE)
    for text in (
        (
            r"\b(?:agreed|decided|settled|minuted|noted|understood|confirmed|arranged|agreement|deal|outcome|upshot|"
            rf"conclusion|result|plan)\b[^,;:]{{0,40}}?\s+that\s+(?P<who>{PERSON})\s+(?:will|would|shall|is\s+to|should)\s+"
            r"(?P<task>.+)$"
        ),
        (
            r"\b(?:job|task|action(?:\s+item|\s+point)?|responsibility|promise|commitment|duty|to-?do)\s+(?:to|"
            r"of)\s+(?P<task>[^.;]+?)\s+(?:(?:was|is|has\s+been|now)\s+)*"
            r"(?:taken|lies|sits|went|falls|goes|rests|given|made|assigned|accepted|picked|with|owned|on)\b(?:\s+(?:on|"
            rf"up|over|to|with|by|now|squarely|in|the|hands|of))*\s+(?P<who>{PERSON})"
        ),
        rf"{_WHO}{_ADVERBS}\s*{_SAYS_SO}{_WHOM}{_ASIDE}{_FIRST}\s+{_WILL_TO}{_VERY}\s+(?P<task>.+)$",
        (
            rf"{_WHO}{_ADVERBS}\s+{_REPORTS}{_WHOM}{_FIRST}\s+(?:that\s+)?{_ONE}(?:\s+(?:will|would|shall)|'ll|'d)\s+"
            r"(?P<task>.+)$"
        ),
        (
            rf"(?<![\w'])(?P<who>{PERSON})'s\s+(?:word|promise|commitment|pledge|assurance|undertaking|action(?:\s+item)?|job|"
            rf"task|to-?do)(?:\s+(?:for|on)\s+(?:it|this|that|which))?(?:,[^:;.]{{1,30}}(?=:))?"
            rf"(?:\s+(?:is|was|that(?=\s+{_ONE}\b)))?\s*[:,]?\s*(?:(?:to|{_ONE}\s+(?:will|would|shall)|{_ONE}'(?:ll|d))\s+)?"
            r"(?P<task>.+)$"
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
_LONGEST = 1000
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
_GOES_ON = re.compile(
    r"(?:,\s+(?:and|so|which|you)|\s+and)\s+(?:that|that's|it|it's|we|we'll|they|he|she|I|I'll|you|gave|promised|the\s+promise)\b.*$|;\s.*$",
    re.IGNORECASE,
)
_KEPT = re.compile(
    r"\bhad\s+(?:promised|committed|pledged|agreed)\b|\b(?:has|have)\s+(?:now\s+|since\s+|duly\s+)*(?:done|kept|"
    r"delivered|fulfilled)\b|\bdone\s+so\b|\bas\s+(?:promised|agreed)\b",
    re.IGNORECASE,
)
_SPEAKER = re.compile(rf"(?P<who>{PERSON})\s*:\s")
_SAID_BEFORE = re.compile(
    rf"(?P<who>{PERSON})(?:\s+(?:has|had|then|also|just|even|again))*\s*(?:said|says|saying|told|tells|wrote|writes|promised|"
    r"promises|replied|answered|confirmed|assured|announced|declared|repeated|goes|went|added)\b[^.;!?]{0,40}?[,:]\s*"
    r"[\"'\u201c\u2018]?(?:\w+,?\s*){0,2}$",
    re.IGNORECASE,
)
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
_ASKS = re.compile(
    r"\b(?:want|need|like|love|ask|remind|tell|told|invite|urge|beg|prefer|expect|wait\s+for|let)(?:s|d|ed|ing)?\s+$",
    re.IGNORECASE,
)
_AND_ANOTHER = re.compile(
    rf",?\s+(?:and|while|whereas)\s+(?={PERSON}\s+(?:will|shall|is\s+going\s+to|is\s+to|promised|committed|agreed|has\s+"
    r"(?:promised|agreed|committed))\b)",
    re.IGNORECASE,
)
_WORD_OF_IT = re.compile(
    r"have\s+(?:it|that|this|them|word|an?\s+answer|the\s+(?:result|answer)s?|news)\b", re.IGNORECASE
)
_SOME_TIME = re.compile(
    r"\b(?:some\s?time|some\s?day|one\s+day|at\s+some\s+point|eventually|sooner\s+or\s+later)\b", re.IGNORECASE
)
_LOOSE = re.compile(r"^(?:have|get)\b", re.IGNORECASE)
_BARE_DEED = re.compile(
    r"^(?:have|get|run|name|give|bring|order|pass|close|ask|test|train|present|pay|call)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class _Part:
    """A stretch of a sentence at ``start`` of the marked text."""

    text: str
    start: int
    sentence: Sentence


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
        if not spoken and (noted := read_note(passage, index) or read_pledge(passage, index)) is not None:
            note, taken = noted
            yield note


def _spoken(event: Event, passage: Passage, sentence: Sentence) -> Iterator[Promise]:
    """Yield the promises that a sentence tells; several clauses may each tell one."""
    for part in _parts(sentence):
        told = next(filter(None, (_told(event, passage, form.search(part.text), part) for form in _SENTENCES)), None)
        if told is not None:
            yield told
            continue
        end = part.start + len(part.text)
        inside = [clause for clause in sentence.clauses if part.start <= clause.start < end]
        parts = [part]
        if len(inside) > 1:
            parts = [_Part(clause.text[: end - clause.start], clause.start, sentence) for clause in inside]
        for one in parts:
            told = _told(event, passage, _PLAIN.search(one.text), one) or _dated(event, passage, one)
            if told is not None:
                yield told


def _parts(sentence: Sentence) -> Iterator[_Part]:
    """Cut a sentence where another person begins to promise."""
    at = 0
    for match in [*_AND_ANOTHER.finditer(sentence.text), None]:
        end = len(sentence.text) if match is None else match.start()
        yield _Part(sentence.text[at:end], sentence.start + at, sentence)
        at = end if match is None else match.end()


def _dated(event: Event, passage: Passage, part: _Part) -> Promise | None:
    """Read "Priya will have the list by Friday": any deed, where a day is given."""
    match, (due, _) = _PLAIN_DATED.search(part.text), due_within(passage, part.text)
    if match is None or due is None or (match["self"] and _SOCIAL.match(match["task"])):
        return None
    told = _told(event, passage, match, part) if match["self"] or FIRM.search(due[0]) else None
    return told if told is not None and told[3] else None


def _told(event: Event, passage: Passage, match: re.Match[str] | None, part: _Part) -> Promise | None:
    """Turn a match into a promise, unless it is asked, supposed, denied, kept already or somebody else's."""
    if match is None:
        return None
    task, said = match["task"], (match.groupdict().get("self") or "").lower()
    owner = _owner(event, match, part.sentence, part.start + match.start("self" if said else 0))
    start, end = part.start + match.start("task"), part.start + match.end("task")
    if owner is None or _is_none(match, part.sentence) or "question" in part.sentence.moods_at(start):
        return None
    by, due = due_within(passage, task)
    if by is not None:
        end = start + by.start()
    else:
        due = due_within(passage, part.text)[1] or due_told_apart(passage, passage.text[end:])
    vague = not due and _SOME_TIME.search(task) is not None
    vague = vague or (not due and bool(said or match.re is _PLAIN) and _BARE_DEED.match(task) is not None)
    if vague or (said == "you" and not _LOOSE.match(task)) or _WORD_OF_IT.match(task):
        return None  # "we will have a look"; "you will send us" tells the other side what it does
    cut = _ACCEPTED.search(passage.text[start:end]) or _GOES_ON.search(passage.text[start:end])
    end = start + cut.start() if cut else end
    lead = LEADS_IN.match(passage.text[start:end])
    words = passage.words(start + (lead.end() if lead else 0), end).strip(EDGES)
    whom = clean_person(match.groupdict().get("to") or "") or ""
    return (owner, whom, words, due, start, part.start + match.end()) if words else None


def _owner(event: Event, match: re.Match[str], sentence: Sentence, start: int) -> str | None:
    """Name who promises: for "I" the one who is quoted or marked as speaking, else the author."""
    if not match.groupdict().get("self"):
        return person_within(match["who"])
    before = sentence.text[: start - sentence.start]
    speaker = _QUOTED.search(sentence.text) or _SPEAKER.match(sentence.text) or _SAID_BEFORE.search(before)
    return person_within(speaker["who"]) if speaker else event.author


def _is_none(match: re.Match[str], sentence: Sentence) -> bool:
    """Tell whether what is said is no promise: supposed, denied, kept already, or about a place that is taken."""
    head = re.sub(r"\b(?:would|'d)\b", "", match.string[: match.start("task")])
    moods = moods_of(head) & {"hypothetical", "denied", "foreign"}
    kept = _KEPT.search(match.string) is not None or kept_already(sentence.text)
    asked = (
        match.re in {_PLAIN, _PLAIN_DATED} and _ASKS.search(match.string[: match.start("who")])
        if match["who"]
        else None
    )
    return bool(moods or asked or kept or _PLACE.match(match["task"])) or sets_condition(sentence.text)
