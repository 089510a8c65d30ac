"""Writes what a tool returns as the text that a model reads. Judges nothing and bounds nothing."""

from __future__ import annotations

from typing import Final

from pydantic_core import PydanticSerializationError, to_json

from fleet_runtime.ports import ToolFailed

DONE: Final = "done"
"""What a model reads of a tool that returns nothing."""

LONGEST_FAILURE: Final = 500
"""Characters of a failure's text: more of it would not help a model."""


def as_text(result: object) -> str:
    """Write a result: a text as it is, None as ``done``, all else as compact JSON.

    Models, dataclasses, dates, decimals and enumerations are written as pydantic writes them.

    Raises: ToolFailed if it cannot be written as JSON.
    """
    if result is None:
        return DONE
    if isinstance(result, str):
        return _sound(result)
    try:
        return _sound(to_json(result, inf_nan_mode="strings").decode())
    except (PydanticSerializationError, ValueError, TypeError) as error:
        told = f"It ran, but its result ({type(result).__name__}) cannot be written as text: {error}"
        raise ToolFailed(told[:LONGEST_FAILURE]) from error


def failure_text(error: BaseException) -> str:
    """Say what went wrong in a tool, in one bounded line without a traceback."""
    said = " ".join(_sound(str(error)).split())
    told = f"{type(error).__name__}: {said}" if said else type(error).__name__
    return told if len(told) <= LONGEST_FAILURE else f"{told[: LONGEST_FAILURE - 2]} …"


def _sound(text: str) -> str:
    """Replace lone surrogates, which no encoder of a request or a database takes."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
