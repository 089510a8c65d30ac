"""A circuit breaker around a model: after several failures in a row its endpoint is left alone for a while.

Asking an endpoint that is down costs every turn its whole patience, and keeps the endpoint down. Only silence and
failure count: a refusal or a garbled answer shows that somebody is there. It repeats nothing and falls back on nothing.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import contextmanager
from enum import Enum

from fleet_runtime.errors import ModelError, ModelTimeout, ModelUnreachable
from fleet_runtime.messages import ModelInfo, ModelReply, ModelRequest
from fleet_runtime.models.streams import streaming
from fleet_runtime.ports import ModelClient


class Circuit(Enum):
    """What becomes of a request: it is asked (closed), refused at once (open), or asked as a trial (half-open)."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class Breaker:
    """A `ModelClient` that asks ``model`` unless ``failures`` requests in a row failed less than ``seconds`` ago.

    Then it refuses at once, until one request is let through as a trial: if that is answered the circuit is closed
    again, else it stays open for as long again. One model at one endpoint has one breaker: a model that is overloaded
    says nothing about its neighbours. ``clock`` gives seconds that only grow.
    """

    def __init__(
        self,
        model: ModelClient,
        *,
        failures: int = 5,
        seconds: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin closed."""
        self._model = model
        self._most = failures
        self._seconds = seconds
        self._clock = clock
        self._failed = 0
        self._tried_again_at = 0.0
        self._trying = False

    @property
    def info(self) -> ModelInfo:
        """Say which model this is and why."""
        return self._model.info

    @property
    def circuit(self) -> Circuit:
        """Say what would become of a request now."""
        if self._failed < self._most:
            return Circuit.CLOSED
        return Circuit.OPEN if self._trying or self._clock() < self._tried_again_at else Circuit.HALF_OPEN

    async def complete(self, request: ModelRequest) -> ModelReply:
        """Answer one request, whole.

        Raises: ModelUnreachable at once while the circuit is open; as the model does.
        """
        with self._watched(request):
            reply = await self._model.complete(request)
            self._failed = 0
        return reply

    async def stream(self, request: ModelRequest) -> AsyncGenerator[str | ModelReply]:
        """Give the pieces of the answer as they come, then the whole.

        Raises: as `complete`.
        """
        with self._watched(request):
            async with streaming(self._model, request) as pieces:
                async for piece in pieces:
                    if isinstance(piece, ModelReply):
                        self._failed = 0
                    yield piece

    async def close(self) -> None:
        """Close the model; the client is not used afterwards."""
        await self._model.close()

    @contextmanager
    def _watched(self, request: ModelRequest) -> Generator[None]:
        """Let a request through, or not, and note how it ends.

        Raises: ModelUnreachable while the circuit is open.
        """
        circuit = self.circuit
        if circuit is Circuit.OPEN:
            raise self._refusal(request)
        trial = circuit is Circuit.HALF_OPEN
        self._trying = self._trying or trial
        try:
            yield
        except (ModelUnreachable, ModelTimeout):
            self._failed += 1
            self._tried_again_at = self._clock() + self._seconds
            raise
        except ModelError:
            self._failed = 0
            raise
        finally:
            # A cancelled trial proves nothing: the next request is one.
            self._trying = self._trying and not trial

    def _refusal(self, request: ModelRequest) -> ModelUnreachable:
        """Say that the endpoint is left alone, and for how long."""
        left = max(0.0, self._tried_again_at - self._clock())
        when = f"is tried again in {left:.0f} seconds" if left else "is being tried by another request just now"
        return ModelUnreachable(
            f"{self.info.endpoint or self.info.name}: {request.task}: failed {self._failed} times in a row; it {when}",
            hint="try again then, or name other models in the setting fallback_models",
        )
