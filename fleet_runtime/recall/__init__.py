"""Recall: facts, open commitments and events that bear on a question, ranked in process.

It reads one account's rows and nothing else; it neither stores nor learns, and asks no model.
"""

from __future__ import annotations

from fleet_runtime.recall.index import EventIndex, packed_vector
from fleet_runtime.recall.question import Question, read_question
from fleet_runtime.recall.recalling import RELEVANT, Ranked, recall
from fleet_runtime.recall.saying import find_key, say_commitment, say_day, say_fact, say_value, source_of
from fleet_runtime.recall.terms import embedded_text, event_terms

__all__ = [
    "RELEVANT",
    "EventIndex",
    "Question",
    "Ranked",
    "embedded_text",
    "event_terms",
    "find_key",
    "packed_vector",
    "read_question",
    "recall",
    "say_commitment",
    "say_day",
    "say_fact",
    "say_value",
    "source_of",
]
