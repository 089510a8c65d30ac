"""The organisation as a chart: who is in it, how it is laid out, and the words that are measured for it."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st
from inn import (
    boundary,
    fault,
    inn,
    node,
    role,
    seat,
    staff_of,
)

from fleet_runtime.charting import Chart, Node, chart_of, forest_of, marked, to_mermaid, to_svg
from fleet_runtime.charting.layout import BOX_HEIGHT, BOX_WIDTH, lay_out
from fleet_runtime.charting.routes import routes_of
from fleet_runtime.charting.tables import Entry, columns_of
from fleet_runtime.charting.words import cut, plain, shortened, width_of, wrap
from fleet_runtime.contracts import Staff

# --- the chart ---------------------------------------------------------------------------------------------------


def test_the_chart_says_who_is_seated_and_how() -> None:
    chart = chart_of(inn())
    assert [one.role_class for one in chart.nodes] == ["owner", "cook", "waiter"]
    owner, waiter = node(chart, "owner"), node(chart, "waiter")
    assert (owner.lead, owner.persistent, owner.reports_to) == (True, True, None)
    assert (waiter.lead, waiter.multiplicity, waiter.reports_to, waiter.domain) == (False, 3, "owner", "hall")


def test_hand_offs_say_who_takes_the_work_and_for_whom() -> None:
    bread, serve = chart_of(inn()).hand_offs_of("cook")
    assert (bread.owners, bread.resolved_by, bread.wanted) == (("owner",), "reporting line", ("baker",))
    assert bread.is_makeshift
    assert bread.makeshift_note == "for baker, not staffed"
    assert (serve.owners, serve.resolved_by, serve.is_makeshift, serve.makeshift_note) == (
        ("waiter",),
        "domain",
        False,
        "",
    )


def test_a_domain_without_staff_is_named_as_the_one_that_is_wanted() -> None:
    staff = staff_of(
        (role("owner"), role("cook", boundary("sell", domain="sales"))), (seat("owner"), seat("cook", "owner"))
    )
    (line,) = chart_of(staff).hand_offs
    assert (line.owners, line.wanted) == (("owner",), ("sales",))


def test_work_that_nobody_takes_stands_at_its_role() -> None:
    chart = chart_of(inn())
    assert [one.refused for one in node(chart, "owner").unowned] == ["dance"]
    assert [line.refused for line in chart.hand_offs_of("owner")] == ["cook"]


def test_faults_go_to_the_role_in_whose_file_they_lie_and_the_others_to_the_chart() -> None:
    of_profile = fault("owner").model_copy(update={"file": "profiles/inn.yaml"})
    chart = chart_of(inn(), [fault("cook"), of_profile, fault("./cook", "warning")])
    assert [one.severity for one in node(chart, "cook").faults] == ["error", "warning"]
    assert chart.faults == (of_profile,)
    assert len(chart.all_faults()) == 3


def test_a_seat_without_a_sound_role_is_vacant_and_has_its_files_faults() -> None:
    staff = staff_of((role("owner"),), (seat("owner"), seat("night-cook", "owner")))
    vacant = node(chart_of(staff, [fault("night-cook")], {"night-cook": "roles/night-cook.md"}), "night-cook")
    assert (vacant.vacant, vacant.title, len(vacant.faults)) == (True, "Night Cook", 1)
    assert "no sound role file" in to_svg(chart_of(staff))
    assert "no sound role file" in to_mermaid(chart_of(staff))


def test_a_role_without_a_seat_stands_beside_the_roster() -> None:
    forest = forest_of(chart_of(staff_of((role("owner"), role("guest")), (seat("owner"),))))
    assert forest.roots == ("owner", "guest")


def test_without_a_profile_everybody_is_a_root_and_the_lead_is_the_first() -> None:
    chart = chart_of(Staff(roles=(role("cook"), role("owner")), lead="owner"))
    assert forest_of(chart).roots == ("owner", "cook")
    assert chart.title == "Organisation"


def test_only_errors_and_warnings_are_marked_errors_first() -> None:
    given_faults = [fault("cook", "info"), fault("cook", "warning"), fault("cook", "error")]
    assert [one.severity for one in marked(given_faults)] == ["error", "warning"]


def test_a_circle_of_superiors_is_cut_and_nobody_is_lost() -> None:
    seats = (seat("owner"), seat("a", "c"), seat("b", "a"), seat("c", "b"), seat("d", "d"), seat("e", "gone"))
    roles = tuple(role(one.role_class) for one in seats)
    forest = forest_of(chart_of(staff_of(roles, seats)))
    assert sorted(forest.order) == ["a", "b", "c", "d", "e", "owner"]
    assert forest.roots == ("owner", "a", "d", "e")


# --- the layout --------------------------------------------------------------------------------------------------


def forest_like(reports: dict[str, str | None]) -> tuple[Chart, float]:
    seats = tuple(seat(name, superior) for name, superior in reports.items())
    return chart_of(staff_of(tuple(role(name) for name in reports), seats)), 1160.0


def test_a_superior_stands_above_its_reports_in_one_row() -> None:
    chart, width = forest_like({"a": None, "b": "a", "c": "a", "d": "a"})
    boxes = lay_out(forest_of(chart), width).boxes
    assert boxes["b"].y == boxes["c"].y == boxes["d"].y > boxes["a"].bottom
    assert boxes["a"].x == boxes["c"].x


def test_a_wide_team_is_wrapped_into_columns() -> None:
    chart, width = forest_like({"a": None} | {f"r{number}": "a" for number in range(20)})
    boxes = lay_out(forest_of(chart), width).boxes
    assert 2 < len({box.x for name, box in boxes.items() if name != "a"}) < 20


def test_departments_that_do_not_fit_beside_each_other_go_on_in_a_further_row() -> None:
    reports: dict[str, str | None] = {"a": None}
    for number in range(12):
        reports |= {f"d{number}": "a", f"e{number}": f"d{number}", f"f{number}": f"d{number}"}
    chart, width = forest_like(reports)
    boxes = lay_out(forest_of(chart), width).boxes
    assert len({boxes[f"d{number}"].y for number in range(12)}) == 2


def test_a_broad_department_is_narrowed_before_its_superiors_row_is_broken() -> None:
    reports: dict[str, str | None] = {"a": None, "b": "a", "c": "a", "x": "c", "d": "a", "y": "d"}
    for number in range(8):
        reports |= {f"h{number}": "b", f"i{number}": f"h{number}"}
    chart, width = forest_like(reports)
    boxes = lay_out(forest_of(chart), width).boxes
    assert boxes["b"].y == boxes["c"].y == boxes["d"].y


def test_a_chain_of_a_thousand_and_a_team_of_a_thousand_are_placed() -> None:
    chain: dict[str, str | None] = {"r0": None} | {f"r{number}": f"r{number - 1}" for number in range(1, 1000)}
    team: dict[str, str | None] = {"r0": None} | {f"r{number}": "r0" for number in range(1, 1000)}
    for reports in (chain, team):
        chart, width = forest_like(reports)
        layout = lay_out(forest_of(chart), width)
        assert len(layout.boxes) == 1000
        assert all(box.x >= 0 and box.right <= width for box in layout.boxes.values())


def test_hand_offs_to_each_other_share_one_curve_with_two_heads() -> None:
    chart, width = forest_like({"a": None, "b": "a", "c": "a", "d": "a", "e": "a"})
    boxes = lay_out(forest_of(chart), width).boxes
    routes = routes_of([("b", "c"), ("c", "b"), ("a", "c"), ("b", "d"), ("e", "c")], boxes)
    assert {route.pair: len(route.arrows) for route in routes} == {
        ("b", "c"): 2,
        ("a", "c"): 1,
        ("b", "d"): 1,
        ("e", "c"): 1,
    }
    arch = next(route for route in routes if route.pair == ("b", "d"))
    assert arch.curve[0][1] == boxes["b"].y  # it passes over what stands between


@settings(max_examples=100, deadline=None)
@given(above=st.lists(st.integers(-1, 59), min_size=1, max_size=60), width=st.floats(BOX_WIDTH, 1400))
def test_boxes_never_overlap_nor_leave_the_canvas(above: list[int], width: float) -> None:
    seats = [
        {"class": f"r{number}", "title": "R", "reports_to": None if up < 0 else f"r{up}"}
        for number, up in enumerate(above)
    ]
    chart = Chart(title="Inn", nodes=tuple(map(Node.model_validate, seats)))
    layout = lay_out(forest_of(chart), width)
    boxes = layout.boxes
    assert set(boxes) == {one.role_class for one in chart.nodes}
    for box in boxes.values():
        assert box.x >= -0.01
        assert box.right <= width + 0.01
        assert 0 <= box.y <= layout.height - BOX_HEIGHT + 0.01
    for one, other in combinations(boxes.values(), 2):
        beside = one.right <= other.x or other.right <= one.x
        below = one.bottom <= other.y or other.bottom <= one.y
        assert beside or below


# --- words -------------------------------------------------------------------------------------------------------


@given(text=st.text(), room=st.floats(0, 400), size=st.floats(6, 30), bold=st.booleans())
def test_what_is_cut_fits(text: str, room: float, size: float, bold: bool) -> None:  # noqa: FBT001 - hypothesis passes by name
    assert width_of(cut(text, room, size, bold=bold), size, bold=bold) <= max(room, 0) + 0.001


@given(text=st.text(), room=st.floats(40, 400), most=st.integers(1, 4))
def test_what_is_wrapped_fits_and_keeps_its_words(text: str, room: float, most: int) -> None:
    lines = wrap(text, room, 12, most_lines=most)
    assert len(lines) <= most
    assert all(width_of(line, 12) <= room + 0.001 for line in lines)
    if not any("…" in line for line in lines):
        assert " ".join(lines).split() == text.split()


@given(text=st.text())
def test_plain_text_is_one_line_that_xml_may_hold(text: str) -> None:
    made = plain(text)
    assert plain(made) == made == " ".join(made.split())
    ET.fromstring(f"<a>{made.replace('&', '').replace('<', '')}</a>")  # noqa: S314 - our own output


def test_shortening_ends_at_a_word() -> None:
    assert shortened("close the deal", 20) == "close the deal"
    assert shortened("close the deal, and more", 18) == "close the deal…"
    assert len(shortened("x" * 50, 10)) == 10


def test_columns_keep_the_order_and_lose_nothing() -> None:

    blocks = [(Entry("plain", (str(number),)),) for number in range(7)]
    first, second = columns_of(blocks, 2)
    assert [*first, *second] == blocks
    assert abs(len(first) - len(second)) <= 1
