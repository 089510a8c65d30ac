"""How ready a renewal is: what is known and settled, what is open, and what nobody knows; and how grave that is. Pure.

What nobody knows is to be asked. By itself it is never grave, and it is never well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, Literal

from fleet_runtime.health.assessing import Assessment, Check
from fleet_runtime.health.case import Case, Weeks
from fleet_runtime.health.goals import Goal, goals_of
from fleet_runtime.health.outlook import counted, noted_in
from fleet_runtime.health.risks import day_of
from fleet_runtime.health.talk import talk_of
from fleet_runtime.records import Fact
from fleet_runtime.records.book import Evidence, Severity, Week

_FAIR: Final = 60
_ASKED_WEEKS: Final = 26
_PEOPLE: Final = {"sponsor": ("sponsor_lost", "exec_sponsor"), "champion": ("champion_leaving", "champion")}
"""By person, the theme of notes that they are going, and the key of who it is."""
_FORMAL: Final = "paperwork"
"""The item that is others' to do, and never tells how the customer fares."""
_PRESSING: Final = ((30, 1), (60, 2), (90, 3))
"""Within how many days before a renewal how many items are enough to press."""
_PAPERWORK: Final = (
    "paperwork",
    "purchase order",
    "signature",
    "contract draft",
    "procurement",
    "security review",
    "legal review",
)


def readiness(case: Case, at: datetime, assessment: Assessment) -> tuple[Check, ...]:
    """Return the checklist of a renewal as of a moment, always the same items in the same order.

    Price and legal questions are never answered here: the check says whether they were handed to their owners.
    """
    weeks, facts = case.weeks(at), case.facts(at)
    return (
        _person("sponsor", case, at),
        _person("champion", case, at),
        _goals(goals_of(case, at)),
        _adoption(assessment),
        _issues(case, at, facts, weeks),
        _promises(case, at),
        _paperwork(case, at),
        _price(case, at, weeks),
    )


def gravity(checks: Sequence[Check], days: int) -> Severity:
    """Say how grave it is that a renewal stands as it does, so many days before it.

    Open items make it high where they are many for how near it is, and medium before; unknown ones medium at most.
    """

    def press(state: str) -> bool:
        """Tell whether the items of a state are too many by now."""
        count = sum(one.state == state and one.name != _FORMAL for one in checks)
        return any(days <= within and count >= least for within, least in _PRESSING)

    if press("open"):
        return "high"
    return "medium" if press("unknown") or any(one.state == "open" for one in checks) else "low"


def _person(name: str, case: Case, at: datetime) -> Check:
    """Check that somebody is known, and that nobody noted since that they are going."""
    theme, key = _PEOPLE[name]
    said = tuple(_lately(case, at))
    gone = next((one for one in said if theme in one.themes), None)
    if gone is not None and not any("successor" in one.themes and one.start >= gone.start for one in said):
        return Check(name=name, state="open", says=f"the {name} is, or may be, leaving", evidence=(noted_in(gone),))
    named = case.named(key, at)
    if named is None:
        return Check(name=name, state="unknown", says=f"no {name} on record: ask who it is")
    evidence = Evidence(text=f"{name}: {named.name}", source=named.source)
    return Check(name=name, state="ok", says=named.name, evidence=(evidence,))


def _goals(goals: Sequence[Goal]) -> Check:
    """Check that what they want is known and was reached; without a word on it, that is theirs to say."""
    if not goals:
        return Check(name="goals", state="unknown", says="no goal on record: ask what they signed up for")
    missed = [one for one in goals if one.word is not None and not one.word.reached]
    untold = [one for one in goals if one.word is None]
    if missed:
        return _goal_check("open", missed, "not reached, as was told on {on}")
    if untold:
        return _goal_check("unknown", untold, "ask whether it was reached")
    return _goal_check("ok", goals, "reached, as was told on {on}")


