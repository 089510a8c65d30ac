"""What importing costs, measured in a fresh process: little CPU, and nothing heavy is loaded."""

from __future__ import annotations

import json
import subprocess
import sys

HEAVY = ("openai", "sqlalchemy", "xllamacpp", "onnxruntime", "typer", "numpy", "rich", "alembic", "tokenizers", "httpx")
MOST_CPU_SECONDS = 0.3
BEST_OF = 3

_LOADED = "import json, sys, fleet_runtime; print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
_CPU = """
import resource
before = resource.getrusage(resource.RUSAGE_SELF)
import fleet_runtime
after = resource.getrusage(resource.RUSAGE_SELF)
print(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
"""


def printed(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout


def test_importing_loads_nothing_heavy() -> None:
    loaded = set(json.loads(printed(_LOADED)))
    assert "fleet_runtime" in loaded
    assert not loaded & set(HEAVY)


def test_importing_is_cheap() -> None:
    spent = min(float(printed(_CPU)) for _ in range(BEST_OF))
    assert spent < MOST_CPU_SECONDS, f"importing fleet_runtime took {spent:.2f} s of CPU"


def test_importing_does_nothing_but_define(capfd: object) -> None:
    """No folder is made, no environment is read into anything, no thread is started."""
    program = (
        "import threading, os; before = dict(os.environ); import fleet_runtime; "
        "print(threading.active_count(), before == dict(os.environ))"
    )
    assert printed(program).split() == ["1", "True"]
