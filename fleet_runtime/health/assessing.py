"""What a review says of an account at a moment: how it fares, and what somebody should look at."""

from __future__ import annotations

from typing import Literal, NamedTuple

from fleet_runtime.contracts import Value
from fleet_runtime.records.book import Concern, Evidence, Health


class Assessment(NamedTuple):
    """How an account fares, and what is to be looked at, the gravest first."""

    health: Health
    concerns: tuple[Concern, ...]


class Check(Value, defer_build=True):
    """One item of a renewal's readiness: ``unknown`` where nothing on record tells."""

    name: str
    state: Literal["ok", "open", "unknown"]
    says: str
    evidence: tuple[Evidence, ...] = ()
