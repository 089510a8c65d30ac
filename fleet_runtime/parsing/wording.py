"""The wordings by which a boundary hands work to somebody, as patterns. Decides nothing; `owners` weighs them.

They are plain strings, compiled when first used: who imports the package need not pay for them.
"""

from __future__ import annotations

from typing import Final

ARTICLE: Final = r"(?:(?:the|a|an|our|your)\s+)?"
POSSESSIVE: Final = r"(?:['\u2019]s?)"
LANE: Final = (
    r"(?:own\s+|sole\s+)?(?:lanes?|jobs?|calls?|remit|desk|work|domains?|territory|responsibility|decisions?|queue|seat"
    r"|mandate|craft|business|side)\b"
)
GROUND: Final = r"(?:territory|turf|work)\b"
VERB: Final = (
    r"(?:(?:alone|only|always)\s+)?(?:owns?|handles?|decides?|does|do|runs?|sets?|writes?|keeps?|takes?|leads?|approves?"
    r"|closes?|resolves?|makes?|holds?|carries|carry|drafts?|signs?|manages?|answers?|picks?|covers?|builds?|merges?"
    r"|dispatch(?:es)?|assigns?)\b"
)
IT: Final = r"(?:it|that|this|them|these|those|so|alone|only|all\s+of\s+(?:it|that|them))\b"
FOLLOW: Final = (
    r"(?:[.,;:!?)\]/+&\u2014\u2013-](?!\w)|$|(?:and|or|OR|nor|who|which|while|when|where|with|for|once|after|before|as"
    r"|if|by|in|on|at|to|from|via|through|unless|until|then|the|is|are|has|have|roles?|agent|seat|alone|only|too"
    r"|instead)\b)"
)
"""What may stand behind a name; any other word would make the name part of a longer noun."""

BELONG: Final = (
    r"belongs?\b[^.;\u2014]{0,60}?\bto\s+|(?:stays?|lies?|rests?)\s+with\s+|reserved\s+for\s+|\bowners?\s*:\s*"
)
SEND: Final = r"\bto\s+|\bby\s+|\bcomes?\s+from\s+"
JOIN: Final = r"(?:,\s*(?:and|or)\b|,|/|\+|&|and\b|or\b|OR\b|nor\b)"

BELONGING: Final = rf"(?:{BELONG}){ARTICLE}$|\b(?:owned|handled|decided|kept|led|run|set|made|approved)\s+by\s+the\s+$"
SENDING: Final = rf"(?:{SEND}){ARTICLE}$"
OPENING: Final = rf"^[\s,;:.]*{ARTICLE}$"
THE: Final = r"\bthe\s+$"
BESIDE: Final = (
    r"\b(?:with|(?<!come\s)(?<!comes\s)from|like|alongside|beside|ask|asks|tell|tells|consults?|after|before|until|unless"
    rf"|not)\s+{ARTICLE}$"
)
STAYING: Final = rf"\b(?:stays?|lies?|rests?)\s+with\s+{ARTICLE}$"
OWNED: Final = rf"{POSSESSIVE}\s+{LANE}"
POSSESSED: Final = POSSESSIVE
ACTING: Final = rf"\s+(?:{VERB}|{GROUND})"
TAKING_OVER: Final = rf"\s+(?:(?:alone|only|always)\s+)?(?:owns?|decides?|approves?|answers?\s+for)\s+{IT}"
"""What must stand behind a word that is no job ("the board owns that"): any thing may do, hold or keep something."""

DECLINING: Final = rf"\s+(?:{VERB}|is|are|has|have)\s+(?:not|never|no|nothing|none|nobody)\b"
WITHIN: Final = (
    r"\b(?:in|inside|within|of|on|at|for|near|behind|beyond|under|over|above|below|between|around|across|during)\s+"
    rf"{ARTICLE}$"
)
"""What makes the word behind it a place or a part ("the clock in the tower does"), and no subject."""

FROM: Final = rf"\bfrom\s+{ARTICLE}$"
GETTING: Final = (
    r"\s*(?!it\b|this\b)(?:(?!(?:no|not|never|nobody|none|\w+n['\u2019]t)\b)[\w'\u2019]+\s+){1,8}?"
    rf"(?:gets?|receives?|obtains?)\s+(?!no\b|nothing\b|none\b|its\b)[^.;:,\u2014\u2013]*?{FROM}"
)
"""A clause that sends somebody to a role ("couples get their appointment from the X"); not the role's own needs."""

