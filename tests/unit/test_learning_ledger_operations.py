"""Events that say what they mean: what becomes of each operation, and which are refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fleet_runtime.errors import MessageError
from fleet_runtime.learning.learn import learn
from fleet_runtime.learning.ledger import facts_at
from fleet_runtime.learning.promises import meant_by
from fleet_runtime.records import AccountKey, AccountState, Commitment, Event, Learned, Operation

FIRST = datetime(2026, 3, 1, tzinfo=UTC)
LATE = datetime(2027, 1, 1, tzinfo=UTC)
EMPTY = AccountState(key=AccountKey(tenant="t", account="acme"))


def day(number: int) -> datetime:
    return FIRST + timedelta(days=number)


def event(number: int, *operations: dict[str, Any], author: str = "Ann Lee") -> Event:
    told = tuple(Operation(**one) for one in operations)
    return Event(
        id=f"e{number}", at=day(number), kind="call", author=author, text="We have 500 seats.", operations=told
    )


def after(*events: Event, state: AccountState = EMPTY) -> AccountState:
    """Learn event by event, as a store would keep it."""
    for one in events:
        state = kept(state, learn(state, (one,), ()))
    return state


def kept(state: AccountState, learned: Learned) -> AccountState:
    facts = {row.id: row for row in (*state.facts, *learned.closed, *learned.facts)}
    promises = {row.id: row for row in (*state.commitments, *learned.commitments)}
    return state.model_copy(update={"facts": tuple(facts.values()), "commitments": tuple(promises.values())})


def held(state: AccountState, moment: int | None = None, known: int | None = None) -> dict[str, str | None]:
    as_of, known_at = (None if number is None else day(number) for number in (moment, known))
    return {row.key: row.value for row in facts_at(state.facts, as_of=as_of, known_at=known_at, now=LATE)}


def test_a_set_is_a_fact_of_its_event_and_the_text_is_not_read() -> None:
    (row,) = learn(EMPTY, (event(1, {"op": "set", "key": "plan", "value": " Growth  plan "}),), ()).facts
    assert (row.id, row.key, row.value, row.subject) == ("e1:plan", "plan", "Growth plan", "account")
    assert (row.event_id, row.author, row.at, row.known_from) == ("e1", "Ann Lee", day(1), day(1))
    assert (row.quote, row.confidence) == ("", 1.0)


def test_no_operations_mean_that_nothing_was_meant() -> None:
    assert learn(EMPTY, (event(1),), ()) == Learned()


def test_a_late_set_holds_from_its_own_day() -> None:
    late = {"op": "set", "key": "plan", "value": "Pro", "valid_from": day(5)}
    state = after(event(1, {"op": "set", "key": "plan", "value": "Basic"}), event(9, late))
    assert [held(state, moment)["plan"] for moment in (4, 6)] == ["Basic", "Pro"]
    assert held(state, 6, known=8) == {"plan": "Basic"}


def test_a_retraction_ends_a_value() -> None:
    state = after(
        event(1, {"op": "set", "key": "champion", "value": "Dana"}), event(5, {"op": "retract", "key": "champion"})
    )
    assert held(state, 4) == {"champion": "Dana"}
    assert held(state) == {}


def test_a_correction_with_a_value_holds_for_as_long_as_the_wrong_one_was_said_to() -> None:
    state = after(
        event(1, {"op": "set", "key": "seats", "value": "120"}),
        event(8, {"op": "correct", "key": "seats", "value": "85"}, author="Bo"),
    )
    assert held(state, 2) == {"seats": "85"}
    assert held(state, 2, known=5) == {"seats": "120"}
    (row,) = facts_at(state.facts, now=LATE)
    assert (row.author, row.event_id, row.valid_from) == ("Bo", "e8", day(1))


def test_a_correction_without_a_value_says_that_there_was_none() -> None:
    state = after(event(1, {"op": "set", "key": "seats", "value": "120"}), event(8, {"op": "correct", "key": "seats"}))
    assert held(state, 2) == held(state) == {}
    assert held(state, 2, known=5) == {"seats": "120"}


def test_a_correction_where_nothing_stands_holds_from_now_on_or_says_nothing() -> None:
    state = after(event(3, {"op": "correct", "key": "seats", "value": "85"}, {"op": "correct", "key": "arr"}))
    assert held(state) == {"seats": "85"}
    assert held(state, 2) == {}
    assert len(state.facts) == 1


def test_subjects_stand_beside_each_other() -> None:
    state = after(
        event(1, {"op": "set", "subject": "rivalsoft", "key": "competitor", "value": "Rivalsoft"}),
        event(
            2,
            {"op": "set", "key": "competitor", "value": "Odd"},
            {"op": "set", "subject": " ", "key": "competitor", "value": "Even"},
        ),
    )
    assert {(row.subject, row.value) for row in facts_at(state.facts, now=LATE)} == {
        ("rivalsoft", "Rivalsoft"), ("account", "Even"),
    }  # fmt: skip
    assert {row.id for row in state.facts} >= {"e2:competitor", "e2:competitor:2"}


def test_a_batch_teaches_what_its_events_teach_one_by_one() -> None:
    events = (
        event(1, {"op": "set", "key": "plan", "value": "Basic"}, {"op": "commit", "task": "send the list"}),
        event(2, {"op": "set", "key": "plan", "value": "Pro"}),
        event(3, {"op": "correct", "key": "plan", "value": "Max"}, {"op": "close", "task": "Send list"}),
        event(4, {"op": "qbr"}),
    )
    whole = learn(EMPTY, events, ())
    one_by_one = after(*events)
    assert set(kept(EMPTY, whole).facts) == set(one_by_one.facts)
    assert kept(EMPTY, whole).commitments == one_by_one.commitments
    assert len({row.id for row in whole.facts}) == len(whole.facts)
    assert whole.closed == ()
    assert learn(one_by_one, events, ()).facts == ()


def test_a_promise_is_kept_with_its_owner_and_closed_by_its_words() -> None:
    first = {"op": "commit", "task": "send the  questionnaire", "owner": "Bo", "to": "Dana", "due": "2026-03-20"}
    made = event(1, first, {"op": "commit", "task": "call back"})
    one, other = learn(EMPTY, (made,), ()).commitments
    assert (one.id, one.task, one.owner, one.to, one.due) == (
        "e1:commitment", "send the questionnaire", "Bo", "Dana", "2026-03-20",
    )  # fmt: skip
    assert (other.id, other.owner, other.due) == ("e1:commitment:2", "Ann Lee", "")
    (closed,) = learn(after(made), (event(5, {"op": "close", "task": "Send a questionnaire"}),), ()).commitments
    assert (closed.id, closed.state, closed.closed_at, closed.closed_by) == ("e1:commitment", "done", day(5), "e5")
    assert closed.open_at(day(4))
    assert not closed.open_at(day(5))


def promise(number: int, task: str, owner: str = "Bo") -> Commitment:
    return Commitment(id=f"c{number}", task=task, owner=owner, event_id="e", at=day(number))


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        ("SEND the security questionnaire!", ["c1"]),
        ("sending over the completed security questionnaire", ["c1"]),
        ("send the list", ["c3", "c4"]),  # the same promise, twice
        ("fix the logout bug", []),
        ("send", []),
        ("the", []),
    ],
)
def test_which_promise_a_task_means(task: str, expected: list[str]) -> None:
    rows = [promise(1, "send the security questionnaire"), promise(2, "share the roadmap"),
            promise(3, "send the list"), promise(4, "send a list")]  # fmt: skip
    assert [row.id for row in meant_by(task, rows)] == expected


def test_among_promises_equally_near_the_owner_decides() -> None:
    rows = [
        promise(1, "send the revised security report", "Bo Ek"),
        promise(2, "send the first security report", "Cy Roe"),
    ]
    assert [row.id for row in meant_by("send security report", rows, owner="Cy Roe")] == ["c2"]
    assert [row.id for row in meant_by("send security report", rows)] == ["c1"]


def test_a_promise_made_later_is_not_closed_by_an_earlier_event() -> None:
    state = after(event(9, {"op": "commit", "task": "call back"}))
    assert learn(state, (event(5, {"op": "close", "task": "call back"}),), ()).commitments == ()


@pytest.mark.parametrize(
    ("operation", "says"),
    [
        ({"op": "set", "value": "120"}, "no key"),
        ({"op": "set", "key": " ", "value": "120"}, "no key"),
        ({"op": "set", "key": "seats"}, "no value"),
        ({"op": "set", "key": "seats", "value": "  "}, "no value"),
        ({"op": "set", "key": "seats#2", "value": "1"}, "#"),
        ({"op": "set", "key": "seats", "value": "1\x00"}, "NUL"),
        ({"op": "retract"}, "no key"),
        ({"op": "correct", "value": "1"}, "no key"),
        ({"op": "correct", "key": "seats", "value": " "}, "empty"),
        ({"op": "commit", "task": " "}, "no task"),
        ({"op": "close"}, "no task"),
        ({"op": "commit", "task": "call", "due": "soon"}, "due day"),
        ({"op": "commit", "task": "call", "due": "2026-02-30"}, "due day"),
        ({"op": "commit", "task": "call", "due": "20260220"}, "due day"),
    ],
)
def test_what_cannot_be_right_is_refused_whole(operation: dict[str, Any], says: str) -> None:
    good = event(1, {"op": "set", "key": "plan", "value": "Pro"})
    with pytest.raises(MessageError) as caught:
        learn(EMPTY, (good, event(2, {"op": "qbr"}, operation)), ())
    assert "'e2', operation 2" in caught.value.message
    assert says in caught.value.message
    assert caught.value.hint
