"""Health: what an account's signals, notes and facts say about how it fares, with reasons. Pure."""

from fleet_runtime.health.assessing import Assessment, Check
from fleet_runtime.health.case import Case, Dated, Weeks, case_of, end_of

__all__ = ["Assessment", "Case", "Check", "Dated", "Weeks", "case_of", "end_of"]
