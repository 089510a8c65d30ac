"""Who is dead, which error may pass, and how a worker takes its place: time is told, the store is real."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

import anyio
import pytest
from open_fleets import open_fleet
from remembered import NOON

from fleet_runtime import Fleet
from fleet_runtime.adapters import boards_of
from fleet_runtime.boards import Boards
from fleet_runtime.composition import Assembly
from fleet_runtime.errors import (
    FleetError,
    ModelGarbled,
    ModelRefused,
    ModelTimeout,
    ModelUnreachable,
    OutputInvalid,
    PromptError,
    RoleChanged,
    StoreError,
    StoreFull,
    ToolError,
    WorkerError,
)
from fleet_runtime.pulse import Pulse
from fleet_runtime.records import AccountKey, Worker
from fleet_runtime.runtime.ticking import Due, DueSource
from fleet_runtime.runtime.working import Staffing, Watch, may_pass
from fleet_runtime.stores.sql.store import SqlStore, open_store


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def a_worker(name: str = "w1", born: str = "t1", beat: int = 0, pid: int = 7) -> Worker:
    return Worker(id=name, token=born, tenant="default", host="here", pid=pid, version="1", started_at=NOON, beat=beat)


@dataclass
class Told:
    """Seconds, and who is known to be gone."""

    now: float = 0.0
    gone: set[str] = field(default_factory=set[str])

    def timer(self) -> float:
        return self.now

    def is_gone(self, worker: Worker) -> bool:
        return worker.token in self.gone


def test_whoever_counts_on_lives_and_whoever_stands_still_for_too_long_is_dead() -> None:
    told = Told()
    watch = Watch(told.timer, 6.0, told.is_gone)
    for second in range(30):
        told.now = float(second)
        still, alive = a_worker("w1", "t1", beat=5), a_worker("w2", "t2", beat=second)
        assert watch.dead([still, alive]) == ([still] if second >= 6 else [])


def test_a_count_that_went_back_is_a_sign_of_life_and_a_new_incarnation_begins_anew() -> None:
    told = Told()
    watch = Watch(told.timer, 6.0, told.is_gone)
    for now, worker in ((0.0, a_worker(beat=9)), (5.0, a_worker(beat=1)), (10.0, a_worker(born="t2", beat=1))):
        told.now = now
        assert watch.dead([worker]) == []
    told.now = 16.0
    assert watch.dead([a_worker(born="t2", beat=1)]) != []


def test_a_process_that_is_known_to_be_gone_is_dead_at_once() -> None:
    told = Told(gone={"t1"})
    assert [one.token for one in Watch(told.timer, 6.0, told.is_gone).dead([a_worker(), a_worker("w2", "t2")])] == [
        "t1"
    ]


@pytest.mark.parametrize("kind", [ModelUnreachable, ModelTimeout, ModelGarbled, StoreError, StoreFull])
def test_what_is_away_may_come_back(kind: type[FleetError]) -> None:
    assert may_pass(kind("away", hint="wait"))


@pytest.mark.parametrize("kind", [ModelRefused, OutputInvalid, RoleChanged, PromptError, ToolError, FleetError])
def test_what_stays_wrong_is_not_tried_again(kind: type[FleetError]) -> None:
    assert not may_pass(kind("wrong", hint="mend it"))


@pytest.fixture
async def store() -> AsyncGenerator[SqlStore]:
    opened = open_store(None, now=lambda: NOON)
    yield opened
    await opened.close()


@pytest.fixture
async def fleet() -> AsyncGenerator[Fleet]:
    async with open_fleet() as opened:
        yield opened


class NoQueue:
    """A queue that nobody may touch."""

    def __getattr__(self, name: str) -> object:
        raise AssertionError(f"unexpected: {name}")


def staffing_of(fleet: Fleet, boards: Boards, told: Told, me: Worker, *sources: DueSource) -> Staffing:
    assembly: Assembly = fleet._assembly
    queue: object = NoQueue()
    return Staffing(me, assembly.desk, assembly.runtime, boards, queue, sources=sources, is_gone=told.is_gone)  # type: ignore[arg-type] # nobody may touch it


def shared(store: SqlStore) -> Boards:
    boards = boards_of(store)
    assert boards is not None
    return boards


@pytest.mark.anyio
async def test_a_place_is_taken_over_from_a_dead_predecessor_at_once(fleet: Fleet, store: SqlStore) -> None:
    boards, told = shared(store), Told(gone={"old"})
    assert await boards.crew.enrol(a_worker(born="old"))
    staffing = staffing_of(fleet, boards, told, a_worker(born="new"))
    await staffing.enrol()
    assert [one.token for one in await boards.crew.workers()] == ["new"]
    assert await staffing.beat()
    await staffing.leave()
    assert await boards.crew.workers() == []
    assert not await staffing.beat(), "it was struck off"
    assert staffing.lost().code == "worker"


@pytest.mark.anyio
async def test_a_place_whose_holder_counts_on_is_refused(fleet: Fleet, store: SqlStore) -> None:
    boards, told = shared(store), Told()
    assert await boards.crew.enrol(a_worker(born="old"))

    async def live() -> None:
        while True:
            await boards.crew.beat("w1", "old", turns=0, leaving=False)
            await anyio.sleep(0.1)

    living = asyncio.ensure_future(live())
    with pytest.raises(WorkerError, match="w1 is at work already"):
        await staffing_of(fleet, boards, told, a_worker(born="new")).enrol()
    living.cancel()
    assert [one.token for one in await boards.crew.workers()] == ["old"]


class Owed:
    """Due work that fails with what it is given, then succeeds."""

    name = "owed"

    def __init__(self, *errors: FleetError) -> None:
        self._errors = list(errors)
        self.done: list[Due] = []

    async def due(self, since: object, until: object) -> list[Due]:
        raise AssertionError(f"unexpected: {since} {until}")

    async def do(self, due: Due) -> None:
        if self._errors:
            raise self._errors.pop(0)
        self.done.append(due)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("error", "done"),
    [(None, 1), (StoreError("away", hint="wait"), 1), (RoleChanged("changed", hint="accept it"), 0)],
)
async def test_due_work_is_tried_again_where_that_may_help(
    fleet: Fleet, store: SqlStore, error: FleetError | None, done: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fleet_runtime.runtime.working._FIRST_PAUSE_SECONDS", 0.0)
    owed = Owed(*([error] if error else []))
    staffing = staffing_of(fleet, shared(store), Told(), a_worker(), owed)
    await staffing.tick(AccountKey(tenant="default", account="acme"), "owed", "2027-03-01")
    assert len(owed.done) == done


@pytest.mark.anyio
async def test_a_pulse_beats_while_the_loop_computes_and_tells_when_it_is_refused() -> None:
    beats = 0

    async def beat() -> bool:
        nonlocal beats
        beats += 1
        return beats < 5

    with Pulse(beat, 0.01) as pulse:
        while beats < 5:  # the loop is not given back
            pass
        with anyio.fail_after(5):
            await pulse.lost.wait()
    assert beats == 5


@pytest.mark.anyio
async def test_a_pulse_goes_on_when_the_database_is_away_for_a_while() -> None:
    told: list[bool] = []

    async def beat() -> bool:
        told.append(len(told) == 1)
        if told[-1]:
            raise StoreError("away", hint="wait")
        return len(told) < 4

    with Pulse(beat, 0.01) as pulse, anyio.fail_after(5):
        await pulse.lost.wait()
    assert told == [False, True, False, False]
