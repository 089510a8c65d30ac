"""Read promises: who will do what, until when. Takes what a person announces as that person's own promise.

Requests ("could you send …"), conditions and refusals are no promises.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fleet_runtime.learning.names import PERSON, clean_person
from fleet_runtime.learning.passages import CLOSE, OPEN, Clause, Passage
from fleet_runtime.records import Commitment, Event

_DEEDS = (
    r"(?:send|share|get back|come back|follow up|reply|answer|provide|deliver|prepare|draft|set up|"
    r"schedule|book|arrange|organi[sz]e|call|"
    r"ring|email|write|check|confirm|update|fix|look into|look after|review|sign|pay|return|introduce|"
    r"invite|forward|upload|submit|finish|"
    r"complete|install|configure|test|run|train|host|present|publish|hand over|give|bring|put together|"
    r"work out|sort out|let you know|raise|"
    r"chase|escalate|pass|report|circulate|file|ship|order|find out|talk to|speak to|ask|make sure|migrate|"
    r"clean up|close|nominate|name|have|get)"
)
_WILL = (
    r"(?:'ll|\s+will|\s+shall|\s+promise(?:s|d)?\s+to|\s+commit(?:s|ted)?\s+to|\s+(?:am|are|"
    r"is)\s+going\s+to|'(?:m|re|s)\s+going\s+to|\s+agreed\s+to|"
    r"\s+undertake(?:s)?\s+to|\s+have\s+promised\s+to|'ve\s+promised\s+to)"
)
_ALSO = r"(?:\s+(?:also|then|gladly|happily|certainly|definitely|personally|make sure to|be sure to|try to))*"
_PROMISE = re.compile(
    rf"(?<![\w'])(?:(?P<self>I|we|you)|(?P<who>{PERSON})){_WILL}{_ALSO}\s+(?P<task>{_DEEDS}\b.*)$", re.IGNORECASE
)
_BY = re.compile(
    r"(?:,?\s+(?:by|before|until|till|no later than|not later than|at the latest (?:by|on)|latest by|on|"
    r"for|within)\s+|,?\s+(?=in\b)|\s+)"
    r"(?:the end of\s+|latest\s+|close of business\s+|cob\s+|eob\s+|"
    rf"eod\s+)?(?:on\s+)?{OPEN}d(?P<date>\d+){CLOSE}(?:\s+(?:at the latest|latest))?",
    re.IGNORECASE,
)
_LONGEST_CLAUSE = 1000
_LOOSE = re.compile(r"^(?:have|get)\b", re.IGNORECASE)
_BARE_DEED = re.compile(
    r"^(?:have|get|run|name|give|bring|order|pass|close|ask|test|train|present|pay|call)\b", re.IGNORECASE
)


def read_commitments(event: Event, passage: Passage) -> Iterator[Commitment]:
    """Yield the promises of a text; ids follow the event's.

    ``owner`` is the author for "I" and "we", else the named person; ``due`` is an ISO date, or empty.
    """
    number = 0
    for clause in passage.clauses:
        if len(clause.text) > _LONGEST_CLAUSE:
            continue  # no sentence
        for owner, task, due in _promises(event, passage, clause):
            number += 1
            yield Commitment(
                id=f"{event.id}:commitment" + (f":{number}" if number > 1 else ""),
                task=task,
                owner=owner,
                due=due,
                event_id=event.id,
                at=event.at,
            )


def _promises(event: Event, passage: Passage, clause: Clause) -> Iterator[tuple[str, str, str]]:
    """Yield (owner, task, due) of one clause."""
    match = _PROMISE.search(clause.text)
    if match is None or clause.moods & {"question", "hypothetical", "denied", "foreign", "past"}:
        return
    said = (match["self"] or "").lower()
    owner = event.author if said else clean_person(match["who"])
    start, end = clause.start + match.start("task"), clause.start + match.end("task")
    by = _BY.search(match["task"])
    due = _day(passage, int(by["date"])) if by else ""
    if owner is None or (said == "you" and not _LOOSE.match(match["task"])):
        return  # "you will send us" tells the other side what it does
    if not due and _BARE_DEED.match(match["task"]):
        return  # "we will have a look", "I'll get going": too vague without a day
    if by and due:
        end = start + by.start()
    task = passage.words(start, end).strip(" ,.;:!")
    if task:
        yield owner, task, due


def _day(passage: Passage, number: int) -> str:
    """Give the promised day; a period counts as its last day only where that is said."""
    mention = passage.planned[number]
    exact = mention.precision == "day" or "end of" in mention.text.lower()
    return mention.value.isoformat() if exact and mention.value is not None else ""
