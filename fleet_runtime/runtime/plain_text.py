"""Refuses what is no text before anything is stored: NUL bytes and lone surrogates. Judges no meaning."""

from __future__ import annotations

import re

from fleet_runtime.errors import MessageError

_NO_TEXT = re.compile("[\x00\ud800-\udfff]")


def refuse_bytes(name: str, text: str) -> None:
    """Refuse a text that UTF-8 or a database cannot hold.

    Args:
        name: what the text is, for the error.
        text: what was given.

    Raises: MessageError.
    """
    if _NO_TEXT.search(text):
        raise MessageError(f"the {name} holds bytes that are no text", hint="send valid UTF-8 without NUL")


def account_id(account: str) -> str:
    """Return an account id that can be kept.

    Raises: MessageError.
    """
    refuse_bytes("account id", account)
    if not account.strip():
        raise MessageError("the account id is empty", hint="give an id of your own for each customer")
    return account
