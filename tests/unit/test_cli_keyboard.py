"""Ctrl-C is heeded, also where Python drops it."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator

import pytest

from fleet_runtime.cli.keyboard import heeded_keyboard


@pytest.fixture(autouse=True)
def listening() -> Iterator[None]:
    """Hear the keyboard, also where the tests run in the background and were started deaf to it."""
    former = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, former)


class Destroyed:
    """Something in whose destructor the keyboard is pressed."""

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGINT)


def test_an_interrupt_that_fell_into_a_destructor_is_heeded_at_the_next_look(monkeypatch: pytest.MonkeyPatch) -> None:
    dropped: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", dropped.append)
    former = signal.getsignal(signal.SIGINT)
    with heeded_keyboard() as check:
        check()
        gone: Destroyed | None = Destroyed()
        gone = None
        assert gone is None
        assert len(dropped) == 1
        with pytest.raises(KeyboardInterrupt):
            check()
    assert signal.getsignal(signal.SIGINT) is former


def test_an_interrupt_comes_at_once_where_it_can() -> None:
    with heeded_keyboard(), pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_another_thread_hears_nothing_and_changes_nothing() -> None:
    former, seen = signal.getsignal(signal.SIGINT), list[object]()

    def elsewhere() -> None:
        with heeded_keyboard() as check:
            check()
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert seen == [former]


def test_a_program_that_was_started_deaf_stays_so() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with heeded_keyboard() as check:
        signal.raise_signal(signal.SIGINT)
        check()
