"""The store against a plain model: whatever is done in whatever order, both hold the same and refuse the same."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from fleet_runtime.decisions import Decision
from fleet_runtime.errors import FenceLost, MessageError
from fleet_runtime.records import (
    AccountChange,
    AccountKey,
    AccountState,
    Commitment,
    Contract,
    Event,
    Fact,
    Learned,
    Part,
    Pin,
    Reply,
    Turn,
)
from fleet_runtime.stores.sql_store import open_store

Result = TypeVar("Result")

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
KEYS = (
    AccountKey(tenant="north", account="acme"),
    AccountKey(tenant="north", account="globex"),
    AccountKey(tenant="south", account="acme"),
)
keys = st.sampled_from(KEYS)
owners = st.sampled_from(["us", "them"])
turn_ids = st.sampled_from(["t1", "t2", "t3"])
event_ids = st.lists(st.sampled_from(["e1", "e2", "e3", "e4"]), max_size=3, unique=True)
contracts = st.lists(
    st.builds(
        lambda role, edition, known: Contract(
            role=role, content_hash=f"{role}-{edition}", text=f"# {role} {edition}" if known else ""
        ),
        st.sampled_from(["csm", "agent"]),
        st.integers(1, 3),
        st.booleans(),
    ),
    max_size=2,
)
moments = st.integers(0, 20).map(lambda seconds: NOON + timedelta(seconds=seconds))
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


@dataclass
class Model:
    """One account, as a person would keep it in a notebook."""

    version: int = 0
    events: dict[str, Event] = field(default_factory=dict)
    facts: dict[str, Fact] = field(default_factory=dict)
    commitments: dict[str, Commitment] = field(default_factory=dict)
    turns: dict[str, Turn] = field(default_factory=dict)
    awaiting: set[str] = field(default_factory=set)
    lease: tuple[str, datetime] | None = None
    pins: dict[str, Pin] = field(default_factory=dict)

    def state(self, key: AccountKey) -> AccountState:
        return AccountState(
            key=key,
            version=self.version,
            events=tuple(sorted(self.events.values(), key=lambda event: (event.at, event.id))),
            facts=tuple(sorted(self.facts.values(), key=lambda fact: (fact.known_from, fact.id))),
            commitments=tuple(sorted(self.commitments.values(), key=lambda promise: (promise.at, promise.id))),
            turns=tuple(self.turns.values()),
            pins=tuple(pin for _, pin in sorted(self.pins.items())),
        )

    def is_repeat(self, change: AccountChange) -> bool:
        return (
            change.finishes is None
            and bool(change.events or change.learned_events)
            and all(event.id in self.events for event in change.events)
            and not self.awaiting.intersection(change.learned_events)
        )

    def refuses(self, change: AccountChange) -> bool:
        turn = self.turns.get(change.finishes or "")
        return (
            change.seen_version != self.version
            or (change.lease_owner is not None and (self.lease is None or self.lease[0] != change.lease_owner))
            or (change.finishes is not None and (turn is None or turn.state == "done"))
        )

    def apply(self, change: AccountChange) -> None:
        self.version += 1
        new = {event.id: event for event in change.events if event.id not in self.events}
        self.events |= new
        self.facts |= {fact.id: fact for fact in (*change.learned.facts, *change.learned.closed)}
        self.commitments |= {promise.id: promise for promise in change.learned.commitments}
        self.awaiting -= set(change.learned_events)
        self.awaiting |= set(change.learn_later) & set(new)
        self.pins |= {one.role: Pin(role=one.role, content_hash=one.content_hash, since=NOON) for one in change.pinned}
        if change.finishes is not None:
            done = self.turns[change.finishes].model_copy(update={"state": "done", "reply": change.reply})
            self.turns[change.finishes] = done


class StoreMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.Runner()
        self.store = open_store(None, now=lambda: NOON)
        self.models = {key: Model() for key in KEYS}
        self.steps = 0

    def teardown(self) -> None:
        try:
            self.every_account_reads_as_its_own_model()
        finally:
            self.wait(self.store.close())
            self.loop.close()

    def wait(self, answer: Coroutine[object, object, Result]) -> Result:
        return self.loop.run(answer)

    @rule(key=keys, turn_id=turn_ids, text=texts)
    def accept(self, key: AccountKey, turn_id: str, text: str) -> None:
        turn = Turn(id=turn_id, key=key, conversation="c", role="r", speaker="s", at=NOON, text=text)
        tenants = {other: self.models[other].turns for other in KEYS if other.tenant == key.tenant}
        if any(turn_id in turns for other, turns in tenants.items() if other != key):
            try:
                self.wait(self.store.accept(turn))
            except MessageError:
                return
            raise AssertionError("an id of another account was accepted")
        turns = self.models[key].turns
        known = turns.setdefault(turn_id, turn.model_copy(update={"sequence": len(turns) + 1}))
        assert self.wait(self.store.accept(turn)) == known

    @rule(
        key=keys,
        stale=st.sampled_from([0, 0, 0, 1, -1]),
        ids=event_ids,
        at=moments,
        text=texts,
        learns=st.booleans(),
        finishes=st.none() | turn_ids,
        owner=st.none() | owners,
        later=st.booleans(),
        learned=event_ids,
        pinned=contracts,
    )
    def apply(  # noqa: PLR0913 - a change has that many sides
        self,
        *,
        key: AccountKey,
        stale: int,
        ids: list[str],
        at: datetime,
        text: str,
        learns: bool,
        finishes: str | None,
        owner: str | None,
        later: bool,
        learned: list[str],
        pinned: list[Contract],
    ) -> None:
        model = self.models[key]
        change = AccountChange(
            key=key,
            seen_version=model.version + stale,
            now=NOON,
            events=tuple(Event(id=name, at=at, kind="message", author="s", text=text) for name in ids),
            learned=self.learned_of(model, ids, at, text) if learns and ids else Learned(),
            finishes=finishes,
            reply=None if finishes is None else a_reply(finishes, text),
            lease_owner=owner,
            learn_later=tuple(ids) if later else (),
            learned_events=tuple(learned),
            pinned=tuple(pinned),
        )
        if model.is_repeat(change):
            assert self.wait(self.store.apply(change)) == model.version
        elif model.refuses(change):
            try:
                self.wait(self.store.apply(change))
            except FenceLost:
                pass
            else:
                raise AssertionError("a change was written that the fence should stop")
        else:
            model.apply(change)
            assert self.wait(self.store.apply(change)) == model.version
        self.compare(key)

    def learned_of(self, model: Model, ids: list[str], at: datetime, text: str) -> Learned:
        """A new fact, the end of the last one, and a promise that is new or brought up to date."""
        self.steps += 1
        fact = Fact(
            id=f"f{self.steps}", key="k", value=text, event_id=ids[0], author="s", at=at, valid_from=at, known_from=at
        )
        open_facts = [old for old in model.facts.values() if old.known_to is None]
        closed = tuple(old.model_copy(update={"valid_to": at, "known_to": at}) for old in open_facts[-1:])
        promise = Commitment(id=f"p{self.steps % 2}", task=text, owner="s", event_id=ids[-1], at=at)
        return Learned(facts=(fact,), closed=closed, commitments=(promise,))

    @rule(key=keys, owner=owners, now=moments, seconds=st.integers(1, 5))
    def lease(self, key: AccountKey, owner: str, now: datetime, seconds: int) -> None:
        model, until = self.models[key], now + timedelta(seconds=seconds)
        free = model.lease is None or model.lease[0] == owner or model.lease[1] <= now
        if free:
            model.lease = (owner, until)
        assert self.wait(self.store.lease(key, owner, until, now)) is free

    @rule(key=keys, owner=owners)
    def release(self, key: AccountKey, owner: str) -> None:
        model = self.models[key]
        if model.lease is not None and model.lease[0] == owner:
            model.lease = None
        self.wait(self.store.release(key, owner))

    @rule()
    def every_account_reads_as_its_own_model(self) -> None:
        for key in KEYS:
            self.compare(key)

    def compare(self, key: AccountKey) -> None:
        assert self.wait(self.store.read(key)) == self.models[key].state(key)

    @rule()
    def scans_find_what_is_left(self) -> None:
        unfinished = [turn for key in KEYS for turn in self.models[key].turns.values() if turn.state == "accepted"]
        assert self.wait(self.store.unfinished()) == unfinished
        unlearned = self.wait(self.store.unlearned())
        assert {(key, event.id) for key, event in unlearned} == {
            (key, event_id) for key in KEYS for event_id in self.models[key].awaiting
        }


def a_reply(turn_id: str, text: str) -> Reply:
    return Reply(
        turn_id=turn_id,
        conversation="c",
        text=text,
        role="r",
        parts=(Part(role="r", text=text, kind="answer"),),
        decision=Decision(id="d", verdict="keep", choice="r", stage="owner", confidence=1.0, reason="owner"),
    )


TestStoreMachine = StoreMachine.TestCase
TestStoreMachine.settings = settings(
    max_examples=15,
    stateful_step_count=16,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
