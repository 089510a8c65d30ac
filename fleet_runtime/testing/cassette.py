"""A model on tape: what a real one answered once is kept in a file and answered again, offline. Invents nothing.

The tape is a file of JSON lines to be committed beside the tests: the first line says which model spoke, each other one
holds a request and what came of it. Keys, tokens and passwords are stripped before anything is written.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Iterable
from difflib import SequenceMatcher, unified_diff
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import ValidationError

from fleet_runtime.contracts import Value
from fleet_runtime.errors import ModelError, ModelGarbled, ModelRefused, ModelTimeout, ModelUnreachable
from fleet_runtime.messages import ModelInfo, ModelReply, ModelRequest
from fleet_runtime.models.streams import streaming
from fleet_runtime.ports import ModelClient
from fleet_runtime.testing.stripping import Stripper

ERRORS = {error.code: error for error in (ModelUnreachable, ModelRefused, ModelTimeout, ModelGarbled)}
MOST_DIFF_LINES = 24


class NotOnTape(AssertionError):
    """The model was asked something that the tape does not have, or has no more."""


class UnusedEntries(AssertionError):
    """The tape has answers that nobody asked for."""


class TapeDamaged(AssertionError):
    """The tape is missing, or is no tape."""


class _Header(Value):
    """The tape's first line."""

    info: ModelInfo


class _Failure(Value):
    """An error that the model raised."""

    code: str
    message: str
    hint: str


class _Entry(Value):
    """One request and what came of it: the pieces of a stream, then a reply or an error."""

    request: dict[str, object]
    pieces: tuple[str, ...] = ()
    reply: ModelReply | None = None
    error: _Failure | None = None


