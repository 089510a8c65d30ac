"""What is read by sense: matters, holders, wordings, endings, and the frame around them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from learning_phrasings import Phrasings

from fleet_runtime.contracts import MemoryKey
from fleet_runtime.learning import learn_by_rules
from fleet_runtime.learning.reading.commitments import read_commitments
from fleet_runtime.learning.reading.passages import Passage
from fleet_runtime.learning.reading.rules import Reading
from fleet_runtime.parsing import parse_role
from fleet_runtime.records import Event, Fact

ROOT = Path(__file__).parents[2]
SAID_AT = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
EARLIER = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
ROLE = ROOT / "roles" / "customer-success-manager.md"
KEYS = parse_role(ROLE.read_text(encoding="utf-8"), source=str(ROLE)).memory


def event(text: str, kind: str = "note", author: str = "Sam Reed") -> Event:
    return Event(id="e1", at=SAID_AT, kind=kind, author=author, text=text)


def held(key: str, value: str, subject: str = "account") -> Fact:
    return Fact(
        id=f"held:{key}",
        subject=subject,
        key=key,
        value=value,
        event_id="held",
        author="notes",
        at=EARLIER,
        valid_from=EARLIER,
        known_from=EARLIER,
    )


def readings(text: str, *facts: Fact, kind: str = "note", keys: tuple[MemoryKey, ...] = KEYS) -> tuple[Reading, ...]:
    return learn_by_rules(event(text, kind), keys, state_facts=facts, now=SAID_AT, account="acme-corp")


def told(text: str, *facts: Fact, kind: str = "note") -> dict[str, str | None]:
    return {one.fact.key: one.fact.value for one in readings(text, *facts, kind=kind)}


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    """Let the expressions be compiled once, so that no example of a property pays for it."""
    told("The plan moved on 9 March 2025 to 120 seats at $40k. Ada Obi will send it.")


@pytest.mark.parametrize(("path", "least"), [("memory/phrasings_dev.yaml", 0.97), ("learning/phrasings.yaml", 0.97)])
def test_many_ways_of_saying_are_understood_and_hardly_anything_is_made_up(path: str, least: float) -> None:
    counts = Phrasings(ROOT / "tests" / "data" / path, KEYS).measure().counts.values()
    right, wanted, false = (sum(row[name] for row in counts) for name in ("right", "wanted", "false"))
    assert wanted > 0
    assert right >= least * wanted
    assert false <= 0.01 * wanted


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Overall mood on the call was cautious.", {"sentiment": "cautious"}),
        ("sentiment: guarded", {"sentiment": "guarded"}),
        ("They moved from Basic to Summit and now pay $113k a year.", {"plan": "Summit", "arr": "$113k"}),
        (
            "Ninety seats, down from 120 seats, until 9 March 2027 when it renews.",
            {"renewal_date": "2027-03-09", "seats": "90"},
        ),
        ("Health is at 72 out of 100.", {"health_score": "72"}),
        ("Had lunch with Marie-Claire Dubois. She is our new champion.", {"champion": "Marie-Claire Dubois"}),
        ("Had a call with Ada Obi. From now on she is our champion.", {"champion": "Ada Obi"}),
        ("The account was handed over to Ada Obi.", {"csm_owner": "Ada Obi"}),
        ("The account now runs on Meridian as its plan.", {"plan": "Meridian"}),
        ("The champions are Ada Obi and Bo Li.", {}),
        ("The rollout has been limited to DACH only.", {"region_rollout": "DACH only"}),
        ("61 of 140 seats are in use.", {"active_users": "61"}),
    ],
)
def test_values_are_read_wherever_they_stand(text: str, expected: dict[str, str]) -> None:
    assert told(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Acme Labs has 300 seats.",
        "At Brightside Foods the champion is Ada Obi.",
        "Ada told us that Tarn Hospitality went to 45 seats. Their renewal is on 9 March 2027.",
        "The renewal call is on 9 March 2027.",
        "Just a rumour: seats go to 400.",
        "Seats go to 400. Just kidding.",
        "We offered them 400 seats.",
        "One idea: move the renewal to 9 March 2027.",
        "The canteen seats 90.",
        "Ada Obi promised to send the 90 licences by 9 March 2027.",
    ],
)
def test_other_companies_talk_and_promises_state_nothing(text: str) -> None:
    assert told(text) == {}


def test_the_account_itself_may_be_named_by_its_first_word() -> None:
    assert told("Acme has 300 seats.") == {"seats": "300"}
    assert told("Acme Corp has 300 seats.") == {"seats": "300"}


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("Effective 3 March 2026: they have 90 seats.", "2026-03-03"),
        ("Backdated to 3 March 2026. They have 90 seats.", "2026-03-03"),
        ("Recorded late, applies from 3 March 2026 onwards: they have 90 seats.", "2026-03-03"),
        ("They had a meeting on 3 March 2026. They have 90 seats.", "2026-11-26"),
        ("They have 90 seats as of this month.", "2026-11-26"),
    ],
)
def test_an_opening_gives_the_day_of_effect(text: str, start: str) -> None:
    (one,) = readings(text)
    assert (one.fact.value, one.fact.valid_from.date().isoformat()) == ("90", start)


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("They have 90 seats.", False),
        ("They now have 90 seats.", True),
        ("Effective 3 March 2026: 90 seats.", True),
        ("Correction: they have 90 seats, not 120.", True),
        ("Seats went from 120 to 90.", True),
    ],
)
def test_a_reading_tells_whether_its_text_names_a_change(text: str, changes: bool) -> None:  # noqa: FBT001 -- a table
    (one,) = readings(text, held("seats", "120"))
    assert (one.fact.value, one.changes) == ("90", changes)


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("There is no champion at the moment.", held("champion", "Dana Whitfield")),
        ("Dana Whitfield stepped down as exec sponsor, no replacement.", held("exec_sponsor", "Dana Whitfield")),
        ("The goal has been dropped.", held("primary_goal", "cut two reports")),
        ("They no longer want to cut two reports.", held("primary_goal", "cut two reports")),
        ("No competitor in play any more.", held("competitor", "Velonix", "velonix")),
        ("Velonix made an offer. They are out of the race now.", held("competitor", "Velonix", "velonix")),
    ],
)
def test_what_ends_without_a_follower_is_retracted(text: str, fact: Fact) -> None:
    ends = [one.fact for one in readings(text, fact) if one.fact.value is None]
    assert [(end.key, end.subject) for end in ends] == [(fact.key, fact.subject)]
    assert [one.fact for one in readings(text) if one.fact.value is None] == []


@pytest.mark.parametrize(
    "text",
    [
        "Dana has not left.",
        "Is there no champion?",
        "If Dana leaves, there is no champion.",
        "No problem with the champion.",
    ],
)
def test_what_goes_on_is_not_retracted(text: str) -> None:
    assert told(text, held("champion", "Dana Whitfield")) == {}


def test_every_rival_ends_where_no_rival_is_left() -> None:
    rivals = (held("competitor", "Velonix", "velonix"), held("competitor", "Nimbrio", "nimbrio"))
    ended = {one.fact.subject for one in readings("The competing evaluation is over.", *rivals)}
    assert ended == {"velonix", "nimbrio"}
    assert [one.fact.subject for one in readings("We decided against Nimbrio.", *rivals)] == ["nimbrio"]


@pytest.mark.parametrize(
    ("keys", "text", "expected"),
    [
        (
            (MemoryKey(name="sample_size", kind="count", sentence="{value}", aliases=("participants",)),),
            "Our sample size is 240.",
            {"sample_size": "240"},
        ),
        (
            (
                MemoryKey(name="submission_date", kind="date", sentence="{value}", aliases=("deadline",)),
                MemoryKey(name="supervisor", kind="person", sentence="{value}"),
            ),
            "The submission date moved to 9 March 2027. Our supervisor is Ada Obi.",
            {"submission_date": "2027-03-09", "supervisor": "Ada Obi"},
        ),
        (
            (
                MemoryKey(name="home_airport", kind="text", sentence="{value}"),
                MemoryKey(name="travel_budget", kind="money", sentence="{value}", aliases=("budget of the trip",)),
            ),
            "Home airport: Zurich.\nMy budget of the trip is CHF 4,000.",
            {"home_airport": "Zurich", "travel_budget": "CHF 4,000"},
        ),
    ],
)
def test_keys_of_other_domains_are_read_by_their_names(
    keys: tuple[MemoryKey, ...], text: str, expected: dict[str, str]
) -> None:
    assert {one.fact.key: one.fact.value for one in readings(text, keys=keys, kind="message")} == expected


@pytest.mark.parametrize(
    ("text", "owner", "task", "due"),
    [
        ("Action item for Ada Obi: send the list, due 9 March 2027.", "Ada Obi", "send the list", "2027-03-09"),
        ("Minutes. Owner: Ada Obi. To do: send the list. Due: 9 March 2027.", "Ada Obi", "send the list", "2027-03-09"),
        ("It was agreed that Ada Obi would send the list by 9 March 2027.", "Ada Obi", "send the list", "2027-03-09"),
        ("'I will send the list by 9 March 2027,' wrote Ada Obi.", "Ada Obi", "send the list", "2027-03-09"),
        (
            "The job to send the list was taken on by Ada Obi, due 9 March 2027.",
            "Ada Obi",
            "send the list",
            "2027-03-09",
        ),
        ("Ada Obi will crunch the list by a week from Friday.", "Ada Obi", "crunch the list", "2026-12-04"),
    ],
)
def test_promises_are_read_in_notes_and_sentences(text: str, owner: str, task: str, due: str) -> None:
    (promise,) = read_commitments(event(text), Passage(text, SAID_AT))
    assert (promise.owner, promise.task, promise.due) == (owner, task, due)


@pytest.mark.parametrize(
    "text",
    [
        "Ada Obi had promised to send the list and has done so.",
        "Ada Obi agreed to be the sponsor.",
        "Ada Obi will take over the account by 9 March 2027.",
        "Should Ada Obi send the list by 9 March 2027?",
        "Action item: nothing to report.",
    ],
)
def test_what_only_looks_like_a_promise_is_none(text: str) -> None:
    assert list(read_commitments(event(text), Passage(text, SAID_AT))) == []


WORDS = """
    the plan moved from to goal is our mood rollout covers seats sponsor Champion Ada Obi now of with Larkstack 120 $40k
    competitor contract renewal 9 March 2025 promised will action item , . : - ( ) they we never not wrong
