"""The organisation drawn: any staff gives a sound picture, Mermaid text and tree; and the command that prints them."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from hypothesis import given, settings
from inn import (
    SMALLEST,
    SVG,
    WIDTH,
    box_groups,
    charts,
    extent,
    fault,
    inn,
    role,
    seat,
    staff_of,
    written,
)
from typer.testing import CliRunner

from fleet_runtime.charting import Chart, chart_of, to_mermaid, to_svg
from fleet_runtime.charting.layout import BOX_WIDTH
from fleet_runtime.charting.palette import colours_of, tint
from fleet_runtime.charting.words import TIMES
from fleet_runtime.cli.app import build
from fleet_runtime.cli.organisation_chart import as_text


@settings(max_examples=25, deadline=None)
@given(chart=charts())
def test_any_picture_is_well_formed_and_every_text_stays_where_it_belongs(chart: Chart) -> None:
    root = ET.fromstring(to_svg(chart))  # noqa: S314 - our own output
    height = float(root.get("height", "0"))
    assert float(root.get("width", "0")) == WIDTH
    allowed = {"svg", "style", "defs", "g", "rect", "circle", "path", "text", "title"}
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= allowed
    assert all(text.size >= SMALLEST and text.left >= 0 and text.right <= WIDTH for text in written(root))
    assert all(float(element.get("y", "0")) <= height for element in root.iter(f"{SVG}text"))
    extents = [extent(element.get("d", "")) for element in root.iter(f"{SVG}path")]
    assert all(left >= 0 and right <= WIDTH for left, right in extents)
    groups = box_groups(root)
    assert len(groups) == len(chart.nodes)
    for group in groups:
        frame = max(group.iter(f"{SVG}rect"), key=lambda rect: float(rect.get("height", "0")))
        left, right = float(frame.get("x", "0")), float(frame.get("x", "0")) + BOX_WIDTH
        assert left >= 0
        assert right <= WIDTH
        for text in written(group):
            is_badge = text.left > right - 20 and text.text.isdigit()
            assert text.left >= left
            assert text.right <= right + (10 if is_badge else 0), text


@settings(max_examples=25, deadline=None)
@given(chart=charts())
def test_any_mermaid_text_has_one_identifier_a_role_and_no_sign_that_could_be_read(chart: Chart) -> None:
    lines = to_mermaid(chart).splitlines()
    assert lines[0] == "flowchart TD"
    nodes = [match for line in lines if (match := re.fullmatch(r'  (r\d+)\["([^"]*)"\]', line))]
    assert len({match[1] for match in nodes}) == len(nodes) == len(chart.nodes)
    known = {match[1] for match in nodes}
    for match in nodes:
        assert not re.search(r'[<>"`{}\[\]|]', match[2].replace("<br/>", ""))
    for line in lines[1 + len(nodes) :]:
        edge = re.fullmatch(r'  (r\d+) (?:-->|-\.->\|"[^"|<>`\[\]{}]*"\|) (r\d+)', line)
        colour = re.fullmatch(r"  class(Def)? (r?[\w,]+) [\w#:,.-]+", line)
        assert edge or colour, line
        assert edge is None or {edge[1], edge[2]} <= known


@settings(max_examples=20, deadline=None)
@given(chart=charts())
def test_any_tree_names_every_role_on_a_line_of_its_own(chart: Chart) -> None:
    lines = as_text(chart, "tree").splitlines()
    for one in chart.nodes:
        assert sum(bool(re.search(rf"(?:── |★ ){one.role_class} \(", line)) for line in lines) == 1
    assert not any("\x1b" in line for line in lines)


# --- what is drawn -----------------------------------------------------------------------------------------------


def test_hostile_titles_are_text() -> None:
    hostile = '<script>alert("x")</script>\n& more \x1b[31m\ud800\u202e'
    staff = staff_of((role("owner", title=hostile, domain='"><b>'),), (seat("owner"),), hostile)
    chart = chart_of(staff, [fault("owner", message=hostile)])
    svg = to_svg(chart)
    assert "<script" not in svg
    assert "<b>" not in svg
    titles = [element.text or "" for element in ET.fromstring(svg).iter(f"{SVG}title")]  # noqa: S314 - our own output
    assert any("<script>" in title for title in titles)
    assert "<script" not in to_mermaid(chart)
    assert "\x1b" not in to_mermaid(chart) + as_text(chart, "tree") + svg


def test_the_picture_marks_faults_and_says_them() -> None:
    svg = to_svg(
        chart_of(inn(), [fault("cook", message="nobody bakes"), fault("waiter", "warning"), fault("owner", "info")])
    )
    assert "[dangling-owner] nobody bakes (roles/cook.md:7)" in svg
    assert "1 error · 1 warning" in svg
    clean = to_svg(chart_of(inn()))
    assert "Faults" not in clean
    assert "#c62828" not in clean


def test_the_picture_says_who_hands_what_to_whom_by_number() -> None:
    texts = [text.text for text in written(ET.fromstring(to_svg(chart_of(inn()))))]  # noqa: S314 - our own output
    assert "2 Cook does not" in texts
    assert "bake bread → 1 Owner (for baker, not staffed)" in texts
    assert "dance → nobody" in texts
    assert "→ 1 · 3" in texts  # in the cook's box
    assert "stands in: the owner is not staffed" in texts


def test_the_picture_needs_nothing_beside_itself() -> None:
    svg = to_svg(chart_of(inn()))
    assert not re.search(r"<script|<image|@import|url\(|href", svg)
    assert set(re.findall(r"https?://[^\"]+", svg)) <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


def test_the_same_chart_gives_the_same_picture() -> None:
    assert to_svg(chart_of(inn())) == to_svg(chart_of(inn()))


def test_mermaid_draws_lines_hand_offs_and_faults() -> None:
    text = to_mermaid(chart_of(inn(), [fault("cook"), fault("cook")]))
    assert f'  r2["Cook<br/>error: dangling-owner {TIMES}2"]' in text
    assert "  r1 --> r2" in text
    assert '  r2 -.->|"bake bread (for baker, not staffed)"| r1' in text
    assert '  r3 -.->|"cook#59; fry"| r2' in text
    assert "  class r2 error" in text


def test_domains_have_their_colours_and_the_projects_own_get_spare_ones() -> None:
    colours = colours_of(["sales", None, "kitchen", "hall", "sales"])
    assert len(set(colours.values())) == len(colours) == 4
    assert tint("#000000", 0.5) == "#808080"


# --- the command -------------------------------------------------------------------------------------------------


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, with the shipped roles and profiles."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(build(), ["org", *arguments], prog_name="fleet")
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.usefixtures("alone")
def test_the_command_prints_a_tree_without_colour_into_a_pipe() -> None:
    code, out, _ = call("--profile", "customer")
    assert code == 0
    assert "★ orchestrator (engineering) ●" in out
    assert "→ support-agent: resolve individual support tickets" in out
    assert "\x1b" not in out


def test_the_command_writes_a_picture(alone: Path) -> None:
    code, out, err = call("--profile", "business", "--format", "svg", "--out", "pictures/business.svg")
    assert (code, out) == (0, "")
    assert "written to pictures/business.svg" in err
    root = ET.parse(alone / "pictures" / "business.svg").getroot()  # noqa: S314 - our own output
    assert len(box_groups(root)) == 25


def test_the_command_prints_values_as_json(alone: Path) -> None:
    code, out, _ = call("--profile", "customer", "--json")
    assert code == 0
    values = json.loads(out)
    assert values["nodes"][0]["class"] == "orchestrator"
    assert {"asker", "owners", "refused", "resolved_by", "wanted", "where"} == set(values["hand_offs"][0])
    assert call("--profile", "customer", "--json", "--out", "chart.json")[0] == 0
    assert json.loads((alone / "chart.json").read_text(encoding="utf-8")) == values


def test_the_command_draws_a_project_of_its_own_with_its_holes(alone: Path) -> None:
    (alone / "roles").mkdir()
    (alone / "profiles").mkdir()
    (alone / "roles" / "cook.md").write_text(
        "# Cook — fleet role definition\n\nThe **cook** cooks (`class: cook`, `domain: operations`).\n\n"
        "## Mandate\n\n1. **Cook** — every day.\n\n## Boundaries\n\n"
        "- **Does NOT bake bread** — that is the **bread-baker**'s.\n\n"
        "## Persona\n\nCalm.\n",
        encoding="utf-8",
    )
    (alone / "roles" / "waiter.md").write_text("# Waiter\n\nno sections at all (`class: waiter`)\n", encoding="utf-8")
    (alone / "profiles" / "inn.yaml").write_text(
        "id: inn\ntitle: Inn\nlead: cook\nroster:\n  - class: cook\n  - class: waiter\n    reports_to: cook\n",
        encoding="utf-8",
    )
    (alone / "profiles" / "kitchenless.yaml").write_text(
        "id: kitchenless\ntitle: Hall\nlead: waiter\nroster:\n  - class: waiter\n", encoding="utf-8"
    )
    code, out, _ = call("--profile", "inn")
    assert code == 0
    assert "error[dangling-owner]" in out
    assert "waiter (no domain) no sound role file" in out
    assert "error[missing-section]" in out
    assert "error[" not in call("--profile", "inn", "--no-faults")[1]
    assert "cook (operations)" in call("--profile", "customer")[1]  # a shipped profile is staffed with it besides
    assert "cook" not in call("--profile", "kitchenless")[1]


def test_a_broken_profile_an_unknown_one_and_an_unwritable_file_are_said(alone: Path) -> None:
    (alone / "profiles").mkdir()
    (alone / "profiles" / "inn.yaml").write_text("id: inn\ntitle: Inn\n", encoding="utf-8")
    assert call("--profile", "inn")[0] == 1
    assert "no profile 'nowhere'" in call("--profile", "nowhere")[2]
    assert "cannot be written" in call("--profile", "customer", "--out", "profiles")[2]
    assert "mermaid" in call("--profile", "customer", "--format", "ascii")[2]
