"""Motions as people write them: every form, and every mistake with its line and what to write."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from motion_cases import motion, role

from fleet_runtime import documents
from fleet_runtime.contracts import Condition, Trigger
from fleet_runtime.errors import ContractError
from fleet_runtime.motions import motions_of, read_motions
from fleet_runtime.motions.grammar import ANYBODY, pieces, product_kind
from fleet_runtime.records.book import ProductKind


@pytest.mark.parametrize(
    ("words", "trigger"),
    [
        ("every Monday", Trigger(kind="cron", cron="0 6 * * 1")),
        ("every Monday and Thursday", Trigger(kind="cron", cron="0 6 * * 1,4")),
        ("every day", Trigger(kind="cron", cron="0 6 * * *")),
        ("every weekday", Trigger(kind="cron", cron="0 6 * * 1-5")),
        ("every week", Trigger(kind="cron", cron="0 6 * * 1")),
        ("every month", Trigger(kind="cron", cron="0 6 1 * *")),
        ("every quarter", Trigger(kind="cron", cron="0 6 1 1,4,7,10 *")),
        ("every year", Trigger(kind="cron", cron="0 6 1 1 *")),
        ("cron `30 7 * * 5`", Trigger(kind="cron", cron="30 7 * * 5")),
        ("180, 30, 14 days before `renewal_date`", Trigger(kind="date", fact="renewal_date", days=(-180, -30, -14))),
        ("90 and 30 days before renewal_date", Trigger(kind="date", fact="renewal_date", days=(-90, -30))),
        ("1 day after `go_live_date`", Trigger(kind="date", fact="go_live_date", days=(1,))),
        ("on `go_live_date`", Trigger(kind="date", fact="go_live_date", days=(0,))),
        ("no contact for 45 days", Trigger(kind="silence", days=(45,))),
        ("no contact in 1 day", Trigger(kind="silence", days=(1,))),
        ("when `champion`", Trigger(kind="rule", rule="champion")),
        ("when an expansion is raised", Trigger(kind="rule", rule="expansion")),
        ("when a high risk is raised", Trigger(kind="rule", rule="high risk")),
        ("when a data-check holds", Trigger(kind="rule", rule="data_check")),
    ],
)
def test_when_a_motion_is_due(words: str, trigger: Trigger) -> None:
    assert motion(f"`name` ({words}) — review").trigger == trigger


@pytest.mark.parametrize(
    ("words", "condition"),
    [
        ("if `health` below 60", Condition(of="health", test="below", value="60")),
        ("if the health is above 60.5", Condition(of="health", test="above", value="60.5")),
        ("unless `renewal_state` is renewed", Condition(of="renewal_state", test="is", value="renewed", negated=True)),
        ("if `plan` is `gold edition`", Condition(of="plan", test="is", value="gold edition")),
        ("if `champion` is known", Condition(of="champion", test="known")),
        ("unless champion known", Condition(of="champion", test="known", negated=True)),
    ],
)
def test_on_what_condition(words: str, condition: Condition) -> None:
    assert motion(f"`name` (every day; {words}) - review").when == (condition,)


@pytest.mark.parametrize(
    ("words", "does", "to", "approved_by"),
    [
        ("review.", ("review",), "", ""),
        ("check the renewal, draft `renewal_plan`; to sales", ("check_renewal", "draft renewal_plan"), "sales", ""),
        ("draft a QBR brief; approved by Dana.", ("draft qbr",), "", "Dana"),
        ("draft the risk memo; approved", ("draft risk_memo",), "", ANYBODY),
        ("hand off to the **account-executive**", ("hand_off",), "account-executive", ""),
        ("hand it off, to sales, approved by Kim Novak", ("hand_off",), "sales", "Kim Novak"),
        ('ask "Is it so, or not; what?"', ("ask",), "", ""),
        ("review, review", ("review",), "", ""),
    ],
)
def test_what_is_done(words: str, does: tuple[str, ...], to: str, approved_by: str) -> None:
    read = motion(f"`name` (every day) → {words}")
    assert (read.does, read.to, read.approved_by) == (does, to, approved_by)


def test_a_question_is_worded_by_what_stands_in_quotes() -> None:
    assert motion('`n` (every day) - ask "Is it so, or not?", review').text == "Is it so, or not?"
    assert motion("`n` (every day) - review").text == "review"


def test_bullets_may_go_over_lines_and_know_their_own() -> None:
    text = "- `one` (every\n  day) -\n  review.\n\n* **two** (every week) — review\n"
    motions, complaints = read_motions(text, file="r.md", line=40)
    assert complaints == ()
    assert [(one.name, one.line) for one in motions] == [("one", 40), ("two", 44)]


@pytest.mark.parametrize(
    ("bullet", "message"),
    [
        ("- nonsense", "cannot be read"),
        ("- `n` (every day)", "cannot be read"),
        ("plain text", "is no motion"),
        ("- `Not A Name` (every day) - review", "cannot be read"),
        ("- `Name` (every day) - review", "lower-case"),
        ("- `n` (every blue moon) - review", "not understood"),
        ("- `n` (some day) - review", "does not say when"),
        ("- `n` () - review", "does not say when"),
        ("- `n` (if `health` below 3) - review", "does not say when"),
        ("- `n` (cron 99 * * * *) - review", "no cron expression"),
        ("- `n` (cron * * * * * *) - review", "no cron expression"),
        ("- `n` (every day; every week) - review", "due in 2 ways"),
        ("- `n` (5000 days before `d`) - review", "out of reach"),
        ("- `n` (no contact for 0 days) - review", "out of reach"),
        ("- `n` (every day; if `health` maybe) - review", "condition"),
        ("- `n` (every day; if `health` known well) - review", "condition"),
        ("- `n` (every day; unless) - review", "does not say when"),
        ("- `n` (every day) - dance", "nothing that can be done"),
        ("- `n` (every day) - draft a poem", "nobody knows how to draft"),
        ("- `n` (every day) - draft hand_off", "nobody knows how to draft"),
        ("- `n` (every day) - hand off", "hands off to nobody"),
        ("- `n` (every day) - approved", "does nothing"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_the_motion_left_out(bullet: str, message: str) -> None:
    motions, complaints = read_motions(f"\n{bullet}\n\n- `sound` (every day) - review", file="r.md", line=7)
    assert [one.name for one in motions] == ["sound"]
    assert any(message in one.message for one in complaints), complaints
    for one in complaints:
        assert (one.file, one.line, one.severity, one.code) == ("r.md", 8, "error", "bad-motion")
        assert one.hint


def test_a_name_stands_once() -> None:
    motions, complaints = read_motions("- `n` (every day) - review\n- `n` (every week) - review", file="r.md")
    assert [one.trigger.cron for one in motions] == ["0 6 * * *"]
    assert [(one.line, one.message) for one in complaints] == [(2, "a second motion 'n'")]


YAML = """\
# The same in YAML.
- name: renewal
  before: [90, 30]
  fact: renewal_date
  unless: renewal_state is renewed
  do: [check the renewal, draft renewal_plan]
  to: sales
