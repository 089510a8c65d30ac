"""Read who holds which place: named, left, followed by somebody, never been it.

What "Dana has left, Priya Nair takes over" means depends on what Dana was: the present facts say.
"I" is the person who introduces herself in the text, or its author. A place is any declared key of
kind person; the table below has common names for some, the declaration's aliases give the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from fleet_runtime.contracts import MemoryKey
from fleet_runtime.learning.names import is_name, same_person
from fleet_runtime.learning.reading.moods import Mood
from fleet_runtime.learning.reading.passages import Clause, Passage
from fleet_runtime.learning.reading.patterns import Found, Pattern, find
from fleet_runtime.records import Event, Fact

_PLACES: Mapping[str, str] = {
    "champion": r"(?:(?:internal |main |project )?champion|(?:key|primary|first|internal) (?:contact|point of contact)|"
    r"point person)",
    "exec_sponsor": r"(?:executive |exec |project )?sponsor",
    "csm_owner": r"(?:csm|customer success manager|account owner|success manager|account manager)",
}
_THE = r"(?:(?:our|the|your|my|their) )?(?:(?:new|main|current|next) )?"
_APART = r"(?:,? (?:our|the|a|an|my|who|from|in|vp|head|chief|director|now)\b[^,]{0,60},|,)?"
_OF_THIS = (
    r"(?!\w)(?! (?:for|of|at) (?!(?:this|the|our|your|my)? ?(?:project|roll-?out|programme?|initiative|"
    r"account|tool|product|implementation|"
    r"contract|side|team|company|us|you|now|time)\b))"
)
_BECOMES = (
    r"(?:is|'s|becomes|became|will be|will become|remains|stays|is going to be|acts as|is acting as|serves "
    r"as|steps in as|"
    r"has become|(?:was|is|has been|got|gets) (?:named|appointed|made|promoted to))"
)
_TAKES = r"(?:takes|is taking|has taken|took|will take|will be taking|'s taking)"
_DENIES: frozenset[Mood] = frozenset({"denied"})
_ANY_TENSE: frozenset[Mood] = frozenset({"past"})

_NAMED = (
    rf"{{person}}{_APART} {{adv}}{_BECOMES} {{adv}}{_THE}PLACE",
    (
        r"(?:{our}|^|a) {adv}(?:new |main )?PLACE(?: {adv}(?:is|will be|=)|:) {adv}(?:going to be |"
        r"called )?{person}"
    ),
    rf"{{person}}{_APART} {{adv}}{_TAKES} (?:over|on) (?:as|the role of|the role as) {_THE}PLACE",
    rf"{{we}} {{adv}}(?:named|appointed|made|chose|picked) {{person}} (?:as |to be )?{_THE}PLACE",
)
_APPOSED = (
    r"(?:{our}|a new|as) (?:new |main )?PLACE,? {person}",
    r"{person}, {our} (?:new |main )?PLACE",
)
_I_AM = (
    rf"(?<!\w)i(?: am|'m|'ll be| will be| have become| became) {{adv}}{_THE}PLACE",
    rf"(?<!\w)i {{adv}}(?:take|took|am taking|have taken|'ve taken) (?:over|on) as {_THE}PLACE",
)
_NO_MORE = (
    (
        rf"{{person}} {{adv}}(?:is not|isn't|is no longer|'s no longer|no longer is|will not be|won't be|will "
        rf"no longer be|stopped being) {{adv}}{_THE}PLACE"
    ),
    rf"{{person}} {{adv}}(?:stepped down|steps down|is stepping down|stepping down) as {_THE}PLACE",
)
_NONE = (
    rf"{{we}} {{adv}}(?:lost|no longer have|don't have|do not have|are without|have no) {_THE}(?:a |any )?PLACE",
    r"there is no PLACE",
)
_NEVER = (rf"{{person}} (?:was never|has never been|never was) {{adv}}{_THE}PLACE",)
_TABLES = (
    ("never", _NEVER, _DENIES),
    ("no more", _NO_MORE, _DENIES),
    ("none", _NONE, _DENIES),
    ("set", _NAMED, frozenset[Mood]()),
    ("set", _APPOSED, frozenset[Mood]({"wish", "past", "denied"})),
    ("me", _I_AM, frozenset[Mood]()),
)

_GONE = Pattern(
    "gone",
    r"{person} {adv}(?:has |have )?(?:left(?= *$| *[,.]| {mark}| at {mark}| us(?! an?\b| some\b| the\b)| the "
    r"(?:company|team|organi[sz]ation|business|"
    r"firm|school|building)| last| on| in| for (?:a|an|another)| and)"
    r"|leaves(?= *$| {mark}| us| the (?:company|team|organi[sz]ation|business)| on| in|,)|is leaving|are leaving|"
    r"will leave|will be leaving|is moving (?:on|to)|moved (?:on|to another)"
    r"|has moved (?:on|to another)|departed|has departed|transferred to|is transferring to|changed jobs|"
    r"has changed jobs|gave notice|has given notice|is off to|resigned|handed in (?:his|her|their) notice|"
    r"quit\b|retired|retires|is "
    r"retiring|was let go|was laid off|was made redundant"
    r"|stepped down|is stepping down|is gone|is out\b|went on (?:parental|maternity|sick) leave|is on "
    r"(?:parental|maternity|sick) leave"
    r"|(?:is|'s) no longer (?:with|at|working|here|in)|no longer works|doesn't work (?:here|with us|for "
    r"us) any ?more|isn't (?:with|at) (?:us|the company)"
    r"|has (?:his|her|their) last day)",
    allows=frozenset[Mood]({"past", "denied"}),
)
_NOT_GONE = re.compile(r"\b(?:hasn't|has not|haven't|isn't leaving|not leaving|never|won't|will not)\b", re.IGNORECASE)
_I_GO = re.compile(
    r"(?<!\w)i(?:'m| am| have|'ve|'ll| will)? (?:leav(?:e|ing)|left|be leaving|moving on|retir(?:e|ing)|"
    r"resigned|stepping down|handing over)\b|my last day\b",
    re.IGNORECASE,
)
_FOLLOWERS = tuple(
    Pattern("follower", template, allows=_ANY_TENSE)
    for template in (
        r"{person}(?: here)?,? {old:person}'s (?:successor|replacement)",
        r"(?:his|her|their|the|my) (?:successor|replacement|stand-in) {adv}(?:is|will be|:) {adv}{person}",
        r"{person} {adv}(?:is|will be) (?:his|her|their|the|my) (?:successor|replacement)",
        (
            rf"{{person}}{_APART} {{adv}}(?:replaces|is replacing|will replace|has replaced|replaced|succeeds|"
            rf"is succeeding|will succeed|steps in for|is stepping in for|stepped in for) (?:{{old:person}}|"
            r"him|her|them|me)\b"
        ),
        (
            r"(?:{old:person} |i |he |she |they )?(?:is |was |has been |have been |am |are |will be |'ll be |"
            r"'m |'re |being )*(?:replaced|succeeded) by {person}"
        ),
        (
            r"(?:{old:person} |i |he |she |they )?(?:is |am |'m |has |have |'ve |will |'ll )*(?:hand(?:s|ed|"
            r"ing)?|pass(?:es|ed|ing)?) (?:it |things |everything |this |the \w+ )?(?:all )?(?:over |on )?to "
            r"{person}"
        ),
        (
            rf"{{person}}{_APART} {{adv}}{_TAKES} over(?: (?:from|for) (?:{{old:person}}|him|her|them|"
            r"me)\b)?(?! (?:as|the role))"
        ),
        rf"{{person}}{_APART} {{adv}}(?:steps|is stepping|will step|has stepped|stepped) (?:in|up)\b(?! as)",
        rf"{{person}}{_APART} {{adv}}(?:fills|is filling|will fill|will be filling) (?:in|his|her|their|the)\b",
        rf"{{person}}{_APART} {{adv}}(?:inherits|inherited|is inheriting) (?:his|her|their|the|this|my)\b",
        r"in (?:his|her|their|my) place,? {person}",
        rf"{{person}}{_APART} {{adv}}{_TAKES} (?:his|her|their|my) (?:place|role|job|seat|position)",
    )
)
_FOLLOWS = re.compile(
    r"success|replac|stand-in|succe|hand|pass|tak|took|step|fill|inherit|place|role|job|seat|position|talk|speak|"
    r"write|turn|"
    r"reach|touch|come|refer|go",
    re.IGNORECASE,
)
_I_FOLLOW = tuple(
    Pattern("follower", template)
    for template in (
        (
            r"(?<!\w)i(?: am|'m|'ve| have|'ll| will)? {adv}(?:tak(?:e|ing|en)|took|replac(?:e|ing|ed)|"
            r"succeed(?:ing|ed)?) "
            r"(?:over )?(?:from |for )?{old:person}"
        ),
        r"(?<!\w)i(?: am|'m) {adv}{old:person}'s (?:successor|replacement)",
    )
)
_INTRODUCES = re.compile(
    r"(?:\bmy name is|\bmy name's|\bthis is|\bI am|\bI'm|\bit's|\bit is)\s+(?P<name>(?:[^\W\d_][\w'-]*\s*){1,3})"
    r"|^(?P<signed>[^\W\d_][\w'-]*(?:\s+[^\W\d_][\w'-]*){0,2})\s+here\b"
)
_ASK_FOR = Pattern(
    "follower",
    r"(?:talk|speak|write|turn|reach out|get in touch with|come|refer|go) (?:to )?{person} (?:instead|from "
    r"now on|going forward)",
    allows=frozenset[Mood]({"wish"}),
)
_INSTEAD = Pattern(
    "follower", r"(?:, |^)(?:it's |it is )?{person} (?:is|does|has it)(?: now| instead)?$", allows=_DENIES
)


def read_people(
    event: Event, passage: Passage, clauses: Sequence[Clause], keys: Sequence[MemoryKey], current: Mapping[str, Fact]
) -> Iterator[tuple[Found, str]]:
    """Yield what a text says about the places of people, as (found, how).

    Args:
        event: The event; its author is "I" unless the text introduces somebody.
        passage: Its text, cut.
        clauses: The clauses to read.
        keys: The declared keys; those of kind person are read.
        current: The fact that holds now, by key.

    Yields:
        ``how`` is "set", "retract" (``value`` empty), or "never" (a correction: ``value`` never was it).
    """
    places = [key for key in keys if key.kind == "person"]
    me = _speaker(event, passage)
    left: list[tuple[str, Found]] = []
    held = {key.name: current[key.name].value or "" for key in places if key.name in current}
    for clause in clauses:
        for key in places:
            for found, how in _at_place(key, passage, clause, current.get(key.name), me):
                yield found, how
                if how == "set":
                    held[key.name] = found.value
                else:
                    left.append((found.old, found))
        left += _departures(passage, clause, me)
    yield from _succession(passage, clauses, left, held, me)


def _speaker(event: Event, passage: Passage) -> str:
    """Name the "I" of the text; empty if its author is no person's name."""
    for match in _INTRODUCES.finditer(passage.text):
        words = passage.source[slice(*passage.span(*match.span(match.lastgroup or 0)))]
        parts = words.split()
        for size in range(len(parts), 0, -1):
            if is_name(" ".join(parts[:size])):
                return " ".join(parts[:size])
    return event.author if is_name(event.author) else ""


