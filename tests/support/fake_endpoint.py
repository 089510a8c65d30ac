"""A small real HTTP server on loopback that answers chat completions as it is told, well or badly.

Each request takes the next answer of the script; the requests are kept. It understands no prompt.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]
USAGE = {"prompt_tokens": 20, "completion_tokens": 4, "prompt_tokens_details": {"cached_tokens": 15}}


@dataclass
class Asked:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: dict[str, object]


@dataclass
class FakeEndpoint:
    """The running server: where it is, what it will answer, what it was asked."""

    base_url: str = ""
    answers: deque[Answer] = field(default_factory=deque[Answer])
    asked: list[Asked] = field(default_factory=list[Asked])

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection's one request."""
        try:
            asked = await _request(reader)
            if asked is not None:
                self.asked.append(asked)
                await self.answers.popleft()(writer)
                await writer.drain()
        except ConnectionError:
            pass  # the client went away, which some answers provoke
        finally:
            writer.close()


@asynccontextmanager
async def fake_endpoint(*answers: Answer) -> AsyncGenerator[FakeEndpoint]:
    """Run the server for the block's time with a script of answers."""
    endpoint = FakeEndpoint(answers=deque(answers))
    server = await asyncio.start_server(endpoint.serve, "127.0.0.1", 0)
    port: int = server.sockets[0].getsockname()[1]
    endpoint.base_url = f"http://127.0.0.1:{port}/v1"
    try:
        yield endpoint
    finally:
        server.close()


def completion(text: str | None, *, finish: str = "stop", logprobs: Mapping[str, object] | None = None) -> Answer:
    """Answer with one whole completion."""
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": finish, "logprobs": logprobs}
    return as_json({"id": "c", "object": "chat.completion", "model": "fake-1", "choices": [choice], "usage": USAGE})


def calling(*calls: Mapping[str, object], text: str | None = None, finish: str = "tool_calls") -> Answer:
    """Answer with one whole completion that calls tools; ``calls`` are as they stand on the wire."""
    choice = {"message": {"role": "assistant", "content": text, "tool_calls": calls}, "finish_reason": finish}
    return as_json({"id": "c", "model": "fake-1", "choices": [choice], "usage": USAGE})


def tool_call(call_id: str | None, name: str | None, arguments: object, **more: object) -> dict[str, object]:
    """Word a tool call, or a piece of one."""
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}, **more}


def chances(*places: tuple[str, Mapping[str, float] | None]) -> dict[str, object]:
    """Word an answer's tokens, each with the chances of what was likely there (None: no such list), as OpenAI does."""
    content = [
        {
            "token": token,
            "logprob": -0.5,
            "bytes": None,
            "top_logprobs": None
            if likely is None
            else [{"token": one, "logprob": math.log(chance)} for one, chance in likely.items()],
        }
        for token, likely in places
    ]
    return {"content": content, "refusal": None}


def as_json(body: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """Answer with a JSON body."""
    return raw(json.dumps(body).encode(), status=status, headers=headers)


def refusal(
    status: int,
    message: str = "no",
    *,
    code: str | None = None,
    param: str | None = None,
    retry_after: str | None = None,
) -> Answer:
    """Answer with an error as OpenAI words it."""
    headers = {"Retry-After": retry_after} if retry_after is not None else None
    return as_json({"error": {"message": message, "code": code, "param": param}}, status=status, headers=headers)


def raw(body: bytes, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """Answer with these bytes, said to be JSON."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(_head(status, {"Content-Type": "application/json", "Content-Length": str(len(body))}, headers))
        writer.write(body)

    return answer


def reset() -> Answer:
    """Break the connection off without a word."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    return answer


def stall() -> Answer:
    """Keep silent until the client gives up."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        await asyncio.wait_for(writer.wait_closed(), 5)

    return answer


def streamed(
    *pieces: str,
    finish: str | None = "stop",
    then: Answer | None = None,
    likely: Mapping[str, float] | None = None,
    pause: float = 0.0,
) -> Answer:
    """Answer with server-sent events: the pieces, then the finish, the usage and ``[DONE]``.

    With ``finish`` None the stream ends after the pieces; ``then`` goes on in another way. Each piece comes with
    the chances ``likely``, if there are any, and is followed by a ``pause`` (seconds).
    """

    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(_head(200, {"Content-Type": "text/event-stream"}, None))
        for piece in pieces:
            logprobs = chances((piece, likely)) if likely else None
            writer.write(event({"delta": {"content": piece}, "finish_reason": None, "logprobs": logprobs}))
            await writer.drain()
            await asyncio.sleep(pause)
        if then is not None:
            await then(writer)
        elif finish is not None:
            writer.write(event({"delta": {}, "finish_reason": finish}))
            writer.write(f"data: {json.dumps({'model': 'fake-1', 'choices': [], 'usage': USAGE})}\n\n".encode())
            writer.write(b"data: [DONE]\n\n")

    return answer


def late(seconds: float, answer: Answer) -> Answer:
    """Answer after so long."""

    async def waited(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(seconds)
        await answer(writer)

    return waited


def in_bytes(*parts: bytes, pause: float = 0.0) -> Answer:
    """Answer with server-sent events in these very bytes, part by part, with a pause (seconds) after each."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(_head(200, {"Content-Type": "text/event-stream"}, None))
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)

    return answer


def deltas(*pieces: Mapping[str, object], finish: str = "tool_calls") -> bytes:
    """Word a stream of deltas with its finish, its usage and its end."""
    events = [event({"delta": piece, "finish_reason": None}) for piece in pieces]
    last = f"data: {json.dumps({'model': 'fake-1', 'choices': [], 'usage': USAGE})}\n\ndata: [DONE]\n\n"
    return b"".join([*events, event({"delta": {}, "finish_reason": finish}), last.encode()])


def garbage_event() -> Answer:
    """Send an event that is no JSON."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(b"data: {\n\n")

    return answer


async def _request(reader: asyncio.StreamReader) -> Asked | None:
    """Read one HTTP request; None from a client that only knocked."""
    first = (await reader.readline()).decode()
    if not first:
        return None
    method, path, _ = first.split(" ")
    headers: dict[str, str] = {}
    while line := (await reader.readline()).decode().strip():
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Asked(method, path, headers, json.loads(body) if body else {})


def _head(status: int, headers: Mapping[str, str], more: Mapping[str, str] | None) -> bytes:
    """Write a status line and headers; every answer closes its connection."""
    lines = [f"HTTP/1.1 {status} Status", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in {**headers, **(more or {})}.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def event(choice: Mapping[str, object]) -> bytes:
    """Write one chunk as a server-sent event."""
    return f"data: {json.dumps({'model': 'fake-1', 'choices': [{'index': 0, **choice}]})}\n\n".encode()
