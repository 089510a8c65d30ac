"""A chat completions endpoint on loopback that answers at once, for what is measured of the client beside it.

It runs as a process of its own (`running`), so that only the client's CPU is counted there. The model's name says what
it does: a name with ``tool`` or ``hand`` calls the tool of `CALLS` first and answers once its result is there.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

ANSWER = "Thank you, I have it on record. I will come back to you as soon as I know more."
QUESTION = "When does the last ferry leave the north pier, and where do I buy a ticket?"
CALLS: dict[str, tuple[str, dict[str, str]]] = {
    "tool": ("weather", {"city": "Paris"}),
    "hand": ("hand_off", {"to": "fares-clerk", "why": "It is about a fare.", "asked": QUESTION}),
}
USAGE = {"prompt_tokens": 640, "completion_tokens": 20, "total_tokens": 660}


def answer(body: dict[str, object]) -> dict[str, object]:
    """Return the completion that a request gets."""
    model, messages = str(body["model"]), cast("list[dict[str, object]]", body["messages"])
    call = next((call for name, call in CALLS.items() if name in model), None)
    if call is None or messages[-1]["role"] == "tool":
        return _completion(model, {"role": "assistant", "content": ANSWER}, "stop")
    function = {"name": call[0], "arguments": json.dumps(call[1])}
    wish = {"id": "call_1", "type": "function", "function": function}
    return _completion(model, {"role": "assistant", "content": None, "tool_calls": [wish]}, "tool_calls")


def _completion(model: str, message: dict[str, object], reason: str) -> dict[str, object]:
    """Wrap one message as endpoints do."""
    choice = {"index": 0, "message": message, "finish_reason": reason}
    return {
        "id": "stub", "object": "chat.completion", "created": 0, "model": model, "choices": [choice], "usage": USAGE,
    }  # fmt: skip


async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer the requests of one connection in turn, until it is closed."""
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            length = int(head.split("content-length:", 1)[1].split("\r\n", 1)[0])
            body = json.dumps(answer(json.loads(await reader.readexactly(length)))).encode()
            writer.write(
                b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body) + body
            )
    except (asyncio.IncompleteReadError, ConnectionError):
        pass  # the client is done
    finally:
        writer.close()


async def serve() -> None:
    """Serve on a free port, and print the base URL."""
    server = await asyncio.start_server(converse, "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
    await server.serve_forever()


@contextmanager
def running() -> Iterator[str]:
    """Run the endpoint in a process of its own for the time of a block; the value is its base URL."""
    with subprocess.Popen([sys.executable, __file__], stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout.readline().strip() if process.stdout else ""
        finally:
            process.kill()


if __name__ == "__main__":
    asyncio.run(serve())
