"""The documentation runs as written: every fence, offline, without a model, in a folder of its own."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # fences.py is a script beside this file

import fences

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.fixture(autouse=True)
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the reader into an empty folder, without a model, a key or a network."""
    monkeypatch.chdir(tmp_path)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"MODEL": "none", "EMBEDDINGS": "none"}.items():
        monkeypatch.setenv(f"FLEET_{name}", value)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "80")

    def refuse(*_: object) -> None:
        raise AssertionError("the documentation must run offline")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_fence_runs_and_prints_what_it_says(document: Path) -> None:
    names: dict[str, object] = {"__name__": "__main__"}
    for fence in fences.fences(document):
        if fence.language == "python":
            fences.run_python(fence, names)
        else:
            fences.run_console(fence)


def test_the_command_line_page_quotes_the_help_of_every_command() -> None:
    quoted = {
        command
        for fence in fences.fences(ROOT / "docs" / "cli.md")
        for command, output in fences.commands(fence.body)
        if output
    }
    assert {f"fleet {name} --help".replace("  ", " ") for name in fences.command_names()} <= quoted


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_somewhere(document: Path) -> None:
    for target in fences.links(document):
        assert (document.parent / target).exists(), target


def test_every_dependency_has_its_reason() -> None:
    why = (ROOT / "docs" / "why.md").read_text(encoding="utf-8")
    for package in fences.dependencies(ROOT / "pyproject.toml"):
        assert f"| {package} |" in why, package
