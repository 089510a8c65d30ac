"""What the headings of other people's agent files mean for a contract: a table, and how a heading is looked up."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Final, Literal

Kind = Literal["mandate", "ability", "rules", "refused", "persona", "tools", "examples"]

HEADINGS: Final[Mapping[Kind, tuple[str, ...]]] = {
    # what it is there for
    "mandate": (
        "mandate", "mission", "missions", "responsibilities", "duties", "tasks", "what you do", "what i do",
        "what it does", "what you own", "job", "goals", "goal", "objectives", "objective",
        "role and responsibilities", "ownership",
    ),
    # what it is good at: its mandate where nothing else says one
    "ability": (
        "focus areas", "focus", "areas of focus", "capabilities", "competencies", "expertise", "areas of expertise",
        "expertise areas", "domain expertise", "specialized skills", "skills", "what you can do", "when invoked",
        "when called", "services",
    ),
    # rules: only those that refuse something are boundaries
    "rules": (
        "rules", "rules you must follow", "hard rules", "ground rules", "constraints", "guardrails", "boundaries",
        "strict boundaries", "safety", "safety rules", "important", "important rules", "important notes",
        "non negotiables", "operating principles", "principles", "guidelines", "ethical guidelines",
        "scope and honesty rules",
    ),
    # lists of what is refused, with or without the words of a refusal
    "refused": (
        "never", "do not", "dont", "don t", "what you do not do", "what you don t do", "what you dont do",
        "you do not", "you don t", "you never", "out of scope", "not in scope", "non goals", "what it does not do",
        "what not to do", "prohibited", "prohibited actions", "forbidden",
    ),
    # how it is
    "persona": (
        "persona", "identity", "identity and memory", "personality", "communication style", "tone", "voice",
        "tone and voice", "voice and tone", "style", "behavioral traits", "behavioural traits", "traits",
        "who you are", "about you", "mindset", "philosophy", "purpose", "background", "role definition", "role",
    ),
    "tools": (
        "tools", "available tools", "tools available",
    ),
    "examples": (
        "examples", "example interactions", "example requests", "example prompts", "example messages",
        "sample prompts", "sample requests",
    ),
}  # fmt: skip

_FILLING: Final = frozenset(("your", "the", "my", "our", "its", "core", "key", "primary", "main", "critical", "expert"))
_WORDS: Final = re.compile(r"[^\W_]+")


def kind_of(heading: str) -> Kind | None:
    """Return what a heading is about, or None where the table does not know it; signs and fillings do not count."""
    return _table().get(_normal(heading))


@cache
def _table() -> Mapping[str, Kind]:
    """Turn the table round: from a heading's words to what it is about."""
    return {_normal(heading): kind for kind, known in HEADINGS.items() for heading in known}


def _normal(heading: str) -> str:
    """Return a heading's words in lower case, without numbers, emoji and filling words."""
    words = _WORDS.findall(heading.lower().replace("&", " and "))
    return " ".join(word for word in words if word not in _FILLING and not word.isdigit())
