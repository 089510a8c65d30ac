"""Whatever staff, whatever decisions: a task comes to rest within its budget, and nobody gets a packet twice."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fleet_runtime.contracts import MandateItem, Profile, Role, Seat, Staff
from fleet_runtime.records import HandOff
from fleet_runtime.routing.passing import Passed, RootTask, Stopped, judge_hop, packet_id

NAMES = tuple("abcdefgh")
WORDS = ("invoice", "export", "password", "renewal", "the", "quote")
said = st.lists(st.sampled_from(WORDS), max_size=3).map(" ".join) | st.text(max_size=30)
facts = st.lists(st.sampled_from(["f1", "f2", "f3"]), max_size=2).map(tuple)


@st.composite
def staffs(draw: st.DrawFn) -> Staff:
    """Draw 2 to 8 roles with any lead and any reporting lines, circles among them."""
    names = NAMES[: draw(st.integers(2, len(NAMES)))]
    roles = tuple(
        Role.model_validate(
            {"class": name, "title": name, "mandate": (MandateItem(title="work", text=""),), "boundaries": ()}
        )
        for name in names
    )
    superiors = st.none() | st.sampled_from((*names, "not-staffed"))
    seats = tuple(Seat.model_validate({"class": name, "reports_to": draw(superiors)}) for name in names)
    lead = draw(st.sampled_from(names))
    return Staff(roles=roles, lead=lead, profile=Profile(id="p", title="P", lead=lead, roster=seats))


def send(task: RootTask, staff: Staff, data: st.DataObject) -> HandOff:
    """Have an adversary choose where a packet goes next and what it tells."""
    targets = [role.role_class for role in staff.roles if role.role_class != task.holder]
    to_role = data.draw(st.sampled_from(targets))
    return HandOff(
        id=packet_id(task, to_role), from_role=task.holder, to_role=to_role, why="w", said=data.draw(said), asked="a",
        fact_ids=data.draw(facts),
    )  # fmt: skip


def walk(task: RootTask, staff: Staff, data: st.DataObject) -> Stopped:
    """Pass a task on and on until it is stopped; more hops than the budget are a failure."""
    for _ in range(task.max_hops + 1):
        verdict = judge_hop(task, send(task, staff, data), staff)
        if not isinstance(verdict, Passed):
            return verdict
        task = verdict.task
    raise AssertionError("it never ends")


def begun(staff: Staff, data: st.DataObject) -> RootTask:
    first = data.draw(st.sampled_from([role.role_class for role in staff.roles]))
    return RootTask(id="t", first_role=first, said=data.draw(said), max_hops=data.draw(st.integers(1, 12)))


@given(staff=staffs(), data=st.data())
def test_every_chain_ends_within_the_budget_and_the_refusal_names_its_way(staff: Staff, data: st.DataObject) -> None:
    end = walk(begun(staff, data), staff, data)
    assert len(end.task.hops) <= end.task.max_hops
    assert " to ".join((*end.task.path, end.packet.to_role)) in end.reason
    assert staff.get(end.addressee) is not None
    refusal = end.escalation()
    assert (refusal is None) == (end.addressee == end.task.holder)
    if refusal is not None:
        assert refusal.from_role != refusal.to_role
        assert end.reason in refusal.asked


@given(staff=staffs(), data=st.data())
def test_no_role_gets_the_same_packet_twice(staff: Staff, data: st.DataObject) -> None:
    end = walk(begun(staff, data), staff, data)
    delivered = [(hop.to_role, hop.said, frozenset(hop.fact_ids)) for hop in end.task.hops]
    assert len(set(delivered)) == len(delivered)
    assert (end.task.first_role, end.task.said, frozenset()) not in delivered
    assert len({hop.id for hop in end.task.hops}) == len(delivered)


@given(staff=staffs(), data=st.data())
def test_a_refusal_goes_to_the_lead_unless_the_lead_is_in_it(staff: Staff, data: st.DataObject) -> None:
    end = walk(begun(staff, data), staff, data)
    whole = (*end.task.path, end.packet.to_role)
    involved = whole[whole.index(end.packet.to_role) :] if end.kind == "circle" else whole
    if staff.lead not in involved:
        assert end.addressee == staff.lead
    else:
        assert end.addressee in (*staff.superiors(staff.lead), end.task.first_role)
        assert end.addressee not in involved or end.addressee == end.task.first_role


@given(staff=staffs(), data=st.data())
def test_repeating_the_same_words_visits_each_role_once_at_most(staff: Staff, data: st.DataObject) -> None:
    task = begun(staff, data)
    seen = [task.first_role]
    while True:
        verdict = judge_hop(task, send(task, staff, data).model_copy(update={"said": task.said, "fact_ids": ()}), staff)
        if not isinstance(verdict, Passed):
            return
        task = verdict.task
        assert task.holder not in seen
        seen.append(task.holder)
