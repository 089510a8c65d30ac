"""The command that tests role contracts against the dispatcher. Makes no probe and judges none: `probing` does.

Opens no fleet: no store, no model.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from fleet_runtime.cli.running import Running

ClassesArgument = Annotated[
    list[str] | None, typer.Argument(metavar="CLASS", help="Roles to test.", show_default=False)
]
WordsOnlyOption = Annotated[bool, typer.Option("--words-only", help="Decide by words alone, without vectors.")]
MutantsOption = Annotated[bool, typer.Option("--mutants", help="Delete each boundary in turn: does a probe notice?")]


@dataclass(frozen=True)
class Recording:
    """Where the probes are kept, and which kept ones the roles are held to."""

    record: Annotated[Path | None, typer.Option(metavar="FILE", help="Keep the probes for later runs.")] = None
    against: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The recording to hold; else roles.probes.jsonl.")
    ] = None


async def probe_roles(
    run: Running,
    recording: Recording,
    classes: ClassesArgument = None,
    words_only: WordsOnlyOption = False,
    mutants: MutantsOption = False,
) -> None:
    """Test that the dispatcher keeps every role in its lane, by probes made from the contracts.

    Tested are your own roles, or where you have none the staff; with --profile the roles that it seats as
    well; with --roles and no --profile all roles of that folder, which are then the whole staff. Ends with 1
    if a boundary or a mandate does not hold.
    """
    from fleet_runtime.cli.role_probes import RoleTest  # noqa: PLC0415 - loads routing, which --help does not need
    from fleet_runtime.cli.role_probes_wording import as_json, report_lines, table_rows  # noqa: PLC0415

    test = RoleTest.of(
        run.settings,
        classes=classes or (),
        folder=None if run.named_profile else run.named_roles,
        seated=run.named_profile is not None,
        against=recording.against,
        anew=recording.record is not None,
    )
    outcome = await test.run(words_only=words_only, mutants=mutants)
    if recording.record is not None:
        test.keep(recording.record, outcome)
    if run.out.as_json:
        run.out.json(as_json(outcome))
    else:
        run.out.table(("role", "in-lane", "out-of-lane", "hand-off", "adversarial"), table_rows(outcome))
        for line in report_lines(outcome):
            run.out.line(line)
    if recording.record is not None:
        run.out.note(f"{recording.record}: the probes are kept")
    if outcome.failures:
        raise typer.Exit(1)