def _at_place(
    key: MemoryKey, passage: Passage, clause: Clause, current: Fact | None, me: str
) -> Iterator[tuple[Found, str]]:
    """Read one clause for one place; the first table that fits decides, even where it yields nothing."""
    holder = current.value if current is not None and current.value else ""
    if not _place_words(key.name, key.aliases).search(clause.text):
        return
    for how, pattern in _place_patterns(key.name, key.aliases):
        found = next(find(pattern, passage, clause), None)
        if found is not None:
            yield from _meant(how, found, holder, me)
            return


def _place(name: str, aliases: tuple[str, ...]) -> str:
    """Write the names of a place as one expression."""
    names = [re.escape(one).replace(r"\ ", " ") for one in (name.replace("_", " "), *aliases)]
    return "|".join([*filter(None, [_PLACES.get(name)]), *names])


@lru_cache(maxsize=256)
def _place_words(name: str, aliases: tuple[str, ...]) -> re.Pattern[str]:
    """Compile the names of a place."""
    return re.compile(rf"\b(?:{_place(name, aliases)})".replace(" ", r"\s+"), re.IGNORECASE)


@lru_cache(maxsize=256)
def _place_patterns(name: str, aliases: tuple[str, ...]) -> tuple[tuple[str, Pattern], ...]:
    """Return the templates for one place, with its names put in, and what each means."""
    place = f"(?:{_place(name, aliases)})" + _OF_THIS
    return tuple(
        (how, Pattern(name, template.replace("PLACE", place), 0.9, allows))
        for how, templates, allows in _TABLES
        for template in templates
    )


