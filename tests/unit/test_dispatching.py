"""The dispatcher and the model: who is asked and when, what a boundary overrules, and what a failing model changes."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import count

import pytest
from open_fleets import CSM, at_march, shipped, shipped_index

from fleet_runtime.decisions import Decision
from fleet_runtime.errors import FleetError, ModelGarbled, ModelRefused, ModelTimeout, ModelUnreachable
from fleet_runtime.messages import ModelReply, Usage
from fleet_runtime.routing import RouteQuery, build_index, route
from fleet_runtime.routing.index import NOBODY
from fleet_runtime.runtime.dispatching import Adjudicator, Dispatcher
from fleet_runtime.testing import HashEmbedder, ScriptedModel, Step

pytestmark = pytest.mark.anyio

ALWAYS = 1.1  # a cut above every confidence
DOWN = ModelUnreachable("nothing answers", hint="start it")


@cache
def ruled_case(then: str = "") -> tuple[str, str]:
    """Find a message that a boundary of the CSM's decides, and who takes it where nobody was active."""
    texts = (f"{example}{then}" for rule in shipped_index().rules if rule.role == CSM for example in rule.examples)
    for text in texts:
        front, refused = without_model(text), addressing(text, CSM)
        keeps = front.rule is None and front.choice is not None and addressing(text, front.choice).rule is None
        if keeps and without_model(text, CSM).rule is not None and refused.rule is not None:
            return text, str(front.choice)
    raise AssertionError("no boundary of the CSM's decides its own examples")


def without_model(text: str, active: str | None = None) -> Decision:
    return route(RouteQuery(text=text, active_role=active), shipped_index(), decision_id="d")


def addressing(text: str, role: str, active: str | None = None) -> Decision:
    return route(RouteQuery(text=text, active_role=active, addressed=role), shipped_index(), decision_id="d")


def ticks(step: float = 0.25) -> Callable[[], float]:
    """Return a timer that goes on by ``step`` seconds with each look at it."""
    numbers = count()
    return lambda: next(numbers) * step


def dispatcher(model: ScriptedModel | None = None, *, cut: float = ALWAYS) -> Dispatcher:
    staff, words = shipped()
    judge = Adjudicator(model, words.book, cut) if model else None
    return Dispatcher(build_index(staff), None, clock=at_march, timer=ticks(), adjudicator=judge)


def answer(role: str) -> Step:
    return Step("adjudicate", f'{{"role": "{role}"}}')


def same_but_told(found: Decision, local: Decision) -> bool:
    """Say whether only time, cost and reason differ."""
    told = {"reason": "", "at": None, "seconds": 0.0, "usage": Usage()}
    return found.model_copy(update=told) == local.model_copy(update=told)


@pytest.fixture
def ticket() -> str:
    return ruled_case()[0]


@pytest.fixture
def owner() -> str:
    return ruled_case()[1]


async def test_a_boundary_hit_makes_no_call(ticket: str) -> None:
    async with ScriptedModel() as model:
        found = await dispatcher(model).decide(ticket, active_role=CSM, decision_id="d")
    assert (found.stage, found.rule is not None, model.calls) == ("boundary", True, [])


async def test_a_role_that_was_addressed_is_not_put_to_the_vote(ticket: str, owner: str) -> None:
    async with ScriptedModel() as model:
        found = await dispatcher(model).decide(f"@{owner} {ticket}", decision_id="d")
    assert (found.stage, found.choice) == ("address", owner)


async def test_a_model_that_earned_nothing_and_one_that_is_not_needed_are_not_asked(ticket: str) -> None:
    local = without_model(ticket)
    unasked = await dispatcher().decide(ticket, decision_id="d")
    async with ScriptedModel() as model:
        sure = await dispatcher(model, cut=local.confidence).decide(ticket, decision_id="d")
    assert same_but_told(unasked, local)
    assert same_but_told(sure, local)
    assert (unasked.reason, sure.reason) == (local.reason, local.reason)


async def test_when_and_how_long_are_written_down(ticket: str) -> None:
    found = await dispatcher().decide(ticket, decision_id="d")
    assert (found.at, found.seconds, found.usage) == (at_march(), 0.25, Usage())


async def test_an_unsure_decision_asks_once_and_goes_by_the_choice(ticket: str, owner: str) -> None:
    local = without_model(ticket)
    async with ScriptedModel([answer(owner)]) as model:
        found = await dispatcher(model).decide(ticket, decision_id="d")
    assert (found.stage, found.choice, found.verdict) == ("adjudication", owner, "route")
    assert found.reason.startswith(f"scripted chose {owner} among {len(local.candidates)} candidates")
    assert found.usage.calls == len(model.calls) == 1


