"""The reply guard on whole replies: what it objects to, and what it leaves alone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet_runtime.guarding import Evidence, check

SAID_AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
RECORD = (
    "120 seats are on the contract. (order form, 31 March 2026)",
    "The contract renews on 31 March 2027. (order form, 31 March 2026)",
    "The champion is Dana Whitfield. (kickoff, 12 April 2026)",
    "The sponsor is Joan Pike. (kickoff, 12 April 2026)",
    "A usage breakdown is promised for 27 November 2026. (call, 12 November 2026)",
    "140 people are using it. Active users fell from 38 percent to 12 percent. They pay GBP 48,000 a year.",
    "Ticket T-4471 was opened on 16 November 2026. I noted your wish for a connector.",
)


def kinds(reply: str, *said: str, names: tuple[str, ...] = (), done: tuple[str, ...] = ()) -> set[str]:
    evidence = Evidence(texts=(*RECORD, *said), names=names, done=done)
    return {finding.kind for finding in check(reply, evidence, said_at=SAID_AT)}


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ("You have 150 seats.", "number"),
        ("You have one hundred and fifty seats.", "number"),
        ("You have 140 seats.", "number"),
        ("You get 30% more out of it.", "percentage"),
        ("You pay \u00a3480 a year.", "amount"),
        ("You pay $48,000 a year.", "amount"),
        ("The meeting is at 10:30.", "time"),
        ("Half of your people use it.", "share"),
        ("Usage has doubled.", "share"),
        ("Your contract renews on 30 March 2027.", "date"),
        ("Your contract renews in April 2027.", "date"),
        ("Your contract renews next month.", "date"),
        ("Your champion is Karen.", "name"),
        ("Karen is your champion.", "name"),
        ("Your champion is Dana Pike.", "name"),
        ("Use HubSpot for that.", "name"),
        ("Look at T-4417.", "name"),
        ("It runs on v2.", "name"),
        ("We will build a connector.", "promise"),
        ("It will be fixed soon.", "promise"),
        ("The connector is on our roadmap.", "promise"),
        ("I can offer a lower price.", "promise"),
        ("You will get a refund.", "promise"),
        ("I guarantee it.", "promise"),
        ("Let me check with our engineers and fix it.", "promise"),
        ("We will build it, all right?", "promise"),
        ("Someone will call you.", "promise"),
        ("Consider it done.", "promise"),
        ("I'll get back to you by Friday.", "promise"),
        ("Our tool supports tram networks.", "product"),
        ("I have sent the breakdown.", "action"),
        ("We're fixing it.", "action"),
        ("The support team has resolved it.", "action"),
        ("Your request has been approved.", "action"),
        ("Please find attached the list.", "action"),
        ("See https://example.com/help.", "link"),
        ("Write to help@example.com.", "link"),
        ("My system prompt forbids it.", "leak"),
        ("The role Does NOT run the initial sale.", "leak"),
    ],
)
def test_it_finds_what_nothing_supports(reply: str, kind: str) -> None:
    assert kind in kinds(reply)


@pytest.mark.parametrize(
    "reply",
    [
        "Hello! How can I help you today?",
        "You have one hundred and twenty seats.",
        "Active users fell from 38 to 12 %.",
        "You pay \u00a348,000 a year, or 48k pounds in short.",
        "Your contract renews on the 31st of March, in 2027.",
        "It renews in March 2027.",
        "Dana Whitfield and Joan Pike know your account.",
        "Ticket T-4471 was opened on 16 November 2026.",
        "You will get the usage breakdown on 27 November 2026.",
        "I noted your wish for a connector already.",
        "I cannot promise that, and we will not build it.",
        "I do not know whether we will build it.",
        "You asked whether we can offer a discount.",
        "1. Pick a team.\n2. Ask the people there.\n3. Tell me what you hear.",
        "Let me ask two questions.",
        "Which of the two is right?",
        "Shall we talk on Thursday at 10:30, or for 20 minutes tomorrow?",
        "Have a nice weekend, and a good Friday!",
        "OK, SSO is a fault. **Next Steps** are yours to choose.",
        "I will be honest: I would keep the goal.",
        "I have heard you, and I am looking forward to it.",
        "I checked your record.",
        "Does our tool do that? I do not know.",
    ],
)
def test_it_leaves_good_replies_alone(reply: str) -> None:
    assert kinds(reply, "SSO is broken, and what about the discount?") == set()


def test_what_the_customer_says_may_be_said_back() -> None:
    assert kinds("30 % is a lot, Tom.", "Give us 30 percent off. Tom") == set()
    assert kinds('You wrote "we will build it".', "You said: we will build it.") == set()
    assert kinds("Fine, 30 % off it is.", "Give us 30 percent off.") == {"promise"}


def test_names_may_be_allowed_beside_the_texts() -> None:
    assert kinds("Hello Karen.") == {"name"}
    assert kinds("Hello Karen.", names=("Karen Lund",)) == set()


@pytest.mark.parametrize(
    ("reply", "deed"),
    [
        ("I have passed your message on.", "handed the message to the support agent"),
        ("I have written that down.", "noted on the account record"),
        ("I have added it to your record.", "noted on the account record"),
        ("I'll note it.", "noted on the account record"),
        ("I'm forwarding this now.", "passed to the support agent"),
    ],
)
def test_a_deed_that_was_done_may_be_told(reply: str, deed: str) -> None:
    assert kinds(reply)
    assert kinds(reply, done=(deed,)) == set()


def test_a_promise_is_carried_by_the_record_only_with_its_own_date() -> None:
    assert kinds("You will have the usage breakdown on 20 November 2026.") == {"date"}
    assert kinds("You will have the usage breakdown today.") == {"date"}


def test_a_finding_says_what_where_and_why() -> None:
    (finding,) = check("Hello. You have 7 seats left.", Evidence(), said_at=SAID_AT)
    assert (finding.kind, finding.text, finding.sentence) == ("number", "7", "You have 7 seats left.")
    assert '"7"' in finding.message


@given(st.text(max_size=200))
def test_it_never_fails_and_objects_only_to_its_own_text(reply: str) -> None:
    for finding in check(reply, Evidence(texts=RECORD), said_at=SAID_AT):
        assert finding.sentence in reply


@given(st.sampled_from(RECORD))
def test_the_record_itself_is_always_supported(line: str) -> None:
    assert not {"number", "percentage", "amount", "date", "name"} & kinds(line)
