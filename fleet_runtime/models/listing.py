"""Asks endpoints which models they have, and looks for local servers. Chooses nothing."""

from __future__ import annotations

import anyio
import openai
from pydantic import BaseModel

from fleet_runtime.contracts import Value
from fleet_runtime.messages import ModelInfo
from fleet_runtime.models.failures import FOREIGN, explained
from fleet_runtime.models.openai_compatible import NO_KEY

LLAMA_CPP = "llamacpp"
"""What llama.cpp's server calls the owner of its models."""


class LocalServer(Value):
    """A program that serves models on this machine, at its usual port."""

    name: str
    port: int

    @property
    def base_url(self) -> str:
        """Return the address of its OpenAI-compatible interface."""
        return f"http://127.0.0.1:{self.port}/v1"


class Listed(Value):
    """One model that an endpoint says it has."""

    name: str
    llama_cpp: bool = False


class _Entry(BaseModel):
    """What we read of one line of the list."""

    id: str
    owned_by: str = ""


class _Page(BaseModel):
    """What we read of the list."""

    data: list[_Entry] | None = None


async def listed_models(base_url: str, api_key: str | None, timeout_seconds: float) -> tuple[Listed, ...]:
    """Return the chat models that ``GET /models`` names, in its order; encoders are left out.

    Raises: ModelUnreachable, ModelRefused, ModelTimeout, ModelGarbled.
    """
    info = ModelInfo(name="", kind="endpoint", endpoint=base_url, description="", reason="", voice="free")
    try:
        with anyio.fail_after(timeout_seconds):
            async with openai.AsyncOpenAI(base_url=base_url, api_key=api_key or NO_KEY, max_retries=0) as client:
                page = _Page.model_validate(await client.get("/models", cast_to=object))
    except FOREIGN as error:
        raise explained(error, info, "list of models") from error
    return tuple(
        Listed(name=entry.id, llama_cpp=entry.owned_by == LLAMA_CPP)
        for entry in page.data or ()
        if "embed" not in entry.id.lower()
    )


async def listens(port: int, timeout_seconds: float) -> bool:
    """Say whether anything on this machine takes connections at ``port``."""
    try:
        with anyio.fail_after(timeout_seconds):
            stream = await anyio.connect_tcp("127.0.0.1", port)
    except (OSError, TimeoutError):
        return False
    await stream.aclose()
    return True
