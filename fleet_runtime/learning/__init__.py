"""Learning: what an event teaches about its account. Rules first, a model for the rest, a ledger under both."""

from fleet_runtime.learning.by_schema import extraction_request, facts_from_answer, load_examples, worth_asking
from fleet_runtime.learning.learn import learn, merge
from fleet_runtime.learning.ledger import add_fact, facts_at, history, withdraw
from fleet_runtime.learning.rules import Reading, learn_by_rules

__all__ = [
    "Reading",
    "add_fact",
    "extraction_request",
    "facts_at",
    "facts_from_answer",
    "history",
    "learn",
    "learn_by_rules",
    "load_examples",
    "merge",
    "withdraw",
    "worth_asking",
]
