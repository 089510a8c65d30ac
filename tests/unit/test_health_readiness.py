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
from fleet_runtime.health.renewal import gravity
from fleet_runtime.records import Event
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


GOAL = fact("primary_goal", "80 percent of orders entered digitally", quote="We aim at 80 percent digital orders.")


def said(text: str, days: int = 20, kind: str = "message") -> Event:
    """Return what was said so many days ago."""
    return event(f"e-{days}", NOW - days * DAY, kind).model_copy(update={"text": text})


def test_a_goal_of_which_nobody_spoke_is_for_the_customer_to_confirm() -> None:
    found = checks(account(facts=[GOAL]))["goals"]
    assert (found.state, found.evidence[0].text) == ("unknown", "We aim at 80 percent digital orders.")
    assert found.says == 'ask whether it was reached: "80 percent of orders entered digitally"'
    assert checks(account())["goals"].says == "no goal on record: ask what they signed up for"


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("We reached our goal.", "ok"),
        ("We reached the 80 percent of orders entered digitally that we had aimed at.", "ok"),
        ("We missed our goal.", "open"),
        ("The goal of 80 percent of orders entered digitally was not reached.", "open"),
        ("Did we reach our goal?", "unknown"),
        ("We reached our goal of 60 percent of orders entered digitally.", "unknown"),
        ("Sales reached their goal of 40 deals.", "unknown"),
        ("We reached our goal, but not in the south.", "unknown"),
    ],
)
def test_a_goal_is_as_somebody_said_and_the_words_are_cited(text: str, state: str) -> None:
    found = checks(account(facts=[GOAL], events=[said(text)]))["goals"]
    assert found.state == state
    cited = [f"fact {GOAL.id}"] if state == "unknown" else [f"fact {GOAL.id}", "event e-20"]
    assert [item.source for item in found.evidence] == cited
    if state != "unknown":
        assert text.rstrip(".") in found.evidence[1].text
        assert str((NOW - 20 * DAY).date()) in found.says


def test_a_colleague_s_note_on_a_goal_counts_and_an_answer_of_the_house_does_not() -> None:
    noted = account(weeks(CALM, {LAST: ("They reached their goal.", ())}), facts=[GOAL])
    assert [item.source for item in checks(noted)["goals"].evidence] == [f"fact {GOAL.id}", f"event note-{LAST}"]
    assert checks(noted)["goals"].state == "ok"
    answered = account(facts=[GOAL], events=[said("You reached your goal.", kind="reply")])
    assert checks(answered)["goals"].state == "unknown"


def test_the_last_word_on_a_goal_counts() -> None:
    for first, last, state in (("reached", "missed", "open"), ("missed", "reached", "ok")):
        both = [said(f"We {first} our goal.", 40), said(f"We {last} our goal.", 10)]
        assert checks(account(facts=[GOAL], events=both))["goals"].state == state
    one_day = [said("We reached our goal.", 10), said("We missed our goal.", 10).model_copy(update={"id": "e-b"})]
    assert checks(account(facts=[GOAL], events=one_day))["goals"].state == "open"


def test_what_was_said_before_the_goal_or_after_the_moment_does_not_count() -> None:
    later = fact("primary_goal", "no more paper", NOW - 5 * DAY)
    assert checks(account(facts=[later], events=[said("We reached our goal.")]))["goals"].state == "unknown"
    assert checks(account(facts=[GOAL], events=[said("We reached our goal.", -3)]))["goals"].state == "unknown"


def test_of_several_goals_each_is_asked_about() -> None:
    more = fact("success_criteria", "no paper in the depots")
    one = account(facts=[GOAL, more], events=[said("We reached our goal.")])
    assert checks(one)["goals"].state == "unknown"
    named = account(facts=[GOAL, more], events=[said("The goal of no more paper in the depots was missed.")])
    assert checks(named)["goals"].state == "unknown", "it is denied twice, and cannot be told"
    half = account(facts=[GOAL, more], events=[said("We reached the goal of 80 percent of orders entered digitally.")])
    assert (checks(half)["goals"].state, "no paper in the depots" in checks(half)["goals"].says) == ("unknown", True)
    every = checks(account(facts=[GOAL, more], events=[said("We reached all our goals.")]))["goals"]
    assert every.state == "ok"
    assert len(every.evidence) == 3
    worse = account(facts=[GOAL, more], events=[said("We missed the goal of 80 percent of orders entered digitally.")])
    assert checks(worse)["goals"].state == "open"


@pytest.mark.parametrize(
    ("value", "state"),
    [("reached", "ok"), (" Met ", "ok"), ("not  reached", "open"), ("missed", "open"), ("?", "unknown")],
)
def test_a_fact_may_say_outright_what_became_of_a_goal(value: str, state: str) -> None:
    found = checks(account(facts=[GOAL, fact("goal_state", value, NOW - 3 * DAY)]))["goals"]
    assert found.state == state
    assert (found.evidence[-1].source == f"fact f-goal_state-{NOW - 3 * DAY:%Y%m%d}") == (state != "unknown")


def test_a_promise_that_is_the_goal_reaches_it_when_it_is_kept() -> None:
    def state(task: str, how: str = "done", days: int = 9) -> str:
        made = promise("p", "", task=task, state=how, closed_at=NOW - days * DAY, closed_by="e-closed")
        return checks(account(facts=[GOAL], commitments=[made]))["goals"].state

    same = "have 80 percent of the orders entered digitally"
    assert state(same) == "ok"
    assert state(same, "dropped") == "unknown"
    assert state(same, days=-3) == "unknown"
    assert state("send the report on orders entered digitally") == "unknown"


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


def told(*states: str) -> tuple[Check, ...]:
    """Return a checklist of which the first items are in some states, and the others well."""
    given = dict(zip(ITEMS, states, strict=False))
    return tuple(
        Check.model_validate({"name": name, "state": given.get(name, "ok"), "says": "So it is."}) for name in ITEMS
    )


ALL_UNKNOWN = told(*["unknown"] * len(ITEMS))


@pytest.mark.parametrize(
    ("items", "days", "severity"),
    [
        (told(), 14, "low"),
        (told("unknown"), 120, "low"), (told("unknown", "unknown"), 60, "medium"),
        (told("unknown"), 31, "low"), (told("unknown"), 30, "medium"),
        (ALL_UNKNOWN, 120, "low"), (ALL_UNKNOWN, 90, "medium"), (ALL_UNKNOWN, 14, "medium"),
        (told("open"), 180, "medium"), (told("open"), 31, "medium"), (told("open"), 30, "high"),
        (told("open", "open"), 61, "medium"), (told("open", "open"), 60, "high"),
        (told("open", "open", "open"), 91, "medium"), (told("open", "open", "open"), 90, "high"),
        (told("open", "unknown", "unknown"), 90, "medium"),
        (told("ok", "ok", "ok", "ok", "ok", "ok", "open"), 14, "medium"),
        (told("ok", "ok", "ok", "ok", "ok", "ok", "unknown"), 14, "low"),
        (told("ok", "ok", "ok", "ok", "ok", "ok", "open", "open"), 14, "high"),
    ],
)  # fmt: skip
def test_a_renewal_is_as_grave_as_it_is_near_and_as_much_is_open(
    items: tuple[Check, ...], days: int, severity: str
) -> None:
    assert gravity(items, days) == severity
