"""Books of accounts that are played from stories: what a story says is what stands in the files."""

from __future__ import annotations

import csv
import json
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from book_stories import Truth, main, write_book
from book_story_form import StoriesError, StoryFile, note_weeks, resolve, season_factor
from hypothesis import given
from hypothesis import strategies as st

BOOK = Path(__file__).parents[1] / "data" / "book"
DEV = BOOK / "stories_dev.yaml"
START = date(2026, 1, 5)
CALM = {"noise": 0, "seats": 100, "use": 0.6, "chatter": 0}
Rows = dict[int, dict[str, str]]


def story(kind: str = "decoy", **keys: object) -> dict[str, object]:
    return {"name": "told", "kind": kind, "what": "A test.", **CALM, **keys}


def told(folder: Path, *stories: dict[str, object], chatter: list[str] | None = None) -> Path:
    path = folder / "stories.yaml"
    path.write_text(
        yaml.safe_dump({"stories": list(stories), "chatter": chatter or []}, sort_keys=False), encoding="utf-8"
    )
    return path


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def play(folder: Path, one: dict[str, object], *, weeks: int = 52, chatter: list[str] | None = None) -> Rows:
    """Play one account of one story; its rows by week."""
    write_book(told(folder, one, chatter=chatter), folder, accounts=1, weeks=weeks, seed=7, start=START)
    return {(date.fromisoformat(row["week_start"]) - START).days // 7: row for row in table(folder / "weekly.csv")}


def users(rows: Rows, week: int) -> int:
    return int(rows[week]["active_users"])


@pytest.fixture(scope="module")
def dev() -> StoryFile:
    """The stories for developing, read once."""
    return StoryFile.load(DEV)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Truth]]:
    """A book of the stories for developing."""
    folder = tmp_path_factory.mktemp("book")
    return folder, write_book(DEV, folder, accounts=150, weeks=52, seed=5, start=START, healthy=0.3)


def test_the_same_seed_gives_the_same_bytes_and_another_gives_others(tmp_path: Path) -> None:
    loud = {"noise": [0.05, 0.1], "seats": [20, 90], "use": [0.5, 0.8], "chatter": 0.5}
    stories = told(
        tmp_path,
        {**story("decline", decision=[20, 40], notes={"d-3": ["{champion} left.", "{sponsor} left."]}), **loud},
        {**story("healthy"), **loud, "name": "well"},
        chatter=["Sent {company} a card.", "Called."],
    )
    for name, seed in (("one", 7), ("two", 7), ("three", 8)):
        write_book(stories, tmp_path / name, accounts=6, weeks=52, seed=seed, start=START)
    for file in ("accounts.csv", "weekly.csv", "truth.jsonl"):
        first, second, third = ((tmp_path / name / file).read_bytes() for name in ("one", "two", "three"))
        assert first == second
        assert first != third


@pytest.mark.parametrize("weeks", [40, 78])
def test_every_story_of_the_file_can_be_written(tmp_path: Path, weeks: int, dev: StoryFile) -> None:
    count = len(dev.stories) + 10
    truths = write_book(DEV, tmp_path, accounts=count, weeks=weeks, seed=1, start=START, healthy=0.15)
    assert {truth.story for truth in truths} == {one.name for one in dev.stories}
    wrongly_tracked = {one.name for one in dev.stories if one.broken}
    stories = {truth.account_id: truth.story for truth in truths}
    for row in table(tmp_path / "weekly.csv"):
        active, share = int(row["active_users"]), float(row["top_user_share"])
        if stories[row["account_id"]] not in wrongly_tracked:
            assert (1 / active if active else 0) <= share <= 1
        assert (row["nps"] == "") == (row["nps_responses"] == "0")
        assert "{" not in row["event"]
        assert date.fromisoformat(row["week_start"]).weekday() == 0


