"""The commands of the book: all accounts, one account, and what is written about one. They judge nothing."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from fleet_runtime.cli.options import AccountArgument, AsOfOption
from fleet_runtime.cli.running import Running


class Order(StrEnum):
    """How the book is sorted, as in `fleet_runtime.runtime.book_pages.BookOrder`."""

    ATTENTION = "attention"
    HEALTH = "health"
    RENEWAL = "renewal"
    ARR = "arr"
    ACCOUNT = "account"


class Kind(StrEnum):
    """What can be written, as in `fleet_runtime.records.book.ProductKind`."""

    QBR = "qbr"
    SUCCESS_PLAN = "success_plan"
    RISK_MEMO = "risk_memo"
    RENEWAL_PLAN = "renewal_plan"
    HAND_OFF = "hand_off"
    EMAIL = "email"


SUFFIXES = (".md", ".html", ".pdf")

OrderOption = Annotated[Order, typer.Option("--sort", help="Which accounts come first.")]
LimitOption = Annotated[int | None, typer.Option("--limit", min=1, metavar="N", help="How many accounts are shown.")]
KindArgument = Annotated[Kind, typer.Argument(metavar="KIND", help=f"{', '.join(Kind)}.", show_default=False)]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="A .md, .html or .pdf file to write to; else the Markdown is printed."),
]


async def book(
    run: Running, as_of: AsOfOption = None, order: OrderOption = Order.ATTENTION, limit: LimitOption = None
) -> None:
    """Show all accounts, those that need attention first: health, renewal, open promises, next motion, risk.

    Only what was known on the date counts. docs/book.md says what each column means and what the order is made of.
    """
    async with run.silent_fleet() as fleet:
        found = await fleet.book.rows(as_of, order=order.value, history=0)
        shown = await fleet.book.with_history(found[:limit])
    if run.out.as_json:
        run.out.json(shown)
        return
    if not found:
        run.out.note("the book is empty: fleet signals import brings accounts in")
        return
    from fleet_runtime.cli.book_table import book_lines, summary  # noqa: PLC0415 - loads rich

    for line in book_lines(shown, for_terminal=sys.stdout.isatty()):
        typer.echo(line)
    run.out.line()
    run.out.line(summary(found))


async def show_account(run: Running, account: AccountArgument, as_of: AsOfOption = None) -> None:
    """Show one account on one screen: health with its reasons, what is open, what comes next, what happened lately."""
    async with run.silent_fleet() as fleet:
        found = await fleet.book.account(account, as_of)
    if run.out.as_json:
        run.out.json(found)
        return
    from fleet_runtime.cli.book_page import page_lines  # noqa: PLC0415 - loads rich

    for line in page_lines(found, for_terminal=sys.stdout.isatty()):
        typer.echo(line)


async def write(
    run: Running, kind: KindArgument, account: AccountArgument, as_of: AsOfOption = None, out: OutOption = None
) -> None:
    """Write about an account: a QBR brief, a success plan, a risk memo, a renewal plan, a hand-off packet, an e-mail.

    Every number in it stands with its source. Nothing is kept or sent. As a .md, .html or .pdf file with --out (the
    charts of a .md file stand beside it); a file that is there is written over.
    """
    if out is not None and out.suffix.lower() not in SUFFIXES:
        raise typer.BadParameter(f"--out takes a file that ends with {', '.join(SUFFIXES)}")
    from fleet_runtime.cli.book_writing import as_json, as_text, put  # noqa: PLC0415 - loads what composes

    async with run.silent_fleet() as fleet:
        made = await fleet.book.write(kind.value, account, as_of)
    if out is not None:
        put(out, made)
    if run.out.as_json:
        run.out.json(as_json(made, out))
    elif out is None:
        run.out.line(as_text(made))
    else:
        run.out.line(f"{made.title}: written to {out}")
