"""Forms of wording are compiled when a hint first fits, and every one of them can be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from fleet_runtime.learning.reading import wordings as module
from fleet_runtime.learning.reading.passages import Passage
from fleet_runtime.learning.reading.wordings import read_wording, wordings

SAID_AT = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)


@pytest.fixture
def _nothing_compiled() -> Iterator[None]:
    """Begin as a new process does."""
    wordings.cache_clear()
    module._compiled.cache_clear()
    yield
    module._compiled.cache_clear()


def values(text: str) -> dict[str, str]:
    """Read the wordings of a text of one sentence."""
    passage = Passage(text, SAID_AT)
    (sentence,) = passage.sentences
    return {key: found.value for key, one in wordings().items() for found in read_wording(one, passage, sentence)}


@pytest.mark.usefixtures("_nothing_compiled")
def test_a_text_without_any_hint_compiles_no_form() -> None:
    assert values("Thanks, see you on the call.") == {}
    assert module._compiled.cache_info().currsize == 0


@pytest.mark.usefixtures("_nothing_compiled")
def test_hints_compile_the_forms_of_their_own_keys_and_each_once() -> None:
    text = "They are on the Enterprise plan."
    assert values(text) == {"plan": "Enterprise"}
    compiled = module._compiled.cache_info().currsize
    hinted = [one for one in wordings().values() if one.hint.search(text)]
    assert 0 < compiled <= sum(len(one.forms) for one in hinted) < sum(len(one.forms) for one in wordings().values())
    assert values(text) == {"plan": "Enterprise"}
    assert module._compiled.cache_info().currsize == compiled


def test_every_form_can_be_compiled_and_has_a_group_for_its_value() -> None:
    """Else what a mistake in a table costs would be found by the first text that comes so far."""
    for one in wordings().values():
        assert all("v" in module._compiled(form).groupindex for form in one.forms)
