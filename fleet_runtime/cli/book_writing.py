"""Gives a work product out: as text, as a file, as values for other programs. Composes nothing."""

from __future__ import annotations

from pathlib import Path

from fleet_runtime.errors import MessageError
from fleet_runtime.products import Composed


def as_json(made: Composed, file: Path | None) -> dict[str, object]:
    """Give a work product in the form that other programs rely on: its figures by name, each with its source."""
    figures = [figure._asdict() for figure in made.figures]
    where = {} if file is None else {"file": str(file)}
    return {"title": made.title, "text": made.text, "cites": made.cites, "figures": figures, **where}


def as_text(made: Composed) -> str:
    """Give a work product as Markdown with its title, which is an e-mail's subject."""
    return made.headed.rstrip()


def put(file: Path, made: Composed) -> None:
    """Write a work product in the form that the file's name asks for, over an older one; folders are made.

    Raises: MessageError if a folder cannot be made; SettingError if the file cannot be written; MissingExtra.
    """
    from fleet_runtime.publishing import write_product  # noqa: PLC0415 - loads what draws charts

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MessageError(
            f"{file.parent} cannot be made: {error.strerror}", hint="check --out and its permissions"
        ) from error
    write_product(made, file)
