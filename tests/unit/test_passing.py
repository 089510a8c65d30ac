"""Packets and their path: typed ends, circles without news, the hop budget, and who gets the refusal."""

from __future__ import annotations

from typing import Literal

import pytest

from fleet_runtime.contracts import MandateItem, Profile, Role, Seat, Staff
from fleet_runtime.decisions import Decision, RuleHit
from fleet_runtime.errors import MessageError, UnknownRole
from fleet_runtime.records import HandOff
from fleet_runtime.routing.passing import (
    Passed,
    RootTask,
    Stopped,
    is_clear_refusal,
    judge_hop,
    onward,
    packet_id,
)

SAID = "The export of our invoices fails."


def staff(lead: str = "lead", above: str | None = None) -> Staff:
    names = ("ann", "ben", "cas", "lead", "boss")
    roles = tuple(
        Role.model_validate(
            {"class": name, "title": name, "mandate": (MandateItem(title="work", text=""),), "boundaries": ()}
        )
        for name in names
    )
    seats = tuple(Seat.model_validate({"class": name, "reports_to": above if name == lead else None}) for name in names)
    return Staff(roles=roles, lead=lead, profile=Profile(id="p", title="P", lead=lead, roster=seats))


def packet(from_role: str, to_role: str, said: str = SAID, facts: tuple[str, ...] = ()) -> HandOff:
    return HandOff(id="h", from_role=from_role, to_role=to_role, why="w", said=said, asked="a", fact_ids=facts)


def task(*hops: HandOff, max_hops: int = 6) -> RootTask:
    return RootTask(id="t", first_role="ann", said=SAID, max_hops=max_hops, hops=hops)


def stopped(verdict: Passed | Stopped) -> Stopped:
    assert isinstance(verdict, Stopped)
    return verdict


def test_a_first_hop_passes_and_is_on_the_path() -> None:
    verdict = judge_hop(task(), packet("ann", "ben"), staff())
    assert isinstance(verdict, Passed)
    assert (verdict.task.path, verdict.task.holder) == (("ann", "ben"), "ben")


@pytest.mark.parametrize("hops", [(("ann", "ben"),), (("ann", "ben"), ("ben", "cas"))])
def test_going_back_without_news_stops_with_the_whole_way_told_to_the_lead(hops: tuple[tuple[str, str], ...]) -> None:
    before = task(*(packet(*ends) for ends in hops))
    verdict = stopped(judge_hop(before, packet(before.holder, "ann"), staff()))
    assert (verdict.kind, verdict.addressee) == ("circle", "lead")
    assert " to ".join((*before.path, "ann")) in verdict.reason
    assert "nothing new" in verdict.reason
    refusal = verdict.escalation()
    assert refusal is not None
    assert (refusal.from_role, refusal.to_role, refusal.said) == (before.holder, "lead", SAID)
    assert verdict.reason in refusal.why
    assert verdict.reason in refusal.asked


@pytest.mark.parametrize(
    ("said", "facts", "passes"),
    [
        (SAID, ("f1",), True),
        ("It fails since the update of Tuesday.", (), True),
        ("Our invoices' export is FAILING, please!", (), False),
        ("It is yours, not ours.", (), False),
    ],
)
def test_only_news_lets_a_task_come_back(said: str, facts: tuple[str, ...], passes: bool) -> None:  # noqa: FBT001
    verdict = judge_hop(task(packet("ann", "ben")), packet("ben", "ann", said, facts), staff())
    assert isinstance(verdict, Passed) is passes


def test_what_any_hop_told_is_no_news_later() -> None:
    told = task(packet("ann", "ben", "The update of Tuesday.", ("f1",)), packet("ben", "cas"))
    assert told.news(packet("cas", "ann", "Tuesday's update", ("f1",))) == frozenset()
    assert told.news(packet("cas", "ann", "Tuesday", ("f2",))) == {"fact f2"}


