"""The names that contracts use: domains, and what a class name looks like. Looks nothing up."""

from __future__ import annotations

import re
from typing import Final

DOMAINS: Final = (
    "executive",
    "product",
    "marketing",
    "sales",
    "customer",
    "operations",
    "research",
    "assistant",
    "creative",
    "engineering",
)

_CLASS = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
LONGEST_NAME: Final = 64


def is_class_name(name: str) -> bool:
    """Tell whether ``name`` may be a role's class: lower-case words joined by hyphens, no path parts."""
    return len(name) <= LONGEST_NAME and _CLASS.fullmatch(name) is not None


def file_stem(source: str) -> str:
    """Return the file's name without its folder and all that follows the first dot."""
    return source.replace("\\", "/").rsplit("/", 1)[-1].split(".", 1)[0]


def title_of(role_class: str) -> str:
    """Write a class as a title: ``support-agent`` becomes ``Support Agent``."""
    return " ".join(word.capitalize() for word in role_class.split("-"))
