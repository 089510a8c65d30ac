"""What English promises look like. Data only; each pattern is compiled when the first sentence is held against it."""

from __future__ import annotations

import re
from typing import Final

from fleet_runtime.guarding.reading import OURS
from fleet_runtime.patterns import pattern

_ADVERBS = (
    r"(?:(?:\w+ly|also|then|now|just|soon|even|of\s+course|always|please|happy\s+to|glad\s+to"
    r"|do\s+(?:my|our)\s+best\s+to|try\s+to)\s+)*"
)
_DELIVER = (
    r"(?P<verb>build|ship|release|add|deliver|fix|repair|resolve|solve|implement|launch|develop|create"
    r"|introduce|include"
    r"|enable|waive|refund|discount|reduce|lower|cut|credit|compensate|extend|upgrade|migrate|provide|give|send|share"
    r"|e-?mail|call|schedule|arrange|organi[sz]e|book|set\s+up|prepare|draft|get|make\s+sure|ensure|see\s+to"
    r"|guarantee"
    r"|sign|approve|accept|grant|offer|match|hold|freeze|prioriti[sz]e|escalate|forward|pass|hand|raise|flag|note|log"
    r"|record|contact|reach\s+out|follow\s+up|speak|talk|communicate|coordinate|work\s+(?:with|on|out)|look\s+into"
    r"|investigate|check|review|update|inform|notify|remind|bring|take|put|handle|assign|connect|loop|train"
    r"|onboard|deploy"
    r"|roll\s+out|cover|pay|cancel|remove|change|adjust|tell|ask|find\s+out|let|come\s+back|return|expedite"
    r"|push|connect"
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
    r"(?:check\s+(?:with|on)|get\s+(?:back|this|that|it)|talk\s+to|speak\s+(?:to|with)|escalate|forward|pass"
    r"|send|schedule|book"
    r"|arrange|look\s+into|investigate|fix|contact|reach\s+out|connect\s+you|loop|follow\s+up|see\s+what\s+(?:I"
    r"|we)\s+can)\b"
)
_READY = (
    r"(?:delivered|shipped|released|available|fixed|resolved|ready|live|added|waived|refunded|credited|reduced"
    r"|lowered"
    r"|built|implemented|rolled\s+out|sent|scheduled|completed|solved|included|supported|addressed|handled"
    r"|taken\s+care"
    r"|in\s+(?:your|the)\s+(?:inbox|hands|next)|done|back|working|restored|approved|covered|free|with\s+you)"
)
_TERMS = (
    r"(?:discount|off\b|%|percent|price|prices|rate|free|months?|credit|refund|deal|terms?|exception|seats"
    r"|licen[cs]es"
    r"|feature|integration|connector|extension|upgrade|compensation|clause)"
)


