"""The reply guard on what follows exactly from the evidence: sums, lengths, lists, hours, joined days."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet_runtime.guarding import Evidence, Guard
from fleet_runtime.guarding.dates_abroad import find_all_dates
from fleet_runtime.guarding.figures import find_figures
from fleet_runtime.guarding.languages import Language

SAID_AT = datetime(2027, 3, 10, 14, tzinfo=UTC)
RECORD = (
    "contract: annual fee 14400 EUR, 60 seats, renewal 2027-09-30, notice 3 months before renewal",
    "sites: Graz, Linz, Wels",
    "incidents: 2027-02-20, 2027-02-26, 2027-03-04",
    "outage 2027-03-09 14:05 to 14:52",
    "usage: 60 seats, 45 active; web orders 58 %",
    "calendar: review 2027-03-16 15:00",
    "support hours 9 to 5",
    "terms: guarantee 24 months from delivery; trial 14 days",
    "order: delivered 2026-05-05",
)


def findings(reply: str, *more: str) -> set[str]:
    guard = Guard(Evidence(texts=(*RECORD, *more)), SAID_AT)
    return {finding.text for finding in guard.check(reply)}


@pytest.mark.parametrize(
    "reply",
    [
        "Your three sites are Graz, Linz and Wels.",
        "You had three outages, the last on 4 March.",
        "Three incidents on 20 and 26 February and on 4 March.",
        "The fee is 14,400 euros, which is 1,200 a month.",
        "Per seat that is 240 euros a year.",
        "Of 60 seats 45 are active, so 75 percent; fifteen are free.",
        "That is three out of four of your 60 seats.",
        "58 % came through the web, the remaining 42 % did not.",
        "The outage on 9 March lasted from 14:05 to 14:52, 47 minutes in all.",
        "The review is on Tuesday, the 16th, at three in the afternoon.",
        "The renewal on 30 September is more than six months away.",
        "You must give notice by 30 June.",
        "The guarantee runs for 24 months from delivery, until 5 May 2028.",
        "The trial takes two weeks.",
        "Support is there from 9:00 to 17:00.",
        "It was delivered on 5 May 2026, ten months ago.",
        "La cuota anual es de 14.400 euros, o sea, 1.200 al mes.",
        "Die Revision ist am 16. um drei Uhr nachmittags.",
        "La revue est le 16, \u00e0 quinze heures.",
    ],
)
def test_what_follows_may_be_said(reply: str) -> None:
    assert findings(reply) == set()


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        ("Your four sites are Graz, Linz and Wels.", "four"),
        ("You had seven outages, the last on 4 March.", "seven"),
        ("The fee is 14,400 euros, which is 1,300 a month.", "1,300"),
        ("Per seat that is 250 euros a year.", "250 euros"),
        ("Of 60 seats 45 are active, so 80 percent.", "80 percent"),
        ("That is four out of seven of your 60 seats.", "seven"),
        ("58 % came through the web, the remaining 40 % did not.", "40 %"),
        ("The outage on 9 March lasted 57 minutes.", "57"),
        ("The renewal on 30 September is eleven weeks away.", "eleven"),
        ("You must give notice by 15 June.", "15 June"),
        ("The guarantee runs for 24 months from delivery, until 5 May 2029.", "5 May 2029"),
        ("The trial takes six weeks.", "six"),
        ("Support is there until 19:00.", "19:00"),
    ],
)
def test_what_does_not_follow_is_found(reply: str, text: str) -> None:
    assert text in findings(reply)


def test_a_sum_may_rest_on_earlier_sentences_of_the_same_reply() -> None:
    evidence = Evidence(texts=("invoice 7: EUR 300", "invoice 8: EUR 200"))
    guard = Guard(evidence, SAID_AT)
    said = "Invoice 7 is 300 euros. Invoice 8 is 200 euros. "
    assert guard.check("That makes 500 euros in total.", after=said) == ()
    assert guard.check(said + "That makes 500 euros in total.") == ()
    assert [finding.text for finding in guard.check("That makes 550 euros in total.", after=said)] == ["550 euros"]


def test_no_problem_denies_nothing() -> None:
    guard = Guard(Evidence(texts=("60 seats",)), SAID_AT)
    assert guard.check("No problem, 20 % off.")
    assert guard.check("No problem 20 % off it is.")
    assert guard.check("There is no 20 % discount.") == ()


@pytest.mark.parametrize(
    ("text", "language", "days"),
    [
        ("down from 26 to 28 February", "en", ["2027-02-26", "2027-02-28"]),
        ("March 3 to 5", "en", ["2027-03-03", "2027-03-05"]),
        ("vom 2. und 29. Oktober", "de", ["2026-10-02", "2026-10-29"]),
        ("del 3 al 5 de mayo", "es", ["2027-05-03", "2027-05-05"]),
        ("March 4 and 12 seats", "en", ["2027-03-04"]),
        ("32 and 3 March", "en", ["2027-03-03"]),
        ("March 30 to 42", "en", ["2027-03-30"]),
        ("usage in 2027-W09", "en", ["2027-03-01"]),
        ("usage 2027-W60", "en", []),
        ("version 6.3. is out", "en", []),
        ("el martes 16", "es", ["2027-03-16", "2027-03-16"]),
        ("this January", "en", ["2027-01-01"]),
    ],
)
def test_days_that_share_a_month(text: str, language: Language, days: list[str]) -> None:
    found = find_all_dates(text, SAID_AT, language)
    assert [str(mention.value) for mention in found if mention.value] == days


@pytest.mark.parametrize(
    ("text", "language", "minutes"),
    [
        ("Friday at 11 suits me", "en", {660, 1380}),
        ("at half past ten", "en", {630, 1350}),
        ("ten o'clock in the evening", "en", {1320}),
        ("um halb zehn", "de", {570, 1290}),
        ("\u00e0 dix heures", "fr", {600, 1320}),
        ("a las cuatro y media de la tarde", "es", {990}),
        ("at 90 seats", "en", set[int]()),
        ("at 30 o'clock", "en", set[int]()),
    ],
)
def test_hours_without_minutes(text: str, language: Language, minutes: set[int]) -> None:
    found = [figure for figure in find_figures(text, (), language) if figure.kind == "time"]
    assert {int(value) for figure in found for value in figure.readings} == minutes


@given(st.integers(2, 400), st.integers(2, 400))
def test_a_stated_total_is_the_sum_and_nothing_else(one: int, two: int) -> None:
    guard = Guard(Evidence(texts=(f"boxes on the ship: {one} red, {two} blue",)), SAID_AT)
    assert guard.check(f"There are {one} red and {two} blue ones, {one + two} in total.") == ()


@given(st.dates(date(2025, 1, 1), date(2029, 12, 31)))
def test_every_named_day_of_the_evidence_may_be_said(day: date) -> None:
    guard = Guard(Evidence(texts=(f"delivery: {day.isoformat()}",)), SAID_AT)
    assert guard.check(f"The delivery is on {day.day} {day:%B} {day.year}.") == ()
