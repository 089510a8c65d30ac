"""What is kept of an event beside its row, so that it can be ranked without its text: the hashes of its words.

Made when an event is recorded. Author and date are not among them: they are columns of their own. Ranks nothing.
"""

from __future__ import annotations

import re
import struct
import zlib
from datetime import datetime
from functools import lru_cache

from fleet_runtime.lexical import STOPWORDS, stem, words
from fleet_runtime.records import Event

ONLY_ASKS, ENDS_ASKING, HOLDS_NUMBER, HOLDS_TIME, HOLDS_NAME = (1 << bit for bit in range(16, 21))
"""Flags of the header: the upper half of an event's first word. The lower half counts all words of its text."""

MOST_WORDS = 0xFFFF
MICROSECONDS = 1_000_000

_NUMBER = re.compile(
    r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|dozen|hundred|thousand|million)\b", re.IGNORECASE
)
_TIME = re.compile(
    r"\b(?:yesterday|today|tonight|tomorrow|ago|(?:last|next|this)\s+(?:week|month|year|night|weekend|quarter|spring"
    r"|summer|autumn|fall|winter|\w+day)|weekend|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|(?:19|20)\d\d|january"
    r"|february|march|april|june|july|august|september|october|november|december|recently|since)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<=[a-z,;] )[A-Z](?!\b|'|\u2019)\w")


def event_terms(event: Event) -> bytes:
    """Return a header and the hash of every content word of an event's text, in order, as little-endian 32-bit numbers.

    The bytes are meant for `EventIndex` alone. Words are stemmed; stop words are dropped.
    """
    spoken = words(event.text)
    hashes = [term_hash(stem(word)) for word in spoken if word not in STOPWORDS]
    return struct.pack(f"<{len(hashes) + 1}I", min(len(spoken), MOST_WORDS) | _flags(event.text), *hashes)


def embedded_text(event: Event) -> str:
    """Return what stands for an event before an encoder: who says it, and what."""
    return f"{event.author}: {event.text}"


def microseconds(moment: datetime) -> int:
    """Return a moment in microseconds since 1970, as `RankingRows` has it."""
    whole = int(moment.replace(microsecond=0).timestamp())
    return whole * MICROSECONDS + moment.microsecond


@lru_cache(maxsize=20_000)
def term_hash(term: str) -> int:
    """Return a stem's 32-bit hash, the same on every machine and in every release."""
    return zlib.crc32(term.encode())


def _flags(text: str) -> int:
    """Read what ranking must know of a text and its words do not tell."""
    told = text.rstrip()
    asks = told.endswith("?")
    return (
        (ENDS_ASKING if asks else 0)
        | (ONLY_ASKS if asks and not any(mark in told.rstrip("?! ") for mark in ".!\n;") else 0)
        | (HOLDS_NUMBER if _NUMBER.search(told) else 0)
        | (HOLDS_TIME if _TIME.search(told) else 0)
        | (HOLDS_NAME if _NAME.search(told) else 0)
    )
