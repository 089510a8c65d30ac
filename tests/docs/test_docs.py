"""The documentation runs as written: every fence, offline, without a model, in a folder of its own."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest
from jinja2 import meta

sys.path.insert(0, str(Path(__file__).parent))  # fences.py is a script beside this file

import fences

from fleet_runtime.prompting import PromptBook
from fleet_runtime.settings import RoleSettings, Settings
from fleet_runtime.voicing.bank import VoiceBank

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
def test_every_fence_runs_and_prints_what_it_says(document: Path, tmp_path: Path) -> None:
    names: dict[str, object] = {"__name__": "__main__"}
    for fence in fences.fences(document):
        if fence.saved_as:
            fences.save(fence, tmp_path)
        elif fence.language == "python":
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


def test_the_page_on_prompts_names_every_template_and_variable() -> None:
    page = (ROOT / "docs" / "prompts.md").read_text(encoding="utf-8")
    templates = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "prompts").glob("*.j2")}
    environment = PromptBook(templates)._environment
    for name, text in templates.items():
        row = next(line for line in page.splitlines() if line.startswith(f"| `{name}`"))
        for variable in meta.find_undeclared_variables(environment.parse(text)):
            assert f"`{variable}`" in row, (name, variable)
    for key in VoiceBank.model_fields:
        assert f"| `{key}`" in page, key


def test_every_setting_is_explained() -> None:
    page = (ROOT / "docs" / "sdk.md").read_text(encoding="utf-8")
    for name in {*Settings.model_fields} - {"role"}:
        assert f"`{name}`" in page, name
    for name in RoleSettings.model_fields:
        assert f"`role.CLASS.{name}`" in page, name
