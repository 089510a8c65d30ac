"""What colleagues note: worries that fade, what settles them, upside they heard, and doubts about the CRM."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from health_accounts import (
    COUNT,
    NOW,
    Notes,
    account,
    bent,
    crm,
    known_from,
    matters,
    midnight,
    raised,
    review,
    rules,
    side,
    start_of,
    steady,
    weeks,
)

from fleet_runtime.health import Case
from fleet_runtime.health.noted import MATTER_OF
from fleet_runtime.records.book import AccountDetails

CALM = steady()
LAST = COUNT - 1
UNNAMED = crm(champion="", exec_sponsor="")


def noted(*told: tuple[int, str], details: AccountDetails = UNNAMED) -> Case:
    """Return a calm account with notes of one theme each, by week."""
    notes: Notes = {index: (f"A word on {theme}.", (theme,)) for index, theme in told}
    return account(weeks(CALM, notes), [details])


def alarm(*told: tuple[int, str]) -> float:
    """Return how much notes of themes speak for a risk."""
    return review(noted(*told)).alarm


@pytest.mark.parametrize("theme", MATTER_OF)
def test_each_theme_that_worries_speaks_for_its_matter_and_lowers_a_side(theme: str) -> None:
    matter = MATTER_OF[theme]
    assert rules().matter(matter).weight > 0
    assert rules().matter(matter).play
    assert 0 < alarm((LAST, theme)) <= 1
    told, calm = review(noted((LAST, theme))).health, review(account(weeks(CALM), [UNNAMED])).health
    cited = [item.source for one in told.measures for item in one.evidence]
    assert f"event note-{LAST}" in cited
    assert (told.score or 0) < (calm.score or 0)


@pytest.mark.parametrize("theme", ["praise", "chatter", "growth_news", ""])
def test_other_themes_worry_nobody(theme: str) -> None:
    assert alarm((LAST, theme)) == 0


def test_a_note_without_themes_says_nothing() -> None:
    case = account(weeks(CALM, {LAST: ("They cancel!", ())}), [UNNAMED])
    assert review(case).alarm == 0


@pytest.mark.parametrize("theme", ["champion_leaving", "cancel_talk", "competitor", "silence"])
def test_a_worry_fades_week_by_week(theme: str) -> None:
    found = [alarm((LAST - age, theme)) for age in (0, 2, 5, 9, 14, 20)]
    assert found == sorted(found, reverse=True)
    assert found[-1] < 0.75 * found[0]


def test_half_of_a_worry_is_gone_after_its_half_life() -> None:
    by = rules("half_life_weeks: {silence: 4}\nmatters: {silence: {weight: 0.8, alone: 1.0}}")
    fresh, later = (review(noted((LAST - age, "silence")), by=by).alarm for age in (1, 5))
    assert later == pytest.approx(fresh / 2, rel=0.02)


def test_notes_of_half_a_year_ago_are_forgotten() -> None:
    columns = steady(60)
    first = date(2025, 4, 28)
    at = known_from(59, first) + timedelta(hours=1)
    case = account(weeks(columns, {5: ("They cancel.", ("cancel_talk",))}, first=first), [UNNAMED])
    assert review(case, at).alarm == 0


def test_two_notes_say_more_than_one_and_never_more_than_certain() -> None:
    one, two = alarm((LAST, "price_pressure")), alarm((LAST, "price_pressure"), (LAST - 1, "price_pressure"))
    assert one < two
    assert alarm(*((index, "cancel_talk") for index in range(COUNT))) <= 1


def test_a_note_of_the_week_under_way_is_not_more_than_certain() -> None:
    by = rules("half_life_weeks: {champion: 1}\nmatters: {champion: {weight: 1.0, alone: 1.0}}")
    rows = weeks(CALM, {LAST: ("She leaves.", ("champion_leaving",))})
    under_way = rows[-1].model_copy(update={"known_from": midnight(start_of(LAST)) + timedelta(hours=9)})
    found = review(account((*rows[:-1], under_way)), midnight(start_of(LAST)) + timedelta(hours=10), by=by)
    assert 0 < found.alarm <= 1
    assert all(one.score is None or 0 <= one.score <= 100 for one in found.health.measures)


SETTLED = [
    ("champion_leaving", "successor"),
    ("sponsor_lost", "successor"),
    ("dissatisfied", "resolved"),
    ("competitor", "renewed"),
    ("price_pressure", "renewed"),
    ("cancel_talk", "renewed"),
    ("product_gap", "praise"),
    ("silence", "planned_quiet"),
]


@pytest.mark.parametrize(("worry", "settles"), SETTLED)
def test_a_later_note_settles_a_worry(worry: str, settles: str) -> None:
    open_, closed = alarm((LAST - 2, worry)), alarm((LAST - 2, worry), (LAST, settles))
    assert closed < 0.8 * open_


@pytest.mark.parametrize(("worry", "settles"), SETTLED)
def test_an_earlier_note_settles_nothing_that_came_after_it(worry: str, settles: str) -> None:
    assert alarm((LAST - 2, settles), (LAST, worry)) == pytest.approx(alarm((LAST, worry)))


def test_one_note_may_bring_the_worry_and_what_settles_it() -> None:
    both = account(weeks(CALM, {LAST: ("Maria leaves, Ken takes over.", ("champion_leaving", "successor"))}), [UNNAMED])
    assert review(both).alarm < 0.6 * alarm((LAST, "champion_leaving"))


def test_what_settles_one_worry_leaves_others() -> None:
    assert alarm((LAST - 1, "cancel_talk"), (LAST, "successor")) == alarm((LAST - 1, "cancel_talk"))


def test_a_champion_who_leaves_is_a_risk_that_cites_the_note() -> None:
    found = raised(noted((LAST, "champion_leaving")), "risk")
    assert found is not None
    assert found.matter == "champion"
    assert found.evidence[0].source == f"event note-{LAST}"
    assert "A word on champion_leaving." in found.evidence[0].text


def test_a_note_and_the_figures_together_weigh_more() -> None:
    fall = bent(CALM, {COUNT - 6: 0.6})
    both = review(account(weeks(fall, {LAST: ("No answer.", ("silence",))}), [UNNAMED])).alarm
    assert both > max(review(account(weeks(fall), [UNNAMED])).alarm, alarm((LAST, "silence")))


def believed(**beliefs: float) -> float:
    """Return the alarm of notes of the last week, of which the reader was so sure."""
    rows = weeks(CALM, {LAST: ("Somebody goes?", tuple(theme for theme, sure in beliefs.items() if sure >= 0.5))})
    unsure = rows[-1].model_copy(update={"beliefs": beliefs})
    return review(account((*rows[:-1], unsure), [UNNAMED])).alarm


def test_a_note_says_as_much_as_its_reader_believed() -> None:
    found = [believed(champion_leaving=sure) for sure in (0.0, 0.3, 0.6, 0.9)]
    assert found == sorted(found)
    assert found[0] == 0 < found[1] < found[-1]
    assert believed(champion_leaving=1.0) == pytest.approx(alarm((LAST, "champion_leaving")))


def test_what_settles_a_worry_must_be_believed() -> None:
    found = [believed(champion_leaving=0.9, successor=sure) for sure in (0.0, 0.3, 0.9)]
    assert found == sorted(found, reverse=True)
    assert found[0] == believed(champion_leaving=0.9)
    assert found[-1] < 0.6 * found[0]


def test_a_note_says_where_it_stands_though_it_is_no_event() -> None:
    rows = weeks(CALM, {LAST: ("She leaves.", ("champion_leaving",))})
    for source, cited in (("notes.csv:9", "notes.csv:9"), ("", f"week of {start_of(LAST)}")):
        bare = rows[-1].model_copy(update={"event_id": "", "source": source})
        found = raised(account((*rows[:-1], bare), [UNNAMED]), "risk")
        assert found is not None
        assert found.evidence[0].source == cited


@pytest.mark.parametrize(
    ("theme", "matter", "named"),
    [
        ("champion_leaving", "champion_on_record", "Maria Ortiz"),
        ("sponsor_lost", "sponsor_on_record", "Ken Adeyemi"),
    ],
)
def test_a_crm_that_names_who_left_is_doubted(theme: str, matter: str, named: str) -> None:
    for name, doubted in ((named.split(maxsplit=1)[0], True), ("Somebody", False)):
        case = account(weeks(CALM, {LAST: (f"{name} moves on in May.", (theme,))}))
        assert (matter in matters(case)) == doubted
    silent = account(weeks(CALM, {LAST: (f"{named} moves on in May.", (theme,))}), [UNNAMED])
    assert matter not in matters(silent)


def test_a_name_is_not_found_within_words() -> None:
    case = account(
        weeks(CALM, {LAST: ("The renewal talk: their sponsor is gone also.", ("champion_leaving",))}),
        [crm(champion="Al Stone")],
    )
    assert "champion_on_record" not in matters(case)


def test_a_crm_that_names_nobody_but_blanks_is_no_obstacle() -> None:
    case = account(weeks(CALM, {LAST: ("The champion left.", ("champion_leaving",))}), [crm(champion="  ")])
    assert raised(case, "risk") is not None


def test_interest_in_more_is_upside_and_fades() -> None:
    eager = noted((LAST, "expansion_interest"), (LAST - 1, "growth_news"))
    found = raised(eager, "expansion")
    assert found is not None
    assert {"event note-22", "event note-21"} <= {item.source for item in found.evidence}
    assert raised(noted((8, "expansion_interest"), (7, "growth_news")), "expansion") is None


def test_upside_is_not_handed_on_while_there_is_alarm() -> None:
    eager = [(LAST, "expansion_interest"), (LAST - 1, "growth_news")]
    assert raised(noted(*eager, (LAST - 2, "cancel_talk")), "expansion") is None


def test_a_renewal_that_is_noted_is_well_for_the_contract() -> None:
    calm, renewed = side(account(weeks(CALM)), "commercial"), side(noted((LAST - 3, "renewed")), "commercial")
    assert calm is not None
    assert renewed is not None
    assert renewed > calm
    passed = crm(renewal_date=NOW.date() - timedelta(days=20))
    assert "renewal_passed" in matters(account(weeks(CALM), [passed]))
    assert "renewal_passed" not in matters(noted((LAST - 3, "renewed"), details=passed))
