"""Logs for machines: one JSON object a line. Never writes what a foreign error says, which may quote a customer.

Of an error only its kind, and where it was raised, are written; of ours also its code. What else a line says is said
by our own messages, which name turns, accounts and workers and repeat no text of theirs.
"""

from __future__ import annotations

import json
import logging
import sys
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Literal, TextIO

from fleet_runtime.errors import FleetError
from fleet_runtime.signals import Signal, TurnBegan, TurnDone, TurnFailed

FIELDS = ("tenant", "account", "turn", "worker")
"""What a record may be about, if it was logged with ``extra``."""

_Caught = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
_FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"


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

    def formatException(self, ei: _Caught) -> str:  # noqa: N802 - logging's name
        """Say of which kind an error is, and where it was raised."""
        return "" if ei[1] is None else json.dumps(_described(ei[1]))


def log_to(stream: TextIO | None, form: Literal["text", "json"], *, worker: str = "") -> None:
    """Have everything logged from now on written to a stream (None: standard error), ours from ``INFO`` on."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter(worker=worker) if form == "json" else TextFormatter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("fleet_runtime").setLevel(logging.INFO)


class TurnLines:
    """Logs one line when a turn is answered or fails: whose it is, and how long it took. Listens to signals."""

    def __init__(self, log: logging.Logger, timer: Callable[[], float] = time.monotonic) -> None:
        """Log to ``log``; ``timer`` gives seconds that only ever go up."""
        self._log = log
        self._timer = timer
        self._begun: dict[str, tuple[TurnBegan, float]] = {}

    def __call__(self, signal: Signal) -> None:
        """Hear one signal."""
        if isinstance(signal, TurnBegan):
            self._begun[signal.turn_id] = (signal, self._timer())
        elif isinstance(signal, TurnDone):
            self._ended(logging.INFO, signal, "answered by %s in %.2f s", signal.reply.role)
        elif isinstance(signal, TurnFailed):
            self._ended(logging.WARNING, signal, "failed with %s after %.2f s", signal.code)

    def _ended(self, level: int, signal: Signal, said: str, what: str) -> None:
        """Log how a turn ended."""
        found = self._begun.pop(signal.turn_id, None)
        if found is not None:
            began, at = found
            about = {"turn": began.turn_id, "account": began.account, "tenant": began.tenant}
            self._log.log(level, f"turn %s {said}", signal.turn_id, what, self._timer() - at, extra=about)


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
