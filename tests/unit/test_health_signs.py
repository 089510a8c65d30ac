"""What the figures say: each way of going down has its sign, and what explains itself has a weaker one or none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from itertools import pairwise

import pytest
from health_accounts import (
    COUNT,
    NOW,
    START,
    Column,
    account,
    bent,
    crm,
    falling,
    health,
    invoice,
    known_from,
    matters,
    midnight,
    raised,
    review,
    rules,
    signs,
    start_of,
    steady,
    weeks,
)

from fleet_runtime.health import Case, seasons_of
from fleet_runtime.health.seasons import Common
from fleet_runtime.health.signs import either, ramp
from fleet_runtime.records.book import AccountDetails

CALM = steady()
FALL = bent(CALM, falling(14, 0.5))


def alarm(case: Case) -> float:
    """Return how much speaks for a risk."""
    return review(case).alarm


def strength(case: Case, matter: str) -> float:
    """Return how strongly the figures speak for a matter."""
    found = signs(case).get(matter)
    return found.strength if found else 0.0


def test_an_account_that_goes_on_as_it_did_raises_nothing() -> None:
    case = account(weeks(CALM))
    assert review(case).concerns == ()
    assert alarm(case) < 0.1
    assert health(case).trend == "steady"


FALLS: Mapping[str, Mapping[str, Column]] = {
    "usage_decline": bent(CALM, falling(14, 0.4)),
    "usage_stop": bent(CALM, {COUNT - 9: 0.0}),
    "depth_decline": bent(CALM, falling(13, 0.35), "key_feature_uses"),
    "login_decline": bent(CALM, falling(13, 0.3), "logins"),
    "concentration": CALM | {"top_user_share": [0.1 + index % 2 / 50 for index in range(15)] + [0.6] * 8},
    "low_adoption": bent(steady(use=0.15), {0: 1.0}),
    "support_load": CALM | {"p1_open": [0.0] * 17 + [3.0] * 6},
    "nps_fall": CALM
    | {
        "nps": [50.0 if index % 4 == 0 else None for index in range(15)] + [-40.0, None] * 4,
        "nps_responses": [8.0] * 23,
    },
    "going_quiet": CALM | {"tickets_opened": [8.0 + index % 3 for index in range(18)] + [0.0] * 5},
}


@pytest.mark.parametrize("matter", FALLS)
def test_each_way_of_going_down_has_its_sign_with_a_reason_and_evidence(matter: str) -> None:
    rows = weeks(FALLS[matter])
    young = crm(go_live_date=START - timedelta(days=60))
    case = account(rows, [young if matter == "low_adoption" else crm()])
    sign = signs(case)[matter]
    assert 0.2 < sign.strength <= 1
    assert sign.says
    assert sign.evidence
    told = [one for one in health(case).measures if one.says == sign.says]
    assert told
    assert all(item.text and item.source for one in told for item in one.evidence)
    assert alarm(case) > alarm(account(weeks(CALM)))


@pytest.mark.parametrize("matter", ["usage_decline", "usage_stop", "depth_decline"])
def test_grave_ones_are_raised_with_a_play(matter: str) -> None:
    found = raised(account(weeks(FALLS[matter])), "risk")
    assert found is not None
    assert found.matter == matter
    assert found.severity in {"medium", "high"}
    assert found.play == rules().matter(matter).play


def test_tickets_that_pile_up_are_a_sign_against_what_is_usual() -> None:
    many = CALM | {"tickets_opened": [2.0 + index % 3 for index in range(18)] + [15.0] * 5}
    assert strength(account(weeks(many)), "support_load") > 0.3
    always = CALM | {"tickets_opened": [15.0 + index % 3 for index in range(COUNT)]}
    assert strength(account(weeks(always)), "support_load") == 0


def test_an_urgent_ticket_weighs_more_the_longer_it_is_open() -> None:
    found = [
        strength(account(weeks(CALM | {"p1_open": [0.0] * (COUNT - count) + [2.0] * count})), "support_load")
        for count in (0, 2, 3, 5)
    ]
    assert found == sorted(found)
    assert found[0] == 0 < found[-1]


def test_invoices_weigh_more_the_later_they_are() -> None:
    days = (5, 25, 45, 90)
    found = [alarm(account(weeks(CALM), invoices=[invoice("7", NOW.date() - timedelta(days=late))])) for late in days]
    assert found == sorted(found)
    assert found[0] == 0 < found[-1]
    column = CALM | {"invoices_overdue": [0.0] * 12 + [2.0] * (COUNT - 12)}
    assert alarm(account(weeks(column))) > 0


def test_the_deeper_the_fall_the_graver() -> None:
    found = [alarm(account(weeks(bent(CALM, falling(14, share))))) for share in (1.0, 0.9, 0.8, 0.7, 0.55, 0.4, 0.25)]
    assert found[0] < 0.1
    assert found[-1] >= rules().bars.raise_
    assert all(later >= earlier - 0.02 for earlier, later in pairwise(found))
    scores = [health(account(weeks(bent(CALM, falling(14, share))))).score or 0 for share in (1.0, 0.7, 0.4)]
    assert scores == sorted(scores, reverse=True)


def test_the_level_counts_where_it_does_not_fall_any_further() -> None:
    stepped = bent(CALM, {COUNT - 6: 0.5})
    assert strength(account(weeks(stepped)), "usage_decline") > 0.3


def test_the_slope_counts_where_the_level_says_little_yet() -> None:
    share = 0.87
    sliding = {11 + step: 1 - 0.02 * step for step in range(1, 12)}
    case, flat = (account(weeks(bent(CALM, factors))) for factors in (sliding, {COUNT - 5: share}))
    assert strength(case, "usage_decline") > strength(flat, "usage_decline")


@pytest.mark.parametrize("share", [0.4, 0.25])
@pytest.mark.parametrize("size", [20, 100, 1000, 20_000])
def test_a_fall_is_a_fall_at_any_size(size: int, share: float) -> None:
    case = account(weeks(bent(steady(size=size), falling(13, share))), [crm(seats=size)])
    like = account(weeks(bent(steady(size=1000), falling(13, share))), [crm(seats=1000)])
    found, other = raised(case, "risk"), raised(like, "risk")
    assert found is not None
    assert other is not None
    assert (found.matter, found.severity) == (other.matter, other.severity)
    assert abs((health(case).score or 0) - (health(like).score or 0)) <= 4


def test_a_tiny_account_is_not_judged_by_one_person_more_or_less() -> None:
    columns: dict[str, Column] = {**steady(), "active_users": [3.0, 4.0, 3.0, 3.0, 4.0] * 4 + [3.0, 2.0, 3.0]}
    assert raised(account(weeks(columns), [crm(seats=6)]), "risk") is None


NAMES = ("active_users", "logins", "key_feature_uses", "top_user_share", "nps", "tickets_opened")


@pytest.mark.parametrize("factor", [0.0, 0.2, 4.0])
@pytest.mark.parametrize("name", NAMES)
def test_one_wild_week_changes_nothing_much(name: str, factor: float) -> None:
    calm = health(account(weeks(CALM)))
    for index in (9, 16, 20):
        case = account(weeks(bent(CALM, {index: factor, index + 1: 1.0}, name)))
        assert raised(case, "risk") is None
        assert raised(case, "expansion") is None
        assert abs((health(case).score or 0) - (calm.score or 0)) <= 6


def test_use_that_came_back_is_no_decline_any_more() -> None:
    dip = {14: 0.5, 20: 1.0}
    assert strength(account(weeks(bent(CALM, dip))), "usage_decline") < strength(
        account(weeks(bent(CALM, {14: 0.5}))), "usage_decline"
    )
    assert raised(account(weeks(bent(CALM, dip))), "risk") is None


def test_a_low_that_the_account_came_back_from_before_is_less_news() -> None:
    first, count = date(2025, 7, 7), 49
    at = known_from(45, first)
    tides, once = (
        account(weeks(bent(steady(count), factors), first=first), [crm(midnight(first), industry="")])
        for factors in ({10: 0.6, 24: 1.0, 40: 0.6}, {40: 0.6})
    )
    again, new = (signs(one, at, rules("seasons: []"))["usage_decline"].strength for one in (tides, once))
    assert again < new


QUIET = 'seasons: [{name: spring, from: "04-15", to: "06-10", quiet: %s}]'


def test_a_fall_in_a_quiet_season_is_no_news_and_in_a_slow_one_less() -> None:
    case = account(weeks(FALL))
    full = review(case).alarm
    slow, quiet = (review(account(weeks(FALL)), by=rules(QUIET % one)).alarm for one in ("false", "true"))
    assert full >= rules().bars.raise_
    assert slow < full
    assert quiet < rules().bars.raise_
    assert quiet <= slow
    measures = review(account(weeks(FALL)), by=rules(QUIET % "true")).health.measures
    assert [one.score for one in measures if one.name == "engagement"] != [health(case).measures[2].score]


def test_a_season_of_schools_is_none_of_shops() -> None:
    first = date(2026, 3, 2)
    columns = bent(CALM, falling(17, 0.4))
    at = known_from(22, first) + timedelta(hours=9)
    school, shop = (account(weeks(columns, first=first), [crm(industry=one)]) for one in ("Education", "retail"))
    assert review(school, at).alarm < review(shop, at).alarm


def test_the_same_dip_of_the_year_before_explains_this_years() -> None:
    first, count = date(2025, 1, 20), 75
    columns = steady(count)
    twice = bent(columns, {14: 0.55, 20: 1.0, 66: 0.55})
    once = bent(columns, {66: 0.55})
    at = known_from(71, first)
    cases = [account(weeks(one, first=first), [crm(midnight(first))]) for one in (twice, once)]
    again, new = (signs(case, at)["usage_decline"].strength for case in cases)
    assert again < 0.6 * new


def peers(count: int, factors: dict[int, float], industry: str = "Retail") -> list[Case]:
    """Return accounts of an industry that all move alike."""
    return [
        account(weeks(bent(steady(size=80 + 10 * number), factors)), [crm(industry=industry)])
        for number in range(count)
    ]


def test_what_most_of_an_industry_does_is_told_and_explains_the_fall_of_one() -> None:
    fall = {15: 0.85, 16: 0.7}
    seasons = seasons_of(peers(12, fall), rules())
    assert seasons.together("RETAIL", start_of(18)).change < -0.15
    assert seasons.together("retail", start_of(17) + timedelta(days=3)).fallen < -0.15
    assert seasons.together("retail", start_of(10)).change == pytest.approx(0, abs=0.02)
    assert seasons.together("transport", start_of(17)) == Common()
    case = account(weeks(bent(CALM, fall)))
    assert review(case, seasons=seasons).alarm < review(account(weeks(bent(CALM, fall)))).alarm


def test_few_accounts_or_a_divided_industry_tell_nothing() -> None:
    assert seasons_of(peers(3, {15: 0.7}), rules()).together("retail", start_of(17)) == Common()
    divided = [*peers(8, {15: 0.7}), *peers(9, {}), *peers(8, {15: 1.3})]
    assert seasons_of(divided, rules()).together("retail", start_of(17)).change == pytest.approx(0, abs=0.02)
    nobody = [account(), account(weeks(CALM), details=()), account(weeks(CALM), [crm(industry="")])]
    assert seasons_of(nobody, rules()).together("", start_of(17)) == Common()


def test_a_move_of_the_industry_is_no_fall_of_who_did_not_take_part() -> None:
    seasons = seasons_of(peers(12, {20: 1.5}), rules())
    assert seasons.together("retail", start_of(22)).change > 0
    assert raised(account(weeks(CALM)), "risk") is None
    assert review(account(weeks(CALM)), seasons=seasons).alarm <= alarm(account(weeks(CALM)))


@pytest.mark.parametrize("theme", ["planned_quiet", "data_problem", "one_off", "renewed"])
def test_a_note_that_explains_a_fall_makes_it_weaker(theme: str) -> None:
    noted = account(weeks(FALL, {COUNT - 2: ("We know why.", (theme,))}))
    assert strength(noted, "usage_decline") < strength(account(weeks(FALL)), "usage_decline")


def test_low_use_is_judged_against_the_seats_and_the_age_of_the_account() -> None:
    low = weeks(steady(use=0.15))

    def said(details: AccountDetails) -> float:
        return strength(account(low, [details]), "low_adoption")

    old, young = (said(crm(go_live_date=NOW.date() - timedelta(days=days))) for days in (900, 200))
    assert young > old > 0
    assert said(crm(go_live_date=NOW.date() - timedelta(days=20))) == 0
    assert said(crm(seats=None)) == said(crm(seats=0)) == 0
    assert strength(account(weeks(CALM)), "low_adoption") == 0


def test_few_answers_say_little() -> None:
    nps: list[float | None] = [50.0 if index % 4 == 0 else None for index in range(15)] + [-20.0, None, None, None] * 2
    many, few = (
        CALM | {"nps": nps, "nps_responses": [answers if one is not None else 0.0 for one in nps]}
        for answers in (12.0, 1.0)
    )
    assert strength(account(weeks(few)), "nps_fall") < strength(account(weeks(many)), "nps_fall")
    once: dict[str, Column] = {**CALM, "nps": [*[None] * 20, -90.0, None, None]}
    assert strength(account(weeks(once)), "nps_fall") == 0


def test_more_people_than_seats_is_a_question_and_no_risk() -> None:
    case = account(weeks(CALM), [crm(seats=40)])
    assert "more_users_than_seats" in matters(case)
    assert raised(case, "risk") is None


def test_signs_join_as_independent_doubts_do() -> None:
    assert either() == 0
    assert either(0.5, 0.5) == pytest.approx(0.75)
    assert either(0.3, 1.0) == 1
    assert [ramp(value, 1, 3) for value in (0, 1, 2, 3, 9, float("nan"))] == [0, 0, 0.5, 1, 1, 0]
