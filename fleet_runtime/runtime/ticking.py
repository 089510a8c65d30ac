"""Due work: what each account is owed by the calendar, listed by one scan and done by whoever works.

A scan goes from where the last one came to, up to now, and enqueues what fell due between, each under an id of its own
(kind, account and date), so that a scan which died and is repeated enqueues nothing twice. Only then the mark moves.
Nothing sleeps until a date, and no account has a schedule: a million accounts are one row. Scans come to whole minutes,
so that processes which scan at a time list the same under the same ids.

What is enqueued is done, however long it takes: while the fleet is paused, the account is busy or the database is away,
it waits.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Protocol
from zlib import crc32

import anyio

from fleet_runtime.boards import Crew
from fleet_runtime.engines import TickWork
from fleet_runtime.errors import AccountBusy, Paused, StoreError
from fleet_runtime.records import AccountKey
from fleet_runtime.runtime.account_memory import AccountMemory

Enqueue = Callable[[AccountKey, str, str], Awaitable[None]]
"""Has work of a kind (the second) done for an account, due on a date (the third); once, however often it is called."""

MOST_BACK = timedelta(days=365)
"""How far back what was missed is made up for."""

WINDOW = timedelta(days=1)
"""How much is listed at a time: a scan that dies repeats no more than that."""

LOOK_SECONDS = 1.0
"""How often whoever waits for the switch or a busy account looks again; at a database that is away ever less often."""

_LONGEST_PAUSE_SECONDS = 60.0
_DAYS = 28
"""Every month has so many."""

_log = logging.getLogger(__name__)


class Due(NamedTuple):
    """Work of a kind that an account is owed; ``date`` (ISO) is when it fell due, and part of its id."""

    kind: str
    account: str
    date: str


class DueSource(Protocol):
    """Knows one kind of due work. ``name`` is the kind, and the name of its scan."""

    @property
    def name(self) -> str:
        """Return the kind of work."""
        ...

    async def due(self, since: datetime, until: datetime) -> Sequence[Due]:
        """Return what falls due after ``since``, up to and with ``until``; the same for the same times.

        Raises: StoreError.
        """
        ...

    async def do(self, due: Due) -> None:
        """Do it. Whoever died over it has it done again, so doing it twice must come to the same.

        Raises: FleetError; `tick_work` has it done later where that helps.
        """
        ...


async def scan(crew: Crew, tenant: str, source: DueSource, now: datetime, enqueue: Enqueue) -> int:
    """Enqueue what fell due since the last scan, the earliest first, and return how much.

    The first scan of all only notes when it was: nothing was owed before. After a standstill all that was missed is
    made up for, up to `MOST_BACK`. A clock that was set back lists nothing until it is past the mark again; the mark
    never moves back. If another process moves it, this one leaves the rest to it. Seconds are left for the next scan.

    Args:
        crew: keeps the mark.
        tenant: whose accounts.
        source: what is due.
        now: up to when.
        enqueue: has it done.

    Raises: StoreError, or what ``enqueue`` raises; the next scan repeats what this one had not come past.
    """
    now, seen = now.replace(second=0, microsecond=0), await crew.mark(tenant, source.name)
    if seen is None:
        await crew.move_mark(tenant, source.name, None, now)
        return 0
    found, since = 0, max(seen, now - MOST_BACK)
    while since < now:
        until = min(since + WINDOW, now)
        for due in await source.due(since, until):
            await enqueue(AccountKey(tenant=tenant, account=due.account), due.kind, due.date)
            found += 1
        if not await crew.move_mark(tenant, source.name, seen, until):
            break
        seen = since = until
    return found


def tick_work(sources: Sequence[DueSource]) -> TickWork:
    """Return what does due work of any of these kinds, waiting for as long as it cannot be done yet.

    A kind that none of them has is passed over with a warning: another version enqueued it.
    """
    known = {source.name: source for source in sources}

    async def work(key: AccountKey, kind: str, date: str) -> None:
        source = known.get(kind)
        if source is None:
            _log.warning("due work of kind %s for account %s (%s) is not known here", kind, key.account, date)
            return
        await _do(source, Due(kind, key.account, date))

    return work


async def _do(source: DueSource, due: Due) -> None:
    """Do due work once that is possible: it is listed once only, and would else never be done.

    Raises: FleetError of any other kind.
    """
    pause = LOOK_SECONDS
    while True:
        try:
            await source.do(due)
        except (Paused, AccountBusy) as error:
            _log.debug("%s of account %s, due on %s, waits: %s", *due, error)
            await anyio.sleep(LOOK_SECONDS)
        except StoreError as error:
            _log.warning("%s of account %s, due on %s, waits for the database: %s", *due, error)
            await anyio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
        else:
            return


class Digests:
    """Once a month each account's quarters that are over are summed up, as `AccountMemory.consolidate` does.

    The hour of the month differs from account to account and is always the same for one, so that ten million accounts
    are fifteen thousand an hour. All accounts are asked, since an old mailbox that was taken in today changes an old
    quarter; one to which nothing happened writes nothing.
    """

    name = "digest"

    def __init__(
        self, accounts: Callable[[], Awaitable[Sequence[str]]], memory: Callable[[str], AccountMemory]
    ) -> None:
        """Keep how to list the tenant's accounts, and how to come to the memory of one."""
        self._accounts = accounts
        self._memory = memory

    async def due(self, since: datetime, until: datetime) -> Sequence[Due]:
        """Return the accounts whose hour of the month lies between, by that hour."""
        if _whole_hour(until) <= since:  # most scans: accounts need not be listed
            return ()
        months = tuple(_months(since, until))
        found = [
            (moment, account)
            for account in await self._accounts()
            for month in months
            if since < (moment := month + timedelta(hours=_hour_of_month(account))) <= until
        ]
        return [Due(self.name, account, moment.date().isoformat()) for moment, account in sorted(found)]

    async def do(self, due: Due) -> None:
        """Sum the account's quarters up; those that are summed up already stay as they are."""
        await self._memory(due.account).consolidate()


def _hour_of_month(account: str) -> int:
    """Return the account's hour of every month, counted from the month's beginning."""
    return crc32(account.encode("utf-8", "surrogatepass")) % (_DAYS * 24)


def _whole_hour(moment: datetime) -> datetime:
    """Return when the hour of a moment began."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _months(since: datetime, until: datetime) -> Iterator[datetime]:
    """Yield the beginnings of the months in which a time lies, the first one's included."""
    month = _whole_hour(since).replace(day=1, hour=0)
    while month <= until:
        yield month
        month = (month + timedelta(days=31)).replace(day=1)
