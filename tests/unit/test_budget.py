"""What a purse allows, lowers and refuses, and what a call is priced at."""

from __future__ import annotations

from decimal import Decimal

import pytest

from fleet_runtime.budget import LEAST_TOKENS, Exhausted, Limits, Purse, cost_of, limits_of, price_of
from fleet_runtime.messages import ChatMessage, ModelRequest, ToolCall, ToolSpec, Usage
from fleet_runtime.prompt_bounds import MOST_KNOWN, PromptBounds
from fleet_runtime.records import Spent
from fleet_runtime.settings import Price, Settings

MINI = Price(input=Decimal("0.15"), output=Decimal("0.60"), cached=Decimal("0.075"))
PRICES = {"gpt-4o": Price(input=Decimal("2.5"), output=Decimal(10)), "gpt-4o-mini": MINI}


def asking(text: str = "hello", *, max_tokens: int = 500, timeout: float | None = None) -> ModelRequest:
    return ModelRequest(
        task="reply",
        messages=(ChatMessage(role="user", content=text),),
        max_tokens=max_tokens,
        timeout_seconds=timeout,
    )


def allowed(purse: Purse, request: ModelRequest, model: str = "m", elapsed: float = 0.0) -> ModelRequest:
    answer = purse.allow(request, model, elapsed)
    assert isinstance(answer, ModelRequest), answer
    return answer


def refused(purse: Purse, request: ModelRequest, model: str = "m", elapsed: float = 0.0) -> Exhausted:
    answer = purse.allow(request, model, elapsed)
    assert isinstance(answer, Exhausted), answer
    return answer


@pytest.mark.parametrize(
    ("model", "found"),
    [
        ("gpt-4o-mini", "gpt-4o-mini"),
        ("gpt-4o-mini-2026-01-01", "gpt-4o-mini"),
        ("gpt-4o-2026-01-01", "gpt-4o"),
        ("gpt-4o-latest", "gpt-4o"),
        ("gpt-4o@20260101", "gpt-4o"),
        ("gpt-4o-nano", None),
        ("gpt-4o-", None),
        ("gpt-4", None),
        ("other", None),
    ],
)
def test_a_dated_name_has_the_price_of_the_model_and_another_model_has_not(model: str, found: str | None) -> None:
    assert price_of(model, PRICES) == (PRICES[found] if found else None)


def test_cached_tokens_cost_the_cached_price() -> None:
    usage = Usage(prompt_tokens=1_000_000, cached_tokens=400_000, completion_tokens=100_000, calls=1)
    assert cost_of(usage, "gpt-4o-mini", PRICES).cost == Decimal("0.09") + Decimal("0.03") + Decimal("0.06")
    assert cost_of(usage, "gpt-4o", PRICES).cost == Decimal("2.5") + Decimal(1)


def test_a_model_without_a_price_is_told() -> None:
    usage = cost_of(Usage(prompt_tokens=5, calls=2), "local", PRICES)
    assert usage.cost == 0
    assert usage.unpriced == 2
    assert cost_of(Usage(calls=2, unpriced=2), "gpt-4o", PRICES).unpriced == 0


def test_the_limits_are_those_of_the_settings() -> None:
    settings = Settings(turn_tokens=1, turn_money=Decimal(2), turn_seconds=3.0, day_tokens=4, day_money=Decimal(5))
    assert limits_of(settings) == Limits(tokens=1, money=Decimal(2), seconds=3.0, day_tokens=4, day_money=Decimal(5))
    assert limits_of(settings).by_day
    assert not limits_of(Settings(turn_tokens=1)).by_day


def test_without_limits_the_request_goes_as_it_is_and_spending_is_counted() -> None:
    purse = Purse(Limits(), PRICES)
    request = asking()
    assert allowed(purse, request) is request
    purse.charge(request, Usage(prompt_tokens=7, completion_tokens=2, calls=1, cost=Decimal("0.1"), unpriced=1))
    assert purse.spent == Spent(tokens=9, cost=Decimal("0.1"), unpriced=1)


def test_where_the_room_is_short_less_may_be_written() -> None:
    purse = Purse(Limits(tokens=400), {})
    lowered = allowed(purse, asking(max_tokens=500))
    assert LEAST_TOKENS <= lowered.max_tokens < 400
    purse.release(lowered)
    assert allowed(purse, asking(max_tokens=70)).max_tokens == 70


def test_a_call_that_could_say_next_to_nothing_is_not_made() -> None:
    purse = Purse(Limits(tokens=80), {})
    answer = refused(purse, asking("x" * 10))
    assert answer.which == "turn_tokens"
    assert "80 tokens" in answer.message
    assert allowed(purse, asking("x" * 10, max_tokens=8)).max_tokens == 8, "it asked for no more"


