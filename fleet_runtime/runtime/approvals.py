"""The door for whoever decides what waits for a person. Decides nothing itself, and makes no call that was approved.

A question is decided once, in the store; one that a motion puts, by whom its contract names. What follows is an
ordinary turn whose id is fixed by the question: however often, wherever and whenever a decision is repeated, that turn
runs once and its reply comes back.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Literal

from fleet_runtime.contracts import Motion
from fleet_runtime.errors import ApprovalError, FleetError
from fleet_runtime.records import Approval, Reply, Turn
from fleet_runtime.runtime.desk import Desk
from fleet_runtime.runtime.plain_text import refuse_bytes
from fleet_runtime.runtime.proposing import asked_by_motion, motion_of

Carry = Callable[[Turn], Awaitable[Reply]]
"""Accepts a turn and runs it, or gives the reply that it already has."""

State = Literal["waiting", "approved", "rejected"]

_log = logging.getLogger(__name__)


class Approvals:
    """The questions of one tenant: what waits, and what is decided."""

    def __init__(self, desk: Desk, carry: Carry) -> None:
        """Decide over the desk's store; ``carry`` accepts and runs the turn that follows."""
        self._store = desk.store
        self._staff = desk.staff
        self._tenant = desk.settings.tenant
        self._clock = desk.clock
        self._carry = carry

    async def list(self, state: State | None = "waiting") -> tuple[Approval, ...]:
        """Return the questions of one state, or with None all, by when they were asked.

        Raises: StoreError.
        """
        return tuple(await self._store.approvals(self._tenant, state=state))

    async def approve(self, approval_id: str, *, by: str = "", note: str = "") -> Reply:
        """Say yes, and return what the customer is told after it was done.

        Said again it gives the same reply; what was approved is done once. Also days later, in another process.

        Args:
            approval_id: the question's id (`Reply.approvals`, `list`).
            by: who decides. Where a motion is approved by somebody (`fleet_runtime.contracts.Motion`), that name.
            note: what the role is to know of it.

        Raises: ApprovalError if there is no such question, it was rejected, or it is for somebody else to decide (it
            waits on then); MessageError for text that cannot be kept; Paused, ModelError, AccountBusy, StoreError
            (decided all the same: repeat it, or start again).
        """
        return await self._decide(approval_id, approve=True, by=by, note=note)

    async def reject(self, approval_id: str, *, by: str = "", note: str = "") -> Reply:
        """Say no, and return what the customer is told then. Arguments and errors as for `approve`."""
        return await self._decide(approval_id, approve=False, by=by, note=note)

    async def resume_decided(self) -> int:
        """Carry on what was decided before a process died and was never begun; return how many turns were answered.

        One that fails is passed over with a warning in the log, and is tried again the next time.

        Raises: StoreError if the questions cannot be listed.
        """
        answered = 0
        for question in await self._store.approvals(self._tenant):
            if question.state == "waiting":
                continue
            if await self._store.turn(question.key, question.resuming_turn) is not None:
                continue  # begun: the engine finishes it
            try:
                await self._carry(await self._turn_after(question))
            except FleetError as error:
                _log.warning("approval %s: decided, and not carried on yet: %s", question.id, error)
            else:
                answered += 1
        return answered

    async def _decide(self, approval_id: str, *, approve: bool, by: str, note: str) -> Reply:
        """Decide in the store, then run what follows from what the store says."""
        for name, value in (("approval id", approval_id), ("name", by), ("note", note)):
            refuse_bytes(name, value)
        await self._refuse_others(approval_id, by, approve=approve)
        now = self._clock()
        decided = await self._store.decide(self._tenant, approval_id, approve=approve, by=by, note=note, now=now)
        return await self._carry(await self._turn_after(decided))

    async def _refuse_others(self, approval_id: str, by: str, *, approve: bool) -> None:
        """Refuse a motion's question to whom its contract does not name; what is decided, anybody may repeat.

        Raises: ApprovalError, and the question waits on; StoreError.
        """
        waiting = await self._store.approvals(self._tenant, state="waiting") if asked_by_motion(approval_id) else ()
        question = next((one for one in waiting if one.id == approval_id and motion_of(one)), None)
        if question is None:
            return
        from fleet_runtime.motions.owners import may_decide  # noqa: PLC0415 - loads where a motion's question is decided

        motion = self._motion(question)
        if motion is not None and not may_decide(motion.approved_by, by):
            raise ApprovalError(
                f"question {approval_id} is for {motion.approved_by} to decide, and {by or 'nobody'} answered",
                hint=f'it waits on; whoever it is for answers with --by "{motion.approved_by}", in code with by=',
            )
        if motion is None and approve:
            raise ApprovalError(
                f"no role at work has the motion {motion_of(question)!r} any more: nobody is named who may approve",
                hint="put the motion back into its role's contract, or reject the question",
            )

    def _motion(self, question: Approval) -> Motion | None:
        """Return the motion that put a question as the contract in force has it, or None if it has it no more."""
        from fleet_runtime.motions import motions_of  # noqa: PLC0415 - as above

        role, name = self._staff.get(question.role), motion_of(question)
        return next((one for one in motions_of(role) if one.name == name), None) if role is not None else None

    async def _turn_after(self, decided: Approval) -> Turn:
        """Make the turn that carries a decided question on: always the same one, within what the first was granted."""
        first = await self._store.turn(decided.key, decided.turn_id)
        return Turn(
            id=decided.resuming_turn,
            key=decided.key,
            conversation=decided.conversation,
            role=decided.role,
            speaker=decided.speaker,
            at=decided.decided_at or decided.asked_at,
            text=decided.note or decided.state,
            approval=decided.id,
            grant=first.grant if first else None,
        )
