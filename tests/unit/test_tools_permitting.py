"""Who may use which tool, and how much of a result is kept."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from fleet_runtime.ports import Tool
from fleet_runtime.toolbox.functions import tool
from fleet_runtime.tools import bounded, permitted, unknown_tools


def _nothing() -> None:
    pass


TOOLS: Mapping[str, Tool] = {
    name: tool(name=name)(_nothing) for name in ("crm_note", "mail", "crm_find", "crm-old", "ledger")
}


def names(*lines: str, grant: tuple[str, ...] | None = None) -> list[str]:
    return [one.spec.name for one in permitted(lines, TOOLS, grant)]


def test_each_form_of_a_line_names_its_tool() -> None:
    assert names("mail") == ["mail"]
    assert names("`mail`") == ["mail"]
    assert names("**mail** — to write to people") == ["mail"]
    assert names("mail — to write to people") == ["mail"]
    assert names("`mail`: to write to people") == ["mail"]
    assert names("mail: to write to people") == ["mail"]
    assert names("mail, when nothing else helps") == ["mail"]
    assert names("crm-old - for what was before") == ["crm-old"]


def test_a_glob_names_several_by_name_and_lines_keep_their_order() -> None:
    assert names("ledger", "`crm_*` — customers", "mail", "crm_note") == ["ledger", "crm_find", "crm_note", "mail"]
    assert names("*") == sorted(TOOLS)
    assert names("crm?old") == ["crm-old"]


def test_a_role_without_lines_has_no_tools() -> None:
    assert names() == []
    assert names("", "—", "mailer", "Mail") == []


def test_a_grant_narrows_and_never_widens() -> None:
    assert names("crm_*", grant=("crm_find", "mail")) == ["crm_find"]
    assert names("crm_*", grant=()) == []


def test_what_nothing_answers_to_is_told() -> None:
    assert unknown_tools(["mail", "`fax` — for the old", "erp_*", "fax"], TOOLS) == ("fax", "erp_*")
    assert unknown_tools(["crm_*"], TOOLS) == ()


@given(st.lists(st.text(max_size=12), max_size=4), st.none() | st.sets(st.sampled_from(sorted(TOOLS))))
def test_nothing_is_permitted_beyond_what_there_is_and_what_is_granted(
    lines: list[str], grant: set[str] | None
) -> None:
    found = [one.spec.name for one in permitted(lines, TOOLS, grant)]
    assert len(found) == len(set(found))
    assert set(found) <= (set(TOOLS) if grant is None else grant)


def test_a_short_text_is_left_alone_and_a_long_one_is_cut_at_a_word() -> None:
    assert bounded("as it is", 8) == "as it is"
    text = "the lamp burns " * 20
    cut = bounded(text, 100)
    kept, _, note = cut.partition(" … ")
    assert text.startswith(kept + " ")
    assert note == f"[{len(text) - len(kept)} of {len(text)} characters left out]"
    assert 80 < len(cut) <= 100


def test_what_no_database_keeps_is_left_out() -> None:
    assert bounded("a\0b", 10) == "ab"


@given(st.text(alphabet="ab \n", max_size=400) | st.text(max_size=300), st.integers(0, 300))
def test_no_bound_is_passed(text: str, characters: int) -> None:
    cut = bounded(text, characters)
    text = text.replace("\0", "")
    assert len(cut) <= characters or cut == text == ""
    if len(text) <= characters:
        assert cut == text
    elif " … [" in cut and not cut.startswith(text[: len(cut)]):
        assert text.startswith(cut.rpartition(" … [")[0])


def test_an_endless_word_is_cut_all_the_same() -> None:
    cut = bounded("x" * 5000, 1000)
    assert 800 < len(cut) <= 1000