def test_the_tightest_budget_is_named() -> None:
    purse = Purse(Limits(tokens=10_000, day_tokens=10_000), {}, spent_today=Spent(tokens=9_990))
    assert refused(purse, asking()).which == "day_tokens"
    dear = {"m": Price(input=Decimal(1000), output=Decimal(1000))}
    assert refused(Purse(Limits(money=Decimal("0.01")), dear), asking()).which == "turn_money"
    today = Spent(cost=Decimal("4.999"))
    answer = refused(Purse(Limits(day_money=Decimal(5)), dear, spent_today=today), asking())
    assert answer.which == "day_money"
    assert "5 for this account's day" in answer.message


def test_money_lowers_what_may_be_written() -> None:
    purse = Purse(Limits(money=Decimal("0.001")), {"m": Price(input=Decimal(1), output=Decimal(10))})
    lowered = allowed(purse, asking(max_tokens=500))
    assert lowered.max_tokens == 96, "of 0.001, a prompt of up to 37 tokens leaves 0.000963, and one costs 0.00001"


def test_a_model_that_writes_for_nothing_is_bounded_by_what_it_reads() -> None:
    purse = Purse(Limits(money=Decimal("0.001")), {"m": Price(input=Decimal(1), output=Decimal(0))})
    assert allowed(purse, asking()).max_tokens == 500
    assert refused(purse, asking("x" * 2000)).which == "turn_money"


def test_a_model_without_a_price_is_allowed_under_a_money_budget() -> None:
    purse = Purse(Limits(money=Decimal("0.000001")), PRICES)
    request = allowed(purse, asking(), "local")
    assert request.max_tokens == 500
    purse.charge(request, cost_of(Usage(prompt_tokens=9, calls=1), "local", PRICES))
    assert purse.spent.unpriced == 1


def test_the_dearest_model_that_may_answer_is_reckoned_with() -> None:
    limits = Limits(money=Decimal("0.001"))
    assert allowed(Purse(limits, PRICES), asking(), "gpt-4o-mini").max_tokens == 500
    with_dearer = Purse(limits, PRICES, fallbacks=("gpt-4o", "local"))
    assert allowed(with_dearer, asking(), "gpt-4o-mini").max_tokens < 100


def test_calls_side_by_side_cannot_overspend_together() -> None:
    purse = Purse(Limits(tokens=700), {})
    first = allowed(purse, asking(max_tokens=500))
    second = allowed(purse, asking(max_tokens=500))
    assert first.max_tokens + second.max_tokens < 700
    assert refused(purse, asking()).which == "turn_tokens"
    purse.release(first)
    assert allowed(purse, asking(max_tokens=300)).max_tokens == 300


def test_the_same_request_in_flight_twice_is_set_aside_twice() -> None:
    purse = Purse(Limits(tokens=1000), {})
    request = asking(max_tokens=300)
    one, two = allowed(purse, request), allowed(purse, request)
    assert one is not two
    purse.charge(one, Usage(prompt_tokens=5, completion_tokens=5, calls=1))
    assert allowed(purse, asking(max_tokens=900)).max_tokens < 700
    purse.charge(two, Usage(prompt_tokens=5, completion_tokens=5, calls=1))


def test_time_left_bounds_a_call_and_time_over_ends_it() -> None:
    purse = Purse(Limits(seconds=10.0), {})
    assert allowed(purse, asking(), elapsed=4.0).timeout_seconds == 6.0
    assert allowed(purse, asking(timeout=2.0), elapsed=4.0).timeout_seconds == 2.0
    over = refused(purse, asking(), elapsed=10.0)
    assert (over.which, "10 s" in over.message) == ("turn_seconds", True)


def test_what_a_call_measured_bounds_the_next_that_begins_the_same() -> None:
    """The second call repeats 4,000 bytes that were counted as 1,000 tokens, and adds a line."""
    purse = Purse(Limits(tokens=8000), {})
    first = allowed(purse, asking("x" * 4000, max_tokens=100))
    purse.charge(first, Usage(prompt_tokens=1000, completion_tokens=10, calls=1))
    longer = first.model_copy(
        update={"messages": (*first.messages, ChatMessage(role="assistant", content="yes")), "max_tokens": 9000}
    )
    assert allowed(purse, longer).max_tokens > 8000 - 1010 - 1000 - 100
    other_tools = longer.model_copy(update={"tools": (ToolSpec(name="t", description="", parameters={}),)})
    fresh = Purse(Limits(tokens=8000), {})
    fresh.charge(allowed(fresh, asking("x" * 4000, max_tokens=100)), Usage(prompt_tokens=1000, calls=1))
    assert allowed(fresh, other_tools).max_tokens < 8000 - 1000 - 4000


