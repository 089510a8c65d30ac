"""The reporting lines as a forest, in the roster's order. Draws nothing; a circle is cut, not followed."""

from __future__ import annotations

from collections.abc import Mapping

from fleet_runtime.charting.chart import Chart
from fleet_runtime.contracts import Value


class Forest(Value):
    """Who stands under whom.

    ``roots`` report to nobody who is drawn; ``reports`` gives each superior's reports in the chart's order, those
    without a team of their own first.
    ``order`` is each class after its superior, whole team after whole team.
    """

    roots: tuple[str, ...]
    reports: dict[str, tuple[str, ...]]
    order: tuple[str, ...]
    depth: dict[str, int]

    def team(self, role_class: str) -> tuple[str, ...]:
        """Return who reports to a class."""
        return self.reports.get(role_class, ())


def forest_of(chart: Chart) -> Forest:
    """Order a chart's reporting lines.

    The lead is the first root. Where superiors form a circle, the first of them in the chart's order becomes a root.
    """
    superior_of = _superiors(chart)
    reports: dict[str, list[str]] = {}
    for name, superior in superior_of.items():
        if superior is not None:
            reports.setdefault(superior, []).append(name)
    for below in reports.values():
        below.sort(key=lambda name: name in reports)
    lead = next((node.role_class for node in chart.nodes if node.lead), None)
    roots = sorted((name for name, superior in superior_of.items() if superior is None), key=lambda name: name != lead)
    depth: dict[str, int] = {}
    for root in roots:
        waiting = [(root, 0)]
        while waiting:
            name, level = waiting.pop()
            depth[name] = level
            waiting += [(below, level + 1) for below in reversed(reports.get(name, []))]
    return Forest(
        roots=tuple(roots),
        reports={name: tuple(below) for name, below in reports.items()},
        order=tuple(depth),
        depth=depth,
    )


def _superiors(chart: Chart) -> dict[str, str | None]:
    """Return each class's superior, None where there is none in the chart; circles are cut."""
    given = {node.role_class: node.reports_to for node in chart.nodes}
    superior_of = {name: superior if superior in given else None for name, superior in given.items()}
    for name in superior_of:
        if _is_in_circle(name, superior_of):
            superior_of[name] = None
    return superior_of


def _is_in_circle(name: str, superior_of: Mapping[str, str | None]) -> bool:
    """Tell whether the line above a class leads back to it."""
    seen: set[str] = set()
    above = superior_of[name]
    while above is not None and above not in seen:
        if above == name:
            return True
        seen.add(above)
        above = superior_of[above]
    return False
