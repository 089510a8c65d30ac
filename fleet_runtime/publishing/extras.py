"""What to say where the extra ``reports`` is not installed."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from fleet_runtime.errors import MissingExtra


@contextmanager
def needing_reports(what: str) -> Generator[None]:
    """Turn a package that is missing within the block into an error that says how to get it.

    Args:
        what: what is being made (``a chart``).

    Raises: MissingExtra.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("fleet_runtime"):
            raise
        raise MissingExtra(
            f"{what} needs the package {error.name}", hint="pip install 'fleet-runtime[reports]'"
        ) from error
