"""Find promises in a reply that nothing carries: work to be delivered, terms, guarantees, roadmap.

A promise that the record already holds ("the breakdown is promised for 27 November") may be
repeated; the customer's own wish, given back as such, is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from fleet_runtime.dates import MONTHS
from fleet_runtime.guarding.anchors import anchors_in, carrying_statements
from fleet_runtime.guarding.attention import is_attention
from fleet_runtime.guarding.deeds import is_done
from fleet_runtime.guarding.evidence import Support
from fleet_runtime.guarding.promise_patterns import ABOUT_PRODUCT, AGREEMENTS, PROMISES
from fleet_runtime.guarding.reading import clauses, is_attributed, is_denied, is_question, without_quotes
from fleet_runtime.lexical import stem, stems, words
from fleet_runtime.records import Finding

_CARRIES = re.compile(
    r"\b(?:promis\w*|commit\w*|owe[sd]?|owing|due|agreed|pledged|will\s+(?:send|deliver|provide|prepare|share|ship|fix)"
    r"|to\s+be\s+delivered)\b",
    re.IGNORECASE,
)
_CLAIMED = re.compile(r"\b(?:you|they)\s+(?:have\s+)?(?:promised|agreed|said|told|committed)\b", re.IGNORECASE)
_PROMISE_WORDS = frozenset(
    stem(word)
    for word in words("""get receive promise promised send deliver provide prepare share fix due owe commit
    committed agreed pledge soon ready available ship shipped released guarantee expect thing""")
)
_CARRIED_SHARE, _RESTATED_SHARE = 0.6, 0.6
_TOPIC = 3
_NUMBERS = frozenset(stem(word) for word in words("one two three four five six seven eight nine ten"))
_CONDITION = re.compile(
    r"\b(?:if|once|as\s+soon\s+as|whenever)\s+(?:you|it|this|that|they|the|your|anything|something|so)\b", re.IGNORECASE
)
_SEEKING = frozenset({"ask", "pass", "check", "forward", "raise", "note", "tell", "put", "look", "escalate"})
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_WISHED = re.compile(
    r"\b(?:need|want|would\s+like|please|hope|can\s+you|could|wish|ask\w*|request\w*)\b|^\W*\d{4}-\d\d-\d\d\s[\w\s]+:",
    re.IGNORECASE,
)
_MONTHS = frozenset(stem(month.lower()) for month in MONTHS)
_READING = re.compile(r"(?:get|search|read|list|find|fetch|look)(?:_|\b)", re.IGNORECASE)
"""What was only read brought nothing about."""

_NO = re.compile(r"\b(?:no|not|never|cannot|without)\b|n['\u2019]t\b", re.IGNORECASE)
_IDLE = frozenset(
    words("""
    be keep remember stay leave see need stop start begin say wait listen think mention guess assume admit repeat
    not never only rather gladly look discuss explore walk know hear understand miss help continue go meet hope describe
    want read learn focus stick suggest""")
)


def unsupported_promises(sentence: str, support: Support) -> Iterator[Finding]:
    """Yield one finding for the first promise of each clause that neither record nor deed carries.

    A question promises nothing, unless it only ends like one ("We will build it, fine?").
    """
    if is_question(sentence):
        return
    whole = without_quotes(sentence, support.lowered)
    conditional = bool(_CONDITION.search(whole))
    likely = tuple(pattern for pattern in PROMISES if pattern.search(whole))
    within = [(clause, likely) for clause in clauses(whole)] if likely else []
    for clause, patterns in [*within, (whole, AGREEMENTS)]:
        found = next(
            (
                match
                for match in _matches(clause, patterns)
                if not _is_excused(match, clause, support) and not (conditional and _is_seeking(match))
            ),
            None,
        )
        if found is None or is_attention(clause[found.start() :], sentence):
            continue
        if not _is_carried(found, sentence, support):
            yield Finding(
                kind="promise",
                text=" ".join(clause[found.start() :].split()),
                sentence=sentence,
                message=f'"{found.group().strip()}" promises what nobody has agreed; say what is on record instead',
            )


def unsupported_product_claims(sentence: str, support: Support) -> Iterator[Finding]:
    """Yield a finding where a sentence says what the product can do and no statement of the evidence does."""
    if not ABOUT_PRODUCT.search(sentence) or is_question(sentence):
        return
    if support.statements_like(frozenset(stems(sentence)), _CARRIED_SHARE):
        return
    for clause in clauses(without_quotes(sentence, support.lowered)):
        found = ABOUT_PRODUCT.search(clause)
        if found and not is_denied(clause, found.end()) and not is_attributed(clause, found.start()):
            yield Finding(
                kind="product",
                text=" ".join(clause[found.start() :].split()),
                sentence=sentence,
                message=f'"{found.group()}" says what the product can do, and nothing you were given says so',
            )


def _matches(clause: str, patterns: Iterable[re.Pattern[str]]) -> Iterator[re.Match[str]]:
    """Yield every promise-like place of a clause."""
    for pattern in patterns:
        yield from pattern.finditer(clause)


def _is_seeking(match: re.Match[str]) -> bool:
    """Tell whether all that is promised is to ask or tell somebody."""
    return (match.groupdict().get("verb") or "").lower() in _SEEKING


def _is_excused(match: re.Match[str], clause: str, support: Support) -> bool:
    """Tell whether it is denied, given back as the customer's wish, harmless, or already done."""
    verb = match.groupdict().get("verb")
    if match.groupdict().get("even_denied"):
        return is_attributed(clause, match.start())
    if is_denied(clause, match.end()) or is_attributed(clause, match.start()):
        return True
    if verb is None:
        return False
    rest = clause[match.end() :]
    return bool(_harmless(verb.lower(), rest)) or is_done(verb.split()[0], support.done)