"""


@given(st.lists(st.sampled_from(WORDS.split()), max_size=40).map(" ".join))
def test_every_value_is_quoted_from_its_text(text: str) -> None:
    for one in readings(text, held("champion", "Ada Obi"), held("competitor", "Larkstack", "larkstack")):
        assert one.fact.quote
        assert one.fact.quote in text
    list(read_commitments(event(text), Passage(text, SAID_AT)))


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("Sentiment's walking on air, that's how I'd put it.", "sentiment", "walking on air"),
        ("They came across as battle-weary today.", "sentiment", "battle-weary"),
        ("The team left the call buzzing.", "sentiment", "buzzing"),
        ("So sentiment-wise this account's somewhat frosty, okay?", "sentiment", "somewhat frosty"),
        ("Mood over there: hopeful again.", "sentiment", "hopeful again"),
        ("The rollout's for Chile only, you know, and the trainers know it.", "region_rollout", "Chile only"),
        ("It's Scandinavia they're rolling out in.", "region_rollout", "Scandinavia"),
        ("I've got all of Texas down as the rollout region.", "region_rollout", "all of Texas"),
        ("What plan are they on? It's Cobalt, I looked it up.", "plan", "Cobalt"),
        ("Meridian is the plan they're using, and Tom would like a summary.", "plan", "Meridian"),
        ("The one we're up against there is Zentrix.", "competitor", "Zentrix"),
        ("They had a demo from Zentrix last week.", "competitor", "Zentrix"),
        (
            "If I had to name one aim, it is to halve the backlog of claims.",
            "primary_goal",
            "halve the backlog of claims",
        ),
        ("Objective no. 2: train the night shift", "primary_goal", "train the night shift"),
        ("ARR? That's $64,500, it says on the screen.", "arr", "$64,500"),
        ("When Ann asked about the health score I said 55.", "health_score", "55"),
        ("The contract covers 64 of them as of the last order.", "seats", "64"),
        ("We first signed in 2019, but the renewal is 3 March 2027.", "renewal_date", "2027-03-03"),
    ],
)
def test_a_matter_is_understood_however_it_is_said_to_be_something(text: str, key: str, value: str) -> None:
    assert told(text) == {key: value}


@pytest.mark.parametrize(
    "text",
    [
        "They left the call early.",
        "They are live with us since March.",
        "Eddie's happy to walk you through it.",
        "The tone of the email was discussed.",
        "Sentiment's unchanged.",
        "The rollout is on track.",
        "Should the rollout cover Brazil?",
        "Anna is the plan owner.",
        "The plan we discussed with Anna is ready.",
        "The goal of the call is to meet Anna.",
        "We're here to help you.",
        "The one we're waiting for is Maria.",
        "Competitor: none",
        "NPS is 71.",
        "Our 100-point scale helps.",
        "They integrate with Zentrix.",
        "For context, the agreement Brunhagen Pumps signed with you runs to 45 seats.",
    ],
)
def test_what_only_sounds_like_a_matter_gives_nothing(text: str) -> None:
    assert not told(text)


def test_a_day_of_effect_may_follow_the_day_of_telling() -> None:
    told_late = readings("I only heard today, but it has applied since 14 January 2026: they're at 310 seats now.")
    assert [(one.fact.value, one.fact.valid_from.date().isoformat()) for one in told_late] == [("310", "2026-01-14")]


def test_a_rival_that_was_cut_and_a_goal_that_was_cleared_end() -> None:
    rival = held("competitor", "Zentrix", "zentrix")
    assert told("Good news, the other vendor got cut, we're not up against anybody now.", rival) == {"competitor": None}
    goal = held("primary_goal", "halve the backlog of claims")
    assert told("Primary goal -> cleared, none set", goal) == {"primary_goal": None}
