"""The dispatcher: contracts become rules and passages, and a message becomes a `Decision` with its reasons.

Pure: takes texts and vectors as values, asks no model, reads no store.
"""

from __future__ import annotations

from fleet_runtime.routing.index import RoutingIndex, build_index
from fleet_runtime.routing.query import RouteQuery
from fleet_runtime.routing.route import route
from fleet_runtime.routing.rules import Rule, compile_rules
from fleet_runtime.routing.teaching import Labelled, taught
from fleet_runtime.routing.vectors import VectorTable

__all__ = [
    "Labelled",
    "RouteQuery",
    "RoutingIndex",
    "Rule",
    "VectorTable",
    "build_index",
    "compile_rules",
    "route",
    "taught",
]
