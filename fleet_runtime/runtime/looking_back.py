"""Looks back at stored decisions: which would come out otherwise today, and what nobody owned.

Reads the record account by account, and changes nothing in it. It does not say which decision was right.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from fleet_runtime.decisions import Decision
from fleet_runtime.ports import Embedder, Vector
from fleet_runtime.records import Turn
from fleet_runtime.routing.gaps import Gap, Unowned, find_gaps
from fleet_runtime.routing.replayed import Replayed
from fleet_runtime.runtime.ahead import AT_ONCE
from fleet_runtime.runtime.desk import Desk
from fleet_runtime.runtime.dispatching import Dispatcher

MOST_UNOWNED = 1_500
"""Messages that are grouped, the newest: time grows with their square."""


class Past(NamedTuple):
    """An answered turn with its decision, and what was said before in the same conversation."""

    turn: Turn
    decision: Decision
    history: tuple[str, ...]


async def past_decisions(desk: Desk, account: str | None = None) -> AsyncGenerator[Past]:
    """Give the decisions of one account or of all of the tenant's, by account and sequence.

    Raises: StoreError.
    """
    for name in [account] if account is not None else await desk.store.accounts(desk.settings.tenant):
        state = await desk.store.read(desk.key(name))
        said: dict[str, list[str]] = {}
        for turn in state.turns:
            if turn.reply is not None and not turn.approval and turn.reply.decision.stage != "motion":
                before = said.setdefault(turn.conversation, [])
                yield Past(turn, turn.reply.decision, tuple(before))
                before.append(turn.text)


async def replay(desk: Desk, dispatcher: Dispatcher, account: str | None = None) -> tuple[Replayed, ...]:
    """Decide every stored message anew, as it came: held by the same role, after the same history.

    Raises: StoreError, PromptError.
    """
    hashes = {role.role_class: role.content_hash for role in desk.staff.roles}
    found: list[Replayed] = []
    async for turn, was, history in past_decisions(desk, account):
        active = was.active_role or turn.role or None
        now = await dispatcher.decide(turn.text, active_role=active, history=history, decision_id=was.id)
        changed = tuple(sorted(name for name, known in was.role_hashes.items() if hashes.get(name) != known))
        found.append(
            Replayed(
                account=turn.key.account,
                turn_id=turn.id,
                at=turn.at,
                text=turn.text,
                was=was,
                now=now,
                changed=changed,
            )
        )
    return tuple(found)


async def gaps(desk: Desk, since: datetime | None = None) -> tuple[Gap, ...]:
    """Group what no role took, over all of the tenant's accounts: nobody's messages and those a boundary declined.

    Raises: StoreError.
    """
    messages = [
        Unowned(
            turn_id=turn.id,
            account=turn.key.account,
            at=turn.at,
            text=turn.text,
            rule=decision.rule.where if decision.rule else "",
        )
        async for turn, decision, _ in past_decisions(desk)
        if decision.verdict in {"nobody", "decline"} and (since is None or turn.at >= since)
    ]
    newest = sorted(messages, key=lambda one: (one.at, one.account, one.turn_id))[-MOST_UNOWNED:]
    vectors = await _vectors(desk.embedder, dict.fromkeys(one.text for one in newest))
    return find_gaps(newest, vectors=vectors)


async def _vectors(embedder: Embedder | None, texts: Iterable[str]) -> dict[str, Vector] | None:
    """Embed what people said, in small batches: large ones would be kept on disk."""
    if embedder is None:
        return None
    wanted: Sequence[str] = list(texts)
    found: dict[str, Vector] = {}
    for start in range(0, len(wanted), AT_ONCE):
        batch = wanted[start : start + AT_ONCE]
        found.update(zip(batch, await embedder.embed(batch), strict=True))
    return found
