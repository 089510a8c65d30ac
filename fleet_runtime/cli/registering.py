"""Makes a command of a plain function: option groups unfolded, errors reported. Knows no command by name.

A parameter whose type is a dataclass (`Common` behind ``Running``, `Speaking`, …) stands for all its
fields on the command line, so that options said everywhere are written once.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import is_dataclass
from functools import cache, partial
from typing import cast, get_type_hints

import anyio
import typer

from fleet_runtime.cli.options import Common
from fleet_runtime.cli.reading import checked
from fleet_runtime.cli.running import Running, errors_reported

Command = Callable[..., Awaitable[None] | None]


def register(app: typer.Typer, function: Command, *, name: str, example: str) -> None:
    """Add ``function`` to ``app``; its docstring is the help and ``example`` its last line."""
    groups: dict[str, type] = {
        parameter: Common if hint is Running else hint
        for parameter, hint in get_type_hints(function).items()
        if isinstance(hint, type) and (hint is Running or is_dataclass(hint))
    }

    def command(**given: object) -> None:
        """Gather the option groups, run the function and report its errors."""
        with errors_reported():
            _run(partial(function, **_gathered(groups, given)))

    command.__signature__ = _unfolded(function, groups)  # type: ignore[attr-defined]  # typer reads it
    command.__annotations__ = {}
    app.command(name, help=inspect.getdoc(function), epilog=f"\b\nExample: {example}")(command)


def _run(work: Command) -> None:
    """Call the work, on an event loop if it is asynchronous."""
    result = work()
    if result is not None:
        anyio.run(partial(_awaited, result))


async def _awaited(awaitable: Awaitable[None]) -> None:
    """Make a coroutine of any awaitable."""
    await awaitable


def _gathered(groups: Mapping[str, type], given: Mapping[str, object]) -> dict[str, object]:
    """Put the fields given on the command line back into their groups.

    Raises: MessageError for text that is not UTF-8.
    """
    for value in given.values():
        if isinstance(value, str):
            checked(value)
    rest = dict(given)
    gathered: dict[str, object] = {}
    for parameter, group in groups.items():
        made: object = group(**{field: rest.pop(field) for field in get_type_hints(group)})
        gathered[parameter] = Running(made) if isinstance(made, Common) else made
    return rest | gathered


def _unfolded(function: Command, groups: Mapping[str, type]) -> inspect.Signature:
    """Return the function's signature with its option groups replaced by their fields; own parameters first."""
    own: list[inspect.Parameter] = []
    unfolded: list[inspect.Parameter] = []
    for parameter in inspect.signature(function, eval_str=True).parameters.values():
        if parameter.name in groups:
            unfolded += _fields(groups[parameter.name])
        else:
            own.append(parameter)
    everywhere = {parameter.name for parameter in _fields(Common)}
    common = [parameter for parameter in unfolded if parameter.name in everywhere]
    other = [parameter for parameter in unfolded if parameter not in common]
    return inspect.Signature(
        [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in (*own, *other, *common)]
    )


@cache
def _fields(group: type) -> tuple[inspect.Parameter, ...]:
    """Return an option group's fields as parameters; read once, as every command has the common ones."""
    return tuple(inspect.signature(cast("Callable[..., object]", group), eval_str=True).parameters.values())
