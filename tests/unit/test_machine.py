"""The collector rests while modules load, and is left as the program had it."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from fleet_runtime.machine import without_collecting


@pytest.fixture(autouse=True)
def collecting() -> Iterator[None]:
    """Leave the collector on, whatever a test does."""
    gc.enable()
    yield
    gc.enable()


def test_the_collector_rests_and_goes_on_with_nothing_frozen() -> None:
    with without_collecting():
        assert not gc.isenabled()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_it_goes_on_after_an_error_too() -> None:
    with pytest.raises(ImportError), without_collecting():
        raise ImportError
    assert gc.isenabled()


def test_a_collector_that_is_off_stays_off() -> None:
    gc.disable()
    with without_collecting():
        assert not gc.isenabled()
    assert not gc.isenabled()


def test_what_the_program_froze_stays_frozen() -> None:
    gc.freeze()
    try:
        frozen = gc.get_freeze_count()
        with without_collecting():
            assert gc.isenabled()
        assert gc.get_freeze_count() == frozen
    finally:
        gc.unfreeze()


def test_what_was_made_meanwhile_is_collected_by_and_by() -> None:
    class Circle:
        def __init__(self) -> None:
            self.itself = self

    with without_collecting():
        made = weakref.ref(Circle())
    assert made() is not None
    gc.collect()
    assert made() is None
