"""Separate hosts on this machine: network namespaces, each on a line of its own to this one, which may be cut.

Needs root and the program ``ip``. A relay lets them reach a Postgres that listens on a Unix socket only.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress

from sqlalchemy import make_url

POSSIBLE = os.geteuid() == 0 and shutil.which("ip") is not None


class Host:
    """A namespace; ``gateway`` is this machine's address on its line."""

    def __init__(self, number: int) -> None:
        self.name = f"fleet-{os.getpid()}-{number}"
        self._line = f"fl{os.getpid() % 100_000}n{number}"
        self._net = f"10.77.{number}"
        self.gateway = f"{self._net}.1"

    def make(self) -> None:
        _ip("netns", "add", self.name)
        _ip("link", "add", self._line, "type", "veth", "peer", "name", "eth0", "netns", self.name)
        _ip("addr", "add", f"{self.gateway}/24", "dev", self._line)
        _ip("link", "set", self._line, "up")
        for command in (("addr", "add", f"{self._net}.2/24", "dev", "eth0"), ("link", "set", "eth0", "up")):
            _ip("-n", self.name, *command)
        _ip("-n", self.name, "link", "set", "lo", "up")

    def cut(self) -> None:
        """Cut its line: nothing comes through, and nobody is told."""
        _ip("link", "set", self._line, "down")

    def join(self) -> None:
        """Mend its line."""
        _ip("link", "set", self._line, "up")

    def start(self, command: Sequence[str], environment: dict[str, str]) -> subprocess.Popen[str]:
        """Start a program there."""
        return subprocess.Popen(
            ["ip", "netns", "exec", self.name, *command],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    def remove(self) -> None:
        with suppress(subprocess.CalledProcessError):
            _ip("netns", "del", self.name)


def _ip(*command: str) -> None:
    subprocess.run(["ip", *command], check=True, capture_output=True)


@contextmanager
def hosts(count: int) -> Iterator[list[Host]]:
    """Give so many hosts."""
    with ExitStack() as stack:
        made = [Host(number) for number in range(1, count + 1)]
        for host in made:
            stack.callback(host.remove)
            host.make()
        yield made


@contextmanager
def reachable(url: str) -> Iterator[int]:
    """Relay a Postgres of a Unix socket to a port of every address of this machine, and give the port."""
    parts = make_url(url)
    place = f"{parts.query['host']}/.s.PGSQL.{parts.port or 5432}"
    server = socket.create_server(("", 0))
    ends: list[socket.socket] = [server]

    def carry(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def serve() -> None:
        with suppress(OSError):
            while True:
                caller, _ = server.accept()
                called = socket.socket(socket.AF_UNIX)
                called.connect(place)
                ends.extend((caller, called))
                for pair in ((caller, called), (called, caller)):
                    threading.Thread(target=carry, args=pair, daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield server.getsockname()[1]
    finally:
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
        for end in ends:
            end.close()
