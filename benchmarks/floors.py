"""Print the modules of floors 1 to 4 as comma-separated globs, for ``coverage report --include``.

Run: ``python benchmarks/floors.py``. The floors are read from the import contract in pyproject.toml, so that
coverage is measured on exactly what the floors are.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UPPERMOST = "parsing"
"""A module of floor 4, the highest one that is measured."""


def globs(pyproject: str) -> list[str]:
    """Return a glob for every module and package of floors 1 to 4.

    Raises: ValueError if the contract does not name floor 4.
    """
    contracts = tomllib.loads(pyproject)["tool"]["importlinter"]["contracts"]
    layers: list[str] = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    floors = [[name.strip() for name in layer.split(":")] for layer in layers]
    top = next((number for number, floor in enumerate(floors) if UPPERMOST in floor), None)
    if top is None:
        raise ValueError(f"no floor of the import contract holds {UPPERMOST}")
    names = [name for floor in floors[top:] for name in floor]
    package = ROOT / "fleet_runtime"
    return [f"fleet_runtime/{name}/*" if (package / name).is_dir() else f"fleet_runtime/{name}.py" for name in names]


if __name__ == "__main__":
    print(",".join(globs((ROOT / "pyproject.toml").read_text(encoding="utf-8"))))
