"""What motions ask a person: each question is put once, and what was decided is noted on the work product.

What is to be asked stands on record (a work product that waits, the run of a motion that asks), so that a question
which a killed process did not put is put by the next tick. Decides nothing, and sends nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from fleet_runtime.books import Books
from fleet_runtime.contracts import Motion, Role
from fleet_runtime.errors import FleetError
from fleet_runtime.motions.grammar import ANYBODY, ASK
from fleet_runtime.records import AccountKey, Approval, Turn
from fleet_runtime.records.book import MotionRun, WorkProduct
from fleet_runtime.runtime.desk import Desk
from fleet_runtime.runtime.proposing import proposal, question_of

Carry = Callable[[Turn], Awaitable[object]]
"""Accepts a turn, and runs it unless workers do: it is not waited for them, who may be waiting for this very work."""

_BACK: Final = timedelta(days=365)
"""How far back a question that was not put is put still."""

_log = logging.getLogger(__name__)


class MotionQuestions:
    """The questions that a tenant's motions put."""

    def __init__(self, desk: Desk, books: Books, carry: Carry, declared: Sequence[tuple[Role, Motion]]) -> None:
        """Put them by ``carry``, as turns of their own."""
        self._desk = desk
        self._books = books
        self._carry = carry
        self._motions = {motion.name: motion for _, motion in declared}
        self._asked: set[str] = set()

    async def put(self, account: str | None = None) -> int:
        """Put what was not put yet, of one account or of all, and return how many were put.

        Of all, what was decided is noted too. One that cannot be put now (the account is busy, a changed contract is to
        be accepted first) is passed over with a warning, and is put the next time.

        Raises: StoreError.
        """
        since = self._desk.clock().date() - _BACK
        asks = any(ASK in motion.does for motion in self._motions.values())
        runs: Sequence[tuple[AccountKey, MotionRun]] = ()
        if account is None:
            waiting = await self.note()
            runs = await self._books.runs(self._desk.settings.tenant, since, date.max) if asks else ()
        else:
            book = await self._books.book(self._desk.key(account))
            waiting = [(book.key, product) for product in book.products if product.state == "waiting"]
            runs = [(book.key, run) for run in book.runs if run.due >= since]
        put = 0
        for key, product in waiting:
            if not product.approval and await self._put(self._about(key, product)):
                await self._became(key, product, approval=question_of(product.id))
                put += 1
        return put + await self._ask(runs)

    async def _ask(self, runs: Sequence[tuple[AccountKey, MotionRun]]) -> int:
        """Put the questions of motions that ask; of what was put once no store is asked again."""
        put = 0
        for key, run in runs:
            motion = self._motions.get(run.motion)
            if motion is None or ASK not in motion.does or run.outcome != "done":
                continue
            turn = self._question(key, run, motion)
            if turn.id in self._asked:
                continue
            new = await self._desk.store.turn(key, turn.id) is None
            if new and not await self._put(turn):
                continue
            self._asked.add(turn.id)
            put += new
        return put

    async def note(self) -> Sequence[tuple[AccountKey, WorkProduct]]:
        """Bring the work products that wait up to date with what was decided, and return those that waited.

        Raises: StoreError.
        """
        tenant, store = self._desk.settings.tenant, self._desk.store
        waiting = await self._books.products(tenant, ("waiting",))
        asked = [(key, product) for key, product in waiting if product.approval]
        if not asked:
            return waiting
        undecided = {(one.key, one.id) for one in await store.approvals(tenant, state="waiting")}
        if all((key, product.approval) in undecided for key, product in asked):
            return waiting
        approvals = {(one.key, one.id): one for one in await store.approvals(tenant)}
        for key, product in asked:
            decided = approvals.get((key, product.approval))
            if decided is not None and decided.state != "waiting":
                await self._became(key, product, approval=product.approval, decided=decided)
        return waiting

    async def _became(
        self, key: AccountKey, product: WorkProduct, *, approval: str, decided: Approval | None = None
    ) -> None:
        """Note a work product's question, or what was decided."""
        state, outcome = product.state, product.outcome
        at = self._desk.clock()
        if decided is not None and decided.state != "waiting":
            state, at = decided.state, decided.decided_at or at
            who = f" by {decided.decided_by}" if decided.decided_by else ""
            outcome = f"{decided.state}{who}" + (f": {decided.note}" if decided.note else "")
        await self._books.change_product(key, product.id, state, approval=approval, outcome=outcome, at=at)

    async def _put(self, turn: Turn) -> bool:
        """Have a question put; False if it cannot be now."""
        try:
            await self._carry(turn)
        except FleetError as error:
            _log.warning("account %s: %s is not asked yet: %s", turn.key.account, turn.id, error)
            return False
        return True

    def _about(self, key: AccountKey, product: WorkProduct) -> Turn:
        """Make the turn that asks about a work product."""
        motion = self._motions.get(product.motion)
        who = motion.approved_by if motion else ANYBODY
        whose = f", {who} decides" if who not in ("", ANYBODY) else ""
        to = f" to {product.to}" if product.to else ""
        return proposal(
            key,
            product.id,
            role=product.role,
            question=f"May this go out{to}{whose}? {product.title}",
            draft=product.text,
            to=product.to or "customer",
            at=self._now(product.made_at),
        )

    def _question(self, key: AccountKey, run: MotionRun, motion: Motion) -> Turn:
        """Make the turn by which a motion asks."""
        return proposal(
            key,
            f"{key.account}:{run.motion}:{run.due}",
            role=run.role,
            question=motion.text,
            draft=motion.text,
            to=motion.to or (motion.approved_by if motion.approved_by != ANYBODY else "") or "colleagues",
            at=self._now(run.ran_at),
        )

    def _now(self, at: datetime) -> datetime:
        """Return when a question is put: not before what it is about."""
        return max(self._desk.clock(), at)
