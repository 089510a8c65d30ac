"""Words, stems, BM25 and the token estimate."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet_runtime.lexical import STOPWORDS, Bm25, stem, stems, tokens, words


def test_words_are_lower_case_and_keep_apostrophes() -> None:
    assert words("Don\u2019t panic: Zo\u00eb's caf\u00e9, SSO_login 2!") == [
        "don't", "panic", "zo\u00eb's", "caf\u00e9", "sso", "login", "2",
    ]  # fmt: skip


def test_inflections_share_a_stem() -> None:
    assert {stem(word) for word in ("renewal", "renewed", "renewing", "renew")} == {"renew"}
    assert stem("dana's") == "dana"


def test_stop_words_can_be_kept() -> None:
    assert stems("What is the renewal date?") == ["renew", "date"]
    assert stems("is the goal", drop_stopwords=False) == ["is", "the", "goal"]
    assert "not" in STOPWORDS


def test_tokens_round_up() -> None:
    assert [tokens(text) for text in ("", "a", "four", "fives")] == [0, 1, 1, 2]


def test_bm25_prefers_rare_words_and_short_documents() -> None:
    index = Bm25([["seat", "contract"], ["seat", "renew"], ["seat", "contract", "long", "long", "text"]])
    assert len(index) == 3
    rare, common = index.idf("renew"), index.idf("seat")
    assert rare > common >= 0
    short, other, long = index.scores(["contract", "unheard"])
    assert short > long > 0
    assert other == 0


def test_an_empty_index_gives_no_scores() -> None:
    assert Bm25([]).scores(["word"]) == []
    assert Bm25([]).idf("word") == 0.0
    assert Bm25([[], []]).scores(["word"]) == [0.0, 0.0]


@given(st.text())
def test_words_never_fail_and_are_lower_case(text: str) -> None:
    assert all(word == word.lower() for word in words(text))


@given(
    st.sampled_from([0.5, 1.2, 2.0]),
    st.lists(st.lists(st.sampled_from("abcde"), max_size=6), max_size=8),
    st.lists(st.sampled_from("abcdef")),
)
def test_scores_are_bounded_by_the_words_that_match(k1: float, documents: list[list[str]], query: list[str]) -> None:
    index = Bm25(documents, k1=k1)
    for document, score in zip(documents, index.scores(query), strict=True):
        most = sum(index.idf(token) * (k1 + 1) for token in set(query) & set(document))
        assert 0 <= score <= most + 1e-9
        assert (score > 0) == bool(set(query) & set(document))


@given(
    st.sampled_from([0.5, 1.2, 2.0]),
    st.sampled_from([0.0, 0.75, 1.0]),
    st.lists(st.lists(st.sampled_from("abcde"), max_size=6), min_size=1, max_size=8).filter(any),
    st.lists(st.sampled_from("abcdef"), max_size=6),
)
def test_what_matches_scores_by_the_textbook_formula(
    k1: float, b: float, documents: list[list[str]], query: list[str]
) -> None:
    """Robertson and Zaragoza's BM25, with the idf that is never negative; a word asked twice counts once."""
    mean = sum(len(document) for document in documents) / len(documents)
    wanted: dict[int, float] = {}
    for number, document in enumerate(documents):
        for token in set(query) & set(document):
            having = sum(token in other for other in documents)
            idf = math.log(1 + (len(documents) - having + 0.5) / (having + 0.5))
            count = document.count(token)
            gain = idf * count * (k1 + 1) / (count + k1 * (1 - b + b * len(document) / mean))
            wanted[number] = wanted.get(number, 0.0) + gain
    index = Bm25(documents, k1=k1, b=b)
    assert index.matching(query) == pytest.approx(wanted)
    assert index.scores(query) == pytest.approx([wanted.get(number, 0.0) for number in range(len(documents))])
