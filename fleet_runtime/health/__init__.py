"""Health: what an account's signals, notes and facts say about how it fares, with reasons. Pure."""

from fleet_runtime.health.assessing import Assessment, Check, HealthWeek, assess, health_by_week
from fleet_runtime.health.case import Case, Dated, Weeks, case_of, end_of
from fleet_runtime.health.renewal import readiness
from fleet_runtime.health.rules import RULES_FILE, Rules, load_rules
from fleet_runtime.health.seasons import NO_SEASONS, Seasons, seasons_of

__all__ = [
    "NO_SEASONS",
    "RULES_FILE",
    "Assessment",
    "Case",
    "Check",
    "Dated",
    "HealthWeek",
    "Rules",
    "Seasons",
    "Weeks",
    "assess",
    "case_of",
    "end_of",
    "health_by_week",
    "load_rules",
    "readiness",
    "seasons_of",
]
