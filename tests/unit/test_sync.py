"""The synchronous face: waits, iterates, wraps, and refuses to run inside an event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest

from fleet_runtime.errors import MessageError, RunningLoopError, UnknownRole
from fleet_runtime.sync import Face, Fleet, Loop

pytestmark = pytest.mark.slow

CSM = "customer-success-manager"


class Worker:
    """Something asynchronous that is not ours: the face is generic."""

    name = "worker"

    def __init__(self) -> None:
        self.closed = False

    async def double(self, number: int, *, plus: int = 0) -> int:
        """Double a number elsewhere."""
        await anyio.lowlevel.checkpoint()
        return 2 * number + plus

    async def count(self, to: int) -> AsyncIterator[int]:
        """Count, with a cancel scope held over every yield."""
        try:
            with anyio.fail_after(5):
                for number in range(to):
                    yield number
                    await anyio.lowlevel.checkpoint()
        finally:
            self.closed = True

    async def fail(self) -> None:
        """Fail."""
        raise MessageError("no", hint="yes")

    async def thread(self) -> str:
        """Tell on which thread it runs."""
        return threading.current_thread().name

    def plain(self) -> str:
        """Wait for nothing."""
        return "plain"


def test_coroutines_are_waited_for_and_the_rest_is_given_as_it_is() -> None:
    with Loop() as loop:
        face = Face(Worker(), loop)
        assert face.double(4, plus=1) == 9
        assert (face.plain(), face.name) == ("plain", "worker")
        assert face.thread() == "fleet"
        assert "double" in dir(face)


def test_a_stream_is_iterated_and_ends() -> None:
    with Loop() as loop:
        worker = Worker()
        assert list(Face(worker, loop).count(3)) == [0, 1, 2]
        assert worker.closed


def test_a_stream_that_is_left_early_is_closed() -> None:
    worker = Worker()
    with Loop() as loop:
        pieces = Face(worker, loop).count(1_000_000)
        assert next(pieces) == 0
        pieces.close()
    assert worker.closed


def test_errors_come_through_as_they_are() -> None:
    with Loop() as loop, pytest.raises(MessageError, match="no"):
        Face(Worker(), loop).fail()


def test_inside_a_running_loop_it_says_what_to_use_instead() -> None:
    async def within() -> None:
        with pytest.raises(RunningLoopError) as caught, Fleet.open(database=None, model=None):
            pass
        assert "await" in caught.value.hint

    asyncio.run(within())


def test_a_face_carried_into_a_running_loop_refuses_too() -> None:
    with Loop() as loop:
        face = Face(Worker(), loop)

        async def within() -> None:
            with pytest.raises(RunningLoopError):
                face.double(1)

        asyncio.run(within())


def test_an_interrupt_within_a_task_group_comes_out_bare() -> None:
    @asynccontextmanager
    async def grouped() -> AsyncGenerator[None]:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(anyio.sleep_forever)
            yield

    def interrupted() -> None:
        with Loop() as loop, loop.entered(grouped()):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder without embeddings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FLEET_EMBEDDINGS", "none")


@pytest.mark.usefixtures("alone")
def test_a_fleet_is_opened_asked_and_closed() -> None:
    with Fleet.open(database=None, model=None) as fleet:
        agent = fleet.spawn(CSM, account="acme")
        reply = agent.ask("We have 40 seats.", speaker="Dana Whitfield")
        assert [(fact.key, fact.value) for fact in reply.learned] == [("seats", "40")]
        assert [fact.value for fact in fleet.memory("acme").facts()] == ["40"]
        assert agent.last_reply == reply
        assert agent.role.role_class == CSM
        assert fleet.route("The sync is broken again.", active_role=CSM).choice == "support-agent"


@pytest.mark.usefixtures("alone")
def test_a_streamed_reply_is_the_reply() -> None:
    with Fleet.open(database=None, model=None) as fleet:
        agent = fleet.spawn(CSM, account="acme")
        assert "".join(agent.stream_text("The sync is broken again.")) == agent.last_reply.text


@pytest.mark.usefixtures("alone")
def test_an_unknown_role_is_the_same_error_as_with_await() -> None:
    with Fleet.open(database=None, model=None) as fleet, pytest.raises(UnknownRole):
        fleet.spawn("customer-sucess-manager", account="acme")


@pytest.mark.usefixtures("alone")
def test_turns_are_overseen_without_awaiting(tmp_path: Path) -> None:
    with Fleet.open(database=tmp_path / "fleet.db", model=None) as fleet:
        fleet.spawn(CSM, account="acme").ask("We have 40 seats.", turn_id="t1")
        assert [record.turn.id for record in fleet.turns.list(account="acme")] == ["t1"]
        assert fleet.turns.show("t1").turn.state == "done"
        assert fleet.status().queue.waiting == 0
