"""An endpoint on loopback that fails at random, by a seed, and otherwise answers so that its answers can be checked.

    async with faulty_endpoint(seed=1, share=0.3) as endpoint:
        ...  # endpoint.base_url; endpoint.share = 0.0 heals it

It speaks Chat Completions, whole and streamed. A right answer repeats the last ``nonce-...`` of the last user message.
A message with the word "count" is first answered by a call of the tool ``count`` with that nonce, if the request has
the tool, until a result says "is counted". It understands nothing else, and keeps no request.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import cast

NONCE = re.compile(r"nonce-[0-9a-z]+")
COUNT = re.compile(r"\bcount\b")
COUNTED = "is counted"
USAGE = {"prompt_tokens": 40, "completion_tokens": 8}
STALL_SECONDS = 30.0
PIECE = 9

Json = dict[str, object]
Message = dict[str, object]


@dataclass
class Asked:
    """What a request asks for. ``left`` returns once the client went away."""

    left: Callable[[], Awaitable[object]]
    nonce: str
    counts: bool
    streamed: bool

    def message(self) -> Message:
        """Return the right answer."""
        if self.counts:
            return calling(json.dumps({"item": self.nonce}))
        return {"role": "assistant", "content": f"All is noted under {self.nonce}, and nothing else is open."}


@dataclass
class FaultyEndpoint:
    """The running server. ``share`` (0..1) of the requests fail; ``done`` counts what was done, by its name."""

    chance: random.Random
    share: float
    base_url: str = ""
    done: Counter[str] = field(default_factory=Counter[str])

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        try:
            while (asked := await _asked(reader)) is not None:
                fault = self.chance.choice(FAULTS) if self.chance.random() < self.share else _good
                self.done[fault.__name__.strip("_")] += 1
                lasts = await fault(asked, writer)
                await writer.drain()
                if not lasts:
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client went away, which stalls provoke
        finally:
            writer.close()


Fault = Callable[[Asked, asyncio.StreamWriter], Awaitable[bool]]
"""Answers a request; says whether the connection can be used again."""


@asynccontextmanager
async def faulty_endpoint(*, seed: int, share: float) -> AsyncGenerator[FaultyEndpoint]:
    """Run the server for the block's time."""
    endpoint = FaultyEndpoint(random.Random(seed), share)  # noqa: S311 - the same failures again, no secret
    server = await asyncio.start_server(endpoint.serve, "127.0.0.1", 0, backlog=512)
    port: int = server.sockets[0].getsockname()[1]
    endpoint.base_url = f"http://127.0.0.1:{port}/v1"
    try:
        yield endpoint
    finally:
        server.close()


def calling(arguments: str) -> Message:
    """Word a call of the tool ``count``."""
    function = {"name": "count", "arguments": arguments}
    call = {"id": "call-1", "type": "function", "function": function}
    return {"role": "assistant", "content": None, "tool_calls": [call]}


async def _good(asked: Asked, writer: asyncio.StreamWriter) -> bool:
    """Answer right."""
    return _answer(asked, writer, asked.message())


async def _busy_for_a_moment(_: Asked, writer: asyncio.StreamWriter) -> bool:
    """Say when to come back."""
    return _status(writer, 429, ("Retry-After: 0.05",))


async def _busy(_: Asked, writer: asyncio.StreamWriter) -> bool:
    """Say to come back some time."""
    return _status(writer, 429)


async def _broken(_: Asked, writer: asyncio.StreamWriter) -> bool:
    """Fail inside."""
    return _status(writer, 500)


async def _overloaded(_: Asked, writer: asyncio.StreamWriter) -> bool:
    """Be unable to serve."""
    return _status(writer, 503)


async def _reset(_: Asked, writer: asyncio.StreamWriter) -> bool:
    """Break the connection off without a word."""
    writer.transport.abort()
    return False


async def _stall(asked: Asked, _: asyncio.StreamWriter) -> bool:
    """Keep silent until the client gives up."""
    with suppress(TimeoutError):
        await asyncio.wait_for(asked.left(), STALL_SECONDS)
    return False


