"""Half a year with a book of sixty accounts: what a Customer Success Manager sees each Monday, why, and what is done.

    python examples/csm_quarter.py [--weeks 26] [--seed 8] [--out csm-quarter]

The accounts and their weeks are played from examples/quarter, on a clock of their own. Each Monday the CRM's export and
the week's figures are imported as a user would import them, one tick carries out what is due, and Dana Whitfield calls,
keeps promises, lets drafts go out and hears from sales. No model is asked. In the end stand the book, a QBR brief and a
plot of everybody's health. The same seed gives the same again.
"""

from __future__ import annotations

import argparse
import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from quarter.accounts import (
    CSM,
    FIRST_MONDAY,
    WEEK,
    Account,
    cast,
    kick_offs,
    write_accounts,
    write_history,
    write_week,
)
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from fleet_runtime import Fleet
from fleet_runtime.errors import MissingExtra
from fleet_runtime.publishing import HealthRow, health_plot, write_product
from fleet_runtime.records.book import Concern, Notice, WorkProduct
from fleet_runtime.runtime.book_pages import BookRow

STYLES = {
    "high risk": "bold red", "medium risk": "red", "upside": "bold green", "sales": "green", "renewal": "cyan",
    "renewals": "cyan", "promise": "yellow", "promises": "yellow", "data": "magenta", "silence": "blue",
    "written": "dim",
}  # fmt: skip
ORDER = ("risk", "expansion", "renewal", "commitment", "data_check")
BARS = "▁▂▃▄▅▆▇█"

console = Console(width=110, highlight=False)


class Seen(NamedTuple):
    """What Dana saw on a Monday: of what kind, on whom, why, and what she did."""

    kind: str
    company: str
    why: str
    did: str = ""


