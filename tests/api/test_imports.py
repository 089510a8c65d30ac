"""What importing costs, measured in a fresh process: little CPU, and nothing heavy is loaded."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from overhead import OURS, harbour
from overhead_stub import running

HEAVY = ("openai", "sqlalchemy", "xllamacpp", "onnxruntime", "typer", "numpy", "rich", "alembic", "tokenizers", "httpx")
MOST_CPU_SECONDS = 0.3
BEST_OF = 3
MOST_MODULES = 125

_LOADED = "import json, sys, fleet_runtime; print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
_CPU = """
import resource
before = resource.getrusage(resource.RUSAGE_SELF)
import fleet_runtime
after = resource.getrusage(resource.RUSAGE_SELF)
print(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
"""


STAGES = ("routing", "learning", "recall", "guarding", "briefing", "digesting", "importing", "dates", "checking")
"""Our own packages that only a stage which is on needs."""

_NAMES = "\nimport json; print(json.dumps(sorted(sys.modules)))"


def printed(program: str, *arguments: str, folder: Path | None = None) -> str:
    command = [sys.executable, "-c", program, *arguments]
    # What was measured of models on this machine stands in the cache, and is looked at: an empty one stands in for it.
    environment = os.environ if folder is None else {**os.environ, "XDG_CACHE_HOME": str(folder)}
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=folder, env=environment)
    assert done.stderr == ""
    return done.stdout


def test_importing_loads_nothing_heavy() -> None:
    loaded = set(json.loads(printed(_LOADED)))
    assert "fleet_runtime" in loaded
    assert not loaded & set(HEAVY)


def test_using_every_public_name_loads_nothing_heavy_either() -> None:
    """Names are found when they are first used; that must not bring in what only a fleet that opens needs."""
    touched = _LOADED.replace("print", "[getattr(fleet_runtime, name) for name in fleet_runtime.__all__]; print")
    assert not set(json.loads(printed(touched))) & set(HEAVY)


def test_a_fleet_without_a_model_loads_no_model_client() -> None:
    opened = (
        "import anyio, json, sys; from fleet_runtime import Fleet\n"
        "async def main():\n"
        "    async with Fleet.open(database=None, model=None) as fleet:\n"
        "        await (await fleet.spawn('customer-success-manager', account='a')).ask('Thanks!')\n"
        "anyio.run(main); print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    )
    assert not set(json.loads(printed(opened))) & {
        "openai",
        "httpx",
        "xllamacpp",
        "onnxruntime",
        "numpy",
        "typer",
        "rich",
    }


@pytest.fixture(scope="module")
def loaded_by_a_plain_turn(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The modules that a process has loaded which answered one message of a model's, with every stage off."""
    folder = tmp_path_factory.mktemp("harbour")
    harbour(folder)
    with running() as base_url:
        return set(json.loads(printed(OURS + _NAMES, base_url, folder=folder).splitlines()[-1]))


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_that_is_off_is_not_loaded(loaded_by_a_plain_turn: set[str], stage: str) -> None:
    assert not {name for name in loaded_by_a_plain_turn if name.startswith(f"fleet_runtime.{stage}")}


@pytest.mark.parametrize(
    "package",
    ["sqlalchemy", "numpy", "yaml", "markdown_it", "snowballstemmer", "tenacity", "dateutil", "typer", "rich"],
)
def test_a_plain_turn_loads_no_library_that_it_does_not_use(loaded_by_a_plain_turn: set[str], package: str) -> None:
    assert package not in loaded_by_a_plain_turn


def test_a_plain_turn_loads_little_of_our_own(loaded_by_a_plain_turn: set[str]) -> None:
    """Each module costs about half a millisecond; this many were measured, with some to spare."""
    ours = {name for name in loaded_by_a_plain_turn if name.startswith("fleet_runtime")}
    assert "fleet_runtime.runtime.turns" in ours
    assert len(ours) <= MOST_MODULES, sorted(ours)


def test_importing_is_cheap() -> None:
    spent = min(float(printed(_CPU)) for _ in range(BEST_OF))
    assert spent < MOST_CPU_SECONDS, f"importing fleet_runtime took {spent:.2f} s of CPU"


def test_importing_does_nothing_but_define() -> None:
    """No folder is made, no environment is read into anything, no thread is started."""
    program = (
        "import threading, os; before = dict(os.environ); import fleet_runtime; "
        "print(threading.active_count(), before == dict(os.environ))"
    )
    assert printed(program).split() == ["1", "True"]
