"""A store of an earlier release opens in this one with nothing lost: what is read is, field by field, what was stored.

The old stores are made by the old revisions themselves and filled by plain SQL, without the code under test.
"""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from booked import a_whole_book
from sqlalchemy import create_engine

from fleet_runtime import Fleet, Settings
from fleet_runtime.decisions import Decision, RuleHit
from fleet_runtime.recall import event_terms
from fleet_runtime.records import (
    AccountKey,
    AccountState,
    Commitment,
    Contract,
    Event,
    Fact,
    Failure,
    HandOff,
    Part,
    Pin,
    Reply,
    Turn,
)
from fleet_runtime.stores.schema.tables import SCHEMA_VERSION
from fleet_runtime.stores.schema.upgrading import _SCRIPTS as SCRIPTS
from fleet_runtime.stores.schema.upgrading import migrate
from fleet_runtime.stores.sql.books import SqlBooks
from fleet_runtime.stores.sql.store import open_store
from fleet_runtime.stores.sql.turn_log import SqlTurnLog

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
KEYS = tuple(
    AccountKey(tenant=tenant, account=account)
    for tenant in ("north", "south")
    for account in ("acme", "Acme", "acmé 'n' %sons")
)
# The last microsecond before 1970, one that a float of seconds would round, a leap day, and the ends of the calendar.
TIMES = (
    NOON,
    datetime(2026, 3, 1, 12, 0, 0, 1, tzinfo=UTC),
    datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    datetime(1965, 2, 3, 4, 5, 6, 700001, tzinfo=UTC),
    datetime(2024, 2, 29, 23, 59, 59, 123457, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    datetime(1, 1, 1, tzinfo=UTC),
)
TEXTS = (
    "We have 40 seats.",
    "Ärger mit dem \x00 Größenmaß \U0001f680",
    'it\'s 100 % "quoted"; DROP TABLE event',
    "x" * 9000,
)
CONTRACT = Contract(role="csm", content_hash="hash of csm", text="# CSM\nOwns it.")
CRASH = """
import os, signal, sys
import fleet_runtime.recall.terms as terms
real, left = terms.event_terms, int(sys.argv[2])
def dying(event):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(event)
terms.event_terms = dying
from fleet_runtime.stores.sql.store import open_store
open_store(sys.argv[1], now=None)
"""
CRASH_AT_TURNS = """
import os, signal, sys
from alembic import op
op.drop_table = lambda *names: os.kill(os.getpid(), signal.SIGKILL)
from fleet_runtime.stores.sql.store import open_store
open_store(sys.argv[1], now=None)
"""


def said(moment: datetime | None) -> str | None:
    """Write a time as the first releases did."""
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="microseconds")


def a_reply(turn_id: str, rng: random.Random) -> Reply:
    rule = RuleHit(role="csm", text="Does NOT discount", where="csm.md:9", owner_domain="sales")
    return Reply(
        turn_id=turn_id,
        conversation="main",
        text=rng.choice(TEXTS),
        role="sales",
        parts=(Part(role="csm", text="Noted.", kind="answer"),),
        decision=Decision(
            id="d", verdict="hand_off", choice="sales", stage="boundary", confidence=0.9, rule=rule, reason="terms"
        ),
        hand_offs=(HandOff(id="h", from_role="csm", to_role="sales", why="w", said="s", asked="a", fact_ids=("f1",)),),
    )


