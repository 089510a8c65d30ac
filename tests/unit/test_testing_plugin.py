"""The plugin that keeps tests offline, in a pytest of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from fleet_runtime.testing.plugin import is_local

TESTS = """
import asyncio, socket, threading
import pytest

OUTSIDE = "192.0.2.1"  # an address that is set apart for documentation

def test_outside_fails():
    socket.create_connection((OUTSIDE, 80), timeout=0.1)

def test_swallowed_fails():
    try:
        socket.socket().connect_ex((OUTSIDE, 80))
    except BaseException:
        pass

def test_name_fails():
    socket.getaddrinfo("example.com", 443)

def test_asyncio_fails():
    async def work():
        await asyncio.open_connection("example.com", 443)
    asyncio.run(work())

def test_thread_fails():
    def work():
        try:
            socket.create_connection((OUTSIDE, 80), timeout=0.1)
        except AssertionError:
            pass
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

@pytest.fixture
def outside():
    socket.create_connection((OUTSIDE, 80), timeout=0.1)

def test_fixture_errors(outside):
    pass

def test_loopback_passes():
    async def work():
        server = await asyncio.start_server(lambda reader, writer: writer.close(), "localhost", 0)
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert await reader.read() == b""
        writer.close()
        server.close()
    asyncio.run(work())

def test_unix_passes(tmp_path):
    path = str(tmp_path / "s")
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen()
    client = socket.socket(socket.AF_UNIX)
    client.connect(path)
    client.close()
    server.close()

@pytest.mark.network
def test_marked_passes(monkeypatch):
    assert socket.getaddrinfo("127.0.0.1", 80)
    assert socket.getaddrinfo.__module__ == "socket"
"""


def test_who_goes_beyond_this_machine_fails_and_is_told_where(tmp_path: Path) -> None:
    (tmp_path / "test_them.py").write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-p", "fleet_runtime.testing.plugin", "--strict-markers", "-rA", "-q"]
    run = subprocess.run(
        [*command, "-p", "no:cacheprovider", str(tmp_path)],
        cwd=tmp_path,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    told = re.findall(r"^(PASSED|FAILED|ERROR) test_them\.py::test_\w+_(passes|fails|errors)", run.stdout, re.MULTILINE)
    assert len(told) == 9, run.stdout + run.stderr
    assert set(told) == {("PASSED", "passes"), ("FAILED", "fails"), ("ERROR", "errors")}, run.stdout
    assert "a connection to 192.0.2.1:80" in run.stdout
    assert "a look-up of 'example.com'" in run.stdout
    assert "@pytest.mark.network" in run.stdout


@pytest.mark.parametrize(
    ("host", "local"),
    [
        (None, True),
        ("", True),
        ("localhost", True),
        ("LOCALHOST.", True),
        (b"localhost", True),
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("::1%lo", True),
        ("0.0.0.0", True),  # noqa: S104 - told apart, not bound to
        ("example.com", False),
        ("10.0.0.1", False),
        ("192.0.2.1", False),
        ("2001:db8::1", False),
        ("localhost.example.com", False),
    ],
)
def test_what_is_this_machine(host: object, local: bool) -> None:  # noqa: FBT001 - a parameter
    assert is_local(host) is local
