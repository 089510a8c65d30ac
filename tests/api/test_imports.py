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
