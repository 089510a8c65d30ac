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
from fleet_runtime.records.book import Notice
from fleet_runtime.runtime.book_pages import BookRow

STYLES = {
    "high risk": "bold red", "medium risk": "red", "upside": "bold green", "renewal": "cyan", "promise": "yellow",
    "data": "magenta", "draft": "blue", "written": "dim",
}  # fmt: skip
BARS = " ▁▂▃▄▅▆▇█"

console = Console(width=110, highlight=False)


class Seen(NamedTuple):
    """What Dana saw on a Monday: of what kind, on whom, why, and what she did."""

    kind: str
    company: str
    why: str
    did: str = ""


class Desk:
    """Dana at her desk on Mondays, at seven; ``now`` is the fleet's clock."""

    def __init__(self, accounts: list[Account]) -> None:
        """Begin on the first Monday."""
        self.accounts = {one.id: one for one in accounts}
        self.now = datetime(FIRST_MONDAY.year, FIRST_MONDAY.month, FIRST_MONDAY.day, 7, tzinfo=UTC)
        self.seen: Counter[str] = Counter()

    async def monday(self, fleet: Fleet) -> list[Seen]:
        """Have what is due carried out, look at what was raised, and act on it."""
        found: list[Seen] = []
        milestones: list[str] = []
        for account, notice, _ in await fleet.motions.tick():
            concern, one = notice.concern, self.accounts[account]
            self.seen[concern.kind] += 1
            reasons = [f"{concern.title}.", *concern.reasons[:3]]
            quoted = [item.text for item in concern.evidence if item.text.startswith('"')][:1]
            why = " ".join([*reasons, *quoted])
            if concern.kind == "risk":
                found.append(Seen(f"{concern.severity} risk", one.company, why, await self.call(fleet, one, notice)))
            elif concern.kind == "expansion":
                found.append(Seen("upside", one.company, why, "A packet goes to sales; no price was named."))
            elif concern.kind == "commitment":
                found.append(Seen("promise", one.company, concern.reasons[0], await self.keep(fleet, one, notice)))
            elif concern.kind == "data_check":
                found.append(Seen("data", one.company, concern.reasons[0], concern.play))
            elif concern.severity == "high":
                found.append(Seen("renewal", one.company, f"{concern.title}. To settle: {'; '.join(concern.reasons)}"))
            else:
                milestones.append(f"{one.company} {date.fromisoformat(concern.title.split()[2].strip(',')):%d %b}")
        if milestones:
            found.append(Seen("renewal", f"{len(milestones)} on course", ", ".join(milestones)))
        return [*found, *await self.written(fleet), *await self.approved(fleet)]

    async def call(self, fleet: Fleet, account: Account, notice: Notice) -> str:
        """Call the champion, and promise something."""
        champion, due = account.names["champion"], self.now.date() + timedelta(days=10)
        promise = {"op": "commit", "task": "a plan with dates", "owner": CSM, "to": champion, "due": str(due)}
        text = f"Called {champion}: {notice.concern.title}"
        await self.record(fleet, account, f"call-{notice.id}", "call", text, promise)
        return f"{notice.concern.play} Dana calls {champion} and promises a plan with dates by {due:%d %B}."

    async def keep(self, fleet: Fleet, account: Account, notice: Notice) -> str:
        """Keep a promise that falls due; now and then it has to wait a week."""
        if notice.concern.severity == "low" and len(account.id) % 4 == 0:
            return "Dana is travelling this week."
        kept = {"op": "close", "task": "a plan with dates"}
        await self.record(fleet, account, f"kept-{notice.id}", "email", "Sent the plan with dates.", kept)
        return "Dana sends it the same day."

    async def record(self, fleet: Fleet, account: Account, name: str, kind: str, text: str, *means: object) -> None:
        """Write down what happened with a customer."""
        event = {"id": name, "at": self.now, "kind": kind, "author": CSM, "text": text, "operations": means}
        await fleet.memory(account.id).record(event)

    async def written(self, fleet: Fleet) -> list[Seen]:
        """Look through what was written, and tell sales' answers: yes after a week, and the order a month later."""
        made: Counter[str] = Counter()
        found: list[Seen] = []
        for account, one in await fleet.motions.products():
            age, company = (self.now.date() - one.on) // WEEK, self.accounts[account].company
            made[one.kind] += self.now.date() - one.on < WEEK
            if one.kind == "hand_off" and (one.state, age) in {("ready", 1), ("accepted", 5)}:
                state, says = ("accepted", "they take it on") if age == 1 else ("won", "the order is signed")
                await fleet.motions.settle(one.id, state, says)
                found.append(Seen("upside", company, f"Sales on the packet of {one.on:%d %B}: {says}."))
        self.seen += made
        wrote = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in sorted(made.items()) if count)
        return [*found, *([Seen("written", "", wrote)] if wrote else [])]

    async def approved(self, fleet: Fleet) -> list[Seen]:
        """Read the drafts that wait, and let them go out."""
        found = []
        for draft in await fleet.approvals.list():
            await fleet.approvals.approve(draft.id, by=CSM)
            account = self.accounts[draft.key.account]
            await self.record(fleet, account, f"sent-{draft.id}", "email", "Sent the e-mail that was drafted.")
            found.append(Seen("draft", account.company, draft.question, "Dana reads it and lets it go."))
        return found


