"""Motions, as callers see them: the door by which a persistent role starts work by itself.

`Motions.tick` carries out what fell due since the last time, however long ago that was; nothing else wakes it. No
model is asked. What is done, and when it is due, is floor 4's (`fleet_runtime.motions`); that it is done exactly once
is the book's: a run is kept by account, motion and due day.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple

from fleet_runtime.books import Books
from fleet_runtime.contracts import Motion
from fleet_runtime.errors import MessageError, Paused
from fleet_runtime.health import end_of
from fleet_runtime.motions import LATE, declared_motions, planned
from fleet_runtime.records.book import MotionRun, ProductState, WorkProduct
from fleet_runtime.runtime.cases import Cases
from fleet_runtime.runtime.desk import Desk
from fleet_runtime.runtime.looks import Looks
from fleet_runtime.runtime.motion_days import MotionDays, Raised
from fleet_runtime.runtime.motion_questions import Carry, MotionQuestions
from fleet_runtime.runtime.ticking import MOST_BACK, Due

SCAN: Final = "motions"
"""The name of the mark up to which motions were carried out."""

_BEGUN: Final = "motions-begun"
"""The name of the mark that the first scan of all sets to where it begins."""

SETTLED: Final[tuple[ProductState, ...]] = ("accepted", "declined", "won", "lost")
"""What can become of a hand-off."""

_DAY: Final = timedelta(days=1)

Told = Callable[[int, int], None]
"""Is told (days looked at, days in all)."""


__all__ = ["SCAN", "SETTLED", "DueMotion", "Motions", "MotionsDue", "Raised"]


class DueMotion(NamedTuple):
    """A motion, by its name, that is due for an account on a day."""

    account: str
    role: str
    motion: str
    due: date


class Motions:
    """The motions of the staffed roles, over all accounts of the tenant."""

    def __init__(  # noqa: PLR0913 - what motions are carried out with
        self,
        desk: Desk,
        books: Books,
        cases: Cases,
        *,
        carry: Carry,
        check_switch: Callable[[], Awaitable[None]],
        looks: Looks,
    ) -> None:
        """Take the motions from the contracts.

        Args:
            desk: staff, words, store and clock.
            books: where runs, notices and work products are kept.
            cases: the accounts.
            carry: accepts the turns by which motions ask a person, and runs them unless workers do.
            check_switch: raises Paused while the switch is off.
            looks: looks at accounts.

        Raises: ContractError for a motion that cannot be read, or a name that two roles use.
        """
        self._desk = desk
        self._books = books
        self._cases = cases
        self._check_switch = check_switch
        self._declared = declared_motions(desk.staff.roles)
        self.days = MotionDays(
            books, cases, looks, tenant=desk.settings.tenant, declared=self._declared, clock=desk.clock
        )
        self._questions = MotionQuestions(desk, books, carry, self._declared)

    def declared(self) -> tuple[tuple[str, Motion], ...]:
        """Return the motions of the staffed roles, each with its role's class, in the contracts' order."""
        return tuple((role.role_class, motion) for role, motion in self._declared)

    async def tick(self, now: date | datetime | None = None) -> tuple[Raised, ...]:
        """Carry out what fell due since the last tick, and return what was raised, by day, account and kind.

        What is missed is made up for day by day, up to a year back: each date once; of reviews by the calendar the
        last only. The first tick of all goes thirty days back for dates, and reviews once. Any number of processes may
        tick, be killed and tick again: nothing is done twice, and nothing is left out.

        Args:
            now: up to when; a day counts to its end (UTC). Default the fleet's clock.

        Raises: Paused; StoreFull, StoreError, ContractError, PromptError (what was done until then is kept).
        """
        await self._check_switch()
        until = self._moment(now)
        found = await self._made_up(until)
        await self._questions.put()
        return _ordered(found)

    async def ticked(self) -> datetime | None:
        """Return up to when motions were carried out, or None if they never were.

        Raises: StoreError.
        """
        return await self._books.mark(self._tenant, SCAN)

    async def replay(
        self,
        since: date,
        until: date,
        every: timedelta = timedelta(days=7),
        *,
        told: Told = lambda _done, _of: None,
    ) -> tuple[Raised, ...]:
        """Work through a window as if there had been a tick at its first day, and then one each ``every``.

        What was done in it already stays as it is. The mark only ever moves forward.

        Args:
            since: the first day, which is reviewed whatever the calendar says.
            until: the last day.
            every: how far apart the ticks are, a day at least.
            told: is told how far it is.

        Returns:
            All that is raised within the window, by day, account and kind; ``new`` tells what this call raised.

        Raises: as `tick`; MessageError for a window that ends before it begins, or steps of less than a day.
        """
        if until < since or every < _DAY:
            raise MessageError(
                f"no window from {since} to {until} by {every}",
                hint="end it after it begins, in steps of a day or more",
            )
        await self._check_switch()
        begin, day, fresh = end_of(since - _DAY), since, set[tuple[str, str]]()
        while True:
            for span in self.days.spans(begin, end_of(day), first=day == since):
                raised = await self.days.work(span)
                fresh.update((one.account, one.notice.id) for one in raised)
                told((span.end.date() - since).days + 1, (until - since).days + 1)
            if day >= until:
                break
            begin, day = end_of(day), min(day + every, until)
        await self._move_on(end_of(until))
        await self._questions.put()
        found = await self._books.notices(self._tenant, since, until)
        return _ordered(Raised(key.account, notice, (key.account, notice.id) in fresh) for key, notice in found)

    async def due(self, until: date | datetime | None = None) -> tuple[DueMotion, ...]:
        """Return what is due and was not carried out yet, by day and account; a later ``until`` looks ahead.

        What a rule brings is not known before it is looked at.

        Raises: StoreError.
        """
        now, until = self._desk.clock(), self._moment(until)
        seen = await self._books.mark(self._tenant, SCAN)
        since = await self._since(seen, min(now, until))
        found: set[DueMotion] = set()
        past = max(min(now, until), since)
        for span in self.days.spans(since, past, first=await self._is_first(seen)):
            for account, due in (await self.days.due(span)).items():
                found.update(
                    DueMotion(account, role.role_class, motion.name, day)
                    for role, motion, day in due
                    if motion.trigger.kind != "rule"
                )
        for account, case in (await self._cases.all()).items() if until > past else ():
            done = {(run.motion, run.due) for run in case.book.runs}
            for role, motion in self._declared:
                days = (day for day in planned(motion, case, past, until) if (motion.name, day) not in done)
                found.update(DueMotion(account, role.role_class, motion.name, day) for day in days)
        return tuple(sorted(found, key=lambda one: (one.due, one.account, one.role, one.motion)))

    async def history(
        self, account: str | None = None, since: date | None = None, until: date | None = None
    ) -> tuple[tuple[str, MotionRun], ...]:
        """Return the runs on record of one account or of all, each with its account, by the day they were due.

        Raises: StoreError.
        """
        runs = await self._books.runs(self._tenant, since or date.min, until or date.max)
        return tuple((key.account, run) for key, run in runs if account in (None, key.account))

    async def products(self, states: Sequence[ProductState] = ()) -> tuple[tuple[str, WorkProduct], ...]:
        """Return the work products of some states (none: all), each with its account, by day.

        Raises: StoreError.
        """
        await self._questions.note()
        return tuple((key.account, one) for key, one in await self._books.products(self._tenant, states))

    async def settle(self, product_id: str, state: ProductState, outcome: str = "") -> WorkProduct:
        """Note what became of a hand-off: ``accepted``, ``declined``, ``won`` or ``lost``.

        Args:
            product_id: the packet's id.
            state: what became of it.
            outcome: the same in words.

        Raises: MessageError if there is no such hand-off, or nothing of the kind can become of it; StoreError.
        """
        if state not in SETTLED:
            raise MessageError(f"no hand-off becomes {state!r}", hint=f"one of: {', '.join(SETTLED)}")
        for key, product in await self._books.products(self._tenant):
            if product.id == product_id and product.kind == "hand_off":
                changed = await self._books.change_product(
                    key, product.id, state, approval=product.approval, outcome=outcome, at=self._desk.clock()
                )
                if changed is not None:
                    return changed
        raise MessageError(f"there is no hand-off {product_id!r}", hint="see with: fleet motions products")

    async def carry_out(self, account: str, at: datetime) -> tuple[Raised, ...]:
        """Carry out what is due for one account on the day of a moment, up to that moment; for workers.

        A review that a later one has overtaken by now is left out.

        Raises: as `tick`.
        """
        await self._check_switch()
        begin, now = end_of(at.date() - _DAY), self._desk.clock()
        later = {name for span in self.days.spans(at, now) for name in span.crons}
        raised: list[Raised] = []
        for span in self.days.spans(begin, at):
            raised += await self.days.work_one(account, span._replace(crons=span.crons - later))
        await self._questions.put(account)
        return _ordered(raised)

    async def put_questions(self) -> None:
        """Put what a person is to be asked and was not yet, and note what was decided; nothing while paused.

        Raises: StoreError.
        """
        with suppress(Paused):
            await self._check_switch()
            await self._questions.put()

    async def begin(self) -> None:
        """Have the first of all workers begin where ticks had come to, else as far back as a first tick goes.

        Raises: StoreError.
        """
        if await self._books.mark(self._tenant, MotionsDue.name) is None:
            now = self._desk.clock()
            begin = min(await self.ticked() or now - LATE, now)
            await self._books.move_mark(self._tenant, MotionsDue.name, None, begin)

    async def listed(self, since: datetime, until: datetime) -> list[tuple[str, datetime]]:
        """Return the accounts for which anything falls due within a time, each with the moment to look at it as of."""
        found: list[tuple[str, datetime]] = []
        for span in self.days.spans(since, until):
            found += [(account, span.end) for account in await self.days.due(span)]
        return found

    async def _made_up(self, until: datetime) -> list[Raised]:
        """Work off the days since the mark; another process that works on them too is left what it takes."""
        seen = await self._books.mark(self._tenant, SCAN)
        if seen is None:
            await self._books.move_mark(self._tenant, _BEGUN, None, until - LATE)
        since = await self._since(seen, until)
        raised: list[Raised] = []
        for span in self.days.spans(since, until, first=await self._is_first(seen)):
            if seen is not None and span.end <= seen:
                continue  # another process was faster
            raised += await self.days.work(span)
            if seen is None and span.end < until:
                continue  # a first scan that dies begins anew: its review stands at the end
            if await self._books.move_mark(self._tenant, SCAN, seen, span.end):
                seen = span.end
            else:
                seen = await self._books.mark(self._tenant, SCAN)
        return raised

    async def _since(self, seen: datetime | None, now: datetime) -> datetime:
        """Return from when on motions are carried out: where the last scan came to, or a first one that died began."""
        if seen is None:
            begun = await self._books.mark(self._tenant, _BEGUN)
            seen = min(begun or now, now - LATE)
        return max(seen, now - MOST_BACK)

    async def _is_first(self, seen: datetime | None) -> bool:
        """Tell whether nothing was ever carried out, neither by ticks nor by workers."""
        return seen is None and await self._books.mark(self._tenant, MotionsDue.name) is None

    async def _move_on(self, until: datetime) -> None:
        """Move the mark forward to a moment, whoever else moves it."""
        while True:
            seen = await self._books.mark(self._tenant, SCAN)
            if (seen is not None and seen >= until) or await self._books.move_mark(self._tenant, SCAN, seen, until):
                return

    def _moment(self, now: date | datetime | None) -> datetime:
        """Return up to when: a day counts to its end."""
        if now is None:
            return self._desk.clock()
        if not isinstance(now, datetime):
            return end_of(now)
        return now.replace(tzinfo=UTC) if now.tzinfo is None else now.astimezone(UTC)

    @property
    def _tenant(self) -> str:
        """Return whose accounts these are."""
        return self._desk.settings.tenant


class MotionsDue:
    """What workers carry out: one piece of work for each account and day on which anything is due."""

    name = "motion"

    def __init__(self, motions: Motions) -> None:
        """List and do the work of these motions."""
        self._motions = motions

    async def due(self, since: datetime, until: datetime) -> Sequence[Due]:
        """Return the accounts for which anything falls due between, and put questions that nobody put."""
        await self._motions.put_questions()
        found = await self._motions.listed(since, until)
        return [Due(self.name, account, f"{moment:%Y%m%dT%H%M%S.%fZ}") for account, moment in found]

    async def do(self, due: Due) -> None:
        """Carry out what is due for the account; what is on record already stays as it is."""
        await self._motions.carry_out(due.account, datetime.fromisoformat(due.date))


def _ordered(raised: Iterable[Raised]) -> tuple[Raised, ...]:
    """Sort what was raised by day, account, kind and id."""
    return tuple(sorted(raised, key=lambda one: (one.notice.on, one.account, one.notice.concern.kind, one.notice.id)))
