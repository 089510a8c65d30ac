"""The words by which the terms of an account are spoken of: one relation per key (see `relations`)."""

from __future__ import annotations

import re
from functools import cache

from fleet_runtime.learning.reading.passages import CLOSE, OPEN
from fleet_runtime.learning.reading.relations import Relation

_CONTRACT = (
    r"(?:contracts?|subscriptions?|agreements?|licen[cs]e\s+(?:term|period|agreement)|order\s+form|deal|paper(?:work)?|"
    r"msa|term|commitment|coverage|licen[cs]es?)"
)
_TO_AN_END = (
    r"(?:ends?|ended|ending|runs?|running|ran|lapses?|lasts?|lasting|through|thru|until|till|up|over|terminat\w+|"
    r"extend\w*|"
    r"valid|good|goes|carries|expir\w+|anniversary|end\s+date|stretch\w*|reach\w*|finish\w*|close[sd]?|conclude[sd]?|"
    r"wraps?|comes?\s+to\s+an\s+"
    r"end|end-?date|live\s+(?:to|until)|matures?|rolls?\s+over|rolled|covers?|takes?\s+(?:us|them)|due|date)"
)
_RENEWAL = (
    rf"\b(?:(?:auto-?)?re-?new\w*|expir\w+|re-?sign(?:s|ing)\s+date|contract[\s-]end|end[\s-]date|"
    rf"{_CONTRACT}\b[^.;!?{OPEN}]{{0,45}}?\b{_TO_AN_END}|anniversary(?:\s+date)?|(?:contract|subscription|agreement)'s\s+up|comes?\s+off\s+contract|co-?term\w*|term\s+end\w*|"
    rf"end\s+of\s+(?:the\s+|their\s+|our\s+|its\s+)?(?:current\s+)?{_CONTRACT}|"
    r"(?:locked|tied|signed|committed|booked|covered|contracted|paid\s+up|good|with\s+us|on\s+board|staying|extended|"
    r"prolonged|re-?upped|bound|secured|safe)\s+(?:in\s+|on\s+|up\s+|us\s+|them\s+|with\s+us\s+|for\s+\w+\s+)*"
    r"(?:until|through|till|up\s+to|thru)|(?:current|present|existing|new)\s+term|drop-?dead\s+date)\b"
)
_MEETS = (
    r"(?:call|meeting|conversation|discuss\w*|talk\w*|chat\w*|prep\w*|deck|quote\w*|proposal|workshop|review\w*|"
    r"paperwork|"
    r"pricing|offer\w*|forecast\w*|process|question|kick-?off|session|demo|email\w*|wrote|spoke|met|meet|sent|send\w*|"
    r"reminder|remind\w*|notice|decide\w*|decision|playbook|strategy|planning|task|budget\w*|invoice\w*|pay\w*|"
    r"training|"
    r"visit\w*|agenda|qbr|ebr|webinar|sync|slides|checklist|dinner|lunch|survey|webinar|respond|answer|outreach|huddle|"
    r"opportunity|go-?live|launch|presentation|report\w*|onboard\w*|hiring|freeze|holiday|leave)"
)
_SEATS = (
    r"(?:seats?|licen[cs]es?|user\s+licen[cs]es?|named\s+users?|user\s+accounts?|paid\s+users?|licensed\s+users?|"
    r"entitlements?|user\s+slots?|paid\s+accounts?|places|contracted\s+users?|(?:user|headcount)\s+(?:tier|band|"
    r"limit|cap))"
)
_SEAT_KINDS = (
    r"(?:paid|user|named|full|active|contracted|licen[cs]ed|billable|purchased|total|committed|platform|editor|"
    r"standard|"
    r"concurrent|production|individual|enterprise|pro)"
)
_SEAT_MATTER = (
    rf"\b(?:(?<!which\s)(?<!that\s)(?<!room\s){_SEATS}(?:\s+(?:count|number|total|figure|volume|pool|allocation|"
    r"tally|level))?|seat-?count|"
    r"(?:licen[cs]e|user|seat)\s+(?:count|numbers?|total|volume|pool|allocation|quantity|block|allotment)|"
    r"(?:contract(?:ed)?|licensed|signed|pay(?:s|ing)?|subscri\w+|entitled|provisioned|committed|order(?:ed)?)\s+"
    r"(?:\w+\s+){0,3}?(?:for|covers?|to|is\s+for|at|includes?))\b"
    rf"|\b(?:order\s+form|contract|subscription|order)\b[^.;{OPEN}]{{0,25}}?(?={OPEN}n\d+{CLOSE}\s+(?:logins?|users|accounts|people)\b)"
)
_NO_SEATS = (
    r"(?:used|using|log(?:ged|s)?\s+(?:in|on)|active|occupied|filled|assigned|idle|unused|inactive|attend\w*|register\w*|people|"
    r"tickets?|"
    r"train\w*|webinar|price|cost|discount|per\s+seat|a\s+seat|quote\w*|trial|waiting|room|venue|table|theatre|"
    r"conference|event|flight|dinner|min(?:imum)?|each)"
)
_COUNT_ENDS = (
    rf"^(?:\s*(?:$|[,.;:)\]!\u2014\u2013(]|-|\s-|(?:{_SEAT_KINDS}\s+)*{_SEATS}\b(?!\s+(?:more|extra|additional|left|"
    r"free|"
    r"unused|empty|spare|fewer|short|in\s+use))|and\b|from\b|as\b|in\b|on\b|since\b|effective\b|for\b|instead\b|"
    r"rather\b|"
    r"not\b|after\b|starting\b|now\b|today\b|this\b|total\b|overall\b|all\b|is\b|was\b|has\b|at\b|with\b|but\b|"
    r"because\b|"
    r"right\b|it\b|going\b|until\b|when\b|so\b|by\b|under\b|across\b|these\b|users?\b|people\b|employees\b|heads\b|logins?\b|accounts?\b|of\s+(?:them|those)\b|we\b|they\b|"
    r"the\b|that\b|which\b|named\b|per\b"
    r"(?!\s+(?:seat|user|month))|\"|'))"
)
_YEARLY = (
    r"(?:a|per|each|every)\s+(?:year|annum|yr|12\s+months)|/\s?(?:year|yr|y|annum)\b|p\.?\s?a\b|annual\w*|year(?:ly|"
    r"-on)"
)
_ARR = (
    rf"(?:\b(?:arr|acv|annual(?:i[sz]ed)?\s+(?:contract\s+|recurring\s+|subscription\s+)?(?:value|revenue|spend|fee|"
    r"figure|run[\s-]rate|amount|bill|contract|payment|subscription|commitment|total)|contract\s+value|recurring\s+"
    r"(?:revenue|fee|spend)|yearly\s+(?:fee|spend|value|contract|bill|revenue|figure|payment|amount)|run[\s-]rate|"
    r"annuali[sz]ed|value\s+of\s+the\s+(?:account|contract|deal)|(?:account|contract|deal|subscription|customer|"
    r"they(?:'re|"
    r"\s+are)?|we(?:'re|\s+are)?|logo)\s+(?:is\s+|are\s+|now\s+|currently\s+)*(?:worth|valued)|annually|yearly|"
    rf"book\s+of\s+business)\b|\b(?:{_YEARLY}))"
)
_NO_ARR = (
    r"(?:month(?:ly)?|quarter(?:ly)?|one-?off|discount|savings?|saved|saves|budget|overdue|outstanding|penalt\w+|"
    r"fine[sd]?|"
    r"services?|training|consult\w*|travel|credit|refund|invoice\w*|implementation|bonus|salary|turnover|profit|raised|"
    r"funding|per\s+(?:seat|user)|each\s+(?:seat|user)|a\s+seat|setup|set-up|price\s+(?:list|tag)|quoted?|cost(?:s|"
    r"ing)?\s+"
    r"(?:them|us)\s+in|donat\w+|charity|headcount|hires?)"
)
_HEALTH = (
    r"\b(?:health(?:[\s-](?:score|index|rating|number|check\s+score|grade|metric|meter))?|healthscore|"
    r"(?:account|customer|cs|gainsight)\s+(?:health|score)|scorecard|score)\b"
)
_SCORE_ENDS = (
    r"^\s*(?:$|[,.;:)\]!\u2014\u2013(]|-|\s-|/\s?100|(?:out\s+)?of\s+(?:a\s+)?(?:possible\s+)?(?:100|⟦)|"
    r"points?\b(?!\s+(?:up|down|"
    r"higher|lower|more|less|better|worse))|on\b|and\b|from\b|as\b|in\b|since\b|for\b|after\b|now\b|today\b|this\b|"
    r"at\b|"
    r"is\b|was\b|has\b|with\b|but\b|because\b|right\b|when\b|so\b|by\b|following\b|per\b|according\b|these\b|instead\b|"
    r"not\b|rather\b|thanks\b|due\b|if\b|which\b|that\b|the\b|over\b|amber\b|green\b|red\b|yellow\b|health\b|"
    r"overall\b|\"|')"
)


