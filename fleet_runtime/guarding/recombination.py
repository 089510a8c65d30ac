"""Judge single sentences that a model made out of one fact, or out of the customer's own clause.

A sentence can use only known numbers and names and still be false ("dropped from 120 to 35"). So
here every word counts: what was kept, what was lost, what was added, and who does what. It is
strict on purpose: the caller has a plain sentence to fall back on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache

from fleet_runtime.guarding.evidence import Evidence, Support
from fleet_runtime.guarding.figures import find_figures
from fleet_runtime.guarding.names import unsupported_names
from fleet_runtime.guarding.promises import unsupported_promises
from fleet_runtime.lexical import stem, stems, words
from fleet_runtime.records import Finding

_STATES = frozenset(
    stem(word)
    for word in words("""done closed open opened pending left fell rose promised instead least most before after until
    still only since overdue cancelled former previously unresolved unpaid late lost dropped grew declined per""")
)
_NEGATIONS = frozenset(
    words("""not no never nobody none nothing neither nor cannot without can't won't don't doesn't didn't isn't aren't
    wasn't weren't hasn't haven't hadn't couldn't wouldn't shouldn't""")
)
_OUTCOMES = frozenset(
    stem(word)
    for word in words("""achieve achieved reach reached fix fixed solve solved complete completed met accomplish succeed
    succeeded success successful successfully improve improved resolve resolved finish finished gain gained deliver
    delivered drop dropped fell fallen rose risen grew grown increase increased decrease decreased decline declined
    lost won remain remaining doubled halved saved close closed done cancelled""")
)
_MODALS = frozenset(words("might may could should must can will would shall"))
_WISHES = frozenset(stem(word) for word in words("want hope plan think consider expect need try maybe perhaps"))
_OURS = frozenset(words("we us our ours ourselves me my mine myself we're we've we'll we'd i i'm i've i'll i'd"))
_LINE_SHARE = 0.6
_LINE_NEW = 2
_REFLECTION_NEW = 2
_REFLECTION_SHARED = 2
_ANY_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)


def check_line(sentence: str, fact_text: str) -> tuple[Finding, ...]:
    """Find where a sentence voiced from exactly one fact says more, less or something else than the fact.

    Kinds: ``lost`` and ``added`` (figures, months, weekdays, states, words), ``order`` (figures or names
    changed places), ``name``, ``outcome``, ``negation``, ``actor``, ``promise``, ``coverage``.
    """
    said, given = frozenset(stems(sentence)), frozenset(stems(fact_text))
    found = [
        *_figures_kept(sentence, fact_text),
        *_states_kept(sentence, fact_text),
        *_actors_kept(sentence, fact_text),
    ]
    if len(said & given) < _LINE_SHARE * len(given):
        missing = ", ".join(sorted(given - said))
        found.append(_finding("coverage", missing, sentence, "the fact's words are missing: say the fact as it is"))
    if len(said - given) > _LINE_NEW:
        found.append(_finding("added", ", ".join(sorted(said - given)), sentence, "adds to the fact; add nothing"))
    return tuple(found)


def check_reflection(sentence: str, clause: str, *, opening: str = "") -> tuple[Finding, ...]:
    """Find where a sentence that gives back the customer's clause says something else.

    Kinds: ``pronoun``, ``negation``, ``modality``, ``added``, ``lost``, ``name``, ``actor``, ``promise``.

    Args:
        sentence: What the model wrote.
        clause: The customer's clause in you-form ("your people hate the screens"); a "we" or "our"
            that the turning left in it (it means us) is allowed in the sentence too.
        opening: The fixed beginning that the grammar gave ("I am sorry that"); usual ones are known.
    """
    body = sentence[len(opening) :] if opening and sentence.startswith(opening) else _openings().sub("", sentence)
    said, given = words(body), words(clause)
    found = [
        *_pronouns_turned(sentence, said, given),
        *_tone_kept(sentence, said, given),
        *_figures_same(sentence, body, clause),
        *_asked_of_us(sentence, clause),
    ]
    content, known = frozenset(stems(body)), frozenset(stems(clause))
    if len(content - known) > _REFLECTION_NEW:
        new = ", ".join(sorted(content - known))
        found.append(_finding("added", new, sentence, "adds to what the customer said; keep their words"))
    if len(content & known) < min(_REFLECTION_SHARED, len(known)):
        found.append(_finding("lost", clause, sentence, "the customer's own words are missing; keep them"))
    return tuple(found)


def _figures_kept(sentence: str, fact_text: str) -> Iterator[Finding]:
    """Hold the sentence to all figures, months and weekdays of the fact, in its order, and to its names."""
    said, given = [_figure_row(text) for text in (sentence, fact_text)]
    yield from _compared(said, given, sentence)
    if said != given and sorted(said) == sorted(given):
        yield _finding("order", ", ".join(said), sentence, "figures changed places; keep the fact's order")
    yield from unsupported_names(sentence, _support(fact_text))
    yield from unsupported_promises(sentence, _support(fact_text))


def _figure_row(text: str) -> list[str]:
    """Return a text's figures by value, then its months and weekdays, each row in order."""
    figures = [f"{figure.value.normalize():f}{figure.currency}{_mark(figure.kind)}" for figure in find_figures(text)]
    return figures + [match.group()[:3] for match in _calendar().finditer(text)]