def a_state(key: AccountKey, rng: random.Random, *, pinned: bool) -> AccountState:
    """Make an account with rows of every kind, done and open."""

    def end() -> datetime | None:
        return rng.choice((None, *TIMES))

    events = tuple(
        Event(id=f"e{n}", at=rng.choice(TIMES), kind="note", author=rng.choice(TEXTS[:2]), text=rng.choice(TEXTS))
        for n in range(rng.randrange(1, 9))
    )
    facts = tuple(
        Fact(
            id=f"f{n}",
            subject=rng.choice(("account", "Mara Voss")),
            key="seats",
            value=rng.choice((None, "40", "")),
            event_id=rng.choice(events).id,
            author="Ada",
            at=rng.choice(TIMES),
            quote=rng.choice(TEXTS),
            confidence=rng.choice((1.0, 0.1 + 0.2)),
            valid_from=rng.choice(TIMES),
            valid_to=end(),
            known_from=rng.choice(TIMES),
            known_to=end(),
        )
        for n in range(rng.randrange(6))
    )
    commitments = tuple(
        Commitment(
            id=f"k{n}",
            task=rng.choice(TEXTS),
            owner="Ada",
            to="Bo",
            due="2026-04-01",
            state=rng.choice(("open", "done", "dropped")),
            event_id=rng.choice(events).id,
            at=rng.choice(TIMES),
        )
        for n in range(rng.randrange(5))
    )
    turns: list[Turn] = []
    for n in range(1, rng.randrange(2, 6)):
        name = f"t{n}-{key.account}"
        reply = a_reply(name, rng) if rng.random() < 0.6 else None
        state = "accepted" if reply is None else "done"
        turns.append(
            Turn.model_validate(
                {"id": name, "key": key, "conversation": "main", "sequence": n, "role": "csm", "speaker": "Ada"}
                | {"at": rng.choice(TIMES), "text": rng.choice(TEXTS), "state": state, "reply": reply}
            )
        )
    pins = (Pin(role="csm", content_hash=CONTRACT.content_hash, since=rng.choice(TIMES)),) if pinned else ()
    return AccountState(
        key=key, version=rng.randrange(1, 99), events=events, facts=facts, commitments=commitments,
        turns=tuple(turns), pins=pins,
    )  # fmt: skip


def write(connection: sqlite3.Connection, state: AccountState, awaiting: str) -> None:
    """Insert an account's rows as the first releases had them."""
    key = (state.key.tenant, state.key.account)
    rows: dict[str, list[tuple[object, ...]]] = {
        "account": [(state.version, said(NOON))],
        "turn": [
            (one.id, one.conversation, one.sequence, one.role, one.speaker, said(one.at), said(NOON), one.text,
             one.state, one.reply and one.reply.model_dump_json())
            for one in state.turns
        ],
        "event": [(one.id, said(one.at), one.kind, one.author, one.text) for one in state.events],
        "fact": [
            (one.id, one.subject, one.key, one.value, one.event_id, one.author, said(one.at), one.quote, one.confidence,
             said(one.valid_from), said(one.valid_to), said(one.known_from), said(one.known_to))
            for one in state.facts
        ],
        "commitment": [
            (one.id, one.task, one.owner, one.to, one.due, one.state, one.event_id, said(one.at))
            for one in state.commitments
        ],
        "decision": [
            (one.id, "d", said(NOON), "hand_off", "sales", None, "boundary", 0.9, None, "terms", "{}")
            for one in state.turns if one.reply
        ],
        "hand_off": [
            (one.id, "h", 0, said(NOON), "csm", "sales", "w", "s", "a", "f1", "") for one in state.turns if one.reply
        ],
        "lease": [("them", said(NOON))],
        "learning": [(awaiting, said(TIMES[2]))],
        "pin": [(pin.role, pin.content_hash, said(pin.since)) for pin in state.pins],
    }  # fmt: skip
    for table, values in rows.items():
        for row in values:
            places = ", ".join("?" * (len(row) + len(key)))
            connection.execute(f"INSERT INTO {table} VALUES ({places})", (*key, *row))  # noqa: S608 - our own tables


def an_old_store(database: Path, revision: str, seed: int) -> dict[AccountKey, AccountState]:
    """Make a store of a revision, as a process leaves it that was killed: its journal is not emptied."""
    engine = create_engine(f"sqlite:///{database}")
    with engine.begin() as connection:
        migrate(connection, SCRIPTS, to=revision)
    engine.dispose()
    rng = random.Random(seed)  # noqa: S311 - repeatable
    states = {key: a_state(key, rng, pinned=revision >= "0002") for key in KEYS}
    with closing(sqlite3.connect(database)) as written:
        written.execute("PRAGMA journal_mode = WAL")
        written.execute("PRAGMA foreign_keys = ON")
        for state in states.values():
            write(written, state, state.events[0].id)
        if revision >= "0002":
            contract = (CONTRACT.content_hash, CONTRACT.role, CONTRACT.text)
            written.execute("INSERT INTO contract VALUES (?, ?, ?)", contract)
        written.commit()
    return states


