"""Whatever models do within what they are asked, a message never costs more than it may, nor an account's day.

Models here call tools, hand off, ask colleagues (several at once, and these ask further ones), write as much as they
are allowed, and are broken off by the guard. What a call really cost is reckoned by the test itself.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import AsyncGenerator
from decimal import Decimal
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
from exploring import examples
from guesthouse import COOK, HOST, PORTER, Post, Speaker, heard, open_house, words
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleet_runtime import tool
from fleet_runtime.messages import ModelReply, ModelRequest, ToolCall, Usage
from fleet_runtime.records import Reply
from fleet_runtime.settings import Price
from fleet_runtime.signals import TurnDone

STAFF = {
    HOST: Post("Keep guests", "cook meals", COOK, ("ring",)),
    COOK: Post("Cook meals", "rent rooms to guests", HOST, ("ring",)),
    PORTER: Post("Carry trunks", "clean windows", HOST, ("ring",)),
}
ROLES = tuple(STAFF)
TEXTS = (
    "Good day.",
    "Good day. The room is 480 euros a night. See you.",
    "It costs 99 crowns.",
    "Well then. Let us see. " * 20,
    "",
)
ACTION = st.one_of(
    st.sampled_from(TEXTS),
    st.lists(
        st.one_of(
            st.just(("ring", "{}")),
            st.sampled_from(ROLES).map(
                lambda to: ("hand_off", f'{{"to": "{to}", "why": "theirs", "asked": "take it up"}}')
            ),
            st.sampled_from(ROLES).map(lambda to: ("ask_colleague", f'{{"to": "{to}", "question": "What is it?"}}')),
        ),
        min_size=1,
        max_size=3,
    ),
)
MONEY = st.decimals(min_value="0.01", max_value="100", places=2)


@tool
def ring() -> str:
    """Ring the bell."""
    return "rung " * 30


class Spender(Speaker):
    """A model that does what it drew, and counts what it costs: a fixed share of the prompt's bytes, and what it likes.

    ``share`` is how many tokens a byte makes, at most one; ``fill`` how much of ``max_tokens`` is written.
    """

    def __init__(self, data: st.DataObject, price: Price, share: float, name: str) -> None:
        super().__init__("free")
        self.paid = Decimal(0)
        self.unfit = 0
        self._data, self._price, self._share, self._name = data, price, share, name

    async def complete(self, request: ModelRequest) -> ModelReply:
        self.calls.append(request)
        self.unfit += request.max_tokens < 1
        await anyio.lowlevel.checkpoint()
        action = self._data.draw(ACTION)
        written = math.floor(request.max_tokens * self._data.draw(st.sampled_from([0.0, 0.1, 0.5, 1.0])))
        read = sum(math.floor(len(message.content.encode()) * self._share) for message in request.messages)
        cached = math.floor(read * self._data.draw(st.sampled_from([0.0, 0.5, 1.0])))
        each = self._price.input if self._price.cached is None else self._price.cached
        self.paid += ((read - cached) * self._price.input + cached * each + written * self._price.output) / 1_000_000
        usage = Usage(prompt_tokens=read, cached_tokens=cached, completion_tokens=written, calls=1)
        if isinstance(action, str) or not request.tools:
            return ModelReply(text=action if isinstance(action, str) else "Well.", usage=usage, model=self._name)
        wishes = tuple(
            ToolCall(id=f"c{place}", name=name, arguments=given) for place, (name, given) in enumerate(action)
        )
        return ModelReply(text="", tool_calls=wishes, usage=usage, model=self._name)

    async def stream(self, request: ModelRequest) -> AsyncGenerator[str | ModelReply]:
        reply = await self.complete(request)
        for piece in words(reply.text):
            yield piece
        yield reply


async def spend(model: Spender, chosen: dict[str, Any], turns: int, *, streamed: bool) -> list[tuple[Reply, Decimal]]:
    """Have an account ask some messages, and return each reply with what was really paid for it."""
    outcomes: list[tuple[Reply, Decimal]] = []
    with tempfile.TemporaryDirectory() as folder:
        async with open_house(model, Path(folder), house=STAFF, tools=[ring], **chosen) as fleet:
            agent = await fleet.spawn(HOST, account="a")
            for number in range(turns):
                before = model.paid
                if streamed:
                    last = (await heard(agent.stream(f"Message {number}")))[-1]
                    assert isinstance(last, TurnDone)
                    reply = last.reply
                else:
                    reply = await agent.ask(f"Message {number}")
                outcomes.append((reply, model.paid - before))
    return outcomes


@given(
    data=st.data(),
    read=MONEY,
    cached=st.one_of(st.none(), MONEY),
    written=MONEY,
    share=st.sampled_from([0.05, 0.25, 0.5, 1.0]),
    budget=st.floats(0.3, 12),
    by_day=st.booleans(),
    guard=st.sampled_from(["off", "enforce"]),
    streamed=st.booleans(),
    name=st.sampled_from(["told", "told-2026-01-01"]),
)
@settings(max_examples=examples(40), suppress_health_check=list(HealthCheck))
def test_no_message_and_no_day_costs_more_than_it_may(  # noqa: PLR0913, PLR0917 - what spending is made of
    data: st.DataObject,
    read: Decimal,
    cached: Decimal | None,
    written: Decimal,
    share: float,
    budget: float,
    by_day: bool,  # noqa: FBT001 - Hypothesis gives it
    guard: str,
    streamed: bool,  # noqa: FBT001 - Hypothesis gives it
    name: str,
) -> None:
    """``budget`` is in prompts of 4,000 bytes with an answer of 700 tokens, at their worst."""
    price = Price(input=read, cached=cached, output=written)
    one = (4_000 * max(read, cached or read) + 700 * written) / 1_000_000
    limit = round(one * Decimal(budget), 9)
    chosen: dict[str, Any] = {"prices": {"told": price}, "guard": guard, "max_hops": 3, "tool_rounds": 3}
    chosen["day_money" if by_day else "turn_money"] = limit
    model = Spender(data, price, share, name)
    outcomes = anyio.run(lambda: spend(model, chosen, 3 if by_day else 2, streamed=streamed))
    assert not model.unfit
    for reply, paid in outcomes:
        assert paid <= reply.usage.cost
        assert reply.usage.cost <= limit
        assert reply.usage.unpriced == 0
        assert reply.text
        assert reply.exhausted in {"", "hops", "day_money" if by_day else "turn_money"}
    if by_day:
        assert sum((paid for _, paid in outcomes), Decimal(0)) <= limit
    if not model.calls:
        assert outcomes[0][0].exhausted
