"""Find promises in a reply that nothing carries: work to be delivered, terms, guarantees, roadmap.

A promise that the record already holds ("the breakdown is promised for 27 November") may be
repeated; the customer's own wish, given back as such, is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from fleet_runtime.guarding.deeds import is_done
from fleet_runtime.guarding.evidence import Support
from fleet_runtime.guarding.reading import OURS, clauses, is_attributed, is_denied, is_question, without_quotes
from fleet_runtime.lexical import stem, stems, words
from fleet_runtime.records import Finding

_ADVERBS = (
    r"(?:(?:\w+ly|also|then|now|just|soon|even|of\s+course|always|please|happy\s+to|glad\s+to"
    r"|do\s+(?:my|our)\s+best\s+to|try\s+to)\s+)*"
)
_DELIVER = (
    r"(?P<verb>build|ship|release|add|deliver|fix|repair|resolve|solve|implement|launch|develop|create|introduce|include"
    r"|enable|waive|refund|discount|reduce|lower|cut|credit|compensate|extend|upgrade|migrate|provide|give|send|share"
    r"|e-?mail|call|schedule|arrange|organi[sz]e|book|set\s+up|prepare|draft|get|make\s+sure|ensure|see\s+to|guarantee"
    r"|sign|approve|accept|grant|offer|match|hold|freeze|prioriti[sz]e|escalate|forward|pass|hand|raise|flag|note|log"
    r"|record|contact|reach\s+out|follow\s+up|speak|talk|communicate|coordinate|work\s+(?:with|on|out)|look\s+into"
    r"|investigate|check|review|update|inform|notify|remind|bring|take|put|handle|assign|connect|loop|train|onboard|deploy"
    r"|roll\s+out|cover|pay|cancel|remove|change|adjust|tell|ask|find\s+out|let|come\s+back|return|expedite|push|connect"
    r"|configure|install|have|do|respond|reply|carry|support|honou?r|bear|host|visit|fly|double|increase|improve)\b"
)
_THINGS = (
    r"(?:it|this|that|they"
    r"|(?:our|the)\s+(?:\w+\s+)?(?:fix|connector|integration|feature|update|release|solution|change))"
)
_WILL = (
    r"(?:\s+(?:will|shall|(?:am|are|is)\s+(?:going|about)\s+to|(?:can|could)\s+definitely)"
    r"|['\u2019]ll|['\u2019](?:m|re|s)\s+going\s+to)\s+"
)
_LOOKING_INTO = (
    r"(?:check\s+(?:with|on)|get\s+(?:back|this|that|it)|talk\s+to|speak\s+(?:to|with)|escalate|forward|pass|send|schedule|book"
    r"|arrange|look\s+into|investigate|fix|contact|reach\s+out|connect\s+you|loop|follow\s+up|see\s+what\s+(?:I|we)\s+can)\b"
)
_READY = (
    r"(?:delivered|shipped|released|available|fixed|resolved|ready|live|added|waived|refunded|credited|reduced|lowered"
    r"|built|implemented|rolled\s+out|sent|scheduled|completed|solved|included|supported|addressed|handled|taken\s+care"
    r"|in\s+(?:your|the)\s+(?:inbox|hands|next)|done|back|working|restored|approved|covered|free|with\s+you)"
)
_TERMS = (
    r"(?:discount|off\b|%|percent|price|prices|rate|free|months?|credit|refund|deal|terms?|exception|seats|licen[cs]es"
    r"|feature|integration|connector|extension|upgrade|compensation|clause)"
)

_PROMISES: tuple[re.Pattern[str], ...] = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?:I|we|{OURS}){_WILL}{_ADVERBS}(?:be\s+(?:able|happy|glad)\s+to\s+)?(?P<verb>[a-z]+)\b",
        rf"\b{_THINGS}{_WILL}{_ADVERBS}(?:be\s+able\s+to\s+)?{_DELIVER}",
        rf"\b(?:I|we|{OURS}){_WILL}{_ADVERBS}be\s+{_ADVERBS}(?P<being>{_READY}|[a-z]+ing|in\s+touch|the\s+one)\b",
        rf"\b(?:let\s+(?:me|us)|allow\s+me\s+to)\s+{_ADVERBS}{_LOOKING_INTO}",
        (
            r"\byou(?:\s+will|['\u2019]ll|\s+are\s+going\s+to|['\u2019]re\s+going\s+to)\s+(?:\w+ly\s+|soon\s+|then\s+|also\s+)*"
            r"(?:get|receive|have|be\s+able|hear\s+(?:back\s+)?from|pay|save|be\s+(?:credited|refunded|charged|contacted|compensated))\b"
        ),
        r"\byou\s+should\s+(?:soon\s+|then\s+|now\s+)?(?:see|have|be\s+able|get|receive|notice)\b",
        r"\bwithin\s+(?:the\s+|an?\s+|\w+\s+)?(?:minutes?|hours?|days?|weeks?)\b",
        rf"\bwill\s+be\s+{_ADVERBS}{_READY}\b",
        r"\bon\s+(?:the|our|its|their)\s+(?:\w+\s+)?roadmap\b|\broadmap\s+(?:includes|has|shows|for)\b",
        r"\bin\s+(?:the|our)\s+(?:very\s+)?(?:next|upcoming|coming)\s+(?:\w+\s+)?(?:release|version|update|sprint)\b",
        r"\b(?:coming\s+soon|in\s+development|in\s+the\s+works|in\s+the\s+pipeline|due\s+to\s+(?:ship|launch|be\s+released))\b",
        r"\bplan(?:s|ned|ning)?\s+(?:to\s+)?(?:be\s+)?(?:build|built|ship|shipped|release|released|add|added|launch|launched)\b",
        (
            r"\bguarantee[sd]?\b|\b(?:I|we)\s+(?:can\s+)?(?:promise|assure)\b|\brest\s+assured\b|\byou\s+have\s+my\s+word\b"
            r"|\bcount\s+on\s+(?:me|us|it)\b|\b(?:I|we)(?:\s+am|\s+are|['\u2019]m|['\u2019]re)?\s+commit(?:ted|ting)?\s+to\b"
        ),
        (
            r"\b(?:I|we)\s*(?:can|could|may|['\u2019]d|would|am|are|['\u2019]m|['\u2019]re)\s+"
            r"(?:(?:also|certainly|definitely|easily|of\s+course|even|probably|gladly|able\s+to|happy\s+to|glad\s+to"
            r"|willing\s+to|prepared\s+to|like\s+to|be\s+\w+\s+to|absolutely|surely)\s+)*"
            r"(?:offer|waive|refund|discount|grant|approve|match|lower|reduce|credit|sign|build|ship|release|compensate|cut)\b"
        ),
        r"\b(?:I|we)\s+(?:can|could)\s+(?:\w+ly\s+|also\s+)*(?:add|do|make|arrange|provide|build|include|deliver|fix)\s+(?:that|this|it)\b",
        (
            rf"\b(?:I|we)\s+(?:can|could|may|would|are\s+able\s+to|am\s+able\s+to|are\s+happy\s+to|am\s+happy\s+to)\s+{_ADVERBS}"
            rf"(?:give|do|provide|add|apply|extend|make|include|arrange|throw)\b[^.;:]*?\b{_TERMS}"
        ),
        (
            r"\bfree\s+of\s+charge\b|\bat\s+no\s+(?:extra\s+|additional\s+)?(?:cost|charge)\b|\bfor\s+free\b|\bon\s+the\s+house\b"
            r"|\bcomplimentary\b|\bdiscount\s+of\b|\bspecial\s+(?:price|rate|offer|discount)\b|\bdiscounted\b"
            r"|\bno\s+(?:extra|additional)\s+(?:cost|charge)\b"
        ),
        r"\b(?:around\s+the\s+corner|on\s+the\s+horizon|on\s+(?:its|their)\s+way|stay\s+tuned|sit\s+tight)\b",
        r"\bconsider\s+it\s+done\b|\bleave\s+(?:it|this|that)\s+(?:with|to)\s+(?:me|us)\b|\b(?:I|we)(?:\s+am|\s+are|['\u2019]m|['\u2019]re)\s+on\s+it\b",
        r"\bexpect\s+(?:it|this|that|them|a|an|the)\b[^.;:]*?\b(?:by|within|next|soon|shortly|tomorrow|in)\b",
        r"\b(?:entitled\s+to|get\s+your\s+money\s+back|accept\s+(?:full\s+)?liability|is\s+legally\s+binding)\b",
    )
)
_AGREEMENTS: tuple[re.Pattern[str], ...] = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?:yes|sure|absolutely|of\s+course|certainly|definitely)[,.!]?\s+(?:we|I|that|it|this)\s+(?:can|will|could|is\s+(?:possible|coming|included))\b",
        (
            r"\b(?:yes|sure|ok(?:ay)?|deal|agreed|fine|absolutely|done)\b[,.!]?\s[^.;:?]*?(?:%|percent|[$\u20ac\u00a3]|discount)"
            r"[^.;:?]*?\b(?:it\s+is|off|then|done|agreed|works)\b"
        ),
    )
)
_ABOUT_PRODUCT = re.compile(
    r"\b(?:the|our)\s+(?:tool|product|software|platform|app|system|service|solution)\s+(?:\w+ly\s+|also\s+|already\s+)*"
    r"(?:can|supports?|includes?|offers?|integrates?|works?\s+with|comes\s+with|has\s+an?\b|allows?|lets|provides?|is\s+able)\b",
    re.IGNORECASE,
)
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
_CARRIED_SHARE = 0.6
_IDLE = frozenset(
    words("""
    be keep remember stay leave see need stop start begin say wait listen think mention guess assume admit repeat
    not never only rather gladly look discuss explore walk know hear understand miss help continue go meet hope describe
    want come read learn focus stick suggest""")
)


def unsupported_promises(sentence: str, support: Support) -> Iterator[Finding]:
    """Yield one finding for the first promise of each clause that neither record nor deed carries.

    A question promises nothing, unless it only ends like one ("We will build it, fine?").
    """
    if is_question(sentence):
        return
    whole = without_quotes(sentence, support.lowered)
    places = [(clause, _PROMISES) for clause in clauses(whole)] + [(whole, _AGREEMENTS)]
    for clause, patterns in places:
        found = next((match for match in _matches(clause, patterns) if not _is_excused(match, clause, support)), None)
        if found is not None and not _is_carried(sentence, support):
            yield Finding(
                kind="promise",
                text=" ".join(clause[found.start() :].split()),
                sentence=sentence,
                message=f'"{found.group().strip()}" promises what nobody has agreed; say what is on record instead',
            )


def unsupported_product_claims(sentence: str, support: Support) -> Iterator[Finding]:
    """Yield a finding where a sentence says what the product can do and no statement of the evidence does."""
    if is_question(sentence) or support.statements_like(frozenset(stems(sentence)), _CARRIED_SHARE):
        return
    for clause in clauses(without_quotes(sentence, support.lowered)):
        found = _ABOUT_PRODUCT.search(clause)
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


def _is_excused(match: re.Match[str], clause: str, support: Support) -> bool:
    """Tell whether it is denied, given back as the customer's wish, harmless, or already done."""
    verb = match.groupdict().get("verb")
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
    if verb == "take":
        return "as" in after or "seriously" in after
    if verb in {"have", "do"}:
        return not after or after[0] in {"to", "more", "less", "my", "well", "no"}
    if verb in {"talk", "speak"}:
        return not after or after[0] not in {"to", "with"} or after[1:2] == ["you"]
    if verb in {"ask", "tell"}:
        return after[:1] == ["you"]
    return verb == "let" and (after[:2] == ["you", "go"] or "decide" in after)


def _is_carried(sentence: str, support: Support) -> bool:
    """Tell whether the record holds a promise about most of what this sentence speaks of."""
    topic = frozenset(stems(sentence)) - _PROMISE_WORDS
    like = support.statements_like(topic, _CARRIED_SHARE)
    return any(_CARRIES.search(text) and not _CLAIMED.search(text) for text in like)
