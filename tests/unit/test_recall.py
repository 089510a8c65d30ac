"""Recall over one small account: what is found, what comes first, and what time hides."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType

import pytest

from fleet_runtime.contracts import MemoryKey, MemoryKind
from fleet_runtime.ports import RankingRows, Vector
from fleet_runtime.recall import (
    RELEVANT,
    EventIndex,
    packed_vector,
    read_question,
    recall,
    say_commitment,
    say_fact,
    say_value,
    source_of,
)
from fleet_runtime.records import AccountKey, AccountState, Commitment, Event, Fact, Recalled

DANA, PAUL = "Dana Whitfield", "Paul Meyer"
KEYS = (
    MemoryKey(
        name="renewal_date", kind="date", sentence="The contract renews on {value}.", aliases=("renew", "contract end")
    ),
    MemoryKey(
        name="seats",
        kind="count",
        sentence="{value} seats are on the contract.",
        aliases=("licences", "how many seats"),
    ),
    MemoryKey(name="champion", kind="person", sentence="The champion is {value}.", aliases=("our contact",)),
    MemoryKey(name="primary_goal", sentence="The goal is {value}.", aliases=("goal", "aim")),
    MemoryKey(name="arr", kind="money", sentence="The contract is worth {value} a year.", aliases=("contract value",)),
)


def day(iso: str) -> datetime:
    return datetime.fromisoformat(iso).replace(tzinfo=UTC)


def event(name: str, at: str, author: str, text: str) -> Event:
    return Event(id=name, at=day(at), kind="message", author=author, text=text)


def fact(  # noqa: PLR0913 - the columns of a row
    name: str, key: str, value: str | None, source: Event, *, until: str = "", known: tuple[str, str] = ("", "")
) -> Fact:
    return Fact(
        id=name,
        key=key,
        value=value,
        event_id=source.id,
        author=source.author,
        at=source.at,
        valid_from=source.at,
        valid_to=day(until) if until else None,
        known_from=day(known[0]) if known[0] else source.at,
        known_to=day(known[1]) if known[1] else None,
    )


START = event("e1", "2026-01-12", DANA, "We want to plan all depot routes in the tool. We bought 120 seats.")
ASKED = event("e2", "2026-01-12", "csm", "What holds your planners back today?")
SHEETS = event("e3", "2026-01-12", DANA, "They still use spreadsheets, and the contract renews on 31 March 2027.")
LEAVING = event("e4", "2026-05-03", DANA, "I am leaving at the end of May, Paul Meyer takes over.")
FEWER = event("e5", "2026-05-20", PAUL, "We cut back to 90 seats. Rivalsoft made us an offer.")
QUESTION = event("e6", "2026-05-21", PAUL, "When is our renewal?")
STATE = AccountState(
    key=AccountKey(tenant="t", account="northwind"),
    events=(START, ASKED, SHEETS, LEAVING, FEWER, QUESTION),
    facts=(
        fact("f1", "seats", "120", START, known=("", "2026-05-20")),
        fact("f1#2", "seats", "120", START, until="2026-05-20", known=("2026-05-20", "")),
        fact("f2", "seats", "90", FEWER),
        fact("f3", "renewal_date", "2027-03-31", SHEETS),
        fact("f4", "champion", DANA, START, known=("", "2026-05-03")),
        fact("f4#2", "champion", DANA, START, until="2026-05-03", known=("2026-05-03", "")),
        fact("f5", "champion", PAUL, LEAVING),
        fact("f6", "primary_goal", "to plan all depot routes in the tool", START),
    ),
    commitments=(
        Commitment(
            id="c1", task="send a usage breakdown", owner="csm", to=DANA, due="2026-05-15", event_id="e2", at=ASKED.at
        ),
        Commitment(id="c2", task="send a training list", owner="csm", state="done", event_id="e2", at=ASKED.at),
    ),
)  # fmt: skip
NOW = day("2026-06-01")


def asked(  # noqa: PLR0913 - the circumstances of a question
    question: str,
    *,
    as_of: str = "",
    limit: int = 10,
    state: AccountState = STATE,
    now: datetime = NOW,
    before: tuple[str, ...] = (),
    vectors: Mapping[str, Vector] = MappingProxyType({}),
) -> tuple[Recalled, ...]:
    """Ask as a caller does: rank, fetch the wanted texts, tell."""
    moment = day(as_of) if as_of else None
    rows = EventIndex.of_events(state.events).rows
    ranked = recall(
        EventIndex.of(with_vectors(rows, vectors)),
        state.facts,
        state.commitments,
        read_question(question, moment or now, before=before),
        keys=KEYS,
        now=now,
        as_of=moment,
        limit=limit,
        vector=vectors.get("question"),
    )
    by_id = {event.id: event for event in state.events}
    return ranked.tell({name: by_id[name] for name in ranked.wanted})


def with_vectors(rows: RankingRows, vectors: Mapping[str, Vector]) -> RankingRows:
    packed = [packed_vector(vectors[name]) if name in vectors else None for name in rows.ids]
    return rows._replace(encoder="test", vectors=packed) if vectors else rows


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("When is our renewal again?", "The contract renews on 31 March 2027."),
        ("when does the contract end", "The contract renews on 31 March 2027."),
        ("How many licences do we have?", "90 seats are on the contract."),
        ("Who is our contact?", "The champion is Paul Meyer."),
        ("What was our goal?", "The goal is to plan all depot routes in the tool."),
        ("What do you still owe us?", "Promised by csm to Dana Whitfield: send a usage breakdown, due 15 May 2026."),
        (
            "When does the breakdown come?",
            "Promised by csm to Dana Whitfield: send a usage breakdown, due 15 May 2026.",
        ),
    ],
)
def test_the_fact_that_answers_comes_first(question: str, text: str) -> None:
    first = asked(question)[0]
    assert first.text == text
    assert first.score >= RELEVANT
    assert first.reasons


def test_two_questions_in_one_get_both_facts() -> None:
    strong = [item.key for item in asked("What is our goal, and how many seats do we have?") if item.score >= RELEVANT]
    assert strong[:2] == ["seats", "primary_goal"] or strong[:2] == ["primary_goal", "seats"]


def test_the_past_is_given_only_when_it_is_asked_for() -> None:
    assert [item.value for item in asked("How many seats do we have?") if item.key == "seats"] == ["90"]
    before = [item for item in asked("How many seats did we have before?") if item.key == "seats"]
    assert [item.value for item in before] == ["120", "90"]
    assert before[0].text == "120 seats are on the contract (until 20 May 2026)."
    assert "held before" in before[0].reasons
    march = [item.value for item in asked("How many seats did we have in March?") if item.key == "seats"]
    assert march == ["120", "90"]


def test_was_and_again_ask_for_what_holds() -> None:
    texts = [item.text for item in asked("Who was our champion again?")]
    assert texts
    assert not any("(until" in text for text in texts)


def test_the_one_before_somebody_comes_before_him() -> None:
    assert [item.value for item in asked("Who was our champion before Paul?") if item.key] == [DANA, PAUL]


def test_an_overview_gives_all_that_holds() -> None:
    assert {item.key for item in asked("What do you know about us by now?")} >= {
        "seats",
        "renewal_date",
        "champion",
        "primary_goal",
    }


def test_the_last_talk_is_what_was_said_on_the_latest_day() -> None:
    (last,) = (item for item in asked("Remind me what we said last time?") if "said last time" in item.reasons)
    assert (last.event_id, last.score) == ("e6", RELEVANT)
    first = asked("What was it last time?", now=START.at)
    assert not any("said last time" in item.reasons for item in first)


def test_nothing_of_later_is_used_as_of_a_date() -> None:
    items = asked("How many seats do we have, and who is the champion?", as_of="2026-03-01")
    assert {item.value for item in items if item.key} == {"120", DANA}
    assert all(item.at <= day("2026-03-01") for item in items)


def test_an_event_that_told_what_was_replaced_is_weak() -> None:
    weak = {item.event_id: item for item in asked("How many seats do we have?") if not item.key}
    assert weak["e1"].score < RELEVANT
    assert "told what was replaced since" in weak["e1"].reasons
    assert "source of a fact above" in weak["e5"].reasons


def test_an_event_that_says_only_what_the_fact_says_is_left_out() -> None:
    source = event("e9", "2026-05-25", PAUL, "The goal is fewer empty runs.")
    facts = (fact("f9", "primary_goal", "fewer empty runs", source),)
    state = AccountState(key=STATE.key, events=(source,), facts=facts)
    assert [item.fact_id for item in asked("What is the goal?", state=state)] == ["f9"]


def test_events_are_found_by_words_speaker_and_neighbours() -> None:
    first = asked("What did Dana say about spreadsheets?")[0]
    assert first.event_id == "e3"
    assert first.reasons == ("word dana", "word spreadsheet", "said by Dana Whitfield")
    beside = [item for item in asked("Tell me of the spreadsheets") if item.event_id == "e2"]
    assert beside
    assert beside[0].reasons == ("stands beside what was asked",)
    dated = [item for item in asked("What happened on 3 May 2026?") if item.event_id == "e4"]
    assert "dated 3 May 2026" in dated[0].reasons


def test_a_mere_question_is_no_strong_memory() -> None:
    bare = STATE.model_copy(update={"facts": (), "commitments": ()})
    first, *rest = asked("When is our renewal?", state=bare)
    assert first.event_id == "e3"
    assert all(item.score <= first.score for item in rest)


@pytest.mark.parametrize(
    "question", ["What colour is the sky?", "Thanks, that helped!", "", "Can you build a Slack bot?"]
)
def test_what_nothing_answers_gets_nothing_strong(question: str) -> None:
    assert all(item.score < RELEVANT for item in asked(question))


def test_an_empty_account_remembers_nothing() -> None:
    assert asked("When is our renewal?", state=AccountState(key=STATE.key)) == ()


def test_the_limit_holds() -> None:
    assert len(asked("Dana, seats, renewal, champion and goal", limit=2)) == 2


def test_naive_moments_are_utc() -> None:
    naive = datetime(2026, 3, 1)  # noqa: DTZ001 - a naive moment is the case
    question = read_question("champion", naive)
    ranked = recall(EventIndex.of_events(STATE.events), STATE.facts, (), question, keys=KEYS, now=naive, as_of=naive)
    assert ranked.tell({})[0].value == DANA


def test_vectors_find_what_words_do_not() -> None:
    near, far = (1.0, 0.0), (0.0, 1.0)
    items = asked("is another vendor bidding", vectors={"question": near, "e5": near, "e1": far})
    assert [item.event_id for item in items] == ["e5"]
    assert items[0].reasons == ("similar meaning",)
    assert asked("is another vendor bidding") == ()


def test_a_key_that_no_role_declares_is_found_by_its_name() -> None:
    told = event("e9", "2026-05-25", PAUL, "We are in Leeds.")
    state = AccountState(key=STATE.key, events=(told,), facts=(fact("f9", "main_depot", "Leeds", told),))
    first = asked("Where is the main depot?", state=state)[0]
    assert first.text == "The main depot is Leeds."


@pytest.mark.parametrize(
    ("value", "kind", "said"),
    [
        ("2027-03-31", "date", "31 March 2027"),
        ("2027-02-31", "date", "2027-02-31"),
        ("soon", "date", "soon"),
        ("1200", "count", "1,200"),
        ("EUR 48000", "money", "EUR 48,000"),
        ("GBP 1250.5", "money", "GBP 1250.5"),
        ("2027", "text", "2027"),
    ],
)
def test_values_are_said_for_people(value: str, kind: MemoryKind, said: str) -> None:
    assert say_value(value, kind) == said


def test_facts_and_sources_are_said_in_plain_words() -> None:
    plain = fact("f", "arr", "USD 48000", START)
    assert say_fact(plain, KEYS) == "The contract is worth USD 48,000 a year."
    assert (
        say_fact(plain.model_copy(update={"subject": "Leeds"}), KEYS)
        == "Leeds: The contract is worth USD 48,000 a year."
    )
    assert say_fact(plain.model_copy(update={"subject": "usd-48000"}), KEYS) == say_fact(plain, KEYS)
    assert say_fact(plain.model_copy(update={"value": None}), KEYS) == "The arr is no longer known."
    assert source_of(plain) == source_of(START) == "Dana Whitfield, 12 January 2026"
    promise = Commitment(id="c", task="call back.", owner=PAUL, event_id="e5", at=FEWER.at)
    assert say_commitment(promise) == "Promised by Paul Meyer: call back."
    assert source_of(promise) == "Paul Meyer, 20 May 2026"


def test_a_follow_up_is_answered_by_what_it_leans_on() -> None:
    assert asked("And when does it end?", before=("Let us talk about the contract.",))[0].key == "renewal_date"
    found = [item.event_id for item in asked("What did they say about it?", before=("Rivalsoft called us.",))]
    assert found[0] == "e5"
    assert "e5" not in [item.event_id for item in asked("What did they say about it?")]
