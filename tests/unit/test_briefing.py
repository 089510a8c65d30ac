"""The brief: its sections, its citations, its bound, and that it never changes by itself."""

from __future__ import annotations

from datetime import UTC, datetime
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet_runtime.briefing import Brief, brief
from fleet_runtime.contracts import MemoryKey
from fleet_runtime.lexical import tokens
from fleet_runtime.records import AccountKey, AccountState, Commitment, Event, Fact

KEYS = (
    MemoryKey(name="renewal_date", kind="date", sentence="The contract renews on {value}."),
    MemoryKey(name="seats", kind="count", sentence="{value} seats are on the contract."),
    MemoryKey(name="active_users", kind="count", sentence="{value} people are using it."),
    MemoryKey(name="champion", kind="person", sentence="The champion is {value}."),
    MemoryKey(name="primary_goal", sentence="The goal is {value}."),
    MemoryKey(name="competitor", sentence="The alternative being looked at is {value}."),
    MemoryKey(name="plan", sentence="The plan is {value}."),
)


def day(iso: str) -> datetime:
    return datetime.fromisoformat(iso).replace(tzinfo=UTC)


def fact(  # noqa: PLR0913 - the columns of a row
    name: str, key: str, value: str | None, at: str, *, until: str = "", author: str = "Dana", quote: str = ""
) -> Fact:
    return Fact(
        id=name,
        key=key,
        value=value,
        event_id="e1",
        author=author,
        at=day(at),
        quote=quote,
        valid_from=day(at),
        valid_to=day(until) if until else None,
        known_from=day(at),
    )


STATE = AccountState(
    key=AccountKey(tenant="t", account="northwind"),
    events=(
        Event(id="e1", at=day("2026-01-12"), kind="message", author="Dana", text="Hello."),
        Event(id="e2", at=day("2026-05-04"), kind="hand_off", author="csm", text='To support: "SSO\nis broken."'),
        Event(id="e3", at=day("2026-09-01"), kind="message", author="Paul", text="Later."),
    ),
    facts=(
        fact("f1", "seats", "120", "2026-01-12", until="2026-05-20"),
        fact("f2", "seats", "90", "2026-05-20", author="Paul"),
        fact("f3", "renewal_date", "2027-03-31", "2026-01-12"),
        fact("f4", "champion", "Dana", "2026-01-12", until="2026-06-01"),
        fact("f5", "champion", None, "2026-06-01"),
        fact("f6", "active_users", "80", "2026-04-01", until="2026-04-20", quote="80 people use it"),
        fact("f7", "active_users", "35", "2026-04-20", author="usage report", quote="35 people use it"),
        fact("f8", "primary_goal", "to plan all routes", "2026-01-12"),
        fact("f9", "competitor", "Rivalsoft", "2026-05-20", author="Paul"),
    ),
    commitments=(
        Commitment(
            id="c1", task="send a list", owner="csm", to="Dana", due="2026-05-15", event_id="e1", at=day("2026-01-12")
        ),
        Commitment(id="c2", task="call back", owner="csm", event_id="e1", at=day("2026-02-12")),
        Commitment(id="c3", task="old thing", owner="csm", state="done", event_id="e1", at=day("2026-02-12")),
    ),
)  # fmt: skip
NOW = day("2026-06-15")
EXPECTED = """\
# northwind: account brief as of 15 June 2026

## Who they are
- 90 seats are on the contract. (Paul, 20 May 2026) [f2]
- Entries on record: 2, from 12 January 2026 to 4 May 2026. [e1, e2]

## Goals
- The goal is to plan all routes. (Dana, 12 January 2026) [f8]

## Health
- 35 people are using it. (usage report, 20 April 2026) [f7]

## Renewal
- The contract renews on 31 March 2027. (Dana, 12 January 2026) [f3]

## Open commitments
- Promised by csm to Dana: send a list, due 15 May 2026. (csm, 12 January 2026) [c1]
- Promised by csm: call back. (csm, 12 February 2026) [c2]

## Hand-offs
- To support: "SSO is broken." (csm, 4 May 2026) [e2]

## Risks
- The alternative being looked at is Rivalsoft. (Paul, 20 May 2026) [f9]
- The champion is no longer known. (Dana, 1 June 2026) [f5]
- Active users fell from 80 to 35. (usage report, 20 April 2026) [f6, f7]
- Overdue: Promised by csm to Dana: send a list, due 15 May 2026. (csm, 12 January 2026) [c1]

## Contradictions
- Active users: 35 counts (usage report, 20 April 2026), for who says it weighs more; \
80 was said by Dana, 1 April 2026. [f7, f6]

## What changed
- 90 seats are on the contract (was 120 until 20 May 2026). (Paul, 20 May 2026) [f1, f2]
- 35 people are using it (was 80 until 20 April 2026). (usage report, 20 April 2026) [f6, f7]

## Unknown
- Not on record as of 15 June 2026: champion, plan.
"""


def lines(made: Brief) -> list[str]:
    return [line.text for section in made.sections for line in section.lines]


