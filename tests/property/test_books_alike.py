"""The book in memory and the book on SQL do the same, whatever is asked of them in whatever order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, timedelta

from booked import DAY, a_notice, a_product, a_run, a_week, an_invoice, days, some_details
from exploring import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from remembered import ACME, GLOBEX, NOON, OTHER_TENANT, a_change, an_event

from fleet_runtime.bookkeeping import BookRow, book_of, signals_of
from fleet_runtime.books import AccountBook, Books, Outcome
from fleet_runtime.ports import Store
from fleet_runtime.records import AccountKey
from fleet_runtime.stores.memory.books import MemoryBooks
from fleet_runtime.stores.memory.store import MemoryStore
from fleet_runtime.stores.sql.books import SqlBooks
from fleet_runtime.stores.sql.store import open_store

Verb = Callable[[Books, Store], Awaitable[object]]

KEYS = st.sampled_from((ACME, GLOBEX, OTHER_TENANT))
SMALL = st.integers(0, 2)
DAYS = SMALL.map(lambda number: DAY + timedelta(days=number))
MOMENTS = st.integers(0, 3).map(days)
SIGNALS = st.lists(
    st.one_of(
        st.builds(a_week, SMALL, SMALL.map(float), MOMENTS, st.sampled_from(("", "They like it."))),
        st.builds(an_invoice, st.sampled_from(("R-1", "R-2")), st.none() | DAYS, MOMENTS),
        st.builds(some_details, SMALL, MOMENTS),
    ),
    max_size=6,
)
NOTICES = st.builds(a_notice, st.sampled_from(("n1", "n2")), DAYS, st.sampled_from(("Falls", "Rises")))
ENDS = st.builds(
    lambda notice, on, how: notice.model_copy(update={"closed_on": on, "outcome": how}), NOTICES, DAYS, st.text("ab")
)
PRODUCTS = st.builds(
    lambda product, state, at: product.model_copy(update={"state": state, "changed_at": at}),
    st.builds(a_product, st.sampled_from(("p1", "p2")), DAYS),
    st.sampled_from(("ready", "won", "lost")),
    MOMENTS,
)
RUNS = st.builds(a_run, st.sampled_from(("review", "renewal")), DAYS)
FEW_NOTICES, FEW_PRODUCTS = (st.lists(of, max_size=2).map(tuple) for of in (NOTICES, PRODUCTS))
OUTCOMES = st.builds(Outcome, KEYS, RUNS, FEW_NOTICES, st.lists(ENDS, max_size=2).map(tuple), FEW_PRODUCTS)


def put_signals(key: AccountKey, rows: Sequence[BookRow]) -> Verb:
    return lambda books, _: books.put_signals(key, signals_of(rows))


def put_back(key: AccountKey, rows: Sequence[BookRow]) -> Verb:
    return lambda books, _: books.put_back(book_of(AccountBook(key), rows))


def commit(outcomes: Sequence[Outcome]) -> Verb:
    return lambda books, _: books.commit(outcomes)


def close(key: AccountKey, name: str, on: date, how: str) -> Verb:
    return lambda books, _: books.close_notice(key, name, on, how)


def change(key: AccountKey, name: str, number: int) -> Verb:
    return lambda books, _: books.change_product(key, name, "won", approval="q", outcome="", at=days(number))


def move(seen: int | None, to: int) -> Verb:
    return lambda books, _: books.move_mark("north", "motions", None if seen is None else days(seen), days(to))


def erase(key: AccountKey) -> Verb:
    async def erased(_: Books, store: Store) -> object:
        return (await store.erase(key, NOON)).counts

    return erased


def record(key: AccountKey, name: str) -> Verb:
    async def recorded(_: Books, store: Store) -> object:
        return await store.apply(a_change([an_event(name)], key=key, seen=(await store.read(key)).version))

    return recorded


VERBS = st.lists(
    st.one_of(
        st.builds(put_signals, KEYS, SIGNALS),
        st.builds(put_back, KEYS, st.lists(st.one_of(NOTICES, ENDS, PRODUCTS, RUNS), max_size=5)),
        st.builds(commit, st.lists(OUTCOMES, max_size=4)),
        st.builds(close, KEYS, st.sampled_from(("n1", "n2")), DAYS, st.sampled_from(("better", "worse"))),
        st.builds(change, KEYS, st.sampled_from(("p1", "p2")), SMALL),
        st.builds(move, st.none() | SMALL, SMALL),
        st.builds(erase, KEYS),
        st.builds(record, KEYS, st.sampled_from(("e1", "e2"))),
    ),
    min_size=4,
    max_size=24,
)


async def seen(books: Books) -> object:
    """Return all that may be read."""
    return [
        [
            await books.versions(tenant),
            list(await books.versions(tenant)),
            await books.books(tenant, ["globex", "acme"]),
            await books.notices(tenant, DAY, DAY + timedelta(days=1)),
            await books.runs(tenant, DAY, DAY + timedelta(days=1)),
            await books.products(tenant),
            await books.products(tenant, ["won", "lost"]),
            await books.mark(tenant, "motions"),
        ]
        for tenant in ("north", "south")
    ]


@settings(max_examples=examples(40))
@given(VERBS)
def test_memory_and_sql_are_alike(verbs: Sequence[Verb]) -> None:
    async def run() -> None:
        stores: tuple[MemoryStore, Store] = (MemoryStore(), open_store(None, now=lambda: NOON))
        sides: list[tuple[Books, Store]] = [(MemoryBooks(stores[0]), stores[0])]
        sides.append((SqlBooks(stores[1].database, lambda: NOON), stores[1]))  # type: ignore[attr-defined]
        for verb in verbs:
            in_memory, on_sql = [await verb(*side) for side in sides]
            assert in_memory == on_sql
        in_memory, on_sql = [await seen(books) for books, _ in sides]
        assert in_memory == on_sql
        for store in stores:
            await store.close()

    asyncio.run(run())