def test_what_one_turn_measured_bounds_the_next_turns_prompt() -> None:
    """A role's contract is the same in every turn: it is known from the first answer on."""

    def turn(said: str, bounds: PromptBounds | None) -> int:
        contract, message = ChatMessage(role="system", content="x" * 4000), ChatMessage(role="user", content=said)
        request = ModelRequest(task="reply", messages=(contract, message), max_tokens=9000)
        purse = Purse(Limits(tokens=8000), {}, bounds=bounds)
        lowered = allowed(purse, request)
        purse.charge(lowered, Usage(prompt_tokens=1000, completion_tokens=10, calls=1))
        return lowered.max_tokens

    shared = PromptBounds()
    assert turn("hello", shared) < 8000 - 4000
    assert 8000 - 1000 - 50 < turn("thanks", shared) < 8000 - 1000
    assert turn("thanks", None) < 8000 - 4000


def test_a_count_that_cannot_be_the_whole_prompts_teaches_nothing() -> None:
    bounds = PromptBounds()
    request = asking("x" * 4000)
    for usage in (Usage(prompt_tokens=9, cached_tokens=900, calls=1), Usage(prompt_tokens=9, calls=2), Usage(calls=1)):
        purse = Purse(Limits(tokens=8000), {}, bounds=bounds)
        purse.charge(allowed(purse, request), usage)
    several = Purse(Limits(tokens=8000), {}, bounds=bounds, fallbacks=("other",))
    several.charge(allowed(several, request), Usage(prompt_tokens=9, calls=1))
    assert bounds.of(request, "m") > 4000
    assert cost_of(Usage(prompt_tokens=9, cached_tokens=900, calls=1), "gpt-4o-mini", PRICES).cost > 0


def test_no_more_beginnings_are_known_than_can_be_kept() -> None:
    bounds = PromptBounds()
    for number in range(MOST_KNOWN + 1):
        bounds.measured(asking(f"{number:>400}"), "m", 7)
    assert bounds.of(asking(f"{0:>400}"), "m") > 400
    assert bounds.of(asking(f"{MOST_KNOWN:>400}"), "m") == 7
    bounds.measured(asking(f"{MOST_KNOWN:>400}"), "m", 9)
    assert bounds.of(asking(f"{MOST_KNOWN:>400}"), "m") == 7


def test_tools_and_schemas_and_calls_count_as_prompt() -> None:
    def room(request: ModelRequest) -> int:
        return allowed(Purse(Limits(tokens=10_000), {}), request).max_tokens

    plain = asking(max_tokens=20_000)
    tool = ToolSpec(name="look_up", description="Looks up.", parameters={"type": "object", "title": "é" * 50})
    call = ChatMessage(role="assistant", content="", tool_calls=(ToolCall(id="1", name="look_up", arguments="{}"),))
    assert room(plain.model_copy(update={"tools": (tool,)})) < room(plain) - 100
    assert room(plain.model_copy(update={"json_schema": {"type": "object"}})) < room(plain) - 10
    assert room(plain.model_copy(update={"messages": (*plain.messages, call)})) < room(plain) - 10
    assert room(asking("é\ud800", max_tokens=20_000)) == room(asking("abc", max_tokens=20_000))


def test_a_call_that_was_broken_off_costs_its_worst() -> None:
    purse = Purse(Limits(tokens=1000, money=Decimal(1)), PRICES, fallbacks=("gpt-4o",))
    broken = allowed(purse, asking(max_tokens=100), "gpt-4o-mini")
    usage = purse.forfeit(broken, "gpt-4o-mini")
    assert usage.completion_tokens == 100
    assert usage.cost == (usage.prompt_tokens * Decimal("2.5") + 1000) / 1_000_000, "the dearer may have answered"
    assert purse.spent.tokens == usage.tokens
    unbounded = Purse(Limits(), {})
    assert unbounded.forfeit(asking(max_tokens=100), "local").unpriced == 1


def test_money_is_set_aside_for_calls_in_flight() -> None:
    purse = Purse(Limits(money=Decimal("0.001")), {"m": Price(input=Decimal(1), output=Decimal(1))})
    first, second = allowed(purse, asking(max_tokens=600)), allowed(purse, asking(max_tokens=600))
    assert first.max_tokens == 600
    assert first.max_tokens + second.max_tokens < 1000
    by_day = Purse(Limits(day_money=Decimal("0.001")), {"m": Price(input=Decimal(1), output=Decimal(1))})
    assert allowed(by_day, asking(max_tokens=900)).max_tokens == 900
    assert refused(by_day, asking(max_tokens=900)).which == "day_money"


def test_cached_input_that_costs_more_than_fresh_is_reckoned_with() -> None:
    odd = {"m": Price(input=Decimal(1), output=Decimal(1), cached=Decimal(100))}
    assert refused(Purse(Limits(money=Decimal("0.001")), odd), asking()).which == "turn_money"