class Desk:
    """Dana at her desk, Mondays at seven; ``now`` is the fleet's clock."""

    def __init__(self, accounts: list[Account]) -> None:
        """Begin on the first Monday."""
        self.accounts = {one.id: one for one in accounts}
        self.now = datetime(FIRST_MONDAY.year, FIRST_MONDAY.month, FIRST_MONDAY.day, 7, tzinfo=UTC)
        self.counts: Counter[str] = Counter()

    async def monday(self, fleet: Fleet) -> list[Seen]:
        """Have what is due carried out, look at what was raised, and act on it."""
        raised = await fleet.motions.tick()
        written = [pair for pair in await fleet.motions.products() if self.now.date() - pair[1].on < WEEK]
        packets = {account for account, one in written if one.kind == "hand_off"}
        found: list[Seen] = []
        coming: list[str] = []
        sent: list[str] = []
        for account, notice, _ in sorted(raised, key=lambda one: ORDER.index(one.notice.concern.kind)):
            one, concern = self.accounts[account], notice.concern
            self.counts[f"{concern.kind.replace('_', ' ')}s raised"] += 1
            if concern.kind == "risk":
                did = await self.call(fleet, one, notice)
                found.append(Seen(f"{concern.severity} risk", one.company, in_words(concern), did))
            elif concern.kind == "expansion":
                did = "A packet goes to sales, without a price." if account in packets else "Sales has it already."
                found.append(Seen("upside", one.company, in_words(concern), did))
            elif concern.kind == "commitment":
                if await self.keep(fleet, one, notice) and concern.severity == "low":
                    sent.append(f"{one.names['champion']} of {one.company}")
                else:
                    found.append(Seen("promise", one.company, concern.reasons[0], "Dana is on it."))
            elif concern.kind == "data_check":
                found.append(Seen("data", one.company, concern.reasons[0], concern.play))
            elif any(reason.startswith("Risk") for reason in concern.reasons):
                found.append(Seen("renewal", one.company, in_words(concern), concern.play))
            else:
                coming.append(f"{one.company} {date.fromisoformat(concern.title.split()[2].strip(',')):%d %b}")
        found += (
            [Seen("promises", f"{len(sent)} kept", f"The plan with dates goes to {', '.join(sent)}.")] if sent else []
        )
        found += [Seen("renewals", f"{len(coming)} milestones", ", ".join(coming))] if coming else []
        return [*found, *await self.approved(fleet), *await self.heard(fleet), *self.told(written)]

    async def call(self, fleet: Fleet, account: Account, notice: Notice) -> str:
        """Call the champion, and promise something."""
        champion, due = account.names["champion"], self.now.date() + timedelta(days=10)
        promise = {"op": "commit", "task": "a plan with dates", "owner": CSM, "to": champion, "due": str(due)}
        text = f"Called {champion}: {notice.concern.title}"
        await self.record(fleet, account, f"call-{notice.id}", "call", text, promise)
        return f"{notice.concern.play} Dana calls {champion} and promises a plan with dates by {due:%d %B}."

    async def keep(self, fleet: Fleet, account: Account, notice: Notice) -> bool:
        """Keep a promise that falls due; now and then it has to wait a week."""
        if notice.concern.severity == "low" and len(account.id) % 4 == 0:
            return False
        kept = {"op": "close", "task": "a plan with dates"}
        await self.record(fleet, account, f"kept-{notice.id}", "email", "Sent the plan with dates.", kept)
        return True

    async def approved(self, fleet: Fleet) -> list[Seen]:
        """Read the drafts that wait for a yes, and let them go out."""
        names = []
        for draft in await fleet.approvals.list():
            await fleet.approvals.approve(draft.id, by=CSM)
            account = self.accounts[draft.key.account]
            await self.record(fleet, account, f"sent-{draft.id}", "email", "Sent the e-mail that was drafted.")
            names.append(account.company)
        did = "Each e-mail is drafted and waits; Dana reads it and lets it go."
        return [Seen("silence", "45 days", ", ".join(names), did)] if names else []

    async def heard(self, fleet: Fleet) -> list[Seen]:
        """Tell what sales made of a packet: taken on after a week, an order a month later."""
        found = []
        for account, one in await fleet.motions.products(("ready", "accepted")):
            weeks = (self.now.date() - one.on) // WEEK
            if one.kind == "hand_off" and (one.state, weeks) in {("ready", 1), ("accepted", 5)}:
                says = "it is taken on" if weeks == 1 else "the order is signed"
                await fleet.motions.settle(one.id, "accepted" if weeks == 1 else "won", says)
                found.append(Seen("sales", self.accounts[account].company, f"The packet of {one.on:%d %B}: {says}."))
        return found

    def told(self, written: Sequence[tuple[str, WorkProduct]]) -> list[Seen]:
        """Count what was written this week."""
        kinds = Counter(one.kind.replace("_", " ").replace("qbr", "QBR brief") for _, one in written)
        self.counts += Counter({f"{kind}s written": count for kind, count in kinds.items()})
        said = ", ".join(f"{count} {kind}{'s' * (count > 1)}" for kind, count in sorted(kinds.items()))
        return [Seen("written", "", said)] if said else []

    async def record(self, fleet: Fleet, account: Account, name: str, kind: str, text: str, *means: object) -> None:
        """Write down what happened with a customer."""
        event = {"id": name, "at": self.now, "kind": kind, "author": CSM, "text": text, "operations": means}
        await fleet.memory(account.id).record(event)


def in_words(concern: Concern) -> str:
    """Say why something was raised by its weightiest reasons, and what a colleague wrote of it."""
    quotes = [item.text for item in concern.evidence if item.text.startswith('"')]
    title = [f"{concern.title}:"] if concern.kind == "renewal" else []
    return " ".join((*title, *concern.reasons[:3], *quotes[:1]))


