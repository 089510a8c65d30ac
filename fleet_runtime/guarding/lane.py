"""Holds a role's claims of work against its own lane: "I have reset your password" from a role that resets none.

Pure: it finds the claims and reads what routing them decided; the routing itself is done by whoever asks. What a
colleague does, what is passed on, noted, said or felt, and what is denied or asked, is no claim of work.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from fleet_runtime.contracts import Value
from fleet_runtime.decisions import Decision
from fleet_runtime.guarding.cutting import sentences
from fleet_runtime.guarding.deeds import ADVERBS, PAST
from fleet_runtime.guarding.reading import clauses, is_attributed, is_denied, is_question
from fleet_runtime.lexical import stem, words
from fleet_runtime.records import Finding

_TO_US = tuple(
    (re.compile(pattern, re.IGNORECASE), replacement)
    for pattern, replacement in ((r"\byour(?:s)?\b", "our"), (r"\byou\b", "us"), (r"\bmyself\b", "yourself"))
)
_MOST_WORDS = 30  # of a claim that are read
_MOST_CLAIMS = 6  # of a reply that are looked at
_REFUSAL_ENDS = re.compile(r"\s+\u2014\s+|\n")


class Claim(Value):
    """One claim of the speaker's own work: its sentence, the words that claim it, and the work as a task to route."""

    sentence: str
    text: str
    work: str


def claimed_work(reply: str, colleagues: Sequence[str] = ()) -> tuple[Claim, ...]:
    """Return what a reply says that its speaker did, does or will do, at most a few.

    Args:
        reply: what the role is about to say.
        colleagues: how colleagues are called ("support agent"): a clause that names one is about their work.
    """
    found = (
        claim for sentence in sentences(reply) if not is_question(sentence) for claim in _claims(sentence, colleagues)
    )
    return tuple(found)[:_MOST_CLAIMS]


def lane_findings(claims: Sequence[Claim], refusals: Sequence[Decision | None]) -> tuple[Finding, ...]:
    """Object to every claim of work that the role's own boundary refuses, kind ``lane``.

    Args:
        claims: what the role claims, from `claimed_work`.
        refusals: for each claim the decision by which a boundary of the role clearly refuses its work, else None.
    """
    return tuple(
        _finding(claim, refusal) for claim, refusal in zip(claims, refusals, strict=True) if refusal is not None
    )


def _claims(sentence: str, colleagues: Sequence[str]) -> Iterator[Claim]:
    """Yield the claims of one sentence, at most one for each clause."""
    for clause in clauses(sentence):
        found = next((match for pattern in _claimed() if (match := pattern.search(clause))), None)
        if found is None or is_denied(clause, found.end("verb")) or is_attributed(clause, found.start()):
            continue
        work = _work(found["verb"], found["work"])
        if work and not _names_another(work, colleagues):
            yield Claim(sentence=sentence, text=found.group().strip(" .!"), work=_as_task(work))


def _work(verb: str, claimed: str) -> str:
    """Return the work that is claimed, or nothing where all is passed on, noted, said or felt."""
    if _recorded().search(claimed):
        return ""
    if _carrying().match(claimed) or stem(verb.lower()) not in _no_work():
        return claimed
    further = _and_worked().search(claimed)
    return further["work"] if further and stem(words(further["work"])[0]) not in _no_work() else ""


def _names_another(work: str, colleagues: Sequence[str]) -> bool:
    """Tell whether a colleague has a part in it."""
    lowered = work.lower()
    return bool(_colleague().search(work)) or any(name.lower() in lowered for name in colleagues)


def _as_task(work: str) -> str:
    """Say the work as the customer would ask for it, since messages are what routing knows."""
    task = " ".join(work.split()[:_MOST_WORDS]).strip(" .!")
    for pattern, replacement in _TO_US:
        task = pattern.sub(replacement, task)
    return f"can you {task}"


def _finding(claim: Claim, refusal: Decision) -> Finding:
    """Say which boundary a claim crosses, and who owns the work."""
    rule = refusal.rule
    refused = _REFUSAL_ENDS.split(rule.text)[0] if rule else "your boundaries"
    owner = f"; it belongs to {' or '.join(rule.owners)}" if rule and rule.owners else ""
    return Finding(
        kind="lane",
        text=claim.text,
        sentence=claim.sentence,
        message=f'"{claim.text}" claims work that your contract refuses ({refused}{owner}); say only who takes it',
    )


