"""Read who holds a place by what stands beside the place's name: one person, who is not a former holder.

Where the templates of `people` know whole ways of saying, this knows the words for a place, the words that tell
that somebody is gone, and those that tell that somebody merely reports. Refuses where two people remain.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from fleet_runtime.contracts import MemoryKey
from fleet_runtime.learning.names import PERSON, person_within, same_person
from fleet_runtime.learning.reading.asides import answers_who, is_said
from fleet_runtime.learning.reading.framing import is_always
from fleet_runtime.learning.reading.passages import CLOSE, OPEN, Passage, Sentence
from fleet_runtime.learning.reading.patterns import Found

_THE_ACCOUNT = r"(?:the|this|our|their|that|your|whole)\s+(?:account|relationship|customer|client|logo|book)"
_NOT_INSIDE = "".join(f"(?<!{word} )" for word in ("inside", "within", "in", "for", "at", "of", "on", "with", "across"))
WAYS: Mapping[str, str] = {
    "champion": (
        r"champion(?:s|ed|ing|ship)?|(?:internal|biggest|main|strongest|new|loudest|chief|leading|key|project|product|"
        r"in-?house|our|an?)\s+(?:advocate|evangelist|cheerleader|ally|supporter|promoter|ambassador|power\s+user)|"
        r"(?:main|primary|key|first|internal|day-to-day|principal)\s+(?:point\s+of\s+contact|contact|counterpart|lead)|"
        r"go-to(?:\s+(?:person|contact))?|point\s+person|flag(?:\s+|-)?bearer|torch(?:\s+|-)?bearer|carr(?:y|ies|"
        r"ying)\s+the"
        r"\s+(?:torch|flag|banner)|advocat(?:es|ing)\s+for\s+us|fights?\s+(?:\w+\s+)?(?:for\s+us|our\s+corner)|"
        r"(?:in|fighting)\s+our\s+corner|bangs?\s+the\s+drum|driv(?:es|ing)\s+(?:it|this|us|adoption|the\s+(?:product|"
        r"project|programme|platform|tool))\s+internally"
    ),
    "exec_sponsor": (
        r"(?:executive|exec|c-level|senior|project|programme|program|board|business|management|leadership)[\s-]+"
        r"(?:sponsor(?:ship|s|ing)?|backer|backing|patron|owner)|sponsor(?:ship|s|ing)?|exec\s+(?:lead|contact|cover)|"
        r"air\s+cover|executive\s+(?:buyer|stakeholder)|economic\s+buyer"
    ),
    "csm_owner": (
        r"csm|customer\s+success(?:\s+(?:manager|lead|owner|partner|contact|rep))?|success\s+(?:manager|partner|"
        r"lead|owner)|"
        rf"account\s+(?:owner|lead|manager|holder|ownership)|cs\s+(?:owner|lead|contact|manager|rep)|"
        r"(?:own(?:s|ed|er|ership|ing)?|run(?:s|ning)?|manag(?:es|ed|ing)|look(?:s|ed|ing)?\s+after|cover(?:s|ed|"
        r"ing)?|"
        r"handl(?:es|ed|ing)|hold(?:s|ing)?|look\s+after|inherit(?:s|ed|ing)?|pick(?:s|ed|ing)?\s+up|car(?:es|"
        r"ing)\s+for|"
        rf"in\s+charge|responsible|steward\w*|tak(?:es|ing|en|e)(?:\s+over)?|took(?:\s+over)?|lead(?:s|ing)?)"
        rf"(?:\s+(?:on|of|for))?\s+{_THE_ACCOUNT}|"
        r"hand(?:ed|ing|s)?\s+over\s+(?=from\b.*\bour\s+(?:side|end))|"
        r"(?:hand|pass|giv|transfer|mov|transition|reassign|assign|"
        rf"turn)\w*\s+(?:over\s+)?{_THE_ACCOUNT}(?:\s+(?:over|on|across))?|"
        rf"{_NOT_INSIDE}{_THE_ACCOUNT}(?<!customer)(?<!client)\s+(?:is|has|was|now|will|sits?|belongs?|moves?|moved|goes|went|gets|got|passe[sd]|"
        r"transition\w*|"
        r"transferr\w*|hand(?:s|ed)|chang\w+|rests|lives|falls|comes|came|reassign\w*|switch\w*)|"
        r"account\s+(?:moves?|moved|"
        r"handed|hand-?over|transferred|reassigned|assigned|transition\w*|is\s+now|now)|relationship\s+(?:owner|"
        r"manager|"
        r"lead)|(?:their|our|your|the|primary|main|new)\s+(?:person|contact|point\s+of\s+contact)\s+(?:on\s+(?:our|"
        r"your|the\s+"
        r"vendor)\s+side|at\s+(?:our|your)\s+end)|look(?:s|ed|ing)?\s+after\s+(?:us|them)|"
        rf"assigned\s+to\s+{_THE_ACCOUNT}"
    ),
}
_NOT_THE_PLACE = re.compile(
    r"^\s*(?:for|of|at)\s+(?-i:[A-Z][a-z])|^\s*(?:league|s\s+league|of\s+the\s+(?:year|event|conference)|(?:ed|ing|s)?\s+(?:the\s+)?(?:idea|cause|event|"
    r"conference|dinner|team\s+event|marathon|booth|a\s+|our\s+event|local|charity)|call|meeting|programme?\s+(?:for|"
    r"at)|"
    r"network|training|webinar|summit|award|kit|workshop|lunch|dinner|review|deck|title|trophy|cup|belt|letter|intro\w*|logo|sheet|list|details|form|page|data|info|change\s+log)\b",
    re.IGNORECASE,
)
_IN_SPORT = re.compile(
    r"\b(?:chess|world|tennis|olympic|national|european|regional|sales|reigning|defending|league|cup|club|boxing|data|security|"
    r"innovation|diversity|no\s+better)\s+$",
    re.IGNORECASE,
)
_HELPERS = (
    r"(?:has|have|had|is|was|will|'s|'ll|just|now|be|been|also|recently|formally|officially|sadly|already|since|then)"
)
_GONE_AFTER = re.compile(
    rf"^\s*(?:->|=>|\u2192)|^(?:,[^,;]{{0,45}},|\s*\([^)]*\)|,(?=\s+(?:was|has|had)\b))?\s*(?:{_HELPERS}\s+)*(?:left\b|leav\w+|depart\w*|"
    r"step\w*\s+(?:down|back|aside|away)|"
    r"resign\w*|retire[ds]?|retiring|mov(?:ed|es|ing)\s+(?:on|to|into|over|off|out|away)|quit|gone|out\b|away\b|"
    r"hand(?:s|ed|ing)?\s+(?:\w+\s+){0,4}?(?:over|to|off)|pass(?:es|ed|ing)?\s+(?:\w+\s+){1,4}?(?:to|on)|no\s+longer|"
    r"(?:replaced|succeeded|followed|relieved)\s+by|swapp\w+|roll\w+\s+off|off\s+the|on\s+(?:parental|maternity|sick|"
    r"sabbatical|leave)|ma[dk]e\w*\s+way|bow\w*\s+out|relinquish\w*|g(?:a|i)ve[sn]?\s+up|drop\w*\s+(?:out|the)|"
    r"transferr\w+|"
    r"switch\w*|let\s+go|laid\s+off|never|not\b|isn't|wasn't|used\s+to|until\s+(?:now|recently)|before\b|previously|"
    r"withdr\w+|declin\w+|refus\w+|won't|cannot|can't|pulled\s+out|(?:replaced|succeeded|relieved)\b|(?:put|set|listed|recorded|entered|noted|"
    r"logged)\s+(?:down\s+)?(?:\w+\s+){0,4}?(?:by\s+mistake|in\s+error|wrongly)|"
    r"as\s+(?:\w+\s+){1,3}?(?:by\s+mistake|in\s+error|wrongly)|formerly|ceas\w+|finish\w+|bec[ao]m\w+\s+(?!our|the|"
    r"a\s+champion|champion|sponsor))",
    re.IGNORECASE,
)
_WRONG_AFTER = re.compile(
    r"^\s+(?:down\s+|listed\s+|recorded\s+|entered\s+)?as\s+[^,;.]{0,30}?\b(?:was|is)\s+(?:an?\s+|my\s+|our\s+)?(?:\w+\s+)?"
    r"(?:misunderstanding|mistake|error|mix-?up|wrong|slip|typo|incorrect|false|nonsense)\b",
    re.IGNORECASE,
)
_CLEFT = re.compile(r"\bit\s+(?:was|has\s+been)\s+$", re.IGNORECASE)
_OWNED_AFTER = re.compile(
    r"^(?:'s|s')\s+(?:successor|replacement|departure|exit|shoes|place|role|seat|job|position|stead|old|former|desk|"
    r"resignation|retirement|mantle|duties|account)\b",
    re.IGNORECASE,
)
_GONE_BEFORE = re.compile(
    r"(?:\b(?:from|(?<!look )(?<!looks )(?<!looked )(?<!looking )after|replac\w+|succeed\w*|"
    r"succession\s+to|instead\s+of|rather\s+than|not|in\s+place\s+of|"
    r"in\s+lieu\s+of|"
    r"formerly|previously|former|outgoing|ex|old|remove|take|delete|strike|was|were|been|(?:tak\w+|"
    r"took)\s+over\s+(?:from|for)|(?:step\w*|fill\w*)\s+"
    r"in\s+for|reliev\w+|follow(?:s|ed|ing)?|thank\w*|goodbye\s+to|farewell\s+to|lost|since|no\s+longer|never|"
    r"until\s+now|"
    r"had|thought|believed|wrong(?:ly)?(?:\s+\w+)?|listed|names?|recorded|says|(?<!have\s)said|like|unlike|departing|"
    r"departed|predecessor|"
    r"contrary\s+to)\s+(?:it\s+(?:was|is)\s+|with\s+|by\s+|as\s+)?(?:(?:the|our|their|your|outgoing|former|previous|"
    r"champion|sponsor|csm|colleague|exec|executive)\s+)*|[(\[]\s*(?:was|not|ex|previously|formerly|replac\w+|"
    r"vice|instead\s+of|succeeding)[-:\s]*\s*)$",
    re.IGNORECASE,
)
_REPORTS_AFTER = re.compile(
    r"^(?:,[^,;]{0,40},|\s*\([^)]*\))?\s*(?:(?:just|also|has|have|had)\s+)*(?:said|says|told|tells|(?:confirm(?:ed|s)|introduced|"
    r"announced|presented|nominated|proposed|named|noted)(?!\s+as\b)|spott?(?:ed|s)|notice[ds]|caught|found\s+out|flagg(?:ed|s)|pointed|asks|"
    r"mention(?:ed|s)|"
    r"wrote|writes|report(?:ed|s)|thinks?|announces|introduces|asked|notes|inform(?:ed|s)|share[ds]|"
    r"let\s+us|"
    r"e?mail(?:ed|s)|call(?:ed|s)|ping(?:ed|s)|explain(?:ed|s)|nominates|chose|picked(?!\s+up)|tapped|"
    r"put\s+forward|designated|"
    r"assigned|appointed(?!\s+(?:as|champion|sponsor|csm|exec|our|the))|named(?!\s+(?:as|champion|sponsor|csm|exec|"
    r"our|the))|"
    r"messaged|stressed|reckons|believes|wants|hopes|agreed(?!\s+to\s+(?:champion|sponsor|own|lead|look|be|become|"
    r"act|serve|step|take))|added|complain\w+|warn\w+)\b",
    re.IGNORECASE,
)
_AGENT = re.compile(
    r"\b(?:introduced|confirmed|announced|named|appointed|proposed|nominated|presented|asked|approved|noted)\b[^,;]*\bby\s+"
    r"(?:mr\.?\s+|mrs\.?\s+|ms\.?\s+|dr\.?\s+)?$",
    re.IGNORECASE,
)
_REPORTS_BEFORE = re.compile(
    r"\b(?:per|according\s+to|spoke\s+(?:to|with)|talked\s+(?:to|with)|call\s+with|chat\s+with|meeting\s+with|"
    r"e-?mail\s+from|"
    r"note\s+from|message\s+from|met(?:\s+with)?|heard\s+from|told\s+by|cc|thanks\s+to|learned\s+from|word\s+from|via|"
    r"confirmed\s+by|asked|told|rang|phoned|source|hi|hello|dear|minutes\s+by|author)\s*:?\s*$",
    re.IGNORECASE,
)
_WEAK_BAR = re.compile(r"[;!?]|\b(?:but|while|whereas|although|because)\b", re.IGNORECASE)
_PUTS_RIGHT = re.compile(
    r"\b(?:wrong(?:ly)?|mistake|error|mix(?:ed)?[\s-]up|always|all\s+along|from\s+the\s+(?:very\s+)?(?:start|outset|"
    r"beginning)|from\s+day)\b",
    re.IGNORECASE,
)
_SHE = re.compile(
    r"(?:^|[\s,;(])(?:she|he|they)(?:'s|'ll|\s+(?:is|has|will|now|took|takes|was|became|becomes|are|have|agreed|"
    r"accepted|stepped)\b)"
    r"|^(?:that|this)\s+(?:is|makes)\b|\b(?:him|her)\b",
    re.IGNORECASE,
)
_ACCOUNT_FIRST = re.compile(rf"{_THE_ACCOUNT}\b|account\s+(?!owner|lead|manager|holder)", re.IGNORECASE)
_LINKED = re.compile(
    r"(?:^|\b(?:to|with|by|under|is|are|of|be|now|=)|[:=-])\s*(?:the\s+|our\s+|my\s+|colleague\s+)*$", re.IGNORECASE
)
_IS = re.compile(
    r"\s*(?:'s|is|was|as|becomes|became|remains|stays|will\s+be|has\s+(?:been|become)|acts\s+as|serves\s+as|[:=])\b",
    re.IGNORECASE,
)
_DOES = re.compile(
    r"(?:'s|'ll|\s+(?:just\s+|also\s+|then\s+)?(?:will|is|was|has|does|did|can|(?!is\b)\w+(?:s|ed)))\b", re.IGNORECASE
)
_TELLER = re.compile(
    r"(?:(?-i:[A-Z][a-z]+)|\bshe|\bhe|\bthey)\s+(?:just\s+|also\s+)?(?:said|says)\s+(?:that\s+)?$", re.IGNORECASE
)
_OWNER = re.compile(r"\b(?:the|its|their|our)\s+(?:new\s+|current\s+)?owner\b(?!\s+of\b)", re.IGNORECASE)
_OF_ACCOUNT = re.compile(r"\baccount\b", re.IGNORECASE)
_ONCE = re.compile(
    r"\s+(?:was|were|had\s+been)\s+(?:\w+\s+)?(?:our|the|an?|your|their|my)\s+(?:\w+\s+)?", re.IGNORECASE
)
_MEETS = re.compile(
    r"\b(?:with|and|met|meets|meet|about|from|than|joined|joins|asked|told|thanked|called|rang|to\s+see|likes?|knows?|saw|sees|"
    r"visited|emailed|reports\s+to|wrote\s+to|spoke\s+to|talked\s+to)\s+(?:(?:our|the|an?|your|their|my|new|old)\s+)*$",
    re.IGNORECASE,
)
_AND = re.compile(
    r"\s*,?\s*(?:and|or|with|met|told|asked|thanked|about|plus|&|than|likes?|knows?|saw|called|emailed)\s+",
    re.IGNORECASE,
)
_NEW_SUBJECT = re.compile(
    r",\s+and\s+(?:the|our|my|their|her|his|an?|we|I|they|she|he|you)\b(?!\s+\w+\s+is\b)", re.IGNORECASE
)
_AT_ANOTHER = re.compile(r"^(?:over\s+)?at\s+(?-i:[A-Z][\w'-]+(?:\s+[A-Z][\w'-]+){1,3})\s*,", re.IGNORECASE)
_SIDE_BY_SIDE = re.compile(r"\s*(?:and|&|or|,\s*and)\s*", re.IGNORECASE)
_FARTHEST = 75


@dataclass(frozen=True, slots=True)
class _Name:
    """A person's name in a sentence; ``gone`` for a former holder, ``reports`` for one who tells."""

    words: str
    start: int
    end: int
    gone: bool
    reports: bool


