"""How ready a renewal is: always the same checklist, each item told by what is on record."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from health_accounts import (
    COUNT,
    NOW,
    account,
    bent,
    crm,
    event,
    fact,
    falling,
    midnight,
    promise,
    review,
    start_of,
    steady,
    weeks,
)

from fleet_runtime.health import Case, Check, readiness
from fleet_runtime.records.book import ProductKind, WorkProduct

ITEMS = ["sponsor", "champion", "goals", "adoption", "open issues", "promises", "paperwork", "price"]
CALM = steady()
LAST = COUNT - 1
DAY = timedelta(days=1)
NOBODY = crm(champion="", exec_sponsor="")


def checks(case: Case) -> dict[str, Check]:
    """Return the checklist by name."""
    return {one.name: one for one in readiness(case, NOW, review(case))}


def written(on: date, kind: ProductKind = "hand_off") -> WorkProduct:
    """Return a work product of a day about a price question."""
    return WorkProduct(
        id=f"w-{on}", kind=kind, on=on, title="A price question", text="Text.", motion="weekly-review",
        role="customer-success-manager", to="sales", made_at=midnight(on), changed_at=midnight(on),
    )  # fmt: skip


@pytest.mark.parametrize(
    "case",
    [
        account(details=()),
        account(),
        account(weeks(CALM)),
        account(weeks(bent(CALM, falling(14, 0.3)), {LAST: ("Maria Ortiz leaves.", ("champion_leaving",))})),
    ],
)
def test_the_items_are_always_the_same_in_the_same_order(case: Case) -> None:
    found = readiness(case, NOW, review(case))
    assert [one.name for one in found] == ITEMS
    assert all(one.says for one in found)
    assert all(item.text and item.source for one in found for item in one.evidence)
    assert readiness(case, NOW, review(case)) == found


def test_nothing_on_record_is_unknown_and_not_well() -> None:
    found = checks(account(details=()))
    assert {name for name, one in found.items() if one.state == "ok"} <= {"promises"}
    assert {name for name, one in found.items() if one.state == "open"} == set()


@pytest.mark.parametrize(("name", "key"), [("sponsor", "exec_sponsor"), ("champion", "champion")])
def test_people_are_known_by_facts_before_the_crm(name: str, key: str) -> None:
    by_crm = checks(account(weeks(CALM)))[name]
    by_fact = checks(account(weeks(CALM), facts=[fact(key, "Ada Byron")]))[name]
    assert (by_crm.state, by_crm.evidence[0].source) == ("ok", "accounts.csv:2")
    assert (by_fact.state, by_fact.evidence[0].source) == ("ok", f"fact f-{key}-20260112")
    assert "Ada Byron" in by_fact.says
    assert checks(account(weeks(CALM), [NOBODY]))[name].state == "unknown"


@pytest.mark.parametrize(("name", "theme"), [("sponsor", "sponsor_lost"), ("champion", "champion_leaving")])
def test_a_person_who_is_leaving_is_open_and_the_note_is_cited(name: str, theme: str) -> None:
    told = account(weeks(CALM, {LAST: ("We will see who follows.", (theme,))}))
    found = checks(told)[name]
    assert found.state == "open"
    assert [item.source for item in found.evidence] == [f"event note-{LAST}"]
    other = "champion" if name == "sponsor" else "sponsor"
    assert checks(told)[other].state == "ok"


def test_a_person_who_is_leaving_is_told_by_the_note_though_more_is_wrong() -> None:
    falls = account(weeks(bent(CALM, falling(14, 0.3)), {LAST - 4: ("She goes in May.", ("champion_leaving",))}))
    found = checks(falls)["champion"]
    assert found.state == "open"
    assert {item.source for item in found.evidence} == {f"event note-{LAST - 4}"}


def test_goals_are_for_the_customer_to_confirm() -> None:
    goal = fact("primary_goal", "halve the time to invoice", quote="We want to halve it.")
    found = checks(account(facts=[goal]))["goals"]
    assert found.state == "unknown"
    assert "halve the time to invoice" in found.says
    assert found.evidence[0].text == "We want to halve it."


def test_adoption_is_well_low_or_unknown() -> None:
    states = [
        checks(case)["adoption"].state
        for case in (account(weeks(steady(use=0.85))), account(weeks(steady(use=0.15))), account())
    ]
    assert states == ["ok", "open", "unknown"]


def test_open_issues_are_those_on_record() -> None:
    issue = fact("open_issue", "the export fails")
    urgent = CALM | {"p1_open": [0.0] * LAST + [2.0]}
    found = checks(account(weeks(urgent), facts=[issue]))["open issues"]
    assert found.state == "open"
    assert {item.source for item in found.evidence} >= {f"fact {issue.id}"}
    assert len(found.evidence) == 2
    assert checks(account(weeks(CALM)))["open issues"].state == "ok"
    assert checks(account(events=[event("e", NOW - DAY)]))["open issues"].state == "ok"


def test_promises_are_open_when_they_are_overdue() -> None:
    late = promise("late", str(NOW.date() - DAY))
    found = checks(account(commitments=[late]))["promises"]
    assert found.state == "open"
    assert found.evidence[0].source == "event said-late"
    for due in (str(NOW.date()), str(NOW.date() + DAY), "", "next week", "1 May", "05/01/2026"):
        assert checks(account(commitments=[promise("p", due)]))["promises"].state == "ok", due


def test_paperwork_that_was_spoken_of_is_open_with_its_owners() -> None:
    noted = account(weeks(CALM, {LAST - 2: ("Procurement wants a security review.", ())}))
    found = checks(noted)["paperwork"]
    assert found.state == "open"
    assert "Procurement wants" in found.evidence[0].text
    assert found.evidence[0].source
    old = account(weeks(steady(60), {2: ("Procurement is involved.", ())}, first=date(2025, 4, 28)))
    assert checks(old)["paperwork"].state == "unknown"


PRICE = {10: ("It is too expensive.", ("price_pressure",))}


def test_a_price_question_is_open_until_it_was_handed_to_sales() -> None:
    rows = weeks(CALM, PRICE)
    assert checks(account(weeks(CALM)))["price"].state == "ok"
    assert checks(account(rows))["price"].state == "open"
    assert checks(account(rows, products=[written(start_of(9))]))["price"].state == "open"
    assert checks(account(rows, products=[written(start_of(12), "qbr")]))["price"].state == "open"
    handed = checks(account(rows, products=[written(start_of(12))]))["price"]
    assert handed.state == "ok"
    assert f"work product w-{start_of(12)}" in {item.source for item in handed.evidence}


def test_a_hand_off_of_later_is_not_known_yet() -> None:
    assert checks(account(weeks(CALM, PRICE), products=[written(NOW.date() + 30 * DAY)]))["price"].state == "open"


def test_a_price_question_after_the_hand_off_is_a_new_one() -> None:
    again = PRICE | {LAST: ("It is still too expensive.", ("price_pressure",))}
    assert checks(account(weeks(CALM, again), products=[written(start_of(12))]))["price"].state == "open"
