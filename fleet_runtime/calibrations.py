"""Remembers between runs what was measured of each model as adjudicator: one JSON file in the cache folder.

A calibration is of one model, at one endpoint, among one roster; a new one takes the old one's place. Measures nothing.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from pydantic import ValidationError

from fleet_runtime.contracts import Value
from fleet_runtime.errors import SettingError
from fleet_runtime.messages import ModelInfo
from fleet_runtime.routing.earning import Calibration

_FILE = "calibrations.json"


class _Kept(Value):
    """What stands in the file."""

    calibrations: tuple[Calibration, ...] = ()


class CalibrationFile:
    """The file with all calibrations; it is made with the first."""

    def __init__(self, folder: Path) -> None:
        """Keep them in ``folder``; nothing is read yet."""
        self._file = folder / _FILE

    def of_model(self, info: ModelInfo) -> tuple[Calibration, ...]:
        """Return what was measured of a model, whatever the roster, the newest last.

        Raises: SettingError if the file cannot be read.
        """
        found = (one for one in self._read() if one.is_of(info, one.roster_hash))
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
        others = [one for one in self._read() if (one.model, one.endpoint, one.roster_hash) != key]
        text = _Kept(calibrations=(*others, calibration)).model_dump_json(indent=2)
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            handle, partial = tempfile.mkstemp(dir=self._file.parent, prefix=f"{_FILE}.")
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

    def _read(self) -> tuple[Calibration, ...]:
        """Read the file; none at all is an empty one.

        Raises: SettingError.
        """
        try:
            text = self._file.read_text(encoding="utf-8")
            return _Kept.model_validate_json(text).calibrations
        except FileNotFoundError:
            return ()
        except (OSError, UnicodeDecodeError, ValidationError) as error:
            reason = "it is not what `fleet calibrate` writes" if isinstance(error, ValidationError) else str(error)
            raise SettingError(
                f"{self._file}: cannot be read: {reason}",
                hint="delete it and run `fleet calibrate` again, or set adjudication to never",
            ) from error