class Cassette:
    """A `ModelClient` that replays the tape at ``path``; given ``record``, it asks that model and writes the tape anew.

    A request is found by all that it says but its ``timeout_seconds``; two alike are answered in their order. What
    varies from run to run, like ids, is named by ``strip``: regular expressions, whose matches become ``***`` on the
    tape and are not compared. ``strip_emails`` does so with addresses. As an ``async with`` block it closes itself and
    fails if answers are left over.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        record: ModelClient | None = None,
        strip: Iterable[str] = (),
        strip_emails: bool = False,
    ) -> None:
        """Read the tape, or begin an empty one.

        Raises: TapeDamaged if there is none to replay.
        """
        self._path = Path(path)
        self._model = record
        self._stripper = Stripper(strip, emails=strip_emails)
        self._entries: list[_Entry] = []
        if record is None:
            self._info, self._entries = _read(self._path)
        else:
            self._info = record.info
            self._path.parent.mkdir(parents=True, exist_ok=True)
            header = _Header(info=record.info).model_dump(mode="json")
            self._path.write_text(self._line(header), encoding="utf-8")

    @property
    def info(self) -> ModelInfo:
        """Say which model spoke, and that this is its tape."""
        return self._info

    async def complete(self, request: ModelRequest) -> ModelReply:
        """Answer from the tape; while recording, ask the model and keep what it answers.

        Raises: NotOnTape; the error that the model raised.
        """
        *_, last = [piece async for piece in self._played(request, streamed=False)]
        if not isinstance(last, ModelReply):
            raise NotOnTape(f"{self._path.name}: the entry for {request.task!r} has no reply")
        return last

    async def stream(self, request: ModelRequest) -> AsyncGenerator[str | ModelReply]:
        """Answer from the tape piece by piece, as the model did, then whole.

        Raises: as `complete`.
        """
        async for piece in self._played(request, streamed=True):
            yield piece

    async def close(self) -> None:
        """Close the model that is recorded; the tape is written already."""
        if self._model is not None:
            await self._model.close()

    def assert_done(self) -> None:
        """Fail if the tape has answers left.

        Raises: UnusedEntries.
        """
        if self._entries:
            tasks = ", ".join(str(entry.request["task"]) for entry in self._entries)
            raise UnusedEntries(f"{self._path.name}: never asked for: {tasks}; record the tape anew")

    async def __aenter__(self) -> Self:
        """Give the model itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close, and fail on unused answers, unless the block failed already: its error says more."""
        await self.close()
        if error is None:
            self.assert_done()

    async def _played(self, request: ModelRequest, *, streamed: bool) -> AsyncGenerator[str | ModelReply]:
        """Record or replay one request."""
        if self._model is not None:
            async for piece in self._recorded(self._model, request, streamed=streamed):
                yield piece
            return
        entry = self._found(request)
        for text in entry.pieces if streamed else ():
            yield text
        if entry.error is not None:
            raise ERRORS.get(entry.error.code, ModelError)(entry.error.message, hint=entry.error.hint)
        if entry.reply is not None:
            yield entry.reply

    async def _recorded(
        self, model: ModelClient, request: ModelRequest, *, streamed: bool
    ) -> AsyncGenerator[str | ModelReply]:
        """Ask the model, pass on what it says, and write it down once it ended in a reply or an error."""
        pieces: list[str] = []
        reply: ModelReply | None = None
        failure: _Failure | None = None
        try:
            if streamed:
                async with streaming(model, request) as stream:
                    async for piece in stream:
                        if isinstance(piece, ModelReply):
                            reply = piece
                        else:
                            pieces.append(piece)
                            yield piece
            else:
                reply = await model.complete(request)
        except ModelError as error:
            failure = _Failure(code=error.code, message=error.message, hint=error.hint)
            raise
        finally:
            if reply or failure:
                asked = request.model_dump(mode="json", exclude={"timeout_seconds"})
                entry = _Entry(request=asked, pieces=tuple(pieces), reply=reply, error=failure)
                with self._path.open("a", encoding="utf-8") as tape:
                    tape.write(self._line(entry.model_dump(mode="json", exclude_defaults=True)))
        if reply is not None:
            yield reply

    def _found(self, request: ModelRequest) -> _Entry:
        """Take the first unused entry of this request.

        Raises: NotOnTape, with what is different in the entry that is most like it.
        """
        asked = self._stripper.value(request.model_dump(mode="json", exclude={"timeout_seconds"}))
        for place, entry in enumerate(self._entries):
            if entry.request == asked:
                return self._entries.pop(place)
        wanted = _lines(asked)
        taped = [_lines(entry.request) for entry in self._entries]
        if not taped:
            raise NotOnTape(f"{self._path.name}: asked for {request.task!r}, and the tape is over; record it anew")
        nearest = max(taped, key=lambda lines: SequenceMatcher(None, lines, wanted, autojunk=False).ratio())
        diff = list(unified_diff(nearest, wanted, "on the tape", "asked", lineterm="", n=1))[:MOST_DIFF_LINES]
        told = "\n".join(diff)
        raise NotOnTape(
            f"{self._path.name}: asked for {request.task!r}, which is not on the tape; the nearest entry differs:\n"
            f"{told}\nrecord the tape anew, or name what varies in strip"
        )

    def _line(self, value: dict[str, object]) -> str:
        """Write one line of the tape, without secrets."""
        return json.dumps(self._stripper.value(value), ensure_ascii=False) + "\n"


def _read(path: Path) -> tuple[ModelInfo, list[_Entry]]:
    """Read a tape.

    Raises: TapeDamaged.
    """
    try:
        first, *lines = path.read_text(encoding="utf-8").splitlines()
        info = _Header.model_validate_json(first).info
        entries = [_Entry.model_validate_json(line) for line in lines if line.strip()]
    except FileNotFoundError as error:
        raise TapeDamaged(f"{path}: no such tape; make it with Cassette(path, record=model)") from error
    except (ValidationError, ValueError) as error:
        raise TapeDamaged(f"{path}: this is no tape: {error}") from error
    return info.model_copy(update={"reason": f"replayed from {path.name}"}), entries


def _lines(value: object) -> list[str]:
    """Lay a request out for a diff; a long text gets a line for each of its own."""
    return [part for line in json.dumps(value, indent=1, ensure_ascii=False).splitlines() for part in line.split("\\n")]
