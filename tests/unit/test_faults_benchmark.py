"""The benchmark of faults, on a few turns: it holds, and its verdict can fail."""

from __future__ import annotations

import asyncio

import pytest
from faults import Ledger, Message, Outcome, held


def outcome(**counts: int) -> Outcome:
    """One right turn, and these counts."""
    done = Message("t", "nonce-1", 0, counts=True, reply="All is noted under nonce-1.")
    ledger = Ledger()
    ledger.note("t:1:0", "nonce-1")
    return Outcome([done], ledger, **counts)


def test_a_few_turns_end_well() -> None:
    line, good = asyncio.run(held(turns=18, accounts=3, share=0.25, seed=3)).verdict()
    assert good, line
    assert line.startswith("turns 18  right ")


@pytest.mark.parametrize("count", ["late", "half", "stuck"])
def test_what_is_counted_fails_it(count: str) -> None:
    assert outcome().verdict()[1]
    line, good = outcome(**{count: 1}).verdict()
    assert not good
    assert f"{count} 1" in line


def test_effects_are_counted_by_message() -> None:
    twice = outcome()
    twice.ledger.note("t:1:0", "nonce-1")
    assert twice.ledger.repeated == 1
    assert twice.verdict()[1], "the same key again is no second effect"
    twice.ledger.note("t:2:0", "nonce-1")
    assert (twice.doubled, twice.verdict()[1]) == (1, False)
    never = outcome()
    never.ledger.effects.clear()
    assert never.doubled == 1


@pytest.mark.parametrize(("error", "good"), [("model-timeout", True), ("!KeyError: 1", False), ("", False)])
def test_a_turn_is_right_or_a_typed_error(error: str, good: bool) -> None:  # noqa: FBT001 - a parameter
    failed = outcome()
    failed.messages[0].error = error
    failed.messages[0].reply = None
    assert failed.verdict()[1] is good