@cache
def place_words(name: str, aliases: tuple[str, ...]) -> re.Pattern[str]:
    """Compile the words for a place: its own, its aliases, and those known for it."""
    own = [re.escape(word).replace(r"\ ", r"\s+") for word in (name.replace("_", " "), *aliases)]
    return re.compile(r"\b(?:" + "|".join(filter(None, (WAYS.get(name, ""), *own))) + r")\b", re.IGNORECASE)


def departs(after: str) -> bool:
    """Tell whether what follows a name says that its bearer is gone, or is not the one."""
    return _GONE_AFTER.match(after) is not None


def read_holder(key: MemoryKey, passage: Passage, sentence: Sentence, before: str = "") -> Iterator[Found]:
    """Yield who holds a place by one sentence, at most one person.

    Args:
        key: A declared key of kind person.
        passage: The text.
        sentence: One of its sentences.
        before: The one person of whom the sentence before speaks; "she" means that one.
    """
    text = sentence.text
    owners = _OWNER.finditer(text) if key.name == "csm_owner" and _OF_ACCOUNT.search(text) else ()
    places = [
        match
        for match in (*place_words(key.name, key.aliases).finditer(text), *owners)
        if not _NOT_THE_PLACE.match(text[match.end() :]) and not _IN_SPORT.search(text[: match.start()])
    ]
    if not places or _AT_ANOTHER.match(text):
        return
    names = list(names_in(passage, sentence))
    best = _nearest(text, sentence, names, places)
    if best is not None:
        name, place = best
        start, end = min(name.start, place.start()), max(name.end, place.end())
        at = sentence.start
        yield Found(key.name, name.words, "", at + start, at + end, at + name.start, at + name.end, 0.8)
    elif before and not names and _SHE.search(text):
        moods = sentence.moods_at(sentence.start + places[0].start())
        if not moods:
            start, end = sentence.start, sentence.start + len(text)
            yield Found(key.name, before, "", start, end, start, start, 0.75)


