"""The tree of commands: which exist, in which module each is, and how an example looks. Does nothing else.

A command's module is imported only when the command is called, or when all are listed: most of what a
short command takes is the loading of what it does not need.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Final, NamedTuple

import typer

from fleet_runtime.cli.registering import Command, register


class Entry(NamedTuple):
    """One command: its name, its function as ``module.function`` within this package, and an example call."""

    name: str
    function: str
    example: str


COMMANDS: Final = (
    Entry("chat", "talking.chat", "fleet chat customer-success-manager --account acme"),
    Entry("ask", "talking.ask", 'fleet ask customer-success-manager "When is our renewal?" --account acme'),
    Entry("dispatch", "talking.dispatch", 'fleet dispatch "Our login is broken." --account acme'),
    Entry("route", "routing.route", 'fleet route "Our login is broken." --explain'),
    Entry("replay", "looking_back.replay", "fleet replay --roles roles.new"),
    Entry("gaps", "looking_back.gaps", "fleet gaps --since 2026-01-01"),
    Entry("trace", "tracing.trace", "fleet trace 20270301T090000000000-1f3a9c04"),
    Entry("pause", "pausing.pause", 'fleet pause --reason "a wrong price is out" --by Dana'),
    Entry("resume", "pausing.resume", "fleet resume"),
    Entry("status", "overseeing.show_status", "fleet status --json"),
    Entry("book", "book.book", "fleet book --as-of 2026-03-31"),
    Entry("account", "book.show_account", "fleet account acme"),
    Entry("write", "book.write", "fleet write risk_memo acme --out acme.pdf"),
    Entry("tick", "ticking.tick", "fleet tick --from 2026-01-05 --to 2026-06-29 --every week --json"),
    Entry("worker", "working.worker", "fleet worker --id worker-0 --health 0.0.0.0:8080 --log json"),
    Entry("calibrate", "calibrating.calibrate", "fleet calibrate --model embedded"),
    Entry("compile", "compiling.compile_prompt", "fleet compile customer-success-manager --account acme"),
    Entry("check", "checking.check", "fleet check --profile business"),
    Entry("test-roles", "role_testing.probe_roles", "fleet test-roles support-agent --mutants"),
    Entry("guard", "guarding.guard", 'fleet guard "You renew on 1 May." --evidence record.txt'),
    Entry("brief", "memory.brief", "fleet brief acme --as-of 2026-03-31"),
    Entry("lock", "locking.lock", "fleet lock --check"),
    Entry("doctor", "doctor.doctor", "fleet doctor"),
    Entry("org", "organisation.org", "fleet org --profile business --format svg --out business.svg"),
)
ROLES: Final = (
    Entry("list", "roles.list_roles", "fleet roles list"),
    Entry("show", "roles.show", "fleet roles show customer-success-manager --json"),
    Entry("customize", "layering.customize", "fleet roles customize support-agent"),
    Entry("new", "layering.new", "fleet roles new night-guard --domain operations --persistent"),
    Entry("diff", "layering.diff", "fleet roles diff support-agent"),
    Entry("parse", "roles.parse", "fleet roles parse roles/support-agent.md --json"),
    Entry("import", "importing.import_role", "fleet roles import page.txt --out roles/"),
    Entry("index", "indexing.index", "fleet roles index --check roles/LIBRARY.md"),
)
MEMORY: Final = (
    Entry("facts", "memory.facts", "fleet memory facts acme --as-of 2026-03-31"),
    Entry("history", "memory.history", "fleet memory history acme seats"),
    Entry("commitments", "memory.commitments", "fleet memory commitments acme --all"),
    Entry("changes", "memory.changes", "fleet memory changes acme --since 2026-01-01"),
    Entry("contradictions", "memory.contradictions", "fleet memory contradictions acme"),
    Entry("recall", "memory.recall", 'fleet memory recall acme "Who is our champion?"'),
    Entry("events", "memory.events", "fleet memory events acme"),
    Entry(
        "record",
        "memory_keeping.record",
        'fleet memory record acme "Usage fell to 14." --author analytics --kind usage',
    ),
    Entry("import", "memory_files.import_files", "fleet memory import acme mails.mbox notes.csv"),
    Entry("export", "memory_files.export", "fleet memory export acme --out acme.jsonl"),
    Entry("digest", "memory_keeping.digest", "fleet memory digest acme"),
    Entry("index", "memory_keeping.index", "fleet memory index"),
    Entry("erase", "memory_keeping.erase", "fleet memory erase acme"),
)

SIGNALS: Final = (
    Entry("import", "signals.import_files", "fleet signals import accounts.csv weekly.csv"),
    Entry("show", "signals.show", "fleet signals show acme --as-of 2026-03-31"),
)
MOTIONS: Final = (
    Entry("list", "motions.list_motions", "fleet motions list --role customer-success-manager"),
    Entry("due", "motions.due", "fleet motions due --until 2027-03-31"),
    Entry("history", "motions.history", "fleet motions history --account acme --since 2027-01-01"),
    Entry("products", "motions.products", "fleet motions products --state waiting"),
    Entry("settle", "motions.settle", 'fleet motions settle PRODUCT won --note "40 seats more"'),
)
APPROVALS: Final = (
    Entry("list", "approvals.list_approvals", "fleet approvals list --all"),
    Entry("approve", "approvals.approve", "fleet approvals approve mail-4711:1:0:approval --by Dana"),
    Entry("reject", "approvals.reject", 'fleet approvals reject mail-4711:1:0:approval --note "beyond the limit"'),
)
TURNS: Final = (
    Entry("list", "overseeing.list_turns", "fleet turns list --state failed"),
    Entry("show", "overseeing.show_turn", "fleet turns show mail-4711"),
    Entry("retry", "overseeing.retry", "fleet turns retry mail-4711"),
    Entry("cancel", "overseeing.cancel", "fleet turns cancel mail-4711"),
)
DATABASE: Final = (
    Entry("upgrade", "database.upgrade", "fleet db upgrade"),
    Entry("check", "database.check", "fleet db check"),
    Entry("backup", "database.backup", "fleet db backup backups/2027-03-01"),
    Entry("restore", "database.restore", "fleet db restore backups/2027-03-01"),
)


def build(called: str | None = None) -> typer.Typer:
    """Build the command line: all of it, or where ``called`` names one command or group, that alone."""
    app = _group(
        "Role contracts become agents that stay in their lane and remember their accounts.", example="fleet doctor"
    )
    app.callback()(_program)
    groups = {
        "roles": ("Role contracts: list, show, check and import them.", ROLES),
        "memory": ("What is remembered of an account.", MEMORY),
        "signals": ("Signals of accounts: take files in, show what is known.", SIGNALS),
        "motions": ("Work that roles start by themselves: what is declared, due, done and written.", MOTIONS),
        "approvals": ("Questions that wait for a person: list, approve and reject them.", APPROVALS),
        "turns": ("Accepted messages on their way: list, show, retry and cancel them.", TURNS),
        "db": ("The store: bring it up to date, check it, back it up, restore it.", DATABASE),
    }
    known = called in groups or any(entry.name == called for entry in COMMANDS)
    _add(app, [entry for entry in COMMANDS if not known or entry.name == called])
    for name, (help_text, entries) in groups.items():
        if not known or name == called:
            group = _group(help_text, example=entries[0].example)
            _add(group, entries)
            app.add_typer(group, name=name)
    return app


def _add(app: typer.Typer, entries: Sequence[Entry]) -> None:
    """Import the entries' functions and register them."""
    for entry in entries:
        module, _, function = entry.function.rpartition(".")
        found: Command = getattr(import_module(f"fleet_runtime.cli.{module}"), function)
        register(app, found, name=entry.name, example=entry.example)


def _print_version(wanted: bool) -> None:
    """Print the installed version and leave."""
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - loads 40 ms of e-mail parsing

    if wanted:
        try:
            typer.echo(f"fleet_runtime {version('fleet-runtime')}")
        except PackageNotFoundError:
            typer.echo("fleet_runtime, not installed (run from its source)")
        raise typer.Exit


def _group(help_text: str, *, example: str) -> typer.Typer:
    """Make a group of commands that shows its help when called without one."""
    return typer.Typer(
        help=help_text,
        epilog=f"\b\nExample: {example}",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,  # plain help: the same on every terminal, and docs/cli.md quotes it
        pretty_exceptions_enable=False,
    )


def _program(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Role contracts become agents that stay in their lane and remember their accounts."""
