"""Doubles for your own tests: a scripted model and an offline embedder. They ask no model and no network."""

from __future__ import annotations

from fleet_runtime.testing.embedder import HashEmbedder
from fleet_runtime.testing.model import ScriptedModel, Step, UnexpectedCall, UnusedSteps

__all__ = ["HashEmbedder", "ScriptedModel", "Step", "UnexpectedCall", "UnusedSteps"]
