"""A limited model waits as it is told, within its time, and always says when a call is over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from itertools import count
from pathlib import Path

import pytest
from endpoint_models import REQUEST, Sleeps, endpoint_model, info_at, patience, pieces_until_error
from fake_endpoint import completion, fake_endpoint, refusal

from fleet_runtime.boards import Claim, Gate, ProviderLimit
from fleet_runtime.errors import (
    ModelError,
    ModelGarbled,
    ModelRefused,
    ModelTimeout,
    ModelUnreachable,
    SettingError,
    StoreError,
)
from fleet_runtime.messages import ChatMessage, ModelInfo, ModelReply, ModelRequest, Usage
from fleet_runtime.models.fallback import Fallback
from fleet_runtime.models.in_process_gate import InProcessGate
from fleet_runtime.models.limited import Bounds, LimitedModel, check_limits, limited, provider_at
from fleet_runtime.models.resolve import resolve_model
from fleet_runtime.ports import ModelClient
from fleet_runtime.settings import Limit, Settings
from fleet_runtime.testing import ScriptedModel, Step

pytestmark = pytest.mark.anyio

HOST = "api.example.com"
SLOW = ProviderLimit(requests_per_minute=6)
"""One at once, and one each ten seconds."""


class Hand:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds
        await asyncio.sleep(0)


class NotingGate:
    """Notes what it is asked; gives what it is told to, then lets everybody through."""

    def __init__(self, *gives: float) -> None:
        self._gives = list(gives)
        self.heard = asyncio.Event()
        self.asked: list[Claim] = []
        self.left: list[tuple[str, int]] = []

    async def admit(self, provider: str, claim: Claim, limit: ProviderLimit) -> float:
        assert (provider, limit) == (HOST, SLOW)
        self.asked.append(claim)
        self.heard.set()
        return self._gives.pop(0) if self._gives else 0.0

    async def leave(self, provider: str, claim: Claim, tokens: int) -> None:
        assert provider == HOST
        self.left.append((claim.id, tokens))


class SlowModel:
    """Answers when it is told to."""

    def __init__(self) -> None:
        self.heard = asyncio.Event()
        self.may_answer = asyncio.Event()

    @property
    def info(self) -> ModelInfo:
        return info_at("https://api.example.com/v1")

    async def complete(self, request: ModelRequest) -> ModelReply:
        del request
        self.heard.set()
        await self.may_answer.wait()
        return ModelReply(text="At last.")

    async def stream(self, request: ModelRequest) -> AsyncGenerator[str | ModelReply]:
        yield "At "
        yield await self.complete(request)

    async def close(self) -> None:
        """Hold nothing."""


def held(  # noqa: PLR0913 - each test tells its own
    model: ModelClient,
    gate: Gate,
    clock: Hand | None = None,
    *,
    limit: ProviderLimit = SLOW,
    wait_seconds: float = 60.0,
    sleep: Callable[[float], Awaitable[None]] | None = None,
) -> LimitedModel:
    """Put a model behind a gate."""
    numbers, clock = count(1), clock or Hand()
    return LimitedModel(
        model,
        gate,
        Bounds(HOST, limit, wait_seconds=wait_seconds, call_seconds=120.0),
        new_id=lambda: f"call-{next(numbers)}",
        sleep=sleep or clock.sleep,
        clock=clock,
    )


def script(*gives: str | ModelReply | ModelError, breaks_after: int = 0) -> ScriptedModel:
    return ScriptedModel([Step("greet", one, breaks_after) for one in gives])


def within(seconds: float) -> ModelRequest:
    return REQUEST.model_copy(update={"timeout_seconds": seconds})


async def asked(model: ModelClient, request: ModelRequest = REQUEST, *, streamed: bool = False) -> str:
    """Ask once, and say what came of it: the text, or the error's code."""
    try:
        if not streamed:
            return (await model.complete(request)).text
        return "".join([piece async for piece in model.stream(request) if isinstance(piece, str)])
    except ModelError as error:
        return error.code


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_call_beyond_the_limit_waits_as_it_is_told(streamed: bool) -> None:  # noqa: FBT001 - a parameter
    clock = Hand()
    model = held(script("One.", "Two.", "Three."), InProcessGate(clock), clock)
    assert [await asked(model, streamed=streamed) for _ in range(3)] == ["One.", "Two.", "Three."]
    assert clock.slept == [10.0, 10.0]


