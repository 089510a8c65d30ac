"""The organisation as a Mermaid flow chart. Places nothing: whoever shows the text does.

Identifiers are numbers of ours, so that no class name can be a word of Mermaid's; foreign text stands only in quotes,
with every sign that Mermaid or HTML would read written as an entity.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from fleet_runtime.charting.chart import Chart, Node, marked
from fleet_runtime.charting.palette import ERROR, WARNING, colours_of, tint
from fleet_runtime.charting.reporting import forest_of
from fleet_runtime.charting.words import TIMES, plain, shortened

_LONGEST_LABEL: Final = 48
_LONGEST_TITLE: Final = 80
_PLAIN: Final = frozenset(" ,.-+()/'·→★●?!:" + TIMES)


def to_mermaid(chart: Chart) -> str:
    """Write the chart as a ``flowchart TD``; reporting lines are solid, hand-offs dotted."""
    forest = forest_of(chart)
    names = {role_class: f"r{number}" for number, role_class in enumerate(forest.order, start=1)}
    nodes = {node.role_class: node for node in chart.nodes}
    lines = ["flowchart TD"]
    lines += [f'  {names[name]}["{_label(nodes[name])}"]' for name in forest.order]
    lines += [f"  {names[superior]} --> {names[below]}" for superior in forest.order for below in forest.team(superior)]
    lines += [
        f'  {names[asker]} -.->|"{escaped(said)}"| {names[owner]}' for (asker, owner), said in _labels(chart).items()
    ]
    lines += _colours(chart, names)
    return "\n".join(lines)


def escaped(text: str) -> str:
    """Write foreign text so that it is read as text, in a quoted label."""
    return "".join(sign if sign.isalnum() or sign in _PLAIN else f"#{ord(sign)};" for sign in plain(text))


def _label(node: Node) -> str:
    """Say who a role is, and what is wrong with it."""
    marks = f"{'★ ' if node.lead else ''}{escaped(shortened(node.title, _LONGEST_TITLE))}"
    marks += f" {TIMES}{node.multiplicity}" if node.multiplicity > 1 else ""
    marks += " ●" if node.persistent else ""
    faults = Counter(f"{fault.severity}: {fault.code}" for fault in marked(node.faults))
    remarks = [
        *(["no sound role file"] if node.vacant else []),
        *(f"{said} {TIMES}{count}" if count > 1 else said for said, count in faults.items()),
        *(f"nobody takes: {shortened(one.refused, _LONGEST_LABEL)}" for one in node.unowned),
    ]
    return "<br/>".join([marks, *map(escaped, remarks)])


def _labels(chart: Chart) -> dict[tuple[str, str], str]:
    """Say what one role hands to another, several refusals as one."""
    labels: dict[tuple[str, str], str] = {}
    for line in chart.hand_offs:
        note = f" ({line.makeshift_note})" if line.is_makeshift else ""
        said = f"{shortened(line.refused, _LONGEST_LABEL)}{note}"
        for owner in line.owners:
            former = labels.get((line.asker, owner))
            labels[line.asker, owner] = f"{former}; {said}" if former else said
    return labels


def _colours(chart: Chart, names: Mapping[str, str]) -> Iterator[str]:
    """Colour the roles by domain, and frame those with faults."""
    for number, (domain, colour) in enumerate(colours_of(node.domain for node in chart.nodes).items(), start=1):
        yield f"  classDef d{number} fill:{tint(colour, 0.12)},stroke:{colour},color:#1b1f27"
        yield f"  class {','.join(names[node.role_class] for node in chart.nodes if node.domain == domain)} d{number}"
    for severity, colour in (("error", ERROR), ("warning", WARNING)):
        framed = [node for node in chart.nodes if [one.severity for one in marked(node.faults)[:1]] == [severity]]
        if framed:
            yield f"  classDef {severity} stroke:{colour},stroke-width:3px"
            yield f"  class {','.join(names[node.role_class] for node in framed)} {severity}"
