"""What every book must do, held by each that we have: signals merge, runs happen once, nothing crosses accounts."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import memory_erasure
import pytest
from booked import (
    DAY,
    MONDAY,
    a_notice,
    a_product,
    a_run,
    a_week,
    a_whole_book,
    an_outcome,
    day_start,
    days,
    some_details,
)
from postgres import OnPostgres
from remembered import ACME, GLOBEX, NOON, OTHER_TENANT, a_change, an_event
from sqlalchemy import Row, Table, select
from store_of_database import StoreOfDatabase

from fleet_runtime.books import AccountBook, Books, Kept, Outcome, Versions
from fleet_runtime.errors import StoreError
from fleet_runtime.ports import Store
from fleet_runtime.records import AccountKey
from fleet_runtime.records.book import Signals, WorkProduct
from fleet_runtime.stores.maintenance.examining import examine_rows
from fleet_runtime.stores.memory.books import MemoryBooks
from fleet_runtime.stores.memory.store import MemoryStore
from fleet_runtime.stores.schema.book_tables import BOOK
from fleet_runtime.stores.schema.tables import account, erasure
from fleet_runtime.stores.sql.books import SqlBooks
from fleet_runtime.stores.sql.crew import SqlCrew
from fleet_runtime.stores.sql.store import SqlStore, open_store

pytestmark = pytest.mark.anyio

YESTERDAY = DAY - timedelta(days=1)


def books_of(store: Store) -> Books:
    if isinstance(store, MemoryStore):
        return MemoryBooks(store)
    assert isinstance(store, SqlStore)
    return SqlBooks(store.database, lambda: NOON)


async def fill(books: Books, key: AccountKey, word: str = "") -> AccountBook:
    """Give an account a row of every kind, and return its book."""
    await books.put_back(a_whole_book(key, word))
    return await books.book(key)


async def rows_in(store: SqlStore, table: Table) -> list[Row[Any]]:
    """Return all that stands in a table."""
    return await store.database.read(lambda connection: list(connection.execute(select(table))))


class BooksContract(StoreOfDatabase):
    """The promises; subclasses say where the store lies."""

    @pytest.fixture
    def books(self, store: Store) -> Books:
        return books_of(store)

    async def test_the_book_of_an_unknown_account_is_empty_and_of_version_0(self, books: Books, store: Store) -> None:
        assert await books.book(ACME) == AccountBook(ACME)
        assert await books.books("north", ["globex", "acme"]) == [AccountBook(GLOBEX), AccountBook(ACME)]
        assert await books.versions("north") == {}
        assert await store.accounts("north") == []

    async def test_every_field_of_every_row_comes_back_oldest_first(self, books: Books, store: Store) -> None:
        whole = a_whole_book(ACME)
        assert await books.put_signals(ACME, whole.signals) == Kept(new=5, changed=3)
        assert await store.accounts("north") == ["acme"]
        found = await books.book(ACME)
        assert found.signals == whole.signals
        assert [week.known_from for week in found.signals.weeks] == [
            day_start(MONDAY + timedelta(days=7)), days(3), day_start(MONDAY + timedelta(days=14))
        ]  # fmt: skip
        assert [(one.number, one.paid) for one in found.signals.invoices] == [
            ("R-0", None),
            ("R-1 ", None),
            ("R-1 ", DAY),
        ]
        assert found.signals.weeks[0].themes == ("praise", "price")
        assert found.version > 0

    async def test_what_says_the_same_is_passed_over(self, books: Books) -> None:
        whole = a_whole_book(ACME).signals
        await books.put_signals(ACME, whole)
        before = await books.book(ACME)
        elsewhere = {"source": "again.csv:9", "known_from": days(40)}
        last = Signals(
            details=(some_details(55, days(40)),),
            weeks=(whole.weeks[1].model_copy(update=elsewhere), a_week(1, known=days(-90))),
            invoices=(whole.invoices[2].model_copy(update=elsewhere),),
        )
        assert await books.put_signals(ACME, last) == Kept(same=4)
        assert await books.put_signals(ACME, whole) == Kept(same=8)
        assert await books.put_signals(ACME, Signals()) == Kept()
        assert await books.book(ACME) == before

    async def test_late_and_corrected_rows_count_from_when_they_were_known(self, books: Books) -> None:
        await books.put_signals(ACME, Signals(weeks=(a_week(0, 40), a_week(2, 42))))
        late, corrected = a_week(1, 41, days(5)), a_week(0, 20, days(5))
        assert await books.put_signals(ACME, Signals(weeks=(late, corrected))) == Kept(new=1, changed=1)
        signals = (await books.book(ACME)).signals

        def users(at: float) -> list[float]:
            return [week.values["active_users"] for week in signals.known_at(days(at)).weeks]

        assert (users(4.9), users(5)) == ([40, 42], [20, 41, 42])
        assert len(signals.weeks) == 4

    async def test_of_two_known_from_the_same_moment_the_later_counts(self, books: Books) -> None:
        twice = (a_week(0, 40), a_week(0, 50), a_week(0, 50))
        assert await books.put_signals(ACME, Signals(weeks=twice)) == Kept(new=1, changed=1, same=1)
        assert (await books.book(ACME)).signals.weeks == (a_week(0, 50),)
        assert await books.put_signals(ACME, Signals(weeks=(a_week(0, 60),))) == Kept(changed=1)
        assert (await books.book(ACME)).signals.weeks == (a_week(0, 60),)

    async def test_the_first_file_imported_after_its_correction_changes_nothing(self, books: Books) -> None:
        for users, known in ((40, None), (20, days(5))):
            await books.put_signals(ACME, Signals(weeks=(a_week(0, users, known),)))
        before = await books.book(ACME)
        assert await books.put_signals(ACME, Signals(weeks=(a_week(0, 40),))) == Kept(same=1)
        assert await books.book(ACME) == before

    async def test_a_change_moves_the_version_and_nothing_else_does(self, books: Books) -> None:
        seen = [(await books.book(ACME)).version]

        async def moved() -> bool:
            seen.append((await books.book(ACME)).version)
            return seen[-1] > seen[-2]

        await books.put_signals(ACME, Signals(weeks=(a_week(),)))
        assert await moved()
        await books.put_signals(ACME, Signals(weeks=(a_week(),)))
        assert not await moved()
        await books.commit([an_outcome("a"), an_outcome("b")])
        assert await moved()
        assert await books.commit([an_outcome("a")]) == (False,)
        await books.commit([an_outcome("c", key=GLOBEX)])
        await books.close_notice(ACME, "unknown", DAY, "")
        assert not await moved()
        await books.close_notice(ACME, f"n-a-{DAY}", DAY, "kept")
        assert await moved()
        await books.close_notice(ACME, f"n-a-{DAY}", DAY, "again")
        assert not await moved()
        for expected in (True, False):
            await books.change_product(ACME, f"p-a-{DAY}", "approved", approval="q1", outcome="sent", at=days(1))
            assert await moved() == expected

    async def test_versions_are_those_of_memory_and_book_by_id(self, books: Books, store: Store) -> None:
        await books.put_signals(GLOBEX, Signals(weeks=(a_week(),)))
        for key in (OTHER_TENANT, ACME):
            await store.apply(a_change([an_event("e1")], key=key))
        found = await books.versions("north")
        assert list(found.items()) == [
            ("acme", Versions(1, 0)),
            ("globex", Versions(0, (await books.book(GLOBEX)).version)),
        ]
        assert found["globex"].book > 0

    @pytest.mark.parametrize("value", [float("nan"), float("inf")])
    async def test_a_figure_that_is_no_number_is_refused_with_all_the_rest(
        self, books: Books, store: Store, value: float
    ) -> None:
        with pytest.raises(StoreError, match="active_users"):
            await books.put_signals(ACME, Signals(weeks=(a_week(0), a_week(1, value))))
        assert await store.accounts("north") == []

    async def test_a_text_that_is_no_unicode_is_refused_with_all_the_rest(self, books: Books, store: Store) -> None:
        for refused in (Signals(weeks=(a_week(0), a_week(1, note="lone \ud800"))),):
            with pytest.raises(StoreError, match="Unicode"):
                await books.put_signals(ACME, refused)
        assert await store.accounts("north") == []
        await books.put_signals(ACME, Signals(weeks=(a_week(note="\U0001f680 \x00 'it''s' \u2028"),)))
        before = await books.book(ACME)
        assert before.signals.weeks[0].note == "\U0001f680 \x00 'it''s' \u2028"
        broken = an_outcome("b")._replace(products=(a_product(text="lone \ud800"),))
        with pytest.raises(StoreError, match="Unicode"):
            await books.commit([an_outcome("a"), broken])
        assert await books.book(ACME) == before

    async def test_an_outcome_is_written_whole_and_once(self, books: Books) -> None:
        await books.put_signals(ACME, Signals())
        one, other = an_outcome(), an_outcome("renewal")
        assert await books.commit([one, other, one]) == (True, True, False)
        assert await books.commit([other, an_outcome(due=YESTERDAY), one]) == (False, True, False)
        book = await books.book(ACME)
        assert [(run.motion, run.due) for run in book.runs] == [
            ("weekly-review", YESTERDAY), ("renewal", DAY), ("weekly-review", DAY)
        ]  # fmt: skip
        assert book.runs[2] == one.run
        assert book.notices == (*an_outcome(due=YESTERDAY).notices, *other.notices, *one.notices)
        assert book.products == (*an_outcome(due=YESTERDAY).products, *other.products, *one.products)

    async def test_a_run_on_record_keeps_back_all_that_would_come_with_it(self, books: Books) -> None:
        await books.put_signals(ACME, Signals())
        await books.commit([an_outcome()])
        before = await books.book(ACME)
        again = Outcome(ACME, a_run(), (a_notice("x"),), (before.notices[0].model_copy(update={"closed_on": DAY}),))
        assert await books.commit([again]) == (False,)
        assert await books.book(ACME) == before

    async def test_nothing_is_written_of_an_account_that_was_erased_meanwhile(self, books: Books, store: Store) -> None:
        await fill(books, ACME)
        await store.erase(ACME, NOON)
        await books.put_signals(GLOBEX, Signals())
        assert await books.commit([an_outcome("a"), an_outcome("a", key=GLOBEX)]) == (False, True)
        assert await store.accounts("north") == ["globex"]
        assert await books.commit([]) == ()

    async def test_what_is_on_record_under_an_id_stays(self, books: Books) -> None:
        await books.put_signals(ACME, Signals())
        await books.commit([Outcome(ACME, a_run("a"), (a_notice("n1"),), (), (a_product("p1"),))])
        otherwise = Outcome(ACME, a_run("b"), (a_notice("n1", title="Else"),), (), (a_product("p1", text="Else"),))
        assert await books.commit([otherwise]) == (True,)
        book = await books.book(ACME)
        assert (book.notices, book.products) == ((a_notice("n1"),), (a_product("p1"),))

    async def test_a_run_ends_notices_once(self, books: Books) -> None:
        await books.put_signals(ACME, Signals())
        await books.commit([Outcome(ACME, a_run("a"), (a_notice("n1"), a_notice("n2")))])
        ended = a_notice("n1", title="Said otherwise").model_copy(update={"closed_on": DAY, "outcome": "better"})
        late = a_notice("n3").model_copy(update={"closed_on": DAY, "outcome": "never raised"})
        assert await books.commit([Outcome(ACME, a_run("b"), (a_notice("n4"),), (ended, late))]) == (True,)
        again = ended.model_copy(update={"closed_on": DAY + timedelta(days=9), "outcome": "worse"})
        both = (again, a_notice("n4").model_copy(update={"closed_on": DAY, "outcome": "at once"}))
        await books.commit([Outcome(ACME, a_run("c"), (), both)])
        first, second, third, fourth = (await books.book(ACME)).notices
        assert first == a_notice("n1").model_copy(update={"closed_on": DAY, "outcome": "better"})
        assert (second, third) == (a_notice("n2"), late)
        assert fourth.outcome == "at once"

    async def test_a_notice_is_closed_once(self, books: Books) -> None:
        await fill(books, ACME)
        assert await books.close_notice(ACME, "n9", DAY, "") is None
        assert await books.close_notice(GLOBEX, "n1", DAY, "") is None
        assert await books.close_notice(OTHER_TENANT, "n1", DAY, "") is None
        closed = a_notice("n1", title="Usage ").model_copy(update={"closed_on": DAY, "outcome": "they called"})
        assert await books.close_notice(ACME, "n1", DAY, "they called") == closed
        assert await books.close_notice(ACME, "n1", DAY + timedelta(days=1), "else") == closed
        assert closed in (await books.book(ACME)).notices

    async def test_what_became_of_a_product_is_noted(self, books: Books) -> None:
        await fill(books, ACME)

        async def change(key: AccountKey, name: str) -> WorkProduct | None:
            return await books.change_product(key, name, "won", approval="q2", outcome="signed", at=days(1))

        assert await change(ACME, "p9") is None
        assert await change(GLOBEX, "p1") is None
        became = {"state": "won", "approval": "q2", "outcome": "signed", "changed_at": days(1)}
        expected = a_product(text="# Risk ").model_copy(update=became)
        assert await change(ACME, "p1") == expected
        assert (await books.book(ACME)).products == (expected,)
        assert await books.products("north", ["waiting"]) == []
        assert await books.products("north", ["lost", "won"]) == [(ACME, expected)]

    async def test_all_accounts_rows_are_told_by_day_account_and_name(self, books: Books) -> None:
        later = DAY + timedelta(days=1)
        for key in (GLOBEX, OTHER_TENANT, ACME):
            await books.put_signals(key, Signals())
            await books.commit([an_outcome(name, key=key, due=due) for due in (later, DAY) for name in ("b", "a")])
        told = [(DAY, "acme"), (DAY, "globex"), (later, "acme"), (later, "globex")]
        names = [(day, account, name) for day, account in told for name in "ab"]
        runs = await books.runs("north", DAY, later)
        assert [(run.due, key.account, run.motion) for key, run in runs] == names
        notices = await books.notices("north", DAY, later)
        assert [(one.on, key.account, one.id[2]) for key, one in notices] == names
        products = await books.products("north")
        assert [(one.on, key.account, one.id[2]) for key, one in products] == names
        assert {key.tenant for key, _ in (*runs, *notices, *products)} == {"north"}
        assert [run.due for _, run in await books.runs("south", later, later)] == [later] * 2
        assert await books.notices("north", later + timedelta(days=1), date.max) == []
        assert await books.runs("east", date.min, date.max) == []

    async def test_accounts_and_tenants_are_apart(self, books: Books) -> None:
        keys = (ACME, GLOBEX, OTHER_TENANT)
        filled = {key: await fill(books, key, key.tenant + key.account) for key in keys}
        for key, book in filled.items():
            assert "".join(k.tenant + k.account for k in keys if k.tenant + k.account in repr(book)) == (
                key.tenant + key.account
            )
        await books.put_signals(ACME, Signals(weeks=(a_week(0, 1, days(50)),)))
        await books.commit([an_outcome(key=ACME)])
        await books.close_notice(ACME, "n1", DAY, "")
        await books.change_product(ACME, "p1", "lost", approval="", outcome="", at=NOON)
        assert await books.book(ACME) != filled[ACME]
        assert await books.books("north", ["globex", "nobody", "globex"]) == [
            filled[GLOBEX], AccountBook(AccountKey(tenant="north", account="nobody")), filled[GLOBEX]
        ]  # fmt: skip
        assert await books.book(OTHER_TENANT) == filled[OTHER_TENANT]

    async def test_what_was_exported_is_put_back_once_and_carried_on(self, books: Books) -> None:
        whole = a_whole_book(ACME)
        assert await books.put_back(whole) == Kept(new=10, changed=3)
        stored = await books.book(ACME)
        assert stored._replace(version=0) == whole
        assert await books.put_back(whole) == Kept(same=13)
        assert await books.book(ACME) == stored
        ended = stored.notices[0].model_copy(update={"closed_on": DAY, "outcome": "better"})
        sent = stored.products[0].model_copy(update={"state": "approved", "approval": "q7", "changed_at": days(1)})
        later = AccountBook(ACME, notices=(ended,), products=(sent,))
        assert await books.put_back(later) == Kept(changed=2)
        assert await books.put_back(whole) == Kept(same=13)
        found = await books.book(ACME)
        assert (found.notices[0], found.products) == (ended, (sent,))
        rewritten = stored.runs[0].model_copy(update={"why": "else"})
        assert await books.put_back(AccountBook(ACME, runs=(rewritten,))) == Kept(same=1)

    async def test_erasure_takes_the_book_too_and_no_other(self, books: Books, store: Store) -> None:
        before = {key: await fill(books, key) for key in (ACME, GLOBEX, OTHER_TENANT)}
        receipt = await store.erase(ACME, NOON)
        counts = {"week": 3, "invoice": 3, "details": 2, "notice": 2, "motion_run": 2, "work_product": 1}
        assert receipt.counts.items() >= (counts | {"portfolio": 1, "account": 1, "event": 0}).items()
        assert await books.book(ACME) == AccountBook(ACME)
        assert list(await books.versions("north")) == ["globex"]
        for listed in (
            await books.notices("north", date.min, date.max),
            await books.runs("north", date.min, date.max),
            await books.products("north"),
        ):
            assert {key.account for key, _ in listed} == {"globex"}
        assert await books.books("north", ["globex"]) == [before[GLOBEX]]
        assert await books.book(OTHER_TENANT) == before[OTHER_TENANT]

    async def test_a_receipt_s_hash_tells_books_apart(self, books: Books, store: Store) -> None:
        hashes = []
        for word in ("same", "same", "else"):
            await fill(books, ACME, word)
            hashes.append((await store.erase(ACME, NOON)).content_hash)
        assert hashes[0] == hashes[1] != hashes[2]

    async def test_a_book_opened_anew_is_of_no_version_that_it_ever_had(self, books: Books, store: Store) -> None:
        """Whoever keeps what they read would take the erased rows for the new ones."""
        seen = set[int]()
        for number in range(3):
            for week in range(3):
                await books.put_signals(ACME, Signals(weeks=(a_week(week, number),)))
                version = (await books.book(ACME)).version
                assert version not in seen
                seen.add(version)
            await store.erase(ACME, NOON)
        await store.apply(a_change([an_event("e1")]))
        found = await books.versions("north")
        assert found["acme"].memory > max(seen)
        assert found["acme"].book == 0

    async def test_a_scan_goes_on_from_where_it_was_seen(self, books: Books) -> None:
        assert await books.mark("north", "motions") is None
        assert await books.move_mark("north", "motions", None, NOON)
        assert not await books.move_mark("north", "motions", None, days(1))
        assert not await books.move_mark("north", "motions", days(1), days(2))
        assert await books.move_mark("north", "motions", NOON, days(1))
        assert await books.mark("north", "motions") == days(1)
        assert await books.mark("north", "digests") is None
        assert await books.mark("south", "motions") is None

    async def test_a_closed_store_says_so(self, books: Books, store: Store) -> None:
        await store.close()
        for asked in (books.book(ACME), books.mark("north", "motions"), books.commit([an_outcome()])):
            with pytest.raises(StoreError, match="closed"):
                await asked


class TestMemoryBooks(BooksContract):
    @pytest.fixture
    async def store(self) -> AsyncGenerator[Store]:
        store = MemoryStore()
        yield store
        await store.close()


class OnSql(BooksContract):
    """Of a database, whichever."""

    async def test_a_mark_is_the_crew_s_too(self, books: Books, store: SqlStore) -> None:
        crew = SqlCrew(store.database)
        assert await books.move_mark("north", "motions", None, NOON)
        assert await crew.mark("north", "motions") == NOON
        assert await crew.move_mark("north", "motions", NOON, days(1))
        assert await books.mark("north", "motions") == days(1)

    async def test_an_account_s_row_takes_its_book_along(self, books: Books, store: SqlStore) -> None:
        await fill(books, ACME)
        await store.database.write(lambda connection: connection.exec_driver_sql("DELETE FROM account"))
        assert {table.name: await rows_in(store, table) for table in BOOK} == {table.name: [] for table in BOOK}

    async def test_a_damaged_row_is_named(self, books: Books, store: SqlStore) -> None:
        await fill(books, ACME)
        damage = "UPDATE week SET body = '{'"
        await store.database.write(lambda connection: connection.exec_driver_sql(damage))
        with pytest.raises(StoreError, match="a stored Week cannot be read"):
            await books.book(ACME)

    async def test_looking_at_the_store_counts_the_book(self, books: Books, store: SqlStore) -> None:
        async def said() -> list[tuple[str, str]]:
            found = await store.database.read(
                lambda connection: list(examine_rows(connection, now=NOON, lapse_seconds=9))
            )
            return [(one.state, one.text) for one in found if one.name == "book"]

        assert await said() == []
        await fill(books, ACME)
        await fill(books, GLOBEX)
        counted = "of 2 accounts: 6 week, 6 invoice, 4 details, 4 notice, 4 motion_run, 2 work_product"
        assert await said() == [("ok", counted)]
        await store.database.write(lambda connection: connection.exec_driver_sql("DELETE FROM portfolio"))
        ((state, text),) = await said()
        assert state == "broken"
        assert "the rows of 2 accounts have no version" in text

    async def test_more_than_one_statement_can_ask_for_is_committed(self, books: Books, store: SqlStore) -> None:
        keys = [AccountKey(tenant="north", account=f"a{number:04}") for number in range(700)]
        await store.apply_many([a_change(key=key) for key in keys[:699]])
        outcomes = [an_outcome(key=key) for key in keys]
        assert await books.commit(outcomes) == (*[True] * 699, False)
        assert await books.commit(outcomes) == (False,) * 700
        assert len(await books.runs("north", DAY, DAY)) == 699


class TestSqliteInMemory(OnSql):
    @pytest.fixture
    def database(self) -> str | None:
        return None


class SharedBooksContract(OnSql):
    """Of a database that several processes may open at once."""

    @pytest.fixture
    async def elsewhere(self, database: str) -> AsyncGenerator[Books]:
        """Another process's book on the same database."""
        store = open_store(database, now=lambda: NOON)
        yield books_of(store)
        await store.close()

    async def test_of_two_that_run_a_motion_at_once_one_has_run_it(self, books: Books, elsewhere: Books) -> None:
        keys = [AccountKey(tenant="north", account=f"a{number}") for number in range(12)]
        for key in keys:
            await books.put_signals(key, Signals())
        for round_ in range(5):
            outcomes = [an_outcome(key=key, due=DAY + timedelta(days=round_)) for key in keys]
            tries = [one.commit(given) for given in (outcomes, outcomes[::-1]) for one in (books, elsewhere)]
            told = [dict(zip(keys if index < 2 else keys[::-1], won, strict=True))
                    for index, won in enumerate(await asyncio.gather(*tries))]  # fmt: skip
            assert [sum(one[key] for one in told) for key in keys] == [1] * len(keys)
        runs = await elsewhere.runs("north", DAY, date.max)
        assert len(runs) == len(set(runs)) == 60
        versions = await books.versions("north")
        assert {one.book for one in versions.values()} == {5}

    async def test_of_two_that_import_at_once_each_counts_what_it_wrote(self, books: Books, elsewhere: Books) -> None:
        signals = Signals(weeks=tuple(a_week(number) for number in range(30)))
        kept = await asyncio.gather(*(one.put_signals(ACME, signals) for one in (books, elsewhere, books, elsewhere)))
        assert sorted(kept) == [Kept(0, 30), Kept(0, 30), Kept(0, 30), Kept(30)]
        assert (await elsewhere.book(ACME)).signals == signals

    async def test_a_notice_closed_by_two_at_once_has_one_end(self, books: Books, elsewhere: Books) -> None:
        await fill(books, ACME)
        ends = await asyncio.gather(
            *(one.close_notice(ACME, "n1", DAY, f"by {name}") for name, one in (("us", books), ("them", elsewhere)))
        )
        assert ends[0] == ends[1]
        assert ends[0] in (await books.book(ACME)).notices

    async def test_it_is_there_after_the_store_was_closed(self, books: Books, store: Store, database: str) -> None:
        filled = await fill(books, ACME)
        await store.close()
        again = open_store(database, now=lambda: NOON)
        assert await books_of(again).book(ACME) == filled
        await again.close()


