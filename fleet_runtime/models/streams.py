"""Holds a model's stream so that it ends when whoever reads it does. Changes no piece."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

from fleet_runtime.messages import ModelReply, ModelRequest
from fleet_runtime.ports import ModelClient


@asynccontextmanager
async def streaming(model: ModelClient, request: ModelRequest) -> AsyncGenerator[AsyncIterator[str | ModelReply]]:
    """Give a model's stream; after the block it is closed, read to its end or not."""
    stream = model.stream(request)
    try:
        yield stream
    finally:
        if isinstance(stream, AsyncGenerator):
            await stream.aclose()
