"""Which model answers: what was set, else a local server that has one, else the embedded model.

The order is that of docs/models.md. It says which rule chose, and falls back silently on nothing:
what was asked for and is not there is an error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, NamedTuple

from fleet_runtime.boards import Gate
from fleet_runtime.errors import MissingExtra, ModelError, ModelRefused, SettingError
from fleet_runtime.messages import ModelInfo
from fleet_runtime.models.breaker import Breaker
from fleet_runtime.models.embedded import EmbeddedEngine, embedded_info, start_embedded
from fleet_runtime.models.fallback import Fallback
from fleet_runtime.models.in_process_gate import InProcessGate
from fleet_runtime.models.limited import check_limits, limited
from fleet_runtime.models.listing import Listed, LocalServer, listed_models, listens
from fleet_runtime.models.openai_compatible import OpenAICompatibleModel
from fleet_runtime.models.retrying import RetryPolicy
from fleet_runtime.ports import ModelClient
from fleet_runtime.settings import Settings
from fleet_runtime.weights import QWEN_CODER, Progress, ensure, is_present, silent

OPENAI_URL = "https://api.openai.com/v1"
OPENAI_MODEL = "gpt-4.1-mini"
NAMELESS = ("auto", "embedded", "none")
EMBEDDED_PATIENCE = 5
"""How many times longer the embedded model may take: a busy CPU is slow, and no other server would be quicker."""

PROBE_SECONDS = 0.3
LOCAL_SERVERS = (
    LocalServer(name="Ollama", port=11434),
    LocalServer(name="LM Studio", port=1234),
    LocalServer(name="llama.cpp", port=8080),
)


class Resolution(NamedTuple):
    """What would be chosen, without having started it. ``info`` is None where no model is wanted.

    ``weights_present`` and ``bytes_to_fetch`` are about the embedded model's file; ``missing`` says
    what has to be installed first.
    """

    info: ModelInfo | None
    weights_present: bool = True
    bytes_to_fetch: int = 0
    missing: str = ""

    def __str__(self) -> str:
        """Say it in one line."""
        if self.info is None:
            return "none, as set: replies are composed from the record"
        line = f"{self.info.description}: {self.info.reason}"
        if self.bytes_to_fetch:
            line += f"; {self.bytes_to_fetch / 1e6:.0f} MB are fetched on first use"
        return f"{line}; missing: {self.missing}" if self.missing else line


class _Choice(NamedTuple):
    """The rule's outcome: an endpoint's model, or the embedded one."""

    info: ModelInfo
    llama_cpp: bool = False
    kind: Literal["endpoint", "embedded"] = "endpoint"


async def resolve_model(  # noqa: PLR0913 - all but the first three are for few callers
    settings: Settings,
    *,
    environment: Mapping[str, str],
    cache: Path,
    report: Progress = silent,
    engine: EmbeddedEngine | None = None,
    gate: Gate | None = None,
) -> ModelClient | None:
    """Return a client for the model in force, or None for ``model = "none"``.

    Fetches the embedded model's weights into ``cache`` on first use, told to ``report``; the model
    runs on ``engine`` if one is given, else until the client is closed. Where limits are set, each endpoint's are
    counted by ``gate``: without one, in this process only.

    Raises: SettingError, MissingExtra, ModelError and its kinds.
    """
    check_limits(settings)
    choice = await _choose(settings, environment)
    if choice is None:
        return None
    others, gate = _fallbacks(settings, choice), gate or InProcessGate()
    if choice.kind == "endpoint":
        return _with_fallbacks(settings, _client(settings, choice, gate), others, gate)
    missing = _missing()
    if missing:
        raise MissingExtra(
            "no model is configured, and the embedded one needs xllamacpp, which is not installed",
            hint=f"{missing}; or set OPENAI_API_KEY, or base_url; or model to none",
        )
    file = _own_file(settings) or await ensure(QWEN_CODER, cache, report)
    embedded = await start_embedded(
        file,
        engine=engine,
        reason=choice.info.reason,
        timeout_seconds=EMBEDDED_PATIENCE * settings.model_timeout_seconds,
    )
    return _with_fallbacks(settings, embedded, others, gate)


async def describe_resolution(settings: Settings, *, environment: Mapping[str, str], cache: Path) -> Resolution:
    """Say which model would be chosen and why; fetches and starts nothing.

    A list of models is asked for where the choice depends on it.

    Raises: SettingError, ModelError and its kinds.
    """
    choice = await _choose(settings, environment)
    if choice is None:
        return Resolution(info=None)
    if choice.kind == "endpoint":
        return Resolution(info=choice.info)
    present = _own_file(settings) is not None or is_present(QWEN_CODER, cache)
    return Resolution(
        info=choice.info,
        weights_present=present,
        bytes_to_fetch=0 if present else QWEN_CODER.size,
        missing=_missing(),
    )


async def _choose(settings: Settings, environment: Mapping[str, str]) -> _Choice | None:
    """Go through the rules in their order."""
    if settings.model == "none":
        return None
    if settings.model == "embedded":
        return _embedded(settings, "the setting model asks for it")
    named = None if settings.model in NAMELESS else settings.model
    if settings.base_url or settings.api_key:
        return await _at_endpoint(settings, named or environment.get("OPENAI_DEFAULT_MODEL"))
    if settings.model_file and named is None:
        return _embedded(settings, "the setting model_file names its weights")
    local = await _at_local_server(named)
    if local is not None:
        return local
    if named is not None:
        raise SettingError(
            f"no endpoint is known for the model {named!r}",
            hint="set base_url (or OPENAI_BASE_URL) or api_key (or OPENAI_API_KEY), or set model to auto",
        )
    return _embedded(settings, "nothing else is configured, and no local server has a model")


async def _at_endpoint(settings: Settings, named: str | None) -> _Choice:
    """Take the endpoint that was set; where no model is named, one that it has."""
    base_url = (settings.base_url or OPENAI_URL).rstrip("/")
    reason = "base_url is set" if settings.base_url else "an API key is set"
    if named is not None:
        return _endpoint(Listed(name=named), base_url, f"{reason}, and the model is named")
    if base_url == OPENAI_URL:
        return _endpoint(Listed(name=OPENAI_MODEL), base_url, f"{reason}; no model is named, so a small one")
    listed = await listed_models(base_url, settings.api_key, settings.model_timeout_seconds)
    if not listed:
        raise ModelRefused(f"{base_url}: the endpoint lists no model", hint="name one: set model (or FLEET_MODEL)")
    return _endpoint(listed[0], base_url, f"{reason}; no model is named, so the first it lists")


async def _at_local_server(named: str | None) -> _Choice | None:
    """Take the first local server that has the named model, or any if none is named."""
    for server in LOCAL_SERVERS:
        if not await listens(server.port, PROBE_SECONDS):
            continue
        try:
            listed = await listed_models(server.base_url, None, PROBE_SECONDS)
        except ModelError:
            # Something else lives at that port, or it is not ready: no reason to stop.
            continue
        fitting = [model for model in listed if named in (None, model.name)]
        if fitting:
            return _endpoint(fitting[0], server.base_url, f"{server.name} answers on this machine and has it")
    return None


def _client(settings: Settings, choice: _Choice, gate: Gate) -> ModelClient:
    """Make the client for an endpoint's model: its retries, its breaker, its limits. The key goes to its own endpoint.

    The limits stand outside of the breaker: who has to wait for them says nothing about whether the endpoint answers.
    """
    mine = (settings.base_url or OPENAI_URL).rstrip("/") == choice.info.endpoint
    client = OpenAICompatibleModel(
        choice.info,
        api_key=settings.api_key if mine else None,
        timeout_seconds=settings.model_timeout_seconds,
        retry=_retry(settings),
        llama_cpp=choice.llama_cpp,
    )
    watched = Breaker(client, failures=settings.breaker_failures, seconds=settings.breaker_seconds)
    return limited(watched, settings, gate)


def _with_fallbacks(settings: Settings, first: ModelClient, others: Sequence[_Choice], gate: Gate) -> ModelClient:
    """Put the models that are asked when the first cannot behind it."""
    if not others:
        return first
    models = [first, *(_client(settings, choice, gate) for choice in others)]
    return Fallback(models, hedge_seconds=settings.hedge_seconds)


def _fallbacks(settings: Settings, first: _Choice) -> list[_Choice]:
    """Read the fallback models: each a name at the first one's endpoint, or ``name@https://host/v1``.

    Raises: SettingError.
    """
    choices: list[_Choice] = []
    for place, given in enumerate(settings.fallback_models):
        name, at, address = given.rpartition("@")
        elsewhere = bool(at) and address.startswith(("http://", "https://"))
        name, address = (name, address.rstrip("/")) if elsewhere else (given, first.info.endpoint)
        if name in ("", *NAMELESS) or (first.kind == "embedded" and not elsewhere):
            raise SettingError(
                f"fallback_models: {given!r} names no model at an endpoint",
                hint="give a model's name at the same endpoint, or name@https://host/v1",
            )
        llama_cpp = first.llama_cpp and not elsewhere
        named = _endpoint(Listed(name=name, llama_cpp=llama_cpp), address, f"fallback {place + 1}, as set")
        choices.append(named)
    return choices


def _endpoint(model: Listed, base_url: str, reason: str) -> _Choice:
    """Describe a model at an endpoint."""
    info = ModelInfo(
        name=model.name,
        kind="endpoint",
        endpoint=base_url,
        description=f"{model.name} at {base_url}",
        reason=reason,
        voice="free",
    )
    return _Choice(info=info, llama_cpp=model.llama_cpp)


def _embedded(settings: Settings, reason: str) -> _Choice:
    """Describe the embedded model."""
    file = _own_file(settings) or Path(QWEN_CODER.name)
    return _Choice(info=embedded_info(file, reason=reason), kind="embedded")


def _own_file(settings: Settings) -> Path | None:
    """Return the weights file that the settings name.

    Raises: SettingError if it is not there.
    """
    if settings.model_file is None:
        return None
    file = Path(settings.model_file).expanduser()
    if not file.is_file():
        raise SettingError(f"model_file: {file} does not exist", hint="name a GGUF file, or leave model_file unset")
    return file


def _missing() -> str:
    """Say what has to be installed for the embedded model; empty if nothing."""
    return "" if find_spec("xllamacpp") else "pip install 'fleet-runtime[local]'"


def _retry(settings: Settings) -> RetryPolicy:
    """Bound the attempts as set, and all of them together by twice the time of one."""
    return RetryPolicy(attempts=settings.model_attempts, total_seconds=2 * settings.model_timeout_seconds)