- {name: after, after: 30, fact: go_live_date, do: review}
- {name: that-day, fact: go_live_date, do: review}
- {name: weekly, every: Monday, if: [health below 60, champion is known], do: review}
- {name: cron, cron: 0 7 * * *, do: review}
- {name: quiet, silent_days: 45, do: draft email, approved_by: Dana}
- {name: gone, when: high risk, do: draft risk_memo, approved_by: true}
- {name: free, when: champion, do: draft risk_memo, approved_by: no}
- {name: question, every: month, do: ask, text: "Shall we, or not?"}
"""


def test_yaml_says_the_same() -> None:
    motions, complaints = read_motions(YAML, file="r.motions.yaml")
    assert complaints == ()
    by_name = {one.name: one for one in motions}
    assert by_name["renewal"].model_copy(update={"text": "", "line": 0}) == motion(
        "`renewal` (90, 30 days before `renewal_date`; unless `renewal_state` is renewed) - check the renewal, "
        "draft `renewal_plan`; to sales"
    ).model_copy(update={"text": "", "line": 0})
    assert by_name["after"].trigger == Trigger(kind="date", fact="go_live_date", days=(30,))
    assert by_name["that-day"].trigger == Trigger(kind="date", fact="go_live_date", days=(0,))
    assert [one.of for one in by_name["weekly"].when] == ["health", "champion"]
    assert by_name["quiet"].trigger == Trigger(kind="silence", days=(45,))
    assert [by_name[name].approved_by for name in ("quiet", "gone", "free")] == ["Dana", ANYBODY, ""]
    assert (by_name["question"].does, by_name["question"].text) == (("ask",), "Shall we, or not?")
    assert [one.line for one in motions] == [2, 8, 9, 10, 11, 12, 13, 14, 15]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("- name: n\n  every: day\n  do: review\n  evry: x\n", 13, "unknown key 'evry'"),
        ("- name: n\n  every: [day, week]\n  do: {a: b}\n", 12, "a value or a list"),
        ("- name: n\n  every: never\n  do: review\n", 10, "not understood"),
        ("name: n\n", 10, "a list is wanted"),
        ("- name: [\n", 11, "not YAML"),
        ("- review: yes\n- text\n", 11, "no mapping"),
        ("- name: a\n  every: day\n  do: review\nmore: 1\n", 10, "a list is wanted"),
    ],
)
def test_mistakes_in_yaml_know_their_line(text: str, line: int, message: str) -> None:
    _, complaints = read_motions(text, file="r.motions.yaml", line=10)
    assert any(message in one.message for one in complaints), complaints
    assert line in {one.line for one in complaints}, complaints


def test_no_motions_are_no_mistake() -> None:
    assert read_motions("", file="r.md") == ((), ())
    assert read_motions("[]\n", file="r.motions.yaml") == ((), ())


def test_a_role_whose_motions_are_wrong_does_not_open() -> None:
    assert [one.name for one in motions_of(role(motions="- `n` (every day) - review"))] == ["n"]
    with pytest.raises(ContractError, match="bad-motion") as failed:
        motions_of(role(motions="- `n` (every blue moon) - review"))
    assert "fleet check" in failed.value.hint


def test_yaml_beside_the_contract_replaces_the_section(tmp_path: Path) -> None:
    shipped = documents.shipped("roles") / "customer-success-manager.md"
    file = tmp_path / shipped.name
    file.write_text(shipped.read_text(encoding="utf-8"), encoding="utf-8")
    assert "weekly-review" in {one.name for one in motions_of(documents.read_role_file(file))}
    beside = tmp_path / "customer-success-manager.motions.yaml"
    beside.write_text("- {name: mine, every: day, do: review}\n", encoding="utf-8")
    assert [one.name for one in motions_of(documents.read_role_file(file))] == ["mine"]


def test_the_shipped_manager_starts_what_it_is_there_for() -> None:
    shipped = documents.read_role_file(documents.shipped("roles") / "customer-success-manager.md")
    by_name = {one.name: one for one in motions_of(shipped)}
    assert by_name["renewal"].trigger.days == (-180, -120, -90, -60, -30, -14)
    assert by_name["upside"].to == "sales"
    assert by_name["quiet-contact"].approved_by == ANYBODY


def test_every_kind_of_product_can_be_drafted_by_its_step() -> None:
    for kind in get_args(ProductKind):
        assert product_kind(f"draft {kind}") == kind


def test_quotation_marks_keep_pieces_together() -> None:
    assert pieces('a; "b; c" ;“d; e”; ', ";") == ["a", '"b; c"', "“d; e”"]


@given(st.text(max_size=300))
def test_no_text_breaks_the_reader(text: str) -> None:
    motions, complaints = read_motions(text, file="r.md")
    assert len({one.name for one in motions}) == len(motions)
    assert all(one.line >= 1 and one.hint for one in complaints)