PROMISES: Final = tuple(
    pattern(source, re.IGNORECASE)
    for source in (
        rf"\b(?:I|we|{OURS}){_WILL}{_ADVERBS}(?:be\s+(?:able|happy|glad)\s+to\s+)?(?P<verb>[a-z]+)\b",
        rf"\b{_THINGS}{_WILL}{_ADVERBS}(?:be\s+able\s+to\s+)?{_DELIVER}",
        rf"\b(?:I|we|{OURS}){_WILL}{_ADVERBS}be\s+{_ADVERBS}(?P<being>{_READY}|[a-z]+ing|in\s+touch|the\s+one)\b",
        rf"\b(?:let\s+(?:me|us)|allow\s+me\s+to)\s+{_ADVERBS}{_LOOKING_INTO}",
        (
            r"\byou(?:\s+will|['\u2019]ll|\s+are\s+going\s+to|['\u2019]re\s+going\s+to)\s+(?:\w+ly\s+"
            r"|soon\s+|then\s+|also\s+)*"
            r"(?:get|receive|have|be\s+able|hear\s+(?:back\s+)?from|pay|save|be\s+(?:credited|refunded"
            r"|charged|contacted|compensated))\b"
        ),
        r"\byou\s+should\s+(?:soon\s+|then\s+|now\s+)?(?:see|have|be\s+able|get|receive|notice)\b",
        r"\bwithin\s+(?:the\s+|an?\s+|\w+\s+)?(?:minutes?|hours?|days?|weeks?)\b",
        rf"\bwill\s+be\s+{_ADVERBS}{_READY}\b",
        (
            r"\bwill\s+(?:\w+ly\s+)?(?:ship|launch|land|go\s+live|roll\s+out|come\s+(?:out|with)|arrive|be\s+(?:part\s+of|in)\s+the"
            r"\s+next)\b|\b(?:the\s+next\s+(?:one|version|release|update)|it|they)\s+(?:follows?|comes?|ships?|arrives?)"
            r"\s+(?:at|in|on|by|with\s+the\s+next)\b"
        ),
        r"\bon\s+(?:the|our|its|their)\s+(?:\w+\s+)?roadmap\b|\broadmap\s+(?:includes|has|shows|for)\b",
        (
            r"\bin\s+(?:the|our)\s+(?:very\s+)?(?:next|upcoming|coming)\s+(?:\w+\s+)?(?:release|version|update"
            r"|sprint)\b"
        ),
        (
            r"\b(?:coming\s+soon|in\s+development|in\s+the\s+works|in\s+the\s+pipeline|due\s+to\s+(?:ship"
            r"|launch|be\s+released))\b"
        ),
        (
            r"\bplan(?:s|ned|ning)?\s+(?:to\s+)?(?:be\s+)?(?:build|built|ship|shipped|release|released|add"
            r"|added|launch|launched)\b"
        ),
        (
            r"\bguarantee[sd]?\b|\b(?:I|we)\s+(?:can\s+)?(?:promise|assure)\b|\brest\s+assured\b"
            r"|\byou\s+have\s+my\s+word\b"
            r"|\bcount\s+on\s+(?:me|us|it)\b|\b(?:I|we)(?:\s+am|\s+are|['\u2019]m"
            r"|['\u2019]re)?\s+commit(?:ted|ting)?\s+to\b"
        ),
        (
            r"\b(?:I|we)\s*(?:can|could|may|['\u2019]d|would|am|are|['\u2019]m|['\u2019]re)\s+"
            r"(?:(?:also|certainly|definitely|easily|of\s+course|even|probably|gladly|able\s+to|happy\s+to"
            r"|glad\s+to"
            r"|willing\s+to|prepared\s+to|like\s+to|be\s+\w+\s+to|absolutely|surely)\s+)*"
            r"(?:offer|waive|refund|discount|grant|approve|match|lower|reduce|credit|sign|build|ship"
            r"|release|compensate|cut)\b"
        ),
        r"\b(?:I|we)\s+(?:can|could)\s+(?:\w+ly\s+|also\s+)*(?:have|get)\s+you\s+(?:\w+\s+)?(?:live|up|running|ready|started)\b",
        r"\b(?P<even_denied>costs?\s+(?:you\s+)?nothing)\b|\brenews?\s+(?:itself\s+)?automatically\b|\b(?:is|are)\s+included\s+in\s+your\b",
        (
            r"\b(?:I|we)\s+(?:can|could)\s+(?:\w+ly\s+|also\s+)*(?:add|do|make|arrange|provide|build|include"
            r"|deliver|fix)\s+(?:that|this|it)\b"
        ),
        (
            rf"\b(?:I|we)\s+(?:can|could|may|would|are\s+able\s+to|am\s+able\s+to|are\s+happy\s+to"
            rf"|am\s+happy\s+to)\s+{_ADVERBS}"
            rf"(?:give|do|provide|add|apply|extend|make|include|arrange|throw)\b[^.;:]*?\b{_TERMS}"
        ),
        (
            r"\bfree\s+of\s+charge\b|\b(?:a|one)\s+(?:single\s+)?(?:cent|penny|dime)\b|\bgoodwill\b"
            r"|\b(?:eligible|qualify|qualifies)\s+for\b|\bno[\s-]cost\b|\bwaiv(?:ed|ing)\b"
            r"|\bat\s+no\s+(?:extra\s+|additional\s+)?(?:cost|charge)\b|\bfor\s+free\b|\bon\s+the\s+house\b"
            r"|\bcomplimentary\b|\bdiscount\s+of\b|\bspecial\s+(?:price|rate|offer|discount)\b|\bdiscounted\b"
            r"|\bno\s+(?:extra|additional)\s+(?:cost|charge)\b"
        ),
        (
            r"\b(?:knock|shave|take|slash|trim|get|bring|come|drop)\b[^.;:]*?\b(?:off|down)\b[^.;:]*?\b(?:price|fees?|bill|costs?|rates?"
            r"|invoice)\b|\b(?:price|fees?|bill|costs?|rates?|charges?)\b[^.;:]*?\b(?:gone|waived|dropped|forgotten|scrapped|halved"
            r"|(?:come|brought)\s+down)\b|(?:\b(?:is|are|be)|['\u2019]s)\s+on\s+(?:us|me|our\s+side)\b(?!\s+to)|\bour\s+treat\b"
            r"|\bthrow\s+in\b|\b(?:swallow|absorb|eat)\s+the\s+cost|\bsweeten\b"
        ),
        (
            r"(?P<even_denied>(?:won['\u2019]t|will\s+(?:not|never))\s+happen\s+again|(?:won['\u2019]t|will\s+not|do(?:es)?n['\u2019]t)\s+(?:cost\s+(?:you|your)|charge\s+you|bill\s+you|be\s+(?:charged|billed"
            r"|invoiced)|have\s+to\s+pay))"
        ),
        r"\b(?:around\s+the\s+corner|on\s+the\s+horizon|on\s+(?:its|their)\s+way|stay\s+tuned|sit\s+tight)\b",
        (
            r"\b(?:cancel|terminate|leave|exit|reduce|downgrade|opt\s+out|walk\s+away|let\s+you\s+out"
            r"|step\s+out)\b[^.;:]*?\b(?:at\s+any\s+time|any\s*time|without\s+(?:a\s+|any\s+)?"
            r"(?:penalt\w+|notice|fees?|charge|cost)|penalty[\s-]free|whenever\s+you\s+(?:like|want)"
            r"|early)\b|\blet\s+you\s+out\b|\bno\s+strings\s+attached\b"
            r"|\b(?:uptime|availability)\s+(?:of|guarantee|sla)\b|\bprices?\s+(?:will\s+)?(?:stays?"
            r"|remains?|is\s+frozen|(?:is|are)\s+locked)\b|\block(?:ed)?\s+in\b[^.;:]*\b(?:price|rate)"
            r"|\b(?:fully|100\s*%)\s+(?:\w+[\s-]+)?complian\w+|\bround[\s-]the[\s-]clock\b"
            r"|\baround\s+the\s+clock\b|\b24/7\b|\bmoney[\s-]back\b"
        ),
        (
            r"\b(?:ships|launches|lands|goes\s+live|rolls\s+out|comes\s+out|arrives|debuts)\s+(?:in|on|by|this"
            r"|next|with\s+(?:the|our)\s+(?:next|new|coming)|before|later|soon|tomorrow|tonight|within)\b"
        ),
        (
            r"\b(?:we|they|engineering|the\s+team)\s+(?:aim|plan|intend|expect|hope)s?\s+to\s+(?:have|ship"
            r"|release|deliver|fix|launch|build|add|roll|finish|resolve|get|send|provide|offer)\b"
        ),
        (
            r"\byou\s+can\s+(?:expect|count\s+on|rely\s+on|look\s+forward\s+to)\b|\b(?:should"
            r"|ought\s+to)\s+be\s+(?:\w+\s+)?(?:fixed|ready|resolved|done|live|available|sorted|back|complete\w*)\b"
        ),
        (
            r"\b(?:an?|one\s+of\s+our|our)\s+(?:technician|specialist|expert|engineer|colleague)s?\s+(?:calls?|rings?|visits?|comes?|writes?)\s+you\b"
            r"|\b(?:nearly|almost|all\s+but)\s+(?:ready|finished|done|there)\b|\babout\s+to\s+(?:be\s+)?(?:ship"
            r"|launch|released?|go\s+live)\w*|\bearly\s+access\b|\b(?:version|release"
            r"|v)\s*\d[\w.]*\s+(?:will\s+)?(?:fix|solve|bring|include|add)\w*"
        ),
        (
            r"\bconsider\s+(?:it|this|that)\s+\w+\b|\bleave\s+(?:it|this|that)\s+(?:with|to)\s+(?:me|us)\b"
            r"|\b(?:I|we)(?:\s+am|\s+are|['\u2019]m|['\u2019]re)\s+on\s+it\b"
        ),
        r"\bexpect\s+(?:it|this|that|them|a|an|the)\b[^.;:]*?\b(?:by|within|next|soon|shortly|tomorrow|in)\b",
        r"\b(?:entitled\s+to|get\s+your\s+money\s+back|accept\s+(?:full\s+)?liability|is\s+legally\s+binding)\b",
    )
)
"""Patterns of promises within one clause."""


