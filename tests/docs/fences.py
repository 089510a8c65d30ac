"""Runs the code fences of the documentation as a reader would. Run as a script, it renews quoted console output.

A ``python`` fence is run with top-level await; its ``# >`` lines must be printed, in their order. A
``console`` fence holds ``$ fleet …`` commands; output that follows a command must be exactly what it prints. A
fence under a line that is a file's name in backticks and a colon is that file's content, and is saved.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import inspect
import io
import re
import shlex
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from types import CodeType

from typer.testing import CliRunner

from fleet_runtime.cli.app import build

_FENCE = re.compile(
    r"(?:^`(?P<saved_as>[\w./-]+)`:\n\n)?^```(?P<language>\w+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL
)
_RUN = ("python", "console")


@dataclass(frozen=True)
class Fence:
    """One fence: its document, the line of its first code line, its language, its text, and the file that it is."""

    file: Path
    line: int
    language: str
    body: str
    saved_as: str | None = None


def fences(file: Path) -> list[Fence]:
    """Return the document's runnable fences in order."""
    text = file.read_text(encoding="utf-8")
    return [
        Fence(file, text.count("\n", 0, found.start("body")) + 1, found["language"], found["body"], found["saved_as"])
        for found in _FENCE.finditer(text)
        if found["language"] in _RUN or found["saved_as"]
    ]


def save(fence: Fence, folder: Path) -> None:
    """Save a fence that is a file's content."""
    target = folder / str(fence.saved_as)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(fence.body, encoding="utf-8")


def run_python(fence: Fence, names: dict[str, object]) -> None:
    """Run a Python fence in ``names`` and compare what it prints."""
    padded = "\n" * (fence.line - 1) + fence.body
    code = compile(padded, str(fence.file), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        if code.co_flags & inspect.CO_COROUTINE:
            asyncio.run(_awaited(code, names))
        else:
            exec(code, names)  # noqa: S102 - the documentation is ours
    lines = iter(printed.getvalue().splitlines())
    for expected in re.findall(r"^ *# ?> ?(.*)$", fence.body, re.MULTILINE):
        assert expected in lines, f"{fence.file}:{fence.line}: {expected!r} was not printed, but: {printed.getvalue()}"


async def _awaited(code: CodeType, names: dict[str, object]) -> None:
    """Run code with top-level await."""
    await eval(code, names)  # noqa: S307 - the documentation is ours


def run_console(fence: Fence) -> None:
    """Run the commands of a console fence and compare the output that it quotes."""
    for command, quoted in commands(fence.body):
        code, output = call(command)
        assert code == 0, f"{fence.file}:{fence.line}: {command!r} ended with {code}: {output}"
        if quoted:
            assert quoted.rstrip() == output.rstrip(), f"{fence.file}:{fence.line}: {command!r} prints otherwise"


def commands(body: str) -> list[tuple[str, str]]:
    """Cut a console fence into (command, quoted output)."""
    pieces = re.split(r"^\$ (.*)\n", body, flags=re.MULTILINE)[1:]
    return list(zip(pieces[::2], pieces[1::2], strict=True))


def call(command: str) -> tuple[int, str]:
    """Call the program in this process; return its exit code and standard output."""
    program, *arguments = shlex.split(command)
    assert program == "fleet", f"only our own program is run, not {program!r}"
    result = CliRunner().invoke(build(), arguments, prog_name="fleet")
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout


def command_names() -> list[str]:
    """Return the program and all of its commands, as one types them after its name."""
    app = build()
    groups = {group.name: group.typer_instance for group in app.registered_groups}
    nested = [
        f"{name} {command.name}" for name, group in groups.items() if group for command in group.registered_commands
    ]
    return ["", *(command.name or "" for command in app.registered_commands), *(str(name) for name in groups), *nested]


def links(file: Path) -> list[str]:
    """Return the relative links of a document, without their anchors."""
    targets = re.findall(r"\]\(([^)#]+)", file.read_text(encoding="utf-8"))
    return [target for target in targets if "://" not in target]


def dependencies(file: Path) -> list[str]:
    """Return the names of the packages that users of ours install."""
    project = tomllib.loads(file.read_text(encoding="utf-8"))["project"]
    optional = [name for names in project["optional-dependencies"].values() for name in names]
    return [re.split(r"[^\w-]", name, maxsplit=1)[0] for name in [*project["dependencies"], *optional]]


def renew(file: Path) -> None:
    """Write what the quoted commands print now into the document."""
    text = file.read_text(encoding="utf-8")
    for fence in fences(file):
        if fence.language == "console":
            told = "".join(
                f"$ {command}\n" + (f"{call(command)[1].rstrip()}\n" if quoted else "")
                for command, quoted in commands(fence.body)
            )
            text = text.replace(fence.body, told)
    file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        renew(Path(name))
