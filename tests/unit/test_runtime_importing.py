"""Files brought on a real account's record: twice is once, an interrupted import goes on, an export comes back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from booked import a_whole_book
from open_fleets import open_fleet, state_of

from fleet_runtime.books import AccountBook, Kept
from fleet_runtime.errors import FenceLost, MessageError
from fleet_runtime.records import AccountChange, AccountState, Event, Learned
from fleet_runtime.runtime import importing
from fleet_runtime.runtime.account_memory import AccountMemory
from fleet_runtime.runtime.exporting import export_file, exported
from fleet_runtime.runtime.importing import import_file

pytestmark = pytest.mark.anyio
NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)


def line(number: int, **more: object) -> str:
    return json.dumps(
        {"id": f"e{number}", "at": f"2026-01-{number:02}", "author": "Dana", "text": f"{number} seats."} | more
    )


def write(file: Path, *lines: str) -> Path:
    file.write_text("".join(f"{one}\n" for one in lines), encoding="utf-8")
    return file


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


class Watched:
    """An account's memory that breaks off before a given batch, or loses its fence once."""

    def __init__(self, memory: AccountMemory, *, breaks_at: int = 0, loses_fence: bool = False) -> None:
        self._memory = memory
        self._breaks_at = breaks_at
        self._loses_fence = loses_fence
        self.batches: list[int] = []

    async def record_many(self, events: Iterable[Event]) -> Learned:
        given = list(events)
        self.batches.append(len(given))
        if len(self.batches) == self._breaks_at:
            raise ConnectionAbortedError("the power went")
        return await self._memory.record_many(given)

    async def rows(self) -> AccountState:
        return await self._memory.rows()

    async def book_rows(self) -> AccountBook:
        return await self._memory.book_rows()

    async def put_back(self, book: AccountBook) -> Kept:
        return await self._memory.put_back(book)

    async def put(self, change: AccountChange) -> int:
        if self._loses_fence:
            self._loses_fence = False
            await self._memory.record(Event(id="x", at=NOW, kind="note", author="Bob", text="Hello."))
            raise FenceLost("somebody else was quicker", hint="again")
        return await self._memory.put(change)


async def test_importing_twice_is_importing_once_and_a_grown_file_adds(tmp_path: Path) -> None:
    file = write(tmp_path / "a.jsonl", line(1), line(2), line(2), "nope", line(3, operations=[]))
    heard: list[tuple[int, int]] = []
    async with open_fleet() as fleet:
        memory = fleet.memory("acme")
        first = await import_file(memory, file, now=NOW, told=lambda done, total: heard.append((done, total)))
        assert (first.read, first.new, first.known, first.rejected) == (4, 3, 1, 1)
        assert [reject.line for reject in first.rejects] == [4]
        assert heard[-1] == (file.stat().st_size, file.stat().st_size)
        before = await state_of(fleet)
        again = await import_file(memory, file, now=NOW)
        assert (again.read, again.new, again.known) == (4, 0, 4)
        assert await state_of(fleet) == before
        write(file, line(1), line(2), line(4))
        assert (await import_file(memory, file, now=NOW)).new == 1
        assert [event.id for event in await memory.events()] == ["e1", "e2", "e3", "e4"]


async def test_a_dry_run_counts_and_records_nothing(tmp_path: Path) -> None:
    file = write(tmp_path / "a.jsonl", line(1), line(1), line(2))
    async with open_fleet() as fleet:
        memory = fleet.memory("acme")
        found = await import_file(memory, file, now=NOW, dry_run=True)
        assert (found.read, found.new, found.known) == (3, 2, 1)
        assert await memory.events() == ()


async def test_an_interrupted_import_goes_on_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "BATCH", 2)
    file = write(tmp_path / "a.jsonl", *map(line, range(1, 8)))
    async with open_fleet() as fleet:
        memory = fleet.memory("acme")
        broken = Watched(memory, breaks_at=3)
        with pytest.raises(MessageError) as caught:
            await import_file(broken, file, now=NOW)
        assert isinstance(caught.value.__cause__, ConnectionAbortedError)
        assert len(await memory.events()) == 4
        going_on = Watched(memory)
        found = await import_file(going_on, file, now=NOW)
        assert (found.new, found.known, going_on.batches) == (3, 4, [2, 1])
        assert len(await memory.events()) == 7


async def test_an_event_that_is_refused_is_rejected_alone(tmp_path: Path) -> None:
    wrong = line(3, operations=[{"op": "set", "value": "40"}])
    file = write(tmp_path / "a.jsonl", line(1), line(2), wrong, line(4))
    async with open_fleet() as fleet:
        memory = fleet.memory("acme")
        found = await import_file(memory, file, now=NOW)
        assert (found.new, found.rejected) == (3, 1)
        assert found.rejects[0].line == 3
        assert [event.id for event in await memory.events()] == ["e1", "e2", "e4"]


async def test_only_the_first_rejects_are_kept_and_all_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "REJECTS_KEPT", 2)
    file = write(tmp_path / "a.jsonl", "a", "b", "c", line(1))
    async with open_fleet() as fleet:
        found = await import_file(fleet.memory("acme"), file, now=NOW)
    assert (found.rejected, len(found.rejects), found.new) == (3, 2, 1)


