"""What an account's memory is made of: events, facts, commitments, digests, and what is read from them.

Every time is an aware UTC ``datetime``. Nothing here touches a database.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator

from fleet_runtime.contracts import Value


def _utc(moment: datetime) -> datetime:
    """Read a naive time as UTC, and bring every other to UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


Moment = Annotated[datetime, AfterValidator(_utc)]


class AccountKey(Value):
    """Whose memory it is. There is no query without one."""

    tenant: str
    account: str


class Operation(Value):
    """What a caller who has read an event says it means, so that its text need not be read.

    ``set``: ``key`` has ``value`` from ``valid_from`` (default: the event's time) on. ``retract``: it has none from
    then on. ``correct``: the value believed was never true, ``value`` was, from the moment that one had been set for;
    without a ``value`` there was none. ``commit``: ``owner`` promised ``task`` (to ``to``, until the ISO date ``due``).
    ``close``: the open promise ``task`` was kept. ``qbr``: a business review took place; it changes nothing by itself.
    """

    op: Literal["set", "retract", "correct", "commit", "close", "qbr"]
    subject: str = "account"
    key: str = ""
    value: str | None = None
    valid_from: Moment | None = None
    task: str = ""
    owner: str = ""
    to: str = ""
    due: str = ""


class Event(Value):
    """Something that happened on an account; append-only. ``kind`` is free (message, note, usage, hand_off …).

    ``operations`` say what it means where the caller knows; None leaves its text to be read. They come in with an event
    and are not kept: the facts and commitments that they made cite it.
    """

    id: str
    at: Moment
    kind: str
    author: str
    text: str
    operations: tuple[Operation, ...] | None = None


class Fact(Value):
    """A versioned statement: it held from ``valid_from`` to ``valid_to``, known from ``known_from`` to ``known_to``.

    Open ends are None. ``quote`` is the piece of the source event that says it; ``at`` is the
    event's own time. A fact with ``value`` None is a retraction: from then on nothing is known to hold.
    ``yields_to`` is the id of the fact that this claim contradicts and loses against: a claim that yields
    never holds, and is kept to be shown.
    """

    id: str
    subject: str = "account"
    key: str
    value: str | None
    event_id: str
    author: str
    at: Moment
    quote: str = ""
    confidence: float = 1.0
    valid_from: Moment
    valid_to: Moment | None = None
    known_from: Moment
    known_to: Moment | None = None
    yields_to: str = ""


class Commitment(Value):
    """Who promised what to whom, by when. ``due`` is an ISO date or empty.

    ``closed_at`` and ``closed_by`` (an event's id) say since when it is no longer open.
    """

    id: str
    task: str
    owner: str
    to: str = ""
    due: str = ""
    state: Literal["open", "done", "dropped"] = "open"
    event_id: str
    at: Moment
    closed_at: Moment | None = None
    closed_by: str = ""

    def open_at(self, moment: datetime) -> bool:
        """Tell whether it had been made and was still open at a moment."""
        return self.at <= moment and (self.closed_at is None or self.closed_at > moment)


class Change(Value, defer_build=True):
    """One key that was set, retracted or corrected by an event; ``was`` is the value believed just before."""

    how: Literal["set", "retract", "correct"]
    subject: str
    key: str
    value: str | None
    was: str | None
    event_id: str
    author: str
    at: Moment


class Contradiction(Value, defer_build=True):
    """Two people's claims about one key that cannot both hold; ``rule`` says why ``winner`` counts."""

    subject: str
    key: str
    winner: Fact
    loser: Fact
    rule: Literal["authority", "recency"]


class Digest(Value):
    """What happened in one quarter (``period``: "2026-Q1"), in a few cited lines; it replaces nothing.

    ``cites`` are the ids of the events, facts and commitments that ``text`` rests on, ``events`` how many it covers.
    """

    id: str
    period: str
    text: str
    cites: tuple[str, ...]
    events: int
    made_at: Moment


class Recalled(Value):
    """One remembered item that bears on a question, best first; ``reasons`` say why it was picked."""

    text: str
    event_id: str
    author: str
    at: Moment
    valid_from: Moment
    score: float
    reasons: tuple[str, ...] = ()
    key: str = ""
    value: str = ""
    fact_id: str = ""


class Learned(Value):
    """What a text taught, as rows: ``facts`` to insert, ``closed`` known rows with their new ends, commitments.

    A row that a new value closed comes back among ``facts`` as a further version of itself.
    """

    facts: tuple[Fact, ...] = ()
    closed: tuple[Fact, ...] = ()
    commitments: tuple[Commitment, ...] = ()

    @property
    def news(self) -> tuple[Fact, ...]:
        """Return the statements that are new, each once, without further versions of older rows."""
        seen = {(row.event_id, row.subject, row.key, row.value) for row in self.closed}
        news: list[Fact] = []
        for row in self.facts:
            name = (row.event_id, row.subject, row.key, row.value)
            if name not in seen:
                seen.add(name)
                news.append(row)
        return tuple(news)

    @property
    def superseded(self) -> tuple[Fact, ...]:
        """Return the former values that a new one replaced."""
        keys = {(row.subject, row.key) for row in self.news}
        ended = (*self.closed, *(row for row in self.facts if row.known_to is not None))
        return tuple(row for row in ended if row.value is not None and (row.subject, row.key) in keys)


class Receipt(Value, defer_build=True):
    """What an erasure removed: rows by table, and a SHA-256 over all of them in the form in which they are exported.

    ``erased`` is false where there was nothing. ``journal_cleared`` tells that no process can read it any more, and
    that SQLite's write-ahead log was emptied; else another process was reading, and it is done by the first write here
    once that one has finished, or by the next erasure. ``remains`` says where bytes may lie that no store can reach.
    """

    account: str
    at: Moment
    erased: bool
    counts: dict[str, int]
    content_hash: str
    journal_cleared: bool = True
    remains: tuple[str, ...] = ()
