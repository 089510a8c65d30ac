"""No sequence of calls, nested or side by side, spends beyond a limit, with a model that spends all it is allowed."""

from __future__ import annotations

import random
from decimal import Decimal

from exploring import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleet_runtime.budget import Limits, Purse, cost_of
from fleet_runtime.messages import ChatMessage, ModelRequest, ToolSpec, Usage
from fleet_runtime.prompt_bounds import PromptBounds
from fleet_runtime.records import Spent
from fleet_runtime.settings import Price

MODELS = ("small", "large", "unpriced")

price = st.decimals(min_value=1, max_value=50, places=2)
prices = st.fixed_dictionaries(
    {name: st.builds(Price, input=price, output=price, cached=st.none() | price) for name in MODELS[:2]}
)
tokens = st.integers(300, 5000)
money = st.decimals(min_value="0.005", max_value="0.15", places=4)
limits = st.one_of(  # one that is tight shows more than five of which the tightest hides the others
    tokens.map(lambda most: Limits(tokens=most)),
    tokens.map(lambda most: Limits(day_tokens=most)),
    money.map(lambda most: Limits(money=most)),
    money.map(lambda most: Limits(day_money=most)),
    st.builds(Limits, tokens=tokens, money=money, seconds=st.floats(0.1, 20.0), day_tokens=tokens, day_money=money),
)
today = st.builds(Spent, tokens=st.integers(0, 300), cost=st.decimals(min_value=0, max_value="0.02", places=4))
words = st.text(alphabet="aé ", min_size=1, max_size=80)


class Greedy:
    """Reads each message as up to as many tokens as it has bytes, always as the same number, and writes all it may."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - a double that is the same each time
        self._tokens: dict[str, int] = {}
        self.seconds = 0.0

    def answer(self, request: ModelRequest) -> Usage:
        prompt = sum(self._count(message.content) for message in request.messages)
        prompt += sum(self._count(tool.name + tool.description) for tool in request.tools)
        if request.timeout_seconds is not None:
            self.seconds += request.timeout_seconds * self._random.choice((0.1, 1.0))
        written = self._random.choice((request.max_tokens, request.max_tokens, 1))
        cached = self._random.choice((0, prompt // 2))
        return Usage(prompt_tokens=prompt, cached_tokens=cached, completion_tokens=written, calls=1)

    def _count(self, text: str) -> int:
        most = len(text.encode("utf-8", "replace"))
        return self._tokens.setdefault(text, self._random.choice((most, most, max(1, most // 4) if most else 0))) + 4


@st.composite
def conversations(draw: st.DrawFn) -> list[tuple[str, ModelRequest, str]]:
    """Draw calls and what becomes of each: answered at once, in flight beside others, failed, or broken off."""
    calls: list[tuple[str, ModelRequest, str]] = []
    messages: tuple[ChatMessage, ...] = ()
    for _ in range(draw(st.integers(3, 10))):
        if draw(st.booleans()):
            messages = ()  # a hop: another role's prompt
        more = draw(st.lists(words, min_size=1, max_size=2))
        messages = (*messages, *(ChatMessage(role="user", content=text) for text in more))
        tools = (ToolSpec(name="t", description="é" * 9, parameters={}),) if draw(st.booleans()) else ()
        request = ModelRequest(task="reply", messages=messages, max_tokens=draw(st.integers(50, 900)), tools=tools)
        fate = draw(st.sampled_from(("answered", "beside", "beside", "failed", "broken off")))
        calls.append((draw(st.sampled_from(MODELS)), request, fate))
    return calls


@settings(max_examples=examples(100), suppress_health_check=[HealthCheck.too_slow])
@given(
    bounds=limits,
    table=prices,
    before=today,
    calls=conversations(),
    seed=st.integers(0, 2**16),
    falls_back=st.booleans(),
    warm=st.booleans(),
)
def test_what_is_spent_never_exceeds_a_limit(  # noqa: PLR0913 - what a day is made of
    *,
    bounds: Limits,
    table: dict[str, Price],
    before: Spent,
    calls: list[tuple[str, ModelRequest, str]],
    seed: int,
    falls_back: bool,
    warm: bool,
) -> None:
    greedy, known = Greedy(seed), PromptBounds()
    if warm:  # an earlier turn that could afford all of it
        rich = Purse(Limits(tokens=10**9), table, bounds=known)
        for model, request, _ in calls:
            before_it = rich.allow(request, model, 0.0)
            assert isinstance(before_it, ModelRequest)
            rich.charge(before_it, greedy.answer(before_it))
        greedy.seconds = 0.0
    fallbacks = ("large",) if falls_back else ()
    purse = Purse(bounds, table, spent_today=before, fallbacks=fallbacks, bounds=known)
    flying: list[tuple[str, ModelRequest]] = []

    def settle(name: str, allowed: ModelRequest) -> None:
        answered_by = "large" if falls_back and seed % 2 else name
        purse.charge(allowed, cost_of(greedy.answer(allowed), answered_by, table))

    for model, request, fate in calls:
        allowed = purse.allow(request, model, greedy.seconds)
        if not isinstance(allowed, ModelRequest):
            continue
        if fate == "beside":
            flying.append((model, allowed))
        elif fate == "failed":
            purse.release(allowed)
        elif fate == "broken off":
            purse.forfeit(allowed, model)
        else:
            settle(model, allowed)
    within_seconds = bounds.seconds is None or greedy.seconds <= bounds.seconds + 1e-9
    assert within_seconds
    for name, allowed in flying:
        settle(name, allowed)
    spent = purse.spent
    assert bounds.tokens is None or spent.tokens <= bounds.tokens
    assert bounds.money is None or spent.cost <= bounds.money
    assert bounds.day_tokens is None or spent.tokens <= max(0, bounds.day_tokens - before.tokens)
    assert bounds.day_money is None or spent.cost <= max(Decimal(0), bounds.day_money - before.cost)
