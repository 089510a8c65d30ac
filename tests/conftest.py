"""What every test stands on: no network but loopback, a home of its own, a told clock, told ids.

Tests marked ``e2e`` keep the machine's cache and network: they fetch the embedded model's weights.
Warnings are errors (pyproject.toml). Nothing here knows what a test is about.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants
from told import ToldClock

pytest_plugins = ["postgres"]

# How long an example takes depends on what else the machine does. Every run tries the same examples, so that a red one
# is red for everybody; `make explore` looks for new ones (tests/support/exploring.py says how many).
settings.register_profile("house", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, derandomize=False, max_examples=1000, print_blob=True)
settings.load_profile("house")

LOOPBACK = ("127.0.0.1", "::1", "localhost", "0.0.0.0")  # noqa: S104 - compared with, not bound to
TOLD_NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)


@pytest.hookimpl(trylast=True)  # by then the command line's profile is loaded
def pytest_configure() -> None:
    """Let the usual examples not hang on what ran before: Hypothesis mixes in constants of whatever is loaded by then.

    There is no setting for it. To read the constants of all modules also takes each worker seconds.
    """
    if settings.get_current_profile_name() == "house":
        providers._get_local_constants = Constants


class NetworkUsed(AssertionError):
    """A test reached for something beyond this machine."""


def _is_local(address: object) -> bool:
    """Tell whether an address lies on this machine."""
    return not isinstance(address, tuple) or str(address[0]) in LOOPBACK


@pytest.fixture(autouse=True)
def at_home(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give the test an empty home and environment, and refuse every connection beyond loopback."""
    if request.node.get_closest_marker("e2e"):
        yield
        return
    for name in list(os.environ):
        if name.startswith(("FLEET_", "OPENAI_")):
            monkeypatch.delenv(name)
    home = tmp_path.with_name(f"{tmp_path.name}-home")
    for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(home / name.lower()))
    monkeypatch.setenv("FLEET_EMBEDDINGS", "none")  # a test that wants vectors says so
    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, _only_local(getattr(socket.socket, name)))
    monkeypatch.setattr(socket, "getaddrinfo", _only_local_names(socket.getaddrinfo))
    yield


def _only_local(method: Callable[..., Any]) -> Callable[..., Any]:
    """Let a method of a socket pass for addresses of this machine."""

    def guarded(sock: socket.socket, *given: Any) -> Any:
        if sock.family != socket.AF_UNIX and not _is_local(given[-1]):
            raise NetworkUsed(f"a test reached for {given[-1]!r}")
        return method(sock, *given)

    return guarded


def _only_local_names(resolve: Callable[..., Any]) -> Callable[..., Any]:
    """Let only names of this machine be looked up."""

    def guarded(host: Any, *given: Any, **named: Any) -> Any:
        if host is not None and (host.decode() if isinstance(host, bytes) else host) not in LOOPBACK:
            raise NetworkUsed(f"a test looked up {host!r}")
        return resolve(host, *given, **named)

    return guarded


@pytest.fixture
def anyio_backend() -> str:
    """Run asynchronous tests on asyncio, which is what the doors use."""
    return "asyncio"


@pytest.fixture
def clock() -> ToldClock:
    """Give a clock that moves when it is told to."""
    return ToldClock(TOLD_NOW)


@pytest.fixture
def new_id() -> Callable[[], str]:
    """Give ids that sort by when they were made: id-0001, id-0002, …"""
    numbers = count(1)
    return lambda: f"id-{next(numbers):04d}"
