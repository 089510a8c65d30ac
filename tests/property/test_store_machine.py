"""The store against a plain model: whatever is done in whatever order, both hold the same and refuse the same.

Two stores work on one file, so that each must see through what it keeps; after every step they read what a store that
keeps nothing reads.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Coroutine
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from exploring import examples
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule
from postgres import PostgresDatabases
from store_model import NOON, Model

from fleet_runtime.decisions import Decision
from fleet_runtime.errors import FenceLost, MessageError
from fleet_runtime.ports import Store
from fleet_runtime.records import (
    AccountChange,
    AccountKey,
    AccountState,
    Commitment,
    Contract,
    Digest,
    Event,
    Fact,
    Learned,
    Part,
    Reply,
    Turn,
)
from fleet_runtime.stores.common.caching import StateCache
from fleet_runtime.stores.memory.store import MemoryStore
from fleet_runtime.stores.sql.store import SqlStore, open_store

Result = TypeVar("Result")

KEYS = (
    AccountKey(tenant="north", account="acme"),
    AccountKey(tenant="north", account="globex"),
    AccountKey(tenant="south", account="acme"),
)
keys = st.sampled_from(KEYS)
which = st.integers(0, 1)
encoders = st.sampled_from(["mini", "words"])
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
# What is no text is refused before it comes to a store; what a store makes of NUL is its contract's matter.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)


class StoreMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory(prefix="fleet-machine-")
        self.stores = self.opened(Path(self.folder.name))
        self.store = self.stores[0]
        self.floor = 0
        self.stamps: dict[int, AccountState] = {}
        self.models = {key: Model() for key in KEYS}
        self.steps = 0

    def opened(self, folder: Path) -> list[Store]:
        """The first two are worked with; the last keeps nothing."""
        database = str(folder / "fleet.db")
        return [open_store(database, now=lambda: NOON) for _ in range(3)]

    def forget(self) -> None:
        """Let the last store read everything afresh."""
        fresh = self.stores[-1]
        assert isinstance(fresh, SqlStore)
        fresh._cache = StateCache()

    def teardown(self) -> None:
        try:
            self.every_account_reads_as_its_own_model()
        finally:
            for store in self.stores:
                self.wait(store.close())
            self.loop.close()
            self.folder.cleanup()

    def wait(self, answer: Coroutine[object, object, Result]) -> Result:
        return self.loop.run(answer)

    @rule(store=which)
    def somebody_else_works(self, store: int) -> None:
        self.store = self.stores[store]

    @rule(key=keys, turn_id=turn_ids, text=texts, owner=st.none() | owners)
    def accept(self, key: AccountKey, turn_id: str, text: str, owner: str | None) -> None:
        """Accept a message; an owner begins it too."""
        turn = Turn(id=turn_id, key=key, conversation="c", role="r", speaker="s", at=NOON, text=text)
        tenants = {other: self.models[other].turns for other in KEYS if other.tenant == key.tenant}
        if any(turn_id in turns for other, turns in tenants.items() if other != key):
            try:
                self.wait(self.store.accept(turn))
            except MessageError:
                return
            raise AssertionError("an id of another account was accepted")
        self.models[key].open(self.floor)
        turns = self.models[key].turns
        known = turns.setdefault(turn_id, turn.model_copy(update={"sequence": len(turns) + 1}))
        if owner is None:
            assert self.wait(self.store.accept(turn)) == known
            return
        until = NOON + timedelta(seconds=9)
        has_lease = known.reply is None and self.takes_lease(key, owner, NOON, until)
        older = any(one.reply is None and one.sequence < known.sequence for one in turns.values())
        assert self.wait(self.store.begin(turn, owner, until, NOON)) == (known, has_lease and not older)
        assert self.wait(self.store.read(key)) == self.models[key].state(key)

    @rule(
        key=keys,
        stale=st.sampled_from([0, 0, 0, 1, -1]),
        ids=event_ids,
        at=moments,
        text=texts,
        learns=st.booleans(),
        finishes=st.none() | turn_ids,
        owner=st.none() | owners,
        releases=st.booleans(),
        later=st.booleans(),
        learned=event_ids,
        pinned=contracts,
        digests=st.sampled_from(["", "", "2025-Q3", "2025-Q4"]),
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
        releases: bool,
        later: bool,
        learned: list[str],
        pinned: list[Contract],
        digests: str,
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
            releases=releases,
            learn_later=tuple(ids) if later else (),
            learned_events=tuple(learned),
            pinned=tuple(pinned),
            digests=(Digest(id=digests, period=digests, text=text, cites=(*ids, text), events=1, made_at=at),)
            if digests
            else (),
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
            model.apply(change, self.floor)
            if releases and owner is not None:
                model.lease = None
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

    @rule(stale=st.sampled_from([None, None, *KEYS]), ids=event_ids, at=moments, text=texts)
    def apply_many(self, stale: AccountKey | None, ids: list[str], at: datetime, text: str) -> None:
        """One change to each account, all or none: one that is refused takes the others with it."""
        events = tuple(Event(id=name, at=at, kind="message", author="s", text=text) for name in ids)
        changes: list[AccountChange] = []
        for key in KEYS:
            seen = self.models[key].version + (key == stale)
            learned = self.learned_of(self.models[key], ids, at, text) if ids else Learned()
            changes.append(AccountChange(key=key, seen_version=seen, now=NOON, events=events, learned=learned))
        waiting = [change for change in changes if not self.models[change.key].is_repeat(change)]
        if any(self.models[change.key].refuses(change) for change in waiting):
            try:
                self.wait(self.store.apply_many(changes))
            except FenceLost:
                pass
            else:
                raise AssertionError("changes were written that the fence should stop")
        else:
            self.wait(self.store.apply_many(changes))
            for change in waiting:
                self.models[change.key].apply(change, self.floor)
        self.every_account_reads_as_its_own_model()

    @rule(key=keys, encoder=encoders, ids=event_ids, data=st.binary(min_size=1, max_size=4))
    def put_vectors(self, key: AccountKey, encoder: str, ids: list[str], data: bytes) -> None:
        """The first vector of an event by an encoder counts; another encoder's replace all."""
        model = self.models[key]
        self.wait(self.store.put_vectors(key, encoder, dict.fromkeys(ids, data)))
        if ids and model.opened:
            model.vectors = dict.fromkeys(set(ids) & set(model.events), data) | model.embedded(encoder)
            model.encoder = encoder
        self.compare(key)

    @rule(key=keys)
    def erase(self, key: AccountKey) -> None:
        model = self.models[key]
        receipt = self.wait(self.store.erase(key, NOON))
        assert receipt.erased is model.opened
        if receipt.erased:
            kept = (model.events, model.facts, model.commitments, model.digests, model.vectors, model.turns, model.pins)
            tables = ("event", "fact", "commitment", "digest", "vector", "turn", "pin")
            assert [receipt.counts[name] for name in tables] == [len(rows) for rows in kept]
        self.floor = max(self.floor, model.version)
        self.models[key] = Model()
        self.every_account_reads_as_its_own_model()

    @rule(key=keys, encoder=encoders)
    def ranking_rows_and_backlogs_are_the_accounts_own(self, key: AccountKey, encoder: str) -> None:
        """A stamp seen once never stands for other events, not even after an erasure."""
        model = self.models[key]
        rows = self.wait(self.store.ranking_rows(key, encoder=encoder))
        assert rows is not None
        assert list(rows.ids) == [event.id for event in model.state(key).events]
        vectors = model.embedded(encoder)
        assert list(rows.vectors or [None] * len(rows.ids)) == [vectors.get(name) for name in rows.ids]
        remembered = model.state(key).model_copy(update={"turns": (), "pins": ()})
        if rows.version:
            assert self.stamps.setdefault(rows.version, remembered) == remembered
        assert self.wait(self.store.ranking_rows(key, encoder=encoder, unless=rows.version)) is None
        assert self.wait(self.store.backlog(encoder, key)) == len(model.events) - len(vectors)
        everywhere = sum(len(one.events) - len(one.embedded(encoder)) for one in self.models.values())
        assert self.wait(self.store.backlog(encoder)) == everywhere
        assert len(self.wait(self.store.unembedded(encoder, 99))) == everywhere

    @rule(key=keys, owner=owners, now=moments, seconds=st.integers(1, 5))
    def lease(self, key: AccountKey, owner: str, now: datetime, seconds: int) -> None:
        until = now + timedelta(seconds=seconds)
        free = self.takes_lease(key, owner, now, until)
        assert self.wait(self.store.lease(key, owner, until, now)) is free

    def takes_lease(self, key: AccountKey, owner: str, now: datetime, until: datetime) -> bool:
        model = self.models[key]
        free = model.lease is None or model.lease[0] == owner or model.lease[1] <= now
        if free:
            model.lease = (owner, until)
        return free

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
        self.forget()
        expected = self.models[key].state(key)
        for store in self.stores:
            assert self.wait(store.read(key)) == expected

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


