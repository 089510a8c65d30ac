"""Reads what people type or pipe in: UTF-8 or one clear error. Judges no message."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module

from fleet_runtime.errors import MessageError

LONGEST_INPUT = 16 * 1024 * 1024  # an endless pipe must not fill the memory
LEAVE = {"/quit", "/exit"}


def whole(text: str) -> str:
    """Return the text, or standard input where the text is ``-``.

    Raises: MessageError if it is not UTF-8 or endless.
    """
    if text == "-":
        return decoded(sys.stdin.buffer.read(LONGEST_INPUT + 1)).rstrip("\n")
    return checked(text)


def lines() -> Iterator[str | MessageError]:
    """Give one message per line until the end or /quit; an unreadable line is given as its error."""
    while True:
        try:
            line = _typed() if sys.stdin.isatty() else decoded(_piped())
        except EOFError:
            if sys.stdin.isatty():
                sys.stdout.write("\n")  # the prompt still stands on this line
            return
        except MessageError as error:
            yield error
            continue
        if line.strip() in LEAVE:
            return
        if line.strip():
            yield line.strip()


def checked(text: str) -> str:
    """Refuse text that holds undecodable bytes.

    Raises: MessageError.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise _not_utf8() from error
    return text


def decoded(raw: bytes) -> str:
    """Decode bytes as UTF-8.

    Raises: MessageError if they are not, or too many.
    """
    if len(raw) > LONGEST_INPUT:
        raise MessageError(
            f"the input is longer than {LONGEST_INPUT >> 20} MB", hint="send the message in smaller pieces"
        )
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _not_utf8() from error


def _not_utf8() -> MessageError:
    """Say that the bytes are in another encoding."""
    return MessageError("the text is not UTF-8", hint="convert it first, for example with iconv -t UTF-8")


def _typed() -> str:
    """Read a line from the terminal, with line editing where there is any."""
    with suppress(ImportError):
        import_module("readline")  # importing it is what gives input() its line editing
    try:
        return checked(input("you> "))
    except UnicodeDecodeError as error:
        raise _not_utf8() from error


def _piped() -> bytes:
    """Read one line from the pipe.

    Raises: EOFError at the end.
    """
    raw = sys.stdin.buffer.readline(LONGEST_INPUT + 1)
    if not raw:
        raise EOFError
    return raw
