"""The ways in which any matter is said to be something: "the MATTER is V", "V is the MATTER", "put down as MATTER".

Knows no matter: the tables of `wordings` give the expression of theirs and of its value, and get forms. So a way of
saying that was learned for one matter serves them all.
"""

from __future__ import annotations

from fleet_runtime.learning.reading.passages import OPEN

ASIDE = (
    r"(?:um+|uh+|erm?|hm+|okay|ok|right|well|you\s+know|i\s+mean|i'd|i\s+would|i\s+think|i\s+guess|honestly|frankly|"
    r"actually|mind\s+you|to\s+be\s+(?:fair|honest|clear)|yes|yeah|no|nope|full\s+stop|period|by\s+the\s+way|btw|"
    r"apparently|obviously|clearly|basically|simply|that's|that\s+is|this\s+is|it's|source|says|said|told|i've|i'm|"
    r"i)"
)
"""Words that open what is said beside a statement, after a comma: "the plan's Summit, right, so …"."""

_ANY = r"(?:[^.;:!?]|\b[Nn]o\.\s?)"
_SOFT = (
    r"(?:\s+(?:now|currently|still|actually|definitely|officially|today|at\s+present|at\s+the\s+moment|"
    rf"clearly|these\s+days|again|as\s+follows|henceforth|indeed|basically|(?:as\s+of|since|from)\s+{OPEN}d[^ ]+)"
    r",?)*"
)
_IS = (
    r"(?:'s(?:\s+been)?|\s+(?:is|are|was|were|remains?|remained|has\s+been|have\s+been|becomes?|became|reads|"
    r"stays|stands\s+(?:at|as)|stood\s+(?:at|as)|(?:is|was|been|are|got|gets)?\s*(?:changed|updated|set|switched|moved|"
    r"amended|reset|revised|fixed|confirmed|agreed|settled|recorded|logged|noted|listed|registered|put\s+down|down|"
    r"given|stated|defined|described|entered|named|summed\s+up|tracked)\s+(?:to\s+be|to|as|at|on)))"
)
_THE = r"(?:the|our|their|its|his|her|an?|this\s+\w+'s|what|one)"
_RECORD = (
    r"(?:ha(?:ve|s|d)|'ve|got|put|puts|log(?:s|ged)?|note[sd]?|record(?:s|ed)?|list(?:s|ed)?|track(?:s|ed)?|"
    r"mark(?:s|ed)?|enter(?:s|ed)?|file[sd]?|name[sd]?|g[ia]ve[ns]?|cite[sd]?|state[sd]?|register(?:s|ed)?|keep|kept|"
    r"show(?:s|ed)?|treat(?:s|ed)?|see[sn]?|regard(?:s|ed)?|count(?:s|ed)?|flag(?:s|ged)?|identif(?:y|ies|ied)|"
    r"confirm(?:s|ed)?|set|quote[sd]?)"
)


def said_to_be(matter: str, value: str, end: str = "", to: str = "", near: int = 70) -> tuple[str, ...]:
    """Return the forms in which a matter is said to be a value.

    Args:
        matter: The expression of the matter's noun.
        value: The expression of its value, with the group ``v``.
        end: What must follow the value where it stands last.
        to: What may stand right before the value: "to " before an infinitive, "in " before a place.
        near: How many characters may stand between the matter and the verb.
    """
    it = (
        r"(?:it's|it\s+is|it\s+was|that's|that\s+is|that\s+would\s+be|they're|they\s+are|we're|we\s+are|it\s+reads|"
        r"it\s+says|is|it\s+has\s+to\s+be)"
    )
    return (
        (
            rf"(?<!\w){matter}\b(?:[^.;:!?]|\b[Nn]o\.|:\s(?=\w+\s*:)){{0,{near}}}?\s*(?:[:=]|->|=>|\u2192|\u2014|\u2013|\s-\s)\s*"
            rf"[\"'\u201c]?(?:now\s+)?{to}{value}{end}"
        ),
        rf"(?<!\w){matter}(?![\w-]){_ANY}{{0,{near}}}?{_IS}{_SOFT}\s+[\"'\u201c]?{to}{value}{end}",
        rf"(?<!\w){matter}-?wise\b{_ANY}{{0,40}}?(?:'s|'re|\s+is|\s+are)(?:\s+at|\s+on|\s+in)?{_SOFT}\s+{to}{value}{end}",
        (
            rf"\b(?:as\s+for|as\s+to|on|regarding|about|concerning|re|in\s+terms\s+of)\s+(?:the\s+|their\s+|our\s+|where\s+)?"
            rf"{matter}\b{_ANY}{{0,60}}?,\s+{it}(?:\s+(?:at|on|in|for))?{_SOFT}\s+{to}{value}{end}"
        ),
        rf"(?<!\w){matter}\b[^.;!]{{0,60}}?[?.]\s+(?:(?:well|so|yes|right|now|answer),?\s+)?{it}{_SOFT}\s+{to}{value}{end}",
        rf"(?<!\w){matter}\b[^.;!]{{0,60}}?\?\s+(?:to\s+)?{value}{end}",
    )


def said_of(matter: str, value: str, lead: str = "") -> tuple[str, ...]:
    """Return the forms in which a value is said to be the matter's: the value comes first.

    Args:
        matter: The expression of the matter's noun.
        value: The expression of its value, with the group ``v``.
        lead: What must stand before the value in the shortest form.
    """
    what = rf"(?:{_THE}\s+(?:[\w'-]+\s+){{0,4}}?)?{matter}"
    return (
        (
            rf"{lead}\b{value},?\s+(?:is|was|are|remains|that's|that\s+is|that\s+was|this\s+is|being|becomes|would\s+be|"
            rf"has\s+become|as|for)(?:\s+(?:now|still|currently|really))?\s+{what}\b"
        ),
        (
            rf"\b{_RECORD}\s+(?:down\s+)?{value}\s+(?:(?:down|noted|recorded|listed|logged|entered|in|to\s+be\s+\w+)\s+)*"
            rf"(?:as|for|under|against)\s+{what}\b"
        ),
        (
            rf"\b{value}\s+(?:is\s+|was\s+|has\s+been\s+|to\s+be\s+)?(?:recorded|tracked|listed|noted|logged|named|given|"
            rf"confirmed|entered|registered|set|put\s+down|kept|flagged|identified|treated)\s+(?:down\s+)?(?:as|for|under)\s+"
            rf"{what}\b"
        ),
        rf"\bit(?:'s|\s+is|\s+was)\s+{value}\s+(?:that\s+|which\s+)?{_THE}\s+(?:[\w'-]+\s+){{0,2}}?{matter}\b",
    )
