"""The memory stage: reads a message against the account, recalls what bears on it. Loads only where memory is on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from fleet_runtime.briefing import brief
from fleet_runtime.contracts import MemoryKey
from fleet_runtime.learning import awaits_learning, facts_at, learn
from fleet_runtime.ports import Vector
from fleet_runtime.recall import EventIndex, read_question, recall, say_fact, say_value
from fleet_runtime.records import AccountState, Fact, Learned, Recalled, Turn
from fleet_runtime.runtime.desk import Desk
from fleet_runtime.runtime.indexes import Indexes
from fleet_runtime.runtime.scenes import message_event
from fleet_runtime.voicing.scene import Noted

GOAL_KEY = "primary_goal"
COMMITMENT_KEY = "commitment"
_RECALLED = 6
_TURNS_BEFORE = 2
_CITED = 3
_BEARS = 0.4  # a message that asks for something else names a fact's key with this score; an answer needs more


class TurnMemory:
    """Remembers for turns."""

    def __init__(self, desk: Desk, indexes: Indexes) -> None:
        """Keep the desk and the indexes of events."""
        self._desk = desk
        self._indexes = indexes

    async def remember(self, turn: Turn, state: AccountState, said: Sequence[str]) -> Recollection:
        """Read the message against the account, with the vectors of what was ``said`` where there are any to compare.

        Raises: StoreError.
        """
        keys = self._desk.memory_keys
        learned = learn(state, (message_event(turn),), keys)
        index = (await self._indexes.remembered(turn.key, turn.at)).events
        vectors = await self._indexes.vectors([text for text in said if text]) if index.rows.vectors else {}
        return Recollection(self._desk, turn, state, index, keys, learned, vectors)


@dataclass(frozen=True)
class Recollection:
    """What one turn remembers with. Made by `TurnMemory.remember`."""

    desk: Desk
    turn: Turn
    state: AccountState
    index: EventIndex
    keys: Sequence[MemoryKey]
    learned: Learned
    vectors: Mapping[str, Vector] = field(default_factory=dict[str, Vector])

    def bearing_on(self, text: str) -> tuple[Recalled, ...]:
        """Recall what bears on a text, without what this very message replaced."""
        gone = {fact.id for fact in self.learned.closed}
        ranked = recall(
            self.index,
            [fact for fact in self.state.facts if fact.known_to is None],
            self.state.commitments,
            read_question(text, self.index.present(self.turn.at), before=self._before()),
            keys=self.keys,
            now=self.turn.at,
            limit=_RECALLED,
            vector=self.vectors.get(text),
        )
        wanted = set(ranked.wanted)
        told = ranked.tell({event.id: event for event in self.state.events if event.id in wanted})
        return tuple(item for item in told if item.fact_id not in gone)

    def cited(self, text: str) -> tuple[str, ...]:
        """Return the ids of the facts that bear on a text, best first; a packet cites a few and no more."""
        facts = (
            item
            for item in self.bearing_on(text)
            if item.fact_id and item.key != COMMITMENT_KEY and item.score >= _BEARS
        )
        return tuple(dict.fromkeys(item.fact_id for item in facts))[:_CITED]

    def brief(self) -> str:
        """Return the account's brief as of the message."""
        return brief(self.state, keys=self.keys, as_of=self.turn.at).markdown()

    def against(self, state: AccountState) -> Recollection:
        """Learn anew against a record that moved on meanwhile."""
        return replace(self, state=state, learned=learn(state, (message_event(self.turn),), self.keys))

    @property
    def noted(self) -> tuple[Noted, ...]:
        """Say what this message put on record, with the value that held until now."""
        before = {fact.key: fact for fact in self.learned.superseded}
        return tuple(
            Noted(key=fact.key, sentence=self._change(fact, before.get(fact.key))) for fact in self.learned.news
        )

    @property
    def goal(self) -> str:
        """Return the goal on record, or nothing."""
        valid = facts_at(self.state.facts, now=self.turn.at)
        return next((fact.value for fact in valid if fact.key == GOAL_KEY and fact.value), "")

    @property
    def later(self) -> bool:
        """Tell whether a model is to read the message when it is quiet."""
        learner = self.desk.learner
        return learner is not None and awaits_learning(
            message_event(self.turn), self.state, self.keys, learner.info.voice, found=self.learned.news
        )

    def _change(self, fact: Fact, before: Fact | None) -> str:
        """Say one new fact, and what it replaces."""
        said = say_fact(fact, self.keys)
        if before is None or before.value == fact.value:
            return said
        key = next((key for key in self.keys if key.name == before.key), None)
        was = say_value(before.value or "", key.kind if key else "text")
        return f"{said.rstrip('.')} (until now: {was})."

    def _before(self) -> tuple[str, ...]:
        """Return what was said last in this conversation, oldest first."""
        talk = [past for past in self.state.turns if past.reply and past.conversation == self.turn.conversation]
        return tuple(text for past in talk[-_TURNS_BEFORE:] if past.reply for text in (past.text, past.reply.text))
