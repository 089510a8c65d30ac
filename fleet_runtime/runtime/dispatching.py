"""Fulfils what routing asks for: vectors of contracts and messages, and where it was earned, a model's choice.

`route` decides; this asks. Where a boundary decided, no model is asked, and a model that fails changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from fleet_runtime.decisions import Decision
from fleet_runtime.errors import ModelError, ModelGarbled, ModelTimeout
from fleet_runtime.ports import Clock, Embedder, ModelClient, Vector
from fleet_runtime.prompting import PromptBook
from fleet_runtime.routing import RouteQuery, RoutingIndex, VectorTable, route
from fleet_runtime.routing.adjudicating import Opinion, adjudicated, chosen, options, question, unsure
from fleet_runtime.routing.index import NOBODY
from fleet_runtime.routing.passing import is_clear_refusal
from fleet_runtime.runtime.stages import Routed
from fleet_runtime.voicing.forms import sentences

Timer = Callable[[], float]
"""Gives seconds that only ever go up; where they begin is of no matter."""

_SHORTEST_SENTENCE = 4  # words below which a sentence is no matter of its own


@dataclass(frozen=True)
class Adjudicator:
    """A model that may choose where the local confidence is below ``cut``, and the words to ask it with."""

    model: ModelClient
    book: PromptBook
    cut: float


class Dispatcher:
    """Decides who takes a message; the same for the front door, a conversation, and every hand-off.

    ``adjudicator`` is the model that earned to be asked, or None; it may be set anew between two decisions.
    """

    def __init__(
        self,
        index: RoutingIndex,
        embedder: Embedder | None,
        *,
        clock: Clock,
        timer: Timer,
        adjudicator: Adjudicator | None = None,
    ) -> None:
        """Keep the staff's contracts as rules and passages; nothing is embedded and nobody asked yet."""
        self.adjudicator = adjudicator
        self._index = index
        self._embedder = embedder
        self._vectors: VectorTable | None = None
        self._clock = clock
        self._timer = timer

    async def prepare(self) -> None:
        """Make the vectors of the contracts, if there is an encoder; the first decision does it too."""
        if self._embedder is not None and self._vectors is None:
            vectors = await self._embedder.embed(self._index.texts())
            self._vectors = VectorTable(vectors, encoder=self._embedder.name)

    async def decide(
        self,
        text: str,
        *,
        active_role: str | None = None,
        addressed: str | None = None,
        history: Sequence[str] = (),
        decision_id: str,
    ) -> Decision:
        """Decide about one message. The boundary rules of whoever is nominated always apply.

        Where the adjudicator is asked and fails, the local decision stands and its reason says so.

        Raises: PromptError if the project's own template for the question is broken.
        """
        query = RouteQuery(text=text, active_role=active_role, addressed=addressed, history=tuple(history))
        return (await self._decided(query, decision_id))[0]

    async def opinions(self, query: RouteQuery, judge: Adjudicator, *, decision_id: str) -> tuple[Decision, Decision]:
        """Decide twice, to compare: without a model, and as ``judge`` has it, whatever the adjudicator in force.

        Where ``judge`` need not be asked both are the same object. An answer that is late or unreadable leaves the
        local decision standing.

        Raises: ModelUnreachable, ModelRefused and other ModelErrors; PromptError.
        """
        await self.prepare()
        begun = self._timer()
        query = await self._embedded(query)
        decision = self._local(query, decision_id)
        local = self._stamped(decision, begun)
        if not unsure(decision, judge.cut):
            return local, local
        judged = await self._judged(decision, query, judge, forgiven=(ModelTimeout, ModelGarbled))
        return local, self._stamped(judged, begun)

    async def split(self, text: str, *, active_role: str, history: Sequence[str], decision_id: str) -> Routed:
        """Decide, and keep with the active role the sentences that are its own although another was hit.

        A sentence that a boundary clearly refuses moves even if the rest of the message is the role's own.
        What a model chose it chose for the whole message.
        """
        query = RouteQuery(text=text, active_role=active_role, history=tuple(history))
        decision, query = await self._decided(query, decision_id)
        known = dict(zip(query.texts(), query.message_vectors, strict=False))  # by words there are none
        pieces = sentences(text)
        if decision.stage == "adjudication" or len(pieces) == 1:
            return Routed(decision=decision, moved=text, kept="")
        alone: dict[str, Decision] = {}
        for number, piece in enumerate(pieces):
            if len(piece.split()) >= _SHORTEST_SENTENCE:
                part = await self._embedded(RouteQuery(text=piece, active_role=active_role), known)
                alone[piece] = self._local(part, f"{decision_id}:{number}")
        if decision.verdict == "keep":
            refused = (one for one in alone.values() if is_clear_refusal(one, active_role, self._onward))
            own = next(refused, None)
            if own is None:
                return Routed(decision=decision, moved=text, kept="")
            stamp = {"id": decision.id, "at": decision.at, "seconds": decision.seconds, "usage": decision.usage}
            decision = own.model_copy(update=stamp)
        if decision.verdict not in {"hand_off", "decline"}:
            return Routed(decision=decision, moved=text, kept="")
        moved: list[str] = []
        kept: list[str] = []
        for piece, one in alone.items():
            same = (one.verdict, one.choice) == (decision.verdict, decision.choice)
            (moved if same else kept).append(piece)
        return Routed(decision=decision, moved=" ".join(moved) or text, kept=" ".join(kept) if moved else "")

    @property
    def _onward(self) -> float:
        """Return how clear a refusal must be to be applied to a part of a message, or to one that was passed on."""
        weights = self._index.weights
        return (weights.words_only if self._vectors is None else weights.with_vectors).onward

    async def _decided(self, query: RouteQuery, decision_id: str) -> tuple[Decision, RouteQuery]:
        """Decide as `decide` does; return the query too, with its vectors."""
        await self.prepare()
        begun = self._timer()
        query = await self._embedded(query)
        decision = self._local(query, decision_id)
        judge = self.adjudicator
        if judge is not None and unsure(decision, judge.cut):
            decision = await self._judged(decision, query, judge, forgiven=(ModelError,))
        return self._stamped(decision, begun), query

    async def _embedded(self, query: RouteQuery, known: Mapping[str, Vector] | None = None) -> RouteQuery:
        """Give a query its vectors; those of texts that are ``known`` are not made again."""
        await self.prepare()
        if self._embedder is None:
            return query
        found = dict(known or {})
        missing = [text for text in dict.fromkeys(query.texts()) if text not in found]
        found.update(zip(missing, await self._embedder.embed(missing), strict=True))
        return query.model_copy(update={"message_vectors": tuple(found[text] for text in query.texts())})

    def _local(self, query: RouteQuery, decision_id: str) -> Decision:
        """Decide without a model."""
        return route(query, self._index, vectors=self._vectors, decision_id=decision_id)

    async def _judged(
        self, local: Decision, query: RouteQuery, judge: Adjudicator, *, forgiven: tuple[type[ModelError], ...]
    ) -> Decision:
        """Have a model choose, and its choice checked: routed again with the choice addressed, all rules in force.

        Raises: a ModelError that is not ``forgiven``; PromptError.
        """
        name = judge.model.info.name
        try:
            reply = await judge.model.complete(question(local, query, self._index, judge.book))
        except forgiven as error:
            return adjudicated(local, Opinion(model=name, failure=error.code))
        choice = chosen(reply.text, options(local))
        opinion = Opinion(model=name, choice=choice, usage=reply.usage)
        if choice is None or choice == NOBODY:
            return adjudicated(local, opinion)
        check = self._local(query.model_copy(update={"addressed": choice}), local.id)
        return adjudicated(local, opinion, check)

    def _stamped(self, decision: Decision, begun: float) -> Decision:
        """Say when it was decided and how long that took."""
        return decision.model_copy(update={"at": self._clock(), "seconds": round(self._timer() - begun, 6)})

    async def refusal(self, text: str, role: str, *, history: Sequence[str] = (), decision_id: str) -> Decision | None:
        """Hold a text against a role's own boundaries, the same for a packet that reaches it and for its own claims.

        No model is asked. Returns the decision if a boundary of ``role`` clearly refuses the text (as clearly as it
        takes to pass a message further), else None: then the role may go on with it. An address written into the text
        nominates nobody here.
        """
        begun = self._timer()
        for piece in dict.fromkeys((text, *sentences(text))):  # what is said around a sentence does not cover it
            query = RouteQuery(text=piece, active_role=role, addressed=role, history=tuple(history))
            query = await self._embedded(query)
            decision = self._local(query, decision_id)
            if is_clear_refusal(decision, role, self._onward):
                return self._stamped(decision, begun)
        return None
