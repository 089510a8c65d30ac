"""When and after how long a call to an endpoint is repeated. Repeats nothing that could do harm twice.

A chat completion changes nothing at the endpoint, so what is repeated is whatever may pass by
itself: no connection, no answer in time, and the statuses that mean "later". A refusal is final.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, TypeVar

import httpx2
import openai
from pydantic import Field

from fleet_runtime.contracts import Value

if TYPE_CHECKING:  # what loads late is named here
    import tenacity

REPEATABLE = frozenset({408, 409, 429})
"""Statuses below 500 that may pass by themselves."""

SPENT = "insufficient_quota"
"""The code of a 429 that no waiting mends."""

FAILING = (openai.APIError, httpx2.TransportError, TimeoutError)
"""What may come of an attempt and may be worth another: `may_repeat` says so."""

_T = TypeVar("_T")


def _now() -> datetime:
    """Give the present time, aware."""
    return datetime.now(UTC)


class RetryPolicy(Value):
    """How often and how patiently. Times are in seconds.

    ``total_seconds`` bounds all attempts and waits together; no wait is begun that would pass it.
    ``longest_wait`` caps both the growing wait and what an endpoint asks for in ``Retry-After``.
    ``chance`` (0..1), ``sleep`` and ``now`` are the outside world; tests give their own.
    """

    attempts: int = Field(default=4, ge=1)
    first_wait: float = Field(default=0.5, ge=0)
    longest_wait: float = Field(default=20.0, ge=0)
    total_seconds: float = Field(default=120.0, gt=0)
    chance: Callable[[], float] = random.random
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    now: Callable[[], datetime] = _now

    async def patiently(
        self, attempt: Callable[[], Awaitable[_T]], *, attempt_seconds: float, within: float | None = None
    ) -> _T:
        """Make attempts until one succeeds or patience is over; the last foreign error comes out as it is.

        ``attempt_seconds`` is what one attempt may take, which goes before a shorter `total_seconds`. After ``within``
        seconds, if told, all is over, whatever is under way then.

        Raises: TimeoutError when the time is over; what ``attempt`` raises.
        """
        clock = asyncio.get_running_loop().time
        began = clock()
        total = max(self.total_seconds, attempt_seconds)
        async with asyncio.timeout(total if within is None else min(within, total)):
            try:
                return await attempt()
            except FAILING as error:
                if self.attempts == 1 or not may_repeat(error):
                    raise
                failed = [error]

            async def again() -> _T:
                """Tell tenacity of the first failure, then make the other attempts."""
                if failed:
                    raise failed.pop()
                return await attempt()

            # Mostly nothing fails: only what did pays for the loop.
            left = self.total_seconds - (clock() - began)
            return await self._retrying(left if within is None else min(within, left))(again)

    def _retrying(self, seconds: float) -> tenacity.AsyncRetrying:
        """Return tenacity's loop for one request with so much time left."""
        import tenacity  # noqa: PLC0415 - loads when something failed

        return tenacity.AsyncRetrying(
            sleep=self.sleep,
            wait=self._wait,
            stop=tenacity.stop_after_attempt(self.attempts) | tenacity.stop_before_delay(seconds),
            retry=tenacity.retry_if_exception(may_repeat),
            reraise=True,
        )

    def _wait(self, state: tenacity.RetryCallState) -> float:
        """Wait as long as the endpoint asks, else a random share of a time that doubles."""
        error = state.outcome.exception() if state.outcome else None
        asked = retry_after(error, self.now()) if error else None
        if asked is not None:
            return min(asked, self.longest_wait)
        grown = min(self.first_wait * 2.0 ** (state.attempt_number - 1), self.longest_wait)
        # Between half and whole: many clients spread out, and none comes back at once.
        return grown * (0.5 + 0.5 * self.chance())


def may_repeat(error: BaseException) -> bool:
    """Say whether the same request may succeed a little later."""
    if isinstance(error, openai.APIStatusError):
        if error.code == SPENT:
            return False
        return error.status_code in REPEATABLE or error.status_code >= 500  # noqa: PLR2004 - HTTP's own border
    return isinstance(error, openai.APIConnectionError | httpx2.TransportError | TimeoutError)


def retry_after(error: BaseException, now: datetime) -> float | None:
    """Read ``Retry-After`` (seconds, or an HTTP date) as seconds from ``now``; None where there is none."""
    if not isinstance(error, openai.APIStatusError):
        return None
    given = error.response.headers.get("retry-after", "").strip()
    try:
        return max(0.0, float(given))
    except ValueError:
        pass
    try:
        moment = parsedate_to_datetime(given)
    except ValueError:
        return None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return max(0.0, (moment - now).total_seconds())
