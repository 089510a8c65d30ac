"""The rules: layers laid over each other key by key, and what cannot be meant is refused by file and key."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from health_accounts import SHIPPED, account, bent, falling, raised, review, rules, steady, weeks
from hypothesis import given
from hypothesis import strategies as st

from fleet_runtime.errors import ContractError
from fleet_runtime.health import Rules, load_rules
from fleet_runtime.health.noted import MATTER_OF
from fleet_runtime.health.risks import _TITLES
from fleet_runtime.health.rules import MATTERS, SIDES, Season
from fleet_runtime.noting import THEMES

OWN = "prompts/health.yaml"
FALL = bent(steady(), falling(14, 0.4))


def refused(text: str) -> str:
    """Return what a layer over the shipped rules is refused with."""
    with pytest.raises(ContractError) as found:
        load_rules([("shipped.yaml", SHIPPED.read_text(encoding="utf-8")), (OWN, text)])
    assert found.value.hint
    return str(found.value)


def test_the_shipped_rules_know_every_matter_and_what_to_do_about_it() -> None:
    found = rules()
    assert {*MATTER_OF.values(), *_TITLES} == set(found.matters)
    assert all(found.matter(matter).play.endswith((".", "!")) for matter in found.matters)
    assert 0 < found.bars.raise_ < found.bars.high <= 1
    assert sum(found.weights.values()) == pytest.approx(100)


def test_a_layer_changes_the_keys_it_names_and_no_others() -> None:
    found, shipped = rules("matters: {champion: {weight: 0.2}}\nweights: {support: 30}"), rules()
    assert found.matter("champion").weight == 0.2
    assert found.matter("champion").play == shipped.matter("champion").play
    assert found.matter("champion").alone == shipped.matter("champion").alone
    assert found.matter("sponsor").weight == shipped.matter("sponsor").weight
    assert found.weights == shipped.weights | {"support": 30}
    assert found.seasons == shipped.seasons


def test_lists_are_replaced_whole_and_later_layers_win() -> None:
    one = 'seasons: [{name: harvest, from: "09-01", to: "09-30"}]\nbars: {high: 0.9}'
    found = rules(one, "bars: {high: 0.7}")
    assert [season.name for season in found.seasons] == ["harvest"]
    assert found.bars.high == 0.7
    assert rules("") == rules()
    assert rules("seasons: []").seasons == ()


def test_rules_decide_what_is_raised() -> None:
    case = account(weeks(FALL))
    assert raised(case, "risk") is not None
    calm = review(account(weeks(FALL)), by=rules("matters: {usage_decline: {weight: 0.05}, low_adoption: {weight: 0}}"))
    assert not [one for one in calm.concerns if one.kind == "risk"]
    grave = review(account(weeks(FALL)), by=rules("bars: {high: 0.5}"))
    assert grave.concerns[0].severity == "high"
    told = review(account(weeks(FALL)), by=rules("matters: {usage_decline: {play: Ring them.}}"))
    assert told.concerns[0].play == "Ring them."


def test_weights_decide_what_counts_in_the_score() -> None:
    only = (
        "weights: {adoption: 0, breadth: 0, engagement: 100, sentiment: 0, support: 0, relationship: 0, commercial: 0}"
    )
    found = review(account(weeks(FALL)), by=rules(only)).health
    engagement = next(one for one in found.measures if one.name == "engagement")
    assert engagement.score is not None
    assert found.score == round(engagement.score)
    nothing = review(account(weeks(FALL)), by=rules(only.replace("100", "0"))).health
    assert (nothing.score, nothing.confidence) == (None, 0)


def test_what_the_rules_do_not_name_weighs_nothing() -> None:
    found = rules()
    unnamed = found.matter("weather")
    assert (unnamed.weight, unnamed.play) == (0, "")
    assert found.half_life("weather") == found.half_life_weeks["default"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("weights: [", "YAML"),
        ("- a", "mapping"),
        ("weights: 3", "weights"),
        ("weights: {adoption: much}", "weights.adoption"),
        ("matters: {champion: {weight: 1.5}}", "matters.champion.weight"),
        ("matters: {champion: {alone: -1}}", "matters.champion.alone"),
        ("matters: {champion: {pley: x}}", "matters.champion.pley"),
        ("bars: {raise: 2}", "bars.raise"),
        ("bars: {height: 1}", "bars.height"),
        ('seasons: [{name: x, from: "1-1", to: "02-01"}]', "seasons.0"),
        ("seasons: [{name: x}]", "seasons.0"),
        ("half_life_weeks: {default: null}", "half_life_weeks.default"),
        ("colour: red", "colour"),
        ("1: 2", "1"),
    ],
)
def test_rules_that_cannot_be_meant_are_refused_by_file_and_key(text: str, words: str) -> None:
    said = refused(text)
    assert words in said
    assert OWN in said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("weights: {adoption: -5}", "weights.adoption"),
        ("weights: {adoption: .nan}", "weights.adoption"),
        ("weights: {adoption: .inf}", "weights.adoption"),
        ("weights: {adoptoin: 5}", "adoptoin"),
        ("matters: {champoin: {weight: 0.5}}", "champoin"),
        ("half_life_weeks: {champion: 0}", "half_life_weeks.champion"),
        ("half_life_weeks: {champion: -2}", "half_life_weeks.champion"),
        ("half_life_weeks: {champoin: 2}", "champoin"),
    ],
)
def test_numbers_without_sense_and_misspelt_names_are_refused(text: str, words: str) -> None:
    assert words in refused(text)


def test_rules_without_a_first_layer_lack_what_they_need() -> None:
    with pytest.raises(ContractError, match="weights"):
        load_rules([(OWN, "bars: {raise: 0.5, high: 0.8, expand: 0.5, calm: 0.5}")])
    with pytest.raises(ContractError):
        load_rules([])


SEASONS = """seasons:
  - {name: the turn, from: "12-18", to: "01-06", quiet: true}
  - {name: summer, from: "07-01", to: "08-31"}
  - {name: holidays, from: "07-10", to: "07-20", quiet: true, industries: [school]}
