"""How ready a renewal is: what is known and settled, what is open, and what nobody knows. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from fleet_runtime.health.assessing import Assessment, Check
from fleet_runtime.health.case import Case, Weeks
from fleet_runtime.health.outlook import counted, noted_in
from fleet_runtime.health.risks import day_of
from fleet_runtime.health.talk import talk_of
from fleet_runtime.records import Fact
from fleet_runtime.records.book import Evidence, Week

_FAIR: Final = 60
_ASKED_WEEKS: Final = 26
_PEOPLE: Final = {"sponsor": ("sponsor_lost", "exec_sponsor"), "champion": ("champion_leaving", "champion")}
"""By person, the theme of notes that they are going, and the key of who it is."""
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
        _goals(facts),
        _adoption(assessment),
        _issues(case, at, facts, weeks),
        _promises(case, at),
        _paperwork(case, at),
        _price(case, at, weeks),
    )


def _person(name: str, case: Case, at: datetime) -> Check:
    """Check that somebody is known, and that nobody noted since that they are going."""
    theme, key = _PEOPLE[name]
    said = tuple(_lately(case, at))
    gone = next((one for one in said if theme in one.themes), None)
    if gone is not None and not any("successor" in one.themes and one.start >= gone.start for one in said):
        return Check(name=name, state="open", says=f"the {name} is, or may be, leaving", evidence=(noted_in(gone),))
    named = case.named(key, at)
    if named is None:
        return Check(name=name, state="unknown", says=f"no {name} on record")
    evidence = Evidence(text=f"{name}: {named.name}", source=named.source)
    return Check(name=name, state="ok", says=named.name, evidence=(evidence,))


def _goals(facts: tuple[Fact, ...]) -> Check:
    """Check that the customer's goal is known; whether it was met is theirs to say."""
    goals = [one for one in facts if one.key == "primary_goal" and one.value]
    if not goals:
        return Check(name="goals", state="unknown", says="no goal on record: ask what they signed up for")
    goal = goals[-1]
    said = Evidence(text=goal.quote or goal.value or "", source=f"fact {goal.id}")
    return Check(
        name="goals",
        state="unknown",
        says=f'have them confirm whether it was reached: "{goal.value}"',
        evidence=(said,),
    )


def _adoption(assessment: Assessment) -> Check:
    """Check that it is used."""
    side = assessment.side("adoption")
    if side is None or side.score is None:
        return Check(name="adoption", state="unknown", says="no data on use")
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
    return Check(name="open issues", state="ok" if known else "unknown", says="none on record")


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
        return Check(name="paperwork", state="unknown", says="nothing on record: ask what they need, and by when")
    cited = tuple(noted_in(one) for one in told[:2])
    return Check(
        name="paperwork", state="open", says="has been spoken of; legal and procurement own it", evidence=cited
    )


def _price(case: Case, at: datetime, weeks: Weeks) -> Check:
    """Check that price questions went to sales."""
    asked = [one for one in _lately(case, at) if "price_pressure" in one.themes]
    if not asked:
        known = bool(len(weeks))
        return Check(name="price", state="ok" if known else "unknown", says="no price question on record")
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
