"""Patterns that are compiled when they are first used, so that a module may hold many and still load at once.

Compiling a pattern takes up to a millisecond, and most runs need few of those that a reader of texts knows.
"""

from __future__ import annotations

import re
from typing import cast


class _Late:
    """Stands in for a compiled pattern: what is asked of it is asked of the pattern, and remembered."""

    def __init__(self, source: str, flags: int) -> None:
        self._source = source
        self._flags = flags

    def __getattr__(self, name: str) -> object:
        value: object = getattr(re.compile(self._source, self._flags), name)
        setattr(self, name, value)
        return value


def pattern(source: str, flags: int = 0) -> re.Pattern[str]:
    """Return what can be used as ``re.compile(source, flags)`` would be, and is compiled on first use.

    A mistake in ``source`` is told on first use, too.
    """
    return cast("re.Pattern[str]", _Late(source, flags))
