"""An inn whose host looks after renewals, and workers on it: ``fleet worker --app motion_worker:opened``, as processes.

All processes of an inn go by one clock, which is set by the file ``now`` of its folder. Workers note in ``noted.txt``
who scanned and who did what. Where there is a file ``die-before`` or ``die-after``, the first that takes it away kills
itself before or after its next commit.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from durable_house import Place
from forked import start
from guesthouse import HOST, write_house

from fleet_runtime import Fleet, Settings
from fleet_runtime.boards import Crew
from fleet_runtime.books import Outcome
from fleet_runtime.runtime.motions import MotionsDue
from fleet_runtime.runtime.ticking import Due, DueSource, Enqueue, scan

PROGRAM: Final = "from fleet_runtime.cli import main; main()"
SECONDS: Final = 0.5
"""How often a worker scans and looks after the others."""

MOTIONS: Final = """
## Motions
- `renewal` (12, 8, 4 days before `renewal_date`) — check the renewal.
- `renewal-plan` (8 days before `renewal_date`) — draft `renewal_plan`.
- `letter` (6 days before `renewal_date`) — draft `email`; approved.
"""


class Inn(Place):
    """A database, the inn on it, its time, and the processes on it."""

    def __init__(self, folder: Path, database: str, now: datetime | None = None) -> None:
        """Open it as it is; or write its files, if it is told what time it is."""
        super().__init__(folder, database)
        self._begun: list[subprocess.Popen[str]] = []
        if now is not None:
            write_house(folder)
            with (folder / "roles" / f"{HOST}.md").open("a", encoding="utf-8") as file:
                file.write(MOTIONS)
            self.set(now)

    def set(self, now: datetime) -> None:
        """Have it be then, for all processes at once; time goes on from there."""
        told = self.folder / "now.new"
        told.write_text((now - datetime.now(UTC)).total_seconds().hex(), encoding="utf-8")
        told.replace(self.folder / "now")

    def now(self) -> datetime:
        """Return what time it is."""
        ahead = float.fromhex((self.folder / "now").read_text(encoding="utf-8"))
        return datetime.now(UTC) + timedelta(seconds=ahead)

    @property
    def settings(self) -> dict[str, Any]:
        """Return the settings of all its processes."""
        return {
            "database": self.database, "engine": "durable", "model": "none", "embeddings": "none", "profile": "inn",
            "roles": str(self.folder / "roles"), "profiles": str(self.folder / "profiles"), "routing": "off",
            "guard": "off", "learning": "rules", "worker_drain_seconds": 2.0, "answer_attempts": 1,
        }  # fmt: skip

    @asynccontextmanager
    async def opened(self) -> AsyncGenerator[Fleet]:
        """Open a gateway on it."""
        async with Fleet.open(settings=Settings.model_validate(self.settings), clock=self.now) as fleet:
            yield fleet

    def program(self, *words: str) -> subprocess.Popen[str]:
        """Begin a call of the program."""
        told = {f"FLEET_{name.upper()}": str(value) for name, value in self.settings.items()}
        environment = {**os.environ, **told, "INN": str(self.folder)}
        self._begun.append(start(PROGRAM, *words, environment=environment, folder=Path(__file__).parent))
        return self._begun[-1]

    def workers(self, *names: str) -> dict[str, subprocess.Popen[str]]:
        """Start workers, and wait until they take work."""
        begun = {name: self.program("worker", "--id", name, "--app", "motion_worker:opened") for name in names}
        for process in begun.values():
            assert process.stdout is not None
            assert "is ready" in process.stdout.readline(), process.communicate(timeout=20)[1]
        return begun

    @contextmanager
    def at_work(self, *names: str) -> Generator[dict[str, subprocess.Popen[str]]]:
        """Have workers for the time of a block; afterwards no process of the inn is left."""
        try:
            yield self.workers(*names)
        finally:
            for process in self._begun:
                with suppress(ProcessLookupError):
                    process.kill()
                process.communicate()

    def flag(self, name: str) -> None:
        """Put up a file that workers look for."""
        (self.folder / name).touch()

    def noted(self, what: str) -> list[tuple[str, str]]:
        """Return which workers did something, and to which account, or up to when."""
        file = self.folder / "noted.txt"
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        words = [line.split(" ", 2) for line in lines]
        return [(name, about) for name, done, about in words if done == what]


class Noted(MotionsDue):
    """The motions of a worker, whose work is noted."""

    async def do(self, due: Due) -> None:
        note("began", due.account)
        await super().do(due)
        note("did", due.account)


async def scanning(crew: Crew, tenant: str, source: DueSource, now: datetime, enqueue: Enqueue) -> int:
    """Scan, and note it."""
    found = await scan(crew, tenant, source, now, enqueue)
    if source.name == Noted.name:
        note("scanned", now.isoformat())
    return found


def note(what: str, about: str) -> None:
    """Write a line that outlives this process, whatever becomes of it."""
    with (Path(os.environ["INN"]) / "noted.txt").open("a", encoding="utf-8") as file:
        file.write(f"{os.environ['FLEET_WORKER_ID']} {what} {about}\n")


def die(name: str) -> None:
    """Kill this process if there is such a file; the first that takes it away dies."""
    with suppress(FileNotFoundError):
        (Path(os.environ["INN"]) / name).unlink()
        os.kill(os.getpid(), signal.SIGKILL)


@asynccontextmanager
async def opened() -> AsyncGenerator[Fleet]:
    """Open the fleet of a worker, which scans often, and dies where it is told to."""
    inn = Inn(Path(os.environ["INN"]), os.environ["FLEET_DATABASE"])
    async with inn.opened() as fleet:
        books = fleet._desk.books
        assert books is not None
        commit = books.commit

        async def committing(outcomes: Sequence[Outcome]) -> tuple[bool, ...]:
            die("die-before")
            told = await commit(outcomes)
            die("die-after")
            return told

        with (
            patch.object(books, "commit", committing),
            patch("fleet_runtime.serving.MotionsDue", Noted),
            patch("fleet_runtime.runtime.working.scan", scanning),
            patch("fleet_runtime.runtime.working.SCAN_SECONDS", SECONDS),
            patch("fleet_runtime.runtime.working.BEAT_SECONDS", SECONDS),
        ):
            yield fleet
