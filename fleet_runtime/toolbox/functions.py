"""Python functions as tools: ``@tool`` reads the signature and the docstring, and the function stays what it was.

    @tool
    async def order_status(number: str) -> str:
        \"\"\"Look up where an order is.\"\"\"

Keeps no list of tools: those that a fleet has are given to it. It neither bounds a result nor stops a slow function:
who runs the tool does.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, partial, update_wrapper
from types import FrameType
from typing import Final, Generic, ParamSpec, TypeVar, cast, overload

from fleet_runtime.errors import ToolError
from fleet_runtime.messages import ToolSpec
from fleet_runtime.ports import Tool, ToolFailed
from fleet_runtime.records import ToolContext, ToolRules
from fleet_runtime.tools.arguments import Arguments
from fleet_runtime.tools.docstrings import read_docstring
from fleet_runtime.tools.results import as_text, failure_text

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")

P = ParamSpec("P")
R = TypeVar("R")


class FunctionTool(Generic[P, R]):
    """A function that a model may have called; it is called by people as before. ``where`` is its ``file:line``."""

    __name__: str

    def __init__(
        self,
        function: Callable[P, R],
        *,
        name: str | None = None,
        description: str | None = None,
        rules: ToolRules | None = None,
        namespace: Mapping[str, object] | None = None,
    ) -> None:
        """Take the function; what its types mean is looked at when `spec` is first asked for.

        ``namespace`` holds names that its annotations use besides those of its module.

        Raises: ToolError for a name or a parameter that a tool cannot have.
        """
        self._function = function
        self.where = _where(function)
        self._name = str(getattr(function, "__name__", "")) if name is None else name
        if not _NAME.fullmatch(self._name):
            raise ToolError(
                f"{self.where}: {self._name!r} is no name of a tool",
                hint="1 to 64 letters, digits, _ and -; give another one: @tool(name=...)",
            )
        self._description = description
        self._rules = rules or ToolRules()
        self._arguments = Arguments(function, self.where, namespace or {})
        update_wrapper(cast("Callable[..., object]", self), function)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the plain function."""
        return self._function(*args, **kwargs)

    @property
    def spec(self) -> ToolSpec:
        """What a model is told of it.

        Raises: ToolError if a parameter's type is unknown or has no JSON form.
        """
        return self._spec

    @cached_property
    def _spec(self) -> ToolSpec:
        """The same, made once."""
        said = read_docstring(self._function.__doc__)
        schema = dict(self._arguments.schema)
        schema["properties"] = {
            name: {**known, "description": said.parameters[name]}
            if said.parameters.get(name) and "description" not in known
            else known
            for name, known in schema["properties"].items()
        }
        description = said.description if self._description is None else self._description
        return ToolSpec(name=self._name, description=description or self._name.replace("_", " "), parameters=schema)

    @property
    def rules(self) -> ToolRules:
        """How it is run."""
        return self._rules

    async def run(self, arguments: str, context: ToolContext) -> str:
        """Call the function with a model's arguments (JSON), a synchronous one in a worker thread.

        A synchronous function that is cancelled, as by a time-out, ends in its thread unheard: threads cannot be
        stopped.

        Raises: ToolFailed if the arguments do not fit, the function raises, or its result cannot be written.
        """
        given = self._arguments.read(arguments, context)
        try:
            result = await self._called(given)
        except ToolFailed:
            raise
        except Exception as error:  # whatever the function raises is told to the model, and ends no turn
            raise ToolFailed(failure_text(error)) from error
        return as_text(result)

    async def _called(self, given: Mapping[str, object]) -> object:
        """Call the function and wait for what it gives."""
        call = partial(cast("Callable[..., object]", self._function), **given)
        if inspect.iscoroutinefunction(self._function):
            result = call()
        else:
            from anyio import to_thread  # noqa: PLC0415 - declaring a tool must not load it

            result = await to_thread.run_sync(call, abandon_on_cancel=True)
        return await result if inspect.isawaitable(result) else result


@overload
def tool(function: Callable[P, R], /) -> FunctionTool[P, R]: ...


@overload
def tool(
    *,
    name: str | None = None,
    description: str | None = None,
    needs_approval: bool = False,
    timeout_seconds: float | None = None,
    repeatable: bool = True,
) -> Callable[[Callable[P, R]], FunctionTool[P, R]]: ...


def tool(  # noqa: PLR0913 - each is one independent choice with a default
    function: Callable[P, R] | None = None,
    /,
    *,
    name: str | None = None,
    description: str | None = None,
    needs_approval: bool = False,
    timeout_seconds: float | None = None,
    repeatable: bool = True,
) -> FunctionTool[P, R] | Callable[[Callable[P, R]], FunctionTool[P, R]]:
    """Make a tool of a typed function, synchronous or not: ``@tool``, or ``@tool(needs_approval=True)``.

    The schema of its arguments comes from the signature, what a model is told from the docstring (``Args:`` describes
    the parameters; so does ``Annotated[..., Field(description=...)]``). A parameter annotated `ToolContext` is given
    who calls, and for whom; no model sees it.

    Args:
        function: what to make a tool of.
        name: how models call it; default the function's name.
        description: what models are told, instead of the docstring's text.
        needs_approval: a person must say yes to each call.
        timeout_seconds: how long a call may take; None takes the setting ``tool_seconds``.
        repeatable: whether a call that a crash interrupted may be made again, with the same idempotency key.

    Raises: ToolError with the function's ``file:line``.
    """
    rules = ToolRules(needs_approval=needs_approval, timeout_seconds=timeout_seconds, repeatable=repeatable)

    def made(declared: Callable[P, R], frame: FrameType | None) -> FunctionTool[P, R]:
        namespace = _local_names(declared, frame)
        return FunctionTool(declared, name=name, description=description, rules=rules, namespace=namespace)

    def decorate(declared: Callable[P, R]) -> FunctionTool[P, R]:
        frame = inspect.currentframe()
        return made(declared, frame.f_back if frame else None)

    if function is None:
        return decorate
    frame = inspect.currentframe()
    return made(function, frame.f_back if frame else None)


def by_name(tools: Iterable[Tool]) -> dict[str, Tool]:
    """Return tools by their names, in their order; their schemas are made now, so that faults show at once.

    Raises: ToolError if two have the same name, or a function's types have no JSON form.
    """
    found: dict[str, Tool] = {}
    for one in tools:
        name = one.spec.name
        if name in found:
            places = " and ".join(_place(other) for other in (found[name], one))
            raise ToolError(f"two tools are named {name!r}: {places}", hint="rename one: @tool(name=...)")
        found[name] = one
    return found


def _place(one: Tool) -> str:
    """Say where a tool comes from."""
    return one.where if isinstance(one, FunctionTool) else type(one).__name__


def _where(function: Callable[..., object]) -> str:
    """Return a function's ``file:line``.

    Raises: ToolError for what is no function of Python's.
    """
    code = getattr(inspect.unwrap(function), "__code__", None)
    if not inspect.iscode(code):
        raise ToolError(
            f"{function!r} is no Python function", hint="declare a function (or a bound method) as the tool"
        )
    return f"{code.co_filename}:{code.co_firstlineno}"


def _local_names(function: Callable[..., object], frame: FrameType | None) -> Mapping[str, object]:
    """Return the names around a function that was declared within another one: its annotations may use them."""
    local = "<locals>" in str(getattr(function, "__qualname__", ""))
    return dict(frame.f_locals) if local and frame else {}
