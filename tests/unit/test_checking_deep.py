"""What vectors add: likeness in other words, and examples that the dispatcher sends elsewhere."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from zlib import crc32

import pytest
from organisations import WORK, contract, found, organisation, profile, profile_source, role_source

from fleet_runtime.checking import Organisation, Report, check, texts_to_embed
from fleet_runtime.cli.text_vectors import batches
from fleet_runtime.ports import TextVectors

pytest.importorskip("numpy")

Topic = Callable[[str], int]


def deep(whole: Organisation, topic: Topic) -> Report:
    """Check with vectors that point along a text's topic, and a little along the text's own direction."""

    def vector(text: str) -> list[float]:
        raw = [0.0] * 64
        raw[topic(text) % 32] = 3.0
        raw[32 + crc32(text.encode()) % 32] += 1.0
        size = math.hypot(*raw)
        return [part / size for part in raw]

    return check(whole, vectors=TextVectors("told", {text: vector(text) for text in texts_to_embed(whole)}))


def by_words(groups: Sequence[Sequence[str]]) -> Topic:
    """Give a text the number of the first group that has one of its words, or one of its own."""
    return lambda text: next(
        (number for number, words in enumerate(groups) if any(word in text.lower() for word in words)),
        10 + crc32(text.encode()) % 20,
    )


def test_refusals_and_mandates_in_other_words() -> None:
    one = contract(
        "a-desk", ["**Mend bicycles** — chains and brakes."], ["- **Does NOT paint** — the **b-desk** does."]
    )
    other = contract(
        "b-desk", ["**Repair two-wheelers** — in a day."], ["- **Does NOT use colour** — the **a-desk** does."]
    )
    whole = organisation(role_source(one, "a-desk.md"), role_source(other, "b-desk.md"))
    report = deep(whole, by_words([["bicycle", "two-wheel"], ["paint", "colour"]]))
    assert found(report, "overlapping-mandates") == ["a-desk.md:7", "b-desk.md:7"]
    assert found(report, "refused-by-everyone") == ["a-desk.md:11", "b-desk.md:11"]
    assert found(check(whole), "overlapping-mandates") == []


def test_a_boundary_contradicts_a_mandate_in_other_words() -> None:
    text = contract("a-desk", ["**Mend bicycles** — all."], ["- **Does NOT repair two-wheelers** — nobody does."])
    report = deep(organisation(role_source(text, "a-desk.md")), by_words([["bicycle", "two-wheel"]]))
    assert found(report, "boundary-contradicts-mandate") == ["a-desk.md:11"]


LAMPS = [f"the lamp in tower {number} is dark, please look at the lens" for number in range(15)]
BREAD = [f"could I have {number} loaves of rye bread before dawn" for number in range(2, 18)]


def bakery(*, lost: str) -> Organisation:
    return organisation(
        role_source(contract("a-desk", [WORK["a-desk"]], examples=[*LAMPS, lost]), "a-desk.md"),
        role_source(contract("b-desk", [WORK["b-desk"]], examples=BREAD), "b-desk.md"),
        profile_source(profile("day", ["a-desk", "b-desk"]), "day.yaml"),
    )


def test_an_example_that_goes_elsewhere() -> None:
    topic = by_words([["lamp", "light"], ["bread", "loaves"]])
    report = deep(bakery(lost="could I have 30 loaves of rye bread at dawn"), topic)
    assert found(report, "example-sent-elsewhere") == ["a-desk.md:34"]
    assert found(deep(bakery(lost="the lamp in tower 40 is dark"), topic), "example-sent-elsewhere") == []


def test_batches_stay_the_same_around_a_new_text() -> None:
    texts = [f"text {number}" for number in range(900)]
    before = batches(texts)
    after = batches([*texts[:300], "a new one", *texts[300:]])
    assert [text for batch in before for text in batch] == texts
    assert all(len(batch) >= 64 for batch in before)
    assert len([batch for batch in after if batch not in before]) <= 2
    assert batches(texts[:5]) == [texts[:5]]
