"""Logs for machines: one JSON object a line. Never writes what a foreign error says, which may quote a customer.

Of an error only its kind, and where it was raised, are written; of ours also its code. What else a line says is said
by our own messages, which name turns, accounts and workers and repeat no text of theirs.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Literal, TextIO

from fleet_runtime.errors import FleetError

FIELDS = ("tenant", "account", "turn", "worker")
"""What a record may be about, if it was logged with ``extra``."""

_FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
_FOREIGN_LOGGERS = ("dbos",)
"""Loggers that print by themselves in a form of their own, unless that is taken from them."""


class JsonFormatter(logging.Formatter):
    """Formats a record as one line of JSON: time, level, logger, message, and what it is about where that is known."""

    def __init__(self, *, worker: str = "") -> None:
        """Have every line say which ``worker`` it is of, if it says no other."""
        super().__init__()
        self._worker = worker

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        told: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        about = {name: getattr(record, name, None) for name in FIELDS}
        about["worker"] = about["worker"] or self._worker
        told |= {name: str(value) for name, value in about.items() if value}
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            told["error"] = _described(error)
        return json.dumps(told, ensure_ascii=False)


class TextFormatter(logging.Formatter):
    """Formats a record as a line for people; of an error it shows no more than `JsonFormatter` does."""

    def __init__(self) -> None:
        """Use the one form that there is."""
        super().__init__(_FORMAT)

    def formatException(self, ei: object) -> str:  # noqa: N802 - logging's name
        """Say of which kind an error is, and where it was raised."""
        error = ei[1] if isinstance(ei, tuple) else None
        return json.dumps(_described(error)) if isinstance(error, BaseException) else ""


def log_to(stream: TextIO | None, form: Literal["text", "json"], *, worker: str = "") -> None:
    """Have everything logged from now on written to a stream (None: standard error), ours from ``INFO`` on."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter(worker=worker) if form == "json" else TextFormatter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("fleet_runtime").setLevel(logging.INFO)
    for name in _FOREIGN_LOGGERS:
        theirs = logging.getLogger(name)
        theirs.handlers = [logging.NullHandler()]  # with one of its own it makes no other
        theirs.propagate = True


def _described(error: BaseException) -> dict[str, object]:
    """Describe an error and what caused it: kinds, places, and the codes of ours."""
    kind = type(error)
    told: dict[str, object] = {"kind": f"{kind.__module__}.{kind.__qualname__}"}
    if isinstance(error, FleetError):
        told["code"] = error.code
    frames = traceback.extract_tb(error.__traceback__)
    told["at"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    cause = error.__cause__ or error.__context__
    if cause is not None:
        told["cause"] = _described(cause)
    return told
