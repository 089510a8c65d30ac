"""Reads motions from YAML, a list of mappings, into the pieces that bullets are made of. Understands none of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from fleet_runtime.motions.grammar import Words
from fleet_runtime.parsing.nodes import Fault, Mapping, Node, Scalar, Sequence
from fleet_runtime.parsing.yamldata import read_yaml

Complain = Callable[[int, str, str], None]

KEYS: Final = (
    "name", "every", "cron", "before", "after", "fact", "when", "silent_days", "if", "unless", "do", "to",
    "approved_by", "text",
)  # fmt: skip
_FORM: Final = "write a list: - {name: weekly-review, every: Monday, do: review}"
_YES: Final = frozenset({"true", "yes", "anybody"})
_NO: Final = frozenset({"false", "no", ""})
_FACT: Final = "renewal_date"
_NONE: Final = "[]"


def read_entries(text: str, line: int, complain: Complain) -> Iterator[Words]:
    """Give the pieces of each motion; complain of what is none.

    Args:
        text: the YAML.
        line: the line on which it begins.
        complain: is told (line, message, hint).
    """
    if text.strip() == _NONE:
        return
    # The reader takes a mapping: the list becomes the value of a key on a line before the first.
    read = read_yaml(f"motions:\n{text}", line - 1)
    if isinstance(read, Fault):
        complain(read.line, f"motions: {read.message}", _FORM)
        return
    (_, node), *more = read.entries
    if not isinstance(node, Sequence) or more:
        complain(line, "motions: a list is wanted", _FORM)
        return
    for entry in node.items:
        if isinstance(entry, Mapping):
            yield _words(entry, complain)
        else:
            complain(entry.line, "motions: an entry is no mapping", _FORM)


def _words(entry: Mapping, complain: Complain) -> Words:
    """Put an entry into the words of a bullet."""
    values: dict[str, list[str]] = {}
    for key, node in entry.entries:
        if key.value in KEYS:
            values[key.value] = _texts(node, complain)
        else:
            complain(key.line, f"motions: unknown key {key.value[:40]!r}", f"keys: {', '.join(KEYS)}")
    fact = _one(values, "fact") or _FACT
    when = [f"every {_one(values, 'every')}"] if "every" in values else []
    when += [f"cron {_one(values, 'cron')}"] if "cron" in values else []
    when += [f"{', '.join(values[side])} days {side} {fact}" for side in ("before", "after") if side in values]
    when += [f"on `{fact}`"] if "fact" in values and not {"before", "after"} & values.keys() else []
    when += [f"when {_one(values, 'when')}"] if "when" in values else []
    when += [f"no contact for {_one(values, 'silent_days')} days"] if "silent_days" in values else []
    when += [f"{word} {said}" for word in ("if", "unless") for said in values.get(word, [])]
    text = _one(values, "text")
    does = [f'ask "{text}"' if said == "ask" else said for said in values.get("do", [])]
    does += [f"to {_one(values, 'to')}"] if "to" in values else []
    approver = _one(values, "approved_by")
    if approver.lower() in _YES:
        does.append("approved")
    elif approver.lower() not in _NO:
        does.append(f"approved by {approver}")
    return Words(_one(values, "name"), tuple(when), tuple(does), text or ", ".join(does), entry.line)


def _one(values: dict[str, list[str]], key: str) -> str:
    """Return the single value of a key, or nothing."""
    return next(iter(values.get(key, [])), "")


def _texts(node: Node, complain: Complain) -> list[str]:
    """Return a value, or the values of a list, as texts."""
    if isinstance(node, Scalar):
        return [node.value.strip()]
    if isinstance(node, Sequence) and all(isinstance(item, Scalar) for item in node.items):
        return [item.value.strip() for item in node.items if isinstance(item, Scalar)]
    complain(node.line, "motions: a value or a list of values is wanted", _FORM)
    return []
