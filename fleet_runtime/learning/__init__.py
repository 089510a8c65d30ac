"""Learning: what an event teaches about its account. Rules first, a model for the rest, a ledger under both."""

from fleet_runtime.learning.by_schema import load_examples
from fleet_runtime.learning.inquiry import Inquiry, awaits_learning, inquire, known_before
from fleet_runtime.learning.labelling import LabelWords, LearnPrompts, load_labels
from fleet_runtime.learning.learn import learn, merge
from fleet_runtime.learning.ledger import facts_at, history
from fleet_runtime.learning.pieces import NAMED
from fleet_runtime.learning.reading.rules import Reading, learn_by_rules

__all__ = [
    "NAMED",
    "Inquiry",
    "LabelWords",
    "LearnPrompts",
    "Reading",
    "awaits_learning",
    "facts_at",
    "history",
    "inquire",
    "known_before",
    "learn",
    "learn_by_rules",
    "load_examples",
    "load_labels",
    "merge",
]