def test_a_spent_budget_stops_even_what_is_new() -> None:
    spent = task(packet("ann", "ben"), packet("ben", "cas"), max_hops=2)
    verdict = stopped(judge_hop(spent, packet("cas", "boss", "Something quite different."), staff()))
    assert (verdict.kind, verdict.addressee) == ("budget", "lead")
    assert "2 hops" in verdict.reason


def test_a_lead_in_the_circle_is_passed_over_for_the_superior() -> None:
    circle = task(packet("ann", "ben"))
    assert stopped(judge_hop(circle, packet("ben", "ann"), staff("ben", above="boss"))).addressee == "boss"
    outside = task(packet("ann", "ben"), packet("ben", "cas"))
    assert stopped(judge_hop(outside, packet("cas", "ben"), staff("ann"))).addressee == "ann"


def test_with_nobody_above_the_first_role_keeps_it() -> None:
    verdict = stopped(judge_hop(task(packet("ann", "ben")), packet("ben", "ann"), staff("ben")))
    assert verdict.addressee == "ann"
    back = verdict.escalation()
    assert back is not None
    assert back.to_role == "ann"
    held = task(packet("ann", "ben"), packet("ben", "ann", "News of Tuesday."))
    kept = stopped(judge_hop(held, packet("ann", "ben"), staff("ann")))
    assert (kept.addressee, kept.escalation()) == ("ann", None)


def test_a_packet_has_two_ends_at_work() -> None:
    with pytest.raises(UnknownRole, match="'nobody'") as unknown:
        judge_hop(task(), packet("ann", "nobody"), staff())
    assert "ben" in unknown.value.hint
    with pytest.raises(MessageError, match="itself"):
        judge_hop(task(), packet("ann", "ann"), staff())
    with pytest.raises(MessageError, match="what ann holds"):
        judge_hop(task(), packet("cas", "ben"), staff())


def refusal(
    verdict: Literal["hand_off", "decline", "nobody"], choice: str | None, *, role: str = "ben", score: float = 0.9
) -> Decision:
    rule = RuleHit(role=role, text="Does NOT", where="roles/ben.md:7", score=score)
    return Decision(
        id="d", verdict=verdict, choice=choice, active_role="ben", stage="boundary", confidence=score, rule=rule,
        reason="because",
    )  # fmt: skip


def test_what_a_boundary_refuses_goes_on_to_its_owner_as_it_came() -> None:
    came = packet("ann", "ben", facts=("f1",))
    held = task(came)
    further = onward(held, came, refusal("hand_off", "cas"), staff())
    assert further == came.model_copy(
        update={
            "id": packet_id(held, "cas"),
            "from_role": "ben",
            "to_role": "cas",
            "why": "because",
            "rule": "roles/ben.md:7",
        }
    )
    lead = onward(held, came, refusal("nobody", None), staff())
    assert lead is not None
    assert lead.to_role == "lead"


def test_what_nobody_owns_stays_with_its_holder() -> None:
    held = task(packet("ann", "ben"))
    assert onward(held, held.hops[-1], refusal("decline", "ben"), staff()) is None
    assert onward(held, held.hops[-1], refusal("nobody", None), staff("ben")) is None


def test_only_the_roles_own_clear_rule_is_a_refusal() -> None:
    assert is_clear_refusal(refusal("hand_off", "cas"), "ben", 0.75)
    assert not is_clear_refusal(refusal("hand_off", "cas", score=0.7), "ben", 0.75)
    assert not is_clear_refusal(refusal("hand_off", "cas", role="ann"), "ben", 0.75)
    kept = refusal("hand_off", "cas").model_copy(update={"stage": "shortlist", "rule": None})
    assert not is_clear_refusal(kept, "ben", 0.75)


def test_packet_ids_are_unlike_and_in_order() -> None:
    first = task()
    second = task(packet("ann", "ben"))
    assert packet_id(first, "ben") < packet_id(second, "ben")
    assert packet_id(first, "ben") == packet_id(task(), "ben")
