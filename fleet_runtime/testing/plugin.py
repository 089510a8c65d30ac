"""A pytest plugin that keeps tests offline: whoever connects beyond this machine fails, and is told where to.

Switch it on with ``-p fleet_runtime.testing.plugin`` or ``pytest_plugins = ["fleet_runtime.testing.plugin"]`` in the
top ``conftest.py``. Loopback and unix sockets are fine; ``@pytest.mark.network`` lets one test out. It watches Python's
``socket``: what a library connects by itself in C is not seen.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Generator
from ipaddress import ip_address
from typing import TypeVar

import pytest

Address = tuple[object, ...] | str | bytes

MARK = "network"
LOCAL_NAMES = ("", "localhost", "localhost.localdomain", "ip6-localhost")

_T = TypeVar("_T")


class NetworkForbidden(AssertionError):
    """A test went beyond this machine. No ``OSError``: code that copes with a failing network does not cope with it."""


def pytest_configure(config: pytest.Config) -> None:
    """Declare the mark and begin to watch."""
    config.addinivalue_line("markers", f"{MARK}: may connect beyond this machine")
    config.pluginmanager.register(NetworkGuard(), "fleet-network-guard")


class NetworkGuard:
    """Stands before ``connect`` and name resolution while a test's setup, call and teardown run."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, object, object]:
        """Watch the fixtures as they are made."""
        return (yield from _watched(item))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        """Watch the test."""
        return (yield from _watched(item))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, object, object]:
        """Watch the fixtures as they end."""
        return (yield from _watched(item))


def _watched(item: pytest.Item) -> Generator[None, object, object]:
    """Run a phase of a test; one that went out fails even if its error was swallowed."""
    if item.get_closest_marker(MARK):
        return (yield)
    attempts: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        _guard(patch, attempts)
        result = yield
    if attempts:
        raise _forbidden(attempts[0])
    return result


def _guard(patch: pytest.MonkeyPatch, attempts: list[str]) -> None:
    """Put checks before what leads out, and note each attempt."""

    def check(host: object, what: str) -> None:
        if not is_local(host):
            attempts.append(what)
            raise _forbidden(what)

    def connecting(original: Callable[[socket.socket, Address], _T]) -> Callable[[socket.socket, Address], _T]:
        def connect(self: socket.socket, address: Address) -> _T:
            if self.family in (socket.AF_INET, socket.AF_INET6) and isinstance(address, tuple):
                check(address[0], f"a connection to {address[0]}:{address[1]}")
            return original(self, address)

        return connect

    resolve = socket.getaddrinfo

    def getaddrinfo(host: bytes | str | None, *more: object, **named: object) -> object:
        check(host, f"a look-up of {host!r}")
        return resolve(host, *more, **named)  # type: ignore[arg-type] # passed on as it came

    patch.setattr(socket.socket, "connect", connecting(socket.socket.connect))
    patch.setattr(socket.socket, "connect_ex", connecting(socket.socket.connect_ex))
    patch.setattr(socket, "getaddrinfo", getaddrinfo)


def is_local(host: object) -> bool:
    """Say whether a host is this machine: by its usual names, or an address of the loopback."""
    if host is None:
        return True
    name = (host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)).lower().rstrip(".")
    if name in LOCAL_NAMES:
        return True
    try:
        address = ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _forbidden(what: str) -> NetworkForbidden:
    """Word the failure."""
    return NetworkForbidden(
        f"the test asked for {what}, and tests stay on this machine: use a double of fleet_runtime.testing, "
        f"or mark the test with @pytest.mark.{MARK}"
    )
