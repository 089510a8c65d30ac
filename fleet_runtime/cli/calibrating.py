"""The command that measures what a model is fit for: its voice, and choosing where routing is unsure."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

import fleet_runtime
from fleet_runtime.cli.running import Running
from fleet_runtime.contracts import Value
from fleet_runtime.routing.earning import LEVEL, Calibration
from fleet_runtime.voicing.earning import EARNING_SHARE, MOST_REJECTED, VoiceMeasured


class Part(StrEnum):
    """What can be measured by itself."""

    VOICE = "voice"
    ADJUDICATION = "adjudication"


class Measured(Value):
    """What was measured of a model; None is what was not asked for, or has no use as routing is off."""

    voice: VoiceMeasured | None = None
    adjudication: Calibration | None = None


DataOption = Annotated[
    Path | None, typer.Option("--data", metavar="FILE", help="Labelled messages for routing, one JSON object a line.")
]
OnlyOption = Annotated[Part | None, typer.Option("--only", help="Measure one of the two.")]

_STEP = 10  # messages between two lines of progress
_SHOWN = 100  # characters of a draft


async def calibrate(run: Running, data: DataOption = None, only: OnlyOption = None) -> None:
    """Measure which voice the model is fit for, and whether it may choose where routing is unsure.

    The model writes first drafts for a fixed set of situations, and the guard reads them: enough good ones earn the
    free voice. Labelled messages are decided without it and with it: only if it is better beyond chance it may choose.
    The results are kept for this model. No store is opened.
    """
    from fleet_runtime.cli.progress import downloads  # noqa: PLC0415 - loads rich

    settings = run.settings.model_copy(update={"database": "none"})
    voice = adjudication = None
    with downloads() as report:
        async with fleet_runtime.Fleet.open(settings=settings, report=report, resume=False) as fleet:
            if only is not Part.ADJUDICATION:
                voice = await fleet.calibrate_voice(told=_told(run, "situations answered"))
            if only is not Part.VOICE and settings.routing == "on":
                adjudication = await fleet.calibrate(data, told=_told(run, "messages decided"))
    if run.out.as_json:
        run.out.json(Measured(voice=voice, adjudication=adjudication))
        return
    for line in _voice_lines(voice) if voice else ():
        run.out.line(line)
    for line in _lines(adjudication, applied=settings.adjudication == "auto") if adjudication else ():
        run.out.line(line)


def _told(run: Running, what: str) -> Callable[[int, int], None]:
    """Return what says every now and then how far it is."""

    def told(done: int, total: int) -> None:
        if done % _STEP == 0 or done == total:
            run.out.note(f"{done} of {total} {what}")

    return told


def _voice_lines(found: VoiceMeasured) -> list[str]:
    """Say what was measured of a model as author, and what follows from it."""
    where = f" at {found.endpoint}" if "://" in found.endpoint else ""
    faults = "".join(f", {count} {fault}" for fault, count in found.faults.items())
    lines = [
        f"{found.model}{where}: {found.situations} first drafts as {found.role}, {found.seconds_per_reply:.1f} s each",
        f"  {found.good} good ({found.share:.0%}, at least {found.at_least:.0%} beyond chance){faults}",
        *(f"  {draft.id}, {', '.join(draft.faults)}: {_short(draft.text)}" for draft in found.sample if draft.faults),
    ]
    needed = f"{EARNING_SHARE:.0%} good, and at most {MOST_REJECTED} rejected by the guard, earn the free voice"
    return [*lines, f"voice: {found.voice} ({needed}); a role's own setting goes before it"]


def _short(text: str) -> str:
    """Show a draft on one line, shortened."""
    return textwrap.shorten(text, _SHOWN, placeholder=" \u2026") or "(nothing)"


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