def _mark(kind: str) -> str:
    """Tell a percentage or a time from a plain number in a row of figures."""
    return "" if kind in {"number", "amount"} else f" {kind}"


def _figures_same(sentence: str, body: str, clause: str) -> Iterator[Finding]:
    """Hold a reflection to the clause's figures and names."""
    yield from _compared(_figure_row(body), _figure_row(clause), sentence)
    yield from unsupported_names(sentence, _support(clause))
    yield from unsupported_promises(sentence, _support(clause))


def _compared(said: list[str], given: list[str], sentence: str) -> Iterator[Finding]:
    """Yield what was lost from, and what was added to, a row of figures."""
    for lost in dict.fromkeys(figure for figure in given if figure not in said):
        yield _finding("lost", lost, sentence, "is missing; keep every figure and month")
    for added in dict.fromkeys(figure for figure in said if figure not in given):
        yield _finding("added", added, sentence, "is not in the source; add no figure or month")


def _states_kept(sentence: str, fact_text: str) -> Iterator[Finding]:
    """Hold the sentence to the fact's states and negations; let no outcome appear."""
    said, given = _all_stems(sentence), _all_stems(fact_text)
    for lost in sorted((given & _STATES) - said):
        yield _finding("lost", lost, sentence, "tells the state of things; keep it")
    for added in sorted((said & _OUTCOMES) - given):
        yield _finding("outcome", added, sentence, "is an outcome that the fact does not tell")
    if "goal" in given - said:
        yield _finding("lost", "goal", sentence, "a goal is not a result; say that it is the goal")
    yield from _negation_kept(sentence, words(sentence), words(fact_text))


def _negation_kept(sentence: str, said: list[str], given: list[str]) -> Iterator[Finding]:
    """Let no negation appear or vanish."""
    now, before = bool(_NEGATIONS.intersection(said)), bool(_NEGATIONS.intersection(given))
    if now != before:
        what = "denies what was not denied" if now else "has lost its negation"
        yield _finding("negation", sentence, sentence, what)


def _actors_kept(sentence: str, fact_text: str) -> Iterator[Finding]:
    """Let nobody promise, agree or have to do what the fact does not lay on them; names keep their order."""
    given = " ".join(words(fact_text))
    for match in _actor().finditer(sentence):
        if " ".join(words(match.group())) not in given:
            yield _finding(
                "actor", match.group(), sentence, "puts a deed on somebody whom the fact does not name for it"
            )
    both = [[word for word in words(text) if word in _names(fact_text)] for text in (sentence, fact_text)]
    said, known = ([*dict.fromkeys(row)] for row in both)
    if said != [name for name in known if name in said]:
        yield _finding("order", ", ".join(said), sentence, "names changed places; keep the fact's order")


def _names(text: str) -> frozenset[str]:
    """Return the words that a text writes with a capital inside a sentence, in lower case."""
    inner = re.findall(r"(?<=[a-z,] )[A-Z][\w-]+", text) + re.findall(r"^[A-Z][\w-]+(?= [A-Z])", text)
    return frozenset(word for token in inner if not _calendar().match(token) for word in words(token))


