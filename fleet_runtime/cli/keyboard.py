"""Sees to it that Ctrl-C is not lost. Ends nothing itself."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def heeded_keyboard() -> Generator[Callable[[], None]]:
    """Give what raises KeyboardInterrupt if Ctrl-C was pressed within the block and came to nothing.

    Python raises it wherever the program happens to be, and drops it where that is a destructor: whoever loops asks
    each time around. Outside of the main thread, which is the one that hears the keyboard, it asks in vain.
    """
    pressed = threading.Event()

    def check() -> None:
        if pressed.is_set():
            raise KeyboardInterrupt

    former = signal.getsignal(signal.SIGINT)
    # Who starts a program in the background may have it ignore the keyboard, and it stays so.
    if former is signal.SIG_IGN or threading.current_thread() is not threading.main_thread():
        yield check
        return

    def heard(number: int, frame: FrameType | None) -> None:
        pressed.set()
        if callable(former):
            former(number, frame)

    signal.signal(signal.SIGINT, heard)
    try:
        yield check
    finally:
        signal.signal(signal.SIGINT, former)
