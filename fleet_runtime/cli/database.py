"""The commands for the store itself: bring it up to date, look whether it is sound, copy it, put a copy back.

On Postgres the server's own tools make backups and restore them; these commands then say how, and do nothing.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import anyio
import typer

from fleet_runtime.cli.running import Running
from fleet_runtime.cli.storing import is_yet_to_be_made, present_time
from fleet_runtime.errors import StoreError
from fleet_runtime.runtime.overseeing import without_password

if TYPE_CHECKING:  # what loads late is named here; the floors hold for it all the same
    from sqlalchemy import URL

    from fleet_runtime.stores.maintenance.backup import StoreFiles

FolderArgument = Annotated[
    Path, typer.Argument(metavar="FOLDER", help="The folder that is the backup.", show_default=False)
]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace a backup that is there.")]


class _Place(NamedTuple):
    """Where the store is: a file of SQLite, or a URL of Postgres without its password, for people."""

    file: Path | None
    server: str
    name: str


def upgrade(run: Running) -> None:
    """Bring the store's schema up to date, or make it where there is none.

    Any process that opens the store does this too; run it by itself to choose when, after a backup.
    """
    from fleet_runtime.stores.schema.tables import SCHEMA_VERSION  # noqa: PLC0415 - loads the database driver
    from fleet_runtime.stores.sql.store import open_store  # noqa: PLC0415

    place = _place(run.settings.database)
    before = _version(run.settings.database, place)
    store = open_store(run.settings.database, now=present_time)
    anyio.run(store.close)
    if run.out.as_json:
        run.out.json({"database": place.name, "from": before or None, "to": SCHEMA_VERSION})
    elif before == SCHEMA_VERSION:
        run.out.line(f"{place.name} is up to date: schema {SCHEMA_VERSION}")
    elif before:
        run.out.line(f"{place.name} is upgraded from schema {before} to {SCHEMA_VERSION}")
    else:
        run.out.line(f"{place.name} is made: schema {SCHEMA_VERSION}")


def check(run: Running) -> None:
    """Look whether the store is sound: schema, pages, turns half done, the engine's tables, the disk.

    Changes nothing. Ends with 1 if something is to be seen to.
    """
    from fleet_runtime.stores.databases.locating import locate  # noqa: PLC0415
    from fleet_runtime.stores.maintenance.examining import examine_files, examine_server  # noqa: PLC0415 - loads the database driver

    place = _place(run.settings.database)
    durable, lapse, now = run.settings.engine == "durable", run.settings.worker_lapse_seconds, present_time()
    if place.file is not None:
        found = examine_files(_files(place.file), durable=durable, now=now, lapse_seconds=lapse)
    else:
        found = examine_server(*locate(run.settings.database), durable=durable, now=now, lapse_seconds=lapse)
    if run.out.as_json:
        run.out.json(found)
    else:
        for one in found:
            run.out.line(f"{one.state:<8}{one.name:<10}{one.text}")
            if one.hint:
                run.out.line(f"{'':<18}{one.hint}")
    if any(one.state == "broken" for one in found):
        raise typer.Exit(1)


def backup(run: Running, folder: FolderArgument, force: ForceOption = False) -> None:
    """Copy the store, and the engine's file beside it, while they are in use.

    The folder appears whole or not at all; its manifest says what it holds. On Postgres: says what to run instead.
    """
    from fleet_runtime.stores.maintenance.backup import back_up  # noqa: PLC0415 - loads the database driver

    place = _place(run.settings.database)
    if place.file is None:
        raise _the_servers(
            "makes its backups itself",
            f"pg_dump --format=custom --file={folder}.dump '{place.server}'",
            f"pg_basebackup --wal-method=stream --pgdata={folder} --dbname='{place.server}'",
        )
    made = back_up(_files(place.file), folder, now=present_time(), force=force)
    if run.out.as_json:
        run.out.json({"folder": str(folder), "manifest": made})
        return
    for copy in made.copies:
        run.out.line(f"{folder / copy.name}: {copy.size / 2**20:,.1f} MiB, schema {copy.schema_version or 'none yet'}")
    run.out.line(f"backup of {place.name} is complete: {folder}")


def restore(run: Running, folder: FolderArgument) -> None:
    """Put a backup back in the store's place, after every byte of it was looked at.

    Refused while a process has the store open or works on it. The files that are replaced are kept beside it.
    On Postgres: says what to run instead.
    """
    from fleet_runtime.stores.maintenance.restoring import restore as put_back  # noqa: PLC0415 - loads the database driver

    place = _place(run.settings.database)
    if place.file is None:
        raise _the_servers(
            "restores its backups itself",
            f"pg_restore --clean --if-exists --single-transaction --dbname='{place.server}' {folder}.dump",
            "the server's own recovery, with the files of pg_basebackup",
        )
    lapse_seconds = run.settings.worker_lapse_seconds
    done = put_back(folder, _files(place.file), now=present_time(), lapse_seconds=lapse_seconds)
    if run.out.as_json:
        run.out.json({"manifest": done.manifest, "replaced": [str(path) for path in done.replaced]})
        return
    for path in done.replaced:
        run.out.line(f"kept what was there as {path}")
    run.out.line(f"{place.name} is as it was at {done.manifest.made_at:%Y-%m-%d %H:%M:%S} UTC")


def _place(database: str) -> _Place:
    """Find out what the store is on.

    Raises: StoreError for a store that is in memory only, or a URL that is none.
    """
    from fleet_runtime.stores.databases.locating import locate  # noqa: PLC0415 - loads the database driver

    nothing = StoreError("there is no store: all is kept in memory", hint="name a file or a Postgres URL as database")
    if database == "none":
        raise nothing
    if "://" not in database:
        return _Place(Path(database).expanduser(), "", database)
    url, _ = locate(database)
    if url.get_backend_name() == "sqlite":
        if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
            raise nothing
        return _Place(Path(url.database), "", url.database)
    return _Place(None, _shown(url), without_password(database))


def _shown(url: URL) -> str:
    """Return a URL that the server's tools take, without what is secret; they ask for it, or read PGPASSWORD."""
    public = url.difference_update_query(("password", "sslpassword"))
    bare = type(url).create("postgresql", url.username, None, url.host, url.port, url.database, public.query)
    return bare.render_as_string(hide_password=False)