"""


@pytest.mark.parametrize(
    ("day", "industry", "name"),
    [
        (date(2026, 12, 18), "retail", "the turn"),
        (date(2027, 1, 6), "", "the turn"),
        (date(2027, 1, 7), "retail", None),
        (date(2026, 12, 17), "retail", None),
        (date(2026, 7, 1), "retail", "summer"),
        (date(2026, 7, 15), "retail", "summer"),
        (date(2026, 7, 15), "School", "holidays"),
        (date(2028, 2, 29), "school", None),
    ],
)
def test_a_day_lies_in_the_season_of_its_industry_a_quiet_one_first(day: date, industry: str, name: str | None) -> None:
    found = rules(SEASONS).season(day, industry)
    assert (found.name if found else None) == name


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(0, 365), st.integers(0, 200))
def test_a_season_holds_each_year_from_its_first_to_its_last_day(day: date, first: int, length: int) -> None:
    begin = date(2025, 1, 1) + timedelta(days=first % 365)
    end = begin + timedelta(days=length)
    found = rules(f'seasons: [{{name: x, from: "{begin:%m-%d}", to: "{end:%m-%d}"}}]').season(day, "retail")
    marks = {(begin + timedelta(days=step)).strftime("%m-%d") for step in range(length + 1)}
    leap = f"{day:%m-%d}" == "02-29"
    assert leap or (found is not None) == (f"{day:%m-%d}" in marks)


def test_the_page_on_health_names_every_side_matter_and_theme() -> None:
    page = (SHIPPED.parents[1] / "docs" / "health.md").read_text(encoding="utf-8")
    for name in (*SIDES, *MATTERS, *THEMES, *Rules.model_fields, *Season.model_json_schema()["properties"]):
        assert f"`{name}`" in page, name
