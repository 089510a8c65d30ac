"""An inn's staff, staffs at random, and what stands in a picture: for the tests of charting."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import NamedTuple

from hypothesis import strategies as st

from fleet_runtime.charting import Chart, Node, chart_of
from fleet_runtime.charting.words import width_of
from fleet_runtime.contracts import Boundary, MandateItem, Profile, Role, Seat, Staff
from fleet_runtime.parsing import Complaint

SVG = "{http://www.w3.org/2000/svg}"
WIDTH = 1200.0
SMALLEST = 11.0


def role(
    name: str, *boundaries: Boundary, title: str = "", domain: str | None = None, persistent: bool = False
) -> Role:
    return Role.model_validate(
        {
            "class": name,
            "title": title or name,
            "domain": domain,
            "persistent_persona": persistent,
            "mandate": (MandateItem(title="Do the work", text="all of it"),),
            "boundaries": boundaries,
            "source": f"roles/{name}.md",
        }
    )


def boundary(refuses: str, *owners: str, domain: str | None = None) -> Boundary:
    return Boundary(text=f"Does NOT {refuses}", refuses=refuses, owners=owners, owner_domain=domain, line=7)


def seat(name: str, superior: str | None = None, many: int = 1) -> Seat:
    return Seat.model_validate({"class": name, "reports_to": superior, "multiplicity": many})


def staff_of(roles: tuple[Role, ...], seats: tuple[Seat, ...], title: str = "Inn") -> Staff:
    profile = Profile(id="inn", title=title, description="Where one eats.", lead=seats[0].role_class, roster=seats)
    domains = {one.role_class: one.domain for one in roles if one.domain}
    return Staff(roles=roles, lead=seats[0].role_class, profile=profile, domains=domains)


def inn() -> Staff:
    return staff_of(
        (
            role(
                "owner", boundary("cook", "cook"), boundary("dance"), title="Owner", domain="executive", persistent=True
            ),
            role(
                "cook",
                boundary("bake bread", "baker"),
                boundary("serve", domain="hall"),
                title="Cook",
                domain="kitchen",
            ),
            role("waiter", boundary("cook", "cook"), boundary("fry", "cook"), title="Waiter", domain="hall"),
        ),
        (seat("owner"), seat("cook", "owner"), seat("waiter", "owner", 3)),
    )


def fault(name: str, severity: str = "error", message: str = "a hole", code: str = "dangling-owner") -> Complaint:
    return Complaint.model_validate(
        {
            "file": f"roles/{name}.md",
            "line": 7,
            "severity": severity,
            "code": code,
            "message": message,
            "hint": "mend it",
        }
    )


def node(chart: Chart, name: str) -> Node:
    found = chart.node(name)
    assert found is not None
    return found


NAMES = [f"r{number}" for number in range(12)]
TITLES = st.one_of(
    st.text(max_size=40), st.sampled_from(["<script>alert(1)</script>", 'a "b" ]]>', "end", "x\ny\tz", "W" * 90])
)


@st.composite
def staffs(draw: st.DrawFn) -> Staff:
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=len(NAMES), unique=True))
    superiors = st.one_of(st.none(), st.sampled_from(names), st.sampled_from(NAMES))
    roles = tuple(
        role(
            name,
            *draw(
                st.lists(
                    st.builds(
                        lambda text, owners, domain: boundary(text, *owners, domain=domain),
                        TITLES,
                        st.lists(st.sampled_from(NAMES), max_size=2),
                        st.one_of(st.none(), st.sampled_from(["sales", "<odd>"])),
                    ),
                    max_size=3,
                )
            ),
            title=draw(TITLES),
            domain=draw(st.one_of(st.none(), st.sampled_from(["sales", "engineering", "<odd>", "x" * 60]))),
            persistent=draw(st.booleans()),
        )
        for name in names
        if draw(st.integers(0, 9))
    )
    seats = tuple(seat(name, draw(superiors), draw(st.integers(1, 12))) for name in names)
    return staff_of(roles, seats, draw(TITLES))


@st.composite
def charts(draw: st.DrawFn) -> Chart:
    staff = draw(staffs())
    severities = st.sampled_from(["error", "warning", "info"])
    found = draw(st.lists(st.builds(fault, st.sampled_from(NAMES), severities, TITLES), max_size=8))
    return chart_of(staff, found)


class Written(NamedTuple):
    """One text of a picture with its place."""

    text: str
    size: float
    left: float
    right: float


def written(group: ET.Element) -> Iterator[Written]:
    """Give the texts of a group with the extent that our own measure gives them."""
    for element in group.iter(f"{SVG}text"):
        text, size, x = element.text or "", float(element.get("font-size", "0")), float(element.get("x", "0"))
        width = width_of(text, size, bold=element.get("font-weight") == "bold")
        before = {"start": 0.0, "middle": width / 2, "end": width}[element.get("text-anchor", "start")]
        yield Written(text, size, x - before, x - before + width)


def extent(path: str) -> tuple[float, float]:
    """Give how far to the left and to the right a path reaches."""
    numbers = [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", path)]
    xs = numbers[::2]
    if "C" in path:
        a, b, c, d = xs
        steps = [step / 20 for step in range(21)]
        xs = [(1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d for t in steps]
    return min(xs), max(xs)


def box_groups(root: ET.Element) -> list[ET.Element]:
    return [group for group in root.iter(f"{SVG}g") if re.fullmatch(r"b\d+", group.get("class", ""))]