async def test_what_would_wait_beyond_its_time_fails_at_once_and_costs_nothing() -> None:
    clock, behind = Hand(), script("One.", "Two.")
    model = held(behind, InProcessGate(clock), clock)
    assert await asked(model, within(5.0)) == "One."
    with pytest.raises(ModelUnreachable) as caught:
        await model.complete(within(5.0))
    assert str(caught.value).startswith(
        "api.example.com: greet: the limits (6 requests a minute) leave no room for it within 5 s (try again later; or"
    )
    assert "limits" in caught.value.hint
    assert "turn_seconds" in caught.value.hint
    assert clock.slept == []
    assert len(behind.calls) == 1
    assert await asked(model, within(11.0)) == "Two."  # the refused one had not been counted


async def test_every_limit_is_named() -> None:
    gate = InProcessGate()
    limit = ProviderLimit(requests_per_minute=60, tokens_per_minute=40_000, concurrent=1)
    assert await gate.admit(HOST, Claim("another", 10, 60.0), limit) == 0
    with pytest.raises(ModelUnreachable, match=r"60 requests a minute, 40000 tokens a minute, 1 at once"):
        await held(script(), gate, limit=limit).complete(within(0.01))


async def test_waiting_takes_from_the_models_time() -> None:
    clock, behind = Hand(), script("One.", "Two.", "Three.")
    model = held(behind, InProcessGate(clock), clock)
    for _ in range(2):
        await model.complete(within(12.0))
    await model.complete(REQUEST)
    assert [call.timeout_seconds for call in behind.calls] == [12.0, 2.0, None]


async def test_a_request_without_a_time_of_its_own_waits_for_a_bounded_time() -> None:
    clock = Hand()
    model = held(script("One."), InProcessGate(clock), clock, wait_seconds=5.0)
    assert await asked(model) == "One."
    assert await asked(model) == "model-unreachable"


async def test_a_claim_is_what_is_read_and_may_be_written_and_how_long_it_may_take() -> None:
    gate = NotingGate()
    model = held(script("a", "b"), gate)
    long = ModelRequest(
        task="greet", messages=(ChatMessage(role="user", content="x" * 3000),), max_tokens=200, timeout_seconds=7.0
    )
    await model.complete(REQUEST)
    await model.complete(long)
    assert gate.asked[0].id == "call-1"
    assert REQUEST.max_tokens < gate.asked[0].tokens < REQUEST.max_tokens + 40
    assert 1200 <= gate.asked[1].tokens < 1250
    assert [claim.seconds for claim in gate.asked] == [120.0, 7.0]


async def test_a_call_that_is_over_says_what_it_took() -> None:
    gate = NotingGate()
    counted = ModelReply(text="Hi.", usage=Usage(prompt_tokens=70, completion_tokens=7, calls=1))
    model = held(script(counted, ModelReply(text="uncounted"), counted), gate)
    for streamed in (False, False, True):
        await asked(model, streamed=streamed)
    claimed = gate.asked[1].tokens
    assert gate.left == [("call-1", 77), ("call-2", claimed), ("call-3", 77)]


@pytest.mark.parametrize(
    ("error", "breaks_after", "taken"),
    [
        (ModelUnreachable("429", hint="later"), 0, 0),
        (ModelRefused("401", hint="key"), 0, 0),
        (ModelTimeout("late", hint="wait"), 0, None),
        (ModelGarbled("hm", hint="again"), 0, None),
        (ModelUnreachable("broke off", hint="again"), 2, None),
    ],
)
async def test_a_call_that_failed_counts_what_it_may_have_taken(
    error: ModelError, breaks_after: int, taken: int | None
) -> None:
    gate = NotingGate()
    pieces, raised = await pieces_until_error(held(script(error, breaks_after=breaks_after), gate))
    assert (len(pieces), raised) == (breaks_after, error)
    assert gate.left == [("call-1", gate.asked[0].tokens if taken is None else taken)]


async def test_a_call_that_is_cancelled_leaves() -> None:
    gate, behind = NotingGate(), SlowModel()
    call = asyncio.ensure_future(held(behind, gate).complete(REQUEST))
    await behind.heard.wait()
    assert gate.left == []
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert gate.left == [("call-1", gate.asked[0].tokens)]


