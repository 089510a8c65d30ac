"""The globs of ``make test`` cover exactly the modules of floors 1 to 4."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))  # floors.py is a script, not a module of the package

import floors  # noqa: E402 - it is found only now

MECHANISM = {
    "parsing",
    "checking",
    "prompting",
    "lexical",
    "dates",
    "routing",
    "recall",
    "learning",
    "guarding",
    "voicing",
    "briefing",
}
BELOW = {"ports", "settings", "records", "decisions", "messages", "contracts", "errors"}


def test_the_globs_name_floors_1_to_4_and_nothing_above() -> None:
    found = floors.globs((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    names = {glob.removeprefix("fleet_runtime/").removesuffix("/*").removesuffix(".py") for glob in found}
    assert names >= MECHANISM | BELOW
    assert not names & {"runtime", "fleet", "cli", "stores", "models", "engine", "sync", "testing"}
    assert all(list(ROOT.glob(glob)) for glob in found)
