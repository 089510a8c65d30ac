"""Learning after a turn: puts to the model what rules could not read, when nobody is waiting for an answer.

What awaits learning is stored with the turn, so that a dead process loses nothing of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from fleet_runtime.contracts import MemoryKey
from fleet_runtime.errors import FenceLost, ModelError, ModelGarbled, StoreError
from fleet_runtime.learning import NAMED, Inquiry, LearnPrompts, inquire, known_before, merge
from fleet_runtime.ports import ModelClient
from fleet_runtime.records import AccountChange, AccountKey, AccountState, Event, Fact, Learned
from fleet_runtime.runtime.desk import Desk, Words
from fleet_runtime.runtime.quiet import Quiet
from fleet_runtime.settings import Voice

_ATTEMPTS = 5


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
        inquiry = self._begun(await desk.store.read(key), event, desk.learner.info.voice)
        found = await _asked(inquiry, desk.learner)
        for _ in range(_ATTEMPTS):
            state = await desk.store.read(key)
            learned = merge(state, found, now=event.at)
            try:
                await desk.store.apply(self._change(state, event, learned))
            except FenceLost:
                continue
            return

    def _begun(self, state: AccountState, event: Event, voice: Voice) -> Inquiry:
        """Begin the inquiry about one event; so far the rules alone have taken facts from it."""
        desk = self._desk
        keys = desk.memory_keys
        prompts = learn_prompts(desk.words, keys, voice, prefix=desk.prefix(desk.keeper).text)
        found = [fact for fact in state.facts if fact.event_id == event.id]
        return inquire(event, keys, prompts, found=found, known=known_before(event, state))

    def _change(self, state: AccountState, event: Event, learned: Learned) -> AccountChange:
        """Write what was learned, and that the event is done with."""
        return AccountChange(
            key=state.key,
            seen_version=state.version,
            now=self._desk.clock(),
            learned=learned,
            learned_events=(event.id,),
        )


def learn_prompts(words: Words, keys: Sequence[MemoryKey], voice: Voice, *, prefix: str) -> LearnPrompts:
    """Return how a model of that voice is asked what an event teaches.

    Args:
        words: Templates and examples.
        keys: The declared keys.
        voice: What the model can do; a free one writes facts, an assisted one labels pieces.
        prefix: The compiled contract; the task is joined to it.
    """
    if voice == "free":
        task = words.book.render("learn.md.j2", keys=keys)
    else:
        task = words.book.render("learn_labels.md.j2", keys=keys, named=NAMED, hints=words.labels.hints)
    system = f"{prefix.rstrip()}\n\n{task.strip()}"
    return LearnPrompts(voice=voice, system=system, few_shot=words.learn_examples, labels=words.labels)


async def _asked(inquiry: Inquiry, model: ModelClient) -> tuple[Fact, ...]:
    """Fulfil an inquiry's requests; where the model garbles, what was learned before it counts."""
    while inquiry.request is not None:
        try:
            reply = await model.complete(inquiry.request)
            inquiry = inquiry.answered(reply.text, reply.tokens)
        except ModelGarbled:
            break
    return inquiry.facts
