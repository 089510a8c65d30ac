"""Measure `fleet check` on a large organisation: 200 roles made of the shipped ones, process start included.

Run: ``python benchmarks/check.py [--roles 200] [--runs 5]``. Each copy of the shipped library is an organisation of its
own trade: its classes carry a suffix, the owners that they name carry the same, its examples end in a word of its
own, and what it does and refuses is called otherwise (or else every mandate would claim what its copies claim).
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = "import sys; sys.argv[1:] = ['check', 'roles', *sys.argv[1:]]; from fleet_runtime.cli import main; main()"
COPIES = ("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heath", "inlet", "juniper")


def write_roles(folder: Path, count: int) -> None:
    """Write ``count`` roles into a folder, whole copies of the library first."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted((ROOT / "roles").glob("*.md"))}
    texts.pop("LIBRARY", None)
    folder.mkdir()
    for number in range(count):
        copy, at = divmod(number, len(texts))
        stem = sorted(texts)[at]
        present = sorted(texts)[: count - copy * len(texts)]
        owners = {name: f"{name}-{COPIES[copy] if name in present else COPIES[0]}" for name in texts}
        text = renamed(texts[stem], COPIES[copy], owners)
        (folder / f"{stem}-{COPIES[copy]}.md").write_text(text, encoding="utf-8")


def renamed(text: str, word: str, owners: Mapping[str, str]) -> str:
    """Return a contract in another trade: class and owners renamed, its words in mandate and refusals changed."""

    def owner(match: re.Match[str]) -> str:
        return f"**{owners.get(match[1], match[1])}**"

    def trade(match: re.Match[str]) -> str:
        return re.sub(r"\b[a-z]{5,}\b", rf"\g<0>{word}", match[0])

    text = re.sub(r"(class:\s*)([a-z-]+)", rf"\1\2-{word}", text, count=1)
    text = re.sub(r"\*\*([a-z-]+)\*\*", owner, text)
    text = re.sub(r"^\d+\. .*(?:\n   .*)*|\*\*Does NOT [^*]+\*\*", trade, text, flags=re.MULTILINE)
    return re.sub(r"^( *- (?!\*\*)(?!`).+)$", rf"\1 {word}", text, flags=re.MULTILINE)


def run(folder: Path, *options: str) -> tuple[float, str]:
    """Run the command in a process of its own; return its wall seconds and what it printed."""
    begun = perf_counter()
    command = [sys.executable, "-c", PROGRAM, *options]
    done = subprocess.run(command, cwd=folder, env=os.environ, check=False, capture_output=True, text=True)
    if done.returncode not in (0, 1) or done.stderr:
        raise SystemExit(done.stderr)
    return perf_counter() - begun, done.stdout


def main(arguments: Sequence[str] | None = None) -> None:
    """Print each run's wall time, the best, and how many findings there are by code."""
    parser = argparse.ArgumentParser(description="measure fleet check")
    parser.add_argument("--roles", type=int, default=200)
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="fleet-check-") as name:
        folder = Path(name)
        write_roles(folder / "roles", given.roles)
        times = [run(folder)[0] for _ in range(given.runs)]
        print(f"fleet check, {given.roles} roles: best {min(times):.2f} s wall, of {[round(one, 2) for one in times]}")
        found = json.loads(run(folder, "--json")[1])
        counts: dict[str, int] = {}
        for one in found["findings"]:
            counts[one["code"]] = counts.get(one["code"], 0) + 1
        print(f"{len(found['findings'])} findings: {counts}")


if __name__ == "__main__":
    main()
