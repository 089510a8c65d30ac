"""Workers that are processes: killed, stopped, told to go. Nothing accepted is lost, nothing is done twice."""

from __future__ import annotations

import signal
import sqlite3
from contextlib import closing

import anyio
import psycopg
import pytest
from durable_house import OnPostgres, OnSqlite, Place, host
from durable_worker import GIVEN_UP, Workers, wait_until, workers_of

from fleet_runtime.errors import WorkerError

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

TAKEOVER_SECONDS = 10.0


async def accepted(place: Place, *texts: str) -> None:
    """Have messages of the account accepted, as t1, t2 and so on."""
    async with place.gateway() as gateway:
        agent = await host(gateway)
        for number, text in enumerate(texts, start=1):
            await agent.accept(text, turn_id=f"t{number}")


async def replies(place: Place, *texts: str) -> list[str]:
    """Ask for the same turns again, and return what is told."""
    async with place.gateway() as gateway:
        agent = await host(gateway)
        return [(await agent.ask(text, turn_id=f"t{number}")).text for number, text in enumerate(texts, start=1)]


def holder(workers: Workers) -> str:
    """Wait until a worker holds, and say which."""
    wait_until(workers.asked)
    return workers.asked()[0][0]


def answered(place: Place) -> int:
    """Count the turns that are done."""
    ((count,),) = place.rows("SELECT count(*) FROM turn WHERE state = 'done'")
    return int(str(count))


class WorkerProcesses:
    @pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
    async def test_what_a_worker_left_is_finished_by_another_soon(self, place: Place, how: signal.Signals) -> None:
        texts = ("Hold on.", "Next.")
        with workers_of(place) as workers:
            processes = {name: workers.start(name) for name in ("w1", "w2")}
            await accepted(place, *texts)
            gone = holder(workers)
            processes[gone].send_signal(how)
            workers.flag("go")
            seconds = wait_until(lambda: answered(place) == 2)
            assert seconds < TAKEOVER_SECONDS
            (other,) = {"w1", "w2"} - {gone}
            assert await replies(place, *texts) == [f"{other}: {text}" for text in texts]
            await place.until("SELECT id FROM worker", other)
            if how == signal.SIGSTOP:
                processes[gone].send_signal(signal.SIGCONT)
                assert processes[gone].wait(timeout=20) == GIVEN_UP
                assert await replies(place, *texts) == [f"{other}: {text}" for text in texts]
            said = place.rows("SELECT text FROM event ORDER BY at")
            assert said == [(text,) for text in texts], "each once"
            processes[other].send_signal(signal.SIGTERM)
            assert processes[other].wait(timeout=20) == 0

    async def test_a_worker_that_is_told_to_go_finishes_its_turn_and_leaves_the_rest(self, place: Place) -> None:
        with workers_of(place) as workers:
            process = workers.start("w1")
            await accepted(place, "Hold on.", "Next.")
            holder(workers)
            process.send_signal(signal.SIGTERM)
            await place.until("SELECT leaving FROM worker", 1)
            assert process.poll() is None
            workers.flag("go")
            assert process.wait(timeout=20) == 0
            assert place.states("acme") == [("t1", "done"), ("t2", "accepted")]
            assert place.rows("SELECT count(*) FROM worker") == [(0,)]
            assert place.rows("SELECT count(*) FROM lease") == [(0,)]
            workers.start("w2")
            assert await replies(place, "Hold on.", "Next.") == ["w1: Hold on.", "w2: Next."]

    async def test_a_killed_worker_is_back_at_once_under_its_id_and_finishes(self, place: Place) -> None:
        with workers_of(place) as workers:
            process = workers.start("w1")
            await accepted(place, "Hold on.", "Next.")
            holder(workers)
            process.kill()
            process.wait()
            workers.flag("go")
            workers.start("w1")
            assert wait_until(lambda: answered(place) == 2) < TAKEOVER_SECONDS
            assert [text for _, text in workers.asked()] == ["Hold on.", "Hold on.", "Next."]

    @pytest.mark.parametrize("repeatable", [True, False])
    async def test_a_payment_has_one_key_over_a_death_between_its_effect_and_the_record(
        self, place: Place, *, repeatable: bool
    ) -> None:
        with workers_of(place) as workers:
            workers.flag("die")
            process = workers.start("w1", pay_repeatable=repeatable)
            await accepted(place, "Pay me back.")
            assert process.wait(timeout=20) == -signal.SIGKILL
            workers.start("w1", pay_repeatable=repeatable)
            (text,) = await replies(place, "Pay me back.")
            assert workers.paid() == ["t1:1:0"] * (2 if repeatable else 1)
            assert ("paid 40" if repeatable else "may have happened") in text
            assert [asked for _, asked in workers.asked()] == ["Pay me back."] * 2, "the first answer was kept"

    async def test_a_question_is_asked_approved_and_carried_out_by_three_processes(self, place: Place) -> None:
        with workers_of(place) as workers:
            first = workers.start("w1", pay_asks_first=True)
            async with place.gateway() as asks:
                reply = await (await host(asks)).ask("Pay me back.", turn_id="t1")
            assert len(reply.approvals) == 1
            assert workers.paid() == []
            first.send_signal(signal.SIGTERM)
            assert first.wait(timeout=20) == 0
            told: list[str] = []
            async with place.gateway() as one, place.gateway() as two, anyio.create_task_group() as group:
                (question,) = await one.approvals.list()

                async def approve(number: int) -> None:
                    door = (one, two)[number].approvals
                    told.append((await door.approve(question.id, by="Ada")).text)

                for number in range(2):
                    group.start_soon(approve, number)
                await place.until("SELECT count(*) FROM turn", 2)
                workers.start("w2", pay_asks_first=True)
            assert told[0] == told[1]
            assert "paid 40" in told[0]
            assert workers.paid() == ["t1:1:0"]

    async def test_an_id_that_lives_elsewhere_is_refused(self, place: Place) -> None:
        with workers_of(place) as workers:
            process = workers.start("w1")
            async with place.gateway() as fleet:
                with anyio.fail_after(20), pytest.raises(WorkerError):
                    await fleet.work(worker="w1")
            assert process.poll() is None
            await accepted(place, "Still there?")
            assert await replies(place, "Still there?") == ["w1: Still there?"]

    async def test_what_an_older_version_queued_and_what_the_engine_lost_is_answered(self, place: Place) -> None:
        """The engine's own rows are of another version for one turn, and gone for another."""
        await accepted(place, "Of yesterday.", "And lost.")
        execute_in_engine(place, "UPDATE {schema}workflow_status SET application_version = 'older'")
        execute_in_engine(place, "DELETE FROM {schema}workflow_status WHERE workflow_uuid LIKE '%2'")
        with workers_of(place) as workers:
            workers.start("w1")
            wait_until(lambda: answered(place) == 2)
            assert workers.asked() == [("w1", "Of yesterday."), ("w1", "And lost.")]


def execute_in_engine(place: Place, statement: str) -> None:
    """Change what the engine keeps; it must be something."""
    if "://" in place.database:
        with closing(psycopg.connect(place.database, autocommit=True)) as connection:
            assert connection.execute(statement.format(schema="dbos.").encode()).rowcount > 0
        return
    with closing(sqlite3.connect(place.folder / "fleet.engine.db")) as connection:
        assert connection.execute(statement.format(schema="")).rowcount > 0
        connection.commit()


class TestOnSqlite(OnSqlite, WorkerProcesses):
    pass


class TestOnPostgres(OnPostgres, WorkerProcesses):
    pass
