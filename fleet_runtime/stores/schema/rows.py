"""Values as rows and rows as values. Runs no SQL.

Columns bear the names of the values' fields, so one function each way serves events, facts and commitments.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Table

from fleet_runtime.records import AccountKey, Commitment, Contract, Digest, Event, Fact, Failure, Reply, Turn
from fleet_runtime.stores.schema.packing import unpacked

Row = dict[str, object]
"""A row to write: column name to value."""

Remembered = TypeVar("Remembered", Event, Fact, Commitment, Digest)

_OF_EVENT = ("id", "at", "kind", "author", "text")
_NAMES: dict[type, tuple[str, ...]] = {
    Event: _OF_EVENT,
    Fact: tuple(Fact.model_fields),
    Commitment: tuple(Commitment.model_fields),
    Digest: tuple(Digest.model_fields),
}

_OF_TURN = ("id", "conversation", "sequence", "role", "speaker", "at", "text", "approval", "state")
TURN_COLUMNS = ("tenant", "account", "reply", "failure", "output_schema", "grant", *_OF_TURN)
"""The columns of a turn, in the order in which `turn_of` takes them."""


def stamp(moment: datetime) -> str:
    """Write a time as UTC text of one width, which sorts as it stands."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def owned(key: AccountKey, /, **columns: object) -> Row:
    """Return a row of the account."""
    return {"tenant": key.tenant, "account": key.account, **columns}


def memory_row(number: int, value: Event | Fact | Commitment | Digest) -> Row:
    """Return the row of a remembered value, of the account with that number."""
    row: Row = {name: getattr(value, name) for name in _NAMES[type(value)]}
    row["account_number"] = number
    if isinstance(value, Event):
        from fleet_runtime.recall.terms import event_terms  # noqa: PLC0415 - loads where something is remembered

        row["terms"] = event_terms(value)
    elif isinstance(value, Digest):
        row["cites"] = json.dumps(value.cites)
    return row


def columns_of(kind: type[Remembered], table: Table) -> list[ColumnElement[object]]:
    """Return the columns that make up a value, in the order in which `value_of` takes them."""
    return [table.c[name] for name in _NAMES[kind]]


def value_of(kind: type[Remembered], columns: Iterable[object]) -> Remembered:
    """Return the remembered value whose `columns_of` were read."""
    row = dict(zip(_NAMES[kind], columns, strict=True))
    if kind is Digest:
        row["cites"] = json.loads(str(row["cites"]))
    return kind.model_validate(row)


def turn_row(turn: Turn, sequence: int, accepted_at: datetime) -> Row:
    """Return the row of a message that is accepted now: it gets its sequence and has no reply."""
    return owned(
        turn.key,
        id=turn.id,
        conversation=turn.conversation,
        sequence=sequence,
        role=turn.role,
        speaker=turn.speaker,
        at=stamp(turn.at),
        accepted_at=stamp(accepted_at),
        text=turn.text,
        state="accepted",
        approval=turn.approval,
        output_schema=None if turn.output_schema is None else json.dumps(turn.output_schema),
        grant=None if turn.grant is None else json.dumps(turn.grant),
        reply=None,
        failure=None,
        trace=None,
    )


def turn_of(columns: Sequence[Any]) -> Turn:
    """Return the turn whose `TURN_COLUMNS` were read, with its reply if it is done, or why it was given up."""
    tenant, account, reply, failure, output_schema, grant, *rest = columns
    return Turn(
        key=AccountKey(tenant=tenant, account=account),
        reply=None if reply is None else unpacked(reply, rest[0]),
        failure=None if failure is None else Failure.model_validate_json(failure),
        output_schema=None if output_schema is None else json.loads(output_schema),
        grant=None if grant is None else json.loads(grant),
        **dict(zip(_OF_TURN, rest, strict=True)),
    )


def decision_row(key: AccountKey, reply: Reply, at: datetime) -> Row:
    """Return the row of a reply's decision: what one asks for as columns, all of it as ``trace``."""
    decision = reply.decision
    return owned(
        key,
        turn_id=reply.turn_id,
        id=decision.id,
        at=stamp(at),
        verdict=decision.verdict,
        choice=decision.choice,
        active_role=decision.active_role,
        stage=decision.stage,
        confidence=decision.confidence,
        rule_where=decision.rule.where if decision.rule else None,
        reason=decision.reason,
    )


def hand_off_rows(key: AccountKey, reply: Reply, at: datetime) -> list[Row]:
    """Return the rows of a reply's hand-offs, in their order."""
    return [
        owned(
            key,
            turn_id=reply.turn_id,
            id=hand_off.id,
            position=position,
            at=stamp(at),
            from_role=hand_off.from_role,
            to_role=hand_off.to_role,
            why=hand_off.why,
            said=hand_off.said,
            asked=hand_off.asked,
            fact_ids=",".join(hand_off.fact_ids),
            rule=hand_off.rule,
        )
        for position, hand_off in enumerate(reply.hand_offs)
    ]


def pin_row(key: AccountKey, contract: Contract, at: datetime) -> Row:
    """Return the row that binds the account to a contract."""
    return owned(key, role=contract.role, content_hash=contract.content_hash, since=stamp(at))
