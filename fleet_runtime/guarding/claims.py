"""Find claims in a reply that no deed or source carries: actions, links, and talk of the own instructions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fleet_runtime.guarding.deeds import is_done
from fleet_runtime.guarding.evidence import Support
from fleet_runtime.guarding.reading import LINK, clauses, is_attributed, is_denied, is_question, without_quotes
from fleet_runtime.lexical import stem, stems
from fleet_runtime.records import Finding

_PAST = (
    r"(?P<verb>sent|emailed|mailed|scheduled|booked|arranged|organi[sz]ed|fixed|repaired|resolved|solved|corrected|restored"
    r"|passed|forwarded|escalated|transferred|routed|relayed|raised|flagged|referred|handed|shared|attached|noted|recorded"
    r"|logged|written|wrote|registered|saved|put|opened|created|filed|submitted|updated|changed|adjusted|added|removed"
    r"|cancell?ed|reset|enabled|disabled|upgraded|applied|extended|contacted|spoken|spoke|talked|called|reached\s+out"
    r"|informed|notified|told|asked|alerted|checked|reviewed|verified|confirmed|investigated|approved|granted|accepted"
    r"|refunded|credited|waived|signed|reduced|lowered|prepared|drafted|built|shipped|released|launched|implemented"
    r"|deployed|set\s+up|assigned|prioriti[sz]ed|made|moved|ordered|started|initiated|completed|processed|brought|taken"
    r"|given|reserved|secured|allocated|lined\s+up|made\s+sure|delivered|deleted|merged|configured|installed|introduced|planned|discussed|looked\s+into|followed\s+up)\b"
)
_DOING = (
    r"(?P<verb>sending|emailing|scheduling|booking|arranging|fixing|resolving|passing|forwarding|escalating|raising|flagging"
    r"|handing|noting|recording|logging|opening|creating|updating|changing|adding|contacting|calling|reaching\s+out"
    r"|informing|notifying|checking|reviewing|investigating|applying|refunding|preparing|drafting|building|setting\s+up"
    r"|working|looking\s+into|processing|assigning|transferring|connecting|copying)\b"
)
_ADVERBS = r"(?:(?:\w+ly|also|then|now|just|already|since|both|personally|gone\s+ahead\s+and|today|yesterday)\s+)*"
_OURS = (
    r"(?:(?:our|the|my)\s+(?:\w+[\s-]+){0,2}(?:team|agent|engineers?|developers?|support|manager|executive|colleagues?|lead"
    r"|sales|engineering|finance|company))"
)
_BY_ME = re.compile(
    rf"\b(?P<who>I|we)(?:\s+have|\s+had|['\u2019]ve|['\u2019]d)?\s+{_ADVERBS}{_PAST}"
    rf"|\b(?P<who_now>I|we)(?:\s+am|\s+are|['\u2019]m|['\u2019]re)\s+{_ADVERBS}{_DOING.replace('verb', 'doing')}",
    re.IGNORECASE,
)
_BY_US = re.compile(
    rf"\b{_OURS}\s+(?:has|have)\s+{_ADVERBS}{_PAST}"
    rf"|\b{_OURS}\s+(?:is|are)\s+{_ADVERBS}{_DOING.replace('verb', 'doing')}",
    re.IGNORECASE,
)
_BY_NOBODY = re.compile(
    rf"\b(?:has|have|had)\s+{_ADVERBS}been\s+{_ADVERBS}{_PAST}"
    rf"|\b(?:is|are)\s+(?:now\s+|already\s+)+{_PAST.replace('verb', 'state')}"
    r"|\bis\s+(?:\w+ly\s+)*(?P<finished>ready|attached|enclosed|fixed|resolved|solved|done|completed|live)\b"
    r"|\b(?:is|are)\s+(?:\w+\s+)?(?P<planned>planned|slated|targeted|scheduled)\s+(?:for|to|in)\b"
    rf"|\b(?:is|are)\s+being\s+{_ADVERBS}(?:{_PAST.replace('verb', 'going')}|(?P<worked>worked\s+on|looked\s+at|developed|handled))",
    re.IGNORECASE,
)
_ATTACHED = re.compile(
    r"\b(?:(?:see|find)\s+(?:the\s+)?(?:attached|enclosed)|attached\s+(?:is|are|you)|I\s+attach\b)", re.IGNORECASE
)
_READS = re.compile(r"\b(?:record|records|account|notes?|brief|file|contract)\b", re.IGNORECASE)
_READING = frozenset({"checked", "reviewed", "looked into", "checking", "reviewing"})
_LEAKS = re.compile(
    r"persistent_persona|\b(?-i:Does\s+NOT)\b|\brole\s+(?:definition|contract|file)\b|`?class:\s|\bsystem\s+(?:prompt|message)\b"
    r"|\bmy\s+(?:instructions?|prompt|mandate|boundar(?:y|ies)|contract\s+says|guidelines|programming|training\s+data)\b"
    r"|\b(?:I\s+was|I\s+am|I['\u2019]m)\s+(?:instructed|programmed|prompted|told\s+by\s+my)\b|\blanguage\s+model\b"
    r"|\bas\s+an\s+(?:AI|assistant|artificial)\b|\b(?:I\s+am|I['\u2019]m)\s+(?:just\s+)?an?\s+(?:AI|chatbot|bot|virtual|language)\b"
    r"|\{\{|\}\}|<\|?(?:im_start|im_end|system|assistant|/?account|/?data)\b|\bjson\s+schema\b",
    re.IGNORECASE,
)
_CARRIED_SHARE = 0.5


def unsupported_actions(sentence: str, support: Support) -> Iterator[Finding]:
    """Yield a finding for each clause that claims a deed that was not done this turn.

    A deed of another, or told in the passive, may also stand in the evidence ("the ticket was
    opened on 16 November"); a deed of one's own may if an earlier reply in the evidence says it too.
    """
    if is_question(sentence):
        return
    for clause in clauses(without_quotes(sentence, support.lowered)):
        for pattern in (_BY_ME, _BY_US, _BY_NOBODY, _ATTACHED):
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


def leaks(sentence: str) -> Iterator[Finding]:
    """Yield a finding where a reply talks of its instructions instead of to the customer."""
    match = _LEAKS.search(sentence)
    if match:
        yield Finding(
            kind="leak",
            text=match.group().strip(),
            sentence=sentence,
            message="speak to the customer; do not speak of your instructions or of what you are made of",
        )


def _is_true(found: re.Match[str], clause: str, sentence: str, support: Support) -> bool:
    """Tell whether a claimed deed was done, or is told by the evidence."""
    groups = found.groupdict()
    verb = next(
        (
            groups[name]
            for name in ("verb", "doing", "state", "going", "worked", "finished", "planned")
            if groups.get(name)
        ),
        "attach",
    ).lower()
    mine = bool(groups.get("who") or groups.get("who_now"))
    if mine and verb in _READING and _READS.search(clause):
        return True
    if is_done(verb.split()[0], support.done):
        return True
    root = stem(verb.split()[0])
    told = support.statements_like(frozenset(stems(sentence)) - {root}, _CARRIED_SHARE)
    same = [text for text in told if root in stems(text, drop_stopwords=False)]
    return any(re.search(r"\b(?:I|we)\b", text) for text in same) if mine else bool(same)
