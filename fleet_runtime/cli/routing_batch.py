"""What ``fleet route --batch`` does: reads messages, has them decided, writes the answers. Decides nothing itself."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager, nullcontext
from errno import EINVAL
from pathlib import Path
from typing import IO, Self

import typer

from fleet_runtime.batch import open_batch
from fleet_runtime.cli.running import Running, report
from fleet_runtime.errors import FleetError, MessageError
from fleet_runtime.routing import Labelled
from fleet_runtime.runtime.batching import Placed, answers, read_examples, read_messages


async def route_batch(run: Running, source: Path, out: Path | None, examples: Path | None) -> None:
    """Decide all messages of a file, one line of JSON each; a bad line is reported, and ends the command with 1.

    Raises: MessageError if a file cannot be read or written; ContractError for roles or examples; ModelError.
    """
    from fleet_runtime.cli.progress import downloads  # noqa: PLC0415 - loads rich

    lines = list(read_messages(_bytes(source), str(source)))
    lessons = read_examples(_bytes(examples), str(examples)) if examples else ()
    messages = [line for line in lines if isinstance(line, Placed)]
    failed = 0
    with downloads() as told, _AnswerFile(out) if out else nullcontext() as file:
        async with open_batch(
            run.silent_settings,
            folder=None if run.named_profile else run.named_roles,
            examples=lessons,
            messages=messages,
            report=told,
        ) as desk:
            _note(run, lessons, desk.classes, unasked=desk.unasked, by_words=desk.by_words)
            async for answer in answers(lines, desk.dispatcher, desk.classes):
                if isinstance(answer, FleetError):
                    report(answer)
                    failed += 1
                elif file is None:
                    run.out.json(answer, on_one_line=True)
                else:
                    file.write(answer.model_dump_json())
    if out is not None:
        run.out.note(f"{len(lines) - failed} of {len(lines)} messages decided, written to {out}")
    if failed:
        raise typer.Exit(1)


def _note(
    run: Running, lessons: tuple[Labelled, ...], classes: tuple[str, ...], *, unasked: str, by_words: bool
) -> None:
    """Say what one might expect otherwise."""
    known = {*classes, "none"}
    idle = sum(known.isdisjoint(lesson.expected) for lesson in lessons)
    if idle:
        run.out.note(f"{idle} of {len(lessons)} examples name no role that is staffed: they teach nothing")
    if unasked:
        run.out.note(f"{unasked} is not asked: it has not earned that with these roles (fleet calibrate)")
    if by_words:
        run.out.note("there are no embeddings: messages are compared by their words alone")


def _bytes(file: Path) -> bytes:
    """Read a file.

    Raises: MessageError.
    """
    try:
        return file.read_bytes()
    except OSError as error:
        raise MessageError(f"{file} cannot be read: {error.strerror}", hint="check the path") from error


class _AnswerFile:
    """A file of answers that takes its place whole when all of them are there, or not at all."""

    def __init__(self, file: Path) -> None:
        """Name the file; nothing is written yet."""
        self._file = file
        self._partial = file.with_name(f".{file.name}.{os.getpid()}.part")
        self._stream: IO[str] | None = None

    def __enter__(self) -> Self:
        """Open the file that will take the place.

        Raises: MessageError.
        """
        with self._explained():
            self._file.parent.mkdir(parents=True, exist_ok=True)
            if self._file.exists() and not self._file.is_file():
                raise OSError(EINVAL, "it is there and no plain file")
            self._stream = self._partial.open("w", encoding="utf-8")
        return self

    def write(self, line: str) -> None:
        """Write one line.

        Raises: MessageError.
        """
        with self._explained():
            if self._stream is not None:
                self._stream.write(f"{line}\n")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        """Put the file in its place; after an error nothing stays.

        Raises: MessageError.
        """
        try:
            with self._explained():
                if self._stream is not None:
                    self._stream.close()
                if error is None:
                    self._partial.replace(self._file)
        finally:
            self._partial.unlink(missing_ok=True)

    @contextmanager
    def _explained(self) -> Generator[None]:
        """Turn what the disk says into an error of ours."""
        try:
            yield
        except OSError as error:
            raise MessageError(
                f"{self._file} cannot be written: {error.strerror}", hint="check --out and its permissions"
            ) from error
