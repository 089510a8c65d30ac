"""How ready a renewal is: what is known and settled, what is open, and what nobody knows. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from fleet_runtime.health.assessing import Assessment, Check
from fleet_runtime.health.case import Case, Weeks
from fleet_runtime.records import Fact
from fleet_runtime.records.book import AccountDetails, Evidence, Week

_FAIR: Final = 60
_ASKED_WEEKS: Final = 26
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
    weeks, facts, details = case.weeks(at), case.facts(at), case.details(at)
    return (
        _person("sponsor", "exec_sponsor", "sponsor", facts, details, assessment),
        _person("champion", "champion", "champion", facts, details, assessment),
        _goals(facts),
        _adoption(assessment),
        _issues(case, at, facts, weeks),
        _promises(case, at),
        _paperwork(case, at),
        _price(case, at, weeks),
    )


def _person(
    name: str, key: str, matter: str, facts: tuple[Fact, ...], details: AccountDetails | None, assessment: Assessment
) -> Check:
    """Check that somebody is known, and not about to go."""
    leaving = [one for one in assessment.concerns if one.kind == "risk" and matter in {one.matter, *_matters(one)}]
    fact = next((one for one in reversed(facts) if one.key == key), None)
    named = fact.value if fact is not None else str(getattr(details, key, "") or "") if details is not None else ""
    source = f"fact {fact.id}" if fact is not None else details.source if details is not None else ""
    if leaving:
        return Check(
            name=name, state="open", says=f"the {name} is, or may be, leaving", evidence=leaving[0].evidence[:2]
        )
    if named:
        return Check(
            name=name, state="ok", says=f"{named}", evidence=(Evidence(text=f"{name}: {named}", source=source),)
        )
    return Check(name=name, state="unknown", says=f"no {name} on record")


def _matters(concern: object) -> tuple[str, ...]:
    """Return the matters that a concern's reasons speak of besides its own."""
    reasons = " ".join(getattr(concern, "reasons", ())).casefold()
    return tuple(name for name in ("champion", "sponsor") if f"the {name} is" in reasons)


def _goals(facts: tuple[Fact, ...]) -> Check:
    """Check that the customer's goal is known; whether it was met is theirs to say."""
    goals = [one for one in facts if one.key == "primary_goal" and one.value]
    if not goals:
        return Check(name="goals", state="unknown", says="no goal on record: ask what they signed up for")
    goal = goals[-1]
    said = Evidence(text=goal.quote or goal.value or "", source=f"fact {goal.id}")
    return Check(
        name="goals", state="open", says=f'have them confirm whether it was reached: "{goal.value}"', evidence=(said,)
    )


def _adoption(assessment: Assessment) -> Check:
    """Check that it is used."""
    side = next((one for one in assessment.health.measures if one.name == "adoption"), None)
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
        return Check(name="open issues", state="open", says=f"{len(cited)} on record", evidence=tuple(cited[:4]))
    known = bool(len(weeks)) or bool(case.events(at))
    return Check(name="open issues", state="ok" if known else "unknown", says="none on record")


def _promises(case: Case, at: datetime) -> Check:
    """Check that what was promised was kept."""
    late = [one for one in case.commitments(at) if one.due and one.due < at.date().isoformat()]
    if not late:
        return Check(name="promises", state="ok", says="none is overdue")
    cited = tuple(Evidence(text=f"{one.task}, due {one.due}", source=f"event {one.event_id}") for one in late[:4])
    return Check(name="promises", state="open", says=f"{len(late)} overdue", evidence=cited)


def _paperwork(case: Case, at: datetime) -> Check:
    """Check whether anybody spoke of paperwork; that it is done is for its owners to say."""
    told = [one for one in _lately(case, at) if any(word in one.note.casefold() for word in _PAPERWORK)]
    if not told:
        return Check(name="paperwork", state="unknown", says="nothing on record: ask what they need, and by when")
    cited = tuple(Evidence(text=f'"{one.note}"', source=one.source) for one in told[:2])
    return Check(
        name="paperwork", state="open", says="has been spoken of; legal and procurement own it", evidence=cited
    )


def _price(case: Case, at: datetime, weeks: Weeks) -> Check:
    """Check that price questions went to sales."""
    asked = [one for one in _lately(case, at) if "price_pressure" in one.themes]
    if not asked:
        known = bool(len(weeks))
        return Check(name="price", state="ok" if known else "unknown", says="no price question on record")
    cited = tuple(Evidence(text=f'"{one.note}"', source=one.source) for one in asked[:2])
    handed = [one for one in case.book.products if one.kind == "hand_off" and one.on >= asked[-1].start]
    if handed:
        said = Evidence(text=handed[-1].title, source=f"work product {handed[-1].id}")
        return Check(name="price", state="ok", says="handed to sales", evidence=(*cited, said))
    return Check(name="price", state="open", says="a price question is on record: hand it to sales", evidence=cited)


def _lately(case: Case, at: datetime) -> Iterator[Week]:
    """Yield the notes of the last half year, the latest first."""
    return (one for one in case.notes(at) if (at.date() - one.start).days <= 7 * _ASKED_WEEKS)
