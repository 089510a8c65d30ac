"""The tree of commands: which exist and how an example of each looks. Does nothing else."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of
from typing import Annotated

import typer

from fleet_runtime.cli import (
    checking,
    compiling,
    doctor,
    importing,
    indexing,
    layering,
    locking,
    memory,
    organisation,
    roles,
    routing,
    talking,
)
from fleet_runtime.cli.registering import register


def _print_version(wanted: bool) -> None:
    """Print the installed version and leave."""
    if wanted:
        try:
            typer.echo(f"fleet_runtime {version_of('fleet-runtime')}")
        except PackageNotFoundError:
            typer.echo("fleet_runtime, not installed (run from its source)")
        raise typer.Exit


def build() -> typer.Typer:
    """Build the whole command line."""
    app = _group(
        "Role contracts become agents that stay in their lane and remember their accounts.", example="fleet doctor"
    )
    app.callback()(_program)
    register(app, talking.chat, name="chat", example="fleet chat customer-success-manager --account acme")
    register(
        app, talking.ask, name="ask", example='fleet ask customer-success-manager "When is our renewal?" --account acme'
    )
    register(app, talking.dispatch, name="dispatch", example='fleet dispatch "Our login is broken." --account acme')
    register(app, routing.route, name="route", example='fleet route "Our login is broken." --explain')
    register(
        app, compiling.compile_prompt, name="compile", example="fleet compile customer-success-manager --account acme"
    )
    register(app, checking.check, name="check", example="fleet check --profile business")
    register(app, memory.brief, name="brief", example="fleet brief acme --as-of 2026-03-31")
    register(app, locking.lock, name="lock", example="fleet lock --check")
    register(app, doctor.doctor, name="doctor", example="fleet doctor")
    register(app, organisation.org, name="org", example="fleet org --profile business --format svg --out business.svg")
    app.add_typer(_roles(), name="roles")
    app.add_typer(_memory(), name="memory")
    return app


def _roles() -> typer.Typer:
    """Build the commands on role contracts."""
    app = _group("Role contracts: list, show, check and import them.", example="fleet roles list")
    register(app, roles.list_roles, name="list", example="fleet roles list")
    register(app, roles.show, name="show", example="fleet roles show customer-success-manager --json")
    register(app, layering.customize, name="customize", example="fleet roles customize support-agent")
    register(app, layering.new, name="new", example="fleet roles new night-guard --domain operations --persistent")
    register(app, layering.diff, name="diff", example="fleet roles diff support-agent")
    register(app, roles.parse, name="parse", example="fleet roles parse roles/support-agent.md --json")
    register(app, importing.import_role, name="import", example="fleet roles import page.txt --out roles/")
    register(app, indexing.index, name="index", example="fleet roles index --check roles/LIBRARY.md")
    return app


def _memory() -> typer.Typer:
    """Build the commands on an account's memory."""
    app = _group("What is remembered of an account.", example="fleet memory facts acme")
    register(app, memory.facts, name="facts", example="fleet memory facts acme --as-of 2026-03-31")
    register(app, memory.recall, name="recall", example='fleet memory recall acme "Who is our champion?"')
    register(app, memory.events, name="events", example="fleet memory events acme")
    register(
        app,
        memory.record,
        name="record",
        example='fleet memory record acme "Usage fell to 14 users." --author analytics --kind usage',
    )
    return app


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
