"""One message put to a model after the rules have read it: what to ask, what to ask next, and what was learned.

Which questions a model gets depends on what it can do. A ``free`` one writes the list of facts (`by_schema`); an
``assisted`` one, which is too small for that, labels the pieces that code has found (`labelling`). Sends nothing:
whoever holds the model fulfils ``request`` and calls `Inquiry.answered` until there is none left.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

from fleet_runtime.contracts import MemoryKey, Value
from fleet_runtime.learning.by_schema import extraction_request, facts_from_answer, worth_asking
from fleet_runtime.learning.labelling import LearnPrompts, label_request, labelled, open_labels, read_labels
from fleet_runtime.learning.ledger import facts_at
from fleet_runtime.learning.pieces import Known, Piece, pieces
from fleet_runtime.messages import ModelRequest, Token
from fleet_runtime.records import AccountState, Event, Fact

LOOKED_BACK = 20
"""How many of the events before a message are known with it."""

_INSTANT = timedelta.resolution


class Inquiry(Value):
    """A message under inquiry. ``request`` is the next thing to ask, None when all is known; ``facts`` the outcome."""

    event: Event
    keys: tuple[MemoryKey, ...]
    prompts: LearnPrompts
    found: tuple[Fact, ...] = ()
    known: Known = Known()
    pieces: tuple[Piece, ...] = ()
    request: ModelRequest | None = None
    facts: tuple[Fact, ...] = ()

    def answered(self, answer: str, tokens: Sequence[Token] = ()) -> Inquiry:
        """Take in the answer to ``request``.

        Args:
            answer: The model's text.
            tokens: Its tokens with their chances; an assisted model's labels count by them.

        Raises:
            ModelGarbled: The answer has not the asked form. What was learned before it stays in ``facts``.
        """
        request = self.request
        if request is None:
            return self
        if self.prompts.voice == "free":
            facts = facts_from_answer(answer, self.event, self.keys, self.prompts.few_shot)
            return self._with(facts)
        labels = read_labels(answer, open_labels(self.pieces), tokens)
        return self._with(labelled(self.event, self.pieces, labels))

    def _with(self, facts: Sequence[Fact]) -> Inquiry:
        """Return the finished inquiry; what the rules have read is not read again."""
        read = {(fact.subject, fact.key) for fact in self.found}
        news = tuple(fact for fact in facts if (fact.subject, fact.key) not in read)
        return self.model_copy(update={"facts": news, "request": None})


def inquire(
    event: Event,
    keys: Sequence[MemoryKey],
    prompts: LearnPrompts,
    *,
    found: Sequence[Fact] = (),
    known: Known | None = None,
) -> Inquiry:
    """Begin an inquiry; its ``request`` is None if the message is not worth a question.

    Args:
        event: What was said.
        keys: The declared keys.
        prompts: What the model can do (`ModelInfo.voice`), the system message and the examples.
        found: What the rules took from this message.
        known: What was known before it.
    """
    known = known or Known()
    start = Inquiry(event=event, keys=tuple(keys), prompts=prompts, found=tuple(found), known=known)
    if prompts.voice == "free":
        if not worth_asking(event, found):
            return start
        request = extraction_request(event, keys, system=prompts.system, few_shot=prompts.few_shot)
        return start.model_copy(update={"request": request})
    proposed = _unread(event, keys, found, known)
    if not proposed:
        return start
    request = label_request(event, proposed, keys, prompts, known)
    return start.model_copy(update={"request": request, "pieces": proposed})


def awaits_learning(
    event: Event,
    state: AccountState,
    keys: Sequence[MemoryKey],
    voice: Literal["free", "assisted"],
    *,
    found: Sequence[Fact] = (),
) -> bool:
    """Tell whether a model of that voice is to be asked about a message: just then `inquire` has a request.

    Args:
        event: What was said.
        state: The account's rows; what came with the event or after it may be among them.
        keys: The declared keys.
        voice: What the model can do.
        found: What the rules took from this message.
    """
    if voice == "free":
        return worth_asking(event, found)
    return bool(_unread(event, keys, found, known_before(event, state)))


def known_before(event: Event, state: AccountState) -> Known:
    """Return what was known the moment before a message came.

    Args:
        event: What was said.
        state: The account's rows, events oldest first.
    """
    at = bisect_left(state.events, (event.at, event.id), key=lambda one: (one.at, one.id))
    moment = event.at - _INSTANT
    holding = facts_at(state.facts, now=moment, as_of=moment, known_at=moment)
    return Known(before=state.events[max(at - LOOKED_BACK, 0) : at], holding=holding, account=state.key.account)


def _unread(event: Event, keys: Sequence[MemoryKey], found: Sequence[Fact], known: Known) -> tuple[Piece, ...]:
    """Return the pieces of a message from which the rules took no fact."""
    return tuple(piece for piece in pieces(event, keys, known) if not any(_reads(fact, piece) for fact in found))


def _reads(fact: Fact, piece: Piece) -> bool:
    """Tell whether a fact was taken from a piece."""
    return piece.text in fact.quote and fact.value in {piece.value, piece.text}
