"""Reading: what a text says by itself, by tables of forms and relations. Knows no model and changes no ledger."""

from fleet_runtime.learning.reading.closings import read_closings
from fleet_runtime.learning.reading.commitments import read_commitments
from fleet_runtime.learning.reading.passages import Passage
from fleet_runtime.learning.reading.rules import Reading, learn_by_rules

__all__ = ["Passage", "Reading", "learn_by_rules", "read_closings", "read_commitments"]