async def _truncated(asked: Asked, writer: asyncio.StreamWriter) -> bool:
    """Begin the right answer and break off."""
    if asked.streamed:
        events = _events(asked.message())
        writer.write(_head(200, "text/event-stream", ("Connection: close",)) + b"".join(events[: len(events) // 2]))
    else:
        body = json.dumps(_completion(asked.message())).encode()
        writer.write(_head(200, "application/json", (f"Content-Length: {len(body)}",)) + body[: len(body) // 2])
    return False


async def _malformed(asked: Asked, writer: asyncio.StreamWriter) -> bool:
    """Answer with what is no JSON."""
    if asked.streamed:
        writer.write(_head(200, "text/event-stream", ("Connection: close",)) + b'data: {"choices": [{"delta"\n\n')
        return False
    return _whole(writer, 200, b'{"choices": [{"message": {"role": "assis')


async def _wrong_schema(asked: Asked, writer: asyncio.StreamWriter) -> bool:
    """Answer with JSON that is no completion."""
    if asked.streamed:
        writer.write(_head(200, "text/event-stream", ("Connection: close",)) + b'data: {"answers": "none"}\n\n')
        return False
    return _whole(writer, 200, b'{"answers": "none"}')


async def _empty(asked: Asked, writer: asyncio.StreamWriter) -> bool:
    """Answer with nothing said."""
    return _answer(asked, writer, {"role": "assistant", "content": ""})


async def _bad_arguments(asked: Asked, writer: asyncio.StreamWriter) -> bool:
    """Call the tool with arguments that are cut off; where none is to be called, answer right."""
    return _answer(asked, writer, calling('{"item": "nonce-') if asked.counts else asked.message())


FAULTS: Sequence[Fault] = (
    _busy_for_a_moment, _busy, _broken, _overloaded, _reset, _stall, _truncated, _malformed, _wrong_schema, _empty,
    _bad_arguments,
)  # fmt: skip


def _answer(asked: Asked, writer: asyncio.StreamWriter, message: Message) -> bool:
    """Send one answer, in the way that was asked for."""
    if not asked.streamed:
        return _whole(writer, 200, json.dumps(_completion(message)).encode())
    body = b"".join(b"%x\r\n%b\r\n" % (len(event), event) for event in _events(message))
    writer.write(_head(200, "text/event-stream", ("Transfer-Encoding: chunked",)) + body + b"0\r\n\r\n")
    return True


def _completion(message: Message) -> Json:
    """Word a whole completion."""
    finish = "tool_calls" if message.get("tool_calls") else "stop"
    return {"model": "faulty", "choices": [{"message": message, "finish_reason": finish}], "usage": USAGE}


def _events(message: Message) -> list[bytes]:
    """Word the events of a streamed completion."""
    text = message["content"]
    deltas: list[Json] = []
    if isinstance(text, str):
        deltas += [{"content": text[start : start + PIECE]} for start in range(0, len(text), PIECE)]
    calls = cast("list[Json]", message.get("tool_calls", []))
    deltas += [{"tool_calls": [{"index": place, **call}]} for place, call in enumerate(calls)]
    choices: list[Json] = [{"delta": delta, "finish_reason": None} for delta in deltas]
    choices.append({"delta": {}, "finish_reason": "tool_calls" if calls else "stop"})
    events = [json.dumps({"model": "faulty", "choices": [choice]}) for choice in choices]
    events += [json.dumps({"model": "faulty", "choices": [], "usage": USAGE}), "[DONE]"]
    return [f"data: {event}\n\n".encode() for event in events]


def _status(writer: asyncio.StreamWriter, status: int, headers: tuple[str, ...] = ()) -> bool:
    """Send an error as OpenAI words it."""
    return _whole(writer, status, b'{"error": {"message": "on purpose", "code": null}}', headers)


def _whole(writer: asyncio.StreamWriter, status: int, body: bytes, headers: tuple[str, ...] = ()) -> bool:
    """Send an answer whose length is said."""
    writer.write(_head(status, "application/json", (f"Content-Length: {len(body)}", *headers)) + body)
    return True


def _head(status: int, content_type: str, headers: tuple[str, ...]) -> bytes:
    """Write a status line and headers."""
    return "\r\n".join([f"HTTP/1.1 {status} X", f"Content-Type: {content_type}", *headers, "", ""]).encode()


async def _asked(reader: asyncio.StreamReader) -> Asked | None:
    """Read one request; None when the client is gone."""
    head = (await reader.readline()) and (await reader.readuntil(b"\r\n\r\n"))
    if not head:
        return None
    found = re.search(rb"(?i)content-length: *(\d+)", head)
    body = cast("Json", json.loads(await reader.readexactly(int(found[1]) if found else 0)))
    messages = cast("list[Message]", body["messages"])
    text = next((str(message["content"]) for message in reversed(messages) if message["role"] == "user"), "")
    nonces = NONCE.findall(text)
    counted = messages[-1]["role"] == "tool" and COUNTED in str(messages[-1]["content"])
    tools = {tool["function"]["name"] for tool in cast("list[dict[str, dict[str, str]]]", body.get("tools", []))}
    return Asked(
        left=reader.read,
        nonce=nonces[-1] if nonces else "nothing",
        counts="count" in tools and COUNT.search(text) is not None and not counted,
        streamed=body.get("stream") is True,
    )
