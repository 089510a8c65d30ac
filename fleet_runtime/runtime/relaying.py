"""Carries what is told of a turn from the process that answers it to the one that is asked, through the turn log.

Signals are packed as JSON text. A worker's `SignalWriter` keeps them in batches, a gateway's `relay` reads them. Each
attempt at a turn has numbers of its own, beyond those of the attempts before, and `Retelling` joins the attempts: what
was said is said, and a later attempt is heard from where it goes beyond. Nothing here decides how a turn ends: that
stands in the turn's row, and a turn whose relay breaks off is answered all the same.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import cache
from typing import Any, ClassVar, cast, get_origin, get_type_hints

import anyio
from pydantic import TypeAdapter, ValidationError

from fleet_runtime.boards import TurnLog
from fleet_runtime.contracts import Value
from fleet_runtime.errors import StoreError
from fleet_runtime.records import AccountKey, Reply
from fleet_runtime.signals import Listen, Signal, TextReleased, TurnBegan, TurnDone, TurnFailed

Sleep = Callable[[float], Awaitable[None]]
"""Waits for so many seconds."""

BATCH_SECONDS = 0.15
"""How long a writer collects before it writes: a transaction for each token would cost more than the turn."""

READ_SECONDS = 0.05
"""How soon a reader looks again after there was something to hear."""

IDLE_READ_SECONDS = 0.2
"""How rarely it looks at most while there is nothing, as when a model thinks."""

LAST_SECONDS = 0.3
"""How long a reader waits for what is still to come of a turn that is done: its last batch is written after it."""

_LAST_READ_SECONDS = 0.01

ATTEMPT_NUMBERS = 20_000
"""How many numbers each attempt at a turn has for its signals: its place among them is ``number // ATTEMPT_NUMBERS``.

