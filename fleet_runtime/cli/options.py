"""What can be said on the command line, once for all commands. Reads nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Annotated

import typer


def moment(text: str) -> datetime:
    """Read an ISO date or time; without a zone it is UTC, a bare date is its first instant.

    Raises: ValueError, which the command line turns into a usage error.
    """
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def end_of(text: str) -> datetime:
    """Read an ISO date or time; a bare date is its last instant, so that the day itself counts.

    Raises: ValueError, which the command line turns into a usage error.
    """
    try:
        return datetime.combine(date.fromisoformat(text), time.max, tzinfo=UTC)
    except ValueError:
        return moment(text)


@dataclass(frozen=True)
class Common:
    """The options of every command; a setting left out comes from FLEET_*, then fleet.toml."""

    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
    database: Annotated[str | None, typer.Option(help="File or URL of the store, or none.", metavar="DB")] = None
    model: Annotated[str | None, typer.Option(help="auto, embedded, none, or a model's name.", metavar="NAME")] = None
    profile: Annotated[str | None, typer.Option(help="Which roles are staffed.", metavar="ID")] = None
    roles: Annotated[str | None, typer.Option(help="Folder of the project's own roles.", metavar="DIR")] = None
    tenant: Annotated[str | None, typer.Option(help="Whose accounts these are.", metavar="ID")] = None

    def settings(self) -> dict[str, str | None]:
        """Return the settings given here; None where one was left out."""
        return {
            "database": self.database,
            "model": self.model,
            "profile": self.profile,
            "roles": self.roles,
            "tenant": self.tenant,
        }


@dataclass(frozen=True)
class Speaking:
    """Who speaks, on which account and in which conversation."""

    account: Annotated[str, typer.Option(help="The account spoken with.", metavar="A")]
    speaker: Annotated[str | None, typer.Option(help="Who speaks.", metavar="NAME")] = None
    conversation: Annotated[str | None, typer.Option(help="Which conversation to go on with.", metavar="ID")] = None


@dataclass(frozen=True)
class Sent:
    """What marks one message: its id, so that it counts once, and its time."""

    turn_id: Annotated[str | None, typer.Option(help="Id of the message; a repeated id counts once.", metavar="ID")] = (
        None
    )
    at: Annotated[datetime | None, typer.Option(parser=moment, help="When it was said.", metavar="ISO")] = None


@dataclass(frozen=True)
class Reported:
    """What a colleague or a system reports: by whom, of which kind, when."""

    author: Annotated[str, typer.Option(help="Who says it.", metavar="NAME")]
    kind: Annotated[str, typer.Option(help="What it is: note, usage, call, …", metavar="KIND")] = "note"
    at: Annotated[datetime | None, typer.Option(parser=moment, help="When it happened; else now.", metavar="ISO")] = (
        None
    )


ClassArgument = Annotated[str, typer.Argument(metavar="CLASS", help="Class of a role.", show_default=False)]
TextArgument = Annotated[
    str, typer.Argument(metavar="TEXT", help="The message, or - for standard input.", show_default=False)
]
AccountArgument = Annotated[str, typer.Argument(metavar="A", help="The account.", show_default=False)]
AsOfOption = Annotated[datetime | None, typer.Option("--as-of", parser=end_of, help="As it was then.", metavar="DATE")]
