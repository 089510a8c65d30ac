"""Sentences made out of one fact, or out of the customer's own clause."""

from __future__ import annotations

import pytest

from fleet_runtime.guarding import check_line, check_reflection

USAGE = "35 of the 120 seats were active in October 2026"
BREAKDOWN = "A usage breakdown by team is promised to Priya for 27 November 2026"
GOAL = "The goal is to have recipe cost reports on the same day"
SUCCESSOR = "Ellen Marsh is moving to another trust, and Joan Pike follows her"


@pytest.mark.parametrize(
    ("line", "fact"),
    [
        ("35 of your 120 seats were active in October 2026.", USAGE),
        ("The usage breakdown by team is promised to Priya for 27 November 2026.", BREAKDOWN),
        ("Your goal is to have recipe cost reports on the same day.", GOAL),
        ("Ellen Marsh is moving to another trust, and Joan Pike follows her.", SUCCESSOR),
        ("Your contract renews on 31 March 2027.", "The contract renews on 31 March 2027."),
        ("The admin training is not done.", "The admin training is not done."),
    ],
)
def test_a_true_line_passes(line: str, fact: str) -> None:
    assert check_line(line, fact) == ()


@pytest.mark.parametrize(
    ("line", "fact", "kind"),
    [
        ("35 of your seats were active in October 2026.", USAGE, "lost"),
        ("35 of your 120 seats were active in 2026.", USAGE, "lost"),
        ("Active seats dropped from 120 to 35 in October 2026.", USAGE, "outcome"),
        ("120 of the 35 seats were active in October 2026.", USAGE, "order"),
        ("35 of the 120 seats were active in October 2026 and 4 are new.", USAGE, "added"),
        ("You promised Priya a usage breakdown by team for 27 November 2026.", BREAKDOWN, "actor"),
        ("A usage breakdown by team goes to Priya on 27 November 2026.", BREAKDOWN, "lost"),
        ("You have achieved recipe cost reports on the same day.", GOAL, "outcome"),
        ("You have recipe cost reports on the same day.", GOAL, "lost"),
        ("Joan Pike is moving to another trust, and Ellen Marsh follows her.", SUCCESSOR, "order"),
        ("Ellen Marsh is moving to another trust, and Karen Pike follows her.", SUCCESSOR, "name"),
        ("The admin training is done.", "The admin training is not done.", "negation"),
        ("The goal is reports.", GOAL, "coverage"),
        ("The goal is to have recipe cost reports on the same day, quickly, cheaply, happily, safely.", GOAL, "added"),
        ("The goal is to have recipe cost reports on the same day, and we will deliver it.", GOAL, "promise"),
    ],
)
def test_a_line_that_bends_its_fact_is_found(line: str, fact: str, kind: str) -> None:
    assert kind in {finding.kind for finding in check_line(line, fact)}


@pytest.mark.parametrize(
    ("sentence", "clause"),
    [
        ("I am sorry that your people hate the screens.", "your people hate the screens"),
        ("Thank you for telling me that you might use it in the bakery.", "you might use it in the bakery"),
        ("You are asking for 15% off if you sign for three years.", "15% off if you sign for three years"),
        ("I hear you: only your Leeds depot logs in now.", "only your Leeds depot logs in now"),
        ("You would like a mobile version.", "a mobile version"),
        ("our app is slow for your drivers.", "our app is slow for your drivers"),
    ],
)
def test_a_true_reflection_passes(sentence: str, clause: str) -> None:
    assert check_reflection(sentence, clause) == ()


@pytest.mark.parametrize(
    ("sentence", "clause", "kind"),
    [
        ("I am sorry that our people hate the screens.", "your people hate the screens", "pronoun"),
        ("I hear you: your people do not hate the screens.", "your people hate the screens", "negation"),
        ("I hear you: your people hate the screens.", "your people do not hate the screens", "negation"),
        ("It is good to know that you use it in the bakery.", "you might use it in the bakery", "modality"),
        ("It is good to know that you must use it in the bakery.", "you use it in the bakery", "modality"),
        ("So you started with the bakery.", "you plan to start with the bakery", "modality"),
        ("I hear you: your people hate slow, ugly, expensive screens.", "your people hate the screens", "added"),
        ("I hear you: 5 of your people hate the screens.", "your people hate the screens", "added"),
        ("I hear you: Karen and your people hate the screens.", "your people hate the screens", "name"),
        ("I am sorry about this.", "your people hate the screens", "lost"),
        ("You would like to build a tenant app.", "can we build a tenant app", "actor"),
        ("You are asking for a tenant app, and we will build it.", "a tenant app", "promise"),
    ],
)
def test_a_reflection_that_bends_the_clause_is_found(sentence: str, clause: str, kind: str) -> None:
    assert kind in {finding.kind for finding in check_reflection(sentence, clause)}


def test_a_given_opening_is_not_judged() -> None:
    clause = "your depot stands still"
    assert (
        check_reflection("It hurts to read that your depot stands still.", clause, opening="It hurts to read that")
        == ()
    )
