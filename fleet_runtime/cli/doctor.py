"""The command that says what is in force and what is missing. Starts no model, downloads and mends nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Literal

import typer

from fleet_runtime.cli import checks
from fleet_runtime.cli.running import Running
from fleet_runtime.contracts import Value
from fleet_runtime.errors import FleetError, SettingError
from fleet_runtime.settings import Settings

Check = Callable[[Settings], Awaitable[checks.Verdict]]

_CHECKS: tuple[tuple[str, Check], ...] = (
    ("model", checks.model),
    ("store", checks.store),
    ("roles", checks.roles),
    ("prompts", checks.prompts),
    ("embeddings", checks.embeddings),
)


class Finding(Value):
    """What was found about one thing; ``hint`` says how to mend it."""

    name: str
    state: Literal["ok", "note", "broken"]
    text: str
    hint: str = ""


async def doctor(run: Running) -> None:
    """Say what is in force, what is missing, and how to mend it.

    Model and voice, store, roles, prompts, embeddings. No model is started and nothing is fetched. Ends
    with 1 if something that is needed is broken.
    """
    findings = await _findings(run)
    if run.out.as_json:
        run.out.json(findings)
    else:
        for finding in findings:
            run.out.line(f"{finding.state:<8}{finding.name:<11}{finding.text}")
            if finding.hint:
                run.out.line(f"{'':<19}{finding.hint}")
    if any(finding.state == "broken" for finding in findings):
        raise typer.Exit(1)


async def _findings(run: Running) -> list[Finding]:
    """Ask every check; where the settings are broken, nothing else can be asked."""
    try:
        settings = run.settings
    except SettingError as error:
        return [Finding(name="settings", state="broken", text=error.message, hint=error.hint)]
    return [await _finding(name, check, settings) for name, check in _CHECKS]


async def _finding(name: str, check: Check, settings: Settings) -> Finding:
    """Ask one check; an error of ours is its finding."""
    try:
        verdict = await check(settings)
    except FleetError as error:
        return Finding(name=name, state="broken", text=error.message, hint=error.hint)
    return Finding(name=name, state="note" if verdict.note else "ok", text=verdict.text, hint=verdict.note)
