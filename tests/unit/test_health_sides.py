"""The sides of health, the score that they come to, its trend and reasons; all that is said can be looked up."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from health_accounts import (
    COUNT,
    NOW,
    Column,
    account,
    bent,
    crm,
    event,
    fact,
    falling,
    health,
    invoice,
    known_from,
    promise,
    raised,
    review,
    rules,
    side,
    sources,
    start_of,
    steady,
    texts,
    weeks,
)

from fleet_runtime.health import Case, seasons_of
from fleet_runtime.health.seasons import NO_SEASONS, Common, Seasons
from fleet_runtime.records.book import Evidence

CALM = steady()
FALL = bent(CALM, falling(14, 0.4))
DAY = timedelta(days=1)
_SIDES = ("adoption", "breadth", "engagement", "sentiment", "support", "relationship", "commercial")
SHOWN = {
    "active users": "active_users",
    "logins": "logins",
    "key feature uses": "key_feature_uses",
    "tickets opened": "tickets_opened",
    "urgent tickets open": "p1_open",
    "invoices overdue": "invoices_overdue",
    "share of the busiest user": "top_user_share",
}
"""Under which name evidence shows which column."""


def full(columns: Mapping[str, Column], moment: int = COUNT - 2) -> Case:
    """Return an account of which something is known of every side, and which is in some trouble."""
    notes = {
        moment - 3: ("They like it.", ("praise",)),
        moment - 1: ("Maria Ortiz may leave.", ("champion_leaving",)),
        moment: ("They asked about Foo Ltd.", ("competitor", "expansion_interest")),
    }
    return account(
        weeks({**columns, "invoices_overdue": [0.0] * 15 + [1.0] * 8}, notes),
        [crm(renewal_date=NOW.date() + 40 * DAY)],
        facts=[fact("sentiment", "worried"), fact("exec_sponsor", "Ken Adeyemi"), fact("seats", "100")],
        events=[event("call-1", NOW - 20 * DAY)],
        commitments=[promise("p1", str(NOW.date() - 4 * DAY)), promise("p2", str(NOW.date() + 3 * DAY), owner="")],
        invoices=[invoice("7", NOW.date() - 50 * DAY), invoice("8", NOW.date() - 30 * DAY)],
    )


CASES = {
    "calm": full(CALM),
    "falling": full(FALL),
    "stopped": full(bent(CALM, {COUNT - 4: 0.0})),
    "urgent": full(CALM | {"p1_open": [0.0] * 17 + [3.0] * 6, "tickets_opened": [2.0] * 18 + [15.0] * 5}),
    "one person": full(CALM | {"top_user_share": [0.1 + index % 2 / 50 for index in range(15)] + [0.6] * 8}),
    "shallow": full(bent(CALM, falling(13, 0.35), "key_feature_uses")),
    "growing": account(weeks(bent(CALM, {12 + step: 1 + 0.05 * step for step in range(11)}))),
    "doubted": account(weeks(bent(CALM, {COUNT - 1: 3.0}, "active_users")), [crm(renewal_date=date(2026, 5, 1))]),
    "in touch": account(weeks(CALM), events=[event("call-1", NOW - 20 * DAY)]),
    "with holes": account(weeks(CALM, without=(14, 19, 20, 21))),
}


def figures(item: Evidence, case: Case) -> list[tuple[str, str]]:
    """Return the figures of an item of evidence beside those of the rows that it cites."""
    found = re.fullmatch(r"(.+) in the last four weeks: (.+?)(?:; (.+) before)?", item.text)
    if found is None or found[1] not in SHOWN:
        return []
    grid = case.weeks(NOW)
    assert item.source.startswith(f"week of {grid.start(-1)}")
    said = found[2].split(", ")
    values = [grid.value(SHOWN[found[1]], index) for index in range(len(grid) - 4, len(grid))]
    digits = [len(one.partition(".")[2]) for one in said]
    stands = (f"{value:.{count}f}".replace("nan", "no data") for value, count in zip(values, digits, strict=True))
    return list(zip(said, stands, strict=True))


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_source_that_is_cited_exists(case: Case) -> None:
    rows = case.book.signals
    known = {f"week of {row.start} ({row.source})" for row in rows.weeks} | {row.source for row in rows.details}
    known |= {f"event {row.event_id}" for row in rows.weeks if row.note} | {row.source for row in rows.invoices}
    known |= {f"fact {one.id}" for one in case.state.facts} | {f"event {one.id}" for one in case.state.events}
    known |= {f"event {one.event_id}" for one in case.state.commitments}
    cited = set(sources(review(case)))
    assert cited
    assert cited <= known


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_figure_of_evidence_stands_in_the_rows(case: Case) -> None:
    found = review(case)
    items = [item for one in found.concerns for item in one.evidence]
    items += [item for one in found.health.measures for item in one.evidence]
    compared = [pair for item in items for pair in figures(item, case)]
    assert compared
    assert all(said == stands for said, stands in compared)


def test_a_source_is_named_though_the_rows_name_none() -> None:
    rows = [row.model_copy(update={"source": "", "event_id": ""}) for row in weeks(FALL, {20: ("Hm.", ("silence",))})]
    case = account(
        rows, [crm(source="")], invoices=[invoice("7", NOW.date() - 50 * DAY).model_copy(update={"source": ""})]
    )
    assert all(sources(review(case)))


def test_what_a_fall_is_said_to_be_is_what_the_rows_show() -> None:
    found = raised(account(weeks(FALL)), "risk")
    assert found is not None
    said = re.search(r"fell by (\d+)%", found.reasons[0])
    assert said is not None
    assert int(said[1]) == pytest.approx(60, abs=3)
    assert "36 of 100" not in found.reasons[0]


@pytest.mark.parametrize("seasons", [NO_SEASONS, Seasons({"retail": {start_of(6): Common(-0.4, -0.4)}}, {})])
def test_levels_that_are_told_are_the_accounts_own(seasons: Seasons) -> None:
    found = review(account(weeks(CALM)), seasons=seasons).health
    adoption = next(one for one in found.measures if one.name == "adoption")
    said = re.match(r"(\d+) of (\d+) seats", adoption.says)
    assert said is not None
    assert int(said[1]) == pytest.approx(60, abs=2)
    for one in found.measures:
        for before in re.findall(r"active users.*; (\d+) before", " ".join(item.text for item in one.evidence)):
            assert int(before) == pytest.approx(60, abs=2)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_people_read_are_words_and_figures(case: Case) -> None:
    found = review(case)
    for text in texts(found):
        assert text.strip()
        assert not re.search(r"\b(nan|inf|None|infinity)\b", text), text
        assert not re.search(r"\b1 (days|weeks|invoices)\b", text), text
    for one in found.concerns:
        assert one.reasons
        assert one.title[0].isupper()
        for reason in one.reasons:
            assert reason[0].isupper() or reason[0].isdigit(), reason
            assert reason.endswith("."), reason


def test_one_day_and_one_invoice_are_told_as_one() -> None:
    case = account(
        weeks(FALL),
        [crm(renewal_date=NOW.date() + DAY)],
        events=[event("e", NOW - DAY)],
        invoices=[invoice("7", NOW.date() - 90 * DAY)],
    )
    told = " ".join(texts(review(case)))
    assert not re.search(r"\b1 (days|weeks|invoices)\b", told), told


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_health_is_within_bounds_and_adds_up(case: Case) -> None:
    found = health(case)
    assert [one.name for one in found.measures] == list(_SIDES)
    assert found.score is not None
    assert 0 <= found.score <= 100
    assert 0 <= found.confidence <= 1
    there = [50.0 if one.score is None else one.score for one in found.measures]  # what nobody knows is not well
    assert min(there) - 1 <= found.score <= max(there) + 1
    assert found.on == NOW.date()
    assert 1 <= len(found.reasons) <= 3
    assert {one.name for one in found.reasons} <= {one.name for one in found.measures}
    assert all(one in found.measures and one.evidence for one in found.reasons)


def test_the_trend_is_that_of_four_weeks_and_has_the_slopes_sign() -> None:
    down, calm = health(account(weeks(FALL)), known_from(17)), health(account(weeks(CALM)))
    assert (down.trend, calm.trend) == ("down", "steady")
    assert down.slope < 0
    recovered = bent(CALM, {10: 0.4, 20: 1.0})
    up = health(account(weeks(recovered)))
    assert up.trend == "up"
    assert up.slope > 0
    assert health(account(weeks(CALM)), known_from(2)).trend == "unknown"


def test_the_weightiest_reason_is_what_went_wrong() -> None:
    found = health(account(weeks(FALL)))
    assert "engagement" in {one.name for one in found.reasons[:2]}
    falls = next(one for one in found.reasons if one.name == "engagement")
    assert falls.slope < 0 or (falls.score or 0) < 40
    assert "fell" in falls.says


def test_confidence_grows_with_what_is_known() -> None:
    found = [
        health(account(weeks({name: CALM[name] for name in names}), details)).confidence
        for names, details in (
            ((), ()),
            (("active_users",), ()),
            (("active_users", "key_feature_uses"), (crm(),)),
            (tuple(CALM), (crm(),)),
        )
    ]
    assert found == sorted(found)
    assert found[0] == 0
    assert found[-1] > 0.8
    short = health(account(weeks(steady(4)), [crm()]), known_from(3)).confidence
    assert short < found[-1]


def test_a_confidence_is_not_made_of_a_note_that_has_nearly_faded() -> None:
    old = account(weeks(steady(COUNT), {0: ("A new board.", ("reorg",))}), [crm(champion="", exec_sponsor="")])
    relationship = next(one for one in health(old).measures if one.name == "relationship")
    assert relationship.score is None or relationship.confidence < 0.5


def test_adoption_is_of_the_seats_a_fact_before_the_crm() -> None:
    found = [
        side(account(weeks(CALM), [crm(seats=seats)], facts=facts), "adoption")
        for seats, facts in ((100, []), (70, []), (100, [fact("seats", "70")]), (0, []), (None, []))
    ]
    assert found[0] is not None
    assert found[1] is not None
    assert found[1] > found[0]
    assert found[2] == found[1]
    assert found[3] is found[4] is None


@pytest.mark.parametrize(
    ("value", "seats"),
    [
        ("about 1200 seats", {1200}),
        ("1,200", {1200}),
        ("1200.5", {1200, 1000}),
        ("many", {1000}),
        ("0", {1000}),
        ("-", {1000}),
        ("²", {1000}),
        ("1200 seats since 2026", {1200, 1000}),
        ("1200 to 1500", {1200, 1500, 1000}),
    ],
)
def test_seats_are_read_as_they_are_meant_or_the_crm_is_asked(value: str, seats: set[int]) -> None:
    rows = weeks(steady(size=1000))
    stated = side(account(rows, [crm(seats=1000)], facts=[fact("seats", value)]), "adoption")
    assert stated in {side(account(rows, [crm(seats=count)]), "adoption") for count in seats}


def test_breadth_counts_the_features_in_use() -> None:
    used = CALM | {"uses_a": [5.0] * COUNT, "uses_b": [4.0] * COUNT}
    half = used | {"uses_b": [4.0] * (COUNT - 8) + [0.0] * 8}
    all_, some = (side(account(weeks(columns)), "breadth") for columns in (used, half))
    assert all_ is not None
    assert some is not None
    assert some < all_


@pytest.mark.parametrize(
    ("mood", "good"),
    [("happy", True), ("very pleased", True), ("frustrated", False), ("not happy", False), ("un-happy", True)],
)
def test_the_mood_on_record_counts(mood: str, *, good: bool) -> None:
    quiet = {name: values for name, values in CALM.items() if not name.startswith("nps")}
    found = side(account(weeks(quiet), facts=[fact("sentiment", mood)]), "sentiment")
    assert found is not None
    assert (found > 55) == good


def test_a_mood_that_is_neither_says_nothing() -> None:
    quiet = {name: values for name, values in CALM.items() if not name.startswith("nps")}
    assert side(account(weeks(quiet), facts=[fact("sentiment", "as ever")]), "sentiment") is None
    praised = account(weeks(quiet, {COUNT - 2: ("Great tool.", ("praise",))}))
    assert (side(praised, "sentiment") or 0) > 55


def test_talk_and_people_make_the_relationship() -> None:
    nobody = crm(champion="", exec_sponsor="")
    found = [
        side(account(weeks(CALM), [details], events=events), "relationship") or 0
        for details, events in (
            (nobody, [event("e", NOW - 100 * DAY)]),
            (crm(exec_sponsor=""), [event("e", NOW - 100 * DAY)]),
            (crm(), [event("e", NOW - 100 * DAY)]),
            (crm(), [event("e", NOW - 5 * DAY)]),
        )
    ]
    assert found == sorted(found)
    assert found[0] < found[-1]
    noted = account(weeks(CALM), [nobody], events=[event("n", NOW - DAY, kind="note")])
    assert side(noted, "relationship") is None
    assert noted.contact(NOW) is None
    assert account(events=[event("e", NOW - DAY), event("f", NOW + DAY)]).contact(NOW) == NOW - DAY


def test_a_renewal_is_told_when_it_is_near() -> None:
    near, far = (
        raised(account(weeks(FALL), [crm(renewal_date=NOW.date() + days * DAY)]), "risk") for days in (30, 300)
    )
    assert near is not None
    assert far is not None
    assert any("30 days" in reason for reason in near.reasons)
    assert not any("renews" in reason for reason in far.reasons)


def test_a_date_on_record_is_a_fact_before_the_crm() -> None:
    case = account(weeks(CALM), facts=[fact("renewal_date", "2026-09-30", quote="We renew in September.")])
    found = case.renewal(NOW)
    assert found is not None
    assert (found.on, found.stated) == (date(2026, 9, 30), True)
    assert found.evidence == Evidence(text="We renew in September.", source="fact f-renewal_date-20260112")
    vague = account(weeks(CALM), facts=[fact("renewal_date", "next spring")]).renewal(NOW)
    assert vague is not None
    assert vague.on == crm().renewal_date
    assert account(details=[crm(renewal_date=None)]).renewal(NOW) is None


def test_promises_are_told_when_they_are_due() -> None:
    today = NOW.date()
    given = {"late": -5, "today": 0, "soon": 6, "far": 40, "ancient": -400}
    case = account(commitments=[promise(name, str(today + days * DAY)) for name, days in given.items()])
    found = {one.matter: one.severity for one in review(case).concerns if one.kind == "commitment"}
    assert found == {"commitment-late-late": "medium", "commitment-today": "low", "commitment-soon": "low"}
    vague = account(commitments=[promise("v", "next week"), promise("w", "")])
    assert review(vague).concerns == ()
    closed = promise("late", str(today - 5 * DAY)).model_copy(update={"closed_at": NOW - DAY, "state": "done"})
    assert review(account(commitments=[closed])).concerns == ()


def test_seasons_are_those_of_the_accounts() -> None:
    assert seasons_of([], rules()) == NO_SEASONS
    assert rules().season(NOW.date(), "retail") is None