def show(week: int, day: datetime, found: list[Seen]) -> None:
    """Print a Monday."""
    console.rule(f"[bold]Week {week + 1}[/bold], Monday {day:%d %B %Y}", align="left", style="dim")
    table = Table.grid(padding=(0, 2))
    for width in (11, 19, 74):
        table.add_column(width=width)
    for kind, company, why, did in found:
        more = f"\n[italic]→ {escape(did)}[/italic]" if did else ""
        table.add_row(f"[{STYLES[kind]}]{kind}", escape(company), f"{escape(why)}{more}")
    console.print(table if found else "[dim]Nothing new: Dana has time for her customers.")


def show_book(rows: Sequence[BookRow]) -> None:
    """Print the accounts that need somebody, and count the others."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for head, width in (("account", 19), ("health", 9), ("12 weeks", 12), ("renews", 9), ("risk", 6), ("why", 42)):
        table.add_column(head, width=width, no_wrap=True, overflow="ellipsis")
    needy = [row for row in rows if row.attention > 0][:20]
    for row in needy:
        line = "".join("." if score is None else BARS[score * 7 // 100] for score in row.history[-12:])
        days = row.renewal.days if row.renewal else 0
        renews = "?" if not row.renewal else f"{days} d" if days >= 0 else f"{-days} d ago"
        health = "no data" if row.score is None else f"{row.score} {row.trend}"
        table.add_row(
            escape(row.company), health, line, renews, row.risk.severity if row.risk else "", escape(row.why)
        )  # fmt: skip
    console.print(table)
    console.print(f"and {len(rows) - len(needy)} more that need nobody today\n")


async def finish(fleet: Fleet, rows: Sequence[BookRow], days: Sequence[date], out: Path) -> None:
    """Write the QBR brief of the account that renews next, and the plot of the book."""
    renewing = min(rows, key=lambda row: row.renewal.on if row.renewal and row.renewal.days >= 0 else date.max)
    brief = await fleet.book.write("qbr", renewing.account)
    try:
        written = [write_product(brief, out / "qbr.pdf"), out / "health.png"]
        strips = [HealthRow(row.company, row.history, row.risk.title if row.risk else "") for row in rows]
        written[1].write_bytes(health_plot(strips, days))
    except MissingExtra as error:
        written = [out / "qbr.md"]
        written[0].write_text(brief.text, encoding="utf-8")
        console.print(f"Markdown only, no charts; for those: {error.hint}", markup=False)
    console.print(f"{brief.title}: " + ", ".join(str(file) for file in written))


async def play(weeks: int, seed: int, out: Path) -> None:
    """Live through the weeks."""
    accounts = cast(seed)
    desk = Desk(accounts)
    console.print(f"{CSM} takes over {len(accounts)} accounts on {desk.now:%A, %d %B %Y}. This is what she sees.\n")
    async with Fleet.open(database=None, model=None, clock=lambda: desk.now) as fleet:
        await fleet.book.import_signals(write_accounts(out, accounts, 0), write_history(out, accounts))
        await fleet.record_many(kick_offs(accounts))
        with Progress(console=console, transient=True) as progress:
            for week in progress.track(range(weeks), description="half a year"):
                if week:
                    desk.now += WEEK
                    exports = write_accounts(out, accounts, week), write_week(out, accounts, week - 1)
                    await fleet.book.import_signals(*exports)
                show(week, desk.now, await desk.monday(fleet))
        console.rule("[bold]The book in the end", align="left", style="dim")
        rows = await fleet.book.rows(history=weeks)
        show_book(rows)
        last = desk.now.date()
        await finish(fleet, rows, [last - back * WEEK for back in reversed(range(weeks))], out)
    console.print("All in all: " + ", ".join(f"{count} {name}" for name, count in sorted(desk.counts.items())) + ".")


def main() -> None:
    """Read what is asked for, and play."""
    parser = argparse.ArgumentParser(description="Half a year with a book of sixty accounts.")
    parser.add_argument("--weeks", type=int, default=26)
    parser.add_argument("--seed", type=int, default=8)
    parser.add_argument("--out", type=Path, default=Path("csm-quarter"))
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    asyncio.run(play(asked.weeks, asked.seed, asked.out))


main()