CLAUSE_SIGNS: Final = ".;:,\u2014\u2013"
ENDING: Final = rf"{POSSESSIVE}|\s*{FOLLOW}|\s+{VERB}|\s+{GROUND}"
ROLE: Final = r"\s+(?:roles?|agent|seat)\b"

JOINED: Final = rf"{POSSESSIVE}?\s*{JOIN}\s*(?:to\s+|by\s+)?{ARTICLE}"
JOINED_LAST: Final = rf"{POSSESSIVE}?,?\s*(?:and|or|OR|nor)\s+(?:to\s+|by\s+)?{ARTICLE}"
JOINS_ON: Final = rf"\s*{JOIN}"
JOINS_COMPOUND: Final = rf"\s*{JOIN}\s*(?:the\s+)?[a-z0-9]+-[a-z0-9-]+"
LIST_END: Final = rf"{POSSESSIVE}?(?:\s*(?:[.;,]|$)|\s+roles?\b)"

JOB: Final = (
    r"(?:agent|manager|lead|executive|rep|counsel|analyst|designer|researcher|writer|strategist|specialist|planner"
    r"|recruiter|assistant|scheduler|scientist|producer|editor|gate|review|reviewer|tester|officer|engineer|architect"
    r"|director|checker|staff|coordinator|marketer|generalist|trainer|controller|reliability)$"
)
"""The last part of most classes' names; it tells ``support-agent`` from ``read-only``."""

WORKER: Final = rf"c[a-z]o|sdr|csm|operator|orchestrator|enhancer|dispatcher|keeper|clerk|curator|\w*{JOB}"
"""Single words that are a job, so that "the X does" hands it the work; "the tower does" hands over nothing."""

GENERAL: Final = (
    r"agent|manager|lead|executive|rep|analyst|assistant|officer|engineer|director|staff|gate|review|reviewer"
)
"""Jobs that are no class when they stand alone and unmarked."""

NO_CLASS: Final = (
    r"nobody|none|no|one|who|whom|whoever|someone|somebody|anyone|anybody|everyone|everybody|others?|another|leadership"
    r"|management|teams?|humans?|people|persons?|them|it|its|their|those|these|that|this|same|right|customers?|client"
    r"|company|business|principal|user|account|owner|author|whole|rest|next|each|every|either|both|what|whichever|top"
    r"|itself|the|an?|and|or|nor|to|by|with|for|from|of|in|on|at|as|if|is|are|be|not|only|also|then|but|so|hand|default"
    r"|law|mail|phone|which|when|where|why|how|here|there|such|he|she|we|you|they|any|some|all|several|most"
    r"|relevant|proper|responsible|appropriate|correct|matching|respective|different|suitable"
)
"""Words that grammar may put where an owner stands, and that name no role."""

SPOKEN: Final = rf"(?:{BELONG}|{SEND}){ARTICLE}(?P<name>[A-Za-z]+(?:\s[A-Za-z]+){{1,2}})(?={POSSESSIVE}|\s*{FOLLOW})"
PART_OF_JOB: Final = ("customer", "account", "business")

WORD: Final = r"(?<![\w-])[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*(?![\w-])"
CHIEF: Final = r"C[A-Z]O"
IN_PARENTHESES: Final = r"\(([a-z][a-z0-9]*(?:-[a-z0-9]+)*)\)"
FILLING: Final = ("the", "a", "an", "role", "lane", "job", "call")


def domain_patterns(domain: str) -> list[str]:
    """Return the wordings that hand work to a domain; domains that are everyday words get fewer."""
    patterns = [rf"\b{domain}\s+(?:roles?|teams?|side|department|people|organi[sz]ation|group|function)\b"]
    if domain != "customer":
        patterns.append(rf"(?<!the\s)\b{domain}{POSSESSIVE}\s+{LANE}")
        patterns.append(rf"(?:{BELONG}|{SEND}){domain}(?=\s*{FOLLOW})")
    if domain in ("sales", "marketing", "engineering", "operations"):
        patterns.append(rf"(?:^|[.;,\u2014]\s*){domain}\s+{VERB}")
    return patterns