def names_in(passage: Passage, sentence: Sentence, known: Sequence[str] = ()) -> Iterator[_Name]:
    """Yield the names of people in a sentence."""
    text = sentence.text
    for match in re.finditer(PERSON, text):
        source = passage.words(sentence.start + match.start(), sentence.start + match.end())
        words = person_within(source)
        at = match[0].find(words) if words else -1
        if words is None or at < 0 or words[1:2] == "-":
            continue
        start = match.start() + at
        if (start == 0 or re.search(r"[.:!?\u2014]\s*$", text[:start])) and " " not in words and words not in known:
            continue  # the first word of a sentence has a capital anyway
        end = start + len(words)
        before, after = text[:start], text[end:]
        gone = _GONE_BEFORE.search(before)
        cleft = _CLEFT.search(before) is not None and re.match(r"\s+(?:who|that)\b", after) is not None
        cleft = cleft or _TELLER.search(before) is not None
        former = (
            gone is not None
            and not cleft
            and not (is_always(text) and re.match(r"(?:was|been|had)\b", gone[0], re.IGNORECASE))
        )
        yield _Name(
            words,
            start,
            end,
            former
            or _GONE_AFTER.match(after) is not None
            or _OWNED_AFTER.match(after) is not None
            or _WRONG_AFTER.match(after) is not None,
            _REPORTS_AFTER.match(after) is not None
            or _REPORTS_BEFORE.search(before) is not None
            or _AGENT.search(before) is not None,
        )


