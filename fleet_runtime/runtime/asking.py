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
                self._course.usage = self._course.usage + self._purse.forfeit(allowed, self._model.info.name)

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
        seconds = self._timer() - began
        course.listen(
            ModelAnswered(
                course.turn.id, role=role, task=request.task, model=course.model, usage=usage,
                finish_reason=reply.finish_reason, seconds=seconds,
            )
        )  # fmt: skip
        return reply

    def _failed(self, request: ModelRequest, role: str, began: float, error: ModelError) -> None:
        """Settle what was reserved, and tell of the failure; what was too late may have been paid for all the same."""
        if isinstance(error, ModelTimeout):
            self._course.usage = self._course.usage + self._purse.forfeit(request, self._model.info.name)
        else:
            self._purse.release(request)
        course, seconds = self._course, self._timer() - began
        course.listen(
            ModelAnswered(
                course.turn.id, role=role, task=request.task, model=self._model.info.name, usage=Usage(),
                finish_reason="", seconds=seconds, error=error.code,
            )
        )  # fmt: skip