def in_order(state: AccountState) -> AccountState:
    """Return what a store should read: its order, and what this release knows better of a promise that was kept."""
    commitments = [
        one if one.state == "open" else one.model_copy(update={"closed_at": one.at}) for one in state.commitments
    ]
    return state.model_copy(
        update={
            "events": tuple(sorted(state.events, key=lambda one: (one.at, one.id))),
            "facts": tuple(sorted(state.facts, key=lambda one: (one.known_from, one.id))),
            "commitments": tuple(sorted(commitments, key=lambda one: (one.at, one.id))),
        }
    )


def dump(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as connection:
        return list(connection.iterdump())


def open_and_close(database: Path) -> None:
    asyncio.run(open_store(str(database), now=lambda: NOON).close())


@pytest.mark.parametrize("revision", ["0001", "0002"])
@pytest.mark.parametrize("seed", range(4))
def test_every_field_of_every_row_is_kept(tmp_path: Path, revision: str, seed: int) -> None:
    database = tmp_path / "fleet.db"
    states = an_old_store(database, revision, seed)

    async def compare() -> None:
        store = open_store(str(database), now=lambda: NOON)
        for key, state in states.items():
            expected = in_order(state)
            assert await store.read(key) == expected
            assert await store.events(key, [event.id for event in state.events]) == expected.events
            assert await store.commitments(key) == expected.commitments
            believed = {fact for fact in state.facts if fact.known_to is None}
            assert set(await store.facts(key)) == believed
            for turn in state.turns:
                assert await store.turn(key, turn.id) == turn
            rows = await store.ranking_rows(key)
            assert rows is not None
            assert list(rows.terms) == [event_terms(event) for event in expected.events]
            assert list(rows.at) == [
                (event.at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) for event in expected.events
            ]
            assert await store.backlog("any", key) == len(state.events)
            assert not await store.lease(key, "us", NOON, NOON - timedelta(seconds=1))
        waiting = {(key, state.events[0]) for key, state in states.items()}
        assert set(await store.unlearned()) == waiting
        assert {turn.id for turn in await store.unfinished()} == {
            turn.id for state in states.values() for turn in state.turns if turn.reply is None
        }
        assert await store.contract(CONTRACT.content_hash) == (CONTRACT if revision == "0002" else None)
        assert await store.accounts("north") == sorted(key.account for key in KEYS if key.tenant == "north")
        await store.close()

    asyncio.run(compare())


@pytest.mark.parametrize("revision", ["0001", "0002"])
def test_rows_stay_bound_and_a_second_opening_changes_nothing(tmp_path: Path, revision: str) -> None:
    database = tmp_path / "fleet.db"
    states = an_old_store(database, revision, seed=9)
    open_and_close(database)
    once = dump(database)
    open_and_close(database)
    assert dump(database) == once
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(SCHEMA_VERSION,)]
        counted = dict(connection.execute("SELECT account || tenant, events FROM account").fetchall())
        assert counted == {key.account + key.tenant: len(state.events) for key, state in states.items()}
        assert connection.execute("SELECT count(*) FROM sqlite_master WHERE name LIKE 'old_%'").fetchone() == (0,)
        for table in ("decision", "hand_off"):
            done = sum(turn.reply is not None for state in states.values() for turn in state.turns)
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (done,)  # noqa: S608 - our own
        connection.execute("PRAGMA foreign_keys = ON")
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute("INSERT INTO learning VALUES (1, 'of no event', 0)")
        connection.execute("DELETE FROM account")
        for table in ("event", "fact", "commitment", "turn", "decision", "hand_off", "learning", "pin"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)  # noqa: S608 - our own


