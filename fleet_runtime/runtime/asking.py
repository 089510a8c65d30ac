"""The one way from a turn to a model: the switch, the purse, the call, what it cost. Reads no answer."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from fleet_runtime.budget import Exhausted, Purse, cost_of
from fleet_runtime.errors import BudgetSpent, ModelError, ModelTimeout
from fleet_runtime.messages import ModelReply, ModelRequest, Usage
from fleet_runtime.ports import ModelClient
from fleet_runtime.runtime.course import Course, Timer
from fleet_runtime.runtime.switch import Switch
from fleet_runtime.settings import Settings
from fleet_runtime.signals import ModelAnswered, ModelAsked

_MOMENT = 0.1  # seconds; a call that ends so shortly before the turn's time is over ended for want of it


class Asking:
    """Asks the model for one turn, on all its hops: they share the purse."""

    def __init__(  # noqa: PLR0913 - what every call is held against
        self, model: ModelClient, course: Course, *, settings: Settings, purse: Purse, switch: Switch, timer: Timer
    ) -> None:
        """Keep what every call of the turn is held against; the turn's time begins now."""
        self._model = model
        self._course = course
        self._settings = settings
        self._purse = purse
        self._switch = switch
        self._timer = timer
        self._begun = timer()

    @property
    def elapsed(self) -> float:
        """Return the seconds since the turn began."""
        return self._timer() - self._begun

    async def complete(self, request: ModelRequest, role: str) -> ModelReply:
        """Ask for one whole answer.

        Raises: Paused; BudgetSpent; ModelError.
        """
        allowed, began = await self._allowed(request, role)
        try:
            reply = await self._model.complete(allowed)
        except ModelError as error:
            self._failed(allowed, role, began, error)
            raise
        except BaseException:
            self._purse.release(allowed)
            raise
        return self._answered(allowed, role, began, reply)

    async def stream(self, request: ModelRequest, role: str) -> AsyncGenerator[str | ModelReply]:
        """Give the pieces of an answer as they come, then the whole.

        Raises: Paused; BudgetSpent; ModelError.
        """
        allowed, began = await self._allowed(request, role)
        settled = False
        pieces = self._model.stream(allowed)
        try:
            async for piece in pieces:
                if isinstance(piece, ModelReply):
                    settled = True
                    yield self._answered(allowed, role, began, piece)
                else:
                    yield piece
        except ModelError as error:
            settled = True
            self._failed(allowed, role, began, error)
            raise
        finally:
            if isinstance(pieces, AsyncGenerator):
                await pieces.aclose()
            if not settled:  # broken off by the guard: what it cost is not told, so the worst is assumed
                self._told(allowed, role, began, self._forfeited(allowed), finish_reason="broken_off")

    async def _allowed(self, request: ModelRequest, role: str) -> tuple[ModelRequest, float]:
        """Look at the switch and the purse, and tell that the model is asked.

        Raises: Paused; BudgetSpent.
        """
        await self._switch.check()
        allowed = self._purse.allow(request, self._model.info.name, self.elapsed)
        if isinstance(allowed, Exhausted):
            self._course.exhausted = allowed.which
            raise BudgetSpent(allowed.message, hint="raise the budget in the settings, or ask again tomorrow")
        listen, turn_id = self._course.listen, self._course.turn.id
        listen(ModelAsked(turn_id, role=role, task=allowed.task, model=self._model.info.name))
        return allowed, self._timer()

    def _answered(self, request: ModelRequest, role: str, began: float, reply: ModelReply) -> ModelReply:
        """Price an answer, charge it, and tell of it."""
        usage = reply.usage
        if self._model.info.kind == "endpoint":
            usage = cost_of(usage, reply.model or self._model.info.name, self._settings.prices)
        self._purse.charge(request, usage)
        course = self._course
        course.usage = course.usage + usage
        course.model = reply.model or self._model.info.name
        self._told(request, role, began, usage, finish_reason=reply.finish_reason)
        return reply

    def _failed(self, request: ModelRequest, role: str, began: float, error: ModelError) -> None:
        """Settle what was reserved, and tell of the failure; what was too late may have been paid for all the same.

        Raises: BudgetSpent where the call had no more time because the turn has none.
        """
        late = isinstance(error, ModelTimeout)
        if not late:
            self._purse.release(request)
        usage = self._forfeited(request) if late else Usage()
        self._told(request, role, began, usage, error=error.code)
        limit = self._settings.turn_seconds
        if late and limit is not None and self.elapsed >= limit - _MOMENT:
            self._course.exhausted = "turn_seconds"
            raise BudgetSpent(f"the time of {limit:g} s for this turn is over", hint="raise turn_seconds") from error

    def _forfeited(self, request: ModelRequest) -> Usage:
        """Count a call whose cost nobody told, by its worst case."""
        usage = self._purse.forfeit(request, self._model.info.name)
        if self._model.info.kind != "endpoint":
            usage = usage.model_copy(update={"unpriced": 0})
        self._course.usage = self._course.usage + usage
        return usage

    def _told(  # noqa: PLR0913 - the fields of a signal
        self, request: ModelRequest, role: str, began: float, usage: Usage, *, finish_reason: str = "", error: str = ""
    ) -> None:
        """Tell that a call is over."""
        course, seconds = self._course, self._timer() - began
        course.listen(
            ModelAnswered(
                course.turn.id, role=role, task=request.task, model=course.model or self._model.info.name, usage=usage,
                finish_reason=finish_reason, seconds=seconds, error=error,
            )
        )  # fmt: skip
