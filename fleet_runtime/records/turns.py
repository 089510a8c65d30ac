"""Turns and what came of them, role contracts as an account knows them, and an account's rows as a whole.

Every time is an aware UTC ``datetime``. Nothing here touches a database.
"""

from __future__ import annotations

from typing import Any

from fleet_runtime.contracts import Value
from fleet_runtime.decisions import Decision
from fleet_runtime.messages import Usage
from fleet_runtime.records.memory import AccountKey, Commitment, Digest, Event, Fact, Learned, Moment, Recalled
from fleet_runtime.records.operations import Failure, TurnState
from fleet_runtime.records.work import Approval, Spent, ToolUse


class HandOff(Value):
    """The packet that travels with a turn to another role: who, why, what was said, what is known, what is asked.

    ``from_role`` and ``to_role`` are staffed classes and never the same (`judge_hop` refuses all else); ``why`` is
    the reason of the decision; ``said`` the message, word for word; ``fact_ids`` cite the few facts that bear on it;
    ``rule`` is the boundary's ``file:line``, or empty.
    """

    id: str
    from_role: str
    to_role: str
    why: str
    said: str
    asked: str
    fact_ids: tuple[str, ...] = ()
    rule: str = ""


class Finding(Value):
    """One thing the guard objects to in a reply."""

    kind: str
    text: str
    sentence: str
    message: str


class Part(Value):
    """What one role said within a reply; ``model_written`` are the sentences that a model wrote."""

    role: str
    text: str
    kind: str
    model_written: tuple[str, ...] = ()


class Reply(Value):
    """What a turn answers. ``role`` is the role that answered last; ``parts`` are all that was said, in order.

    ``owner`` is the role that has the conversation from now on, and is nominated for its next message; empty where
    that is whoever is spoken to. ``tools`` are the tools that were used. ``approvals`` are the questions that wait for
    a person. ``exhausted`` says which budget ended the turn early (``turn_money``, ``day_tokens``, ``hops`` …), or
    nothing. Where an object was asked for, ``text`` is its JSON.
    """

    turn_id: str
    conversation: str
    text: str
    role: str
    parts: tuple[Part, ...]
    decision: Decision
    hand_offs: tuple[HandOff, ...] = ()
    recalled: tuple[Recalled, ...] = ()
    learned: tuple[Fact, ...] = ()
    superseded: tuple[Fact, ...] = ()
    findings: tuple[Finding, ...] = ()
    tools: tuple[ToolUse, ...] = ()
    approvals: tuple[Approval, ...] = ()
    exhausted: str = ""
    owner: str = ""
    usage: Usage = Usage()
    model: str = ""


class Turn(Value):
    """One accepted message and, once done, its reply. ``sequence`` orders the turns of an account.

    ``role`` is who was spoken to; empty for a message that came to the front door. ``approval`` is the id of the
    decided question that this turn carries on, ``text`` then what the person who decided said. ``output_schema`` is
    the JSON schema of the object that is asked for. ``grant`` names the only tools that the turn may use, on every hop
    (None: whatever the roles may). A turn that is ``done`` has a ``reply``, one that ``failed`` a ``failure``.
    """

    id: str
    key: AccountKey
    conversation: str
    sequence: int = 0
    role: str
    speaker: str
    at: Moment
    text: str
    approval: str = ""
    output_schema: dict[str, Any] | None = None
    grant: tuple[str, ...] | None = None
    state: TurnState = "accepted"
    reply: Reply | None = None
    failure: Failure | None = None


class TurnRecord(Value, defer_build=True):
    """A turn as those see it who look after the fleet.

    ``held_by`` is the token of whoever holds its account's lease, or empty.
    """

    turn: Turn
    accepted_at: Moment
    held_by: str = ""


class Contract(Value):
    """The text of a role contract, known by its hash; ``text`` is empty where it is not to be had."""

    role: str
    content_hash: str
    text: str = ""


class Pin(Value):
    """The contract that an account's persistent role was first answered under, or that was accepted later."""

    role: str
    content_hash: str
    since: Moment


class RoleChange(Value, defer_build=True):
    """A contract in force that is another than the one an account is pinned to.

    ``was`` and ``now`` are the contracts' hashes; ``diff`` leads from the former text to the present
    one, and is empty where the former text is not known.
    """

    role: str
    since: Moment
    was: str
    now: str
    diff: str = ""


class AccountState(Value):
    """All of an account's rows at one ``version``; the version grows with every commit."""

    key: AccountKey
    version: int = 0
    events: tuple[Event, ...] = ()
    facts: tuple[Fact, ...] = ()
    commitments: tuple[Commitment, ...] = ()
    digests: tuple[Digest, ...] = ()
    turns: tuple[Turn, ...] = ()
    pins: tuple[Pin, ...] = ()

    def pin(self, role_class: str) -> Pin | None:
        """Return what the account is pinned to for that role, or None."""
        return next((pin for pin in self.pins if pin.role == role_class), None)


class AccountChange(Value):
    """One transaction on an account. It is written whole, or refused with `FenceLost`.

    ``seen_version`` is the version it was computed from. ``finishes`` is the turn that it completes
    (with its ``reply``), ``learned_events`` the ids of events whose follow-up learning is now done,
    ``learn_later`` the ids of events that still await it. The account is pinned to the contracts ``pinned``.
    ``spent`` is added to what the account spent on the day of ``now`` (UTC). ``asks`` are questions for a person.
    ``trace`` is the way of the turn, as JSON. ``releases`` gives the lease up with the same write.
    """

    key: AccountKey
    seen_version: int
    now: Moment
    events: tuple[Event, ...] = ()
    learned: Learned = Learned()
    finishes: str | None = None
    reply: Reply | None = None
    lease_owner: str | None = None
    learn_later: tuple[str, ...] = ()
    learned_events: tuple[str, ...] = ()
    pinned: tuple[Contract, ...] = ()
    digests: tuple[Digest, ...] = ()
    spent: Spent = Spent()
    asks: tuple[Approval, ...] = ()
    trace: str = ""
    releases: bool = False
