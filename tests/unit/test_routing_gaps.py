"""What nobody owned, grouped: every message once, in whatever order they come, and as trying all pairs would."""

from __future__ import annotations

import random
from array import array
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet_runtime.routing.gaps import Unowned, _grouped, find_gaps

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
TEXTS = (
    "Can you walk my dog on Friday?",
    "Please walk the dog at noon.",
    "Bake us a birthday cake.",
    "We need a birthday cake with candles.",
    "hm",
)


def unowned(text: str, number: int = 0, account: str = "acme", rule: str = "") -> Unowned:
    return Unowned(turn_id=f"t{number}", account=account, at=NOON + timedelta(days=number), text=text, rule=rule)


def test_nothing_gives_no_gaps() -> None:
    assert find_gaps([]) == ()


def test_messages_are_grouped_by_their_words_and_described() -> None:
    messages = [unowned(text, number) for number, text in enumerate(TEXTS)]
    messages.append(unowned("walk the dog!", 9, account="globex", rule="roles/keeper.md:13"))
    dogs, cakes, rest = find_gaps(messages)
    assert (dogs.size, dogs.accounts, dogs.turns) == (3, ("acme", "globex"), ("t0", "t1", "t9"))
    assert set(dogs.words) == {"walk", "dog"}
    assert (dogs.first, dogs.last, dogs.rules) == (NOON, NOON + timedelta(days=9), ("roles/keeper.md:13",))
    assert dogs.typical in {messages[0].text, messages[1].text, messages[5].text}
    assert (cakes.size, set(cakes.words), cakes.rules) == (2, {"birthday", "cake"}, ())
    assert (rest.size, rest.typical, rest.words) == (1, "hm", ("hm",))


def test_a_text_said_again_counts_again_and_rules_come_by_how_often_they_declined() -> None:
    rules = ("b.md:2", "a.md:1", "b.md:2")
    (gap,) = find_gaps([unowned("walk the dog", number, rule=rule) for number, rule in enumerate(rules)])
    assert (gap.size, gap.typical, gap.words) == (3, "walk the dog", ("dog", "walk"))
    assert gap.rules == ("b.md:2", "a.md:1")


def test_vectors_tell_what_words_do_not_and_a_missing_one_leaves_it_to_the_words() -> None:
    pytest.importorskip("numpy")
    messages = [unowned("a hound", 1), unowned("my dog", 2), unowned("one cake", 3)]
    vectors = {"a hound": [1.0, 0.0], "my dog": [0.8, 0.6], "one cake": [-0.6, 0.8]}
    assert [gap.turns for gap in find_gaps(messages, vectors=vectors)] == [("t1", "t2"), ("t3",)]
    del vectors["one cake"]
    assert [gap.size for gap in find_gaps(messages, vectors=vectors)] == [1, 1, 1]
    assert [gap.size for gap in find_gaps(messages, vectors={})] == [1, 1, 1]


said = st.lists(st.sampled_from(TEXTS) | st.text(max_size=30), max_size=12)


@settings(max_examples=60, deadline=None)
@given(said, st.randoms(use_true_random=False))
def test_every_message_is_in_one_gap_whatever_the_order(texts: list[str], shuffle: random.Random) -> None:
    messages = [unowned(text, number, account=f"a{number % 3}") for number, text in enumerate(texts)]
    found = find_gaps(messages)
    assert sorted(turn for gap in found for turn in gap.turns) == sorted(one.turn_id for one in messages)
    assert all(gap.size == len(gap.turns) and gap.typical in texts for gap in found)
    assert [gap.size for gap in found] == sorted((gap.size for gap in found), reverse=True)
    shuffle.shuffle(messages)
    assert find_gaps(messages) == found


def by_all_pairs(alike: list[list[float]], sizes: list[int], cut: float) -> set[frozenset[int]]:
    """Join the most alike pair again and again, with the means computed from the single texts each time."""
    groups = [[number] for number in range(len(sizes))]

    def mean(one: list[int], other: list[int]) -> float:
        weighted = sum(alike[i][j] * sizes[i] * sizes[j] for i in one for j in other)
        return weighted / (sum(sizes[i] for i in one) * sum(sizes[j] for j in other))

    while len(groups) > 1:
        pairs = [(mean(a, b), i, j) for i, a in enumerate(groups) for j, b in enumerate(groups) if i < j]
        best, i, j = max(pairs)
        if best < cut:
            break
        groups[i] += groups.pop(j)
    return {frozenset(group) for group in groups}


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 9), st.integers(0, 10_000), st.floats(0.1, 0.9))
def test_a_chain_of_neighbours_finds_the_groups_that_all_pairs_find(count: int, seed: int, cut: float) -> None:
    told = random.Random(seed)  # noqa: S311 - numbers without ties, not secrets
    table = [[0.0] * count for _ in range(count)]
    for i in range(count):
        for j in range(i):
            table[i][j] = table[j][i] = told.random()
    sizes = [told.randint(1, 4) for _ in range(count)]
    found = _grouped([array("d", row) for row in table], list(sizes), cut)
    assert {frozenset(group) for group in found} == by_all_pairs(table, sizes, cut)
