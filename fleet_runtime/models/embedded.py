"""The model embedded in this process: llama.cpp's own server on a loopback port, through ``xllamacpp``.

The same client code serves as for any endpoint. It fetches no weights (`weights` does) and never
names a slot: two requests that pin one slot mix their contexts.
"""

from __future__ import annotations

import os
import secrets
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import anyio
import anyio.to_thread

from fleet_runtime.errors import MissingExtra, WeightsError
from fleet_runtime.messages import ModelInfo
from fleet_runtime.ports import ModelClient
from fleet_runtime.weights import QWEN_CODER

LIBRARY = "xllamacpp"
CONTEXT_TOKENS = 8192
MOST_THREADS = 4
SILENT = -1

# One slot, and a prompt counts as the slot's own only if nine tenths of it are there: else llama.cpp puts the
# slot's state aside in memory and takes up the best one it kept. So tasks that share a prefix but not their examples
# each keep their prompt: 96 % of the tokens cached when three such tasks alternate, against 66 % with four slots
# and the default likeness. Kept states take about 28 KiB a token.
SLOTS = 1
LIKENESS = 0.9
KEPT_MEBIBYTES = 1024
DEFAULT_REASON = "nothing else is configured"

# OpenMP threads that wait for each other spin first. Without a bound a busy machine slows to a tenth; without any
# spinning (OMP_WAIT_POLICY=PASSIVE) a quiet one writes 8 instead of 15 tokens a second. A short spin keeps both.
CALM_THREADS = {"GOMP_SPINCOUNT": "10000"}


class _Server(Protocol):
    """What we use of xllamacpp's server; it stops when it is no longer referred to."""

    @property
    def listening_address(self) -> str:
        """Return the URL it listens on."""
        ...


class EmbeddedEngine:
    """The llama.cpp servers of one composition: one per weights file, started once and shared.

    Requests to one server generate one at a time, in the order they came.
    """

    def __init__(self) -> None:
        """Start nothing yet."""
        self._starting = anyio.Lock()
        self._servers: dict[Path, tuple[_Server, str, anyio.Semaphore]] = {}

    async def client(
        self,
        model_file: Path,
        *,
        reason: str = DEFAULT_REASON,
        timeout_seconds: float = 60.0,
        closes_engine: bool = False,
    ) -> ModelClient:
        """Return a client on the server for ``model_file``, starting that first if need be.

        Raises: MissingExtra if xllamacpp is not installed; WeightsError if the file cannot be loaded.
        """
        from fleet_runtime.models.openai_compatible import OpenAICompatibleModel  # noqa: PLC0415 - loads openai
        from fleet_runtime.models.retrying import RetryPolicy  # noqa: PLC0415 - the same

        async with self._starting:
            if model_file not in self._servers:
                key = secrets.token_urlsafe(24)
                server = await anyio.to_thread.run_sync(_started, model_file, key)
                self._servers[model_file] = server, key, anyio.Semaphore(SLOTS, fast_acquire=True)
        server, key, gate = self._servers[model_file]
        info = embedded_info(model_file, reason=reason, endpoint=f"{server.listening_address}/v1")
        on_close = self.close if closes_engine else None
        return OpenAICompatibleModel(
            info,
            api_key=key,
            timeout_seconds=timeout_seconds,
            retry=RetryPolicy(attempts=1),  # in one process nothing passes by itself
            llama_cpp=True,
            gate=gate,
            on_close=on_close,
        )

    async def close(self) -> None:
        """Stop all servers and free their memory; clients on them are not used afterwards."""
        servers = list(self._servers.values())
        self._servers.clear()
        # Stopping joins the server's threads: the last reference goes in a worker thread.
        await anyio.to_thread.run_sync(servers.clear)


def embedded_info(model_file: Path, *, reason: str, endpoint: str = "") -> ModelInfo:
    """Say what the embedded model is; a file that is not the pinned one is called by its name."""
    pinned = model_file.name == QWEN_CODER.name
    return ModelInfo(
        name=model_file.stem,
        kind="embedded",
        endpoint=endpoint,
        description=f"{'Qwen2.5-Coder 1.5B' if pinned else model_file.stem}, a small local model on this machine's CPU",
        reason=reason,
        voice="assisted",
    )


async def start_embedded(
    model_file: Path,
    *,
    engine: EmbeddedEngine | None = None,
    reason: str = DEFAULT_REASON,
    timeout_seconds: float = 60.0,
) -> ModelClient:
    """Return a client for the embedded model on ``engine``; without one, on a server that ends with the client.

    Raises: MissingExtra, WeightsError.
    """
    owner = engine or EmbeddedEngine()
    return await owner.client(model_file, reason=reason, timeout_seconds=timeout_seconds, closes_engine=engine is None)


def _started(model_file: Path, key: str) -> _Server:
    """Load the weights and start a server that only holders of ``key`` can use."""
    os.environ.update(CALM_THREADS)
    try:
        library: Any = import_module(LIBRARY)
    except ImportError as error:
        raise MissingExtra(
            "the embedded model needs xllamacpp, which is not installed", hint="pip install 'fleet-runtime[local]'"
        ) from error
    parameters = library.CommonParams()
    parameters.model.path = str(model_file)
    parameters.model_alias = {model_file.stem}
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = 0
    parameters.api_keys = [key]
    parameters.ui = False
    parameters.verbosity = SILENT
    parameters.n_parallel = SLOTS
    parameters.n_ctx = CONTEXT_TOKENS
    parameters.slot_prompt_similarity = LIKENESS
    parameters.cache_ram_mib = KEPT_MEBIBYTES
    threads = min(os.cpu_count() or 1, MOST_THREADS)
    parameters.cpuparams.n_threads = threads
    parameters.cpuparams_batch.n_threads = threads
    try:
        server: _Server = library.Server(parameters)
    except RuntimeError as error:
        raise WeightsError(
            f"{model_file}: llama.cpp cannot load it: {error}", hint="remove the file and run again"
        ) from error
    return server
