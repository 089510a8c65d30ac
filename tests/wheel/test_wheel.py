"""The wheel, built and installed without the source tree, in an empty environment, works in an empty folder.

The dependencies come from this environment's site-packages through a path file, so that no index is asked.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CSM = "customer-success-manager"
SOURCES = ("fleet_runtime", "roles", "prompts", "profiles", "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md")


def called(*command: str | Path, folder: Path, given: str | None = None) -> str:
    environment = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env=environment,
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build, install, throw the sources away; return the installed command."""
    folder = tmp_path_factory.mktemp("wheel")
    copy = folder / "copy"
    copy.mkdir()
    for name in SOURCES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, copy / name)
    called(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, copy, folder=folder)
    (wheel,) = folder.glob("*.whl")
    shutil.rmtree(copy)
    environment = folder / "venv"
    called(sys.executable, "-m", "venv", "--without-pip", environment, folder=folder)
    python = environment / "bin" / "python"
    site = Path(called(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", folder=folder).strip())
    called(
        sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index",
        "--disable-pip-version-check", wheel, folder=folder,
    )  # fmt: skip
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return environment / "bin" / "fleet"


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FLEET_MODEL", "none")
    folder = tmp_path / "empty"
    folder.mkdir()
    return folder


def test_it_is_the_wheels_own_code_that_runs(fleet: Path, empty: Path) -> None:
    where = called(fleet.with_name("python"), "-c", "import fleet_runtime; print(fleet_runtime.__file__)", folder=empty)
    assert Path(where.strip()).is_relative_to(fleet.parents[1])
    typed = Path(where.strip()).with_name("py.typed")
    assert typed.is_file()


def test_doctor_finds_everything_in_place(fleet: Path, empty: Path) -> None:
    found = {
        finding["name"]: finding["state"] for finding in json.loads(called(fleet, "doctor", "--json", folder=empty))
    }
    assert found.keys() >= {"model", "store", "roles", "prompts"}
    assert "broken" not in found.values()


def test_the_shipped_roles_are_in_it(fleet: Path, empty: Path) -> None:
    roles = json.loads(called(fleet, "roles", "list", "--json", folder=empty))
    assert {role["class"] for role in roles} == {file.stem for file in (ROOT / "roles").glob("[!A-Z]*.md")}
    assert {role["status"] for role in roles} == {"baseline"}


def test_a_scripted_conversation_remembers(fleet: Path, empty: Path) -> None:
    said = "Our champion is Priya Nair.\nthe sync is broken again!!\nThanks!\n"
    talked = called(fleet, "chat", CSM, "--account", "acme", "--speaker", "Dana", folder=empty, given=said)
    assert "champion = Priya Nair" in talked
    assert "support-agent" in talked
    asked = called(fleet, "ask", CSM, "Who is our champion?", "--account", "acme", folder=empty)
    assert "Priya Nair" in asked
    facts = json.loads(called(fleet, "memory", "facts", "acme", "--json", folder=empty))
    assert ("champion", "Priya Nair") in {(fact["key"], fact["value"]) for fact in facts}
    assert (empty / ".fleet" / "fleet.db").is_file()


def test_a_projects_own_role_is_laid_over_the_shipped_ones(fleet: Path, empty: Path) -> None:
    text = called(fleet, "roles", "show", "support-agent", folder=empty)
    (empty / "roles").mkdir()
    (empty / "roles" / "support-agent.md").write_text(text)
    roles = {
        role["class"]: role["status"] for role in json.loads(called(fleet, "roles", "list", "--json", folder=empty))
    }
    assert roles["support-agent"] == "overridden"
    assert roles[CSM] == "baseline"
