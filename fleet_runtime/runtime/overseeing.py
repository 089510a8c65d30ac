"""For whoever looks after a fleet: how it fares, and the way of single turns. Answers nothing and asks no model.

What is shown is one moment's, and is read without a lock: nobody who works is held up.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from urllib.parse import urlsplit

from fleet_runtime.boards import Boards, TurnLog
from fleet_runtime.contracts import Value
from fleet_runtime.engines import Engine
from fleet_runtime.errors import MessageError, Overloaded
from fleet_runtime.ports import Clock, Store
from fleet_runtime.records import Pause, QueueState, Spent, Step, Turn, TurnRecord, TurnState, Worker
from fleet_runtime.records.memory import Moment
from fleet_runtime.settings import Settings

_ERRORS = 10
"""How many of the turns that failed last are shown."""

_LOOKED_AT = 500
"""How many of the last turns are looked at for accounts that may have spent today: each account is a query."""


SCANS = ("motions", "motion")
"""The marks up to which motions were carried out: by ticks, and by workers (`fleet_runtime.runtime.motions`)."""


class Watched(Value):
    """A worker: how many turns it works on, and how many seconds ago it was heard of (None: never).

    ``lapsed``: that is longer than a living one is silent; the others give it up for dead.
    """

    id: str
    host: str
    pid: int
    version: str
    turns: int
    leaving: bool
    seen_seconds: float | None
    lapsed: bool


class FailedTurn(Value):
    """A turn that was given up, and why."""

    turn_id: str
    account: str
    code: str
    message: str
    hint: str
    at: Moment
    attempts: int


class Budget(Value):
    """What the accounts spent on a day (UTC), against what each may; ``accounts`` is how many did.

    ``exhausted`` are those that may spend no more. Where ``partial``, more turns came in than are looked at, and the
    sums are those of the accounts of the last ones.
    """

    day: date
    tokens: int = 0
    cost: Decimal = Decimal(0)
    unpriced: int = 0
    accounts: int = 0
    exhausted: tuple[str, ...] = ()
    day_tokens: int | None = None
    day_money: Decimal | None = None
    partial: bool = False


class Status(Value):
    """How a tenant's fleet fares at one moment.

    ``database`` is named without user and password, ``schema_version`` is what it is at. ``oldest_seconds`` is how long
    the longest waiting turn has waited (None: none waits). ``ticked`` is up to when motions were carried out (None:
    never).
    """

    at: Moment
    tenant: str
    engine: str
    database: str
    schema_version: str
    paused: Pause | None
    workers: tuple[Watched, ...]
    queue: QueueState
    oldest_seconds: float | None
    errors: tuple[FailedTurn, ...]
    budget: Budget
    ticked: Moment | None = None


class Turns:
    """The turns of one tenant: which there are, how they fare, and the way to have one tried again or cancelled."""

    def __init__(self, settings: Settings, store: Store, log: TurnLog, engine: Engine) -> None:
        """Look after the turns of the settings' tenant."""
        self._tenant = settings.tenant
        self._store = store
        self._log = log
        self._engine = engine

    async def list(
        self, *, state: TurnState | None = None, account: str | None = None, limit: int = 50
    ) -> tuple[TurnRecord, ...]:
        """Return the turns of a state (None: of any) or of an account, the newest first.

        Raises: StoreError.
        """
        states = () if state is None else (state,)
        return tuple(await self._log.turns(self._tenant, states=states, account=account, limit=limit))

    async def show(self, turn_id: str) -> TurnRecord:
        """Return one turn.

        Raises: MessageError if there is none of that id; StoreError.
        """
        return await found_turn(self._log, self._tenant, turn_id)

    async def steps(self, turn_id: str) -> tuple[Step, ...]:
        """Return the rounds of a turn in which tools were called, by number.

        Raises: MessageError if there is no turn of that id; StoreError.
        """
        record = await self.show(turn_id)
        return await self._store.steps(record.turn.key, turn_id)

    async def retry(self, turn_id: str) -> Turn:
        """Have a failed or cancelled turn answered after all; it goes on after the tools that were called already.

        One that waits is brought to mind again, and nothing else.

        Raises: MessageError if there is none of that id, or it is answered; StoreError.
        """
        turn = (await self.show(turn_id)).turn
        if turn.state in {"failed", "cancelled"}:
            turn = await self._log.reopen(turn.key, turn_id) or turn
        if turn.state == "done":
            raise MessageError(
                f"turn {turn_id} is answered", hint="its reply is kept; what is asked anew needs an id of its own"
            )
        try:
            return await self._engine.accept(turn)
        except Overloaded:  # it is accepted all the same, and a worker that has room queues it
            return turn

    async def cancel(self, turn_id: str) -> Turn:
        """Give a turn up that is not answered yet; whoever works on it lets it go, and cannot commit it any more.

        Raises: MessageError if there is none of that id, or it is answered or failed; StoreError.
        """
        key = (await self.show(turn_id)).turn.key
        turn = await self._log.stop(key, turn_id, None)
        if turn is None:
            raise no_turn(self._tenant, turn_id)
        if turn.state == "done":
            raise MessageError(f"turn {turn_id} is answered", hint="there is nothing left to cancel")
        if turn.state == "failed":
            raise MessageError(
                f"turn {turn_id} was given up already", hint="nobody tries it again unless it is retried"
            )
        await self._engine.stop(key, turn_id)
        return turn


