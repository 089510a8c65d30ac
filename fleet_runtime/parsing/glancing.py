"""Reads class and domain from the head of a canonical file without reading its Markdown. Guesses nothing.

Where the head is in any way unusual it returns None, and the caller reads the whole file.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from fleet_runtime.parsing.markers import GROUP, PAIR
from fleet_runtime.parsing.names import is_class_name

_PLAIN: Final = re.compile(
    r"# [^\n]+\n(?:(?:(?:[^\W\d_]|\*\*(?=[^\W_])|\(|`(?!`)|\d+(?![\d.)])|[\"'\u2014])[^\n]*)?\n)*"
)
"""A title, and below it lines that can only be paragraphs."""

_ODD: Final = re.compile(r"[^\S \n]|[\\&<\u200b\u200c\u200d\u2060\ufeff]|``")


class Glance(NamedTuple):
    """Who a file speaks of: its class and its domain."""

    role_class: str
    domain: str


def glance(text: str) -> Glance | None:
    """Return the class and domain that `read_role` would find, or None where only reading the whole file is sure."""
    head = text[: text.find("\n## ") + 1]
    if _PLAIN.fullmatch(head) is None or _ODD.search(head):
        return None
    found: dict[str, str] = {}
    for paragraph in head.split("\n\n")[1:]:
        bare = paragraph.replace("`", "").replace("*", "")
        if "class" not in bare and "domain" not in bare:
            continue
        flat = " ".join(paragraph.replace("`", "").split())
        inner = [pair for group in GROUP.finditer(flat) for pair in PAIR.finditer(group[1])]
        # A code span may be a marker by itself, whatever it touches, and bold may stand within one.
        other = (flat, bare, paragraph.replace("`", " "))
        if any(len(PAIR.findall(text)) != len(inner) for text in other):
            return None
        for name, value in ((pair[1], pair[2].strip(" ")) for pair in inner):
            if name in found:
                return None
            found[name] = value
    role_class, domain = found.get("class", ""), found.get("domain", "")
    known = is_class_name(role_class) and is_class_name(domain)
    return Glance(role_class=role_class, domain=domain) if known else None