def _goal_check(state: Literal["ok", "open", "unknown"], goals: Sequence[Goal], says: str) -> Check:
    """Say of goals how they stand, in the words of the latest."""
    latest = goals[-1]
    told = says.format(on=latest.word.on) if latest.word is not None else says
    cited: list[Evidence] = []
    for one in goals:
        cited.append(Evidence(text=one.fact.quote or one.fact.value or "", source=f"fact {one.fact.id}"))
        cited += [one.word.evidence] if one.word is not None else []
    return Check(name="goals", state=state, says=f'{told}: "{latest.fact.value}"', evidence=tuple(dict.fromkeys(cited)))


def _adoption(assessment: Assessment) -> Check:
    """Check that it is used."""
    side = assessment.side("adoption")
    if side is None or side.score is None:
        return Check(name="adoption", state="unknown", says="no data on use: ask how many use it")
    state = "ok" if side.score >= _FAIR else "open"
    return Check(name="adoption", state=state, says=side.says, evidence=side.evidence)


def _issues(case: Case, at: datetime, facts: tuple[Fact, ...], weeks: Weeks) -> Check:
    """Check that nothing is broken."""
    cited = [
        Evidence(text=one.value or "", source=f"fact {one.id}")
        for one in facts
        if one.key == "open_issue" and one.value
    ]
    urgent = weeks.column("p1_open")
    if len(weeks) and urgent[-1] > 0:
        cited.append(Evidence(text=f"{urgent[-1]:.0f} urgent tickets open", source=weeks.source(-1)))
    if cited:
        return Check(
            name="open issues",
            state="open",
            says=f"{counted(len(cited), 'open issue')} on record",
            evidence=tuple(cited[:4]),
        )
    known = bool(len(weeks)) or bool(case.events(at))
    says = "none on record" if known else "no open issue on record, nor anything else: ask what does not work for them"
    return Check(name="open issues", state="ok" if known else "unknown", says=says)


def _promises(case: Case, at: datetime) -> Check:
    """Check that what was promised was kept."""
    open_ones = ((one, day_of(one.due)) for one in case.commitments(at))
    late = [one for one, due in open_ones if due is not None and due < at.date()]
    if not late:
        return Check(name="promises", state="ok", says="none is overdue")
    cited = tuple(Evidence(text=f"{one.task}, due {one.due}", source=f"event {one.event_id}") for one in late[:4])
    return Check(
        name="promises",
        state="open",
        says=f"{counted(len(late), 'promise is', 'promises are')} overdue",
        evidence=cited,
    )


def _paperwork(case: Case, at: datetime) -> Check:
    """Check whether anybody spoke of paperwork; that it is done is for its owners to say."""
    told = [one for one in _lately(case, at) if any(word in one.note.casefold() for word in _PAPERWORK)]
    if not told:
        return Check(name="paperwork", state="unknown", says="no paperwork on record: ask what they need, and by when")
    cited = tuple(noted_in(one) for one in told[:2])
    return Check(
        name="paperwork", state="open", says="has been spoken of; legal and procurement own it", evidence=cited
    )


def _price(case: Case, at: datetime, weeks: Weeks) -> Check:
    """Check that price questions went to sales."""
    asked = [one for one in _lately(case, at) if "price_pressure" in one.themes]
    if not asked:
        known = bool(len(weeks))
        says = "no price question on record" + ("" if known else ", nor anything else: ask whether they have one")
        return Check(name="price", state="ok" if known else "unknown", says=says)
    cited = tuple(noted_in(one) for one in asked[:2])
    handed = [one for one in case.book.products if one.kind == "hand_off" and asked[0].start <= one.on <= at.date()]
    if handed:
        said = Evidence(text=handed[-1].title, source=f"work product {handed[-1].id}")
        return Check(name="price", state="ok", says="handed to sales", evidence=(*cited, said))
    return Check(name="price", state="open", says="a price question is on record: hand it to sales", evidence=cited)


def _lately(case: Case, at: datetime) -> Iterator[Week]:
    """Yield the notes of the last half year and what was said in it, the latest first."""
    said = (row for row in talk_of(case) if row.known_from <= at)
    rows = sorted((*case.notes(at), *said), key=lambda row: row.start, reverse=True)
    return (row for row in rows if (at.date() - row.start).days <= 7 * _ASKED_WEEKS)
