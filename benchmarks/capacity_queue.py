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
    waited: list[float] = []
    ending: list[tuple[float, int]] = []
    behind: dict[int, deque[float]] = {}
    ready: deque[tuple[float, int]] = deque()
    used = now = 0.0
    free = places

    def begin(moment: float) -> None:
        nonlocal free, used
        while free and ready:
            came, account = ready.popleft()
            seconds = draw(random)
            waited.append(moment - came)
            used += seconds
            free -= 1
            heapq.heappush(ending, (moment + seconds, account))

    def end_until(moment: float) -> None:
        nonlocal free
        while ending and ending[0][0] <= moment:
            ended, account = heapq.heappop(ending)
            free += 1
            queue = behind[account]
            if queue:
                ready.append((queue.popleft(), account))
            else:
                del behind[account]
            begin(ended)

    for _ in range(turns):
        now += random.expovariate(per_second)
        end_until(now)
        account = random.randrange(accounts)
        if account in behind:
            behind[account].append(now)
        else:
            behind[account] = deque()
            ready.append((now, account))
            begin(now)
    end_until(math.inf)
    waited.sort()
    return Waits(
        turns=len(waited),
        mean=sum(waited) / len(waited),
        p50=_share(waited, 0.50),
        p99=_share(waited, 0.99),
        most=waited[-1],
        in_use=used / (places * now),
    )


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
