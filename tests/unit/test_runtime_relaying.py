"""Signals on their way from the worker that answers to the gateway that is asked."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import anyio.lowlevel
import pytest
from boards_double import SignalLog

from fleet_runtime.decisions import Decision
from fleet_runtime.records import AccountKey, Part, Reply
from fleet_runtime.runtime.relaying import (
    ATTEMPT_NUMBERS,
    LAST_SECONDS,
    Retelling,
    SignalWriter,
    packed,
    relay,
    unpacked,
)
from fleet_runtime.signals import Signal, StageDone, TextReleased, ToolCalled, TurnBegan, TurnDone, TurnFailed

pytestmark = pytest.mark.anyio

KEY = AccountKey(tenant="t", account="acme")
BEGAN = TurnBegan("t1", tenant="t", account="acme", conversation="c", role="csm", text="hello")
CALLED = ToolCalled("t1", use_id="t1:1", role="csm", name="weather", arguments="{}")


def text(said: str, role: str = "csm") -> TextReleased:
    return TextReleased("t1", role=role, text=said)


def reply(said: str) -> Reply:
    decision = Decision(id="d", verdict="keep", choice="csm", stage="address", confidence=1.0, reason="spoken to")
    parts = (Part(role="csm", text=said, kind="free"),)
    return Reply(turn_id="t1", conversation="c", text=said, role="csm", parts=parts, decision=decision)


class Beats:
    """A clock that is told how many beats go by; who sleeps on it wakes at each."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await anyio.lowlevel.checkpoint()


@asynccontextmanager
async def writer(log: SignalLog, *, close: bool = True) -> AsyncIterator[SignalWriter]:
    """Run a writer beside a block; without ``close`` it dies as a killed process does, with what it had not written."""
    async with anyio.create_task_group() as tasks:
        one = SignalWriter(log, KEY, "t1", Beats().sleep)
        tasks.start_soon(one.run)
        yield one
        if close:
            await one.close()
        else:
            tasks.cancel_scope.cancel()


async def told(log: SignalLog, *, retold: Reply | None = None) -> list[Signal]:
    """Read all that is kept, as a gateway does that comes when the turn is over."""
    heard: list[Signal] = []
    done = anyio.Event()
    done.set()
    retelling = await relay(log, KEY, "t1", heard.append, done, Beats().sleep)
    return [*heard, *(retelling.end(retold) if retold else ())]


async def test_what_a_worker_tells_is_heard_at_the_gateway_in_order() -> None:
    log = SignalLog()
    async with writer(log) as one:
        for signal in (BEGAN, text("Hello"), CALLED, text(" there.")):
            one.tell(signal)
            await anyio.wait_all_tasks_blocked()
    assert await told(log) == [BEGAN, text("Hello"), CALLED, text(" there.")]
    assert log.writes == 4  # that it began waited for what it began with; the last one says that nothing follows


async def test_an_attempt_that_only_began_leaves_no_trace() -> None:
    log = SignalLog()
    async with writer(log) as one:
        one.tell(BEGAN)
        await anyio.wait_all_tasks_blocked()
    assert (log.kept, log.reads) == ({}, 0)


async def test_a_batch_is_one_write_and_its_neighbouring_texts_are_one_signal() -> None:
    log = SignalLog()
    async with writer(log) as one:
        for signal in (BEGAN, text("a"), text("b"), text("c", "other"), CALLED, text("d", "other"), text("e", "other")):
            one.tell(signal)
    assert log.writes == 1
    assert await told(log) == [BEGAN, text("ab"), text("c", "other"), CALLED, text("de", "other")]


async def test_the_end_of_a_turn_is_not_told_by_signals() -> None:
    log = SignalLog()
    async with writer(log) as one:
        one.tell(TurnFailed("t1", code="model", message="nothing"))
        one.tell(TurnDone("t1", reply=reply("x")))
    assert (log.kept, log.writes) == ({}, 0)


async def test_a_store_error_ends_the_stream_with_a_warning_and_not_the_turn(caplog: pytest.LogCaptureFixture) -> None:
    log = SignalLog()
    log.fails = 1
    with caplog.at_level(logging.WARNING):
        async with writer(log) as one:
            one.tell(text("a"))
            await anyio.wait_all_tasks_blocked()
            one.tell(text("b"))
    assert [record.getMessage() for record in caplog.records] == [
        "turn t1 is not streamed any further: the store is away (start it)"
    ]
    assert log.kept == {}


