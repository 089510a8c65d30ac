"""Read what troubles a customer: what is broken, who else is being looked at, and how people feel.

Troubles and feelings count only as plain statements. A rival is a name in a place where a rival
stands; names known to be of people are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from fleet_runtime.learning.names import is_name, same_person
from fleet_runtime.learning.reading.moods import Mood
from fleet_runtime.learning.reading.passages import OPEN, Clause, Passage
from fleet_runtime.learning.reading.patterns import Found, Pattern, find
from fleet_runtime.records import Fact

_WISHED: frozenset[Mood] = frozenset({"wish", "hypothetical", "denied"})
_DENIED: frozenset[Mood] = frozenset({"denied", "wish"})
_WEIGHED: frozenset[Mood] = frozenset({"wish", "hypothetical", "denied", "past"})
_SUFFERED: frozenset[Mood] = frozenset({"denied", "wish", "past"})
_COMPARED: frozenset[Mood] = frozenset({"wish", "hypothetical", "denied", "question"})

_SYSTEM = (
    r"(?:sso|single sign-on|log-?in|sign-?in|server|service|system|site|sync|synchroni[sz]ation|integration|"
    r"connector|api|app|portal|dashboard|export|import|upload|platform|report|search|page|screen|feed|webhook|"
    r"email|notification|tool|instance|environment|button|invoice run|interface)s?"
)
_BROKEN = (
    r"(?:\b(?:is|are|was|seems|has been|have been|keeps?|got) (?:\w+ )?(?:broken|failing|crashing|buggy|"
    r"unusable|unreachable|unresponsive|frozen|freezing|stuck|timing out|hanging|"
    r"unbearably slow|painfully slow|extremely slow|terribly slow|very slow|too slow|so slow|incredibly "
    r"slow|throwing errors|giving errors|out of order|acting up)\b"
    rf"|{_SYSTEM} (?:\w+ )?(?:is|are|was|has been|went|goes|keeps going|have been) (?:\w+ )?(?:down|"
    r"offline|slow)\b(?! to| from| by| {mark})"
    r"|\b(?:does not|doesn't|do not|don't|did not|didn't|will not|won't|no longer|stopped|isn't|is not|"
    r"aren't|are not|never) (?:\w+ )?(?:work(?:s|ing)?|load(?:s|ing)?|sync(?:s|ing)?|send(?:s|ing)?|"
    r"open(?:s|ing)?|start(?:s|ing)?|respond(?:s|ing)?|refresh(?:es|ing)?|updat(?:e|es|ing)|arriv(?:e|es|"
    r"ing)|sav(?:e|es|ing)|connect(?:s|ing)?)\b"
    r"|\bkeep(?:s)? (?:failing|crashing|freezing|timing out|dropping|logging \w+ out|breaking|"
    r"disconnecting|throwing|showing errors)\b"
    r"|\b(?:fails?|failed|crashes|crashed|freezes|times out|timed out|hangs|breaks|errors out)\b(?! to "
    r"(?:see|understand|mention))"
    r"|\b(?:cannot|can't|can not|unable to|couldn't) (?:\w+ )?(?:log ?in|sign ?in|log ?on|access|open|"
    r"export|import|upload|download|save|connect|load|print|send|reset|see any|get in(?:to)?)\b"
    r"|\b(?:gets?|getting|get|see|seeing|shows?|showing|throws?|returns?) (?:an? |this |the |constant |"
    r"random )?(?:\w+ )?(?:errors?|error message|blank page|blank screen|white screen|500|404|timeouts?)\b"
    r"|\b(?:nobody|no one|none of (?:us|them|the \w+|our \w+))\b[\w ]{0,40}? (?:can|could|gets?|is able "
    r"to) (?:\w+ )?(?:log ?in|sign ?in|log ?on|access|open|export|import|upload|"
    r"download|save|connect|load|print|send|reset|see|use|get in(?:to)?|past)\b"
    r"|\b(?:is|are|has been|gets?|got) (?:\w+ )?slow\b|\blocked out\b)"
)
ISSUE = Pattern("open_issue", rf"^(?P<value_clause>.*{_BROKEN}.*)$", 0.8, _SUFFERED)
_TECHNICAL = re.compile(
    rf"\b(?:{_SYSTEM}|log ?in|sign ?in|log ?on|locked out|error|timeouts?|blank|view|list|filter|chart|"
    r"form|template|map|calendar|label|printer|scanner|password|data|"
    r"file|link|feature|function|version|update|release|product|software|mobile|record|widget|scheduler|"
    r"reminders?|alerts?|module|screens?|editor|mapping|workflow|it)\b",
    re.IGNORECASE,
)
_DROPPED = re.compile(
    r"\b(?:no longer|not any ?more|dropped|ruled out|decided against|off the table|turned down|stopped "
    r"(?:talking|looking|evaluating)|said no to|out of the race|not going with|rejected|ended)\b",
    re.IGNORECASE,
)
_FIXED = re.compile(
    r"\b(?:works? (?:again|now|fine)|(?:is|are|was|has been|have been|got) (?:now |all |finally )?(?:fixed|"
    r"resolved|solved|sorted(?: out)?|working again|back (?:up|online|to normal)|repaired|closed))\b",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"^(?:(?:hi|hello|hey|also|and|so|but|well|by the way|btw|unfortunately|sadly|sorry|again|now|fyi|"
    r"still|just to let you know|one more thing|another thing|please note(?: that)?|"
    r"i'm afraid(?: that)?|i am afraid(?: that)?|since [^,]{3,30},|once more|plus|ok|okay|honestly|frankly|"
    r"urgent)\b[,:]?\s*(?:that )?)+",
    re.IGNORECASE,
)

_TAIL = (
    rf"(?= *$|,| {OPEN}| (?:for|as|instead|too|as well|because|who|which|to (?:replace|see)|and|at the "
    r"moment|now|right "
    r"now|these days|this|next|about (?:their|a move|switching|moving)|on)\b)"
)
COMPETITORS: tuple[Pattern, ...] = (
    Pattern(
        "competitor",
        r"(?:also |now |currently |already |even )(?:been )?(?:talking|speaking|in talks|in discussions|in "
        rf"touch|meeting|in contact) (?:to|with) {{name}}{_TAIL}",
        0.75,
        _WISHED,
    ),
    Pattern("competitor", rf"(?:in talks|in discussions|negotiating|in contact) with {{name}}{_TAIL}", 0.75, _WISHED),
    Pattern(
        "competitor",
        r"(?:evaluating|assessing|trialling|trialing|piloting|testing out|considering|shortlisted|reviewing|"
        rf"benchmarking|short-listed) {{name}}{_TAIL}",
        0.8,
        _WISHED,
    ),
    Pattern(
        "competitor",
        rf"(?:looking|have looked|looked) (?:hard |closely |seriously |also )?(?:at|into) {{name}}{_TAIL}",
        0.75,
        _WISHED,
    ),
    Pattern(
        "competitor",
        rf"(?:demo|proposal|quote|offer|pitch|trial|presentation|pilot)s? (?:from|of|by|with) {{name}}{_TAIL}",
        0.8,
        _WEIGHED,
    ),
    Pattern(
        "competitor",
        rf"(?:compar(?:e|es|ed|ing)) (?:you|your \w+|it|this|the \w+) (?:to|with|against) {{name}}{_TAIL}",
        0.85,
        _COMPARED,
    ),
    Pattern(
        "competitor",
        r"(?:switch(?:ing)?|defect(?:ing)?) (?:over |across )?to {name}(?= *$|,| {mark}| instead| from you)",
        0.75,
        _WISHED,
    ),
    Pattern(
        "competitor",
        r"(?:switch(?:ing)?|mov(?:e|ing)|chang(?:e|ing)|migrat(?:e|ing)|going) (?:over |across )?(?:from "
        r"you )?to {name} instead",
        0.75,
        _WISHED,
    ),
    Pattern("competitor", r"(?:leav(?:e|ing)|replac(?:e|ing)|drop(?:ping)?) you (?:for|with) {name}", 0.8, _WISHED),
    Pattern(
        "competitor",
        r"{name} (?:is|are) {adv}(?:on (?:our|the) (?:short ?)?list|in the running|a serious (?:option|"
        r"contender)|(?:our|the|an?) "
        r"(?:alternative|plan b))",
        0.8,
        _WISHED,
    ),
    Pattern("competitor", r"(?:invited|asked|hired|signed with|bids? from) {name}(?: to (?:pitch|present|bid))", 0.8),
    Pattern(
        "competitor",
        r"{name} (?:has |have |just |recently |also |keeps? )*(?:approached|pitched|offered us|quoted us|"
        r"contacted us|is courting|are courting|courting|calling us|is trying to win|undercut|is cheaper|came "
        r"in|made us an offer|sent us (?:an offer|a proposal|a quote))",
        0.8,
        _WISHED,
    ),
    Pattern(
        "competitor",
        r"(?:your |the |a )?(?:competitor|rival|competing (?:vendor|product|tool))s?,? (?:named |called |like |"
        r"is |: ?)?{name}",
        0.8,
        _WISHED,
    ),
    Pattern(
        "competitor",
        rf"alternatives? (?:is |are |such as |like |called |being |to you is |: ?){{name}}{_TAIL}",
        0.8,
        _WISHED,
    ),
)
_NO_RIVAL = re.compile(
    r"^(?:You|Your|We|Our|I|The|A|An|It|This|That|They|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|"
    r"Sunday|Support|Sales|Finance|Legal|IT|HR|Procurement|Business|Enterprise|Pro|Premium|Standard|Basic|"
    r"Starter)\b"
)

_BAD = (
    "worried|unhappy|frustrated|disappointed|concerned|annoyed|dissatisfied|angry|upset|fed up|nervous|"
    "sceptical|skeptical|anxious|uneasy|furious|tired|irritated|let down|losing patience|exasperated|"
    "stressed|overwhelmed|bitter|wary|impatient"
)
_GOOD = (
    "happy|delighted|pleased|thrilled|satisfied|excited|impressed|glad|enthusiastic|confident|relieved|over "
    "the moon|very positive"
)
_FEELERS = (
    r"(?:{we}|(?<![\w'])i(?:'m| am)?|we're|(?:my|our|the) (?:\w+ )?(?:team|teams|people|users|boss|ceo|"
    r"cfo|coo|board|management|colleagues|staff|teachers|nurses|sponsor|champion|manager|director|"
    r"engineers|agents|reps)|everyone|everybody|nobody|no one|not all|people|users|they|"
    r"(?-i:[A-Z][a-z]+))"
)
SENTIMENTS: tuple[Pattern, ...] = (
    Pattern(
        "sentiment",
        rf"{_FEELERS}(?:'s|'re|'m)?{{when}} {{adv}}(?:(?:am|is|are|do|does|feel|feels|been|getting|get|become|"
        r"becoming|growing|remain|remains|sounded|seemed|have been|has been|left|got)(?:n't| not)?(?: feel| "
        r"feeling)? )?(?:(?:very|really|so|quite|extremely|rather|pretty|a bit|a little|increasingly|more "
        r"than|truly|absolutely|all|getting|deeply|genuinely|super|somewhat) )*(?:(?:very|at all|too|exactly|"
        rf"particularly) )*(?P<value_mood>{_BAD}|{_GOOD})\b(?! to (?:help|hear|send|share|say|join|answer|see "
        r"you|report|confirm|let|provide|discuss|jump|set|take|walk|do|talk|show|go|come|give|make|work|speak|chat|hop|"
        r"connect|introduce|arrange|organi[sz]e|look|check|explain|run|host|pay|sign|accept|start|pass|offer|"
        r"support)| birthday| new year)",
        0.75,
        _DENIED,
    ),
    Pattern(
        "sentiment",
        rf"{_FEELERS}{{when}} {{adv}}(?:absolutely |really |simply |all |just |totally )*(?P<value_verb>loves?|"
        r"hates?|adores?|can't stand|cannot stand|dislikes?)\b",
        0.75,
        frozenset({"denied"}),
    ),
    Pattern(
        "sentiment",
        rf"(?:the )?(?:sentiment|mood)(?: (?:in|on|of|at) [\w ]{{3,30}}?)? {{adv}}(?:is|has turned|turned|"
        rf"became|remains|:) {{adv}}(?:very |quite |rather |really |increasingly )*(?P<value_mood>(?:not "
        rf")?(?:{_BAD}|{_GOOD}|positive|negative|neutral|good|bad|poor|great|mixed|tense|sour|low|"
        r"excellent))\b",
        0.8,
        _DENIED,
    ),
)
_NOT_ALL = re.compile(r"\b(?:nobody|no one|none|not everyone|not everybody|not all|few|neither|never)\b", re.IGNORECASE)
_NOT_SO = re.compile(r"(?:n't|\bnot|\bno longer)(?:\s+\w+){0,3}\s*$", re.IGNORECASE)
_VERB_MOODS = {
    "love": "happy",
    "adore": "happy",
    "hate": "unhappy",
    "can't stand": "unhappy",
    "cannot stand": "unhappy",
    "dislike": "unhappy",
}


def read_troubles(
    passage: Passage, clause: Clause, people: Sequence[str], open_issues: Sequence[Fact], rivals: Sequence[Fact]
) -> Iterator[tuple[Found, Fact | None]]:
    """Yield troubles, rivals and feelings of one clause.

    Args:
        passage: The text.
        clause: One of its clauses.
        people: Names known to be of people.
        open_issues: The troubles that are open now.
        rivals: The rivals that are looked at now.

    Yields:
        What was found, with the fact that it ends (a trouble mended, a rival dropped) or None.
    """
    ended = _mended(clause, open_issues)
    if ended is not None:
        yield _whole(clause, "open_issue"), ended
    else:
        for found in find(ISSUE, passage, clause):
            if _TECHNICAL.search(clause.text) and (words := _LEAD.sub("", found.value)):
                yield replace(found, value=words), None
    yield from _rival(passage, clause, people, rivals)
    for pattern in SENTIMENTS:
        mood = next(find(pattern, passage, clause), None)
        if mood is not None:
            start, end = _whole_mood(passage.text, mood.value_start, mood.value_end)
            words = passage.words(start, end)
            if feeling := _feeling(words, passage.text[clause.start : start]):
                yield replace(mood, value=feeling), None
            break


_DEGREE = re.compile(
    r"(?:\b(?:very|quite|rather|fairly|somewhat|more than|a (?:bit|little|touch)|(?!absolute|true|simpl|total|"
    r"on|current|"
    r"alread|final|actual|honest)\w+ly)\s+)$",
    re.IGNORECASE,
)
_BESIDE = re.compile(
    r"\s+(?:but|yet|and)\s+(?:\w+ly\s+|not\s+)?(?:[a-z]+(?:ed|ful|ous|ive|tic|ient)|\bcautious|tense|wary|happy|good|"
    r"bad)\b"
)


def _whole_mood(text: str, start: int, end: int) -> tuple[int, int]:
    """Widen a word of mood to all that is said of it: "very happy", "hopeful but tired"."""
    degree, beside = _DEGREE.search(text[:start]), _BESIDE.match(text[end:])
    return (degree.start() if degree else start), end + (beside.end() if beside else 0)


def _mended(clause: Clause, open_issues: Sequence[Fact]) -> Fact | None:
    """Return the open trouble that the clause says is over."""
    if clause.moods or not _FIXED.search(clause.text):
        return None
    words = content_words(clause.text)
    scored = [(len(words & content_words(fact.value or "")), fact) for fact in open_issues]
    best = max(scored, key=lambda pair: pair[0], default=None)
    return best[1] if best is not None and best[0] else None


def _rival(
    passage: Passage, clause: Clause, people: Sequence[str], rivals: Sequence[Fact]
) -> Iterator[tuple[Found, Fact | None]]:
    """Yield the rival that is looked at, or the one that is not any more."""
    dropped = _DROPPED.search(clause.text)
    if dropped and not clause.moods & {"question", "hypothetical", "foreign"}:
        for fact in rivals:
            if fact.value and re.search(rf"\b{re.escape(fact.value)}\b", clause.text, re.IGNORECASE):
                yield _whole(clause, "competitor"), fact
        return
    for pattern in COMPETITORS:
        found = next(find(pattern, passage, clause), None)
        if found is None or _NO_RIVAL.search(found.value) or any(same_person(found.value, name) for name in people):
            continue
        if " " in found.value and is_name(found.value) and pattern is COMPETITORS[0]:
            continue  # one talks to people as well
        yield found, None
        return


def _feeling(words: str, before: str) -> str | None:
    """Give the mood as an adjective, "not" included; None if it is nobody's, or not everybody's."""
    if _NOT_ALL.search(before):
        return None
    lowered = " ".join(words.lower().split())
    plain = _VERB_MOODS.get(lowered.removesuffix("s"), lowered)
    return f"not {plain}" if _NOT_SO.search(before) and not plain.startswith("not ") else plain


def _whole(clause: Clause, key: str) -> Found:
    """Take the whole clause as the place where an ending is said."""
    end = clause.start + len(clause.text)
    return Found(key, "", "", clause.start, end, clause.start, end, 0.8)


_PLAIN_WORDS = """
    the and our your for with from that this there here have has had was were are been being will would can could
    cannot not but its now again also still all any some one very working works work broken down fixed resolved solved
    problem issue open error errors since today yesterday after when they them who get gets got into about does doesn
    don isn keeps
"""
_PLAIN = frozenset(_PLAIN_WORDS.split())


def content_words(text: str) -> frozenset[str]:
    """Return the words of a text that carry its matter."""
    return frozenset(word for word in re.findall(r"[\w-]{3,}", text.lower()) if word not in _PLAIN)