def show(week: int, day: datetime, found: list[Seen]) -> None:
    """Print a Monday."""
    console.rule(f"[bold]Week {week + 1}[/bold], Monday {day:%d %B %Y}", align="left", style="dim")
    table = Table.grid(padding=(0, 2))
    for width in (11, 20, None):
        table.add_column(width=width)
    for kind, company, why, did in found:
        style = STYLES[kind]
        table.add_row(f"[{style}]{kind}", escape(company), escape(why) + (f"\n[dim]-> {escape(did)}" if did else ""))
    console.print(table if found else "[dim]Nothing new: Dana has time for her customers.")


def show_book(rows: Sequence[BookRow]) -> None:
    """Print the accounts that need somebody, and count the others."""
    table = Table(
        "account", "health", "half a year", "renews", "promises", "risk", "why", box=None, header_style="bold"
    )
    needy = [row for row in rows if row.attention > 0][:20]
    for row in needy:
        line = "".join("." if score is None else BARS[score * (len(BARS) - 1) // 100] for score in row.history)
        table.add_row(
            escape(row.company),
            "no data" if row.score is None else f"{row.score} {row.trend}",
            line,
            f"{row.renewal.days} d" if row.renewal else "?",
            str(row.commitments or ""),
            row.risk.severity if row.risk else "",
            escape(row.why),
        )  # fmt: skip
    console.print(table)
    console.print(f"and {len(rows) - len(needy)} more that need nobody now\n")


async def finish(fleet: Fleet, rows: Sequence[BookRow], days: Sequence[date], out: Path) -> None:
    """Write the QBR brief of the account that renews next, and the plot of the book."""
    renewing = min((row for row in rows if row.renewal and row.renewal.days > 0), key=lambda row: row.renewal.days)
    brief = await fleet.book.write("qbr", renewing.account)
    try:
        written = [write_product(brief, out / "qbr.pdf"), out / "health.png"]
        strips = [HealthRow(row.company, row.history, row.risk.title if row.risk else "") for row in rows]
        written[1].write_bytes(health_plot(strips, days))
    except MissingExtra as error:
        written = [out / "qbr.md"]
        written[0].write_text(brief.text, encoding="utf-8")
        console.print(f"Markdown only, no charts: {error.hint}")
    console.print(f"{brief.title}: " + ", ".join(str(file) for file in written))


async def play(weeks: int, seed: int, out: Path) -> None:
    """Live through the weeks."""
    accounts = cast(seed)
    desk = Desk(accounts)
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
    console.print(", ".join(f"{count} {name.replace('_', ' ')}" for name, count in sorted(desk.seen.items())))


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