class TestFileBooks(SharedBooksContract):
    @pytest.fixture
    def database(self, tmp_path: Path) -> str | None:
        return str(tmp_path / "fleet.db")

    async def test_what_was_erased_is_in_no_file_any_more(self, books: Books, store: Store, tmp_path: Path) -> None:
        for number in range(8):
            await fill(books, AccountKey(tenant="north", account=f"other {number}"), "other")
        await fill(books, ACME, "zqxcanary")
        await books.put_signals(ACME, Signals(weeks=tuple(a_week(n, note="ZQXcanary") for n in range(3, 90))))
        await books.commit([an_outcome()._replace(products=(a_product("p zqxcanary"),))])
        await books.close_notice(ACME, "n1", DAY, "zqxcanary")
        await books.change_product(ACME, "p1", "won", approval="", outcome="zqxcanary", at=NOON)
        assert memory_erasure.canaries(tmp_path, "zqxcanary") > 90
        assert (await store.erase(ACME, NOON)).journal_cleared
        assert memory_erasure.canaries(tmp_path, "zqxcanary") == 0
        assert memory_erasure.canaries(tmp_path, "other 7") > 0

    async def test_a_week_takes_few_bytes(self, books: Books, store: Store, tmp_path: Path) -> None:
        for number in range(10):
            key = AccountKey(tenant="north", account=f"a{number}")
            await books.put_signals(key, Signals(weeks=tuple(a_week(n) for n in range(100))))
        await store.close()
        with closing(sqlite3.connect(tmp_path / "fleet.db")) as connection:
            (bytes_taken,) = connection.execute("SELECT sum(pgsize) FROM dbstat WHERE name = 'week'").fetchone()
        assert bytes_taken / 1000 < 300


class TestPostgresBooks(OnPostgres, SharedBooksContract):
    """The same promises on a server."""

    async def test_an_erased_account_s_words_are_in_no_row(self, books: Books, store: SqlStore) -> None:
        await fill(books, ACME, "zqxcanary")
        await fill(books, GLOBEX, "other")
        await store.erase(ACME, NOON)
        for table in (*BOOK, erasure, account):
            found = await rows_in(store, table)
            assert found
            assert "zqxcanary" not in repr(found)
            assert "acme" not in repr(found)
