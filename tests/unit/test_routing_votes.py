"""What the passages' words tell, against naive Bayes reckoned directly from its definition."""

from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet_runtime.routing.votes import _PRIOR, WordVotes

OWNERS = ("baker", "porter", "florist", 7)
labels = st.lists(st.sampled_from(OWNERS), min_size=1, max_size=3, unique=True)
spoken = st.lists(st.sampled_from("abcdef"), max_size=6).map(" ".join)
passages = st.lists(st.tuples(spoken, labels), min_size=1, max_size=10)

Passages = list[tuple[str, list[str | int]]]


def learned(rows: Passages) -> WordVotes:
    return WordVotes(str.split, [text for text, _ in rows], [owners for _, owners in rows])


def directly(rows: Passages, text: str) -> dict[str | int, float]:
    """Return the posterior of each owner: its word frequencies, smoothed by `_PRIOR` words of everybody's talk.

    A text's words repeat each other's evidence: the logarithm grows with the root of their number.
    """
    everybody = Counter(word for said, _ in rows for word in said.split())
    known = [word for word in text.split() if word in everybody]
    logs: dict[str | int, float] = {}
    for owner in {owner for _, owners in rows for owner in owners}:
        counts = Counter(word for said, owners in rows if owner in owners for word in said.split())
        logs[owner] = sum(
            math.log(
                (counts[word] + _PRIOR * everybody[word] / everybody.total())
                / (counts.total() + _PRIOR)
                / (everybody[word] / everybody.total())
            )
            for word in known
        ) / math.sqrt(len(known) or 1)
    total = sum(math.exp(value) for value in logs.values())
    return {owner: math.exp(value) / total for owner, value in logs.items()}


@given(passages, spoken | st.just("a a a b zebra"))
def test_shares_are_those_of_naive_bayes_and_sum_to_one(rows: Passages, text: str) -> None:
    votes = learned(rows).votes(text)
    wanted = directly(rows, text)
    assert math.isclose(sum(votes.share(owner) for owner in wanted), 1.0)
    rounding = 2 * 0.005 * math.sqrt(len(text.split())) + 1e-9  # what an absent word costs is rounded to 2 digits
    for owner, share in wanted.items():
        assert abs(math.log(votes.share(owner)) - math.log(share)) <= rounding


@given(passages, spoken)
def test_the_likeliest_are_the_owners_of_its_words_by_share(rows: Passages, text: str) -> None:
    votes = learned(rows).votes(text)
    likeliest = votes.likeliest()
    used = {owner for said, owners in rows for owner in owners if set(said.split()) & set(text.split())}
    assert set(likeliest) == used
    shares = [votes.share(owner) for owner in likeliest]
    assert all(better >= worse * (1 - 1e-9) for better, worse in pairwise(shares))


def test_an_owners_own_word_speaks_for_it() -> None:
    votes = learned([("bread oven", ["baker"]), ("bag stairs", ["porter"])]).votes("oven please")
    assert votes.share("baker") > 0.5 > votes.share("porter")
    assert votes.share("a stranger") == 0.0


def test_unknown_words_tell_nothing() -> None:
    known = learned([("bread oven oven", ["baker"]), ("bag", ["porter"])])
    for text in ("", "zebra"):
        votes = known.votes(text)
        assert (votes.share("baker"), votes.share("porter")) == pytest.approx((0.5, 0.5))
        assert votes.likeliest() == []


def test_without_passages_there_are_no_owners() -> None:
    votes = learned([]).votes("bread")
    assert (votes.share("baker"), votes.likeliest()) == (0.0, [])
