"""Whatever comes when: no minute holds more than its limit and a burst, and nobody starves."""

from __future__ import annotations

import heapq
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from fleet_runtime.boards import ProviderLimit
from fleet_runtime.pacing import AHEAD, MINUTE, Standing, asked, corrected

START = 1_800_000_000_000_000

Call = tuple[int, int]
"""When it comes and how many tokens it takes."""

arrivals = st.lists(st.tuples(st.integers(0, 3 * MINUTE), st.integers(0, 3000)), min_size=1, max_size=60)
crowds = st.lists(st.tuples(st.integers(0, MINUTE // 60), st.integers(0, 3000)), min_size=30, max_size=60)
limits = st.builds(
    ProviderLimit,
    requests_per_minute=st.none() | st.integers(1, 200),
    tokens_per_minute=st.none() | st.integers(500, 200_000),
)


def let_through(calls: list[Call], limit: ProviderLimit) -> list[Call]:
    """Have every call ask again as it is told, until it is let through; say when each was."""
    standing = Standing()
    waiting = [(START + at, number, tokens) for number, (at, tokens) in enumerate(calls)]
    heapq.heapify(waiting)
    made: list[Call] = []
    while waiting:
        now, number, tokens = heapq.heappop(waiting)
        wait, standing = asked(standing, tokens, limit, now)
        assert 0 <= wait <= MINUTE
        if wait:
            heapq.heappush(waiting, (now + wait, number, tokens))
        else:
            made.append((now, tokens))
    return made


@given(arrivals | crowds, limits)
def test_in_sixty_seconds_there_are_never_more_than_the_limit_and_a_burst(
    calls: list[Call], limit: ProviderLimit
) -> None:
    made = let_through(calls, limit)
    largest = max(tokens for _, tokens in calls)
    for start, _ in made:
        window = [tokens for at, tokens in made if start <= at < start + MINUTE]
        if limit.requests_per_minute is not None:
            assert len(window) <= limit.requests_per_minute + limit.requests_per_minute // 10
        if limit.tokens_per_minute is not None and largest <= limit.tokens_per_minute:
            assert sum(window) <= limit.tokens_per_minute * 11 // 10 + largest


@given(arrivals | crowds, limits)
def test_nobody_starves_and_no_pace_is_wasted(calls: list[Call], limit: ProviderLimit) -> None:
    """All are let through by when even the slower limit has worked everything off, one after the other."""
    made = let_through(calls, limit)
    assert len(made) == len(calls)
    paces = [(limit.requests_per_minute, len(calls)), (limit.tokens_per_minute, sum(tokens for _, tokens in calls))]
    work = sum(amount * MINUTE // per_minute + len(calls) for per_minute, amount in paces if per_minute is not None)
    assert max(at for at, _ in made) <= START + max(at for at, _ in calls) + work


@given(st.integers(1, 5000))
def test_a_lone_caller_at_the_limits_own_pace_never_waits(per_minute: int) -> None:
    limit = ProviderLimit(requests_per_minute=per_minute)
    between = -(-MINUTE // per_minute)
    calls = [(number * between, 0) for number in range(50)]
    assert [at for at, _ in let_through(calls, limit)] == [START + at for at, _ in calls]


@given(st.integers(1, 400))
def test_a_crowd_goes_at_the_limits_pace_after_a_tenth_of_a_minutes_worth(per_minute: int) -> None:
    at_once = max(1, per_minute // 10)
    made = let_through([(0, 0)] * (at_once + 10), ProviderLimit(requests_per_minute=per_minute))
    between = -(-MINUTE // per_minute)
    rounded = at_once  # microseconds: each call takes up to one more than it should
    assert made[at_once - 1][0] <= START + rounded
    assert made[at_once][0] == START + (between if between > AHEAD else (at_once + 1) * between - AHEAD)
    assert all(later - earlier == between for (earlier, _), (later, _) in pairwise(made[at_once:]))


@given(st.integers(-10 * MINUTE, 10**6 * MINUTE), st.integers(0, 10**7), limits)
def test_no_standing_makes_anybody_wait_for_more_than_a_minute(ahead: int, tokens: int, limit: ProviderLimit) -> None:
    """As after the clock was set back: it is written down what is owed at most, so that waiting ends."""
    wait, after = asked(Standing(START + ahead, START + ahead), tokens, limit, START)
    assert 0 <= wait <= MINUTE
    if wait:
        assert asked(after, tokens, limit, START + wait)[0] == 0


@given(st.integers(0, 3000), st.integers(0, 3000), st.integers(0, 3000))
def test_a_corrected_call_counts_as_if_it_had_claimed_what_it_took(before: int, claimed: int, took: int) -> None:
    limit = ProviderLimit(tokens_per_minute=60_000)  # a token each millisecond, so that nothing is rounded
    _, stands = asked(Standing(), before, limit, START)
    _, exact = asked(stands, took, limit, START)
    _, guessed = asked(stands, claimed, limit, START)
    assert corrected(guessed, took - claimed, limit, START) == exact


@given(st.integers(0, 10**9), st.integers(1, 10**6))
def test_a_correction_never_owes_more_than_a_minute(tokens: int, per_minute: int) -> None:
    after = corrected(Standing(0, START + AHEAD), tokens, ProviderLimit(tokens_per_minute=per_minute), START)
    assert after.tokens_until <= START + AHEAD + MINUTE


def test_without_a_limit_of_tokens_nothing_is_corrected() -> None:
    assert corrected(Standing(1, 2), 500, ProviderLimit(requests_per_minute=1), START) == Standing(1, 2)


def test_a_limit_that_is_taken_away_for_a_while_is_not_forgotten() -> None:
    _, standing = asked(Standing(), 3000, ProviderLimit(tokens_per_minute=6000), START)
    wait, after = asked(standing, 3000, ProviderLimit(), START)
    assert (wait, after) == (0, standing)
