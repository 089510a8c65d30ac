"""The real embedded model: nothing crosses between accounts, and prompts stay cached."""

from __future__ import annotations

import calendar
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import anyio
import pytest

from fleet_runtime.errors import ModelTimeout, WeightsError
from fleet_runtime.messages import ChatMessage, ModelReply, ModelRequest
from fleet_runtime.models.embedded import EmbeddedEngine, start_embedded
from fleet_runtime.ports import ModelClient
from fleet_runtime.weights import QWEN_CODER, cache_folder, ensure

pytestmark = pytest.mark.e2e

PREFIX = "You answer questions of customers from their record. You state nothing else. " * 20
TASKS = {
    "kind": "Say of what kind the message is: thanks, question or complaint. " * 12,
    "flip": "Give back what the customer said, in the you-form. Add no advice. " * 12,
    "line": "Answer in one short line from the record. Name the date as it stands. " * 12,
}
# Every account has a month and a day that no other has and that no year holds: however a reply words its date,
# one can see whose it is.
MONTHS = tuple(calendar.month_name)[1:]
DAYS = ("11", "12", "13", "14", "15", "16", "17", "18", "19", "21", "22", "23")


def asked(system: str, user: str, *, most: int = 24, seconds: float = 300.0) -> ModelRequest:
    messages = ChatMessage(role="system", content=system), ChatMessage(role="user", content=user)
    return ModelRequest(task="e2e", messages=messages, max_tokens=most, timeout_seconds=seconds)


def share_cached(reply: ModelReply) -> float:
    return reply.usage.cached_tokens / reply.usage.prompt_tokens


@pytest.fixture(scope="module")
def weights() -> Path:
    async def fetch() -> Path:
        return await ensure(QWEN_CODER, cache_folder(os.environ))

    return anyio.run(fetch)


def with_model(weights: Path, work: Callable[[ModelClient], Awaitable[None]]) -> None:
    """Run ``work`` with a client on a fresh engine."""

    async def run() -> None:
        model = await start_embedded(weights)
        try:
            await work(model)
        finally:
            await model.close()

    anyio.run(run)


def test_concurrent_accounts_never_see_each_other(weights: Path) -> None:
    """Six pairs of accounts ask at once, each with its own date in the prompt, on the same stable prefix."""
    replies: dict[tuple[str, str], str] = {}

    async def work(model: ModelClient) -> None:
        async def ask(month: str, day: str) -> None:
            question = f"Record: the contract renews on {day} {month} 2027.\nQuestion: When does our contract renew?"
            replies[month, day] = (await model.complete(asked(PREFIX, question))).text

        async with anyio.create_task_group() as crowd:
            for month, day in zip(MONTHS, DAYS, strict=True):
                crowd.start_soon(ask, month, day)

    with_model(weights, work)
    assert len(replies) == 12
    for (month, day), text in replies.items():
        assert [name for name in MONTHS if name in text] == [month], text
        assert [number for number in DAYS if number in text] == [day], text


def test_tasks_that_share_a_prefix_each_stay_cached(weights: Path) -> None:
    async def work(model: ModelClient) -> None:
        for turn in range(3):
            for task in TASKS.values():
                reply = await model.complete(asked(PREFIX + task, f"Message {turn}: thank you.", most=4))
                if turn:
                    assert share_cached(reply) >= 0.8, reply.usage

    with_model(weights, work)


def test_a_second_turn_is_cached(weights: Path) -> None:
    async def work(model: ModelClient) -> None:
        first = asked(PREFIX, "Record: 120 seats.\nQuestion: How many seats do we have?")
        reply = await model.complete(first)
        more = ChatMessage(role="assistant", content=reply.text), ChatMessage(role="user", content="Are you sure?")
        second = await model.complete(first.model_copy(update={"messages": first.messages + more}))
        assert share_cached(second) >= 0.8, second.usage

    with_model(weights, work)


def test_a_request_given_up_does_not_hold_the_engine(weights: Path) -> None:
    async def work(model: ModelClient) -> None:
        await model.complete(asked("Be brief.", "Hello.", most=2))
        endless = asked("Be brief.", "Count.", most=3000, seconds=1.5).model_copy(
            update={"grammar": 'root ::= "1 " root'}
        )
        with pytest.raises(ModelTimeout):
            await model.complete(endless)
        with anyio.fail_after(60):
            assert (await model.complete(asked("Be brief.", "Hello.", most=2))).text

    with_model(weights, work)


def test_one_engine_starts_one_server_a_file(weights: Path) -> None:
    async def run() -> None:
        engine = EmbeddedEngine()
        first = await start_embedded(weights, engine=engine)
        second = await start_embedded(weights, engine=engine)
        assert first.info.endpoint == second.info.endpoint
        await first.close()
        assert (await second.complete(asked("Be brief.", "Say yes.", most=2))).text
        await second.close()
        await engine.close()

    anyio.run(run)


def test_a_file_that_is_no_model_is_an_error_and_no_crash(tmp_path: Path) -> None:
    file = tmp_path / "broken.gguf"
    file.write_bytes(b"GGUF" + bytes(200))
    with pytest.raises(WeightsError, match=r"broken\.gguf"):
        anyio.run(start_embedded, file)
