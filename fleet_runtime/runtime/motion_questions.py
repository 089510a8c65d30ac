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

    async def put(self) -> int:
        """Put what was not put yet and note what was decided; return how many were put.

        One that cannot be put now (the account is busy, a changed contract is to be accepted first) is passed over
        with a warning, and is put the next time.

        Raises: StoreError.
        """
        put = 0
        for key, product in await self.note():
            if not product.approval and await self._put(self._about(key, product)):
                await self._became(key, product, approval=question_of(product.id))
                put += 1
        return put + await self._ask()

    async def _ask(self) -> int:
        """Put the questions of motions that ask."""
        if not any(ASK in motion.does for motion in self._motions.values()):
            return 0
        tenant, today = self._desk.settings.tenant, self._desk.clock().date()
        put = 0
        for key, run in await self._books.runs(tenant, _before(today), date.max):
            motion = self._motions.get(run.motion)
            if motion is None or ASK not in motion.does or run.outcome != "done":
                continue
            turn = self._question(key, run, motion)
            if await self._desk.store.turn(key, turn.id) is None:
                put += await self._put(turn)
        return put

    async def note(self) -> Sequence[tuple[AccountKey, WorkProduct]]:
        """Bring the work products that wait up to date with what was decided, and return those that waited.

        Raises: StoreError.
        """
        waiting = await self._books.products(self._desk.settings.tenant, ("waiting",))
        if not any(product.approval for _, product in waiting):
            return waiting
        asked = {(one.key, one.id): one for one in await self._desk.store.approvals(self._desk.settings.tenant)}
        for key, product in waiting:
            decided = asked.get((key, product.approval))
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


def _before(today: date) -> date:
    """Return from when on runs are looked through."""
    return today - _BACK
