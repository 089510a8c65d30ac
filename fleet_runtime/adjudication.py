"""The part of the composition that joins measuring, remembering and using a model: as adjudicator and as author.

Routes nothing and answers nobody.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import anyio.to_thread

from fleet_runtime.calibrations import CalibrationFile
from fleet_runtime.contracts import Staff
from fleet_runtime.documents import read_text
from fleet_runtime.errors import ModelGarbled, SettingError
from fleet_runtime.messages import ModelInfo
from fleet_runtime.models.tool_calling import EitherTools
from fleet_runtime.routing.earning import Calibration, read_labelled, roster_hash
from fleet_runtime.runtime.calibration import Told, calibrate, shipped_messages
from fleet_runtime.runtime.desk import Desk
from fleet_runtime.runtime.directing import Director
from fleet_runtime.runtime.dispatching import Adjudicator, Dispatcher
from fleet_runtime.runtime.voice_calibration import measure_voice, shipped_situations
from fleet_runtime.voicing.earning import VoiceMeasured


async def earned(info: ModelInfo, staff: Staff, cache: Path) -> Calibration | None:
    """Return what was measured of a model among a staff, if it earned to be asked there.

    Raises: SettingError if what was measured cannot be read.
    """
    found = await anyio.to_thread.run_sync(CalibrationFile(cache).find, info, roster_hash(staff))
    return found if found is not None and found.earned else None


async def earned_adjudicator(desk: Desk, cache: Path) -> Adjudicator | None:
    """Return the model as adjudicator, if it was measured to be worth it with this staff and is wanted as one.

    Raises: SettingError if what was measured cannot be read.
    """
    if desk.model is None or desk.settings.adjudication == "never":
        return None
    found = await earned(desk.model.info, desk.staff, cache)
    return Adjudicator(desk.model, desk.words.book, found.cut) if found else None


async def measured(desk: Desk, dispatcher: Dispatcher, cache: Path, data: Path | None, told: Told) -> Calibration:
    """Measure the model on labelled messages (the package's own without ``data``), and keep the result.

    Raises: SettingError without a model or a message that fits; ContractError for the file; ModelError.
    """
    if desk.model is None:
        raise SettingError("there is no model to calibrate", hint="name one, for example --model embedded")
    kept = CalibrationFile(cache)
    await anyio.to_thread.run_sync(
        kept.of_model, desk.model.info
    )  # a broken file is told before the work, not after it
    messages = shipped_messages() if data is None else read_labelled(read_text(data), str(data))
    found = await calibrate(dispatcher, desk.staff, desk.model, desk.words.book, messages, clock=desk.clock, told=told)
    await anyio.to_thread.run_sync(kept.keep, found)
    return found


async def voice_measured(desk: Desk, dispatcher: Dispatcher | None, cache: Path, told: Told) -> VoiceMeasured:
    """Measure which voice the model is fit for, and find out how tools are given to it, and keep both.

    Args:
        desk: Its model is measured.
        dispatcher: Holds claims of work against boundaries; None where routing is off.
        cache: The folder with the file of calibrations.
        told: Is called with (situations done, situations in all).

    Raises: SettingError without a model, or if the file cannot be read or written; ModelError; PromptError.
    """
    if desk.model is None:
        raise SettingError("there is no model to calibrate", hint="name one, for example --model embedded")
    kept = CalibrationFile(cache)
    await anyio.to_thread.run_sync(kept.voice, desk.model.info)  # a broken file is told before the work
    if isinstance(desk.model, EitherTools):
        with suppress(ModelGarbled):  # that says nothing for good
            await desk.model.find_out()
    directing = Director(desk, dispatcher) if dispatcher is not None else None
    found = await measure_voice(desk, desk.model, directing, shipped_situations(), told=told)
    await anyio.to_thread.run_sync(kept.keep_voice, found)
    return found
