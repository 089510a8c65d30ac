"""The error tree: what its docstring draws is what there is, and each error says what to do."""

from __future__ import annotations

import inspect
import re

import pytest

from fleet_runtime import errors
from fleet_runtime.errors import ContractError, FleetError

ALL = [thing for _, thing in inspect.getmembers(errors, inspect.isclass) if issubclass(thing, FleetError)]


def test_the_docstring_draws_the_tree_as_it_is() -> None:
    drawn: dict[str, str] = {}
    above: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"([│ ]*)(?:[├└]── )?(\w+)", line)
        if found is None or found.group(2) not in {error.__name__ for error in ALL}:
            continue
        depth = len(found.group(1)) // 4 + ("──" in line)
        above[depth:] = [found.group(2)]
        drawn[found.group(2)] = above[depth - 1] if depth else "Exception"
    assert drawn == {error.__name__: error.__bases__[0].__name__ for error in ALL}


def test_codes_are_told_apart_and_plain() -> None:
    codes = [error.code for error in ALL]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", code) for code in codes)


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_an_error_keeps_message_and_hint_and_says_both_in_one_line(kind: type[FleetError]) -> None:
    error = kind("it is broken", hint="mend it")
    assert (error.message, error.hint, str(error)) == ("it is broken", "mend it", "it is broken (mend it)")
    assert inspect.getdoc(kind)


def test_a_contract_error_begins_with_its_place() -> None:
    error = ContractError("bad heading", hint="mend it", where="roles/x.md:7")
    assert (error.message, error.where) == ("roles/x.md:7: bad heading", "roles/x.md:7")


def test_errors_know_no_exit_codes_and_no_statuses() -> None:
    public = {name for kind in ALL for name in vars(kind) if not name.startswith("_")}
    assert public == {"code"}
