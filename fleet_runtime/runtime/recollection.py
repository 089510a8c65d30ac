"""What one turn remembers with: the account's rows, the index of its events, and the vectors of what was said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fleet_runtime.contracts import MemoryKey
from fleet_runtime.ports import Vector
from fleet_runtime.recall import EventIndex, read_question, recall
from fleet_runtime.records import AccountState, Learned, Recalled, Turn
from fleet_runtime.runtime.indexes import Indexes

_RECALLED = 6
_TURNS_BEFORE = 2


@dataclass(frozen=True)
class Recollection:
    """Recalls what bears on a text of one turn. Made by `recollect`."""

    turn: Turn
    state: AccountState
    index: EventIndex
    keys: Sequence[MemoryKey]
    vectors: Mapping[str, Vector] = field(default_factory=dict[str, Vector])

    def bearing_on(self, text: str, learned: Learned) -> tuple[Recalled, ...]:
        """Recall what bears on a text, without what this very message replaced."""
        gone = {fact.id for fact in learned.closed}
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

    def _before(self) -> tuple[str, ...]:
        """Return what was said last in this conversation, oldest first."""
        talk = [past for past in self.state.turns if past.reply and past.conversation == self.turn.conversation]
        return tuple(text for past in talk[-_TURNS_BEFORE:] if past.reply for text in (past.text, past.reply.text))


async def recollect(
    turn: Turn, state: AccountState, said: Sequence[str], *, indexes: Indexes, keys: Sequence[MemoryKey]
) -> Recollection:
    """Make a turn's recollection, with the vectors of what was ``said``, where there are any to compare them with.

    Raises: StoreError.
    """
    index = (await indexes.remembered(turn.key, turn.at)).events
    vectors = await indexes.vectors([text for text in said if text]) if index.rows.vectors else {}
    return Recollection(turn, state, index, keys, vectors)
