"""Figures that follow from a stated change, spoken clock times, and places the evidence names otherwise."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from fleet_runtime.guarding import Evidence, check

SAID_AT = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)


def kinds(reply: str, *texts: str) -> set[str]:
    """Return the kinds of what the guard objects to."""
    return {finding.kind for finding in check(reply, Evidence(texts=texts), said_at=SAID_AT)}


@pytest.mark.parametrize(
    ("right", "wrong", "texts"),
    [
        ("You want 30 users.", "You want 35 users.", ("We need 5 more users.", "account: 25 users")),
        ("That means 520.", "That means 530.", ("prices +4 % from January", "GBP 500 monthly")),
        ("That is 20 pounds more.", "That is 30 pounds more.", ("prices +4 % from January", "GBP 500 monthly")),
        ("Only 4% is missing.", "Only 5% is missing.", ("completion 96 %",)),
        ("That leaves 3,000 euros.", "That leaves 3,500 euros.", ("total EUR 4500, deposit EUR 1500",)),
        ("It is 19:30 here.", "It is 20:30 here.", ("call at 13:30 New York", "New York is 6 h behind us")),
        (
            "It is 108 dollars less than twelve monthly payments.",
            "It is 118 dollars less than twelve monthly payments.",
            ("monthly USD 89 or yearly USD 960",),
        ),
        ("It finished at ten past three.", "It finished at twenty past three.", ("job finished 03:10",)),
        ("It finished at quarter to four.", "It finished at quarter past four.", ("job finished 15:45",)),
        (
            "You added 2 GB in the last three months.",
            "You added 2 GB in the last seven months.",
            ("+2 GB in April, +2 GB in May, +2 GB in June",),
        ),
        (
            "Of your seven points, I can answer two right away. I would ask about the remaining five.",
            "Of your seven points, I can answer two right away. I would ask about the remaining 42.",
            ("seven questions",),
        ),
        ("Congratulations on 10 years!", "Congratulations on 12 years!", ("10th company anniversary",)),
    ],
)
def test_what_follows_from_a_change_passes_and_nothing_else(right: str, wrong: str, texts: tuple[str, ...]) -> None:
    assert kinds(right, *texts) == set()
    assert kinds(wrong, *texts)


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        ("It starts at 2 pm UK time.", "14:00 Europe/London"),
        ("Los datos est\u00e1n en Dubl\u00edn, Irlanda.", "hosting in Dublin, IE"),
        ("Dear Professor Lindholm, thank you.", "Prof. Lindholm wrote."),
    ],
)
def test_a_place_or_title_may_be_named_otherwise(reply: str, text: str) -> None:
    assert kinds(reply, text) == set()


def test_a_place_that_nothing_implies_is_a_name() -> None:
    assert kinds("It starts at 2 pm UK time.", "14:00 Europe/Berlin") == {"name"}


def test_a_month_in_figures_supports_its_name() -> None:
    assert kinds("In June it was 412.", "usage 2026-06 412 docs") == set()
    assert kinds("In May it was 412.", "usage 2026-06 412 docs") == {"date"}
