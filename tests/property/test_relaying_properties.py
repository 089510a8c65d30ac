"""Every signal can be packed and read again, and whatever attempts die, a stream tells the text of the reply."""

from __future__ import annotations

import itertools
import math
from decimal import Decimal
from typing import ClassVar, get_origin, get_type_hints

import pytest
from exploring import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet_runtime import signals
from fleet_runtime.contracts import Value
from fleet_runtime.decisions import Decision
from fleet_runtime.records import Reply
from fleet_runtime.runtime.relaying import Retelling, packed, unpacked
from fleet_runtime.signals import Signal, TextReleased, TurnBegan, TurnDone

KINDS = [kind for kind in vars(signals).values() if isinstance(kind, type) and issubclass(kind, Signal)]
KINDS.remove(Signal)

# What is not a number is not equal to itself, wherever it was.
st.register_type_strategy(float, st.floats(allow_nan=False))
st.register_type_strategy(Decimal, st.decimals(allow_nan=False, allow_infinity=False))


def any_of(kind: type[Signal]) -> st.SearchStrategy[Signal]:
    """Build signals of a kind from the types of its fields, those with a default given or not."""
    fields = {name: st.from_type(of) for name, of in get_type_hints(kind).items() if get_origin(of) is not ClassVar}
    optional = {name: fields.pop(name) for name in tuple(fields) if hasattr(kind, name)}
    return st.fixed_dictionaries(fields, optional=optional).map(lambda told: kind(**told))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: str(kind.kind))
@given(data=st.data())
@settings(max_examples=examples(20))
def test_a_signal_comes_back_as_it_was(kind: type[Signal], data: st.DataObject) -> None:
    signal = data.draw(any_of(kind))
    text = packed(signal)
    assert text.isascii()
    read = unpacked(text)
    assert type(read) is kind
    assert read == signal
    for name, value in vars(signal).items():
        if isinstance(value, Value):
            assert getattr(read, name).model_dump() == value.model_dump()


@given(text=st.sampled_from(["\ud800", "\udfff", "a\udc00b", "\x00"]), seconds=st.sampled_from([math.inf, -math.inf]))
def test_half_characters_and_endless_times_come_back_as_they_were(text: str, seconds: float) -> None:
    for told in (TextReleased("t", role=text, text=text), signals.StageDone("t", name=text, seconds=seconds)):
        assert unpacked(packed(told)) == told


PIECES = st.lists(st.sampled_from(["a", "b", "ab", "A b", ". ", "ba"]), max_size=5)


def replied(text: str) -> Reply:
    decision = Decision(id="d", verdict="keep", choice="r", stage="address", confidence=1.0, reason="spoken to")
    return Reply(turn_id="t", conversation="c", text=text, role="r", parts=(), decision=decision)


@given(attempts=st.lists(PIECES, min_size=1, max_size=4), unheard=st.integers(0, 5))
@settings(max_examples=examples(300))
def test_what_is_told_from_the_last_beginning_on_is_the_reply(attempts: list[list[str]], unheard: int) -> None:
    """The last attempt comes to the reply; some of its pieces may never be heard. All before it died."""
    began = TurnBegan("t", tenant="t", account="a", conversation="c", role="r")
    text = "".join(attempts[-1])
    attempts[-1] = attempts[-1][: len(attempts[-1]) - min(unheard, len(attempts[-1]))]
    retelling, told = Retelling("t"), list[Signal]()
    for number, pieces in enumerate(attempts):
        for signal in (began, *(TextReleased("t", role="r", text=piece) for piece in pieces)):
            told += retelling.hear(number, signal)
    told += retelling.end(replied(text))
    assert told[0] == began
    last = max(place for place, signal in enumerate(told) if signal == began)
    said = "".join(signal.text for signal in told[last:] if isinstance(signal, TextReleased))
    assert said.split() == text.split()
    assert isinstance(told[-1], TurnDone)
    beyond = all("".join(later).startswith("".join(sooner)) for sooner, later in itertools.pairwise(attempts))
    if beyond:  # nothing was said otherwise, so nothing is told twice
        whole = "".join(signal.text for signal in told if isinstance(signal, TextReleased))
        assert whole == text
