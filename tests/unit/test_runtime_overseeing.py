"""Turns and their fleet as those see them who look after it, on a real store; only the engine is doubled."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from fleet_runtime.adapters import boards_of
from fleet_runtime.boards import Boards
from fleet_runtime.engines import TurnWork
from fleet_runtime.errors import MessageError, Overloaded
from fleet_runtime.messages import ToolCall
from fleet_runtime.records import AccountKey, Failure, Pause, Reply, Spent, Step, Turn, Worker
from fleet_runtime.runtime.overseeing import Status, Turns, status, without_password
from fleet_runtime.settings import Settings
from fleet_runtime.signals import Listen
from fleet_runtime.stores.sql.store import SqlStore, open_store

pytestmark = pytest.mark.anyio

NOON = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
ACME = AccountKey(tenant="default", account="acme")
FAILURE = Failure(code="model-refused", message="the key is refused", hint="set another", at=NOON, attempts=3)


class Queue:
    """An engine that notes what it is to accept and to stop. Every other verb is an unexpected call."""

    def __init__(self) -> None:
        self.accepted: list[tuple[str, str]] = []
        self.stopped: list[str | None] = []
        self.full = False

    async def accept(self, turn: Turn, *, streams: bool = False) -> Turn:
        assert not streams
        if self.full:
            raise Overloaded("too many wait", hint="come back later")
        self.accepted.append((turn.id, turn.state))
        return turn

    async def stop(self, key: AccountKey, turn_id: str | None = None) -> None:
        assert key == ACME
        self.stopped.append(turn_id)

    async def run(self, turn: Turn, work: TurnWork, *, heard: Listen | None = None) -> Reply:
        raise AssertionError(turn, work, heard)

    def alone(self, key: AccountKey) -> AbstractAsyncContextManager[None]:
        raise AssertionError(key)

    async def forget(self, key: AccountKey) -> dict[str, int]:
        raise AssertionError(key)

    async def resume(self, work: TurnWork, *, tenant: str | None = None) -> int:
        raise AssertionError(work, tenant)

    async def close(self) -> None:
        raise AssertionError


class Scene:
    """A store, the boards on it, and an engine."""

    def __init__(self, store: SqlStore, boards: Boards) -> None:
        self.store, self.boards, self.queue = store, boards, Queue()
        self.settings = Settings(database="postgresql://role:geheim@host/fleet?password=geheim")

    @property
    def turns(self) -> Turns:
        return Turns(self.settings, self.store, self.boards.log, self.queue)

    async def accept(self, *ids: str, key: AccountKey = ACME) -> None:
        for name in ids:
            turn = Turn(id=name, key=key, conversation="main", role="csm", speaker="Dana", at=NOON, text="a message")
            await self.store.accept(turn)

    async def fail(self, turn_id: str) -> None:
        await self.boards.log.stop(ACME, turn_id, FAILURE)

    async def status(self, now: datetime = NOON) -> Status:
        return await status(self.settings, self.store, self.boards, clock=lambda: now, schema_version="0005")


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncGenerator[Scene]:
    store = open_store(str(tmp_path / "fleet.db"), now=lambda: NOON)
    boards = boards_of(store)
    assert boards is not None
    yield Scene(store, boards)
    await store.close()


def ids(records: Sequence[object]) -> list[str]:
    return [record.turn.id for record in records]  # type: ignore[attr-defined]


async def test_turns_are_listed_by_state_and_account(scene: Scene) -> None:
    await scene.accept("t1", "t2")
    await scene.accept("t3", key=AccountKey(tenant="default", account="other"))
    await scene.accept("t4", key=AccountKey(tenant="elsewhere", account="acme"))
    await scene.fail("t1")
    assert sorted(ids(await scene.turns.list())) == ["t1", "t2", "t3"]
    assert ids(await scene.turns.list(state="failed")) == ["t1"]
    assert sorted(ids(await scene.turns.list(account="acme"))) == ["t1", "t2"]
    assert len(await scene.turns.list(limit=2)) == 2


async def test_a_turn_is_shown_with_its_rounds(scene: Scene) -> None:
    await scene.accept("t1")
    step = Step(number=1, role="csm", calls=(ToolCall(id="c", name="credit", arguments="{}"),))
    await scene.store.put_step(ACME, "t1", step)
    assert (await scene.turns.show("t1")).turn.text == "a message"
    assert await scene.turns.steps("t1") == (step,)


async def test_an_unknown_turn_is_said_to_be_none(scene: Scene) -> None:
    await scene.accept("t1", key=AccountKey(tenant="elsewhere", account="acme"))
    turns = scene.turns
    for asked in (turns.show, turns.steps, turns.retry, turns.cancel):
        with pytest.raises(MessageError, match="no turn 't1' is kept for the tenant default"):
            await asked("t1")


async def test_a_turn_that_failed_is_queued_again(scene: Scene) -> None:
    await scene.accept("t1")
    await scene.fail("t1")
    assert (await scene.turns.retry("t1")).state == "accepted"
    assert scene.queue.accepted == [("t1", "accepted")]
    assert (await scene.turns.show("t1")).turn.failure is None


async def test_one_that_waits_is_brought_to_mind_again(scene: Scene) -> None:
    await scene.accept("t1")
    assert (await scene.turns.retry("t1")).state == "accepted"
    assert scene.queue.accepted == [("t1", "accepted")]


async def test_a_full_queue_leaves_a_retried_turn_to_the_workers(scene: Scene) -> None:
    await scene.accept("t1")
    await scene.fail("t1")
    scene.queue.full = True
    assert (await scene.turns.retry("t1")).state == "accepted"
    assert (await scene.turns.show("t1")).turn.state == "accepted"


async def test_a_cancelled_turn_is_let_go_and_may_be_retried(scene: Scene) -> None:
    await scene.accept("t1")
    assert (await scene.turns.cancel("t1")).state == "cancelled"
    assert (await scene.turns.cancel("t1")).state == "cancelled"
    assert scene.queue.stopped == ["t1", "t1"]
    assert (await scene.turns.retry("t1")).state == "accepted"


async def test_a_turn_that_is_over_is_not_cancelled(scene: Scene) -> None:
    await scene.accept("t1")
    await scene.fail("t1")
    with pytest.raises(MessageError, match="was given up already"):
        await scene.turns.cancel("t1")
    assert scene.queue.stopped == []


async def test_an_answered_turn_is_neither_retried_nor_cancelled(scene: Scene) -> None:
    from fleet_runtime.decisions import Decision  # noqa: PLC0415 - for this alone
    from fleet_runtime.records import AccountChange  # noqa: PLC0415

    await scene.accept("t1")
    decision = Decision(id="d", verdict="keep", choice="csm", stage="owner", confidence=1.0, reason="it has it")
    reply = Reply(turn_id="t1", conversation="main", text="Yes.", role="csm", parts=(), decision=decision)
    state = await scene.store.read(ACME)
    await scene.store.apply(AccountChange(key=ACME, seen_version=state.version, now=NOON, finishes="t1", reply=reply))
    with pytest.raises(MessageError, match="is answered"):
        await scene.turns.retry("t1")
    with pytest.raises(MessageError, match="is answered"):
        await scene.turns.cancel("t1")
    assert scene.queue.accepted == []
    assert scene.queue.stopped == []


async def test_a_quiet_fleet_says_so(scene: Scene) -> None:
    seen = await scene.status()
    assert (seen.workers, seen.errors, seen.oldest_seconds, seen.paused) == ((), (), None, None)
    assert (seen.queue.waiting, seen.queue.running, seen.queue.failed) == (0, 0, 0)
    assert (seen.tenant, seen.engine, seen.schema_version) == ("default", "inline", "0005")
    assert seen.database == "postgresql://host/fleet"


async def test_how_a_fleet_fares_is_told(scene: Scene) -> None:
    await scene.accept("t1", "t2", "t3")
    await scene.fail("t1")
    await scene.store.pause("default", Pause(since=NOON, by="Dana", reason="a wrong price"))
    seen = await scene.status(NOON + timedelta(seconds=90))
    assert (seen.queue.waiting, seen.queue.failed, seen.oldest_seconds) == (2, 1, 90.0)
    (error,) = seen.errors
    assert (error.turn_id, error.account, error.code, error.attempts) == ("t1", "acme", "model-refused", 3)
    assert error.message == "the key is refused"
    assert seen.paused is not None
    assert seen.paused.by == "Dana"


def worker(name: str, tenant: str = "default") -> Worker:
    return Worker(id=name, token=f"{name}-1", tenant=tenant, host="east", pid=7, version="1", started_at=NOON)


async def test_workers_are_told_by_whether_they_were_heard_of(scene: Scene) -> None:
    for one in (worker("w-0"), worker("w-1"), worker("x-0", "elsewhere")):
        assert await scene.boards.crew.enrol(one)
    await scene.boards.crew.beat("w-1", "w-1-1", turns=3, leaving=True)
    seen_at = {one.id: one.seen_at for one in await scene.boards.crew.workers()}["w-1"]
    assert seen_at is not None
    seen = await scene.status(seen_at + timedelta(seconds=2))
    first, second = seen.workers
    assert (first.id, first.host, first.pid, first.version, first.turns, first.leaving) == (
        "w-0", "east", 7, "1", 0, False,
    )  # fmt: skip
    assert (second.turns, second.leaving, second.seen_seconds, second.lapsed) == (3, True, 2.0, False)
    later = await scene.status(seen_at + timedelta(seconds=60))
    assert all(one.lapsed for one in later.workers)
    ahead = await scene.status(seen_at - timedelta(seconds=60))
    assert [one.seen_seconds for one in ahead.workers] == [0.0, 0.0]


async def test_what_was_spent_today_is_summed_up(scene: Scene) -> None:
    scene.settings = Settings(database="none", day_tokens=100, day_money=Decimal(5))
    for number, (tokens, cost) in enumerate([(60, "1.5"), (100, "0"), (10, "5.25"), (0, "0")]):
        key = AccountKey(tenant="default", account=f"a{number}")
        await scene.accept(f"t{number}", key=key)
        await scene.store.spend(key, NOON.date(), Spent(tokens=tokens, cost=Decimal(cost), unpriced=number % 2))
        await scene.store.spend(key, date(2027, 2, 28), Spent(tokens=5000))
    budget = (await scene.status()).budget
    assert (budget.day, budget.tokens, budget.cost, budget.unpriced) == (NOON.date(), 170, Decimal("6.75"), 2)
    assert (budget.accounts, budget.exhausted, budget.partial) == (4, ("a1", "a2"), False)
    assert (budget.day_tokens, budget.day_money) == (100, Decimal(5))


async def test_more_accounts_than_are_looked_at_make_it_partial(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fleet_runtime.runtime.overseeing._LOOKED_AT", 2)
    for number in range(3):
        key = AccountKey(tenant="default", account=f"a{number}")
        await scene.accept(f"t{number}", key=key)
        await scene.store.spend(key, NOON.date(), Spent(tokens=10))
    budget = (await scene.status()).budget
    assert (budget.accounts, budget.partial) == (2, True)
    assert not (await scene.status(NOON + timedelta(days=1))).budget.partial


@pytest.mark.parametrize(
    ("database", "shown"),
    [
        (".fleet/fleet.db", ".fleet/fleet.db"),
        ("sqlite:///x.db", "sqlite:///x.db"),
        ("postgresql://role:ge%40heim@h:5432/fleet?sslpassword=geheim", "postgresql://h:5432/fleet"),
        ("postgresql:///fleet?host=/run", "postgresql:///fleet"),
    ],
)
async def test_a_database_is_named_without_its_password(database: str, shown: str) -> None:
    assert without_password(database) == shown
