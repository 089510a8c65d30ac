"""Listening to turns that are answered elsewhere: everything, to the letter, in time, by as many as like."""

from __future__ import annotations

import anyio
import pytest
from durable_house import OnPostgres, OnSqlite, Served, Shared, host
from guesthouse import done, heard, kinds, said

from fleet_runtime.errors import ModelRefused
from fleet_runtime.messages import ModelRequest
from fleet_runtime.signals import Signal, TextReleased, TurnBegan, TurnDone

pytestmark = pytest.mark.anyio

LETTERS = (
    "Grüß Gott — 名前, naïve 🏠!  Two  blanks,\n\na paragraph,\n- a list\n- of things\n\nand \"quotes\" 100% 'done'."
)


class Streams(Shared):
    """What a listener may expect."""

    async def test_the_text_is_the_replys_to_the_letter_and_the_end_is_the_stored_reply(self, shared: Served) -> None:
        shared.model.on["Letters"] = LETTERS
        agent = await host(shared.gateway, "letters")
        signals = await heard(agent.stream("Letters, please.", turn_id="letters-1"))
        assert said(signals) == LETTERS == done(signals).reply.text
        assert kinds(signals) == ["began", "decision", "model_asked", "token", "model_answered", "done"]
        assert done(signals).reply == await agent.ask("Letters, please.", turn_id="letters-1") == agent.last_reply
        assert {signal.turn_id for signal in signals} == {"letters-1"}
        began = signals[0]
        assert isinstance(began, TurnBegan)
        assert (began.account, began.text) == ("letters", "Letters, please.")

    async def test_signals_come_before_the_turn_ends(self, shared: Served) -> None:
        let_go = anyio.Event()

        async def wait(_: ModelRequest) -> str:
            await let_go.wait()
            return "Only now."

        shared.model.on["Hold on"] = wait
        early: list[str] = []
        with anyio.fail_after(20):
            async for signal in (await host(shared.gateway, "early")).stream("Hold on."):
                if not let_go.is_set():
                    early.append(signal.kind)
                if signal.kind == "model_asked":
                    let_go.set()
        assert early[0] == "began"
        assert early[-1] == "model_asked"
        assert "token" not in early

    async def test_a_stream_that_is_abandoned_commits_all_the_same(self, shared: Served) -> None:
        agent = await host(shared.gateway, "abandoned")
        stream = agent.stream("Leave me.", turn_id="abandoned-1")
        async for signal in stream:
            assert signal.kind == "began"
            break
        await stream.aclose()  # type: ignore[attr-defined]  # what an abandoned iterator of ours is
        await shared.place.until("SELECT state FROM turn WHERE id = 'abandoned-1'", "done")
        assert (await agent.ask("Leave me.", turn_id="abandoned-1")).text == "You said: Leave me."

    async def test_two_listeners_and_a_late_one_hear_the_same_text(self, shared: Served) -> None:
        let_go = anyio.Event()

        async def wait(_: ModelRequest) -> str:
            await let_go.wait()
            return LETTERS

        shared.model.on["Together"] = wait
        listened: list[list[Signal]] = []

        async with shared.place.gateway() as other:

            async def listen(number: int) -> None:
                agent = await host((shared.gateway, other)[number % 2], "together")
                listened.append(await heard(agent.stream("Together.", turn_id="together-1")))

            async with anyio.create_task_group() as group:
                for number in range(3):
                    group.start_soon(listen, number)
                await shared.place.until("SELECT count(*) FROM lease WHERE account = 'together'", 1)
                group.start_soon(listen, 3)  # while it is being answered
                await anyio.sleep(0.2)
                let_go.set()
            await listen(4)  # and after it
        assert [said(signals) for signals in listened] == [LETTERS] * 5
        assert len({done(signals).reply.model_dump_json() for signals in listened}) == 1
        assert shared.model.heard.count("Together.") == 1

    async def test_a_stream_of_a_turn_that_was_accepted_by_another_gateway(self, shared: Served) -> None:
        async with shared.place.gateway() as other:
            turn = await (await host(other, "passed")).accept("Pass me on.", turn_id="passed-1")
        signals = await heard((await host(shared.gateway, "passed")).stream_answer(turn))
        assert said(signals) == "You said: Pass me on."
        assert isinstance(signals[-1], TurnDone)

    async def test_a_failure_reaches_whoever_listens(self, shared: Served) -> None:
        shared.model.on["Refuse"] = ModelRefused("no key", hint="get one")
        signals: list[Signal] = []
        stream = (await host(shared.gateway, "refused")).stream("Refuse me.")

        async def listen() -> None:
            async for signal in stream:
                signals.append(signal)  # noqa: PERF401 - what came before the error counts

        with anyio.fail_after(20), pytest.raises(ModelRefused) as told:
            await listen()
        assert told.value.message == "no key"
        assert not [signal for signal in signals if isinstance(signal, TextReleased | TurnDone)]

    async def test_many_stream_at_once_and_nobody_hears_anothers_text(self, shared: Served) -> None:
        listened: dict[int, list[Signal]] = {}

        async def listen(number: int) -> None:
            listened[number] = await heard((await host(shared.gateway, f"many-{number}")).stream(f"Number {number}."))

        async with anyio.create_task_group() as group:
            for number in range(10):
                group.start_soon(listen, number)
        assert {number: said(signals) for number, signals in listened.items()} == {
            number: f"You said: Number {number}." for number in range(10)
        }

    async def test_text_comes_while_the_model_is_still_talking(self, shared: Served) -> None:
        go_on = anyio.Event()
        shared.model.pauses["Slowly"] = go_on
        shared.model.on["Slowly"] = LETTERS
        early = whole = ""
        with anyio.fail_after(20):
            pieces = (await host(shared.gateway, "plain")).stream_text("Slowly.")
            async for piece in pieces:
                early = early or piece
                whole += piece
                go_on.set()
        assert whole == LETTERS
        assert 0 < len(early) < len(LETTERS)


class TestOnSqlite(OnSqlite, Streams):
    pass


class TestOnPostgres(OnPostgres, Streams):
    pass
