"""The program as tests call it: within this process, in a folder of the test's own, without a model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from open_fleets import shipped, shipped_index
from typer.testing import CliRunner

from fleet_runtime.cli.app import build


class Call:
    """One call of the program in this process."""

    def __init__(self, *arguments: str) -> None:
        result = CliRunner().invoke(build(arguments[0]), list(arguments), prog_name="fleet")
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        self.code, self.out, self.err = result.exit_code, result.stdout, result.stderr

    def json(self) -> Any:
        assert self.code == 0, self.err
        return json.loads(self.out)


def stand_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in a folder without a model."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("FLEET_MODEL", "none")


def stand_alone_staffed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in a folder without a model, with the shipped staff read once for all tests."""
    stand_alone(folder, monkeypatch)
    staff, words = shipped()
    monkeypatch.setattr("fleet_runtime.adapters.load_staff", lambda _: staff)
    monkeypatch.setattr("fleet_runtime.adapters.load_words", lambda *_: words)
    monkeypatch.setattr("fleet_runtime.routing.build_index", lambda _: shipped_index())