def _harmless(verb: str, rest: str) -> bool:
    """Tell whether "will" and this verb promise no work: "I will be honest", "I will take that as a yes"."""
    after = words(rest)[:3]
    if verb in _IDLE:
        return True
    if verb in {"come", "take"}:
        return after[:1] != ["back"] if verb == "come" else ("as" in after or "seriously" in after)
    if verb in {"have", "do"}:
        return not after or after[0] in {"to", "more", "less", "my", "well", "no"}
    if verb in {"talk", "speak"}:
        return not after or after[0] not in {"to", "with"} or after[1:2] == ["you"]
    if verb in {"ask", "tell"}:
        return after[:1] == ["you"]
    return verb == "let" and (after[:2] == ["you", "go"] or "decide" in after)


def _is_dated(clause: str, support: Support) -> bool:
    """Tell whether the record gives the same day for the same thing ("arrival 2026-09-24")."""
    days = {anchor for anchor in anchors_in(clause, support) if _DAY.match(anchor)}
    topic = frozenset(stems(clause)) - _PROMISE_WORDS
    return bool(days) and any(
        topic & held and not _WISHED.search(text) and days & anchors_in(text, support)
        for text, held in carrying_statements(support)
    )


def _undated(sentence: str) -> frozenset[str]:
    """Return the stems of a sentence without its figures and months, which are judged by value elsewhere."""
    return frozenset(each for each in stems(sentence) if each.isalpha()) - _MONTHS


def _is_outcome(found: re.Match[str], support: Support) -> bool:
    """Tell whether what was done this turn already brought what is announced ("they will have your description")."""
    rest = found.string[found.start() :]
    topic = frozenset(stems(rest)) - _PROMISE_WORDS
    return bool(topic & support.done) and any(
        2 * len(topic & frozenset(stems(text))) >= len(topic)
        for text in support.evidence.done
        if not _READING.match(text)
    )


def _is_quoted(found: re.Match[str], sentence: str, support: Support) -> bool:
    """Tell whether the record says the very words of the same figure, day or name ("USD 89, cancel any time")."""
    said = " ".join(found.group().lower().split())
    anchors = frozenset(anchor for anchor in anchors_in(sentence, support) if any(map(str.isdigit, anchor)))
    return " " in said and any(
        said in text.lower() and not _NO.search(text) and anchors & anchors_in(text, support)
        for text, _ in carrying_statements(support)
        if not _WISHED.search(text)
    )


def _is_carried(found: re.Match[str], sentence: str, support: Support) -> bool:
    """Tell whether the record holds a promise about most of what this sentence speaks of, or says just the same."""
    said, every = frozenset(stems(found.group())) - _NUMBERS, _undated(sentence)
    if (
        said
        and len(every) >= _TOPIC
        and any(
            said <= held
            and len(every & held) >= _RESTATED_SHARE * len(every)
            and bool(_NO.search(text)) == bool(_NO.search(sentence))
            for text, held in carrying_statements(support)
        )
    ):
        return True
    topic = frozenset(stems(sentence)) - _PROMISE_WORDS
    if _is_quoted(found, sentence, support):
        return True
    if _is_outcome(found, support):
        return True
    if _is_dated(found.string, support):
        return True
    like = support.statements_like(topic, _CARRIED_SHARE)
    return any(_CARRIES.search(text) and not _CLAIMED.search(text) for text in like)
