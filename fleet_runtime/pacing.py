"""How closely calls may follow each other, so that a provider's limits hold. Pure: reads no clock and keeps nothing.

It is the generic cell rate algorithm. Of each provider two moments are known: until when it would be busy with all
that it was asked, in requests and in tokens, if it worked at exactly the pace that its limit allows. A call may be made
as soon as that moment is near enough, and moves it on by what the call takes. Nothing is counted per minute, so there
is no minute's end at which everybody comes at once.

Calls may run ahead of the pace by a tenth of a minute: providers that look at less than a minute look at some seconds.
So in any sixty seconds there are at most as many requests as the limit says and a tenth more (no more at all where a
tenth is less than one), and at most as many tokens, a tenth more, and those of one call. All times are microseconds.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from fleet_runtime.boards import ProviderLimit

SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
AHEAD: Final = MINUTE // 10
"""How far calls may run ahead of the pace."""

FULL: Final = SECOND // 20
"""How long to wait where all places are taken: nobody knows when the next one is free."""

LONGEST_CALL: Final = 60 * MINUTE
"""No call holds a place for longer; a place that seems to was taken before the clock was set back."""


class Standing(NamedTuple):
    """Until when a provider would be busy with all that it was asked, at the pace that its limits allow."""

    requests_until: int = 0
    tokens_until: int = 0


def asked(standing: Standing, tokens: int, limit: ProviderLimit, now: int) -> tuple[int, Standing]:
    """Weigh one call that takes about so many tokens.

    A call of more tokens than a minute allows counts as a minute's: it is made sooner or later, and not refused for
    ever. Whoever waits waits for a minute at most, also where the clock was set back.

    Returns: how long the call has to wait, and the standing to be kept; the call is in it if it need not wait.
    """
    requests = _Lane.of(standing.requests_until, limit.requests_per_minute, 1, now)
    told = _Lane.of(standing.tokens_until, limit.tokens_per_minute, tokens, now, ahead=AHEAD)
    wait = max(requests.wait(now), told.wait(now))
    if wait > 0:
        return wait, Standing(requests.until, told.until)
    return 0, Standing(requests.after(now), told.after(now))


def corrected(standing: Standing, tokens: int, limit: ProviderLimit, now: int) -> Standing:
    """Return the standing once it is known that a call took so many tokens more than it was counted with, or fewer."""
    per_minute = limit.tokens_per_minute
    if per_minute is None:
        return standing
    until = standing.tokens_until + (_time_of(tokens, per_minute) if tokens > 0 else -_time_of(-tokens, per_minute))
    return standing._replace(tokens_until=min(until, now + AHEAD + MINUTE))


class _Lane(NamedTuple):
    """One limit at one moment: until when there is work, how much a call adds, and how much may lie ahead of it."""

    until: int
    adds: int
    ahead: int

    @classmethod
    def of(cls, until: int, per_minute: int | None, amount: int, now: int, *, ahead: int | None = None) -> _Lane:
        """Look at a limit; without one nothing waits or counts. ``ahead`` None leaves room for the call itself."""
        if per_minute is None:
            return cls(until, 0, max(0, until - now))
        adds = _time_of(amount, per_minute)
        ahead = max(0, AHEAD - adds) if ahead is None else ahead
        # More than this comes of no call: the clock was set back.
        return cls(min(until, now + ahead + MINUTE), adds, ahead)

    def wait(self, now: int) -> int:
        """Return how long to wait; 0 or less: not at all."""
        return self.until - self.ahead - now

    def after(self, now: int) -> int:
        """Return until when there is work once the call was made."""
        return max(self.until, now) + self.adds


def _time_of(amount: int, per_minute: int) -> int:
    """Return how long so much takes at the pace of a limit, rounded up; a minute at most."""
    return min(MINUTE, -(-amount * MINUTE // per_minute))