def test_the_whole_brief_reads_as_expected() -> None:
    assert brief(STATE, keys=KEYS, as_of=NOW, token_budget=2000).markdown() == EXPECTED


def test_as_of_a_date_nothing_later_is_known() -> None:
    made = brief(STATE, keys=KEYS, as_of=datetime(2026, 2, 1))  # noqa: DTZ001 - read as UTC
    text = made.markdown()
    assert "120 seats" in text
    assert "The champion is Dana" in text
    assert not any(later in text for later in ("90 seats", "Rivalsoft", "call back", "support", "2026-05-20"))


def test_every_line_is_dated_and_cites_what_exists() -> None:
    known = {row.id for rows in (STATE.events, STATE.facts, STATE.commitments) for row in rows}
    for section in brief(STATE, keys=KEYS, as_of=NOW).sections:
        for line in section.lines:
            assert "2026" in line.text
            assert set(line.cites) <= known
            assert line.cites or section.title == "Unknown"


def test_an_empty_account_is_only_unknown() -> None:
    made = brief(AccountState(key=STATE.key), keys=KEYS, as_of=NOW)
    assert [section.title for section in made.sections] == ["Unknown"]
    assert brief(AccountState(key=STATE.key), keys=(), as_of=NOW).sections == ()


def test_a_long_value_is_cut() -> None:
    state = AccountState(key=STATE.key, facts=(fact("f", "plan", "very " * 100, "2026-01-12"),))
    (plan, _) = lines(brief(state, keys=KEYS, as_of=NOW))
    assert "\u2026 (Dana, 12 January 2026)" in plan
    assert len(plan) < 260


def test_words_are_no_fall() -> None:
    rows = (fact("a", "usage", "high", "2026-01-12", until="2026-03-12"), fact("b", "usage", "low", "2026-03-12"))
    made = brief(AccountState(key=STATE.key, facts=rows), keys=(), as_of=NOW)
    assert [section.title for section in made.sections] == ["Health", "What changed"]


@pytest.mark.parametrize("budget", [60, 120, 200, 700])
def test_the_budget_holds_and_renewal_goes_first(budget: int) -> None:
    made = brief(STATE, keys=KEYS, as_of=NOW, token_budget=budget)
    assert tokens(made.markdown()) <= budget
    assert "The contract renews on 31 March 2027." in made.markdown()


@given(st.permutations(STATE.facts), st.permutations(STATE.events), st.permutations(STATE.commitments))
def test_the_order_of_rows_does_not_matter(
    facts: list[Fact], events: list[Event], commitments: list[Commitment]
) -> None:
    rows = {"facts": tuple(facts), "events": tuple(events), "commitments": tuple(commitments)}
    assert brief(STATE.model_copy(update=rows), keys=KEYS, as_of=NOW, token_budget=2000).markdown() == EXPECTED


def test_a_promise_that_was_kept_later_was_open_then() -> None:
    kept = STATE.commitments[1].model_copy(update={"state": "done", "closed_at": day("2026-04-01"), "closed_by": "e3"})
    state = STATE.model_copy(update={"commitments": (kept,)})
    assert "call back" in brief(state, keys=KEYS, as_of=day("2026-03-31")).markdown()
    assert "call back" not in brief(state, keys=KEYS, as_of=day("2026-04-01")).markdown()


def test_a_claim_that_yields_is_shown_as_a_contradiction_and_nowhere_else() -> None:
    said = fact("f10", "seats", "95", "2026-06-01", quote="95 seats").model_copy(update={"yields_to": "f2"})
    text = brief(STATE.model_copy(update={"facts": (*STATE.facts, said)}), keys=KEYS, as_of=NOW).markdown()
    line = "Seats: 90 counts (Paul, 20 May 2026), for who says it weighs more; 95 was said by Dana, 1 June 2026."
    assert f"- {line} [f2, f10]\n" in text
    assert text.count("95") == 1


def test_of_several_matters_of_a_key_the_newest_goes_first() -> None:
    rows = tuple(
        fact(f"f{month}", "open_issue", f"issue {month}", f"2026-{month:02}-01").model_copy(
            update={"subject": f"s{month % 3}-{month}"}
        )
        for month in range(1, 13)
    )
    made = brief(AccountState(key=STATE.key, facts=rows), keys=(), as_of=day("2026-12-31"))
    assert [line.cites[0] for line in made.sections[0].lines] == ["f12", "f11", "f10", "f9", "f8", "f7"]


def test_a_large_account_is_summed_up_quickly() -> None:
    rows = tuple(
        fact(f"f{number}", KEYS[number % 7].name, str(number), "2026-01-12").model_copy(
            update={"subject": f"s{number}"}
        )
        for number in range(5000)
    )
    state = AccountState(key=STATE.key, facts=rows)
    times: list[float] = []
    for _ in range(3):
        started = process_time()
        brief(state, keys=KEYS, as_of=NOW)
        times.append(process_time() - started)
    assert min(times) < 0.15