def _pronouns_turned(sentence: str, said: list[str], given: list[str]) -> Iterator[Finding]:
    """Let no "we", "our" or "me" of the customer stand in our mouth."""
    for word in dict.fromkeys(word for word in said if word in _OURS and word not in given):
        yield _finding("pronoun", word, sentence, 'is the customer\'s; say "you" or "your"')


def _tone_kept(sentence: str, said: list[str], given: list[str]) -> Iterator[Finding]:
    """Keep negation, and keep "might", "would like", "plan to": a wish is no fact."""
    yield from _negation_kept(sentence, said, given)
    now, before = (frozenset(row) & _MODALS for row in (said, given))
    stems_now, stems_before = (frozenset(stem(word) for word in row) & _WISHES for row in (said, given))
    changed = (now ^ before) - {"would", "will", "can", "could"} | (stems_now ^ stems_before)
    soft = frozenset(words("will can could would"))
    if (before & soft) != (now & soft) and not now & soft:
        changed |= before & {"could", "will"}
    changed |= (now & soft) - before - {"would"}
    for word in sorted(changed):
        yield _finding("modality", word, sentence, "changes how sure or how wished it is")


def _asked_of_us(sentence: str, clause: str) -> Iterator[Finding]:
    """Let "can you build it" not come back as "you would like to build it"."""
    asked = _asking().search(clause)
    if asked and re.search(
        rf"\byou\s+(?:would\s+like|want)\s+to\s+{re.escape(asked['verb'])}\b", sentence, re.IGNORECASE
    ):
        yield _finding("actor", asked["verb"], sentence, "was asked of us; the customer does not want to do it")


def _all_stems(text: str) -> frozenset[str]:
    """Return all stems of a text, stop words too."""
    return frozenset(stems(text, drop_stopwords=False))


def _support(text: str) -> Support:
    """Take one text for the whole evidence; no date of it is looked up, so the moment does not matter."""
    return Support(Evidence(texts=(text,)), _ANY_MOMENT)


def _finding(kind: str, text: str, sentence: str, what: str) -> Finding:
    """Say what is wrong with a sentence."""
    return Finding(kind=kind, text=text, sentence=sentence, message=f'"{text}" {what}')


@cache
def _calendar() -> re.Pattern[str]:
    """Give the pattern of months and weekdays."""
    return re.compile(
        r"\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\b|\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b"
    )


@cache
def _actor() -> re.Pattern[str]:
    """Give the pattern of a deed laid on somebody."""
    return re.compile(
        r"\b(?P<who>I|we|you)\s+(?:have\s+|had\s+|also\s+|already\s+)*"
        r"(?P<deed>promised|agreed|must|committed|owe|decided|confirmed|said|told|need|needed|should|have\s+to)\b",
        re.IGNORECASE,
    )


@cache
def _openings() -> re.Pattern[str]:
    """Give the pattern of a usual opening."""
    return re.compile(
        r"^(?:(?:(?:I\s+am|I['\u2019]m)\s+(?:very\s+|so\s+|really\s+)?(?:sorry|glad|happy|pleased|sad)(?:\s+(?:to\s+hear|that|about|you))*"
        r"|thank\s+you\s+for\s+(?:telling|letting)\s+me(?:\s+know)?(?:\s+that)?|it\s+is\s+(?:good|great|useful)\s+to\s+(?:know|hear)\s+that"
        r"|it\s+is\s+not\s+easy\s+when|I\s+hear\s+you:?(?:\s+that)?|I\s+hear\s+that|I\s+understand(?:\s+that)?|I\s+see(?:\s+that)?"
        r"|you\s+are\s+asking\s+(?:for|about|whether|if|us)?|you\s+would\s+like(?:\s+to)?|so)[\s,:]+)+",
        re.IGNORECASE,
    )


@cache
def _asking() -> re.Pattern[str]:
    """Give the pattern of what is asked of us."""
    return re.compile(r"\b(?:can|could|will|would)\s+(?:you|we)\s+(?:\w+ly\s+|please\s+)?(?P<verb>\w+)", re.IGNORECASE)
