"""Erasing an account whose turns wait, run, are answered, failed or were cancelled: no byte of it is left anywhere."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import anyio
import pytest
from durable_house import Echo, OnPostgres, OnSqlite, Place, host

from fleet_runtime import Fleet
from fleet_runtime.errors import FleetError, ModelUnreachable, TurnCancelled
from fleet_runtime.messages import ModelRequest

pytestmark = pytest.mark.anyio

CANARY = "Zebrafinch-Quokka"
SETTINGS: dict[str, Any] = {
    "answer_attempts": 1,
    "model_attempts": 1,
    "breaker_failures": 1000,
    "worker_drain_seconds": 1.0,
}
TOLD_SECONDS = 15.0


def forms() -> Iterator[str]:
    """Give what the canary looks like: as it is, in hexadecimal, and in base64 wherever it begins in a text."""
    yield CANARY
    yield CANARY.encode().hex()
    for shift in range(3):
        whole = base64.b64encode(b"\0" * shift + CANARY.encode()).decode().rstrip("=")
        yield whole[4:-1]


def found(place: Place) -> list[str]:
    """Name the files in which a byte of the canary is, or on Postgres the tables."""
    looked = tuple(forms())
    if "://" in place.database:
        return [name for name, rows in place.tables().items() if any(form in row for row in rows for form in looked)]
    files = [file for file in place.folder.iterdir() if file.is_file()]
    return sorted(file.name for file in files if any(form.encode() in file.read_bytes() for form in looked))


class Erasure:
    async def test_nothing_is_left_of_an_account_in_whatever_state_its_turns_are(self, place: Place) -> None:
        begun, interrupted = anyio.Event(), anyio.Event()

        async def forever(_: ModelRequest) -> str:
            begun.set()
            try:
                await anyio.sleep(3600)
            finally:
                interrupted.set()
            return "never"

        model = Echo(Endless=forever, Away=ModelUnreachable("away", hint="wait"))
        account, told = f"account {CANARY}", list[FleetError]()
        async with place.gateway(**SETTINGS) as gateway, place.worker(model, **SETTINGS):
            agent = await host(gateway, account)
            await agent.ask(f"Done {CANARY}.", turn_id=f"done {CANARY}")
            assert [signal async for signal in agent.stream(f"Streamed {CANARY}.")]
            with pytest.raises(ModelUnreachable):
                await agent.ask(f"Away {CANARY}.", turn_id=f"failed {CANARY}")

            async def wait() -> None:
                try:
                    with anyio.fail_after(TOLD_SECONDS):
                        await agent.ask(f"Endless {CANARY}.", turn_id=f"running {CANARY}")
                except FleetError as error:
                    told.append(error)

            async with anyio.create_task_group() as group:
                group.start_soon(wait)
                await begun.wait()
                for name in ("cancelled", "queued", "last"):
                    await agent.accept(f"{name} {CANARY}.", turn_id=f"{name} {CANARY}")
                await gateway.turns.cancel(f"cancelled {CANARY}")
                assert found(place), "else this test could not fail"
                with anyio.fail_after(TOLD_SECONDS):
                    receipt = await gateway.memory(account).erase()
                assert found(place) == []
                with anyio.fail_after(5):
                    await interrupted.wait()
            assert receipt.erased
            assert len(told) == 1, "who waited is told"
            await self.is_new(gateway, account, place, model)

    async def is_new(self, gateway: Fleet, account: str, place: Place, model: Echo) -> None:
        """See that the name can be used anew, and that nobody goes on where the erased account was."""
        heard = len(model.heard)
        agent = await host(gateway, account)
        assert (await agent.ask("Hello.", turn_id=f"done {CANARY}")).text == "You said: Hello."
        assert model.heard[heard:] == ["Hello."]
        assert [text for (text,) in place.rows("SELECT text FROM turn")] == ["Hello."]
        await gateway.memory(account).erase()
        assert found(place) == []

    async def test_a_turn_that_finishes_while_its_account_is_erased_leaves_nothing(self, place: Place) -> None:
        """The model answers after the erasure, and cannot be interrupted; another account goes on meanwhile."""
        begun = anyio.Event()

        async def stubborn(_: ModelRequest) -> str:
            begun.set()
            with anyio.CancelScope(shield=True):
                await anyio.sleep(1.0)
            return f"Finished {CANARY}."

        async with place.gateway() as gateway, place.worker(Echo(Stubborn=stubborn)):
            await (await host(gateway, CANARY)).accept(f"Stubborn {CANARY}.", turn_id="t1")
            await begun.wait()
            await gateway.memory(CANARY).erase()
            assert (await (await host(gateway, "other")).ask("And I?")).text == "You said: And I?"
            await anyio.sleep(1.2)
            assert found(place) == []
            assert [text for (text,) in place.rows("SELECT text FROM turn")] == ["And I?"]

    async def test_erasing_with_no_worker_leaves_nothing_for_one_that_starts(self, place: Place) -> None:
        model = Echo()
        async with place.gateway() as gateway:
            agent = await host(gateway, CANARY)
            for number in range(3):
                await agent.accept(f"{CANARY} {number}.", turn_id=f"{CANARY} {number}")
            await agent.accept(f"{CANARY}, cancelled.", turn_id="cancelled")
            await gateway.turns.cancel("cancelled")
            with pytest.raises(TurnCancelled):
                await agent.ask(f"{CANARY}, cancelled.", turn_id="cancelled")
            await gateway.memory(CANARY).erase()
            assert found(place) == []
            async with place.worker(model):
                assert (await (await host(gateway, "other")).ask("Anybody?")).text == "You said: Anybody?"
        assert model.heard == ["Anybody?"]
        assert found(place) == []


class TestOnSqlite(OnSqlite, Erasure):
    pass


class TestOnPostgres(OnPostgres, Erasure):
    pass
