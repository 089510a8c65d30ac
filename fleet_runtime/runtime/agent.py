"""An agent: a role at work for one account. Accepts messages, and answers each exactly once."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any, TypeVar, overload

import anyio
from pydantic import BaseModel

from fleet_runtime.contracts import Role
from fleet_runtime.errors import MessageError, OutputInvalid
from fleet_runtime.records import AccountKey, Part, Reply, RoleChange, Turn
from fleet_runtime.runtime.desk import Desk
from fleet_runtime.runtime.pins import Pins
from fleet_runtime.runtime.plain_text import refuse_bytes
from fleet_runtime.runtime.running import Runtime
from fleet_runtime.signals import Signal, TextReleased, TurnDone

Output = TypeVar("Output", bound=BaseModel)

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

    @overload
    async def ask(
        self, text: str, *, speaker: str | None = ..., at: datetime | None = ..., turn_id: str | None = ...,
        conversation: str | None = ..., tools: Sequence[str] | None = ..., output: None = ...,
    ) -> Reply: ...  # fmt: skip

    @overload
    async def ask(
        self, text: str, *, speaker: str | None = ..., at: datetime | None = ..., turn_id: str | None = ...,
        conversation: str | None = ..., tools: Sequence[str] | None = ..., output: type[Output],
    ) -> Output: ...  # fmt: skip

    async def ask(  # noqa: PLR0913 - the fields of a turn
        self,
        text: str,
        *,
        speaker: str | None = None,
        at: datetime | None = None,
        turn_id: str | None = None,
        conversation: str | None = None,
        tools: Sequence[str] | None = None,
        output: type[Output] | None = None,
    ) -> Reply | Output:
        """Accept a message and answer it.

        Args:
            text: what was said, up to `MOST_CHARACTERS` characters.
            speaker: who said it; "customer" if not told.
            at: when it was said; the fleet's clock if not told. A naive time is read as UTC.
            turn_id: the caller's own id. A repeated id is the same turn: its stored reply comes back.
            conversation: another conversation than the agent's own.
            tools: names of the only tools that this turn may use, whoever works on it; default those of the roles.
            output: a pydantic model; then an object of it is returned, and `last_reply` is the reply around it.

        Raises: MessageError, RoleChanged (nothing was stored); ModelError, OutputInvalid, Paused, AccountBusy,
            StoreError (the message stays accepted and is answered when the turn id is repeated, or at the next start).
        """
        if output is not None:
            return await self._ask_for(
                output, text, speaker=speaker, at=at, turn_id=turn_id, conversation=conversation, tools=tools
            )
        turn = await self.accept(text, speaker=speaker, at=at, turn_id=turn_id, conversation=conversation, tools=tools)
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

    async def accept(  # noqa: PLR0913 - the fields of a turn
        self,
        text: str,
        *,
        speaker: str | None = None,
        at: datetime | None = None,
        turn_id: str | None = None,
        conversation: str | None = None,
        tools: Sequence[str] | None = None,
    ) -> Turn:
        """Store a message; once this returns it is not lost. Arguments and errors as for `ask`."""
        turn = new_turn(
            self._runtime.desk, self._key, self.role.role_class, conversation or self.conversation, text,
            speaker=speaker, at=at, turn_id=turn_id, tools=tools,
        )  # fmt: skip
        return await self._runtime.accept(turn, fresh=turn_id is None)

    async def answer(self, turn: Turn) -> Reply:
        """Answer an accepted turn, or return the reply that it already has. Errors as for `ask`."""
        self.last_reply = await self._runtime.run(turn)
        return self.last_reply

    async def stream(  # noqa: PLR0913 - the fields of a turn
        self,
        text: str,
        *,
        speaker: str | None = None,
        at: datetime | None = None,
        turn_id: str | None = None,
        conversation: str | None = None,
        tools: Sequence[str] | None = None,
    ) -> AsyncIterator[Signal]:
        """Give what happens in the turn as it happens: signals, the last one a `TurnDone` with the reply.

        Text comes as `TextReleased`; under the guard policy ``enforce`` sentence by sentence, each once it is cleared,
        and what was given is never taken back. A turn whose stream is abandoned is answered and committed all the
        same. Arguments and errors as for `ask`.
        """
        turn = new_turn(
            self._runtime.desk, self._key, self.role.role_class, conversation or self.conversation, text,
            speaker=speaker, at=at, turn_id=turn_id, tools=tools,
        )  # fmt: skip
        accepted = await self._runtime.accept(turn, fresh=turn_id is None, streams=True)
        async for signal in self.stream_answer(accepted):
            yield signal

    async def stream_text(
        self, text: str, *, speaker: str | None = None, at: datetime | None = None, turn_id: str | None = None
    ) -> AsyncIterator[str]:
        """Give the reply's text piece by piece, and nothing else; otherwise as `stream`."""
        async for signal in self.stream(text, speaker=speaker, at=at, turn_id=turn_id):
            if isinstance(signal, TextReleased):
                yield signal.text

    async def stream_answer(self, turn: Turn) -> AsyncIterator[Signal]:
        """Stream the answer to an accepted turn, as `stream` does."""
        told, heard = anyio.create_memory_object_stream[Signal](max_buffer_size=math.inf)
        outcome = self._runtime.start(turn, told)
        answered = False
        async with heard:
            async for signal in heard:
                answered = answered or isinstance(signal, TurnDone)
                yield signal
        self.last_reply = await outcome.get()
        if not answered:  # it was answered before, here or by another process
            for number, part in enumerate(self.last_reply.parts):
                for piece in pieces(part, first=number == 0):
                    yield TextReleased(turn.id, role=part.role, text=piece)
            yield TurnDone(turn.id, reply=self.last_reply)

    async def _ask_for(  # noqa: PLR0913 - the fields of a turn
        self,
        output: type[Output],
        text: str,
        *,
        speaker: str | None,
        at: datetime | None,
        turn_id: str | None,
        conversation: str | None,
        tools: Sequence[str] | None,
    ) -> Output:
        """Ask for an object; what the type itself objects to goes back to the model."""
        from fleet_runtime.outputs import read_output, schema_of  # noqa: PLC0415 - loads when an object is wanted

        turn = new_turn(
            self._runtime.desk, self._key, self.role.role_class, conversation or self.conversation, text,
            speaker=speaker, at=at, turn_id=turn_id, tools=tools, output_schema=schema_of(output),
        )  # fmt: skip
        accepted = await self._runtime.accept(turn, fresh=turn_id is None)

        def complaint(answer: str) -> str | None:
            found = read_output(answer, output)
            return found if isinstance(found, str) else None

        self.last_reply = await self._runtime.run(accepted, complaint=complaint)
        found = read_output(self.last_reply.text, output)
        if isinstance(found, str):
            raise OutputInvalid(
                f"{self.last_reply.role}: the reply is no {output.__name__}: {found}",
                hint="the role may not do what was asked, or another type was asked for under this turn id",
                answer=self.last_reply.text,
            )
        return found

    def _pins(self) -> Pins:
        """Hold the account's pins against the contracts in force."""
        desk = self._runtime.desk
        return Pins(desk.store, desk.words.contracts, desk.clock)


def pieces(part: Part, *, first: bool) -> list[str]:
    """Cut a part into sentences whose join is the part's text, set apart by an empty line from a part before it."""
    from fleet_runtime.voicing.forms import sentences  # noqa: PLC0415 - loads when something is read out again

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
    tools: Sequence[str] | None = None,
    output_schema: dict[str, Any] | None = None,
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
        grant=None if tools is None else tuple(tools),
        output_schema=output_schema,
    )
