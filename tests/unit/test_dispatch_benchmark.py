"""What the dispatcher's benchmark counts, against values worked out by hand, and how it makes its staffs."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import pytest
from dispatch import wrong_role_calls
from dispatch_baselines import Protocol, answer, answered, baselines, threshold
from dispatch_cost import grown, middle_and_high
from dispatch_data import ADVERSARIAL, DATA, Message, folds, load, load_staff, without
from dispatch_intents import IntentSet, load_banking, load_clinc, load_hwu
from dispatch_metrics import DESK, NOBODY, Answer, calibration_error, figures, interval
from hypothesis import given
from hypothesis import strategies as st

from fleet_runtime.contracts import Boundary, MandateItem, Role, Staff
from fleet_runtime.decisions import Candidate, Decision
from fleet_runtime.routing import build_index
from fleet_runtime.testing import UnexpectedCall


def message(number: int, kind: str, expected: str, active: str | None = None, *, declines: bool = False) -> Message:
    return Message(
        id=f"m{number}",
        text=f"text {number}",
        active_role=active,
        expected=(expected,),
        kind=kind,
        verdict="decline" if declines else None,
    )


def said(choice: str, confidence: float = 0.5, none_score: float = 0.0, *, declined: bool = False) -> Answer:
    ranked = (choice, *(name for name in ("a", "b", NOBODY) if name != choice))
    return Answer(choice=choice, ranked=ranked, none_score=none_score, confidence=confidence, declined=declined)


def test_every_figure_of_a_small_run() -> None:
    asked_and_answered = [
        (message(0, "plain", "a"), said("a", 0.9, 0.1)),
        (message(1, "boundary", "b", active="a"), said("a", 0.8, 0.2)),
        (message(2, "boundary", "b", active="a"), said("b", 0.7, 0.2)),
        (message(3, "stay", "a", active="a"), said("a", 0.6, 0.3)),
        (message(4, "oos", NOBODY), said(NOBODY, 0.5, 0.9)),
        (message(5, "oos", NOBODY), said("b", 0.4, 0.2)),
        (message(6, "adversarial", NOBODY, active="a"), said("a", 0.3, 0.0)),
        (message(7, "plain", "b"), said(NOBODY, 0.2, 0.6)),
    ]
    found = figures([one for one, _ in asked_and_answered], [one for _, one in asked_and_answered])
    assert (found.overall.right, found.overall.of) == (4, 8)
    assert {kind: (share.right, share.of) for kind, share in found.kinds.items()} == {
        "plain": (1, 2),
        "boundary": (1, 2),
        "stay": (1, 1),
        "oos": (1, 2),
        "adversarial": (0, 1),
    }
    assert found.wrong_active_kept is not None
    assert (found.wrong_active_kept.right, found.wrong_active_kept.of) == (2, 3)
    assert found.oos_f1 == pytest.approx(2 * 1 / (2 * 1 + 1 + 1))
    # of 2 x 5 pairs .9 wins all; .2 wins over .1, ties twice with .2, and loses to .3 and .6
    assert found.oos_auroc == pytest.approx((5 + 1 + 2 * 0.5) / 10)
    assert found.confident_half is not None
    assert (found.confident_half.right, found.confident_half.of) == (3, 4)
    assert found.top5 is not None
    assert found.top5.value == 1.0
    assert found.calibration_error == pytest.approx((0.1 + 0.8 + 0.3 + 0.4 + 0.5 + 0.4 + 0.3 + 0.2) / 8)
    assert found.redirects is None
    assert found.own is None


def test_the_desk_counts_redirects_and_its_own_apart() -> None:
    messages = [
        message(0, "ticket", "support-agent", active=DESK),
        message(1, "feature", DESK, active=DESK, declines=True),
        message(2, "own", DESK, active=DESK),
        message(3, "own", DESK, active=DESK),
        message(4, "ticket", "support-agent"),
    ]
    answers = [said("support-agent"), said(DESK, declined=True), said(DESK), said(DESK, declined=True), said(NOBODY)]
    found = figures(messages, answers)
    assert found.redirects is not None
    assert (found.redirects.right, found.redirects.of) == (2, 2)
    assert found.own is not None
    assert (found.own.right, found.own.of) == (1, 2)
    assert found.wrong_active_kept is not None
    assert (found.wrong_active_kept.right, found.wrong_active_kept.of) == (0, 1)


def test_who_cannot_decline_may_say_none_instead() -> None:
    asked = message(0, "feature", DESK, active=DESK, declines=True)
    assert Answer(choice=NOBODY).is_right(asked)
    assert not Answer(choice=DESK).is_right(asked)
    assert not Answer(choice=NOBODY, declined=False).is_right(asked)


def test_nobody_stands_among_the_candidates_where_its_score_belongs() -> None:
    decision = Decision(
        id="d",
        verdict="route",
        choice="a",
        stage="shortlist",
        confidence=0.6,
        none_score=0.2,
        candidates=(Candidate(role="a", score=0.6), Candidate(role="b", score=0.1)),
        reason="",
    )
    assert Answer.of(decision).ranked == ("a", NOBODY, "b")


def test_wilsons_interval() -> None:
    assert interval(8, 10) == pytest.approx((0.490, 0.943), abs=0.001)
    assert interval(0, 0) == (0.0, 1.0)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1))
def test_calibration_error_is_no_more_than_the_worst_answer(pairs: list[tuple[float, bool]]) -> None:
    error = calibration_error([said("a", sure) for sure, _ in pairs], [right for _, right in pairs])
    assert error is not None
    assert 0 <= error <= max(abs(sure - right) for sure, right in pairs) + 1e-9


def test_the_folds_are_those_of_the_benchmarks_protocol() -> None:
    kinds = ["plain"] * 11 + ["boundary"] * 7 + [ADVERSARIAL] * 5
    messages = [message(number, kind, "a") for number, kind in enumerate(kinds)]
    by_kind: dict[str, list[Message]] = defaultdict(list)
    for one in random.Random(3).sample(messages, len(messages)):  # noqa: S311 - no secret
        by_kind[one.kind].append(one)
    fold_of: dict[str, int] = {}
    for group in by_kind.values():
        for one in group:
            fold_of[one.id] = len(fold_of) % 5
    for fold, (learned, measured) in enumerate(folds(messages, 5, 3)):
        assert [one.id for one in measured] == [one.id for one in messages if fold_of[one.id] == fold]
        assert [one.id for one in learned] == [
            one.id for one in messages if fold_of[one.id] != fold and one.kind != ADVERSARIAL
        ]


def crew() -> Staff:
    refused = Boundary(text="Does NOT bake", refuses="bake", owners=("b",), examples=("text 1", "bake bread"))
    roles = (
        Role(
            role_class="a",
            title="a",
            mandate=(MandateItem(title="mend clocks", text=""),),
            boundaries=(refused,),
            examples=("text 0", "mend my clock"),
        ),
        Role(role_class="b", title="b", mandate=(MandateItem(title="bake bread", text=""),), boundaries=()),
    )
    return Staff(roles=roles, lead="a")


def test_no_measured_message_stays_among_the_examples() -> None:
    seen = without(crew(), [message(0, "plain", "a"), message(1, "boundary", "b", active="a")])
    assert seen.roles[0].examples == ("mend my clock",)
    assert seen.roles[0].boundaries[0].examples == ("bake bread",)


def test_the_least_score_is_where_most_come_right() -> None:
    labelled = [({"a": 0.9, "b": 0.1}, ("a",)), ({"a": 0.3, "b": 0.2}, (NOBODY,)), ({"a": 0.5, "b": 0.6}, ("b",))]
    least = threshold(labelled)
    assert 0.3 < least <= 0.6
    assert [answer(scores, least).choice for scores, _ in labelled] == ["a", NOBODY, "b"]
    assert threshold([({"a": 0.0, "b": 0.0}, ("a",))]) == float("-inf")


def test_a_baseline_by_words_finds_the_mandate() -> None:
    found, missing = baselines(None, Protocol(folds=0, seed=0))
    texts = ("mend the clocks", "bake some bread")
    messages = [
        message(number, "plain", owner).model_copy(update={"text": text})
        for number, (text, owner) in enumerate(zip(texts, "ab", strict=True))
    ]
    assert [one.choice for one in answered(found["BM25, mandates"], crew(), messages, Protocol(folds=0, seed=0))] == [
        "a",
        "b",
    ]
    assert len(missing) == 1


def test_a_model_that_is_asked_where_a_boundary_decided_fails_the_benchmark(monkeypatch: pytest.MonkeyPatch) -> None:
    desk, messages = load_staff(None, "customer"), load(DATA / "customer_desk_dev.jsonl")
    assert asyncio.run(wrong_role_calls(messages, desk, None)) > 0
    monkeypatch.setattr("fleet_runtime.runtime.dispatching.unsure", lambda *_: True)
    with pytest.raises(UnexpectedCall):
        asyncio.run(wrong_role_calls(messages, desk, None))


@pytest.mark.parametrize("size", [1, 2, 9])
def test_a_grown_staff_is_of_its_size_and_always_the_same(size: int) -> None:
    staff = grown(crew(), size)
    assert staff == grown(crew(), size)
    names = [role.role_class for role in staff.roles]
    assert len(set(names)) == size
    assert names[:2] == ["a", "b"][:size]
    made = build_index(staff).texts()
    assert len(made) - len(build_index(crew()).texts()) == 6 * max(0, size - 2) or size == 1


def test_middle_and_high() -> None:
    assert middle_and_high([5.0, 1.0, 3.0]) == (3.0, 5.0)


def files_of(folder: Path) -> Sequence[IntentSet]:
    (folder / "clinc.json").write_text('{"train": [["hi there", "hi"]], "test": [["hello", "hi"]], "oos_test": []}')
    for name, text in (("train", "hi there"), ("test", "hello")):
        (folder / f"{name}.csv").write_text(f'text,category\n"{text}",hi\n')
        (folder / name).mkdir()
        (folder / name / "seq.in").write_text(f"{text}\n")
        (folder / name / "label").write_text("hi\n")
    return load_clinc(folder / "clinc.json"), load_banking(folder), load_hwu(folder)


def test_public_sets_are_read_alike(tmp_path: Path) -> None:
    for read in files_of(tmp_path):
        assert read == IntentSet(train=(("hi there", "hi"),), test=(("hello", "hi"),))
        assert read.staff().roles[0].examples == ("hi there",)
        assert list(read.sample()) == [("hello", "hi")]