def test_the_truth_says_what_was_drawn_and_stays_inside(dev: StoryFile, book: tuple[Path, list[Truth]]) -> None:
    folder, truths = book
    stories = {one.name: one for one in dev.stories}
    lines = [json.loads(line) for line in (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["account_id"] for line in lines] == [row["account_id"] for row in table(folder / "accounts.csv")]
    for truth, line in zip(truths, lines, strict=True):
        assert line["story"] == truth.story
        assert line.get("decision_date") == (str(truth.decision_date) if truth.decision_date else None)
        assert truth.kind == stories[truth.story].kind
        assert truth.end_date == START + timedelta(weeks=52)
        for key, turned in (("decision", truth.decision_date), ("qualified", truth.qualified_date)):
            asked = getattr(stories[truth.story], key)
            assert (asked is None) == (turned is None)
            if turned is not None:
                assert asked[0] <= (turned - START).days / 7 <= asked[1]


def test_accounts_are_spread_evenly_and_in_no_order(book: tuple[Path, list[Truth]]) -> None:
    folder, truths = book
    assert Counter(truth.kind for truth in truths)["healthy"] == 45
    ill = Counter(truth.story for truth in truths if truth.kind != "healthy")
    assert max(ill.values()) - min(ill.values()) <= 1
    stories = [truth.story for truth in truths]
    assert stories != sorted(stories)
    assert len({row["company"] for row in table(folder / "accounts.csv")}) == 150


def test_a_curve_is_a_factor_between_its_points_and_constant_outside(tmp_path: Path) -> None:
    curves = {"active_users": {"10": 1.0, "20": 0.5, "30": 1.0}}
    rows = play(tmp_path, story(curves=curves))
    for week, expected in ((0, 60), (10, 60), (15, 45), (20, 30), (25, 45), (30, 60), (51, 60)):
        assert abs(users(rows, week) - expected) <= 1


def test_curves_may_refer_to_the_decision(tmp_path: Path) -> None:
    curves = {"active_users": {"d-10": 1.0, "d": 0.5}, "p1_open": {"d-3": 0, "d-2": 2, "d-1": 0}}
    rows = play(tmp_path, story("decline", decision=30, curves=curves))
    assert abs(users(rows, 20) - 60) <= 1
    assert abs(users(rows, 30) - 30) <= 1
    assert [rows[week]["p1_open"] for week in (27, 28, 29)] == ["0", "2", "0"]


def test_use_follows_the_users_and_its_own_curve(tmp_path: Path) -> None:
    fall = {"logins": {"20": 1.0, "21": 0.4}}
    rows = play(tmp_path, story(seats=2000, key_uses_per_user=10, logins_per_user=5, curves=fall))
    assert int(rows[10]["logins"]) == pytest.approx(6000, rel=0.06)
    assert int(rows[30]["logins"]) == pytest.approx(2400, rel=0.08)
    assert int(rows[30]["key_feature_uses"]) == pytest.approx(12000, rel=0.05)


def test_absolute_curves_give_shares_and_survey_levels(tmp_path: Path) -> None:
    curves = {"top_user_share": {"10": 0.1, "20": 0.6}, "nps": {"20": 100, "21": -100}}
    rows = play(tmp_path, story(curves=curves, nps_every=3))
    assert float(rows[5]["top_user_share"]) == pytest.approx(0.1, abs=0.002)
    assert float(rows[30]["top_user_share"]) == pytest.approx(0.6, abs=0.002)
    answers = {week: row["nps"] for week, row in rows.items() if row["nps"]}
    assert len(answers) >= 12
    assert set(answers.values()) == {"100", "-100"}
    assert all((value == "100") == (week <= 20) for week, value in answers.items())
    assert all(1 <= int(rows[week]["nps_responses"]) <= 8 for week in answers)


def test_no_surveys_where_the_story_has_none(tmp_path: Path) -> None:
    assert not any(row["nps"] for row in play(tmp_path, story(nps_every=0)).values())


def test_users_stay_within_the_seats_unless_the_story_says_so(tmp_path: Path) -> None:
    assert max(users(play(tmp_path, story(use=0.99, noise=0.2)), week) for week in range(52)) == 100
    rows = play(tmp_path, story(use=0.9, curves={"active_users": {"10": 1.0, "20": 1.5}}))
    assert users(rows, 30) > 130


def test_the_crm_shows_the_seats_of_the_last_week(tmp_path: Path) -> None:
    play(tmp_path, story(curves={"seats": {"10": 1.0, "11": 1.4}}, renewal_in=-20))
    (account,) = table(tmp_path / "accounts.csv")
    assert account["seats"] == "140"
    assert account["renewal_date"] == str(START + timedelta(weeks=52, days=-20))


def test_a_season_lowers_its_days_each_year_and_over_the_new_year(tmp_path: Path) -> None:
    rows = play(tmp_path, story(season={"12-20..01-11": 0.5, "07-06..07-19": 0.2}), weeks=78)
    assert abs(users(rows, 0) - 30) <= 1
    assert abs(users(rows, 10) - 60) <= 1
    assert abs(users(rows, 26) - 12) <= 1
    assert abs(users(rows, 51) - 30) <= 1
    assert abs(users(rows, 78 - 1) - 60) <= 1


def test_gaps_have_no_row(tmp_path: Path) -> None:
    rows = play(tmp_path, story("decline", decision=30, gaps=[[5, 7], "d-9"]))
    assert set(range(52)) - set(rows) == {5, 6, 7, 21}


def test_late_rows_stand_at_the_end_of_the_file(tmp_path: Path) -> None:
    rows = play(tmp_path, story(late=[[14, 15]]))
    assert list(rows)[-2:] == [14, 15]
    assert list(rows)[:-2] == [week for week in range(52) if week not in {14, 15}]


def test_broken_tracking_delivers_what_it_says(tmp_path: Path) -> None:
    broken = [
        {"weeks": [21, 22], "set": {"active_users": 0, "logins": 0, "nps": -100, "nps_responses": 1}},
        {"weeks": [30, 30], "times": {"active_users": 2}},
    ]
    rows = play(tmp_path, story(broken=broken))
    for week in (21, 22):
        assert (rows[week]["active_users"], rows[week]["logins"], rows[week]["nps"]) == ("0", "0", "-100")
        assert int(rows[week]["key_feature_uses"]) > 0
    assert users(rows, 30) == pytest.approx(120, abs=2)
    assert abs(users(rows, 23) - 60) <= 1


def test_notes_stand_in_their_weeks_with_names_filled_in(tmp_path: Path) -> None:
    crm = {"champion": "Maria Ortiz", "champion_today": "{successor}", "successor": "Ken Ito", "exec_sponsor_today": ""}
    notes = {"d-4": ["{champion} leaves."], "9": ["One.", "Two."], "07-08": ["Holidays of {seats}."]}
    rows = play(tmp_path, story("decline", decision=30, crm=crm, notes=notes))
    assert {week for week, row in rows.items() if row["event"]} == {9, 26}
    assert rows[26]["event"] in {"Maria Ortiz leaves. Holidays of 100.", "Maria leaves. Holidays of 100."}
    assert rows[9]["event"] in {"One.", "Two."}
    (account,) = table(tmp_path / "accounts.csv")
    assert (account["champion"], account["exec_sponsor"]) == ("Ken Ito", "")


def test_chatter_stands_only_where_no_note_is(tmp_path: Path) -> None:
    rows = play(tmp_path, story(chatter=1, notes={"3": ["Told."]}), chatter=["Moved to Friday."])
    assert rows[3]["event"] == "Told."
    assert all(row["event"] == "Moved to Friday." for week, row in rows.items() if week != 3)


def test_chatter_is_silent_on_people_who_went(tmp_path: Path) -> None:
    chatter = ["{champion} says hi.", "{sponsor} says hi.", "Rain."]
    rows = play(tmp_path, story(chatter=1, crm={"champion_today": "", "exec_sponsor": "Ann Lee"}), chatter=chatter)
    assert {row["event"] for row in rows.values()} == {"Rain.", "Ann says hi.", "Ann Lee says hi."}


def test_a_noisy_week_leans_on_the_one_before(tmp_path: Path) -> None:
    rows = play(tmp_path, story(seats=5000, noise=0.1), weeks=400)
    series = [users(rows, week) - 3000 for week in range(400)]
    together = sum(now * after for now, after in pairwise(series))
    assert 0.3 < together / sum(one * one for one in series) < 0.8


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"kind": "decline"}, "decision"),
        ({"qualified": [3, 9]}, "qualified"),
        ({"curves": {"active_users": {"d-4": 1.0}}}, "decision"),
        ({"curves": {"mood": {"4": 1.0}}}, "mood"),
        ({"curves": {"logins": {"x-4": 1.0}}}, "logins"),
        ({"seats": [90, 30]}, "seats"),
        ({"season": {"12-20": 0.4}}, "season"),
        ({"season": {"13-20..14-01": 0.4}}, "season"),
        ({"notes": {"5": ["{boss} is gone"]}}, "notes.5"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_is_not_in_the_form_is_refused_by_story_and_key(
    tmp_path: Path, changed: dict[str, object], words: str
) -> None:
    path = told(tmp_path, {**story(), **changed})
    with pytest.raises(StoriesError, match=words) as refused:
        StoryFile.load(path)
    assert "story told" in str(refused.value)


def test_files_that_are_no_story_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "stories.yaml"
    for text in ("stories: [", "a: 1", "stories: 3"):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(StoriesError, match="stories"):
            StoryFile.load(path)
    with pytest.raises(StoriesError, match="told twice"):
        StoryFile.load(told(tmp_path, story(), story()))
    with pytest.raises(StoriesError, match="no Monday"):
        write_book(DEV, tmp_path, accounts=1, weeks=52, seed=1, start=date(2026, 1, 6))


@given(st.sampled_from("dqm"), st.integers(0, 60), st.integers(-40, 40))
def test_weeks_are_counted_from_their_anchor(anchor: str, turned: int, offset: int) -> None:
    assert resolve(f"{anchor}{offset:+d}", {anchor: turned}) == turned + offset
    assert resolve(anchor, {anchor: turned}) == turned


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)))
def test_a_season_over_the_new_year_has_both_its_ends(day: date) -> None:
    inside = (day.month, day.day) >= (12, 20) or (day.month, day.day) <= (1, 5)
    assert season_factor({"12-20..01-05": 0.5}, day) == (0.5 if inside else 1.0)