async def test_a_stream_that_is_abandoned_leaves() -> None:
    gate = NotingGate()
    stream = held(SlowModel(), gate).stream(REQUEST)
    assert await anext(stream) == "At "
    assert gate.left == []
    await stream.aclose()
    assert gate.left == [("call-1", gate.asked[0].tokens)]


class TardyGate(NotingGate):
    """Lets everybody through, after a while, as a busy database does."""

    def __init__(self) -> None:
        super().__init__()
        self.may_answer = asyncio.Event()

    async def admit(self, provider: str, claim: Claim, limit: ProviderLimit) -> float:
        given = await super().admit(provider, claim, limit)
        await self.may_answer.wait()
        return given


async def test_who_is_cancelled_while_the_gate_decides_does_not_keep_a_place() -> None:
    gate = TardyGate()
    call = asyncio.ensure_future(held(SlowModel(), gate).complete(REQUEST))
    await gate.heard.wait()
    call.cancel()
    await asyncio.sleep(0)
    gate.may_answer.set()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert gate.left == [("call-1", 0)]


class BrokenGate(NotingGate):
    """Cannot note what is over."""

    async def leave(self, provider: str, claim: Claim, tokens: int) -> None:
        await super().leave(provider, claim, tokens)
        raise StoreError("the disk failed", hint="look")


async def test_an_answer_is_not_lost_because_its_end_cannot_be_noted() -> None:
    gate = BrokenGate()
    assert await asked(held(script("Hi."), gate)) == "Hi."
    assert len(gate.left) == 1


class AbsentGate(NotingGate):
    """Cannot be asked."""

    async def admit(self, provider: str, claim: Claim, limit: ProviderLimit) -> float:
        await super().admit(provider, claim, limit)
        raise StoreError("the database is gone", hint="start it")


async def test_a_gate_that_cannot_be_asked_lets_nobody_through_and_blocks_nobody() -> None:
    gate, behind = AbsentGate(), script()
    model = held(behind, gate)
    for _ in range(2):
        with pytest.raises(StoreError):
            await model.complete(REQUEST)
    assert (behind.calls, gate.left, len(gate.asked)) == ([], [], 2)


async def test_a_crowd_stands_in_line_and_only_its_first_asks_the_gate() -> None:
    clock, behind = Hand(), script(*"abcde")
    gate = NotingGate(0.0, 10.0, 10.0, 0.0, 10.0)
    model = held(behind, gate, clock)
    replies = await asyncio.gather(*(asked(model) for _ in range(5)))
    assert replies == list("abcde")
    assert [claim.id for claim in gate.asked] == [f"call-{number}" for number in (1, 2, 2, 2, 3, 3, 4, 5)]
    assert clock.slept == [10.0, 10.0, 10.0]


async def test_who_stands_in_line_for_longer_than_its_time_gives_up() -> None:
    forever = asyncio.Event()

    async def sleep(_: float) -> None:
        await forever.wait()

    gate = NotingGate(10.0)
    model = held(script("First."), gate, sleep=sleep)
    first = asyncio.ensure_future(model.complete(REQUEST))
    await gate.heard.wait()
    assert await asked(model, within(0.01)) == "model-unreachable"
    forever.set()
    assert (await first).text == "First."
    assert len(gate.asked) == 2


async def test_the_models_face_is_the_models_own() -> None:
    behind = script()
    model = held(behind, NotingGate())
    assert model.info == behind.info
    await model.close()


async def test_what_the_endpoint_says_of_its_limits_is_heeded_beneath() -> None:
    sleeps, gate = Sleeps(), NotingGate()
    answers = (refusal(429, retry_after="7"), completion("Now."))
    async with endpoint_model(*answers, retry=patience(sleeps)) as (behind, endpoint):
        assert await asked(held(behind, gate)) == "Now."
        assert (sleeps, len(endpoint.asked)) == ([7.0], 2)
        assert (len(gate.asked), gate.left) == (1, [("call-1", 24)])


