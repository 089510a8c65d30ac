"""The book over real parts: accounts that were imported, reviewed as of days, and written about. No model."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from book_shelf import FALLING, STEADY, concern, details, notice, weeks
from open_fleets import CSM, MARCH, open_fleet

from fleet_runtime import Fleet
from fleet_runtime.books import Books, Outcome
from fleet_runtime.contracts import Motion, Trigger
from fleet_runtime.errors import MessageError, SettingError
from fleet_runtime.records import AccountKey
from fleet_runtime.records.book import MotionRun, Signals
from fleet_runtime.runtime.book import Book
from fleet_runtime.runtime.cases import Cases
from fleet_runtime.runtime.looks import Looks
from fleet_runtime.stores.memory.books import MemoryBooks
from fleet_runtime.stores.memory.store import MemoryStore

pytestmark = pytest.mark.anyio
TODAY = MARCH.date()
MOTIONS = (
    (CSM, Motion(name="weekly-review", trigger=Trigger(kind="cron", cron="0 6 * * 1"), does=("review",))),
    (
        CSM,
        Motion(
            name="renewal-countdown",
            trigger=Trigger(kind="date", fact="renewal_date", days=(-90, -30, -14)),
            does=("check", "draft renewal_plan"),
            to="sales",
        ),
    ),
)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Shelf:
    """A fleet with its book, and the way to put something into it."""

    def __init__(self, fleet: Fleet, books: Books) -> None:
        self.fleet = fleet
        self.books = books
        desk = fleet._desk
        self.book = Book(desk, Cases(desk, books, Looks(desk).rules), Looks(desk), MOTIONS)

    def key(self, account: str) -> AccountKey:
        return AccountKey(tenant="default", account=account)

    async def put(self, account: str, users: Sequence[float | None], **crm: object) -> None:
        signals = Signals(details=(details(company=account.title(), **crm),), weeks=weeks(users))
        await self.books.put_signals(self.key(account), signals)


@asynccontextmanager
async def shelf() -> AsyncGenerator[Shelf]:
    async with open_fleet() as fleet:
        store = fleet._desk.store
        assert isinstance(store, MemoryStore)
        yield Shelf(fleet, MemoryBooks(store))


async def test_an_empty_book_has_no_rows() -> None:
    async with shelf() as found:
        assert await found.book.rows() == ()
        assert await found.book.accounts() == ()
        assert await found.book.with_history(()) == ()


async def test_what_declines_comes_before_what_nobody_measures_and_that_before_what_is_well() -> None:
    async with shelf() as found:
        far = date(2028, 1, 1)
        await found.put("well", STEADY, renewal_date=far)
        await found.put("declines", FALLING)
        await found.put("unmeasured", [], renewal_date=far)
        rows = await found.book.rows()
        assert [row.account for row in rows] == ["declines", "unmeasured", "well"]
        declines, unmeasured, well = rows
        assert declines.risk is not None
        assert declines.trend == "down"
        assert declines.score is not None
        assert well.score is not None
        assert declines.score < well.score
        assert unmeasured.score is None
        assert well.risk is None
        assert len(well.history) == 12
        assert well.history[-1] == well.score
        assert [row.account for row in await found.book.rows(limit=1)] == ["declines"]
        assert [row.account for row in await found.book.rows(order="account")] == ["declines", "unmeasured", "well"]


async def test_a_day_shows_what_was_known_then() -> None:
    async with shelf() as found:
        await found.put("acme", FALLING)
        before = TODAY - timedelta(weeks=20)
        then, now = (await found.book.rows(before))[0], (await found.book.rows())[0]
        assert then.on == before
        assert then.risk is None
        assert now.risk is not None
        assert then.score is not None
        assert now.score is not None
        assert then.score > now.score
        assert then.renewal is not None
        assert not then.renewal.stated
        assert await found.book.rows(TODAY - timedelta(weeks=60)) == ()
        assert await found.book.accounts(TODAY - timedelta(weeks=60)) == ()
        assert await found.book.accounts() == ("acme",)


async def test_a_row_names_the_next_motion_of_the_accounts_own() -> None:
    async with shelf() as found:
        await found.put("acme", STEADY, renewal_date=date(2027, 4, 11))
        await found.put("undated", STEADY, renewal_date=None)
        rows = {row.account: row.next_motion for row in await found.book.rows()}
        acme, undated = rows["acme"], rows["undated"]
        assert acme is not None
        assert (acme.motion, acme.due) == ("renewal-countdown", date(2027, 3, 12))
        assert undated is not None
        assert (undated.motion, undated.due) == ("weekly-review", date(2027, 3, 8))


async def test_without_motions_nothing_is_next() -> None:
    async with shelf() as found:
        await found.put("acme", STEADY)
        desk = found.fleet._desk
        book = Book(desk, Cases(desk, found.books, Looks(desk).rules), Looks(desk), ())
        assert (await book.rows())[0].next_motion is None
        assert (await book.account("acme")).next_motions == ()


async def test_an_account_has_a_page() -> None:
    async with shelf() as found:
        await found.put("acme", FALLING)
        run = MotionRun(motion="weekly-review", role=CSM, due=TODAY, ran_at=MARCH)
        closed = notice("old", TODAY - timedelta(days=60), closed_on=TODAY - timedelta(days=9))
        raised = (closed, notice("n1", about=concern("expansion", "medium", "seats")))
        await found.books.commit([Outcome(found.key("acme"), run, notices=raised)])
        await found.fleet.memory("acme").record(
            {"id": "e1", "at": MARCH, "kind": "note", "author": "Kim", "text": "We promised to call back."}
        )
        page = await found.book.account("acme")
        assert page.row.account == "acme"
        assert page.row == (await found.book.rows())[0]
        assert page.health == await found.book.health("acme")
        assert page.health.reasons
        assert [one.id for one in page.notices] == ["n1"]
        assert page.row.open == {"expansion": 1}
        assert [one.motion for one in page.next_motions] == ["weekly-review", "renewal-countdown"]
        assert [week.start for week in page.weeks] == [TODAY - timedelta(weeks=number) for number in range(6, 0, -1)]
        assert [event.id for event in page.events] == ["e1"]
        assert {check.name for check in page.checks} >= {"sponsor", "champion", "paperwork", "price"}


async def test_signals_come_in_and_are_looked_at_as_of_a_day(tmp_path: Path) -> None:
    file = tmp_path / "weekly.csv"
    file.write_text(
        "account_id,week_start,active_users,event\n"
        "acme,2027-02-15,40,\nacme,2027-02-22,41,Our champion Maria told me she leaves in May.\n",
        encoding="utf-8",
    )
    async with shelf() as found:
        book = found.fleet.book
        assert (await book.import_signals(file)).read == 2
        kept = await book.put_signals("acme", Signals(details=(details(),)))
        assert (kept.new, kept.changed) == (1, 0)
        known = await book.signals("acme")
        assert [week.values["active_users"] for week in known.weeks] == [40, 41]
        assert known.weeks[1].themes
        assert known.details == (details(),)
        assert len((await book.signals("acme", date(2027, 2, 22))).weeks) == 1
        assert await book.signals("none") == Signals()
        [event] = await found.fleet.memory("acme").events()
        assert event.id == known.weeks[1].event_id
        assert [row.account for row in await book.rows()] == ["acme"]


async def test_a_store_that_keeps_no_book_says_so() -> None:
    async with open_fleet() as fleet:
        desk = replace(fleet._desk, books=None)
        book = Book(desk, Cases(desk, MemoryBooks(MemoryStore()), Looks(desk).rules), Looks(desk), ())
        with pytest.raises(SettingError, match="keeps no book"):
            await book.signals("acme")


async def test_people_of_a_later_crm_are_not_said_to_have_been_there() -> None:
    async with shelf() as found:
        await found.put("acme", STEADY)
        now = (await found.book.account("acme")).details
        then = (await found.book.account("acme", TODAY - timedelta(weeks=10))).details
        assert now is not None
        assert now.champion == "Maria Ortiz"
        assert then is not None
        assert (then.company, then.champion, then.exec_sponsor, then.csm) == ("Acme", "", "", "")


async def test_an_account_that_nobody_knows_is_refused() -> None:
    async with shelf() as found:
        await found.put("acme", STEADY)
        with pytest.raises(MessageError, match="nothing was known of an account 'none' on 2027-03-01"):
            await found.book.account("none")
        with pytest.raises(MessageError, match="on 2020-01-01") as caught:
            await found.book.health("acme", date(2020, 1, 1))
        assert "fleet book" in caught.value.hint
        assert await found.fleet._desk.store.accounts("default") == ["acme"]  # asking opened none


async def test_an_account_erased_while_the_book_is_read_loses_its_history() -> None:
    async with shelf() as found:
        await found.put("acme", STEADY)
        rows = await found.book.rows(history=0)
        assert rows[0].history == ()
        await found.fleet.memory("acme").erase()
        assert (await found.book.with_history(rows))[0].history == ()


async def test_a_work_product_is_written_and_not_kept() -> None:
    async with shelf() as found:
        await found.put("acme", FALLING)
        memo = await found.book.write("risk_memo", "acme")
        assert "Acme" in memo.text
        assert memo.cites
        assert (await found.books.book(found.key("acme"))).products == ()
        again = await found.book.write("risk_memo", "acme")
        assert again == memo
        named = await found.book.write("risk_memo", "acme", concern=concern())
        assert "The champion leaves" in named.text


@pytest.mark.parametrize("kind", ["qbr", "success_plan", "renewal_plan", "hand_off", "email"])
async def test_every_kind_can_be_written_of_any_account(kind: str) -> None:
    async with shelf() as found:
        await found.put("acme", STEADY)
        await found.books.put_signals(found.key("bare"), Signals(details=(details(company=""),)))
        for account in ("acme", "bare"):
            assert (await found.book.write(kind, account)).text  # type: ignore[arg-type]  # each of the kinds
