"""Processes that begin with the runtime imported: forked from a server that did nothing else (`rehearsed`).

What a started interpreter costs is nearly all imports, seconds of CPU for each. ``start`` does what
``python FILE ARGUMENT …`` or ``python -c CODE ARGUMENT …`` would: the process has its own number, streams, environment,
working folder, arguments, ``__main__`` and exit code, signals do to it what they do to any, and a traceback ends on
its standard error. The server is the standard library's: it starts with the first process, and ends with the one that
uses it, however that ends; on Linux what it forked is then killed.

It is not for what an interpreter does before it runs a program: flags, ``PYTHON…`` variables, which modules are loaded.
Imports are found where the caller finds them, after the program's own folder. Functions for the end of a process
(``atexit``) are not called, neither the server's nor the program's own.
"""

from __future__ import annotations

import atexit
import fcntl
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Thread
from types import ModuleType
from typing import IO, NamedTuple
from unittest.mock import patch

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["rehearsed"])


class _Program(NamedTuple):
    """All that a process is told."""

    source: str
    arguments: list[str]
    imports_from: str
    environment: dict[str, str]
    folder: str


def start(
    program: Path | str, *arguments: str, environment: Mapping[str, str] | None = None, folder: Path | None = None
) -> subprocess.Popen[str]:
    """Start a process on a file or on code, in the environment and the working folder of now unless told others."""
    if isinstance(program, Path):
        source, name, imports_from = program.read_text(encoding="utf-8"), str(program), str(program.parent)
    else:
        source, name, imports_from = program, "-c", ""
    environment = os.environ if environment is None else environment
    return _Forked(_Program(source, [name, *arguments], imports_from, dict(environment), str(folder or Path.cwd())))


class _Forked(subprocess.Popen[str]):
    """A forked process, handled like one that ``subprocess`` started with a pipe for each of its three streams.

    Only what a process is started with and asked for differs; its being a context manager, say, is inherited.
    """

    def __init__(self, program: _Program) -> None:
        (stdin, write), (read, stdout), (read_errors, stderr) = (os.pipe() for _ in range(3))
        self.stdin = os.fdopen(write, "w", encoding="utf-8")
        self.stdout, self.stderr = (os.fdopen(end, encoding="utf-8") for end in (read, read_errors))
        theirs = (Connection(stdin, writable=False), *(Connection(end, readable=False) for end in (stdout, stderr)))
        self.args = program.arguments
        self._process = _context.Process(target=_run, args=(program, theirs))
        with (
            patch.dict(sys.modules, {"__main__": ModuleType("__main__")}),  # it would import our main module: pytest
            patch.dict(os.environ, {"PYTHONPATH": str(Path(__file__).parent)}),  # for the server, if it starts now
        ):
            self._process.start()
        for end in theirs:
            end.close()
        self.pid = self._process.pid or 0
        self.returncode = None
        self._readers: tuple[_Reader, ...] = ()

    def poll(self) -> int | None:
        """Return its exit code, if it ended: less than nothing is the signal it died of."""
        self.returncode = self._process.exitcode
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end, and return its exit code."""
        self._process.join(timeout)
        code = self.poll()
        if code is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0.0)
        return code

    def send_signal(self, sig: int) -> None:
        """Send it a signal, if it has not ended."""
        if self.poll() is None:
            os.kill(self.pid, sig)

    def communicate(self, input: str | None = None, timeout: float | None = None) -> tuple[str, str]:  # noqa: A002 - the base class names it so
        """Tell it so much as a pipe holds, read all that it says, and wait for its end."""
        if not self._readers:
            self._readers = tuple(_Reader(stream) for stream in (self.stdout, self.stderr) if stream)
            if self.stdin:
                with suppress(BrokenPipeError), self.stdin:
                    self.stdin.write(input or "")
        for reader in self._readers:
            reader.join(timeout)
            if reader.is_alive():
                raise subprocess.TimeoutExpired(self.args, timeout or 0.0)
        self.wait(timeout)
        out, err = (reader.text for reader in self._readers)
        return out, err


class _Reader(Thread):
    """Reads a stream to its end, and closes it. Who waits for it may give up, and come again."""

    def __init__(self, stream: IO[str]) -> None:
        super().__init__(daemon=True)
        self._stream = stream
        self.text = ""
        self.start()

    def run(self) -> None:
        with self._stream:
            self.text = self._stream.read()


@atexit.register
def _kill_what_is_left() -> None:
    """Kill what tests left: the standard library would wait for its end."""
    for process in multiprocessing.active_children():
        process.kill()


def _die_with_the_starter() -> None:
    """Have Linux kill this process when the one that started it is gone, by the pipe of which that holds an end."""
    starter = multiprocessing.parent_process()
    if starter and sys.platform == "linux":
        fcntl.fcntl(starter.sentinel, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(starter.sentinel, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(starter.sentinel, fcntl.F_SETFL, os.O_RDONLY | os.O_ASYNC)


def _run(program: _Program, streams: tuple[Connection, ...]) -> None:
    """Be the program, in the process that was forked. How it exits, the standard library carries out."""
    _die_with_the_starter()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for number, stream in enumerate(streams):
        os.dup2(stream.fileno(), number)
        stream.close()
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)
    os.environ.clear()
    os.environ.update(program.environment)
    os.chdir(program.folder)
    sys.argv = program.arguments
    sys.path.insert(0, program.imports_from)
    sys.modules["__main__"] = main = ModuleType("__main__")
    name = program.arguments[0]
    if name == "-c":
        name = "<string>"
    else:
        main.__file__ = name
    try:
        exec(compile(program.source, name, "exec", dont_inherit=True), vars(main))  # noqa: S102 - our tests' own
    except SystemExit:
        raise
    except BaseException as error:
        error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next  # without ours
        sys.excepthook(type(error), error, error.__traceback__)
        if isinstance(error, KeyboardInterrupt):
            sys.stdout.flush()
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.kill(os.getpid(), signal.SIGINT)
        raise SystemExit(1) from error
