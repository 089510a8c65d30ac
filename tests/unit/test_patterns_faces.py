"""What loads late: patterns are compiled, and a package's names found, when they are first used."""

from __future__ import annotations

import re

import pytest

from fleet_runtime.faces import face
from fleet_runtime.patterns import pattern


def test_a_late_pattern_does_what_a_compiled_one_does() -> None:
    late, compiled = pattern(r"(?P<word>b+)", re.IGNORECASE), re.compile(r"(?P<word>b+)", re.IGNORECASE)
    assert late.pattern == compiled.pattern
    assert late.flags == compiled.flags
    assert late.sub("-", "aBBc") == compiled.sub("-", "aBBc") == "a-c"
    assert [found["word"] for found in late.finditer("bB abb")] == ["bB", "bb"]


def test_a_mistake_in_a_late_pattern_is_told_on_first_use() -> None:
    late = pattern("(")
    with pytest.raises(re.error):
        late.search("a")


def test_a_face_finds_names_in_their_modules_and_no_others() -> None:
    find = face("fleet_runtime", {"errors": ("FleetError",)})
    assert getattr(find("FleetError"), "code", "") == "fleet"
    with pytest.raises(AttributeError, match="has no attribute 'StoreError'"):
        find("StoreError")
