"""Fulfils what routing asks for: embeds the contracts once and each message once, then lets `route` decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fleet_runtime.contracts import Staff
from fleet_runtime.decisions import Decision
from fleet_runtime.ports import Embedder
from fleet_runtime.routing import RouteQuery, RoutingIndex, VectorTable, build_index, route
from fleet_runtime.voicing.forms import sentences

_SHORTEST_SENTENCE = 4  # words below which a sentence is no matter of its own


@dataclass(frozen=True)
class Routed:
    """A decision, and how the message falls apart: what goes with the decision, and what stays with the active role."""

    decision: Decision
    moved: str
    kept: str


class Dispatcher:
    """Decides who takes a message; the same for the front door, a conversation, and every hand-off."""

    def __init__(self, staff: Staff, embedder: Embedder | None) -> None:
        """Compile the contracts into rules and passages; nothing is embedded yet."""
        self._index: RoutingIndex = build_index(staff)
        self._embedder = embedder
        self._vectors: VectorTable | None = None

    async def decide(
        self,
        text: str,
        *,
        active_role: str | None = None,
        addressed: str | None = None,
        history: Sequence[str] = (),
        decision_id: str,
    ) -> Decision:
        """Decide about one message. The boundary rules of whoever is nominated always apply."""
        query = RouteQuery(text=text, active_role=active_role, addressed=addressed, history=tuple(history))
        if self._embedder is None:
            return route(query, self._index, decision_id=decision_id)
        if self._vectors is None:
            self._vectors = VectorTable(await self._embedder.embed(self._index.texts()))
        vectors = tuple(await self._embedder.embed(query.texts()))
        query = query.model_copy(update={"message_vectors": vectors})
        return route(query, self._index, vectors=self._vectors, decision_id=decision_id)

    async def split(self, text: str, *, active_role: str, history: Sequence[str], decision_id: str) -> Routed:
        """Decide, and keep with the active role the sentences that are its own although another was hit."""
        decision = await self.decide(text, active_role=active_role, history=history, decision_id=decision_id)
        pieces = sentences(text)
        if decision.verdict not in {"hand_off", "decline"} or len(pieces) == 1:
            return Routed(decision=decision, moved=text, kept="")
        moved: list[str] = []
        kept: list[str] = []
        for number, piece in enumerate(pieces):
            if len(piece.split()) < _SHORTEST_SENTENCE:
                continue
            own = await self.decide(piece, active_role=active_role, decision_id=f"{decision_id}:{number}")
            same = (own.verdict, own.choice) == (decision.verdict, decision.choice)
            (moved if same else kept).append(piece)
        return Routed(decision=decision, moved=" ".join(moved) or text, kept=" ".join(kept) if moved else "")