async def test_a_write_that_was_cancelled_after_it_was_kept_is_not_kept_twice() -> None:
    class Slow(SignalLog):
        async def put_signals(self, *given: object, **named: object) -> None:
            await super().put_signals(*given, **named)  # type: ignore[arg-type]
            if self.writes == 1:
                await anyio.sleep_forever()

    log = Slow()
    one = SignalWriter(log, KEY, "t1", Beats().sleep)
    one.tell(text("a"))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(one.run)
        await anyio.wait_all_tasks_blocked()
        tasks.cancel_scope.cancel()
    one.tell(text("b"))
    await one.close()
    assert await told(log) == [text("a"), text("b")]


async def test_a_second_attempt_writes_behind_the_first() -> None:
    log = SignalLog()
    async with writer(log, close=False) as one:
        one.tell(BEGAN)
        one.tell(CALLED)
        await anyio.wait_all_tasks_blocked()
        one.tell(text("lost with the process"))
    async with writer(log) as one:
        one.tell(BEGAN)
        one.tell(text("Hello."))
    assert sorted(log.kept[KEY, "t1"]) == [1, 2, *range(ATTEMPT_NUMBERS, ATTEMPT_NUMBERS + 3)]
    assert await told(log) == [BEGAN, CALLED, BEGAN, text("Hello.")]


async def test_the_gateway_hears_while_the_worker_tells_and_stops_when_the_turn_is_done() -> None:
    log, heard, done = SignalLog(), [], anyio.Event()
    came = anyio.Event()

    def hear(signal: Signal) -> None:
        heard.append(signal)
        came.set()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(relay, log, KEY, "t1", hear, done, anyio.sleep)
        async with writer(log) as one:
            one.tell(BEGAN)
            one.tell(CALLED)
            with anyio.fail_after(5):
                await came.wait()
            one.tell(text("Hello."))
        done.set()
    assert heard == [BEGAN, CALLED, text("Hello.")]


async def test_a_waiting_gateway_looks_ever_more_rarely_and_wakes_at_the_end() -> None:
    log, beats, done = SignalLog(), Beats(), anyio.Event()

    async def sleep(seconds: float) -> None:
        await beats.sleep(seconds)
        if len(beats.slept) == 5:
            await log.put_signals(KEY, "t1", 1, ['{"kind":"attempt_ended","turn_id":"t1"}'])
            done.set()
            await anyio.sleep_forever()

    with anyio.fail_after(5):
        await relay(log, KEY, "t1", lambda _: None, done, sleep)
    assert beats.slept == [0.1, 0.2, 0.2, 0.2, 0.2]
    assert log.reads == 6


async def test_the_last_batch_of_a_turn_that_is_done_is_waited_for_and_not_for_ever() -> None:
    log, heard, done, beats = SignalLog(), list[Signal](), anyio.Event(), Beats()
    one = SignalWriter(log, KEY, "t1", beats.sleep)
    for signal in (BEGAN, text("Hello.")):
        one.tell(signal)
    done.set()

    async def sleep(seconds: float) -> None:
        await beats.sleep(seconds)
        if len(beats.slept) == 3:
            await one.close()

    await relay(log, KEY, "t1", heard.append, done, sleep)
    assert heard == [BEGAN, text("Hello.")]
    assert beats.slept == [0.01] * 3
    log.kept.clear()
    beats.slept.clear()
    await relay(log, KEY, "t1", heard.append, done, beats.sleep)
    assert sum(beats.slept) == pytest.approx(LAST_SECONDS, abs=0.02)


async def test_a_store_that_is_away_for_a_while_is_asked_again() -> None:
    log, done = SignalLog(), anyio.Event()
    await log.put_signals(KEY, "t1", 1, [packed(BEGAN)])
    log.fails = 2

    async def sleep(_: float) -> None:
        if not log.fails:
            done.set()

    heard: list[Signal] = []
    await relay(log, KEY, "t1", heard.append, done, sleep)
    assert heard == [BEGAN]


async def test_signals_of_a_newer_version_are_passed_over() -> None:
    log = SignalLog()
    bodies = [packed(BEGAN), '{"kind":"sung","turn_id":"t1","tune":"la"}', packed(text("Hello."))]
    await log.put_signals(KEY, "t1", 1, bodies)
    assert await told(log) == [BEGAN, text("Hello.")]


