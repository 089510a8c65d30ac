"""Takes secrets out of texts that are written to files. Knows common forms of keys, and what it is told besides."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import cast

STRIPPED = "***"

_KEYS = (
    r"\b(?:sk|pk|rk)[-_][A-Za-z0-9_-]{8,}",  # OpenAI, Anthropic, Stripe and those who word theirs alike
    r"\bgh[pousr]_[A-Za-z0-9]{16,}",
    r"\bgithub_pat_[A-Za-z0-9_]{16,}",
    r"\bxox[abprs]-[A-Za-z0-9-]{8,}",
    r"\bAKIA[A-Z0-9]{12,}",
    r"\bAIza[A-Za-z0-9_-]{20,}",
    r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*",  # a JSON web token
)
# A name that says what follows: the name stays.
_NAMED = re.compile(
    r"""(?ix)
    ( authorization ["']? \s* [:=] \s* ["']? (?: (?:bearer|basic) \s+ )?
    | \b bearer \s+
    | (?: api[_-]?key | access[_-]?token | auth[_-]?token | secret | password ) ["']? \s* [:=] \s* ["']?
    | :// [^\s/:@"']* : (?= [^\s/@"']+ @ )
    )
    (?! \*\*\* ) [^\s"',;@}\\]+
    """
)
_EMAIL = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"


class Stripper:
    """Replaces what must not be kept by ``***``: the same text always becomes the same.

    ``also`` are regular expressions of the caller's; with ``emails`` addresses go too.
    """

    def __init__(self, also: Iterable[str] = (), *, emails: bool = False) -> None:
        """Compile the expressions."""
        self._plain = re.compile("|".join([*_KEYS, *([_EMAIL] if emails else []), *(f"(?:{one})" for one in also)]))

    def text(self, text: str) -> str:
        """Return a text without secrets."""
        return self._plain.sub(STRIPPED, _NAMED.sub(rf"\1{STRIPPED}", text))

    def value(self, value: object) -> object:
        """Return a JSON value all of whose texts are without secrets, the keys of its objects left alone."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {key: self.value(inner) for key, inner in cast("dict[str, object]", value).items()}
        if isinstance(value, list):
            return [self.value(inner) for inner in cast("list[object]", value)]
        return value
