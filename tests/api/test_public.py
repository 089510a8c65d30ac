"""The public face: few names, each importable, documented, and of this package."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest

import fleet_runtime
from fleet_runtime import Agent, Fleet, FleetError

MOST_NAMES = 30


def test_the_names_are_sorted_told_apart_and_few() -> None:
    names = fleet_runtime.__all__
    assert names == sorted(set(names))
    assert len(names) <= MOST_NAMES


def test_the_stub_names_what_the_package_gives() -> None:
    """Type checkers read the stub; it must not promise more or less than there is."""
    stub = Path(fleet_runtime.__file__).with_suffix(".pyi").read_text(encoding="utf-8")
    assigned = next(node for node in ast.parse(stub).body if isinstance(node, ast.Assign))
    assert ast.literal_eval(assigned.value) == fleet_runtime.__all__


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nosuch"):
        fleet_runtime.nosuch  # type: ignore[attr-defined]  # noqa: B018 - the look-up is what is tested


def test_nothing_public_is_left_out_of_all() -> None:
    classes = {name for name, thing in vars(fleet_runtime).items() if inspect.isclass(thing) and name[0] != "_"}
    assert classes <= set(fleet_runtime.__all__)


@pytest.mark.parametrize("name", fleet_runtime.__all__)
def test_a_public_name_is_importable_and_documented(name: str) -> None:
    thing = getattr(fleet_runtime, name)
    assert thing.__module__.startswith("fleet_runtime.")
    assert inspect.getdoc(thing)
    if inspect.isclass(thing):
        assert vars(thing).get("__doc__"), "its own docstring, not its base's"


@pytest.mark.parametrize("kind", [Fleet, Agent, fleet_runtime.AccountMemory], ids=lambda kind: kind.__name__)
def test_every_public_method_is_documented_and_typed(kind: type) -> None:
    for name, member in inspect.getmembers(kind):
        if name.startswith("_") or not callable(member):
            continue
        assert inspect.getdoc(member), f"{kind.__name__}.{name}"
        assert inspect.signature(member).return_annotation is not inspect.Signature.empty, f"{kind.__name__}.{name}"


@pytest.mark.parametrize(
    ("method", "parameters"),
    [
        (Fleet.open, {"database", "model", "profile", "roles", "tenant", "engine", "clock"}),
        (Fleet.spawn, {"role", "account", "conversation"}),
        (Fleet.dispatch, {"text", "account"}),
        (Fleet.route, {"text"}),
        (Agent.ask, {"text", "speaker", "at", "turn_id", "conversation"}),
        (Agent.stream, {"text"}),
        (fleet_runtime.AccountMemory.facts, {"as_of"}),
        (fleet_runtime.AccountMemory.recall, {"question", "as_of"}),
        (fleet_runtime.AccountMemory.brief, {"as_of"}),
        (fleet_runtime.AccountMemory.record, {"event"}),
    ],
)
def test_the_promised_arguments_are_there(method: object, parameters: set[str]) -> None:
    assert callable(method)
    assert parameters <= set(inspect.signature(method).parameters)


def test_every_error_that_is_public_is_of_the_one_tree() -> None:
    public = [getattr(fleet_runtime, name) for name in fleet_runtime.__all__]
    errors = [thing for thing in public if inspect.isclass(thing) and issubclass(thing, BaseException)]
    assert errors
    assert all(issubclass(error, FleetError) for error in errors)
