"""The attempts to talk a role out of its lane that a message is wrapped in; the texts are data beside this module.

Phrases to test with, not to learn from: the dispatcher does not know them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Final
from zlib import crc32

_MESSAGE: Final = "{message}"
_CLOSED: Final = (".", "!", "?", ":", ")", '"')


@cache
def shipped_frames() -> tuple[str, ...]:
    """Return the frames, each with ``{message}`` where the message goes; the file is read once."""
    return tuple(json.loads(files("fleet_runtime.probing").joinpath("frames.json").read_text(encoding="utf-8")))


def wrapped(messages: Sequence[str], *, seed: str) -> list[tuple[str, str]]:
    """Wrap each message in another frame; return (wrapped, message) pairs.

    ``seed`` chooses the frame to begin with, so that the bullets of a staff meet all frames and each meets the same
    ones every time.
    """
    frames = shipped_frames()
    first = crc32(seed.encode())
    return [
        (frames[(first + number) % len(frames)].replace(_MESSAGE, _sentence(message)), message)
        for number, message in enumerate(messages)
    ]


def _sentence(message: str) -> str:
    """Close a message, so that what follows is not read as its end."""
    return message if message.rstrip().endswith(_CLOSED) else f"{message.rstrip()}."