def _words(text: str) -> re.Pattern[str]:
    """Compile words; letter case never matters."""
    return re.compile(text, re.IGNORECASE)


@cache
def relations() -> tuple[Relation, ...]:
    """Return the relations; compiled when first used, not at import."""
    return (
        Relation(
            "renewal_date",
            "date",
            _words(_RENEWAL + rf"(?![\s-]+(?:\w+\s+)?{_MEETS}\b)"),
            between=_words(rf"\b{_MEETS}\b|\bstart(?:s|ed)?\b|\bsigned\s+on\b"),
            never=_words(rf"\b{_MEETS}\s+(?:\w+\s+){{0,5}}?(?:on|for|at|is|this)\s+{OPEN}d\d+{CLOSE}"),
        ),
        Relation(
            "seats",
            "count",
            _words(_SEAT_MATTER),
            between=_words(rf"\b{_NO_SEATS}\b"),
            never=_words(
                r"\b(?:seats?|licen[cs]es?|users?)\s+(?:are\s+|were\s+)?(?:still\s+)?(?:unused|idle|empty|unassigned|"
                r"inactive)\b|\b(?:canteen|venue|room|table|theatre|restaurant|webinar|course|bus|plane|flight|hall|"
                r"auditorium|stadium|conference|concert|cinema)\b"
            ),
            after=_words(_COUNT_ENDS),
        ),
        Relation(
            "arr",
            "money",
            _words(_ARR),
            between=_words(rf"\b(?!invoices?,\s)(?!invoice\b[^.;]*\bours\b){_NO_ARR}\b"),
            never=_words(
                r"\b(?:annual|yearly)\s+report|turnover|\bseries\s+[a-e]\b|"
                r"(?<!recurring\s)\brevenue\b(?!\s+to\s+us)(?!.*\barr\b)"
            ),
        ),
        Relation(
            "health_score",
            "count",
            _words(_HEALTH),
            between=_words(
                r"\b(?:nps|csat|ces|survey|tickets?|users?|seats?|credit|test|exam|lighthouse|quality|security)\b"
            ),
            never=_words(r"\b(?:nps|csat|net\s+promoter|credit\s+score|security\s+score)\b"),
            after=_words(_SCORE_ENDS),
            highest=100,
        ),
    )
