"""Find claims in a reply that no deed or source carries: actions, links, and talk of the own instructions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from fleet_runtime.guarding.anchors import anchors_in
from fleet_runtime.guarding.deeds import ADVERBS, PAST, is_done
from fleet_runtime.guarding.evidence import Support
from fleet_runtime.guarding.reading import (
    LINK,
    OURS,
    PHONE,
    clauses,
    is_attributed,
    is_denied,
    is_question,
    without_quotes,
)
from fleet_runtime.guarding.retold import is_past_entry, is_retold
from fleet_runtime.lexical import stem, stems, words
from fleet_runtime.records import Finding

_DOING = r"(?P<doing>[a-z]{2,}ing)\b"
_FINISHED = (
    r"(?:sent|scheduled|booked|fixed|repaired|resolved|solved|corrected|restored|patched|escalated|forwarded"
    r"|released|shipped"
    r"|launched|deployed|implemented|approved|refunded|credited|waived|noted|recorded|logged|updated|opened|confirmed"
    r"|replaced|removed|changed|adjusted|switched|moved|reset|signed|paid|processed|prepared|reviewed|closed"
    r"|identified|rolled\s+out|set\s+up"
    r"|migrated|published|delivered|installed|activated|enabled|disabled|granted|issued|transferred|assigned"
    r"|prioriti[sz]ed|submitted|filed"
    r"|completed|informed|notified|contacted|asked|arranged|passed|handed|added|upgraded|cancell?ed|extended)"
)
_OUR_PEOPLE = re.compile(OURS, re.IGNORECASE)
_HARMLESS = frozenset(
    words("""wanted wished hoped liked loved enjoyed noticed wondered needed agreed appreciated believed learned missed
    understood found heard got expected assumed remembered promised owed mentioned named called let left used lived
    asking talking speaking looking hoping wondering thinking missing hearing reading seeing going sitting keeping
    listening being referring saying suggesting wishing learning counting starting sticking having meaning standing
    getting glad pleased delighted relieved interested concerned worried impressed excited surprised honoured convinced
    supposed tempted inclined afraid agreed committed allowed based need indeed feed speed proceed succeed exceed
    bring during string thing king ring sing morning evening nothing anything something everything""")
)
_NO_TELLING = re.compile(
    r"\b(?:please|could\s+you|can\s+you|bitte|merci\s+de|por\s+favor|error|failed"
    r"|denied|needs?\s+to|wants?\s+to|would\s+like\s+to)\b",
    re.IGNORECASE,
)
"""What asks for a deed, or tells that it came to nothing, tells no deed."""

_READS = re.compile(r"\b(?:record|records|account|notes?|brief|file|contract)\b", re.IGNORECASE)
_TALKING = frozenset(words("talked spoke spoken discussed met agreed"))
_READING = frozenset(words("checked reviewed looked checking reviewing looked searched consulted opened"))
_KEPT = re.compile(r"\b(?:record|notes?|list|what\s+you|as\s+you)\b", re.IGNORECASE)
_OF_THE_CUSTOMER = re.compile(r"\s+(?:you|your\s+\w+|about|for|what|whether|why|how)\b", re.IGNORECASE)
_EACH_OTHER = re.compile(r"\b(?:to|with)\s+each\s+other\b", re.IGNORECASE)
_CARRIED_SHARE = 0.5
_VERBS = ("verb", "doing", "works", "state", "finished", "planned", "worked", "told", "live", "met", "cared", "any")


def unsupported_actions(sentence: str, support: Support) -> Iterator[Finding]:
    """Yield a finding for each clause that claims a deed that was not done this turn.

    A deed of another, or told in the passive, may also stand in the evidence ("the ticket was
    opened on 16 November"); a deed of one's own may if an earlier reply in the evidence says it too.
    """
    if is_question(sentence):
        return
    whole = without_quotes(sentence, support.lowered)
    likely = [each for each in (_by_me(), _by_us(), _by_nobody(), _attached(), _joined()) if each.search(whole)]
    for clause in clauses(whole) if likely else ():
        for pattern in likely:
            found = pattern.search(clause)
            if found is None or is_denied(clause, found.end()) or is_attributed(clause, found.start()):
                continue
            if not _is_true(found, clause, sentence, support):
                yield Finding(
                    kind="action",
                    text=" ".join(clause[found.start() :].split()),
                    sentence=sentence,
                    message=f'"{found.group().strip()}" claims something that was not done; leave it out',
                )
                break


def unsupported_links(sentence: str, support: Support) -> Iterator[Finding]:
    """Yield a finding for each link or address that the evidence does not hold."""
    for match in LINK.finditer(sentence):
        link = match.group().rstrip(".,;:!?")
        if link.lower() not in support.lowered:
            yield Finding(
                kind="link",
                text=link,
                sentence=sentence,
                message=f'"{link}" stands nowhere in what you were given; leave it out',
            )
    for match in PHONE.finditer(sentence):
        dialled = re.sub(r"\D|\(0\)", "", match.group())
        if dialled not in re.sub(r"[^\d+]", "", support.lowered):
            yield Finding(
                kind="link",
                text=match.group(),
                sentence=sentence,
                message=f'"{match.group()}" is a number that nothing you were given holds; leave it out',
            )


def leaks(sentence: str) -> Iterator[Finding]:
    """Yield a finding where a reply talks of its instructions instead of to the customer."""
    match = _leaks().search(sentence)
    if match:
        yield Finding(
            kind="leak",
            text=match.group().strip(),
            sentence=sentence,
            message="speak to the customer; do not speak of your instructions or of what you are made of",
        )


def _is_true(found: re.Match[str], clause: str, sentence: str, support: Support) -> bool:
    """Tell whether a claimed deed is harmless, was done, or is told by the evidence."""
    groups = found.groupdict()
    verb = next((groups[name] for name in _VERBS if groups.get(name)), "attach").lower().split()[0]
    if groups.get("met"):
        verb = "spoken"
    mine = any(groups.get(name) for name in ("who", "who_now", "who_works", "who_had"))
    if (
        verb in _HARMLESS and not groups.get("told") and not (_OUR_PEOPLE.match(found.group()) and verb == "found")
    ) or (verb == "asked" and mine and _OF_THE_CUSTOMER.match(clause[found.end() :])):
        return True
    if mine and (
        _EACH_OTHER.search(clause)
        or (verb in _TALKING and _is_told_apart("", sentence, support))
        or (verb in _READING and _READS.search(clause))
    ):
        return True
    piece = clause[found.start("told") :] if groups.get("told") and mine else clause[found.start() :]
    if (
        is_done(verb, support.done)
        or (verb == "added" and _KEPT.search(clause) and is_done("noted", support.done))
        or is_retold(verb, piece, support)
        or ((groups.get("who") or "").lower() == "we" and is_past_entry(verb, piece, support))
    ):
        return True
    root = stem(verb)
    told = support.statements_like(frozenset(stems(sentence)) - {root}, _CARRIED_SHARE)
    told += tuple(
        text
        for text in support.statements_like(frozenset(stems(clause)) - {root}, _CARRIED_SHARE)
        if not is_denied(text, len(text))
    )
    same = [text for text in told if root in stems(text, drop_stopwords=False) and not _NO_TELLING.search(text)]
    if mine:
        return any(re.search(r"\b(?:I|we|our)\b", text, re.IGNORECASE) for text in same)
    return bool(same) or _is_told_apart("" if groups.get("any") else root, sentence, support)


def _is_told_apart(root: str, sentence: str, support: Support) -> bool:
    """Tell whether a statement holds the verb, if one is given, and a day, figure or code of the sentence."""
    anchors = anchors_in(sentence, support)
    if not root:
        anchors = frozenset(anchor for anchor in anchors if len(anchor) > 1)
    return any(
        (not root or root in stems(text, drop_stopwords=False))
        and not _NO_TELLING.search(text)
        and anchors & anchors_in(text, support)
        for text in support.statements()
    )


@cache
def _by_me() -> re.Pattern[str]:
    """Give the pattern of a deed of one's own."""
    return re.compile(
        rf"\b(?P<who>I|we)(?:\s+have|\s+had|['\u2019]ve|['\u2019]d)?\s+{ADVERBS}{PAST}"
        rf"|\b(?P<who_now>I|we)(?:\s+am|\s+are|['\u2019]m|['\u2019]re)\s+{ADVERBS}{_DOING}"
        r"|\b(?P<who_had>I|we)(?:\s+have|['\u2019]ve|\s+just)*\s+(?P<met>had|been)\s+(?:a\s+(?:quick\s+)?(?:word|chat|call|talk)|in\s+(?:touch"
        r"|contact)|on\s+the\s+(?:phone|line))\s+(?:with|to)\b(?!\s+you\b)"
        r"|\b(?P<who_works>we)\s+(?P<works>work)\s+(?:to|on)\b",
        re.IGNORECASE,
    )


@cache
def _joined() -> re.Pattern[str]:
    """Give the pattern of a second deed of one's own in the same clause."""
    return re.compile(
        rf"\b(?:I|we)(?:\s+have|['\u2019]ve)?\s+{ADVERBS}(?:[a-z]+ed|sent|put|told)\b[^,;]*?\band\s+(?:also\s+)?"
        r"(?P<who>(?P<told>told|informed|notified|asked|sent|booked|emailed|called|opened|fixed|changed"
        r"|updated|cancell?ed|extended|upgraded|refunded|credited|waived|activated|removed|scheduled))\b",
        re.IGNORECASE,
    )


@cache
def _by_us() -> re.Pattern[str]:
    """Give the pattern of a deed of our people."""
    return re.compile(
        rf"\b{OURS}(?:\s+(?:has|have))?\s+{ADVERBS}{PAST}|\b{OURS}\s+(?:is|are)\s+{ADVERBS}{_DOING}",
        re.IGNORECASE,
    )


@cache
def _by_nobody() -> re.Pattern[str]:
    """Give the pattern of a deed told without its doer."""
    return re.compile(
        rf"\b(?:(?:has|have|had)\s+{ADVERBS}been|(?:is|are)\s+being|was|were|got|(?:is|are)\s+(?:now"
        rf"|already))\s+{ADVERBS}"
        rf"(?P<state>{_FINISHED})\b"
        r"|\b(?!(?:As|Once|When|What|If|Not|Never|Already|Just|We|I)\b)(?-i:[A-Z]\w+)\s+(?:(?:has|have)\s+)?(?:already\s+)?(?P<told>agreed|approved|confirmed|signed"
        r"|decided|promised|accepted|told\s+me|asked\s+me|(?:asked|told|instructed)\s+us\s+to|assured)\b"
        r"|\b(?P<live>landed|(?<!you\s)went\s+live|(?:is|are)\s+(?:rolling\s+out|going\s+live|shipping|in\s+beta))\b"
        rf"|\b(?:(?:has|have)\s+{ADVERBS}been|was|were)\s+{ADVERBS}(?P<cared>taken\s+care\s+of|dealt\s+with|seen\s+to|looked\s+after"
        r"|sorted|ironed\s+out|cleared\s+up|put\s+right|straightened\s+out)\b"
        rf"|\b(?:has|have)\s+{ADVERBS}been\s+{ADVERBS}(?P<any>[a-z]{{3,}}ed)\b"
        r"|\bis\s+(?:[a-z]+ly\s+)*(?P<finished>ready|attached|enclosed|fixed|resolved|solved|done|completed|live)\b"
        r"|\b(?:is|are)\s+(?:[a-z]+\s+)?(?P<planned>planned|slated|targeted|scheduled)\s+(?:for|to|in)\b"
        r"|\b(?:is|are)\s+being\s+(?P<worked>worked\s+on|looked\s+(?:at|into)|developed|handled|built|reviewed"
        r"|investigated"
        r"|processed|prepared)\b",
        re.IGNORECASE,
    )


@cache
def _leaks() -> re.Pattern[str]:
    """Give the pattern of talk about the own instructions."""
    return re.compile(
        r"persistent_persona|\b(?-i:Does\s+NOT)\b|\brole\s+(?:definition|contract|file)\b|`?class:\s"
        r"|\bsystem\s+(?:prompt|message)\b"
        r"|\bmy\s+(?:instructions?|prompt|mandate|boundar(?:y|ies)|contract\s+says|guidelines|programming"
        r"|training\s+data)\b"
        r"|\b(?:I\s+was|I\s+am|I['\u2019]m)\s+(?:instructed|programmed|prompted|told\s+by\s+my)\b"
        r"|\bI(?:\s+was|\s+am|['\u2019]m|(?:\s+have|['\u2019]ve)\s+been)\s+told\s+(?:(?:not|never|always)\s+)?to\b|</?[a-z]+>"
        r"|\bmy\s+brief(?:ing)?\s+(?:says|tells|is\s+to|forbids)\b"
        r"|\blanguage\s+model\b"
        r"|\bas\s+an\s+(?:AI|assistant|artificial)\b|\b(?:I\s+am|I['\u2019]m)\s+(?:just\s+)?a\s+language\b"
        r"|\{\{|\}\}|<\|?(?:im_start|im_end|system|assistant|/?account|/?data)\b|\bjson\s+schema\b",
        re.IGNORECASE,
    )


@cache
def _attached() -> re.Pattern[str]:
    """Give the pattern of what is said to be attached."""
    return re.compile(
        r"\b(?:(?:see|find)\s+(?:the\s+)?(?:attached|enclosed)|attached\s+(?:is|are|you)|I\s+attach\b)", re.IGNORECASE
    )
