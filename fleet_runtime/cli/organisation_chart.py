"""What ``fleet org`` does: reads the layers in force, has them checked, and gives the chart a form. Judges nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pydantic_core import to_json
from rich.text import Text
from rich.tree import Tree

from fleet_runtime import check_sources
from fleet_runtime.charting import Chart, HandOffLine, Node, chart_of, forest_of, marked, to_mermaid, to_svg
from fleet_runtime.charting.palette import colours_of, tint
from fleet_runtime.charting.words import TIMES
from fleet_runtime.checking import Organisation, organise
from fleet_runtime.checking.organisation import SHIPPED, ProfileFile
from fleet_runtime.checking.staffing import staff_of
from fleet_runtime.cli.organisation_check import report_of
from fleet_runtime.cli.printing import one_line, rendered
from fleet_runtime.contracts import Profile, Staff
from fleet_runtime.errors import ContractError
from fleet_runtime.parsing import Complaint
from fleet_runtime.settings import Settings

_STYLES: Final = {"error": "bold red", "warning": "yellow", "info": "dim"}


def chart_in_force(settings: Settings, *, faults: bool) -> Chart:
    """Draw up the chart of the profile in force, as far as its files can be read.

    A role whose file is broken or missing stands in the chart as a seat without a role. With ``faults`` the
    organisation is checked as `fleet check` does it, and the findings in its roles' and its profile's files are
    in the chart.

    Raises: UnknownProfile, PromptError; ContractError if the profile itself cannot be read.
    """
    sources = check_sources.sources_in_force(Path(settings.roles), Path(settings.profiles))
    organisation = organise(sources, profile=settings.profile, usual=settings.profile)
    file, profile = _named(organisation, settings.profile)
    staff = _staff(organisation, profile, is_shipped=file.source.layer == SHIPPED)
    seated = {seat.role_class for seat in profile.roster} | {role.role_class for role in staff.roles}
    files = {name: organisation.roles[name].file for name in seated if name in organisation.roles}
    shown = {file.file, *files.values()}
    findings = report_of(organisation, settings).findings if faults else ()
    return chart_of(staff, [finding for finding in findings if finding.file in shown], files)


def tree_of(chart: Chart) -> Tree:
    """Draw the chart for a terminal; foreign text in it is text."""
    forest = forest_of(chart)
    nodes = {node.role_class: node for node in chart.nodes}
    colours = colours_of(node.domain for node in chart.nodes)
    tree = Tree(Text(one_line(chart.title), style="bold"), guide_style="dim")
    for fault in marked(chart.faults):
        tree.add(_fault(fault))
    branches: dict[str, Tree] = {}
    for name in forest.order:
        node = nodes[name]
        above = branches[node.reports_to] if node.reports_to and forest.depth[name] else tree
        branch = branches[name] = above.add(_label(node, tint(colours[node.domain], 0.8)))
        for fault in marked(node.faults):
            branch.add(_fault(fault))
        for line in chart.hand_offs_of(name):
            branch.add(_hand_off(line))
        for one in node.unowned:
            branch.add(Text(f"→ nobody: {one_line(one.refused)}", style="dim"))
    return tree


def as_text(chart: Chart, form: str) -> str:
    """Write the chart as ``tree``, ``mermaid`` or ``svg`` for another program."""
    if form == "mermaid":
        return to_mermaid(chart)
    return to_svg(chart) if form == "svg" else "\n".join(rendered(tree_of(chart), for_terminal=False))


def as_json(chart: Chart) -> str:
    """Write the chart's values down."""
    return to_json(chart, indent=2, by_alias=True).decode()


def _named(organisation: Organisation, profile_id: str) -> tuple[ProfileFile, Profile]:
    """Return the profile that is drawn.

    Raises: ContractError with its first complaint if it cannot be read.
    """
    file = organisation.profiles[profile_id]
    if file.profile is None:
        complaint = next(one for one in file.complaints if one.severity == "error")
        raise ContractError(complaint.message, hint=complaint.hint, where=complaint.where)
    return file, file.profile


def _staff(organisation: Organisation, profile: Profile, *, is_shipped: bool) -> Staff:
    """Return the profile's readable roles, besides a shipped one's the project's own, as the runtime staffs them."""
    staff = staff_of(organisation, profile)
    own = (file.role for _, file in sorted(organisation.roles.items()) if file.source.layer > SHIPPED)
    return staff.joined_by(role for role in own if role is not None) if is_shipped else staff


def _label(node: Node, colour: str) -> Text:
    """Say who a role is, by the class that commands want."""
    label = Text("★ " if node.lead else "", style="bold")
    label.append(one_line(node.role_class), style=f"bold {colour}")
    label.append(f" ({node.domain or 'no domain'})", style=colour)
    label.append(" ●" if node.persistent else "")
    label.append(f" {TIMES}{node.multiplicity}" if node.multiplicity > 1 else "")
    label.append(" no sound role file" if node.vacant else "", style=_STYLES["error"])
    return label


def _hand_off(line: HandOffLine) -> Text:
    """Say one hand-off."""
    note = f" ({line.makeshift_note})" if line.is_makeshift else ""
    return Text(f"→ {', '.join(line.owners)}: {line.refused}{note}", style="dim")


def _fault(fault: Complaint) -> Text:
    """Say one fault."""
    text = Text(f"{fault.severity}[{fault.code}]", style=_STYLES[fault.severity])
    return text.append(f" {one_line(fault.message)} ({one_line(fault.where)})", style="none")
