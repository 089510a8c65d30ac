"""Gives tools to a model in the way that it can take them, found out when tools are first offered. Runs no tool."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping

import anyio
import anyio.to_thread

from fleet_runtime.errors import ModelGarbled
from fleet_runtime.messages import ModelInfo, ModelReply, ModelRequest
from fleet_runtime.models.schema_tools import SchemaTools, calls_tools, tool_calling, tool_calling_key
from fleet_runtime.ports import ModelClient


class EitherTools:
    """A model that is asked once, at its first request with tools, whether it calls them by itself."""

    def __init__(
        self, model: ModelClient, *, known: Callable[[], Mapping[str, bool]], keep: Callable[[str, bool], None]
    ) -> None:
        """Wrap ``model``; what is found out is ``known`` from earlier runs, and kept for later ones."""
        self._model = model
        self._known = known
        self._keep = keep
        self._chosen: ModelClient | None = None
        self._choosing = anyio.Lock()

    @property
    def info(self) -> ModelInfo:
        """Say which model this is and why."""
        return self._model.info

    async def complete(self, request: ModelRequest) -> ModelReply:
        """Answer one request, whole.

        Raises: ModelError or one of its kinds; SettingError if what was found out cannot be read or kept.
        """
        return await (await self._for(request)).complete(request)

    async def stream(self, request: ModelRequest) -> AsyncGenerator[str | ModelReply]:
        """Give the pieces as they come, then the whole.

        Raises: as `complete`.
        """
        model = await self._for(request)
        async for piece in model.stream(request):
            yield piece

    async def find_out(self) -> bool:
        """Find out anew whether the model calls tools by itself; keep it, go by it, and return it.

        Raises: ModelError where nothing can be known; SettingError if it cannot be kept.
        """
        async with self._choosing:
            native = await calls_tools(self._model)
            await anyio.to_thread.run_sync(self._keep, tool_calling_key(self._model.info), native)
            self._chosen = self._model if native else SchemaTools(self._model)
        return native

    async def close(self) -> None:
        """Close the model."""
        await self._model.close()

    async def _for(self, request: ModelRequest) -> ModelClient:
        """Return who takes a request: any where it has no tools and shows none."""
        if self._chosen is not None:
            return self._chosen
        if not request.tools and not any(message.tool_calls for message in request.messages):
            return self._model
        async with self._choosing:
            if self._chosen is None:
                try:
                    self._chosen = await self._choose()
                except ModelGarbled:  # that says nothing for good: it is asked again the next time
                    return SchemaTools(self._model)
        return self._chosen

    async def _choose(self) -> ModelClient:
        """Find out, or remember, what the model can do."""
        known = await anyio.to_thread.run_sync(self._known)
        native = await tool_calling(self._model, known)
        name = tool_calling_key(self._model.info)
        if name not in known:
            await anyio.to_thread.run_sync(self._keep, name, native)
        return self._model if native else SchemaTools(self._model)
