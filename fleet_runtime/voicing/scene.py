"""What a voice is given for one reply, and what it gives back. Values only."""

from __future__ import annotations

from collections.abc import Generator
from typing import Generic, TypeVar

from fleet_runtime.contracts import Role, Value
from fleet_runtime.decisions import Decision
from fleet_runtime.messages import ModelReply, ModelRequest, ToolCall
from fleet_runtime.records import Finding, HandOff, Moment, Part, Recalled, ToolResult


class Noted(Value):
    """One fact put on record by this message: its key, and the plain sentence that says it."""

    key: str
    sentence: str


class Scene(Value):
    """Everything that one role may look at when it answers one message.

    ``system`` is the compiled contract; ``text`` the message (what is left of it after a hand-off);
    ``account`` the id of the customer's account;
    ``heard`` the account's former replies, oldest first; ``tail`` the compiled volatile prompt of the
    free voice; ``titles`` say classes as people do ("support agent"); ``conversation_so_far`` holds
    (customer, reply) pairs, oldest first, and ``earlier`` a digest of those before them.
    """

    role: Role
    system: str
    tail: str = ""
    decision: Decision
    text: str
    speaker: str
    account: str = ""
    at: Moment
    first_contact: bool = False
    recalled: tuple[Recalled, ...] = ()
    noted: tuple[Noted, ...] = ()
    goal: str = ""
    hand_offs: tuple[HandOff, ...] = ()
    titles: dict[str, str] = {}
    heard: tuple[str, ...] = ()
    earlier: str = ""
    conversation_so_far: tuple[tuple[str, str], ...] = ()
    evidence: tuple[str, ...] = ()

    @property
    def packet(self) -> HandOff | None:
        """Return the packet that brought the message to this role, if it was handed over."""
        return next((packet for packet in self.hand_offs if packet.to_role == self.role.role_class), None)


class Voiced(Value):
    """What a voice came to: the part to be said, and what the guard objected to on the way."""

    part: Part
    findings: tuple[Finding, ...] = ()


class Draft(Value):
    """What a model answered to a free voice.

    ``findings`` are what the guard objects to in it. ``released`` is what of it was said already, where it was
    streamed: sentences that are cleared, and cannot be taken back.
    """

    reply: ModelReply
    released: str = ""
    findings: tuple[Finding, ...] = ()


class UseTools(Value):
    """Wants tools used; ``said`` is what the model wrote beside its calls."""

    said: str
    calls: tuple[ToolCall, ...]


class ToolsUsed(Value):
    """One result a call, in the calls' order. ``ended``: nothing more is to be said by this role in this turn."""

    results: tuple[ToolResult, ...]
    ended: bool = False


Voice = Generator[ModelRequest, ModelReply | None, Voiced]
"""Asks for model answers one by one; None as an answer means that the model gave none, and the voice composes."""

FreeVoice = Generator[ModelRequest | UseTools, Draft | ToolsUsed | None, Voiced]
"""A voice whose drafts are read by the guard, and which may have tools used; None means that nothing more is given."""

_Request = TypeVar("_Request")
_Answer = TypeVar("_Answer")


class Speaking(Generic[_Request, _Answer]):
    """A voice at work: ``request`` is what it waits for (None when it has spoken), ``result`` what it came to."""

    def __init__(self, voice: Generator[_Request, _Answer | None, Voiced]) -> None:
        """Begin, up to the voice's first request."""
        self._voice = voice
        self._result: Voiced | None = None
        self.request: _Request | None = None
        self.answer(None)

    def answer(self, reply: _Answer | None) -> None:
        """Give the voice its answer, and go on to its next request or its end."""
        try:
            self.request = self._voice.send(reply)
        except StopIteration as finished:
            self.request = None
            self._result = finished.value

    @property
    def result(self) -> Voiced:
        """Return what was spoken.

        Raises: RuntimeError while the voice still waits for an answer.
        """
        if self._result is None:
            raise RuntimeError("the voice still waits for an answer")
        return self._result
