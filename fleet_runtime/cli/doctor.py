"""The command that says what is in force and what is missing. Starts no model, downloads and mends nothing."""

from __future__ import annotations

import typer

from fleet_runtime.cli.running import Running


async def doctor(run: Running) -> None:
    """Say what is in force, what is missing, and how to mend it.

    Model and voice, store, roles, prompts, embeddings, and whether the model may choose where routing is
    unsure. No model is started and nothing is fetched. Ends with 1 if something that is needed is broken.
    """
    from fleet_runtime.cli.checks import examine  # noqa: PLC0415 - loads the whole runtime, which --help does not need

    findings = await examine(lambda: run.settings)
    if run.out.as_json:
        run.out.json(findings)
    else:
        for finding in findings:
            run.out.line(f"{finding.state:<8}{finding.name:<14}{finding.text}")
            if finding.hint:
                run.out.line(f"{'':<22}{finding.hint}")
    if any(finding.state == "broken" for finding in findings):
        raise typer.Exit(1)
