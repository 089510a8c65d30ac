"""What the benchmark of long dialogues counts, on a conversation made up here."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from fit_recall import cases, descend, figures, fit, left_out
from locomo_data import Conversation, marks, read_conversations
from memory_locomo import by_the_shipped

SAID = ("We moved the depot to Leeds.", "How nice!", "The new lorry is green.", "My brother breeds sheep.")
ASKED = (("Where did Ann move the depot?", 1), ("What colour is the lorry?", 3), ("Who breeds sheep?", 4))


@pytest.fixture
def conversations(tmp_path: Path) -> tuple[Conversation, ...]:
    sample = {
        "conversation": {
            "session_1_date_time": "1:56 pm on 8 May, 2023",
            "session_1": [
                {"dia_id": f"D1:{number}", "speaker": ("Ann", "Bob")[number % 2], "text": text}
                for number, text in enumerate(SAID, 1)
            ],
        },
        "qa": [{"question": text, "category": 4, "evidence": [f"D1:0{place}"]} for text, place in ASKED]
        + [{"question": "Lost?", "category": 1, "evidence": ["D9:9"]}],
    }
    file = tmp_path / "some.json"
    file.write_text(json.dumps([{"sample_id": name, **sample} for name in ("one", "two")]), encoding="utf-8")
    return read_conversations(file)


def test_turns_become_events_and_questions_without_evidence_are_left_out(
    conversations: tuple[Conversation, ...],
) -> None:
    first = conversations[0]
    assert [event.text for event in first.events] == list(SAID)
    assert first.events[0].at.isoformat() == "2023-05-08T13:56:00+00:00"
    assert [question.evidence for question in first.questions] == [{"D1:1"}, {"D1:3"}, {"D1:4"}]


def test_marks_are_shares_of_the_evidence() -> None:
    found = marks(["x", "a", "a", "y", "z", "v", "b"], frozenset({"a", "b", "c"}))
    assert (found["R@5"], found["R@10"], found["MRR"]) == (1 / 3, 2 / 3, 1 / 2)


def test_what_is_fitted_ranks_a_conversation_that_it_never_saw(conversations: tuple[Conversation, ...]) -> None:
    names, known = cases(conversations, None)
    assert len(fit(known)) == len(names)
    assert figures(known, left_out(known))["single-hop"]["MRR"] == 1
    found, _ = by_the_shipped(conversations, None)
    assert found["all"]["R@5"] == 1


def test_the_least_of_a_bowl_is_found() -> None:
    bottom = np.array([3.0, -2.0])
    found = descend(lambda at: (float(((at - bottom) ** 2) @ [1.0, 9.0]), 2 * (at - bottom) * [1.0, 9.0]), np.zeros(2))
    assert np.allclose(found, bottom, atol=1e-4)