A number has 31 bits, so a hundred thousand attempts fit.
"""

_log = logging.getLogger(__name__)


class _Ended(Signal):
    """Nothing more is told of this attempt. Goes no further than to the reader."""

    kind: ClassVar[str] = "attempt_ended"


def packed(signal: Signal) -> str:
    """Write a signal as JSON in ASCII, which every database keeps as it is: half characters and NUL are escaped."""
    return json.dumps({"kind": signal.kind, **vars(signal)}, default=_plain, separators=(",", ":"))


def unpacked(text: str) -> Signal | None:
    """Read a packed signal; None for one that this version does not know, or knows in another shape.

    Fields that a newer version added to a known kind are left out.
    """
    try:
        read: object = json.loads(text)
    except ValueError:
        return None
    if not isinstance(read, dict):
        return None
    told = cast("dict[str, object]", read)
    shape = _shapes().get(str(told.get("kind")))
    if shape is None:
        return None
    kind, fields = shape
    try:
        return kind(**{name: of.validate_python(told[name]) for name, of in fields.items() if name in told})
    except (ValidationError, TypeError):
        return None


def _plain(value: object) -> object:
    """Turn a value of ours into what JSON has."""
    if isinstance(value, Value):
        return value.model_dump(mode="json")
    raise TypeError(f"a signal cannot carry a {type(value).__name__}")


@cache
def _shapes() -> dict[str, tuple[type[Signal], dict[str, TypeAdapter[Any]]]]:
    """Return the kinds of signals, each with what checks its fields; made once, when the first one is read."""
    return {
        kind.kind: (
            kind,
            {
                name: TypeAdapter[Any](hint)
                for name, hint in get_type_hints(kind).items()
                if get_origin(hint) is not ClassVar
            },
        )
        for kind in Signal.__subclasses__()
        if kind.__module__ == Signal.__module__
    }


class SignalWriter:
    """Keeps the signals of one attempt at a turn, for whoever streams it elsewhere.

    Nothing that goes wrong here reaches the turn: if the store cannot keep them, the stream stands still, the reply
    comes whole at its end, and a warning says why.
    """

    def __init__(self, log: TurnLog, key: AccountKey, turn_id: str, sleep: Sleep) -> None:
        """Begin with nothing told; nothing is read or written yet."""
        self._log = log
        self._key = key
        self._turn_id = turn_id
        self._sleep = sleep
        self._told: list[Signal] = []
        self._ready: list[str] = []
        self._next: int | None = None
        self._news = anyio.Event()
        self._writing = anyio.Lock()
        self._over = False

    def tell(self, signal: Signal) -> None:
        """Take a signal in. How the turn ends is told by its row, and not by this."""
        if self._over or isinstance(signal, TurnDone | TurnFailed):
            return
        self._told.append(signal)
        if not isinstance(signal, TurnBegan):
            self._news.set()

    async def run(self) -> None:
        """Write what is told, a batch at a time, until closed; to run beside the turn."""
        while not self._over:
            await self._news.wait()
            await self._sleep(BATCH_SECONDS)
            self._news = anyio.Event()
            await self._write()

    async def close(self) -> None:
        """Write what was told last, and take nothing more. `run` ends; it may also be cancelled at any time."""
        self._told.append(_Ended(self._turn_id))
        await self._write()
        self._over = True
        self._news.set()

    async def _write(self) -> None:
        """Write all that is there. What a cancelled write may have kept is written again under the same numbers.

        That a turn began waits for what it begins with: an attempt that found everything paused leaves no trace.
        """
        async with self._writing:
            while not self._over and (self._ready or self._told):
                if not self._ready:
                    if self._next is None and all(isinstance(one, TurnBegan | _Ended) for one in self._told):
                        return
                    self._ready = [packed(signal) for signal in _joined(self._told)]
                    self._told.clear()
                try:
                    self._next = self._next or await self._first()
                    await self._log.put_signals(self._key, self._turn_id, self._next, self._ready)
                except StoreError as error:
                    _log.warning("turn %s is not streamed any further: %s", self._turn_id, error)
                    self._over = True
                    return
                self._next += len(self._ready)
                self._ready = []

    async def _first(self) -> int:
        """Return this attempt's first number: beyond all that an attempt before, also one that died, left behind."""
        known = await self._log.signals(self._key, self._turn_id, 0)
        return (known[-1][0] // ATTEMPT_NUMBERS + 1) * ATTEMPT_NUMBERS if known else 1


def _joined(signals: Sequence[Signal]) -> list[Signal]:
    """Join pieces of text that follow each other: they were told within one batch, and are heard at once."""
    joined: list[Signal] = []
    for signal in signals:
        last = joined[-1] if joined else None
        if isinstance(signal, TextReleased) and isinstance(last, TextReleased) and last.role == signal.role:
            joined[-1] = TextReleased(signal.turn_id, role=signal.role, text=last.text + signal.text)
        else:
            joined.append(signal)
    return joined


class Retelling:
    """Tells of a turn once, however many attempts at it there are.

    An attempt after one that had said something is held back until its text goes beyond what was said: then only what
    lies beyond is told. Where it says something else, all of it is told after another `TurnBegan`, from which whoever
    listens may start anew.
    """

    def __init__(self, turn_id: str) -> None:
        """Begin with nothing said of that turn."""
        self.said = ""
        self._turn_id = turn_id
        self._attempt = 0
        self._again = ""
        self._held: list[Signal] | None = None
        self._began: TurnBegan | None = None
        self._given: list[Signal] = []

    def hear(self, attempt: int, signal: Signal) -> list[Signal]:
        """Return what is to be told now that a signal of an attempt came.

        Args:
            attempt: the attempt's place; a later one has a greater. What still comes of an earlier one is passed over.
            signal: what was told of it.
        """
        if attempt < self._attempt:
            return []
        if attempt > self._attempt:
            self._attempt, self._again = attempt, ""
            self._held = [] if self.said else None
        if isinstance(signal, TurnBegan):
            self._began = signal
        if self._held is None:
            return self._pass_on([signal])
        self._held.append(signal)
        if not isinstance(signal, TextReleased):
            return []
        self._again += signal.text
        if self._again.startswith(self.said):
            return self._caught_up(self._held, self._again, signal.role)
        if self.said.startswith(self._again):
            return []
        return self._anew(self._held)

    def end(self, reply: Reply) -> list[Signal]:
        """Return what is still to be told of a turn that came to a reply: the rest of its text, and `TurnDone`.

        Another text than what was said, but for blanks, is told whole after another `TurnBegan`.
        """
        done = TurnDone(self._turn_id, reply=reply)
        if reply.text.startswith(self.said):
            return [*self._caught_up(self._held or (), reply.text, reply.role), done]
        if self.said.split() == reply.text.split():
            return [*self._caught_up(self._held or (), self.said, reply.role), done]
        return [*self._anew([TextReleased(self._turn_id, role=reply.role, text=reply.text)]), done]

    def _caught_up(self, held: Sequence[Signal], text: str, role: str) -> list[Signal]:
        """Go on from what was said: with what else was held back and is new, then with the text beyond."""
        self._held = None
        news = [one for one in held if not isinstance(one, TextReleased | TurnBegan) and one not in self._given]
        rest = text[len(self.said) :]
        return self._pass_on([*news, *([TextReleased(self._turn_id, role=role, text=rest)] if rest else [])])

    def _anew(self, signals: Sequence[Signal]) -> list[Signal]:
        """Begin anew, with the turn's beginning in front."""
        self._held, self.said = None, ""
        begins = [self._began] if self._began and self._began not in signals else []
        return self._pass_on([*begins, *signals])

    def _pass_on(self, signals: list[Signal]) -> list[Signal]:
        """Note what is told."""
        for signal in signals:
            if isinstance(signal, TextReleased):
                self.said += signal.text
            else:
                self._given.append(signal)
        return signals


async def relay(  # noqa: PLR0913, PLR0917 - whose turn, where from, where to, how long
    log: TurnLog, key: AccountKey, turn_id: str, heard: Listen, done: anyio.Event, sleep: Sleep
) -> Retelling:
    """Tell ``heard`` what workers tell of a turn, until ``done`` is set and its last attempt has told all.

    A store that cannot be read is asked again. A worker that died at the turn's very end is waited for `LAST_SECONDS`.

    Args:
        log: where the signals are.
        key: whose turn it is.
        turn_id: its id.
        heard: hears each signal as it is found.
        done: set when the turn's row says how it ended.
        sleep: waits for seconds.

    Returns: what was told, which knows how to `Retelling.end` it.
    """
    retelling, after, wait, left = Retelling(turn_id), 0, READ_SECONDS, LAST_SECONDS
    ended, end = False, packed(_Ended(turn_id))
    while True:
        over = done.is_set()
        try:
            found = await log.signals(key, turn_id, after)
        except StoreError as error:
            _log.debug("turn %s: its signals cannot be read now: %s", turn_id, error)
            found = []
        for number, body in found:
            after, ended = number, body == end
            signal = unpacked(body)
            for told in retelling.hear(number // ATTEMPT_NUMBERS, signal) if signal else ():
                heard(told)
        if over and (ended or left <= 0):
            return retelling
        if over:
            left -= _LAST_READ_SECONDS
            await sleep(_LAST_READ_SECONDS)
        else:
            wait = READ_SECONDS if found else min(2 * wait, IDLE_READ_SECONDS)
            await _pause(wait, done, sleep)


async def _pause(seconds: float, done: anyio.Event, sleep: Sleep) -> None:
    """Wait for so long, or until it is done."""
    async with anyio.create_task_group() as tasks:

        async def wait() -> None:
            await done.wait()
            tasks.cancel_scope.cancel()

        tasks.start_soon(wait)
        await sleep(seconds)
        tasks.cancel_scope.cancel()