def _meant(how: str, found: Found, holder: str, me: str) -> Iterator[tuple[Found, str]]:
    """Turn what a table found into what it means for the present holder and the speaker."""
    if how in {"never", "set"}:
        yield found, how
    elif how == "me" and me:
        yield _with(found, value=me), "set"
    elif holder and (how == "none" or (how == "no more" and same_person(found.value, holder))):
        yield _with(found, value="", old=holder), "retract"


def _departures(passage: Passage, clause: Clause, me: str) -> Iterator[tuple[str, Found]]:
    """Yield who leaves in one clause, and where it says so."""
    if clause.moods & {"question", "hypothetical", "foreign"}:
        return
    if not _NOT_GONE.search(clause.text):
        for found in find(_GONE, passage, clause):
            yield found.value, found
    going = _I_GO.search(clause.text)
    if going and me and not clause.moods & {"denied", "wish"}:
        start, end = clause.start + going.start(), clause.start + going.end()
        yield me, Found("gone", me, "", start, end, start, end, 0.85)


def _succession(
    passage: Passage, clauses: Sequence[Clause], left: Sequence[tuple[str, Found]], held: Mapping[str, str], me: str
) -> Iterator[tuple[Found, str]]:
    """Join who left with who follows, for the places that those who left have held."""
    followers = [found for clause in clauses for found in _followers(passage, clause, me)]
    for key, holder in held.items():
        going = next((found for name, found in left if name and same_person(name, holder)), None)
        for follower in followers:
            meant = same_person(follower.old, holder) if follower.old else going is not None
            if meant and not same_person(follower.value, holder):
                yield _with(follower, key=key), "set"
                break
        else:
            if going is not None and going.key == "gone":
                yield _with(going, key=key, value="", old=holder), "retract"


def _followers(passage: Passage, clause: Clause, me: str) -> Iterator[Found]:
    """Yield who takes over in one clause; ``old`` is from whom, where it is said."""
    tables = (*_FOLLOWERS, _ASK_FOR, _INSTEAD) if _FOLLOWS.search(clause.text) else (_INSTEAD,)
    for pattern in tables:
        for found in find(pattern, passage, clause):
            own = re.search(r"\bme\b|^i\b", passage.text[found.start : found.end], re.IGNORECASE)
            yield _with(found, old=found.old or (me if own else ""))
            return
    for found in (found for pattern in _I_FOLLOW for found in find(pattern, passage, clause)):
        if me and found.old:
            yield _with(found, value=me)


def _with(found: Found, *, key: str | None = None, value: str | None = None, old: str | None = None) -> Found:
    """Copy what was found, with another key, value or former value."""
    return Found(
        found.key if key is None else key,
        found.value if value is None else value,
        found.old if old is None else old,
        *(found.start, found.end, found.value_start, found.value_end),
        found.confidence,
    )
