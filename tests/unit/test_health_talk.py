"""What customers say in conversation counts as what colleagues note does, from when it was said."""

from __future__ import annotations

from datetime import timedelta

import pytest
from health_accounts import NOW, account, event, review, steady, weeks

from fleet_runtime.records import Event

WEEK = timedelta(days=7)
CALM = steady()


def risk(*events: Event, ago: int = 0) -> str:
    concerns = review(account(weeks(CALM), events=list(events)), NOW - ago * WEEK).concerns
    return next((one.matter for one in concerns if one.kind == "risk"), "")


def said(text: str, ago: int, kind: str = "message", name: str = "e") -> Event:
    return event(name, NOW - ago * WEEK).model_copy(update={"text": text, "kind": kind})


def test_what_a_customer_says_of_leaving_is_a_risk_from_then_on() -> None:
    word = said("We are thinking of not renewing.", 2)
    assert risk(word) == "cancel_talk"
    assert not risk(word, ago=3)
    concerns = review(account(weeks(CALM), events=[word]), NOW).concerns
    [found] = [one for one in concerns if one.kind == "risk"]
    assert 'it was said: "We are thinking of not renewing."' in found.reasons[0]
    assert found.evidence[0].source == "event e"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Thanks a lot, that helped!", "message"),
        ("Our login page just spins after the password.", "message"),
        ("We are thinking of not renewing.", "reply"),  # what the house says is no news of the customer
        ("We are thinking of not renewing.", "usage"),
    ],
)
def test_what_is_no_worry_is_none(text: str, kind: str) -> None:
    assert not risk(said(text, 1, kind))


def test_a_question_settles_nothing() -> None:
    worry = said("We are thinking of not renewing.", 3)
    assert risk(worry, said("When is our renewal again?", 1, name="q")) == "cancel_talk"
    assert not risk(worry, said("The renewal is signed for two more years.", 1, name="s"))


def test_growth_that_is_spoken_of_is_upside() -> None:
    wish = said("What would another forty seats cost us per year?", 0)
    concerns = review(account(weeks(CALM), events=[wish]), NOW).concerns
    assert [one.kind for one in concerns] == ["expansion"]
