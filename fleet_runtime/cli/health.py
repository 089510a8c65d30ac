"""A small HTTP endpoint that tells probes how a worker fares. Tells nothing of customers, and takes no orders.

It runs on a thread of its own, so that it can say that the event loop does not answer. Only while the block of
`health_endpoint` lasts is anything listened to.
"""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Awaitable, Callable, Generator
from concurrent.futures import TimeoutError as LateError
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

from fleet_runtime.errors import SettingError

ANSWER_SECONDS = 2.0
"""How long the event loop, and the store behind it, may take to answer."""


class Place(NamedTuple):
    """Where to listen; port 0 is any that is free."""

    host: str
    port: int


class Health(NamedTuple):
    """What probes are told: whether a worker is ready, and why not. ``why_not`` runs on the event loop."""

    loop: asyncio.AbstractEventLoop
    why_not: Callable[[], Awaitable[str]]

    def live(self) -> str:
        """Say why the process is not alive; empty if it is."""
        return self._ask(_nothing, "the event loop does not answer")

    def ready(self) -> str:
        """Say why the worker takes no turns; empty if it does."""
        return self._ask(self.why_not, "the event loop or the store does not answer")

    def _ask(self, question: Callable[[], Awaitable[str]], late: str) -> str:
        """Have a question answered on the event loop, within bounds."""

        async def asked() -> str:
            return await question()

        asking = asyncio.run_coroutine_threadsafe(asked(), self.loop)
        try:
            return asking.result(ANSWER_SECONDS)
        except LateError:
            asking.cancel()
            return f"{late} within {ANSWER_SECONDS:g} s"


def place(text: str) -> Place:
    """Read ``HOST:PORT``; an IPv6 host stands in brackets.

    Raises: ValueError, which the command line turns into a usage error.
    """
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdecimal() or int(port) > 65535:  # noqa: PLR2004 - the last port
        raise ValueError(text)
    return Place(host.removeprefix("[").removesuffix("]"), int(port))


@contextmanager
def health_endpoint(where: Place, health: Health) -> Generator[Place]:
    """Answer ``GET /live`` and ``GET /ready`` for the time of the block; gives where it listens.

    Raises: SettingError if it cannot listen there.
    """

    class Handler(_Handler):
        told = health

    class Server(ThreadingHTTPServer):
        address_family = socket.AF_INET6 if ":" in where.host else socket.AF_INET
        daemon_threads = True

    try:
        server = Server(where, Handler)
    except OSError as error:
        raise SettingError(
            f"--health: cannot listen at {where.host}:{where.port}: {error.strerror or error}",
            hint="name an address of this machine and a free port",
        ) from error
    thread = threading.Thread(target=server.serve_forever, name="fleet-health", daemon=True)
    thread.start()
    try:
        yield Place(where.host, int(server.server_address[1]))
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    """Answers one probe."""

    told: Health
    timeout = 5.0  # a probe that says nothing holds a thread no longer

    def do_GET(self) -> None:
        """Answer 200 or 503 with the reason; 404 for anything else than the two paths."""
        match self.path.partition("?")[0]:
            case "/live":
                self._answer("live", self.told.live())
            case "/ready":
                self._answer("ready", self.told.ready())
            case _:
                self._send(HTTPStatus.NOT_FOUND, {"error": "ask for /live or /ready"})

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Log nothing: a probe comes every few seconds."""

    def _answer(self, what: str, why_not: str) -> None:
        """Say yes, or no and why."""
        body: dict[str, object] = {what: not why_not}
        if why_not:
            body["why"] = why_not
        self._send(HTTPStatus.SERVICE_UNAVAILABLE if why_not else HTTPStatus.OK, body)

    def _send(self, status: HTTPStatus, body: dict[str, object]) -> None:
        """Send a JSON body."""
        sent = json.dumps(body).encode() + b"\n"
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(sent)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(sent)


async def _nothing() -> str:
    """Say that all is well: whoever says so, lives."""
    return ""
