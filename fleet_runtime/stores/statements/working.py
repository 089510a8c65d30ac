"""What a turn's work leaves: rounds of tool calls, spending, questions for a person, its way; and the switch.

Commits nothing itself: everything here runs inside the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import ROUND_CEILING, Decimal

from sqlalchemy import Connection, and_, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as put  # SQLite takes its upserts too, and not the other way round

from fleet_runtime.errors import StoreError
from fleet_runtime.ports import AccountWork
from fleet_runtime.records import AccountKey, Approval, Pause, Spent, Step, Turn
from fleet_runtime.stores.common.deciding import decided, not_asked
from fleet_runtime.stores.schema import tables
from fleet_runtime.stores.schema.rows import owned, stamp
from fleet_runtime.stores.statements import queries
from fleet_runtime.stores.statements.prepared import Prepared
from fleet_runtime.stores.statements.queries import of_account

_COST_PLACES = 12
"""Decimal places of a stored cost: exact for prices of up to six places per million tokens; finer is rounded up."""


_put_spent = put(tables.spent)
_SPEND = Prepared(
    _put_spent.on_conflict_do_update(
        index_elements=list(tables.spent.primary_key.columns),
        set_={name: tables.spent.c[name] + _put_spent.excluded[name] for name in ("tokens", "cost", "unpriced")},
    )
)


def put_step(connection: Connection, key: AccountKey, turn_id: str, step: Step) -> None:
    """Keep a round, or complete the one of that number.

    Raises: StoreError if the turn is not in the account.
    """
    if queries.turn(connection, key, turn_id) is None:
        raise StoreError(
            f"turn {turn_id} is not in the store", hint="accept the message before working on it; nothing was written"
        )
    body = step.model_dump_json(exclude_defaults=True)
    table = tables.step
    same = and_(of_account(table, key), table.c.turn_id == turn_id, table.c.number == step.number)
    if not connection.execute(update(table).where(same).values(body=body)).rowcount:
        connection.execute(insert(table), [owned(key, turn_id=turn_id, number=step.number, body=body)])


def steps(connection: Connection, key: AccountKey, turn_id: str) -> tuple[Step, ...]:
    """Return the rounds of a turn by number."""
    table = tables.step
    mine = and_(of_account(table, key), table.c.turn_id == turn_id)
    found = connection.execute(select(table.c.body).where(mine).order_by(table.c.number)).scalars()
    return tuple(Step.model_validate_json(body) for body in found)


def spent(connection: Connection, key: AccountKey, day: date) -> Spent:
    """Return what the account spent on a day."""
    table = tables.spent
    columns = (table.c.tokens, table.c.cost, table.c.unpriced)
    mine = and_(of_account(table, key), table.c.day == day.isoformat())
    row = connection.execute(select(*columns).where(mine)).one_or_none()
    if row is None:
        return Spent()
    return _spent_of(*row)


def work(connection: Connection, key: AccountKey) -> AccountWork:
    """Return the account's questions, and what it spent by day."""
    asked, spent = tables.approval, tables.spent
    bodies = select(asked.c.body).where(of_account(asked, key)).order_by(asked.c.asked_at, asked.c.id)
    columns = (spent.c.day, spent.c.tokens, spent.c.cost, spent.c.unpriced)
    days = connection.execute(select(*columns).where(of_account(spent, key)).order_by(spent.c.day))
    return AccountWork(
        tuple(Approval.model_validate_json(body) for body in connection.execute(bodies).scalars()),
        tuple((date.fromisoformat(day), _spent_of(*sums)) for day, *sums in days),
    )


def add_spent(connection: Connection, key: AccountKey, day: date, more: Spent) -> None:
    """Add to what the account spent on a day; the account must have its row."""
    cost = int(more.cost.scaleb(_COST_PLACES).to_integral_value(ROUND_CEILING))
    _SPEND.run(connection, owned(key, day=day.isoformat(), tokens=more.tokens, cost=cost, unpriced=more.unpriced))


def ask(connection: Connection, asks: Sequence[Approval]) -> None:
    """Keep questions for a person; one that is kept already stays as it is."""
    table = tables.approval
    for one in asks:
        known = select(table.c.id).where(of_account(table, one.key), table.c.id == one.id)
        if connection.execute(known).first() is None:
            body = one.model_dump_json(exclude_defaults=True)
            row = owned(one.key, id=one.id, turn_id=one.turn_id, state=one.state, asked_at=stamp(one.asked_at))
            connection.execute(insert(table), [row | {"body": body}])


def approvals(connection: Connection, tenant: str, state: str | None) -> list[Approval]:
    """Return the tenant's questions, of one state or of all, by when they were asked."""
    table = tables.approval
    found = select(table.c.body).where(table.c.tenant == tenant)
    if state is not None:
        found = found.where(table.c.state == state)
    bodies = connection.execute(found.order_by(table.c.asked_at, table.c.id)).scalars()
    return [Approval.model_validate_json(body) for body in bodies]


def decide(  # noqa: PLR0913 - who decided what, when, and why
    connection: Connection, tenant: str, approval_id: str, *, approve: bool, by: str, note: str, now: datetime
) -> Approval:
    """Decide a waiting question, once.

    Raises: ApprovalError if there is none of that id, or it was decided the other way.
    """
    table = tables.approval
    same = and_(table.c.tenant == tenant, table.c.id == approval_id)
    # Whoever decides it at the same time waits here, and then sees what was decided; SQLite has one writer anyway.
    body = connection.execute(select(table.c.body).where(same).with_for_update()).scalar_one_or_none()
    if body is None:
        raise not_asked(approval_id)
    asked = Approval.model_validate_json(body)
    now_is = decided(asked, approve=approve, by=by, note=note, now=now)
    if now_is is not asked:
        said = {"state": now_is.state, "body": now_is.model_dump_json(exclude_defaults=True)}
        connection.execute(update(table).where(same, of_account(table, asked.key)).values(said))
    return now_is


def pause(connection: Connection, tenant: str, off: Pause | None) -> None:
    """Turn the switch of a tenant off, or on again."""
    table = tables.pause
    connection.execute(delete(table).where(table.c.tenant == tenant))
    if off is not None:
        row = {"tenant": tenant, "since": stamp(off.since), "by": off.by, "reason": off.reason}
        connection.execute(insert(table), [row])


def paused(connection: Connection, tenant: str) -> Pause | None:
    """Return since when, by whom and why the switch is off, or None while it is on."""
    table = tables.pause
    columns = (table.c.since, table.c.by, table.c.reason)
    row = connection.execute(select(*columns).where(table.c.tenant == tenant)).mappings().one_or_none()
    return None if row is None else Pause.model_validate(dict(row))


def trace(connection: Connection, tenant: str, turn_id: str) -> tuple[Turn, str] | None:
    """Return a turn of the tenant and its way, empty if none was kept; or None."""
    turn = queries.turn_of_tenant(connection, tenant, turn_id)
    if turn is None:
        return None
    way = select(tables.turn.c.trace).where(of_account(tables.turn, turn.key), tables.turn.c.id == turn_id)
    return turn, connection.execute(way).scalar_one() or ""


def _spent_of(tokens: int, cost: int, unpriced: int) -> Spent:
    """Return what a row says was spent."""
    return Spent(tokens=tokens, cost=Decimal(cost).scaleb(-_COST_PLACES).normalize() + 0, unpriced=unpriced)
