"""Who holds a place, whatever goes along in the sentence; and who merely met, was, or might be the one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from fleet_runtime.contracts import MemoryKey
from fleet_runtime.learning import learn_by_rules
from fleet_runtime.records import Event, Fact

SAID_AT = datetime(2025, 2, 3, 10, 0, tzinfo=UTC)
SINCE = datetime(2025, 1, 5, 9, 0, tzinfo=UTC)
HELD = {"champion": "Ada Obi", "exec_sponsor": "Karl Voss", "csm_owner": "Lena Brandt"}
KEYS = tuple(MemoryKey(name=name, kind="person", sentence="{value}") for name in HELD)


def read(text: str) -> list[tuple[str, str | None, str, datetime]]:
    facts = [
        Fact(
            id=f"held:{key}",
            subject="account",
            key=key,
            value=value,
            event_id="held",
            author="notes",
            at=SINCE,
            valid_from=SINCE,
            known_from=SINCE,
        )
        for key, value in HELD.items()
    ]
    event = Event(id="e1", at=SAID_AT, kind="note", author="Sam Reed", text=text)
    found = learn_by_rules(event, KEYS, state_facts=facts, now=SAID_AT, account="acme-corp")
    return [(one.fact.key, one.fact.value, one.how, one.fact.valid_from) for one in found]


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("champion", "If you want it moved, well, Mia Lund is our champion, and Bo just signs the forms."),
        ("champion", "So Mia Lund's our champion now, which I found out because Bo let it slip."),
        ("champion", "You know who our champion is these days? It's Mia Lund, and I'm glad."),
        ("champion", "We have a champion again, it's Mia Lund, so let's stop calling the desk."),
        ("champion", "Mia Lund introduced as our champion by Mrs Lind."),
        ("champion", "When I rang it was Mia Lund who picked up, and yes, that's our champion."),
        ("champion", "In Mia Lund we have found a new champion."),
        ("champion", "Good to have Mia Lund as champion."),
        ("exec_sponsor", "We were asked who the exec sponsor is, and, well, it's Mia Lund."),
        ("exec_sponsor", "We wish to inform you that Mia Lund has been appointed executive sponsor."),
        ("exec_sponsor", "Karl Voss has been replaced as executive sponsor by Mia Lund."),
        ("exec_sponsor", "Our exec sponsor is Mia Lund these days, and if you've still got the old slide, bin it."),
        ("csm_owner", "I asked who looks after us at your end, and Bo said Mia Lund is our CSM."),
        ("csm_owner", "The account has changed hands and Mia Lund is the owner."),
        ("csm_owner", "On our side the account is looked after by Mia Lund as customer success manager."),
        ("csm_owner", "On our side the CSM ownership's with Mia Lund, and Bo does the training days."),
    ],
)
def test_a_holder_is_read_whatever_goes_along(key: str, text: str) -> None:
    assert [(one[0], one[1]) for one in read(text)] == [(key, "Mia Lund")]


@pytest.mark.parametrize(
    "text",
    [
        "Could Mia Lund be our champion?",
        "Who should be our champion, it's Mia Lund or nobody?",
        "It would be lovely to have Mia Lund as our champion one day.",
        "Mia Lund was our champion years ago.",
        "Mia Lund met our executive sponsor.",
        "Mia Lund will join the call with our champion.",
        "Our champion and Mia Lund had lunch.",
        "Mia Lund won the chess champion title.",
        "Mia Lund declined to be our exec sponsor.",
        "If Mia Lund becomes our champion, more people will join.",
        "At Brunhagen Pumps, the champion is Mia Lund.",
        "Bo Li, who is CSM for Brunhagen Pumps, sat in on the call.",
        "Our point person is well, and the contact sheet went to Mia Lund.",
    ],
)
def test_who_is_not_the_holder_is_not_read(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Champion has left the customer. No successor.",
        "We no longer have a champion.",
        "I looked for the champion on the new chart and was told that there isn't one now.",
        "There's nobody championing us now, I asked Frieda twice.",
    ],
)
def test_a_place_falls_vacant(text: str) -> None:
    assert [(one[0], one[1]) for one in read(text)] == [("champion", None)]


@pytest.mark.parametrize(
    "text",
    [
        "Our champion has no questions left.",
        "There's no better champion than Ada Obi.",
        "The champion has no time this week.",
        "Ada Obi has left us a note about the champion programme.",
        "Our champion left the meeting early.",
    ],
)
def test_a_mere_no_or_left_makes_no_vacancy(text: str) -> None:
    assert all(one[1] is not None for one in read(text))


@pytest.mark.parametrize(
    "text",
    [
        "Our champion is Mia Lund, as Bo announced in the stand-up on 15 January 2025.",
        "I put Mia Lund down as champion, their lead confirmed it on 15 January 2025.",
    ],
)
def test_the_day_of_the_telling_is_no_start(text: str) -> None:
    assert read(text) == [("champion", "Mia Lund", "states", SAID_AT)]


def test_a_told_start_is_one() -> None:
    (found,) = read("Bo told us that Mia Lund takes over as champion on 1 March 2025.")
    assert found == ("champion", "Mia Lund", "states", datetime(2025, 3, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    "text",
    [
        "Having Ada Obi down as our champion was a mistake, it was Mia Lund from the beginning.",
        "Champion: Mia Lund. I misread the chart earlier.",
        "I wrongly put Ada Obi as champion; it is Mia Lund.",
    ],
)
def test_a_correction_names_the_right_one(text: str) -> None:
    assert [one[:3] for one in read(text)] == [("champion", "Mia Lund", "corrects")]
