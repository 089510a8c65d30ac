"""What is asked of the dispatcher, and how a message is cut into the texts that are compared.

Knows no roles: it reads an address off the front of a message without judging it.
"""

from __future__ import annotations

import re

from pydantic import SkipValidation

from fleet_runtime.contracts import Value
from fleet_runtime.lexical import stems, words
from fleet_runtime.ports import Vector

_READ = 4_000  # characters that are read of a message; what belongs to whom is said long before
_CLAUSES = 8  # clauses that are weighed beside the whole
_SHORT = 3  # a message of at most so many topic words leans on what was said before
_ADDRESS = re.compile(r"\s*@([A-Za-z][A-Za-z0-9-]*)[\s,:;\u2014-]*")
_CLAUSE_ENDS = re.compile(
    r"(?<=[.!?;\n])\s+|\s+[\u2014\u2013-]+\s+|,?\s+(?:but|also|and also|by the way|btw|besides)\s+", re.IGNORECASE
)
_LEAD_IN = re.compile(r"^(?:by the way|btw|also|besides|and|but)\b[\s,:]*", re.IGNORECASE)
_CLAUSE_WORDS = 3  # fewer words are no clause of their own


class RouteQuery(Value):
    """One message to route.

    ``active_role`` holds the conversation; ``addressed`` is a class that the caller was told to
    address. ``history`` is what the sender said before, oldest first. ``message_vectors`` are the unit
    vectors of `texts`, in order; empty means that nothing was embedded.
    """

    text: str
    active_role: str | None = None
    addressed: str | None = None
    history: tuple[str, ...] = ()
    message_vectors: SkipValidation[tuple[Vector, ...]] = ()

    def address(self) -> str | None:
        """Return the class written as ``@class`` at the very front of the message, lower-case, or None."""
        match = _ADDRESS.match(self.text[:_READ])
        return match.group(1).lower() if match else None

    def wish(self) -> str:
        """Return the message as far as it is read, without an address at its front."""
        read = self.text[:_READ]
        match = _ADDRESS.match(read)
        return (read[match.end() :] if match else read).strip()

    def clauses(self) -> tuple[str, ...]:
        """Return the message's clauses when it has more than one, each once."""
        wish = self.wish()
        parts = (_LEAD_IN.sub("", part.strip(" ,")) for part in _CLAUSE_ENDS.split(wish))
        kept = tuple(dict.fromkeys(part for part in parts if len(words(part)) >= _CLAUSE_WORDS))
        return kept[:_CLAUSES] if kept != (wish,) else ()

    def context(self) -> str:
        """Return the last thing said before, if the message is too short to stand alone, else nothing."""
        if not self.history or len(stems(self.wish())) > _SHORT:
            return ""
        return self.history[-1][:_READ]

    def texts(self) -> tuple[str, ...]:
        """Return the texts whose vectors are wanted as ``message_vectors``: message, clauses, then context."""
        context = self.context()
        return (self.wish(), *self.clauses(), *((context,) if context else ()))
