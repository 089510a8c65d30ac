"""The command that measures whether the model may choose where routing is unsure. Decides nothing: figures do."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import fleet_runtime
from fleet_runtime.cli.running import Running
from fleet_runtime.routing.earning import LEVEL, Calibration

DataOption = Annotated[
    Path | None, typer.Option("--data", metavar="FILE", help="Labelled messages, one JSON object a line.")
]

_STEP = 10  # messages between two lines of progress


async def calibrate(run: Running, data: DataOption = None) -> None:
    """Measure whether the model may choose where routing is unsure.

    Labelled messages are decided with and without the model. It may choose only if it is better beyond chance;
    the result is kept for this model and these roles. No store is opened.
    """
    from fleet_runtime.cli.progress import downloads  # noqa: PLC0415 - loads rich

    def told(done: int, total: int) -> None:
        """Say every now and then how far it is."""
        if done % _STEP == 0 or done == total:
            run.out.note(f"{done} of {total} messages decided")

    settings = run.settings.model_copy(update={"database": "none"})
    with downloads() as report:
        async with fleet_runtime.Fleet.open(settings=settings, report=report, resume=False) as fleet:
            found = await fleet.calibrate(data, told=told)
    if run.out.as_json:
        run.out.json(found)
        return
    for line in _lines(found, applied=settings.adjudication == "auto"):
        run.out.line(line)


def _lines(found: Calibration, *, applied: bool) -> list[str]:
    """Say what was measured, and what follows from it."""
    where = f" at {found.endpoint}" if "://" in found.endpoint else ""
    counted = f"{found.better} better, {found.worse} worse; luck alone does as well with p = {found.p_value:.3f}"
    lines = [
        f"{found.model}{where}: asked {found.calls} times, {found.seconds_per_call:.1f} s each",
        f"cut {found.cut:.2f}, chosen on {found.messages - found.tested} messages; tested on the other {found.tested}:",
        f"  without the model {found.local_accuracy:.1%} right, with it {found.adjudicated_accuracy:.1%}",
        f"  {counted}",
    ]
    if not found.earned:
        few = " (too few changes to tell; give more messages with --data)" if _tells_nothing(found) else ""
        return [*lines, f"not earned: the model is not asked where routing is unsure{few}"]
    asked = "it is asked" if applied else "it would be asked, but adjudication is set to never,"
    return [*lines, f"earned: {asked} where the confidence is below {found.cut:.2f} and no boundary decides"]


def _tells_nothing(found: Calibration) -> bool:
    """Say whether even a model that spoiled nothing would not have earned it with so few changes."""
    return 0.5 ** (found.better + found.worse) >= LEVEL