async def test_what_the_caller_knows_is_used(tmp_path: Path) -> None:
    file = write(tmp_path / "call.txt", "Dana: We have 40 seats.", "03/04/2026", "Dana: 55 seats.")
    async with open_fleet() as fleet:
        memory = fleet.memory("acme")
        day = datetime(2026, 3, 1, tzinfo=UTC)
        found = await import_file(memory, file, now=NOW, at=day, author="Bob", dates="day-first")
        assert found.rejects == ()
        assert [f"{event.at:%m-%d}" for event in await memory.events()] == ["03-01", "04-03"]
        assert (await import_file(memory, file, now=NOW, format="csv", at=day)).rejected == 1


async def test_a_file_that_cannot_be_read_is_an_error_and_an_empty_one_a_reject(tmp_path: Path) -> None:
    async with open_fleet() as fleet:
        memory = fleet.memory("acme")
        for path in (tmp_path / "none", tmp_path, tmp_path / "nul\x00"):
            with pytest.raises(MessageError):
                await import_file(memory, path, now=NOW)
            with pytest.raises(MessageError):
                await export_file(memory, path / "x" if path != tmp_path else path, lambda: NOW)
        empty = await import_file(memory, write(tmp_path / "empty.csv"), now=NOW)
    assert (empty.read, empty.rejected) == (0, 1)
    assert names_in(tmp_path) == ["empty.csv"]


async def test_an_export_gives_another_account_the_same_memory(tmp_path: Path) -> None:
    file, copy = tmp_path / "acme.jsonl", tmp_path / "beta.jsonl"
    async with open_fleet() as fleet:
        memory, other = fleet.memory("acme"), fleet.memory("beta")
        agent = await fleet.spawn("customer-success-manager", account="acme")
        await agent.ask("We have 40 seats. I will send you the plan by 12 March 2027.", speaker="Dana Whitfield")
        await memory.record(
            {"id": "e1", "at": "2027-02-01", "kind": "call", "author": "Dana Whitfield", "text": "We have 55 seats."}
        )
        await memory.consolidate()
        count = await export_file(memory, file, lambda: NOW)
        assert count == len(file.read_text(encoding="utf-8").splitlines()) > 4
        trial = await import_file(other, file, now=NOW, dry_run=True)
        assert (trial.new > 0, await other.events()) == (True, ())
        found = await import_file(Watched(other, loses_fence=True), file, now=NOW)
        assert (found.new, found.rejects) == (trial.new, ())
        assert [event for event in await other.events() if event.id != "x"] == list(await memory.events())
        assert await other.facts() == await memory.facts()
        assert await other.history("seats") == await memory.history("seats")
        assert await other.commitments(open=False) == await memory.commitments(open=False)
        assert (await import_file(other, file, now=NOW)).new == 0
        third = fleet.memory("gamma")
        await import_file(third, file, now=NOW)
        assert (await third.brief()).sections == (await memory.brief()).sections
        await export_file(third, copy, lambda: NOW)
        kept = [one for one in file.read_text(encoding="utf-8").splitlines()[1:] if '"row":"turn"' not in one]
        assert copy.read_text(encoding="utf-8").splitlines()[1:] == kept
        assert list(await exported(third, lambda: NOW)) == copy.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("kept", [True, False])
async def test_an_export_takes_the_book_along_and_brings_it_back(tmp_path: Path, *, kept: bool) -> None:
    file, copy = tmp_path / "acme.jsonl", tmp_path / "beta.jsonl"
    async with open_fleet(database=tmp_path / "fleet.db" if kept else None) as fleet:
        memory, other = fleet.memory("acme"), fleet.memory("beta")
        await memory.record({"id": "e1", "at": "2027-02-01", "kind": "call", "author": "Dana", "text": "55 seats."})
        whole = a_whole_book((await memory.rows()).key)
        await memory.put_back(whole)
        stored = await memory.book_rows()
        assert stored._replace(version=0) == whole
        await export_file(memory, file, lambda: NOW)
        trial = await import_file(other, file, now=NOW, dry_run=True)
        assert (trial.new > 13, (await other.book_rows()).version) == (True, 0)
        for expected in (trial.new, 0):
            found = await import_file(Watched(other, loses_fence=expected > 0), file, now=NOW)
            assert (found.new, found.read, found.rejects) == (expected, trial.new, ())
        came = await other.book_rows()
        assert came._replace(key=whole.key, version=0) == whole
        await export_file(other, copy, lambda: NOW)
        lines = [set(path.read_text(encoding="utf-8").splitlines()[1:]) for path in (file, copy)]
        assert lines[0] < lines[1]  # the other one heard something between
        with pytest.raises(MessageError, match="another account"):
            await other.put_back(whole)
        assert (await other.erase()).counts["week"] == 3
        assert await memory.book_rows() == stored


async def test_an_import_that_broke_off_before_the_book_is_completed(tmp_path: Path) -> None:
    class Broken(Watched):
        async def put_back(self, book: AccountBook) -> Kept:
            raise ConnectionAbortedError(f"the power went before {len(book.runs)} runs were written")

    file = tmp_path / "acme.jsonl"
    async with open_fleet() as fleet:
        memory, other = fleet.memory("acme"), fleet.memory("beta")
        await memory.record({"id": "e1", "at": "2027-02-01", "kind": "call", "author": "Dana", "text": "55 seats."})
        await memory.put_back(a_whole_book((await memory.rows()).key))
        await export_file(memory, file, lambda: NOW)
        with pytest.raises(MessageError, match="repeat the import"):
            await import_file(Broken(other), file, now=NOW)
        assert ((await other.events())[0].id, (await other.book_rows()).version) == ("e1", 0)
        assert (await import_file(other, file, now=NOW)).new == 13
        assert (await other.book_rows()).runs == (await memory.book_rows()).runs