@cache
def _claimed() -> tuple[re.Pattern[str], ...]:
    """Give the patterns of claimed work."""
    return tuple(
        re.compile(pattern, re.IGNORECASE)
        for pattern in (
            rf"\bI(?:\s+have|\s+had|['\u2019]ve|['\u2019]d)?\s+{ADVERBS}(?P<work>{PAST}.*)",
            rf"\bI(?:\s+am|['\u2019]m)\s+{ADVERBS}(?!going\s+to\b)(?P<work>(?P<verb>[a-z]{{2,}}ing)\b.*)",
            (
                rf"\b(?:I(?:\s+will|\s+shall|\s+can|['\u2019]ll|\s+am\s+(?:going|about)\s+to|['\u2019]m\s+(?:going|about)\s+to)"
                rf"|let\s+me)\s+{ADVERBS}(?:be\s+(?:able|happy|glad)\s+to\s+)?(?P<work>(?P<verb>[a-z]{{2,}})\b.*)"
            ),
        )
    )


@cache
def _carrying() -> re.Pattern[str]:
    """Give what makes work of a verb that alone means none."""
    return re.compile(
        r"(?:take|took|taken|taking)\s+(?:care|charge|over)\b|(?:get|got)\s+\w.*?\b(?:working|fixed|done|running|going|back)\b"
        r"|(?:make|made)\s+(?!sure\b|certain\b|a\s+note\b)|put\s+together\b|(?:do|did|done|doing)\s+(?:it|that|this|the)\b"
        r"|put\s+.*?\bon\s+your\s+account\b|agreed\s+(?:to|on|the|an?|your)\b|raise[ds]?\s+(?!.*\b(?:with|to)\b)",
        re.IGNORECASE,
    )


@cache
def _recorded() -> re.Pattern[str]:
    """Give the pattern of what is only written down."""
    return re.compile(
        r"\b(?:on|in|into|to)\s+(?:the|your|our|my)\s+(?:\w+\s+)?(?:record|notes?|list|file|brief)\b", re.IGNORECASE
    )


@cache
def _and_worked() -> re.Pattern[str]:
    """Give the pattern of work that follows upon what is none."""
    return re.compile(
        rf"\band\s+{ADVERBS}(?P<work>(?:{PAST}|(?:fix|repair|resolve|restore|reset|unlock|send|draft|prepare|build|change|add"
        r"|remove|refund|cancel|write|design|patch|deliver)\b).*)",
        re.IGNORECASE,
    )


@cache
def _colleague() -> re.Pattern[str]:
    """Give the pattern of a colleague who is spoken of."""
    return re.compile(
        r"\b(?:our|my)\s+(?:[\w-]+\s+){0,2}(?:team|agent|engineers?|developers?|support|manager|executive|colleagues?|lead"
        r"|product|sales|engineering|finance|counsel|designer)\b"
        r"|\bthe\s+(?:[\w-]+\s+){0,2}(?:team|agent|engineers?|developers?|manager|executive)\b"
        r"|\b(?:some(?:one|body)|one\s+of\s+(?:us|our|my)|a\s+colleague)\b",
        re.IGNORECASE,
    )


@cache
def _no_work() -> frozenset[str]:
    """Give the stems of what every role may do: pass on, note, look, say, meet, feel."""
    return frozenset(
        stem(word)
        for word in words("""
        pass hand forward escalate transfer route relay raise bring flag refer move share loop connect introduce carry
        ask tell told inform notify let contact speak spoke talk reach call alert remind mention invite pass passed
        note record log write wrote written keep kept save document remember list put read
        see saw hear heard understand understood know knew feel felt think thought believe hope wish want like love
        appreciate welcome thank apologise apologize regret notice wonder need look looking check find found learn
        promise agree say said mean suggest propose recommend begin start wait stay be get got have had do come go went
        meet take took make made follow explain describe show walk assume expect guess follow watch hold""")
    )
