"""What is read of one account's rows in memory: facts, columns for ranking, events without a vector, receipts."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from fleet_runtime.books import AccountBook
from fleet_runtime.contracts import Value
from fleet_runtime.ports import RankingRows
from fleet_runtime.records import AccountKey, Event, Fact, Receipt
from fleet_runtime.stores.common.choosing import FactFilter
from fleet_runtime.stores.common.deciding import was_weighed
from fleet_runtime.stores.memory.account import AccountRows

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def chosen_facts(rows: AccountRows, wanted: FactFilter) -> tuple[Fact, ...]:
    """Return the facts that are wanted, by key, subject and validity."""
    found = (fact for fact in rows.facts.values() if wanted.takes(fact))
    return tuple(sorted(found, key=lambda fact: (fact.key, fact.subject, fact.valid_from, fact.id)))


def ranking_rows(rows: AccountRows, encoder: str) -> RankingRows:
    """Return the columns by which the account's events are ranked."""
    from fleet_runtime.recall.terms import event_terms  # noqa: PLC0415 - loads where something is recalled

    events = rows.events_in_order()
    for event in events:
        if event.id not in rows.terms:
            rows.terms[event.id] = event_terms(event)
    embedded = bool(encoder) and rows.encoder == encoder
    return RankingRows(
        version=rows.place.stamp,
        ids=[event.id for event in events],
        at=[(event.at - _EPOCH) // _MICROSECOND for event in events],
        kinds=[event.kind for event in events],
        authors=[event.author for event in events],
        terms=[rows.terms[event.id] for event in events],
        encoder=encoder if embedded else "",
        vectors=[rows.vectors.get(event.id) for event in events] if embedded else (),
    )


def without_vector(rows: AccountRows, encoder: str) -> list[Event]:
    """Return the events that have no vector by an encoder, the newest first."""
    vectors = rows.vectors if rows.encoder == encoder else {}
    missing = [event for event in rows.events_in_order() if event.id not in vectors]
    return sorted(sorted(missing, key=lambda event: event.id), key=lambda event: event.at, reverse=True)


def receipt(key: AccountKey, rows: AccountRows | None, now: datetime) -> Receipt:
    """Return what was removed with an account; nothing where there was none."""
    tables = {} if rows is None else _tables(rows)
    hashed = hashlib.sha256()
    for table, said in tables.items():
        for one in said:
            hashed.update(f"{table} {one}\n".encode())
    counts = {table: len(said) for table, said in tables.items()}
    return Receipt(account=key.account, at=now, erased=rows is not None, counts=counts, content_hash=hashed.hexdigest())


def _tables(rows: AccountRows) -> dict[str, list[str]]:
    """Return all rows in words, by the names of the tables that a database keeps them in, each by id."""
    replies = [turn.reply for turn in rows.turns if turn.reply is not None]
    return {
        "vector": [f"{name} {data.hex()}" for name, data in sorted(rows.vectors.items())],
        "learning": [f"{name} {since}" for name, since in sorted(rows.awaiting.items())],
        "digest": _said(rows.digests),
        "commitment": _said(rows.commitments),
        "fact": _said(rows.facts),
        "event": _said(rows.events),
        **_book(rows.book),
        "signal": [],  # within one process nobody hears of a turn through the store
        "decision": [reply.decision.model_dump_json() for reply in replies if was_weighed(reply.decision)],
        "hand_off": [packet.model_dump_json() for reply in replies for packet in reply.hand_offs],
        "step": [step.model_dump_json() for _, of_turn in sorted(rows.steps.items()) for step in of_turn.values()],
        "approval": _said(rows.approvals),
        "turn": [f"{turn.model_dump_json()} {rows.traces.get(turn.id, '')}" for turn in rows.turns],
        "pin": _said(rows.pins),
        "spent": [f"{day} {spent.model_dump_json()}" for day, spent in sorted(rows.spent.items())],
        "account": [f"{rows.key.tenant} {rows.key.account}"],
    }


def _book(book: AccountBook) -> dict[str, list[str]]:
    """Return the rows of a book in words, by kind, and that it has a version if anything was ever in it."""
    from fleet_runtime.bookkeeping import KINDS, rows_of  # noqa: PLC0415 - loads where an account is erased

    told: dict[str, list[str]] = {kind: [] for kind in KINDS}
    names = {value: kind for kind, value in KINDS.items()}
    for row in rows_of(book):
        told[names[type(row)]].append(row.model_dump_json())
    return told | {"portfolio": [""] if book.version else []}


def _said(values: Mapping[str, Value]) -> list[str]:
    """Return values as JSON, by id."""
    return [value.model_dump_json() for _, value in sorted(values.items())]