async def test_where_the_limits_leave_no_room_the_next_model_is_asked() -> None:
    clock = Hand()
    first = held(script("One."), InProcessGate(clock), clock)
    model = Fallback([first, script("Another's.")])
    assert [await asked(model, within(5.0)) for _ in range(2)] == ["One.", "Another's."]


class At:
    """A model of which only the address counts."""

    def __init__(self, endpoint: str) -> None:
        self.info = info_at(endpoint)

    async def complete(self, request: ModelRequest) -> ModelReply:
        raise AssertionError(request)

    async def stream(self, request: ModelRequest) -> AsyncGenerator[str | ModelReply]:
        yield await self.complete(request)

    async def close(self) -> None:
        """Hold nothing."""


def test_only_endpoints_with_a_limit_are_limited() -> None:
    gate = InProcessGate()
    settings = Settings(limits={HOST: Limit(requests_per_minute=1), "127.0.0.1:8080": Limit()})
    here, there, local = (
        At(url) for url in ("https://API.example.com/v1", "https://b.example.com/v1", "http://127.0.0.1:8080/v1")
    )
    assert isinstance(limited(here, settings, gate), LimitedModel)
    assert limited(there, settings, gate) is there
    assert limited(local, settings, gate) is local
    assert limited(here, Settings(), gate) is here
    any_other = Settings(limits={HOST: Limit(), "*": Limit(concurrent=1)})
    assert limited(here, any_other, gate) is here
    assert isinstance(limited(there, any_other, gate), LimitedModel)
    scripted = script()
    assert limited(scripted, any_other, gate) is scripted
    there.info = there.info.model_copy(update={"kind": "embedded", "endpoint": "http://127.0.0.1:9/v1"})
    assert limited(there, any_other, gate) is there


@pytest.mark.parametrize(
    ("address", "provider"),
    [
        ("https://api.openai.com/v1", "api.openai.com"),
        ("https://user:key@API.openai.com:443/v1/", "api.openai.com"),
        ("http://127.0.0.1:8080/v1", "127.0.0.1:8080"),
        ("http://[::1]:8080/v1", "[::1]:8080"),
        ("http://host:80", "host"),
        ("https://host:80", "host:80"),
        ("", ""),
        ("http://host:port", ""),
    ],
)
def test_a_provider_is_the_host_of_its_address(address: str, provider: str) -> None:
    assert provider_at(address) == provider


@pytest.mark.parametrize("key", ["https://api.openai.com", "api.openai.com/v1", "API.openai.com", "", "host:x"])
def test_a_limit_of_no_host_is_told(key: str) -> None:
    with pytest.raises(SettingError, match="is no host"):
        check_limits(Settings(limits={key: Limit(concurrent=1)}))
    check_limits(Settings(limits={"*": Limit(), HOST: Limit(), "[::1]:8080": Limit()}))


async def test_each_model_is_held_to_the_limits_of_its_own_host(tmp_path: Path) -> None:
    async with fake_endpoint(completion("Mine.")) as mine, fake_endpoint(completion("Theirs.")) as theirs:
        host = provider_at(mine.base_url)
        settings = Settings(
            model="m",
            base_url=mine.base_url,
            fallback_models=(f"n@{theirs.base_url}",),
            limits={host: Limit(requests_per_minute=1)},
        )
        model = await resolve_model(settings, environment={}, cache=tmp_path, gate=InProcessGate())
        assert model is not None
        assert [await asked(model, within(5.0)) for _ in range(2)] == ["Mine.", "Theirs."]
        await model.close()


async def test_without_a_gate_this_process_counts_alone(tmp_path: Path) -> None:
    async with fake_endpoint(completion("Mine.")) as endpoint:
        settings = Settings(model="m", base_url=endpoint.base_url, limits={"*": Limit(requests_per_minute=1)})
        model = await resolve_model(settings, environment={}, cache=tmp_path)
        assert model is not None
        assert [await asked(model, within(5.0)) for _ in range(2)] == ["Mine.", "model-unreachable"]
        await model.close()


async def test_a_bad_limit_is_told_before_anything_is_opened(tmp_path: Path) -> None:
    settings = Settings(model="m", base_url="http://127.0.0.1:9/v1", limits={"https://x": Limit(concurrent=1)})
    with pytest.raises(SettingError, match="'https://x' is no host"):
        await resolve_model(settings, environment={}, cache=tmp_path)