def _nearest(
    text: str, sentence: Sentence, names: Sequence[_Name], places: Sequence[re.Match[str]]
) -> tuple[_Name, re.Match[str]] | None:
    """Pick the person who stands closest to a word for the place; former holders do not count."""
    scored: list[tuple[float, _Name, re.Match[str]]] = []
    for name in names:
        if name.gone:
            continue
        for place in places:
            gap = text[name.end : place.start()] if name.end <= place.start() else text[place.end() : name.start]
            answers = answers_who(text, name.start, place.start(), place.end())
            barred = _WEAK_BAR.search(gap) and not answers and not _PUTS_RIGHT.search(text)
            if (
                len(gap) > _FARTHEST
                or barred
                or (not answers and _only_meets(gap, place[0], text, before=name.end <= place.start()))
            ):
                continue
            if not is_said(sentence, name.start, place.start(), answers=answers):
                continue
            if _ACCOUNT_FIRST.match(place[0]) and (name.end <= place.start() or not _LINKED.search(gap)):
                continue
            if re.search(r"\b(?:on|onto)\s+(?:the\s+)?$", text[: name.start], re.IGNORECASE):
                continue  # a plan, a product
            if name.reports and not re.match(
                rf"(?:\s*{OPEN}d\d+{CLOSE})?,?\s*(?:who|our|the|their|new|now|as)\b[^,]{{0,40}}$", gap, re.IGNORECASE
            ):
                continue
            between = [
                n
                for n in names
                if n is not name and min(name.end, place.end()) <= n.start < max(name.start, place.start())
            ]
            linked = 40 if name.end <= place.start() and _IS.match(gap) else 0
            scored.append((len(gap) - linked + 30 * len([n for n in between if not n.gone]), name, place))
    if not scored:
        return None
    _, name, place = min(scored, key=lambda item: item[0])
    alike = [other for _, other, _ in scored if not same_person(other.words, name.words)]
    return None if any(_are_joined(text, name, other) for other in alike) else (name, place)


def _only_meets(gap: str, place: str, text: str, *, before: bool) -> bool:
    """Tell whether what stands between a name and a place says that they met, or that the one was the other once."""
    if _OF_ACCOUNT.search(place):
        return False
    if before:
        once = _ONCE.fullmatch(gap) is not None and not _PUTS_RIGHT.search(text)
        return once or _MEETS.search(gap) is not None
    return _AND.fullmatch(gap) is not None or _NEW_SUBJECT.search(gap) is not None


def _are_joined(text: str, one: _Name, other: _Name) -> bool:
    """Tell whether two names are told in one breath: "Ada Obi and Bo Li"."""
    between = text[min(one.end, other.end) : max(one.start, other.start)]
    does = "," in between and _DOES.match(text[max(one.end, other.end) :]) is not None
    return _SIDE_BY_SIDE.fullmatch(between) is not None and not does
