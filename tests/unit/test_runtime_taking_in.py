"""Files of signals brought into a real fleet's book: notes and the CRM are remembered, twice is once, all goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from open_fleets import open_fleet
from signal_files import NOVEMBER, TwoThemes

from fleet_runtime import Fleet
from fleet_runtime.books import AccountBook, Books, Kept
from fleet_runtime.errors import MessageError, SettingError
from fleet_runtime.ports import Vector
from fleet_runtime.records import AccountKey
from fleet_runtime.records.book import Signals, Week
from fleet_runtime.runtime.desk import Desk
from fleet_runtime.runtime.intake_tally import SignalsImported
from fleet_runtime.runtime.taking_in import import_signals, known_signals, put_signals

pytestmark = pytest.mark.anyio

ACCOUNTS = (
    "account_id,company,arr_eur,seats,renewal_date,csm,go_live_date,champion,exec_sponsor\n"
    "a1,Acme,48000,50,2026-12-01,Ann Lee,2024-01-01,Bo Ek,Cy Dee\n"
    "b1,Bee,1200.5,5,2027-01-01,,,,\n"
)
WEEKLY = (
    "account_id,week_start,active_users,event\n"
    "a1,2026-01-05,40,\na1,2026-01-12,38,Champion Bo is leaving.\n"
    "b1,2026-01-05,4,The price came up.\nc1,2026-01-05,9,\n"
)
INVOICES = "account_id,number,issued,due,paid,amount\na1,R1,2026-01-02,2026-02-01,2026-03-01,100\n"


class Clock:
    """A clock that is moved."""

    def __init__(self) -> None:
        self.now = NOVEMBER

    def __call__(self) -> datetime:
        return self.now


class Breaking:
    """Books that break off before a given account is stored."""

    def __init__(self, books: Books, breaks_at: int) -> None:
        self._books = books
        self._left = breaks_at

    async def books(self, tenant: str, accounts: Sequence[str]) -> list[AccountBook]:
        return await self._books.books(tenant, accounts)

    async def put_signals(self, key: AccountKey, signals: Signals) -> Kept:
        self._left -= 1
        if self._left < 0:
            raise ConnectionAbortedError("the power went")
        return await self._books.put_signals(key, signals)


class Lengths:
    """An encoder whose vectors tell the length of a text."""

    name = "lengths"

    def __init__(self) -> None:
        self.batches: list[int] = []

    async def embed(self, texts: Sequence[str]) -> list[Vector]:
        self.batches.append(len(texts))
        return [(float(len(text)),) for text in texts]


def desk_of(fleet: Fleet) -> tuple[Desk, Books]:
    desk = fleet._desk
    assert desk.books is not None
    return desk, desk.books


def files(folder: Path, **texts: str) -> list[Path]:
    """Write files and return them in the order given."""
    for name, text in texts.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return [folder / f"{name}.csv" for name in texts]


def counts(done: SignalsImported) -> tuple[int, int, int, int]:
    return done.read, done.new, done.same, done.changed


async def signals_of(fleet: Fleet, account: str) -> Signals:
    desk, books = desk_of(fleet)
    return (await books.book(desk.key(account))).signals


async def everything(fleet: Fleet) -> list[object]:
    """Return all that is kept of the accounts: books and memories."""
    desk, books = desk_of(fleet)
    found: list[object] = []
    for account in ("a1", "b1", "c1"):
        rows = await fleet.memory(account).rows()
        found += [(await books.book(desk.key(account))).signals, rows.events, rows.facts]
    return found


async def test_files_come_in_together_and_twice_is_once(tmp_path: Path) -> None:
    paths = files(tmp_path, weekly=WEEKLY, invoices=INVOICES, accounts=ACCOUNTS)
    heard: list[tuple[str, int, int]] = []
    clock = Clock()
    async with open_fleet(clock=clock) as fleet:
        desk, books = desk_of(fleet)
        done = await import_signals(
            desk, books, TwoThemes(), *paths, told=lambda what, part, whole: heard.append((what, part, whole))
        )
        assert counts(done) == (7, 7, 0, 0)
        assert {kind: (one.read, one.new) for kind, one in done.kinds.items()} == {
            "accounts": (2, 2),
            "weekly": (4, 4),
            "invoices": (1, 1),
        }
        assert done.accounts == 3
        assert [(one.matter, one.says) for one in done.warnings] == [("account", "no file of accounts has told of c1")]
        assert ("weekly.csv", paths[0].stat().st_size, paths[0].stat().st_size) in heard
        assert heard[-1] == ("accounts", 3, 0)
        before = await everything(fleet)
        clock.now += timedelta(days=3)
        again = await import_signals(desk, books, TwoThemes(), *reversed(paths))
        assert counts(again) == (7, 0, 7, 0)
        assert await everything(fleet) == before


async def test_a_note_is_read_and_remembered_as_its_csm_wrote_it(tmp_path: Path) -> None:
    reader, encoder = TwoThemes(), Lengths()
    async with open_fleet(clock=Clock()) as fleet:
        desk, books = desk_of(fleet)
        await import_signals(
            replace(desk, embedder=encoder), books, reader, *files(tmp_path, weekly=WEEKLY, accounts=ACCOUNTS)
        )
        assert reader.encoder == encoder.name
        assert reader.asked == ["Champion Bo is leaving.", "The price came up."]
        assert encoder.batches == [2]
        week = (await signals_of(fleet, "a1")).weeks[1]
        assert (week.note, week.themes) == ("Champion Bo is leaving.", ("champion",))
        [note] = [event for event in await fleet.memory("a1").events() if event.kind == "note"]
        assert (note.id, note.author, note.at) == (week.event_id, "Ann Lee", datetime(2026, 1, 19, tzinfo=UTC))
        assert note.id.startswith("note-2026-01-12-")
        [other] = [event for event in await fleet.memory("b1").events() if event.kind == "note"]
        assert other.author == "colleague"
        assert [item.event_id for item in await fleet.memory("a1").recall("Who is leaving?", limit=1)] == [note.id]


async def test_no_vectors_are_made_that_the_reader_cannot_read(tmp_path: Path) -> None:
    reader, encoder = TwoThemes("another"), Lengths()
    async with open_fleet(clock=Clock()) as fleet:
        desk, books = desk_of(fleet)
        await import_signals(replace(desk, embedder=encoder), books, reader, *files(tmp_path, weekly=WEEKLY))
        assert (len(reader.asked), encoder.batches) == (2, [])


async def test_what_changes_in_the_crm_is_remembered_and_empty_takes_nothing_back(tmp_path: Path) -> None:
    clock = Clock()
    march = datetime(2026, 3, 1, tzinfo=UTC)
    async with open_fleet(clock=clock) as fleet:
        desk, books = desk_of(fleet)
        await import_signals(desk, books, TwoThemes(), *files(tmp_path, accounts=ACCOUNTS), at=march)
        held = {fact.key: fact.value for fact in await fleet.memory("a1").facts()}
        assert held == {
            "renewal_date": "2026-12-01",
            "seats": "50",
            "arr": "EUR 48,000",
            "champion": "Bo Ek",
            "exec_sponsor": "Cy Dee",
            "csm_owner": "Ann Lee",
            "go_live_date": "2024-01-01",
        }
        assert {fact.key: fact.value for fact in await fleet.memory("b1").facts()}["arr"] == "EUR 1,200.50"
        [event] = await fleet.memory("a1").events()
        assert (event.kind, event.author, event.at) == ("crm", "crm", march)
        assert "50 seats are on the contract." in event.text
        later = "account_id,seats,champion,segment\na1,60,,enterprise\n"
        done = await import_signals(desk, books, TwoThemes(), *files(tmp_path, accounts=later))
        assert counts(done) == (1, 0, 0, 1)
        now_held = {fact.key: fact.value for fact in await fleet.memory("a1").facts()}
        assert now_held == {**held, "seats": "60"}
        assert len(await fleet.memory("a1").events()) == 2
        only_segment = "account_id,segment\na1,mid\n"
        await import_signals(desk, books, TwoThemes(), *files(tmp_path, accounts=only_segment))
        assert len(await fleet.memory("a1").events()) == 2
        details = (await known_signals(desk, books, "a1", NOVEMBER)).details
        assert [(one.seats, one.segment, one.champion) for one in details] == [(60, "mid", "Bo Ek")]
        assert (await known_signals(desk, books, "a1", march)).details[0].seats == 50


@pytest.mark.parametrize("breaks_at", [0, 1, 2])
async def test_an_interrupted_import_goes_on_when_it_is_repeated(tmp_path: Path, breaks_at: int) -> None:
    paths = files(tmp_path, weekly=WEEKLY, accounts=ACCOUNTS, invoices=INVOICES)
    at = NOVEMBER
    clock = Clock()
    async with open_fleet(clock=clock) as whole, open_fleet(clock=clock) as broken:
        desk, books = desk_of(whole)
        await import_signals(desk, books, TwoThemes(), *paths, at=at)
        desk, books = desk_of(broken)
        breaking: Books = Breaking(books, breaks_at)  # type: ignore[assignment] # the verbs that an import uses
        with pytest.raises(ConnectionAbortedError):
            await import_signals(desk, breaking, TwoThemes(), *paths, at=at)
        clock.now += timedelta(minutes=5)
        done = await import_signals(desk, books, TwoThemes(), *paths, at=at)
        assert done.same == {0: 0, 1: 4, 2: 6}[breaks_at]
        assert await everything(broken) == await everything(whole)


async def test_files_that_cannot_be_read_keep_no_other_from_coming_in(tmp_path: Path) -> None:
    (tmp_path / "book.xlsx").write_bytes(b"PK\x03\x04\x00\x00")
    (tmp_path / "empty.csv").write_bytes(b"")
    paths = [tmp_path / "book.xlsx", tmp_path / "gone.csv", tmp_path / "empty.csv", *files(tmp_path, weekly=WEEKLY)]
    async with open_fleet(clock=Clock()) as fleet:
        desk, books = desk_of(fleet)
        done = await import_signals(desk, books, TwoThemes(), *paths)
    assert counts(done) == (4, 4, 0, 0)
    assert {Path(one.file).name: (one.kind, one.rows, one.rejected) for one in done.files} == {
        "book.xlsx": (None, 0, 1),
        "gone.csv": (None, 0, 1),
        "empty.csv": (None, 0, 1),
        "weekly.csv": ("weekly", 4, 0),
    }
    whys = {Path(one.file).name: one.why for one in done.rejects}
    assert whys["book.xlsx"].startswith("this is no text file")
    assert "No such file" in whys["gone.csv"]
    assert whys["empty.csv"].startswith("the file is empty")
    assert done.told()["read"] == 4


async def test_accounts_without_weeks_are_told_where_weeks_came(tmp_path: Path) -> None:
    async with open_fleet(clock=Clock()) as fleet:
        desk, books = desk_of(fleet)
        accounts, weekly = files(tmp_path, accounts=ACCOUNTS, weekly="account_id,week_start,nps\na1,2026-01-05,3\n")
        assert (await import_signals(desk, books, TwoThemes(), accounts)).noted == {}
        done = await import_signals(desk, books, TwoThemes(), accounts, weekly)
    assert done.noted == {"account": 1}
    assert done.warnings[0].says == "no weeks are known of b1"


async def test_columns_are_told_by_a_file_or_by_a_mapping(tmp_path: Path) -> None:
    (weekly,) = files(tmp_path, weekly="Customer,from,WAU\na1,2026-01-05,3\n")
    names = tmp_path / "columns.yaml"
    names.write_text("weekly:\n  account_id: Customer\n  week_start: from\n  active_users: WAU\n", encoding="utf-8")
    async with open_fleet(clock=Clock()) as fleet:
        desk, books = desk_of(fleet)
        assert (await import_signals(desk, books, TwoThemes(), weekly, columns=names)).new == 1
        mapped = {"account_id": "Customer", "week_start": "from", "active_users": "WAU"}
        assert (await import_signals(desk, books, TwoThemes(), weekly, columns={"weekly": mapped})).same == 1
        with pytest.raises(SettingError, match=r"gone\.yaml cannot be read"):
            await import_signals(desk, books, TwoThemes(), weekly, columns=tmp_path / "gone.yaml")


async def test_signals_given_in_code_are_kept_as_they_are_and_their_notes_remembered() -> None:
    week = Week(start=date(2026, 1, 5), values={"nps": 3}, note="Price!", known_from=datetime(2026, 2, 1, tzinfo=UTC))
    async with open_fleet(clock=Clock()) as fleet:
        desk, books = desk_of(fleet)
        kept = await put_signals(desk, books, TwoThemes(), "a1", Signals(weeks=(week,)))
        assert kept == Kept(new=1)
        [stored] = (await signals_of(fleet, "a1")).weeks
        assert (stored.themes, stored.known_from) == (("price",), week.known_from)
        [event] = await fleet.memory("a1").events()
        assert (event.id, event.text, event.at) == (stored.event_id, "Price!", week.known_from)
        again = await put_signals(desk, books, TwoThemes(), "a1", Signals(weeks=(stored,)))
        assert again == Kept(same=1)
        with pytest.raises(MessageError):
            await put_signals(desk, books, TwoThemes(), " ", Signals())
