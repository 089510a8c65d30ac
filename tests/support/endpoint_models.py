"""Clients on the fake endpoint, with waits that are recorded and not waited."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from fake_endpoint import Answer, FakeEndpoint, fake_endpoint

from fleet_runtime.errors import ModelError
from fleet_runtime.messages import ChatMessage, ModelInfo, ModelReply, ModelRequest
from fleet_runtime.models.openai_compatible import OpenAICompatibleModel
from fleet_runtime.models.retrying import RetryPolicy
from fleet_runtime.ports import ModelClient

REQUEST = ModelRequest(
    task="greet",
    messages=(ChatMessage(role="system", content="Be brief."), ChatMessage(role="user", content="Hello?")),
)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Sleeps(list[float]):
    """Keeps how long was to be waited."""

    async def __call__(self, seconds: float) -> None:
        self.append(seconds)


def patience(sleeps: Sleeps, *, attempts: int = 3, total_seconds: float = 120.0) -> RetryPolicy:
    """A policy without chance, sleep or clock of its own."""
    return RetryPolicy(
        attempts=attempts, total_seconds=total_seconds, chance=lambda: 1.0, sleep=sleeps, now=lambda: NOON
    )


def info_at(base_url: str) -> ModelInfo:
    """Describe the fake endpoint's model."""
    return ModelInfo(name="m", kind="endpoint", endpoint=base_url, description="a fake", reason="test", voice="free")


@asynccontextmanager
async def endpoint_model(
    *answers: Answer, retry: RetryPolicy | None = None, llama_cpp: bool = False, seconds: float = 2.0
) -> AsyncGenerator[tuple[OpenAICompatibleModel, FakeEndpoint]]:
    """A client on a fake endpoint with a script of answers."""
    async with fake_endpoint(*answers) as endpoint:
        model = OpenAICompatibleModel(
            info_at(endpoint.base_url),
            api_key="key-1",
            timeout_seconds=seconds,
            retry=retry or patience(Sleeps()),
            llama_cpp=llama_cpp,
        )
        try:
            yield model, endpoint
        finally:
            await model.close()


async def everything(model: ModelClient, request: ModelRequest = REQUEST) -> list[str | ModelReply]:
    """Read a stream to its end."""
    return [piece async for piece in model.stream(request)]


async def pieces_until_error(
    model: ModelClient, request: ModelRequest = REQUEST
) -> tuple[list[str | ModelReply], ModelError]:
    """Read a stream that must fail; return what came before, and the error."""
    pieces: list[str | ModelReply] = []
    try:
        async for piece in model.stream(request):
            pieces.append(piece)  # noqa: PERF401 - what came before the error is what is looked at
    except ModelError as error:
        return pieces, error
    raise AssertionError("the stream did not fail")
