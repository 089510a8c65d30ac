"""The same Fleet for scripts and notebooks that do not await: one generic portal, no twin of any method.

``Fleet.open`` starts an event loop in a thread of its own. Every attribute of the fleet, its agents and
their memories is the asynchronous one: what would be awaited is waited for, what would be iterated
with ``async for`` is iterated with ``for``. It refuses to run inside an event loop, where it would
stand in its own way.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager, ExitStack, contextmanager
from enum import Enum
from functools import partial
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Literal, ParamSpec, Self, TypeVar, cast

from anyio.from_thread import BlockingPortal, start_blocking_portal

from fleet_runtime.errors import RunningLoopError
from fleet_runtime.fleet import Fleet as AsyncFleet

P = ParamSpec("P")
T = TypeVar("T")


class _Signal(Enum):
    """Tells the end of a stream from any piece of it."""

    END = 0


class Loop:
    """An event loop in a thread of its own; a context manager."""

    _portal: BlockingPortal

    def __init__(self) -> None:
        """Start nothing yet."""
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Start the thread.

        Raises: RunningLoopError inside a running event loop.
        """
        _refuse_running_loop()
        self._portal = self._stack.enter_context(start_blocking_portal(name="fleet"))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        """Stop the thread; after an error, what still runs is cancelled."""
        return self._stack.__exit__(kind, error, trace)

    def call(self, function: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Await ``function(*args, **kwargs)`` on the loop and return what it gives.

        Raises: what the function raises; RunningLoopError inside a running event loop.
        """
        _refuse_running_loop()
        future = self._portal.start_task_soon(partial(function, *args, **kwargs))
        try:
            return future.result()
        except BaseException:
            future.cancel()  # Ctrl-C here must not leave the work running there
            raise

    def each(self, stream: AsyncIterator[T]) -> Iterator[T]:
        """Give the stream's pieces as they come; leaving early cancels the rest.

        One task runs the whole stream, since a generator's cancel scopes belong to one task.
        """
        _refuse_running_loop()
        pieces: SimpleQueue[T | Literal[_Signal.END]] = SimpleQueue()

        async def pump() -> None:
            """Carry the pieces over, and always the end."""
            try:
                async for piece in stream:
                    pieces.put(piece)
            finally:
                pieces.put(_Signal.END)

        future = self._portal.start_task_soon(pump)
        try:
            while (piece := pieces.get()) is not _Signal.END:
                yield piece
            future.result()
        finally:
            future.cancel()

    @contextmanager
    def entered(self, manager: AbstractAsyncContextManager[T]) -> Generator[T]:
        """Enter an asynchronous context manager; Ctrl-C within it cancels its work and comes out bare."""
        try:
            with self._portal.wrap_async_context_manager(manager) as value:
                yield value
        except BaseExceptionGroup as group:  # what is thrown through a task group comes out wrapped
            raise _interrupt_in(group) or group from None


class Face:
    """The synchronous face of one asynchronous object. Types are those of the object behind it, less the awaiting."""

    def __init__(self, target: object, loop: Loop) -> None:
        """Stand before ``target``, whose work runs on ``loop``."""
        self._target = target
        self._loop = loop

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - the type is that of the attribute behind
        """Give the attribute behind, with its awaiting done."""
        value = getattr(self._target, name)
        return partial(self._call, value) if inspect.isroutine(value) else self._faced(value)

    def __dir__(self) -> list[str]:
        """List what the object behind offers."""
        return dir(self._target)

    def __repr__(self) -> str:
        """Name the object behind."""
        return f"<synchronous {self._target!r}>"

    def _call(self, method: Callable[..., object], /, *args: object, **kwargs: object) -> object:
        """Call the method behind and wait for whatever it gives."""
        _refuse_running_loop()
        result = method(*args, **kwargs)
        if inspect.isawaitable(result):
            return self._faced(self._loop.call(_awaited, cast("Awaitable[object]", result)))
        if isinstance(result, AsyncIterator):
            return self._loop.each(cast("AsyncIterator[object]", result))
        return self._faced(result)

    def _faced(self, value: object) -> object:
        """Put a face before whatever has to be awaited; every other value is given as it is."""
        return Face(value, self._loop) if _is_awaited(type(value)) else value


class Fleet(Face):
    """`fleet_runtime.Fleet` without ``await``: ``with Fleet.open(...) as fleet: fleet.spawn(...).ask(...)``."""

    @staticmethod
    def _opened(
        function: Callable[P, AbstractAsyncContextManager[AsyncFleet]],
    ) -> Callable[P, AbstractContextManager[Fleet]]:
        """Keep the options and their types, and give a plain context manager."""

        @contextmanager
        def opened(*args: P.args, **kwargs: P.kwargs) -> Generator[Fleet]:
            """Open a fleet on a loop of its own, and close both; options as in `fleet_runtime.Fleet.open`."""
            with Loop() as loop, loop.entered(function(*args, **kwargs)) as fleet:
                yield Fleet(fleet, loop)

        return opened

    open = _opened(AsyncFleet.open)


def _is_awaited(kind: type) -> bool:
    """Tell whether a class is one of this package's whose objects have anything to await."""
    ours = kind.__module__.partition(".")[0] == __package__
    return ours and any(
        inspect.iscoroutinefunction(each) or inspect.isasyncgenfunction(each) for each in vars(kind).values()
    )


async def _awaited(awaitable: Awaitable[T]) -> T:
    """Make a coroutine of any awaitable."""
    return await awaitable


def _interrupt_in(error: BaseException) -> BaseException | None:
    """Return the interrupt that a group holds, or None."""
    if isinstance(error, BaseExceptionGroup):
        found = (_interrupt_in(one) for one in cast("BaseExceptionGroup[BaseException]", error).exceptions)
        return next((interrupt for interrupt in found if interrupt is not None), None)
    return None if isinstance(error, Exception) else error


def _refuse_running_loop() -> None:
    """Raise if this thread runs an event loop."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise RunningLoopError(
        "fleet_runtime.sync was called inside a running event loop",
        hint="use fleet_runtime.Fleet with async and await here; notebooks await at top level",
    )