AGREEMENTS: Final = tuple(
    pattern(source, re.IGNORECASE)
    for source in (
        (
            r"\b(?:yes|sure|absolutely|of\s+course|certainly|definitely)[,.!]?\s+(?:we|I|that|it|this)\s+(?:can"
            r"|will|could|is\s+(?:possible|coming|included))\b"
        ),
        (
            r"\b(?:yes|sure|ok(?:ay)?|deal|agreed|fine|absolutely|done)\b[,.!]?\s[^.;:?]*?(?:%|percent"
            r"|[$\u20ac\u00a3]|discount)"
            r"[^.;:?]*?\b(?:it\s+is|off|then|done|agreed|works)\b"
        ),
    )
)
"""Patterns of agreements that a whole sentence makes."""


ABOUT_PRODUCT: Final = pattern(
    r"\b(?:the|our)\s+(?:tool|product|software|platform|app|system|service|solution)\s+(?:\w+ly\s+|also\s+"
    r"|already\s+)*"
    r"(?:can|supports?|includes?|offers?|integrates?|works?\s+with|comes\s+with|has\s+an?\b|allows?|lets"
    r"|provides?|is\s+able)\b"
    r"|\byou\s+can\s+(?:already\s+|now\s+|simply\s+|easily\s+|also\s+)*(?:export|import|connect|integrate"
    r"|sync|configure|enable|automate|download|customi[sz]e)\b",
    re.IGNORECASE,
)
"""What is said that the product can do."""
