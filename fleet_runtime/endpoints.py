"""Where a model answers, as it is remembered between runs. Connects to nothing."""

from __future__ import annotations

from fleet_runtime.messages import ModelInfo


def endpoint_of(info: ModelInfo) -> str:
    """Return where a model answers, as it is remembered: the embedded model has another port each time."""
    return info.endpoint.rstrip("/") if info.kind == "endpoint" else info.kind
