"""Remembers between runs what was measured of each model: one JSON file in the cache folder.

As an adjudicator, at one endpoint and among one roster; as an author of replies, at one endpoint; and whether it calls
tools by itself. What is measured anew takes the old one's place. Measures nothing.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from fleet_runtime.contracts import Value
from fleet_runtime.errors import SettingError
from fleet_runtime.messages import ModelInfo
from fleet_runtime.routing.earning import Calibration
from fleet_runtime.settings import CALIBRATIONS_FILE
from fleet_runtime.voicing.earning import VoiceMeasured


class _Kept(Value):
    """What stands in the file; ``tools`` is by the name that whoever asks the models gives them."""

    calibrations: tuple[Calibration, ...] = ()
    voices: tuple[VoiceMeasured, ...] = ()
    tools: dict[str, Literal["native", "schema"]] = {}


class CalibrationFile:
    """The file with all that was measured; it is made with the first."""

    def __init__(self, folder: Path) -> None:
        """Keep them in ``folder``; nothing is read yet."""
        self._file = folder / CALIBRATIONS_FILE

    def of_model(self, info: ModelInfo) -> tuple[Calibration, ...]:
        """Return what was measured of a model, whatever the roster, the newest last.

        Raises: SettingError if the file cannot be read.
        """
        found = (one for one in self._read().calibrations if one.is_of(info, one.roster_hash))
        return tuple(sorted(found, key=lambda one: one.at))

    def find(self, info: ModelInfo, roster: str) -> Calibration | None:
        """Return what was measured of a model among a roster (`roster_hash`), or None.

        Raises: SettingError if the file cannot be read.
        """
        return next((one for one in self.of_model(info) if one.roster_hash == roster), None)

    def keep(self, calibration: Calibration) -> None:
        """Write one down, in place of an older one of the same model and roster; the file changes whole or not at all.

        Raises: SettingError if the file cannot be read or written.
        """
        key = (calibration.model, calibration.endpoint, calibration.roster_hash)
        kept = self._read()
        others = (one for one in kept.calibrations if (one.model, one.endpoint, one.roster_hash) != key)
        self._write(kept.model_copy(update={"calibrations": (*others, calibration)}))

    def voice(self, info: ModelInfo) -> VoiceMeasured | None:
        """Return what was measured of a model as author of replies, or None.

        Raises: SettingError if the file cannot be read.
        """
        return next((one for one in self._read().voices if one.is_of(info)), None)

    def keep_voice(self, measured: VoiceMeasured) -> None:
        """Write down what was measured of a model as author, in place of what was known of it.

        Raises: SettingError if the file cannot be read or written.
        """
        kept = self._read()
        key = (measured.model, measured.endpoint)
        others = (one for one in kept.voices if (one.model, one.endpoint) != key)
        self._write(kept.model_copy(update={"voices": (*others, measured)}))

    def tool_calling(self) -> Mapping[str, bool]:
        """Return for every model that was asked, by its name there, whether it calls tools by itself.

        Raises: SettingError if the file cannot be read.
        """
        return {name: way == "native" for name, way in self._read().tools.items()}

    def keep_tool_calling(self, name: str, *, native: bool) -> None:
        """Write down whether a model calls tools by itself.

        Raises: SettingError if the file cannot be read or written.
        """
        kept = self._read()
        self._write(kept.model_copy(update={"tools": {**kept.tools, name: "native" if native else "schema"}}))

    def _write(self, kept: _Kept) -> None:
        """Write the file, whole or not at all.

        Raises: SettingError.
        """
        text = kept.model_dump_json(indent=2)
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            handle, partial = tempfile.mkstemp(dir=self._file.parent, prefix=f"{CALIBRATIONS_FILE}.")
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    file.write(text)
                Path(partial).replace(self._file)
            finally:
                with suppress(FileNotFoundError):  # gone where it took the file's place
                    Path(partial).unlink()
        except OSError as error:
            raise SettingError(
                f"{self._file}: cannot be written: {error}", hint="check the disk, or set XDG_CACHE_HOME elsewhere"
            ) from error

    def _read(self) -> _Kept:
        """Read the file; none at all is an empty one.

        Raises: SettingError.
        """
        try:
            text = self._file.read_text(encoding="utf-8")
            return _Kept.model_validate_json(text)
        except FileNotFoundError:
            return _Kept()
        except (OSError, UnicodeDecodeError, ValidationError) as error:
            reason = "it is not what `fleet calibrate` writes" if isinstance(error, ValidationError) else str(error)
            raise SettingError(
                f"{self._file}: cannot be read: {reason}",
                hint="delete it, and run `fleet calibrate` again",
            ) from error
