"""Asks endpoints which models they have, and looks for local servers. Chooses nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, cast

import anyio
import openai

from fleet_runtime.messages import ModelInfo
from fleet_runtime.models.failures import FOREIGN, explained
from fleet_runtime.models.openai_compatible import NO_KEY

LLAMA_CPP = "llamacpp"
"""What llama.cpp's server calls the owner of its models."""


_Read = Mapping[str, object]
"""A JSON object as it came."""


class LocalServer(NamedTuple):
    """A program that serves models on this machine, at its usual port."""

    name: str
    port: int

    @property
    def base_url(self) -> str:
        """Return the address of its OpenAI-compatible interface."""
        return f"http://127.0.0.1:{self.port}/v1"


class Listed(NamedTuple):
    """One model that an endpoint says it has."""

    name: str
    llama_cpp: bool = False


async def listed_models(base_url: str, api_key: str | None, timeout_seconds: float) -> tuple[Listed, ...]:
    """Return the chat models that ``GET /models`` names, in its order; encoders are left out.

    Raises: ModelUnreachable, ModelRefused, ModelTimeout, ModelGarbled.
    """
    info = ModelInfo(name="", kind="endpoint", endpoint=base_url, description="", reason="", voice="free")
    try:
        with anyio.fail_after(timeout_seconds):
            async with openai.AsyncOpenAI(base_url=base_url, api_key=api_key or NO_KEY, max_retries=0) as client:
                page = _read(await client.get("/models", cast_to=object))
    except FOREIGN as error:
        raise explained(error, info, "list of models") from error
    return tuple(listed for listed in page if "embed" not in listed.name.lower())


def _read(page: object) -> list[Listed]:
    """Read a list of models as endpoints give it.

    Raises: ValueError for anything else.
    """
    data = cast("_Read", page).get("data") if isinstance(page, dict) else page
    if data is None:
        return []
    if not isinstance(data, list):
        raise ValueError("not a list of models")  # noqa: TRY004 - as any other answer that cannot be read
    return [_entry(entry) for entry in cast("list[object]", data)]


def _entry(entry: object) -> Listed:
    """Read one line of the list.

    Raises: ValueError if it does not name a model.
    """
    read = cast("_Read", entry if isinstance(entry, dict) else {})
    name = read.get("id")
    if not isinstance(name, str):
        raise ValueError("a line of the list names no model")  # noqa: TRY004 - the same
    return Listed(name=name, llama_cpp=read.get("owned_by") == LLAMA_CPP)


async def listens(port: int, timeout_seconds: float) -> bool:
    """Say whether anything on this machine takes connections at ``port``."""
    try:
        with anyio.fail_after(timeout_seconds):
            stream = await anyio.connect_tcp("127.0.0.1", port)
    except (OSError, TimeoutError):
        return False
    await stream.aclose()
    return True