class MemoryStoreMachine(StoreMachine):
    """The same, of the store that is no database."""

    def opened(self, folder: Path) -> list[Store]:
        del folder
        return [MemoryStore()] * 3

    def forget(self) -> None:
        """It has nothing to forget."""


class PostgresMachine(StoreMachine):
    """The same, on a server."""

    databases: PostgresDatabases

    def opened(self, folder: Path) -> list[Store]:
        del folder
        self.database = self.databases.fresh()
        url = self.database.__enter__()
        return [open_store(url, now=lambda: NOON) for _ in range(3)]

    def teardown(self) -> None:
        super().teardown()
        self.database.__exit__(None, None, None)


@pytest.fixture(scope="module")
def on_a_server(postgres_databases: PostgresDatabases) -> None:
    PostgresMachine.databases = postgres_databases


TestPostgresMachine = pytest.mark.usefixtures("on_a_server")(PostgresMachine.TestCase)
TestStoreMachine = StoreMachine.TestCase
TestMemoryStoreMachine = MemoryStoreMachine.TestCase
TestStoreMachine.settings = TestMemoryStoreMachine.settings = settings(
    max_examples=examples(20),
    stateful_step_count=16,
    suppress_health_check=[HealthCheck.too_slow],
)
TestPostgresMachine.settings = settings(TestStoreMachine.settings, max_examples=examples(6))  # each makes a database