def changing_case(active: str | None = None, then: str = "") -> tuple[str, str]:
    """Find a message of the contracts that no boundary decides, and another role whom no boundary refuses it."""
    for text in (f"{example}{then}" for role in shipped()[0].roles for example in role.examples):
        local = without_model(text, active)
        for other in (one.role for one in local.candidates if local.rule is None and one.role != local.choice):
            check = addressing(text, other, active)
            if (check.choice, check.rule) == (other, None) and other != active:
                return text, other
    raise AssertionError("every example has one possible owner only")


async def test_the_choice_may_differ_from_the_local_one() -> None:
    text, other = changing_case()
    async with ScriptedModel([answer(other)]) as model:
        found = await dispatcher(model).decide(text, decision_id="d")
    assert (found.stage, found.choice) == ("adjudication", other)
    assert found.choice != without_model(text).choice


async def test_a_choice_that_refuses_the_message_itself_is_overruled(ticket: str) -> None:
    local = without_model(ticket)
    refused = addressing(ticket, CSM)
    assert refused.rule is not None
    async with ScriptedModel([answer(CSM)]) as model:
        found = await dispatcher(model).decide(ticket, decision_id="d")
    assert same_but_told(found, local)
    assert found.reason == f"{local.reason}; scripted chose {CSM} and is overruled: {refused.reason}"
    assert found.usage.calls == 1


async def test_nobody_may_be_chosen(ticket: str) -> None:
    async with ScriptedModel([answer(NOBODY)]) as model:
        found = await dispatcher(model).decide(ticket, decision_id="d")
    assert (found.stage, found.verdict, found.choice) == ("adjudication", "nobody", None)


@pytest.mark.parametrize(
    ("gives", "told"),
    [
        ("I would say support.", "scripted was asked and named none of the candidates"),
        (ModelReply(text='{"role": "ceo-of-mars"}'), "scripted was asked and named none of the candidates"),
        (ModelTimeout("late", hint="wait"), "scripted was asked and gave no answer (model-timeout)"),
        (ModelRefused("no", hint="pay"), "scripted was asked and gave no answer (model-refused)"),
        (DOWN, "scripted was asked and gave no answer (model-unreachable)"),
    ],
)
async def test_a_model_that_says_nothing_of_use_changes_nothing(
    gives: str | ModelReply | FleetError, told: str, ticket: str
) -> None:
    local = without_model(ticket)
    async with ScriptedModel([Step("adjudicate", gives)]) as model:
        found = await dispatcher(model).decide(ticket, decision_id="d")
    assert same_but_told(found, local)
    assert found.reason == f"{local.reason}; {told}"


async def test_opinions_compare_and_raise_what_cannot_be_measured(ticket: str, owner: str) -> None:
    words = shipped()[1]
    asking = dispatcher()
    query = RouteQuery(text=ticket)
    async with ScriptedModel([answer(NOBODY), Step("adjudicate", ModelGarbled("cut", hint="more"))]) as model:
        judge = Adjudicator(model, words.book, ALWAYS)
        local, judged = await asking.opinions(query, judge, decision_id="d")
        _, garbled = await asking.opinions(query, judge, decision_id="d")
        sure, same = await asking.opinions(RouteQuery(text=ticket, active_role=CSM), judge, decision_id="d")
    assert (local.choice, judged.choice, garbled.choice) == (owner, None, owner)
    assert judged.seconds > local.seconds
    assert same is sure
    async with ScriptedModel([Step("adjudicate", DOWN)]) as model:
        with pytest.raises(ModelUnreachable):
            await asking.opinions(query, Adjudicator(model, words.book, ALWAYS), decision_id="d")


async def test_what_a_model_chose_it_chose_for_the_whole_message() -> None:
    text, other = changing_case(CSM, then=". Thank you very much for yesterday.")
    async with ScriptedModel([answer(other)]) as model:
        routed = await dispatcher(model).split(text, active_role=CSM, history=(), decision_id="d")
    assert (routed.decision.stage, routed.decision.verdict) == ("adjudication", "hand_off")
    assert (routed.moved, routed.kept) == (text, "")


async def test_the_pieces_of_a_message_are_never_put_to_a_model() -> None:
    said, _ = ruled_case(then=". Thank you very much for the plan of yesterday.")
    async with ScriptedModel() as model:
        routed = await dispatcher(model).split(said, active_role=CSM, history=(), decision_id="d")
    assert (routed.decision.stage, model.calls) == ("boundary", [])


@pytest.mark.parametrize("choice", [CSM, "support-agent"])
async def test_the_check_is_made_with_the_same_vectors(choice: str, ticket: str) -> None:
    staff, words = shipped()
    async with ScriptedModel([answer(choice)]) as model:
        meant = Dispatcher(build_index(staff), HashEmbedder(), clock=at_march, timer=ticks())
        addressed = await meant.decide(ticket, addressed=choice, decision_id="d")
        meant.adjudicator = Adjudicator(model, words.book, ALWAYS)
        found = await meant.decide(ticket, decision_id="d")
    assert (found.stage == "adjudication") == (addressed.choice == choice and addressed.rule is None)
