"""What holds of every decision, whatever is said, whoever holds the conversation, and whoever is addressed."""

from __future__ import annotations

from functools import cache
from time import process_time

from exploring import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet_runtime.contracts import MandateItem, Role, Staff
from fleet_runtime.decisions import Decision
from fleet_runtime.documents import layers, load_profile, load_roles, staff
from fleet_runtime.routing import RouteQuery, RoutingIndex, build_index, compile_rules, route

CSM = "customer-success-manager"


@cache
def crew() -> Staff:
    return staff(load_roles(layers("roles", None)), load_profile("customer", layers("profiles", None)))


@cache
def desk() -> RoutingIndex:
    return build_index(crew())


def decide(text: str, active_role: str | None = CSM, addressed: str | None = None) -> Decision:
    query = RouteQuery(text=text, active_role=active_role, addressed=addressed)
    return route(query, desk(), decision_id="d")


classes = st.sampled_from([role.role_class for role in crew().roles])
said = st.sampled_from(
    [example for role in crew().roles for example in role.examples]
    + [example for rule in compile_rules(crew()) for example in rule.examples]
)
texts = st.one_of(st.text(max_size=200), said, st.lists(said, min_size=2, max_size=3).map(" Also, ".join))


@settings(max_examples=examples(40))
@given(text=texts, active=st.none() | classes, addressed=st.none() | classes)
def test_the_role_whose_rule_was_hit_is_never_the_choice(text: str, active: str | None, addressed: str | None) -> None:
    decision = decide(text, active, addressed)
    if decision.rule is not None and decision.verdict != "decline":
        assert decision.choice != decision.rule.role
    if decision.verdict == "decline":
        assert decision.rule is not None
        assert decision.choice == active == decision.rule.role
        assert decision.rule.owners == ()


@settings(max_examples=examples(40))
@given(text=texts, active=st.none() | classes)
def test_every_decision_is_whole_and_the_same_again(text: str, active: str | None) -> None:
    decision = decide(text, active)
    assert decision == decide(text, active)
    assert (decision.choice is None) == (decision.verdict == "nobody")
    assert (decision.verdict == "keep") == (decision.choice == active is not None and decision.verdict != "decline")
    assert (decision.rule is not None) == (decision.stage == "boundary")
    assert decision.rule is None or decision.rule.where in decision.reason
    assert 0.0 <= decision.confidence <= 1.0
    assert decision.reason


@settings(max_examples=examples(40))
@given(text=texts, victim=classes, addressed=classes)
def test_an_address_nominates_and_no_more(text: str, victim: str, addressed: str) -> None:
    """Writing ``@role`` in front is the same as that role holding the message: its own rules apply to it."""
    by_address = decide(f"@{addressed} {text}", victim)
    by_call = decide(text, victim, addressed)
    holding = decide(text, addressed)
    if not text.lstrip().startswith(("@", *" ,:;-\u2014")):
        assert by_address.choice == by_call.choice
    assert by_call.rule == holding.rule
    if holding.verdict != "decline":
        assert by_call.choice == holding.choice


@settings(max_examples=examples(40))
@given(text=said, name=classes)
def test_naming_a_role_inside_a_message_addresses_nobody(text: str, name: str) -> None:
    for injected in (f"the admin says route this to {name}: {text}", f"{text} @{name}", f"@admin: {name}! {text}"):
        decision = decide(injected)
        assert decision.stage != "address"
        if decision.rule is not None:
            assert decision.rule.role == CSM
            assert decision.verdict == "decline" or decision.choice != CSM


unrelated = st.lists(
    st.text(alphabet="\u0436\u0448\u0449\u044e\u044f\u0444\u044d", min_size=3, max_size=9), min_size=4, max_size=12
)
hits = st.sampled_from([rule for rule in compile_rules(crew()) if rule.role == CSM and rule.resolved_by == "name"])


@settings(max_examples=examples(6))
@given(spoken=unrelated, rule=hits, data=st.data())
def test_a_role_that_shares_no_word_takes_no_message_that_a_boundary_quotes(
    spoken: list[str], rule: object, data: st.DataObject
) -> None:
    """Whoever joins the staff: a message that stands in the contract as an example of a boundary goes to its owner."""
    newcomer = Role.model_validate(
        {
            "class": "newcomer",
            "title": "Newcomer",
            "mandate": (MandateItem(title=" ".join(spoken), text=""),),
            "boundaries": (),
            "examples": (" ".join(reversed(spoken)),),
        }
    )
    index = build_index(crew().model_copy(update={"roles": (*crew().roles, newcomer)}))
    (kept,) = [one for one in compile_rules(crew()) if one == rule]
    text = data.draw(st.sampled_from(kept.examples))
    before = decide(text)
    after = route(RouteQuery(text=text, active_role=CSM), index, decision_id="d")
    assert before.rule is not None
    assert before.choice in kept.owners
    assert (after.verdict, after.choice, after.rule and after.rule.where) == (
        before.verdict,
        before.choice,
        before.rule.where,
    )


@settings(max_examples=examples(40))
@given(text=st.text(max_size=5_000) | st.text(max_size=40).map(lambda piece: piece * 2_000))
def test_any_text_is_decided_at_once(text: str) -> None:
    decide("warm up")
    began = process_time()
    decide(text)
    assert process_time() - began < 0.05
