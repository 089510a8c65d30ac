"""Measure what starting costs: importing the package, and ``fleet ask`` without a model, in CPU seconds.

Run: ``python benchmarks/start.py [--runs 5]``. Each run is a process of its own; the best counts, since whatever
else the machine does only adds. CPU and not wall time, so that a busy machine says nearly the same.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

PROGRAMS = {
    "import fleet_runtime": "import fleet_runtime",
    "import all public names": "import fleet_runtime as f; [getattr(f, name) for name in f.__all__]",
    "fleet --help": "import sys; sys.argv[1:] = ['--help']; from fleet_runtime.cli import main; main()",
    "fleet ask, no model": (
        "import sys; sys.argv[1:] = ['ask', 'customer-success-manager', 'Thanks!', '--account', 'a'];"
        "from fleet_runtime.cli import main; main()"
    ),
}
EMPTY = "pass"


def spent(program: str, folder: Path) -> tuple[float, float]:
    """Run a program in a process of its own; return its CPU and its wall seconds."""
    environment = {
        **os.environ,
        "FLEET_MODEL": "none",
        "FLEET_EMBEDDINGS": "none",
        "FLEET_DATABASE": str(folder / "f.db"),
    }
    before, begun = os.times(), perf_counter()
    subprocess.run([sys.executable, "-c", program], cwd=folder, env=environment, check=True, capture_output=True)
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return cpu, perf_counter() - begun


def main(arguments: Sequence[str] | None = None) -> None:
    """Print one line a program: the best CPU and wall seconds, less what an empty program takes."""
    parser = argparse.ArgumentParser(description="measure what starting costs")
    parser.add_argument("--runs", type=int, default=5)
    runs: int = parser.parse_args(arguments).runs
    with tempfile.TemporaryDirectory(prefix="fleet-start-") as name:
        folder = Path(name)
        empty_cpu, empty_wall = (
            min(figure) for figure in zip(*(spent(EMPTY, folder) for _ in range(runs)), strict=True)
        )
        print(f"{'(empty program)':<28}{empty_cpu:6.2f} s CPU {empty_wall:6.2f} s wall")
        for title, program in PROGRAMS.items():
            cpu, wall = (min(figure) for figure in zip(*(spent(program, folder) for _ in range(runs)), strict=True))
            print(f"{title:<28}{cpu - empty_cpu:6.2f} s CPU {wall - empty_wall:6.2f} s wall")


if __name__ == "__main__":
    main()