def test_an_old_account_is_recalled_recorded_on_and_erased(tmp_path: Path) -> None:
    """Through the public door: an event that nobody touched since is found by its words."""
    database = tmp_path / "fleet.db"
    key = AccountKey(tenant="default", account="acme")
    old = Event(id="e1", at=NOON, kind="note", author="Ada", text="The warehouse connector breaks on Sundays.")
    engine = create_engine(f"sqlite:///{database}")
    with engine.begin() as connection:
        migrate(connection, SCRIPTS, to="0001")
    engine.dispose()
    with closing(sqlite3.connect(database)) as written:
        write(written, AccountState(key=key, version=1, events=(old,)), "e1")
        written.commit()
    settings = Settings(database=str(database), model="none", embeddings="none")

    async def use() -> None:
        async with Fleet.open(settings=settings, clock=lambda: NOON + timedelta(days=1)) as fleet:
            memory = fleet.memory("acme")
            assert [item.event_id for item in await memory.recall("Which warehouse connector breaks?")] == ["e1"]
            await memory.record(old.model_copy(update={"id": "e2", "text": "We have 40 seats."}))
            assert [event.id for event in await memory.events()] == ["e1", "e2"]
            assert (await memory.erase()).counts["event"] == 2
            assert await memory.events() == ()

    asyncio.run(use())


@pytest.mark.parametrize("revision", ["0001", "0002"])
@pytest.mark.parametrize("after", [0, 7])
def test_a_migration_killed_in_the_middle_leaves_the_old_store(tmp_path: Path, revision: str, after: int) -> None:
    database = tmp_path / "fleet.db"
    states = an_old_store(database, revision, seed=5)
    before = dump(database)
    killed = subprocess.run([sys.executable, "-c", CRASH, str(database), str(after)], check=False)
    assert killed.returncode == -9
    assert dump(database) == before
    assert json.dumps(before).count("old_event") == 0

    async def read() -> dict[AccountKey, AccountState]:
        store = open_store(str(database), now=lambda: NOON)
        found = {key: await store.read(key) for key in KEYS}
        await store.close()
        return found

    assert asyncio.run(read()) == {key: in_order(state) for key, state in states.items()}


def test_a_store_of_revision_0003_keeps_its_turns_and_takes_up_new_ones(tmp_path: Path) -> None:
    """Its replies are written in full, and its decisions a second time beside them."""
    database, key = tmp_path / "fleet.db", KEYS[0]
    engine = create_engine(f"sqlite:///{database}")
    with engine.begin() as connection:
        migrate(connection, SCRIPTS, to="0003")
    engine.dispose()
    reply = a_reply("t1", random.Random(3))  # noqa: S311 - repeatable
    owner, now = (key.tenant, key.account), said(NOON)
    with closing(sqlite3.connect(database)) as written:
        written.execute("INSERT INTO account VALUES (1, ?, ?, 4, ?, 0, 0, 0)", (*owner, now))
        for name, sequence, state, body in (("t1", 1, "done", reply.model_dump_json()), ("t2", 2, "accepted", None)):
            row = (*owner, name, "main", sequence, "csm", "Ada", now, now, "Hello.", state, body)
            written.execute(f"INSERT INTO turn VALUES ({', '.join('?' * len(row))})", row)  # noqa: S608 - our own table
        decided = (*owner, "t1", "d", now, "hand_off", "sales", None, "boundary", 0.9, None, "terms", "{}")
        written.execute(f"INSERT INTO decision VALUES ({', '.join('?' * len(decided))})", decided)  # noqa: S608 - the same
        written.commit()
    open_and_close(tmp_path / "fresh.db")
    turn = Turn(
        id="t1", key=key, conversation="main", sequence=1, role="csm", speaker="Ada", at=NOON, text="Hello.",
        state="done", reply=reply,
    )  # fmt: skip
    left = turn.model_copy(update={"id": "t2", "sequence": 2, "state": "accepted", "reply": None})

    async def use() -> None:
        store = open_store(str(database), now=lambda: NOON)
        assert (await store.read(key)).turns == (turn, left)
        assert await store.trace(key.tenant, "t1") == (turn, "")
        assert await store.begin(left, "us", NOON + timedelta(seconds=9), NOON) == (left, True)
        assert await store.steps(key, "t1") == ()
        await store.close()

    asyncio.run(use())
    with closing(sqlite3.connect(database)) as stored:
        columns = [row[1] for row in stored.execute("PRAGMA table_info(decision)")]
        assert "trace" not in columns
        assert stored.execute("SELECT reason FROM decision").fetchall() == [("terms",)]


