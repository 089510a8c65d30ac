"""An export and its way back: the same rows, nothing doubled, nothing stored rewritten."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from booked import DAY, a_notice, a_week, a_whole_book, days

from fleet_runtime.bookkeeping import KINDS, rows_of, signals_of
from fleet_runtime.books import AccountBook
from fleet_runtime.exporting import FORM, ReadRow, Restored, export_lines, read_rows, restored
from fleet_runtime.importing import Reject, numbered_lines
from fleet_runtime.ports import AccountWork
from fleet_runtime.records import (
    AccountKey,
    AccountState,
    Approval,
    Commitment,
    Digest,
    Event,
    Fact,
    Failure,
    Spent,
    Turn,
)

NOW = datetime(2026, 7, 1, tzinfo=UTC)
DAY_1 = datetime(2026, 3, 1, tzinfo=UTC)
DAY_2 = datetime(2026, 6, 3, 9, 30, tzinfo=UTC)
KEY = AccountKey(tenant="t", account="acme")
OTHER = AccountKey(tenant="u", account="beta")


def fact(name: str, value: str | None, event: str, at: datetime, **more: object) -> Fact:
    said = {"id": name, "key": "seats", "value": value, "event_id": event, "author": "Dana", "at": at}
    return Fact.model_validate(said | {"valid_from": at, "known_from": at} | more)


STATE = AccountState(
    key=KEY,
    version=3,
    events=(
        Event(id="e2", at=DAY_2, kind="call", author="Dana", text="55 seats. Gr\u00fc\u00dfe"),
        Event(id="e1", at=DAY_1, kind="note", author="Dana", text="40 seats."),
    ),
    facts=(
        fact("f1", "40", "e1", DAY_1, known_to=DAY_2),
        fact("f1#2", "40", "e1", DAY_1, valid_to=DAY_2, known_from=DAY_2),
        fact("f2", "55", "e2", DAY_2),
        fact("f3", "60", "e2", DAY_2, yields_to="f2"),
    ),
    commitments=(Commitment(id="c1", task="send the plan", owner="Dana", event_id="e1", at=DAY_1),),
    digests=(Digest(id="d1", period="2026-Q1", text="40 seats.", cites=("e1",), events=1, made_at=DAY_2),),
    turns=(
        Turn(id="t1", key=KEY, conversation="main", sequence=1, role="csm", speaker="Dana", at=DAY_1, text="Hello."),
    ),
)


def read(lines: Iterable[str]) -> list[ReadRow | Reject]:
    return list(read_rows(numbered_lines(f"{line}\n".encode() for line in lines)))


def back(lines: Iterable[str], state: AccountState | None = None, book: AccountBook | None = None) -> Restored:
    return restored(state or AccountState(key=OTHER), read(lines), NOW, book)


def grown(state: AccountState, found: Restored) -> AccountState:
    """Return a state with a change made, as a store makes it."""
    change = found.change
    assert change is not None
    ends = {row.id: row for row in change.learned.closed}
    put = {row.id: row for row in change.learned.commitments}
    return state.model_copy(
        update={
            "version": state.version + 1,
            "events": (*state.events, *change.events),
            "facts": (*(ends.get(row.id, row) for row in state.facts), *change.learned.facts),
            "commitments": tuple(({row.id: row for row in state.commitments} | put).values()),
            "digests": (*state.digests, *change.digests),
        }
    )


def test_the_header_counts_and_the_lines_are_canonical() -> None:
    lines = list(export_lines(STATE, NOW))
    header = json.loads(lines[0])
    assert (header["fleet_memory"], header["account"]) == (FORM, "acme")
    assert header["counts"] == {"event": 2, "fact": 4, "commitment": 1, "digest": 1, "turn": 1}
    assert [json.loads(line).get("row") for line in lines[1:]] == (
        ["event"] * 2 + ["fact"] * 4 + ["commitment", "digest", "turn"]
    )
    assert [json.loads(line)["id"] for line in lines[1:3]] == ["e1", "e2"]
    assert "Gr\u00fc\u00dfe" in lines[2]
    shuffled = STATE.model_copy(update={"events": STATE.events[::-1], "facts": STATE.facts[::-1], "version": 9})
    assert list(export_lines(shuffled, NOW)) == lines
    assert not any('"tenant"' in line for line in lines)


def test_an_export_gives_an_empty_account_the_same_rows() -> None:
    found = back(export_lines(STATE, NOW))
    assert (found.new, found.known, found.rejects) == (8, 0, ())
    assert found.change is not None
    assert found.change.key == OTHER
    made = grown(AccountState(key=OTHER), found)
    for rows in ("events", "facts", "commitments", "digests"):
        assert sorted(getattr(made, rows), key=lambda row: str(row.id)) == sorted(
            getattr(STATE, rows), key=lambda row: str(row.id)
        )


def test_what_is_known_is_passed_over() -> None:
    found = back(export_lines(STATE, NOW), STATE)
    assert (found.change, found.new, found.known, found.rejects) == (None, 0, 8, ())
    partly = STATE.model_copy(update={"facts": (), "commitments": (), "digests": ()})
    found = back(export_lines(STATE, NOW), partly)
    assert (found.new, found.known) == (6, 2)
    twice = back([*export_lines(STATE, NOW), *list(export_lines(STATE, NOW))[1:]])
    assert (twice.new, twice.known) == (8, 8)


def test_an_end_that_came_later_is_taken_over_and_one_that_is_gone_is_not() -> None:
    done = STATE.commitments[0].model_copy(update={"state": "done", "closed_at": DAY_2, "closed_by": "e2"})
    older = STATE.model_copy(
        update={"facts": (fact("f1", "40", "e1", DAY_1),), "events": STATE.events[1:], "digests": ()}
    )
    newer = STATE.model_copy(update={"commitments": (done,)})
    found = back(export_lines(newer, NOW), older)
    assert found.rejects == ()
    assert found.change is not None
    assert [row.known_to for row in found.change.learned.closed] == [DAY_2]
    assert found.change.learned.commitments == (done,)
    assert (found.new, found.known) == (7, 1)
    assert back(export_lines(older, NOW), newer).change is None


def change_line(lines: list[str], name: str, **parts: object) -> list[str]:
    """Write a row of the export otherwise."""
    loaded = [json.loads(line) for line in lines]
    return [json.dumps(line | parts) if line.get("id") == name else json.dumps(line) for line in loaded]


@pytest.mark.parametrize(
    ("name", "parts", "why"),
    [
        ("e1", {"text": "41 seats."}, "another event of this id"),
        ("f2", {"value": "56"}, "another fact of this id"),
        ("c1", {"task": "send the bill"}, "another commitment of this id"),
        ("d1", {"text": "41"}, "another digest of this id"),
        ("f2", {"id": "f9", "value": "70"}, "the account believes seats = '55'"),
        ("f3", {"id": "f9", "event_id": "e9"}, "neither in the account nor in the file"),
        ("e1", {"row": "fax"}, "no kind of row"),
        ("e1", {"at": "soon"}, "the event's at is wrong"),
        ("e1", {"colour": "red"}, "the event's colour is wrong"),
    ],
)
def test_a_row_that_contradicts_is_rejected_with_its_line(name: str, parts: dict[str, object], why: str) -> None:
    lines = change_line(list(export_lines(STATE, NOW)), name, **parts)
    found = back(lines, STATE)
    assert found.change is None
    said = [reject for reject in found.rejects if why in reject.why]
    assert [reject.line for reject in said] == [
        number for number, line in enumerate(lines, 1) if json.loads(line).get("id") == parts.get("id", name)
    ]


def test_a_file_that_ends_too_early_says_what_is_missing() -> None:
    *lines, _, _ = list(export_lines(STATE, NOW))
    found = back(lines)
    assert [reject.why for reject in found.rejects] == [
        "the file ends too early, 1 digests, 1 turns are missing: export the account again"
    ]
    assert found.new == 7
    assert "no JSON" in back([*lines, "nope"]).rejects[0].why


@pytest.mark.parametrize(
    ("lines", "why"),
    [([], "empty"), (["nope"], "no JSON"), (['{"fleet_memory":2}'], "a form other than 1"), (["{}"], "a form other")],
)
def test_what_is_no_export_says_so(lines: list[str], why: str) -> None:
    found = back(lines)
    assert found.change is None
    assert why in found.rejects[0].why


def test_a_header_without_counts_is_enough() -> None:
    found = back(['{"fleet_memory":1}', *list(export_lines(STATE, NOW))[1:]])
    assert (found.new, found.rejects) == (8, ())


def test_the_moment_of_the_export_is_in_utc() -> None:
    east = NOW.astimezone(timezone(timedelta(hours=9)))
    assert json.loads(next(iter(export_lines(STATE, east))))["exported_at"] == NOW.isoformat()


def test_a_turn_that_was_given_up_says_why_and_is_not_read_back() -> None:
    failure = Failure(code="model_error", message="no answer", hint="look", at=NOW, attempts=3)
    first = STATE.turns[0]
    failed = first.model_copy(update={"state": "failed", "failure": failure})
    cancelled = first.model_copy(update={"id": "t9", "sequence": 9, "state": "cancelled"})
    state = STATE.model_copy(update={"turns": (failed, cancelled)})
    told = [json.loads(line) for line in export_lines(state, NOW)][-2:]
    assert [(one["row"], one["state"]) for one in told] == [("turn", "failed"), ("turn", "cancelled")]
    assert [Failure.model_validate(told[0]["failure"]), told[1]["failure"]] == [failure, None]
    found = back(export_lines(state, NOW))
    assert grown(AccountState(key=OTHER), found).turns == ()
    assert found.rejects == ()


def test_questions_and_spending_are_there_for_the_reader() -> None:
    asked = Approval(
        id="a1", key=STATE.key, turn_id="t1", conversation="c", role="r", speaker="Ada", kind="reply",
        question="Send this?", draft="Dear Ada", asked_at=NOW,
    )  # fmt: skip
    work = AccountWork((asked,), ((NOW.date(), Spent(tokens=7, cost=Decimal("0.1"))),))
    lines = list(export_lines(STATE, NOW, work))
    header, approval, spent = (json.loads(line) for line in (lines[0], *lines[-2:]))
    assert (header["counts"]["approval"], header["counts"]["spent"]) == (1, 1)
    assert (approval["row"], approval["question"], approval["draft"]) == ("approval", "Send this?", "Dear Ada")
    assert spent == {"row": "spent", "day": NOW.date().isoformat(), "tokens": 7, "cost": "0.1", "unpriced": 0}
    assert lines[1:-2] == list(export_lines(STATE, NOW))[1:]
    assert back(lines) == back(export_lines(STATE, NOW))


BOOK = a_whole_book(KEY)


def test_the_book_is_told_between_memory_and_turns() -> None:
    lines = list(export_lines(STATE, NOW, book=BOOK))
    loaded = [json.loads(line) for line in lines]
    plain = list(export_lines(STATE, NOW))
    assert [line for line in lines[1:] if json.loads(line)["row"] not in KINDS] == plain[1:]
    assert [one["row"] for one in loaded[9:-1]] == (
        ["details"] * 2 + ["week"] * 3 + ["invoice"] * 3 + ["notice"] * 2 + ["motion_run"] * 2 + ["work_product"]
    )
    assert loaded[-1]["row"] == "turn"
    counted = {"details": 2, "week": 3, "invoice": 3, "notice": 2, "motion_run": 2, "work_product": 1}
    assert loaded[0]["counts"] == json.loads(plain[0])["counts"] | counted
    assert list(export_lines(STATE, NOW, book=AccountBook(KEY))) == plain
    (said,) = [one for one in loaded if one.get("number") == "R-0"]
    assert (said["amount"], said["known_from"]) == ("1200.50", "2026-03-01T12:00:00Z")


def test_a_book_comes_back_into_another_account() -> None:
    found = back(export_lines(STATE, NOW, book=BOOK))
    assert (found.new, found.known, found.rejects) == (21, 0, ())
    assert found.book == BOOK._replace(key=OTHER)
    assert found.change == back(export_lines(STATE, NOW)).change
    again = back(export_lines(STATE, NOW, book=BOOK), STATE, BOOK)
    assert (again.new, again.known, again.rejects, again.change, again.book) == (0, 21, (), None, None)
    doubled = [*export_lines(STATE, NOW, book=BOOK), *list(export_lines(STATE, NOW, book=BOOK))[1:]]
    assert (back(doubled).new, back(doubled).known) == (21, 21)


def test_a_row_of_the_book_that_came_further_is_taken_over_and_one_that_fell_behind_is_not() -> None:
    ended = BOOK.notices[0].model_copy(update={"closed_on": DAY, "outcome": "better"})
    sent = BOOK.products[0].model_copy(update={"state": "won", "changed_at": days(2)})
    further = BOOK._replace(notices=(ended, *BOOK.notices[1:]), products=(sent,))
    found = back(export_lines(STATE, NOW, book=further), STATE, BOOK)
    assert (found.new, found.known, found.rejects) == (2, 19, ())
    assert found.book == AccountBook(KEY, notices=(ended,), products=(sent,))
    behind = back(export_lines(STATE, NOW, book=BOOK), STATE, further)
    assert (behind.new, behind.book, behind.rejects) == (0, None, ())


def test_a_signal_that_says_nothing_new_is_known_whenever_it_was() -> None:
    account = AccountBook(KEY, signals=signals_of([a_week(0, 40.0, days(1)), a_week(0, 20.0, days(2))]))
    file = AccountBook(KEY, signals=signals_of([a_week(0, 20.0, days(5)), a_week(0, 60.0, days(6))]))
    found = back(export_lines(AccountState(key=KEY), NOW, book=file), None, account)
    assert (found.new, found.known) == (1, 1)
    assert found.book is not None
    assert found.book.signals.weeks == (a_week(0, 60.0, days(6)),)


@pytest.mark.parametrize(
    ("named", "parts", "why", "shown"),
    [
        ({"number": "R-0"}, {"amount": "1"}, "another invoice of this name and moment", "R-0"),
        ({"start": "2026-01-12"}, {"values": {"nps": 9}}, "another week of this name and moment", "2026-01-12"),
        ({"seats": 55}, {"seats": 56}, "another details of this name and moment", "Acme Gr\u00f6\u00dfe"),
        ({"id": "n1"}, {"role": "sales"}, "another notice of this name", "Usage"),
        ({"motion": "weekly-review", "row": "motion_run"}, {"why": "?"}, "another motion_run of", "2026-03-01 weekly"),
        ({"id": "p1"}, {"text": "?"}, "another work_product of this name", "Risk memo"),
        ({"start": "2026-01-12"}, {"values": {"nps": float("nan")}}, "nps is nan", "2026-01-12"),
        ({"number": "R-0"}, {"amount": "much"}, "the invoice's amount is wrong", "much"),
        ({"id": "n1"}, {"row": "noise"}, "no kind of row: one of event, fact, commitment, digest, details, week", ""),
    ],
)
def test_a_row_of_the_book_that_contradicts_is_rejected(
    named: dict[str, object], parts: dict[str, object], why: str, shown: str
) -> None:
    loaded = [json.loads(line) for line in export_lines(STATE, NOW, book=BOOK)]
    lines = [json.dumps(one | parts) if named.items() <= one.items() else json.dumps(one) for one in loaded]
    stored = BOOK
    if "nan" in why:  # not one that says otherwise than the stored one, but one that says nothing
        stored = AccountBook(KEY)
    found = back(lines, STATE, stored)
    (said,) = [one for one in found.rejects if why in one.why]
    assert lines[said.line - 1] not in [json.dumps(one) for one in loaded]
    assert shown in said.text


def test_what_a_book_lacks_is_missed() -> None:
    lines = [line for line in export_lines(STATE, NOW, book=BOOK) if json.loads(line).get("row") != "details"]
    assert "2 details are missing" in back(lines).rejects[-1].why
    assert len(list(rows_of(back(lines).book or AccountBook(KEY)))) == 11


def test_a_notice_that_is_closed_in_the_file_twice_keeps_its_first_end() -> None:
    ends = [a_notice().model_copy(update={"closed_on": DAY, "outcome": how}) for how in ("better", "worse")]
    lines = list(export_lines(STATE, NOW, book=AccountBook(KEY, notices=tuple(ends))))
    found = back(lines)
    assert found.book is not None
    assert [one.outcome for one in found.book.notices] == ["better"]