@pytest.mark.parametrize(
    "unknown",
    ["", "[]", "{", "7", "{}", '{"kind":"token"}', '{"kind":"token","turn_id":"t","role":[],"text":""}', '{"kind":7}',
     '{"kind":"finding","turn_id":"t","finding":{"kind":"k","text":"t","sentence":"s","message":"m","weight":1}}'],
)  # fmt: skip
def test_what_cannot_be_read_is_nothing(unknown: str) -> None:
    assert unpacked(unknown) is None


def test_a_field_that_a_newer_version_added_is_left_out() -> None:
    assert unpacked('{"kind":"token","turn_id":"t1","role":"csm","text":"a","mood":"merry"}') == text("a")


def test_a_signal_that_carries_what_is_no_value_cannot_be_packed() -> None:
    with pytest.raises(TypeError, match="cannot carry a object"):
        packed(StageDone("t1", name="route", seconds=object()))  # type: ignore[arg-type]


class TestRetelling:
    """One account of several attempts."""

    def hear(self, *heard: tuple[int, Signal], ends: str | None = None) -> list[Signal]:
        retelling = Retelling("t1")
        out = [one for attempt, signal in heard for one in retelling.hear(attempt, signal)]
        return [*out, *(retelling.end(reply(ends)) if ends is not None else ())]

    def test_an_attempt_that_said_nothing_is_followed_by_the_next(self) -> None:
        assert self.hear((0, BEGAN), (1, BEGAN), (1, text("a"))) == [BEGAN, BEGAN, text("a")]

    def test_the_same_text_is_told_once_and_gone_on_with(self) -> None:
        out = self.hear(
            (0, BEGAN), (0, text("Hello, Da")), (1, BEGAN), (1, text("Hello, ")), (1, text("Dana. ")), (1, text("Yes."))
        )
        assert out == [BEGAN, text("Hello, Da"), text("na. "), text("Yes.")]

    def test_what_else_is_new_is_told_when_the_text_has_caught_up(self) -> None:
        late = StageDone("t1", name="voice", seconds=0.5)
        out = self.hear((0, BEGAN), (0, CALLED), (0, text("ab")), (1, BEGAN), (1, CALLED), (1, late), (1, text("ab")))
        assert out == [BEGAN, CALLED, text("ab"), late]

    def test_another_text_begins_anew(self) -> None:
        out = self.hear((0, BEGAN), (0, text("Hello, Da")), (1, BEGAN), (1, text("Hel")), (1, text("p is near.")))
        assert out == [BEGAN, text("Hello, Da"), BEGAN, text("Hel"), text("p is near.")]

    def test_where_the_next_attempt_also_dies_the_one_after_it_counts(self) -> None:
        out = self.hear((0, BEGAN), (0, text("abc")), (1, BEGAN), (1, text("ab")), (2, BEGAN), (2, text("abcd")))
        assert out == [BEGAN, text("abc"), text("d")]

    def test_what_still_comes_of_an_earlier_attempt_is_passed_over(self) -> None:
        assert self.hear((1, BEGAN), (0, text("old")), (1, text("new"))) == [BEGAN, text("new")]

    def test_the_end_says_what_is_missing(self) -> None:
        done = TurnDone("t1", reply=reply("Hello, Dana."))
        assert self.hear((0, BEGAN), (0, text("Hello,")), ends="Hello, Dana.")[2:] == [text(" Dana."), done]
        assert self.hear((0, BEGAN), ends="Hello, Dana.")[1:] == [text("Hello, Dana."), done]
        assert self.hear((0, BEGAN), (0, text("Hello, Dana.")), ends="Hello, Dana.")[2:] == [done]

    def test_blanks_are_no_other_text(self) -> None:
        assert self.hear((0, BEGAN), (0, text("Hello, Dana. \n")), ends="Hello, Dana.")[2:] == [
            TurnDone("t1", reply=reply("Hello, Dana."))
        ]

    def test_an_end_that_says_something_else_begins_anew(self) -> None:
        out = self.hear((0, BEGAN), (0, text("Hello, Da")), (1, BEGAN), (1, text("Hel")), ends="Help is near.")
        assert out[2:] == [BEGAN, text("Help is near."), TurnDone("t1", reply=reply("Help is near."))]

    def test_an_end_that_was_heard_only_in_part_is_caught_up_with(self) -> None:
        out = self.hear((0, BEGAN), (0, text("abc")), (1, BEGAN), (1, CALLED), (1, text("a")), ends="abcd")
        assert out[2:] == [CALLED, text("d"), TurnDone("t1", reply=reply("abcd"))]
