"""OpenTelemetry spans and metrics of turns, by the ``opentelemetry-api`` package (the extra ``otel``).

Nothing is sent anywhere from here: where spans go is for the program that sets a tracer provider up, and without one
they go nowhere. The package is loaded when telemetry is made.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from fleet_runtime.errors import MissingExtra
from fleet_runtime.messages import ModelInfo
from fleet_runtime.signals import Listen, Signal

PROVIDERS: Final = {
    "api.openai.com": "openai",
    "openai.azure.com": "azure.ai.openai",
    "api.anthropic.com": "anthropic",
    "generativelanguage.googleapis.com": "gcp.gemini",
    "api.mistral.ai": "mistral_ai",
    "api.deepseek.com": "deepseek",
    "api.groq.com": "groq",
    "api.perplexity.ai": "perplexity",
    "api.x.ai": "x_ai",
}
"""Who serves models at which host, by the names that the conventions have for them."""


def provider_of(model: ModelInfo | None) -> str:
    """Return who serves a model: by its known name, else the endpoint's host; ``llama.cpp`` serves the embedded one."""
    if model is None:
        return "none"
    if model.kind != "endpoint":
        return "llama.cpp" if model.kind == "embedded" else model.kind
    host = urlsplit(model.endpoint).hostname or "api.openai.com"
    known = (name for ending, name in PROVIDERS.items() if host == ending or host.endswith(f".{ending}"))
    return next(known, host)


class Telemetry:
    """A `fleet_runtime.signals.Listen` for all turns of a fleet, many at once."""

    def __init__(self, *, content: bool, provider: str = "openai") -> None:
        """Take the providers of tracers and meters that the program has set.

        Args:
            content: put texts into spans too: messages, arguments and results of tools, what was remembered.
            provider: who serves the models (`provider_of`), for ``gen_ai.provider.name``.

        Raises: MissingExtra without the package.
        """
        try:
            from fleet_runtime.telemetry.spans import spans_of_turns  # noqa: PLC0415 - an extra
        except ModuleNotFoundError as error:
            if (error.name or "").startswith("fleet_runtime"):
                raise
            raise MissingExtra(
                "telemetry needs the opentelemetry-api package", hint="pip install 'fleet-runtime[otel]'"
            ) from error
        self._take: Listen = spans_of_turns(content=content, provider=provider)

    def __call__(self, signal: Signal) -> None:
        """Take one signal."""
        self._take(signal)