def a_store_of_revision_0004(database: Path, seed: int) -> dict[AccountKey, tuple[Turn, ...]]:
    """Make a store as the release before durable turns left it, with all that hangs on turns; return the turns."""
    engine = create_engine(f"sqlite:///{database}")
    with engine.begin() as connection:
        migrate(connection, SCRIPTS, to="0004")
    engine.dispose()
    rng = random.Random(seed)  # noqa: S311 - repeatable
    stored: dict[AccountKey, tuple[Turn, ...]] = {}
    with closing(sqlite3.connect(database)) as written:
        written.execute("PRAGMA journal_mode = WAL")
        written.execute("PRAGMA foreign_keys = ON")
        for number, key in enumerate(KEYS, 1):
            owner = (key.tenant, key.account)
            turns = [
                turn.model_copy(
                    update={
                        "approval": rng.choice(("", "a1")),
                        "output_schema": rng.choice((None, {"type": "object", "title": TEXTS[1]})),
                        "grant": rng.choice((None, (), ("look_up", "order"))),
                    }
                )
                for turn in a_state(key, rng, pinned=False).turns
            ]
            rows: list[tuple[str, tuple[object, ...]]] = [
                ("account", (number, *owner, 7, said(NOON), 0, 0, 0)),
                ("lease", (*owner, "them", said(NOON))),
                ("spent", (*owner, "2026-03-01", 5, 9_000_000_000_000, 1)),
            ]
            for one in turns:
                rows += [
                    ("turn", (*owner, one.id, one.conversation, one.sequence, one.role, one.speaker, said(one.at),
                              said(NOON), one.text, one.state, one.reply and one.reply.model_dump_json(), one.approval,
                              one.output_schema and json.dumps(one.output_schema),
                              None if one.grant is None else json.dumps(one.grant), "the way" if one.reply else None)),
                    ("step", (*owner, one.id, 1, "{}")),
                    ("approval", (*owner, f"a-{one.id}", one.id, "waiting", said(NOON), "{}")),
                ]  # fmt: skip
                if one.reply:
                    rows += [
                        ("decision", (*owner, one.id, "d", said(NOON), "keep", None, None, "owner", 1.0, None, "r")),
                        ("hand_off", (*owner, one.id, "h", 0, said(NOON), "csm", "sales", "w", "s", "a", "f1", "")),
                    ]
            for table, row in rows:
                written.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)  # noqa: S608 - our own
            stored[key] = tuple(turns)
        written.commit()
    return stored


