"""The commands for what roles start by themselves: what is declared, what is due, what was done, what was written."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Annotated

import typer

from fleet_runtime.cli.printing import one_line
from fleet_runtime.cli.running import Running
from fleet_runtime.cli.ticking import day
from fleet_runtime.contracts import Condition, Motion, Trigger
from fleet_runtime.errors import UnknownRole


class State(StrEnum):
    """How a work product fares, as in `fleet_runtime.records.book.ProductState`."""

    READY = "ready"
    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WON = "won"
    LOST = "lost"


class End(StrEnum):
    """What became of a hand-off."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    WON = "won"
    LOST = "lost"


RoleOption = Annotated[str | None, typer.Option("--role", metavar="CLASS", help="Of this role only.")]
DueUntilOption = Annotated[
    date | None, typer.Option("--until", parser=day, metavar="DATE", help="Up to and with this day; else today.")
]
AccountOption = Annotated[str | None, typer.Option("--account", metavar="A", help="Of this account only.")]
SinceOption = Annotated[
    date | None, typer.Option("--since", parser=day, metavar="DATE", help="What was due from this day on.")
]
UntilOption = Annotated[
    date | None, typer.Option("--until", parser=day, metavar="DATE", help="What was due up to and with this day.")
]
StateOption = Annotated[State | None, typer.Option("--state", metavar="S", help=f"{', '.join(State)}; else all.")]
ProductArgument = Annotated[str, typer.Argument(metavar="PRODUCT", help="The work product's id.", show_default=False)]
EndArgument = Annotated[End, typer.Argument(metavar="STATE", help=f"{', '.join(End)}.", show_default=False)]
NoteOption = Annotated[str, typer.Option("--note", metavar="TEXT", help="What became of it, in words.")]


async def list_motions(run: Running, role: RoleOption = None) -> None:
    """List the motions that the staffed roles declare: when each is due, under which conditions, what it does."""
    async with run.silent_fleet() as fleet:
        if role is not None and fleet.staff.get(role) is None:
            raise UnknownRole(f"no role {role!r} is staffed", hint="`fleet roles list` names those that are")
        found = [(name, motion) for name, motion in fleet.motions.declared() if role in {None, name}]
    if run.out.as_json:
        run.out.json([{"role": name, **motion.model_dump(mode="json")} for name, motion in found])
    elif found:
        run.out.table(("role", "motion", "due", "if", "does", "approved by"), [_declared(*one) for one in found])
    else:
        run.out.note("no staffed role declares a motion: docs/motions.md says how")


async def due(run: Running, until: DueUntilOption = None) -> None:
    """List what is due and was not carried out yet, by day; fleet tick carries it out."""
    async with run.silent_fleet() as fleet:
        found = await fleet.motions.due(until)
    if run.out.as_json:
        run.out.json([one._asdict() for one in found])
    elif found:
        rows = [(one.due.isoformat(), one_line(one.account), one.motion, one.role) for one in found]
        run.out.table(("due", "account", "motion", "role"), rows)
    else:
        run.out.note("nothing is due")


async def history(
    run: Running, account: AccountOption = None, since: SinceOption = None, until: UntilOption = None
) -> None:
    """List the motions that were carried out or found moot, by the day on which they were due."""
    async with run.silent_fleet() as fleet:
        found = await fleet.motions.history(account, since, until)
    if run.out.as_json:
        run.out.json([{"account": name, **motion.model_dump(mode="json")} for name, motion in found])
        return
    if not found:
        run.out.note("no motion was carried out")
        return
    rows = [
        (
            one.due.isoformat(), one_line(name), one.motion, one.outcome, one_line(one.why),
            str(len(one.notices)), str(len(one.products)),
        )
        for name, one in found
    ]  # fmt: skip
    run.out.table(("due", "account", "motion", "outcome", "why", "raised", "written"), rows)


async def products(run: Running, state: StateOption = None) -> None:
    """List what motions wrote, oldest first, and how it fares."""
    async with run.silent_fleet() as fleet:
        found = await fleet.motions.products(() if state is None else (state.value,))
    if run.out.as_json:
        run.out.json([{"account": name, **one.model_dump(mode="json")} for name, one in found])
        return
    if not found:
        run.out.note("there are no such work products")
        return
    rows = [
        (one.id, one.on.isoformat(), one_line(name), one.kind, one.state, one_line(one.to), one_line(one.title))
        for name, one in found
    ]
    run.out.table(("id", "on", "account", "kind", "state", "to", "title"), rows)


async def settle(run: Running, product_id: ProductArgument, state: EndArgument, note: NoteOption = "") -> None:
    """Note what became of a hand-off: accepted, declined, won or lost."""
    async with run.silent_fleet() as fleet:
        found = await fleet.motions.settle(product_id, state.value, note)
    if run.out.as_json:
        run.out.json(found)
    else:
        run.out.line(f"{found.id} is {found.state}: {one_line(found.title)}")


def _declared(role: str, motion: Motion) -> tuple[str, ...]:
    """Put a declared motion into a row."""
    conditions = ", ".join(_condition(one) for one in motion.when)
    does = "; ".join(motion.does) + (f" to {motion.to}" if motion.to else "")
    return (role, motion.name, trigger_words(motion.trigger), conditions, does, motion.approved_by)


def trigger_words(trigger: Trigger) -> str:
    """Say when a motion is due."""
    if trigger.kind == "cron":
        return f"cron {trigger.cron}"
    if trigger.kind == "rule":
        return f"when {trigger.rule} begins"
    if trigger.kind == "silence":
        return f"{_listed(trigger.days)} days without contact"
    before = [-number for number in trigger.days if number < 0]
    behind = [number for number in trigger.days if number >= 0]
    sides = [f"{_listed(days)} days {side}" for days, side in ((before, "before"), (behind, "after")) if days]
    return f"{' and '.join(sides)} {trigger.fact}"


def _listed(days: Iterable[int]) -> str:
    """List numbers of days."""
    return ", ".join(str(number) for number in days)


def _condition(one: Condition) -> str:
    """Say a condition."""
    negated = "not " if one.negated else ""
    return f"{one.of} {negated}{one.test} {one.value}".rstrip()
