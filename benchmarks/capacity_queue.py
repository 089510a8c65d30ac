"""How long turns wait before a worker takes them, by simulation: turns come at random, one at a time for each account.

A fleet's own queue in small: places for turns, turns that wait in the order in which they came, and no account with two
turns under way. Pure: random numbers come from the seed that is given.
"""

from __future__ import annotations

import heapq
import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

Draw = Callable[[Random], float]
"""Draws how long a turn takes, in seconds."""


@dataclass(frozen=True)
class Waits:
    """What was seen: how long turns waited to be begun (seconds), and the share of the places that was in use."""

    turns: int
    mean: float
    p50: float
    p99: float
    most: float
    in_use: float


def steady(seconds: float) -> Draw:
    """Return turns that all take as long."""
    return lambda _: seconds


def at_random(seconds: float) -> Draw:
    """Return turns whose times are exponential: many short ones, a few long."""
    return lambda random: random.expovariate(1 / seconds)


def around(seconds: float, spread: float) -> Draw:
    """Return turns whose times are log-normal with that mean; ``spread`` is their standard deviation by the mean."""
    sigma = math.sqrt(math.log(1 + spread**2))
    middle = math.log(seconds) - sigma**2 / 2
    return lambda random: random.lognormvariate(middle, sigma)


def waits(  # noqa: PLR0913 - how they come, who they are, how long they take
    per_second: float, accounts: int, places: int, draw: Draw, *, turns: int, seed: int
) -> Waits:
    """Have turns come at random and answered in so many places, and return how long they waited.

    Args:
        per_second: how many come a second, in the mean (Poisson).
        accounts: of how many accounts, each as likely.
        places: how many turns are answered at a time.
        draw: how long one takes.
        turns: how many come.
        seed: for the same turns again.
    """
    random = Random(seed)  # noqa: S311 - a simulation
    line, now = _Line(places, lambda: draw(random)), 0.0
    for _ in range(turns):
        now += random.expovariate(per_second)
        line.end_until(now)
        line.come(now, random.randrange(accounts))
    line.end_until(math.inf)
    waited = sorted(line.waited)
    return Waits(
        turns=len(waited),
        mean=sum(waited) / len(waited),
        p50=_share(waited, 0.50),
        p99=_share(waited, 0.99),
        most=waited[-1],
        in_use=line.used / (places * now),
    )


class _Line:
    """Turns that wait and turns that are answered, one of an account at a time."""

    def __init__(self, places: int, seconds: Callable[[], float]) -> None:
        """Begin empty; ``seconds`` says how long the next one takes."""
        self.waited: list[float] = []
        self.used = 0.0
        self._free = places
        self._seconds = seconds
        self._ending: list[tuple[float, int]] = []
        self._behind: dict[int, deque[float]] = {}
        self._ready: deque[tuple[float, int]] = deque()

    def come(self, moment: float, account: int) -> None:
        """Take a turn in, behind those of its account; what ends before it has ended."""
        if account in self._behind:
            self._behind[account].append(moment)
            return
        self._behind[account] = deque()
        self._ready.append((moment, account))
        self._begin(moment)

    def end_until(self, moment: float) -> None:
        """End what is answered by then, and begin what comes after."""
        while self._ending and self._ending[0][0] <= moment:
            ended, account = heapq.heappop(self._ending)
            self._free += 1
            queue = self._behind[account]
            if queue:
                self._ready.append((queue.popleft(), account))
            else:
                del self._behind[account]
            self._begin(ended)

    def _begin(self, moment: float) -> None:
        """Begin what is ready, as far as there are places."""
        while self._free and self._ready:
            came, account = self._ready.popleft()
            seconds = self._seconds()
            self.waited.append(moment - came)
            self.used += seconds
            self._free -= 1
            heapq.heappush(self._ending, (moment + seconds, account))


def erlang_c(places: int, offered: float) -> float:
    """Return the chance that a turn has to wait where times are exponential (Erlang's formula).

    ``offered`` is how many would be under way if there were places without end, less than ``places``.
    """
    blocked = 1.0
    for place in range(1, places + 1):
        blocked = offered * blocked / (place + offered * blocked)
    return blocked / (1 - (offered / places) * (1 - blocked))


def _share(ordered: list[float], share: float) -> float:
    """Return the value below which that share of them lies."""
    return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)]