@pytest.mark.parametrize("seed", range(3))
def test_a_store_of_revision_0004_keeps_its_turns_and_what_hangs_on_them(tmp_path: Path, seed: int) -> None:
    database = tmp_path / "fleet.db"
    stored = a_store_of_revision_0004(database, seed)
    with closing(sqlite3.connect(database)) as connection:
        tables = ("account", "turn", "step", "approval", "decision", "hand_off", "lease", "spent")
        before = {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in tables}  # noqa: S608

    async def use() -> None:
        store = open_store(str(database), now=lambda: NOON)
        for key, turns in stored.items():
            assert (await store.read(key)).turns == turns
            for turn in turns:
                assert await store.trace(key.tenant, turn.id) == (turn, "the way" if turn.reply else "")
            waiting = [turn for turn in turns if turn.reply is None]
            assert await store.unfinished(key) == waiting
            log = SqlTurnLog(store.database)
            for turn in waiting:
                failure = Failure(code="model_error", message="m", hint="h", at=NOON)
                failed = turn.model_copy(update={"state": "failed", "failure": failure})
                assert await log.stop(key, turn.id, failure) == failed
                assert await log.reopen(key, turn.id) == turn
        await store.close()

    asyncio.run(use())
    with closing(sqlite3.connect(database)) as connection:
        for table in tables:
            rows = connection.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608 - our own tables
            assert rows == [(*row[:12], None, *row[12:]) for row in before[table]] if table == "turn" else before[table]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("SELECT count(*) FROM sqlite_master WHERE sql LIKE '%old_turn%'").fetchone() == (0,)
        connection.execute("PRAGMA foreign_keys = ON")
        for half in ("state = 'failed'", "state = 'done', reply = NULL", "failure = 'why'", "state = 'lost'"):
            with pytest.raises(sqlite3.IntegrityError, match="turn_whole"):
                connection.execute(f"UPDATE turn SET {half}")  # noqa: S608 - our own table
        connection.execute("DELETE FROM turn")
        for table in ("step", "approval", "decision", "hand_off"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)  # noqa: S608 - our own


def test_killed_while_it_moves_the_turns_the_migration_leaves_the_old_store(tmp_path: Path) -> None:
    database = tmp_path / "fleet.db"
    stored = a_store_of_revision_0004(database, seed=5)
    before = dump(database)
    killed = subprocess.run([sys.executable, "-c", CRASH_AT_TURNS, str(database)], check=False)
    assert killed.returncode == -9
    assert dump(database) == before

    async def read() -> dict[AccountKey, tuple[Turn, ...]]:
        store = open_store(str(database), now=lambda: NOON)
        found = {key: (await store.read(key)).turns for key in KEYS}
        await store.close()
        return found

    assert asyncio.run(read()) == stored


def rows_of_all(database: Path, tables: tuple[str, ...]) -> dict[str, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(database)) as connection:
        return {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in tables}  # noqa: S608 - ours


def test_a_store_of_revision_0005_keeps_every_row_and_gets_a_book(tmp_path: Path) -> None:
    """What an erasure left behind counts too: the book of an account that is opened anew begins beyond it."""
    database, key = tmp_path / "fleet.db", KEYS[0]
    stored = a_store_of_revision_0004(database, seed=8)
    engine = create_engine(f"sqlite:///{database}")
    with engine.begin() as connection:
        migrate(connection, SCRIPTS, to="0005")
    engine.dispose()
    with closing(sqlite3.connect(database)) as written:
        written.execute("INSERT INTO erasure VALUES (99, 41, 0, '{}', '')")
        written.execute("INSERT INTO mark VALUES ('north', 'digests', 7)")
        written.commit()
    tables = ("account", "turn", "step", "approval", "decision", "hand_off", "lease", "spent", "erasure", "mark")
    before = rows_of_all(database, tables)
    open_and_close(database)
    assert rows_of_all(database, tables) == before

    async def use() -> None:
        store = open_store(str(database), now=lambda: NOON)
        books = SqlBooks(store.database, lambda: NOON)
        assert set(await books.versions("north")) == {one.account for one in KEYS if one.tenant == "north"}
        assert {one.book for one in (await books.versions("north")).values()} == {0}
        await books.put_back(a_whole_book(key))
        found = await books.book(key)
        assert found == a_whole_book(key)._replace(version=42)
        assert (await store.read(key)).turns == stored[key]
        assert (await store.erase(key, NOON)).counts["week"] == 3
        await store.close()

    asyncio.run(use())
    with closing(sqlite3.connect(database)) as kept:
        assert kept.execute("SELECT version_num FROM alembic_version").fetchall() == [(SCHEMA_VERSION,)]
        assert kept.execute("PRAGMA foreign_key_check").fetchall() == []
        assert kept.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert kept.execute("SELECT max(version) FROM erasure").fetchone() == (42,)
