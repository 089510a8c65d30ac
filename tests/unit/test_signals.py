"""Signals are values: made whole, compared by content, never changed."""

from __future__ import annotations

import pytest

from fleet_runtime.signals import Consulted, Signal, StageDone, TextReleased


def test_a_signal_keeps_what_it_is_told() -> None:
    told = TextReleased("t1", role="support-agent", text="Hello")
    assert (told.kind, told.turn_id, told.role, told.text) == ("token", "t1", "support-agent", "Hello")
    assert repr(told) == "TextReleased(turn_id='t1', role='support-agent', text='Hello')"
    assert isinstance(told, Signal)


def test_what_is_not_told_is_as_the_signal_says() -> None:
    told = Consulted("t1", role="a", colleague="b", question="?", answer="!")
    assert told.why == ""
    assert told == Consulted("t1", role="a", colleague="b", question="?", answer="!", why="")


def test_signals_are_equal_by_kind_and_content() -> None:
    one = StageDone("t1", name="route", seconds=0.5)
    assert one == StageDone("t1", name="route", seconds=0.5)
    assert hash(one) == hash(StageDone("t1", name="route", seconds=0.5))
    assert one != StageDone("t1", name="recall", seconds=0.5)
    assert one != TextReleased("t1", role="a", text="b")


@pytest.mark.parametrize("wrong", [{}, {"role": "a"}, {"role": "a", "text": "b", "other": "c"}])
def test_a_signal_that_is_not_whole_is_a_type_error(wrong: dict[str, str]) -> None:
    with pytest.raises(TypeError, match="TextReleased has turn_id, role, text"):
        TextReleased("t1", **wrong)


def test_a_signal_cannot_be_changed() -> None:
    told = StageDone("t1", name="route", seconds=0.5)
    with pytest.raises(AttributeError, match="values"):
        told.name = "recall"  # type: ignore[misc]
