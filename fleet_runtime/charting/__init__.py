"""The organisation drawn: a `Chart` of roles, reporting lines, hand-offs and faults, as Mermaid or as SVG.

Pure: reads no files, finds no faults itself, and gives text back.
"""

from __future__ import annotations

from fleet_runtime.charting.chart import Chart, HandOffLine, Node, Unowned, chart_of, marked
from fleet_runtime.charting.mermaid import to_mermaid
from fleet_runtime.charting.reporting import Forest, forest_of
from fleet_runtime.charting.svg import to_svg

__all__ = [
    "Chart",
    "Forest",
    "HandOffLine",
    "Node",
    "Unowned",
    "chart_of",
    "forest_of",
    "marked",
    "to_mermaid",
    "to_svg",
]
