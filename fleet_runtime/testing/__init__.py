"""Doubles for your own tests: models by script, on tape or at fault, and an offline embedder. They ask no network.

`fleet_runtime.testing.plugin` is a pytest plugin that sees to that; it is loaded by its own name only.
"""

from __future__ import annotations

from fleet_runtime.testing.cassette import Cassette, NotOnTape, TapeDamaged, UnusedEntries
from fleet_runtime.testing.embedder import HashEmbedder
from fleet_runtime.testing.faulty import Fault, FaultyModel
from fleet_runtime.testing.model import ScriptedModel, Step, UnexpectedCall, UnusedSteps

__all__ = [
    "Cassette",
    "Fault",
    "FaultyModel",
    "HashEmbedder",
    "NotOnTape",
    "ScriptedModel",
    "Step",
    "TapeDamaged",
    "UnexpectedCall",
    "UnusedEntries",
    "UnusedSteps",
]
