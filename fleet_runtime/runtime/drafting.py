"""One free draft: asked for whole, or taken piece by piece and said as far as it is cleared. Judges nothing itself.

Under ``enforce`` a streamed draft is cut into sentences, and each is said when the guard has nothing against it; the
first that it objects to ends the draft. Under ``warn`` and ``off`` pieces are said as they come.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Protocol

from fleet_runtime.errors import ModelGarbled
from fleet_runtime.messages import ModelReply, ModelRequest
from fleet_runtime.records import Finding
from fleet_runtime.runtime.asking import Asking
from fleet_runtime.settings import GuardPolicy
from fleet_runtime.voicing.scene import Draft


class Objections(Protocol):
    """Reads a text, which follows ``after`` in the same reply."""

    def __call__(self, text: str, after: str = "") -> Awaitable[tuple[Finding, ...]]:
        """Return what the guard objects to."""
        ...


Tell = Callable[[str, str], None]
"""Takes a piece of text, and the role that says it."""


class Drafting:
    """Makes the drafts of one part; what it told cannot be taken back."""

    def __init__(  # noqa: PLR0913 - how the drafts of one part are made
        self,
        asking: Asking,
        role: str,
        *,
        policy: GuardPolicy,
        objections: Objections | None,
        tell: Tell | None,
        lead: str,
    ) -> None:
        """Make drafts for ``role``; with ``tell`` they are said while they come, the first after ``lead``."""
        self._asking = asking
        self._role = role
        self._policy = policy
        self._objections = objections
        self._tell = tell
        self._lead = lead
        self._told: str = ""
        self._blank: str = ""

    @property
    def told(self) -> str:
        """Return what was said, without blanks at its end."""
        return self._told

    def rest_of(self, text: str) -> str:
        """Return what of a part is still to be said, as it goes on from what was said; blanks do not count.

        What does not go on from there is said as a paragraph of its own.
        """
        if not self._told:
            return text
        said = iter("".join(self._told.split()))
        place = 0
        for letter in said:
            while place < len(text) and text[place].isspace():
                place += 1
            if place == len(text) or text[place] != letter:
                return f"\n\n{text}"
            place += 1
        rest = text[place:].rstrip()
        return rest if not rest or rest[0].isspace() else f" {rest}"

    async def draft(self, request: ModelRequest) -> Draft:
        """Make one draft.

        Raises: Paused; BudgetSpent; ModelError.
        """
        if self._tell is None:
            try:
                reply = await self._asking.complete(request, self._role)
            except ModelGarbled:
                if request.json_schema is None:
                    raise
                return Draft(reply=ModelReply(text="{"))  # what is no JSON is objected to as such
            return Draft(reply=reply, findings=await self._found(reply.text, reply))
        self._blank = self._blank or (" " if self._told else "")  # a further draft begins apart
        if self._policy == "enforce" and self._objections is not None:
            return await self._by_sentence(request)
        return await self._as_it_comes(request)

    async def _found(self, text: str, reply: ModelReply, after: str = "") -> tuple[Finding, ...]:
        """Read a draft; what calls tools is no reply yet."""
        if self._objections is None or reply.tool_calls or not text.strip():
            return ()
        return await self._objections(text, after)

    async def _as_it_comes(self, request: ModelRequest) -> Draft:
        """Say every piece at once."""
        whole = ModelReply(text="")
        async with aclosing(self._asking.stream(request, self._role)) as pieces:
            async for piece in pieces:
                if isinstance(piece, ModelReply):
                    whole = piece
                else:
                    self._say(piece)
        return Draft(reply=whole, released=whole.text, findings=await self._found(whole.text, whole))

    async def _by_sentence(self, request: ModelRequest) -> Draft:
        """Say each sentence as it is cleared; the first that is not ends the draft."""
        from fleet_runtime.guarding import SentenceCutter  # noqa: PLC0415 - loads where a guard is on

        cutter, released = SentenceCutter(), ""
        whole = ModelReply(text="")
        async with aclosing(self._asking.stream(request, self._role)) as pieces:
            async for piece in pieces:
                if isinstance(piece, ModelReply):
                    whole = piece
                    continue
                for sentence in cutter.feed(piece):
                    findings = await self._found(sentence, whole, released)
                    if findings:
                        return Draft(reply=ModelReply(text=released + sentence), released=released, findings=findings)
                    released += sentence
                    self._say(sentence)
        rest = cutter.rest()
        findings = await self._found(rest, ModelReply(text=rest), released)
        if not findings:
            self._say(rest)
            released += rest
        return Draft(reply=whole, released=released, findings=() if whole.tool_calls else findings)

    def _say(self, piece: str) -> None:
        """Say a piece; a part's first one is set apart from the part before, and blanks wait for what follows."""
        piece = self._blank + piece if self._told else piece.lstrip()
        said = piece.rstrip()
        self._blank = piece[len(said) :]
        if self._tell is None or not said:
            return
        self._tell(said if self._told else self._lead + said, self._role)
        self._told += said
