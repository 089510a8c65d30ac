"""An agent: a role at work for one account. Accepts messages, and answers each exactly once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

import anyio

from fleet_runtime.contracts import Role
from fleet_runtime.errors import MessageError
from fleet_runtime.records import AccountKey, Part, Reply, RoleChange, Turn
from fleet_runtime.runtime.desk import Desk
from fleet_runtime.runtime.pins import Pins
from fleet_runtime.runtime.plain_text import refuse_bytes
from fleet_runtime.runtime.running import Runtime
from fleet_runtime.voicing.forms import sentences

MOST_CHARACTERS = 200_000
"""Longest message that is accepted."""


class Agent:
    """A running role, bound to one account and one conversation. Made by ``Fleet.spawn``."""

    def __init__(self, role: Role, key: AccountKey, conversation: str, runtime: Runtime) -> None:
        """Bind the role; nothing is read or written yet."""
        self.role = role
        self.account = key.account
        self.conversation = conversation
        self.last_reply: Reply | None = None
        self._key = key
        self._runtime = runtime

    async def ask(
        self,
        text: str,
        *,
        speaker: str | None = None,
        at: datetime | None = None,
        turn_id: str | None = None,
        conversation: str | None = None,
    ) -> Reply:
        """Accept a message and answer it.

        Args:
            text: what was said, up to `MOST_CHARACTERS` characters.
            speaker: who said it; "customer" if not told.
            at: when it was said; the fleet's clock if not told. A naive time is read as UTC.
            turn_id: the caller's own id. A repeated id is the same turn: its stored reply comes back.
            conversation: another conversation than the agent's own.

        Raises: MessageError, RoleChanged (nothing was stored); ModelError, AccountBusy, StoreError (the message
            stays accepted and is answered when the turn id is repeated, or at the next start).
        """
        turn = await self.accept(text, speaker=speaker, at=at, turn_id=turn_id, conversation=conversation)
        return await self.answer(turn)

    async def warm_up(self) -> None:
        """Have a local model read the role's contract and tasks, so that the first answer comes as quickly as the next.

        Optional; seconds on a CPU. Does nothing without a model or with a capable one.

        Raises: ModelError.
        """
        await self._runtime.warm_up(self.role)

    async def role_change(self) -> RoleChange | None:
        """Say how the role's contract differs from the one that this account was first answered under, or accepted.

        None if it is the same, or the account has not been answered by this role yet.

        Raises: StoreError.
        """
        changes = await self._pins().changes(self._key, self.role.role_class)
        return next(iter(changes), None)

    async def accept_role(self) -> RoleChange | None:
        """Accept the contract in force for this account, and return what changed by it; None if nothing did.

        Raises: StoreError.
        """
        changes = await self._pins().accept(self._key, self.role.role_class)
        return next(iter(changes), None)

    async def accept(
        self,
        text: str,
        *,
        speaker: str | None = None,
        at: datetime | None = None,
        turn_id: str | None = None,
        conversation: str | None = None,
    ) -> Turn:
        """Store a message; once this returns it is not lost. Arguments and errors as for `ask`."""
        turn = new_turn(
            self._runtime.desk, self._key, self.role.role_class, conversation or self.conversation, text,
            speaker=speaker, at=at, turn_id=turn_id,
        )  # fmt: skip
        return await self._runtime.accept(turn)

    async def answer(self, turn: Turn) -> Reply:
        """Answer an accepted turn, or return the reply that it already has. Errors as for `ask`."""
        self.last_reply = await self._runtime.run(turn)
        return self.last_reply

    async def stream(
        self, text: str, *, speaker: str | None = None, at: datetime | None = None, turn_id: str | None = None
    ) -> AsyncIterator[str]:
        """Give the reply sentence by sentence, each as soon as the guard has cleared it; see `last_reply` afterwards.

        A turn whose stream is abandoned is answered and committed all the same. Errors as for `ask`.
        """
        turn = await self.accept(text, speaker=speaker, at=at, turn_id=turn_id)
        async for piece in self.stream_answer(turn):
            yield piece

    async def stream_answer(self, turn: Turn) -> AsyncIterator[str]:
        """Stream the answer to an accepted turn, as `stream` does."""
        said, heard = anyio.create_memory_object_stream[Part](max_buffer_size=64)
        outcome = self._runtime.start(turn, said)
        spoken = 0
        async with heard:
            async for part in heard:
                for piece in pieces(part, first=spoken == 0):
                    yield piece
                spoken += 1
        self.last_reply = await outcome.get()
        if not spoken:
            for number, part in enumerate(self.last_reply.parts):
                for piece in pieces(part, first=number == 0):
                    yield piece

    def _pins(self) -> Pins:
        """Hold the account's pins against the contracts in force."""
        desk = self._runtime.desk
        return Pins(desk.store, desk.words.contracts, desk.clock)


def pieces(part: Part, *, first: bool) -> list[str]:
    """Cut a part into sentences whose join is the part's text, set apart by an empty line from a part before it."""
    cut = ["" if first else "\n\n"]
    begin = 0
    for sentence in sentences(part.text):
        end = part.text.index(sentence, begin) + len(sentence)
        cut.append(part.text[begin:end])
        begin = end
    lead, *rest = (*cut, part.text[begin:])
    return [piece for piece in (lead + rest[0], *rest[1:]) if piece]


def new_turn(  # noqa: PLR0913 - the fields of a turn
    desk: Desk,
    key: AccountKey,
    role_class: str,
    conversation: str,
    text: str,
    *,
    speaker: str | None,
    at: datetime | None,
    turn_id: str | None,
) -> Turn:
    """Make a turn of a message that can be kept.

    Raises: MessageError for an empty or too long message, NUL bytes, lone surrogates, or an empty id.
    """
    if not text.strip():
        raise MessageError("the message is empty", hint="say something")
    if len(text) > MOST_CHARACTERS:
        raise MessageError(
            f"the message has {len(text):,} characters, more than {MOST_CHARACTERS:,}",
            hint="send the essential part; record long documents as events",
        )
    for name, value in (
        ("message", text),
        ("speaker", speaker or ""),
        ("turn id", turn_id or ""),
        ("conversation", conversation),
    ):
        refuse_bytes(name, value)
    if turn_id is not None and not turn_id.strip():
        raise MessageError("the turn id is empty", hint="leave it out, or give an id of your own")
    return Turn(
        id=turn_id or desk.new_id(),
        key=key,
        conversation=conversation,
        role=role_class,
        speaker=speaker or "customer",
        at=at or desk.clock(),
        text=text,
    )
