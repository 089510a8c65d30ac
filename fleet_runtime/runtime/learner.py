"""Learning after a turn: puts to the model what rules could not read, when nobody is waiting for an answer.

What awaits learning is stored with the turn, so that a dead process loses nothing of it.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import anyio

from fleet_runtime.errors import FenceLost, ModelError, ModelGarbled, StoreError
from fleet_runtime.learning import extraction_request, facts_from_answer, merge
from fleet_runtime.records import AccountChange, AccountKey, AccountState, Event, Learned
from fleet_runtime.runtime.desk import Desk

_ATTEMPTS = 5


class Quiet:
    """Knows whether turns are under way, so that background work can wait for a pause."""

    def __init__(self) -> None:
        """Begin in silence."""
        self._busy = 0
        self._begun = anyio.Event()
        self._silence = anyio.Event()
        self._silence.set()

    @contextmanager
    def busy(self) -> Generator[None]:
        """Mark a turn as under way."""
        if self._busy == 0:
            self._silence = anyio.Event()
        self._busy += 1
        self._begun.set()
        try:
            yield
        finally:
            self._busy -= 1
            if self._busy == 0:
                self._silence.set()

    async def wait(self) -> None:
        """Wait until no turn is under way."""
        while self._busy:
            await self._silence.wait()

    async def pause(self, seconds: float) -> None:
        """Wait until no turn has been under way for so long."""
        while True:
            await self.wait()
            self._begun = anyio.Event()
            with anyio.move_on_after(seconds):
                await self._begun.wait()
                continue
            return

    async def next_turn(self) -> None:
        """Wait until a turn begins."""
        await self._begun.wait()


class Learner:
    """Works off what awaits learning, one event at a time."""

    def __init__(self, desk: Desk, quiet: Quiet) -> None:
        """Keep the desk; nothing is read yet."""
        self._desk = desk
        self._quiet = quiet

    async def drain(self) -> int:
        """Learn from every event that awaits it, and return how many were done.

        A model that cannot be reached ends the round; its events wait for the next start.
        """
        done = 0
        if self._desk.learner is None:
            return done
        for key, event in await self._desk.store.unlearned():
            if key.tenant != self._desk.settings.tenant:
                continue
            await self._quiet.wait()
            try:
                await self._learn(key, event)
            except (ModelError, StoreError):
                break
            done += 1
        return done

    async def _learn(self, key: AccountKey, event: Event) -> None:
        """Ask the model about one event, and commit what its text supports."""
        desk = self._desk
        if desk.learner is None:
            return
        keys = desk.memory_keys
        task = desk.words.book.render("learn.md.j2", keys=keys)
        system = desk.prefix(desk.keeper).text
        few_shot = desk.words.learn_examples
        asked = extraction_request(event, keys, system=system, task=task, few_shot=few_shot)
        try:
            reply = await desk.learner.complete(asked)
            found = facts_from_answer(reply.text, event, keys, few_shot=few_shot)
        except ModelGarbled:
            found = ()
        for _ in range(_ATTEMPTS):
            state = await desk.store.read(key)
            learned = merge(state, found, now=event.at)
            try:
                await desk.store.apply(self._change(state, event, learned))
            except FenceLost:
                continue
            return

    def _change(self, state: AccountState, event: Event, learned: Learned) -> AccountChange:
        """Write what was learned, and that the event is done with."""
        return AccountChange(
            key=state.key,
            seen_version=state.version,
            now=self._desk.clock(),
            learned=learned,
            learned_events=(event.id,),
        )