def _files(store: Path) -> StoreFiles:
    """Return a store's file with its engine's."""
    from fleet_runtime.engine.durable.places import engine_file  # noqa: PLC0415 - loads the database driver
    from fleet_runtime.stores.maintenance.backup import StoreFiles  # noqa: PLC0415

    return StoreFiles(store, engine_file(store))


def _version(database: str, place: _Place) -> str:
    """Return the schema that the store has now; nothing where there is no store yet."""
    from fleet_runtime.stores.databases.failures import explained  # noqa: PLC0415
    from fleet_runtime.stores.databases.locating import locate  # noqa: PLC0415
    from fleet_runtime.stores.maintenance.backup import opened, schema_of  # noqa: PLC0415 - loads the database driver
    from fleet_runtime.stores.maintenance.examining import at_server, found_version  # noqa: PLC0415

    if place.file is None:
        with at_server(*locate(database)) as connection:
            return found_version(connection)
    if is_yet_to_be_made(str(place.file)):
        return ""
    with explained(f"store {place.file}"), closing(opened(place.file)) as file:
        return schema_of(file, "store")


def _the_servers(what: str, dump: str, whole: str) -> StoreError:
    """Make the error for what the server's own tools do."""
    return StoreError(
        f"Postgres {what}, the engine's tables with the store's",
        hint=f"one database: {dump}; a whole server, up to any moment: {whole}",
    )