def test_a_month_day_is_a_week_of_each_year() -> None:
    assert note_weeks("01-08", {}, START, 60) == [0, 52]


def test_the_command_line_writes_a_book(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([str(DEV), "--out", str(tmp_path), "--accounts", "12", "--seed", "3", "--weeks", "44", "--healthy", "0.5"])
    assert "healthy: 6" in capsys.readouterr().out
    assert len(table(tmp_path / "accounts.csv")) == 12


def test_the_labelled_notes_are_enough_of_each_theme() -> None:
    lines = [json.loads(line) for line in (BOOK / "notes_dev.jsonl").read_text(encoding="utf-8").splitlines()]
    counts = Counter(theme for line in lines for theme in line["themes"])
    assert len(lines) >= 900
    assert len({line["text"] for line in lines}) == len(lines)
    assert len(counts) == 19
    assert min(counts.values()) >= 40
    assert sum(not line["themes"] for line in lines) >= 250
    assert all(3 <= len(line["text"].split()) <= 45 for line in lines)


def test_the_stories_for_developing_are_many_and_differently_told(dev: StoryFile) -> None:
    kinds = Counter(one.kind for one in dev.stories)
    assert kinds["decline"] >= 14
    assert kinds["growth"] >= 8
    assert kinds["decoy"] >= 14
    assert kinds["healthy"] >= 4
    assert len(set(dev.chatter)) >= 40
    assert all(len(set(variants)) >= 4 for one in dev.stories for variants in one.notes.values())
