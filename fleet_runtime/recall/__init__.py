"""Recall: facts, open commitments and events that bear on a question, ranked in process.

It reads one account's rows and nothing else; it neither stores nor learns, and asks no model.
"""

from __future__ import annotations

from fleet_runtime.recall.events import RecallVectors
from fleet_runtime.recall.recalling import RELEVANT, recall
from fleet_runtime.recall.saying import find_key, say_commitment, say_day, say_fact, say_value, source_of

__all__ = [
    "RELEVANT",
    "RecallVectors",
    "find_key",
    "recall",
    "say_commitment",
    "say_day",
    "say_fact",
    "say_value",
    "source_of",
]
