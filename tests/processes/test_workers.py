"""Workers that are processes: killed, stopped, told to go. Nothing accepted is lost, nothing is done twice."""

from __future__ import annotations

import signal

import anyio
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


def holder(workers: Workers, text: str = "Hold on.") -> str:
    """Wait until a worker's model is asked that, and say whose."""
    wait_until(lambda: text in [asked for _, asked in workers.asked()])
    return next(name for name, asked in workers.asked() if asked == text)


def answered(place: Place) -> int:
    """Count the turns that are done."""
    ((count,),) = place.rows("SELECT count(*) FROM turn WHERE state = 'done'")
    return int(str(count))


class WorkerProcesses:
    async def test_what_a_worker_left_is_finished_by_another_soon(self, place: Place) -> None:
        """One is stopped and goes on when its turn is another's; the next is killed; the third finishes all."""
        with workers_of(place) as workers:
            left = workers.start("w1", "w2", "w3")
            await accepted(place, "Hold on.", "Next.")
            stopped = holder(workers)
            left[stopped].send_signal(signal.SIGSTOP)
            workers.flag("go")
            assert wait_until(lambda: answered(place) == 2) < TAKEOVER_SECONDS
            told = await replies(place, "Hold on.", "Next.")
            await place.until(f"SELECT count(*) FROM worker WHERE id = '{stopped}'", 0)  # noqa: S608 - a name of ours
            left[stopped].send_signal(signal.SIGCONT)
            assert left[stopped].wait(timeout=20) == GIVEN_UP
            assert not [text for text in told if text.startswith(stopped)]

            workers.take_down("go")
            await accepted(place, "Hold on.", "Next.", "Hold again.")
            killed = holder(workers, "Hold again.")
            left[killed].kill()
            workers.flag("go")
            assert wait_until(lambda: answered(place) == 3) < TAKEOVER_SECONDS
            (last,) = left.keys() - {stopped, killed}
            assert await replies(place, "Hold on.", "Next.", "Hold again.") == [*told, f"{last}: Hold again."]
            said = place.rows("SELECT text FROM event ORDER BY at")
            assert said == [("Hold on.",), ("Next.",), ("Hold again.",)], "each once"

    async def test_a_worker_that_is_told_to_go_finishes_its_turn_and_leaves_the_rest(self, place: Place) -> None:
        with workers_of(place) as workers:
            process = workers.start("w1")["w1"]
            async with place.gateway() as other:
                with anyio.fail_after(20), pytest.raises(WorkerError):
                    await other.work(worker="w1")  # it lives
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
            async with place.worker(worker="w2"):
                assert await replies(place, "Hold on.", "Next.") == ["w1: Hold on.", "You said: Next."]

    @pytest.mark.parametrize("repeatable", [True, False])
    async def test_a_payment_has_one_key_over_a_death_between_its_effect_and_the_record(
        self, place: Place, *, repeatable: bool
    ) -> None:
        """The worker kills itself in the tool, and is started again at once under its id."""
        with workers_of(place) as workers:
            workers.flag("die")
            process = workers.start("w1", pay_repeatable=repeatable)["w1"]
            await accepted(place, "Pay me back.", "Next.")
            assert process.wait(timeout=20) == -signal.SIGKILL
            workers.start("w1", pay_repeatable=repeatable)
            text, then = await replies(place, "Pay me back.", "Next.")
            assert workers.paid() == ["t1:1:0"] * (2 if repeatable else 1)
            assert ("paid 40" if repeatable else "may have happened") in text
            assert then == "w1: Next."
            assert [asked for _, asked in workers.asked()] == ["Pay me back."] * 2 + ["Next."], "a kept answer is kept"


class TestOnSqlite(OnSqlite, WorkerProcesses):
    pass


class TestOnPostgres(OnPostgres, WorkerProcesses):
    async def test_a_question_is_asked_approved_and_carried_out_by_three_processes(self, place: Place) -> None:
        with workers_of(place) as workers:
            first = workers.start("w1", pay_asks_first=True)["w1"]
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