async def found_turn(log: TurnLog, tenant: str, turn_id: str) -> TurnRecord:
    """Return a tenant's turn.

    Raises: MessageError if there is none of that id; StoreError.
    """
    record = await log.find(tenant, turn_id)
    if record is None:
        raise no_turn(tenant, turn_id)
    return record


def no_turn(tenant: str, turn_id: str) -> MessageError:
    """Make the error for an id that no turn has."""
    return MessageError(
        f"no turn {turn_id!r} is kept for the tenant {tenant}",
        hint="`fleet turns list` shows the ids; look at the database and the tenant",
    )


async def status(settings: Settings, store: Store, boards: Boards, *, clock: Clock, schema_version: str) -> Status:
    """Look how the settings' tenant fares.

    Raises: StoreError.
    """
    tenant, now = settings.tenant, clock()
    queue = await boards.log.queue(tenant)
    failed = await boards.log.turns(tenant, states=("failed",), limit=_ERRORS)
    marks = [await boards.crew.mark(tenant, scan) for scan in SCANS]
    return Status(
        at=now,
        tenant=tenant,
        engine=settings.engine,
        database=without_password(settings.database),
        schema_version=schema_version,
        paused=await store.paused(tenant),
        workers=tuple(_watched(one, now, settings) for one in await boards.crew.workers(tenant)),
        queue=queue,
        oldest_seconds=None if queue.oldest is None else _seconds(queue.oldest, now),
        errors=tuple(_failed(record.turn) for record in failed),
        budget=await _budget(settings, store, boards.log, now),
        ticked=max((mark for mark in marks if mark is not None), default=None),
    )


def without_password(database: str) -> str:
    """Name a database so that it may be shown: of a URL only the kind, the host and the database's name."""
    if "://" not in database:
        return database
    parts = urlsplit(database)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


async def _budget(settings: Settings, store: Store, log: TurnLog, now: datetime) -> Budget:
    """Sum up what was spent today, by the accounts of the last turns."""
    today = now.astimezone(UTC).date()
    records = await log.turns(settings.tenant, limit=_LOOKED_AT)
    accounts = dict.fromkeys(record.turn.key for record in records)
    asked = [(key, await store.spent(key, today)) for key in accounts]
    spent = {key: one for key, one in asked if one != Spent()}
    total = sum(spent.values(), start=Spent())
    return Budget(
        day=today,
        tokens=total.tokens,
        cost=total.cost,
        unpriced=total.unpriced,
        accounts=len(spent),
        exhausted=tuple(sorted(key.account for key, one in spent.items() if _is_exhausted(one, settings))),
        day_tokens=settings.day_tokens,
        day_money=settings.day_money,
        partial=len(records) == _LOOKED_AT and records[-1].accepted_at.date() >= today,
    )


def _is_exhausted(spent: Spent, settings: Settings) -> bool:
    """Tell whether an account's day is used up."""
    over_tokens = settings.day_tokens is not None and spent.tokens >= settings.day_tokens
    return over_tokens or (settings.day_money is not None and spent.cost >= settings.day_money)


def _watched(worker: Worker, now: datetime, settings: Settings) -> Watched:
    """Say how a worker fares."""
    silent = None if worker.seen_at is None else _seconds(worker.seen_at, now)
    return Watched(
        id=worker.id,
        host=worker.host,
        pid=worker.pid,
        version=worker.version,
        turns=worker.turns,
        leaving=worker.leaving,
        seen_seconds=silent,
        lapsed=silent is None or silent > settings.worker_lapse_seconds,
    )


def _failed(turn: Turn) -> FailedTurn:
    """Say which turn failed, and why."""
    failure = turn.failure
    return FailedTurn(
        turn_id=turn.id,
        account=turn.key.account,
        code=failure.code if failure else "",
        message=failure.message if failure else "",
        hint=failure.hint if failure else "",
        at=failure.at if failure else turn.at,
        attempts=failure.attempts if failure else 0,
    )


def _seconds(since: datetime, now: datetime) -> float:
    """Return how long something is ago; never less than nothing, as clocks differ between machines."""
    return round(max((now - since).total_seconds(), 0.0), 3)
