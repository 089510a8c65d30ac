"""The text below the picture: what is wrong, and who hands what to whom, as lines that fit. Draws nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal, NamedTuple

from fleet_runtime.charting.chart import Chart, HandOffLine, Node, marked
from fleet_runtime.charting.words import plain, wrap
from fleet_runtime.parsing import Complaint

SIZE: Final = 11.5
LINE: Final = 16.0

Look = Literal["head", "plain", "makeshift", "unowned", "error", "warning"]


class Entry(NamedTuple):
    """Some lines of one look; ``tooltip`` says it in full; ``of`` is the class it belongs to."""

    look: Look
    lines: tuple[str, ...]
    tooltip: str = ""
    of: str = ""


Block = tuple[Entry, ...]
"""Entries that stay together."""


def hand_off_blocks(chart: Chart, numbers: Mapping[str, int], room: float) -> list[Block]:
    """Say for each role what it does not do and who takes that, one block a role."""
    blocks: list[Block] = []
    for node in _by_number(chart, numbers):
        entries = [
            *(_hand_off(line, chart, numbers, room) for line in chart.hand_offs_of(node.role_class)),
            *(
                Entry("unowned", _lines(f"{one.refused} → nobody", room), f"{one.refused} ({one.where})")
                for one in node.unowned
            ),
        ]
        if entries:
            blocks.append((_head(node, numbers, "does not", room), *entries))
    return blocks


def fault_blocks(chart: Chart, numbers: Mapping[str, int], room: float) -> list[Block]:
    """Say what is wrong, errors before warnings, one block a role; first what belongs to no role."""
    blocks: list[Block] = [(_fault(fault, room),) for fault in marked(chart.faults)]
    for node in _by_number(chart, numbers):
        faults = marked(node.faults)
        if faults:
            blocks.append((_head(node, numbers, "", room), *(_fault(fault, room) for fault in faults)))
    return blocks


def height_of(block: Block) -> float:
    """Return the height of a block with the space below it."""
    return sum(len(entry.lines) for entry in block) * LINE + LINE / 2


def columns_of(blocks: Sequence[Block], count: int) -> list[list[Block]]:
    """Spread blocks over columns, in order, as evenly as they allow."""
    columns: list[list[Block]] = [[] for _ in range(count)]
    whole = sum(map(height_of, blocks))
    done = 0.0
    for block in blocks:
        height = height_of(block)
        columns[min(count - 1, int((done + height / 2) * count / whole))].append(block)
        done += height
    return columns


def _by_number(chart: Chart, numbers: Mapping[str, int]) -> list[Node]:
    """Return the nodes in the order of their numbers."""
    return sorted(chart.nodes, key=lambda node: numbers[node.role_class])


def _head(node: Node, numbers: Mapping[str, int], verb: str, room: float) -> Entry:
    """Name the role of a block."""
    text = f"{numbers[node.role_class]} {node.title} {verb}".rstrip()
    return Entry("head", wrap(text, room, SIZE, most_lines=1, bold=True), node.role_class, node.role_class)


def _hand_off(line: HandOffLine, chart: Chart, numbers: Mapping[str, int], room: float) -> Entry:
    """Say one hand-off."""
    titles = {node.role_class: node.title for node in chart.nodes}
    owners = ", ".join(
        f"{numbers[owner]} {titles[owner]}" for owner in sorted(line.owners, key=lambda one: numbers[one])
    )
    note = f" ({line.makeshift_note})" if line.is_makeshift else ""
    look: Look = "makeshift" if line.is_makeshift else "plain"
    return Entry(look, _lines(f"{line.refused} → {owners}{note}", room), f"{line.refused} ({line.where})")


def _fault(fault: Complaint, room: float) -> Entry:
    """Say one fault as the checker does, its place last."""
    text = plain(f"[{fault.code}] {fault.message} ({fault.where})")
    look: Look = "error" if fault.severity == "error" else "warning"
    return Entry(look, wrap(text, room - 12, SIZE, most_lines=3), plain(fault.hint))


def _lines(text: str, room: float) -> tuple[str, ...]:
    """Break one entry of the table; it is indented."""
    return wrap(text, room - 12, SIZE, most_lines=2)
