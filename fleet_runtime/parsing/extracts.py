"""Takes the parts of a contract out of a foreign agent file: mandate, refusals, persona, tools, examples.

It looks up headings, and recognises refusals by their words. What has no place in a contract (workflows,
templates, code) is left out, and one complaint says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from fleet_runtime.contracts import Boundary, MandateItem
from fleet_runtime.parsing.complaints import ComplaintBook
from fleet_runtime.parsing.headings import Kind, kind_of
from fleet_runtime.parsing.outline import Block, Item, Mark, Outline, Prose
from fleet_runtime.parsing.sections import DASH, read_boundary, read_messages, split_title

_REFUSAL: Final = re.compile(
    r"(?:you\s+)?(?:(?:must|should|will|shall)\s+)?"
    r"(?:(?P<never>never)|(?:do|does|must|should|will|shall|may|can)\s+not|(?:do|wo|ca|should|must)n['\u2019]t|cannot)\b"
    r"[\s:]*(?:ever\s+)?(?P<rest>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
_NO_REFUSAL: Final = re.compile(r"(?:hesitate|forget|worry|be\s+afraid|fail\s+to)\b", re.IGNORECASE)
_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
_LABEL_ENDS: Final = " :.\u2014\u2013-"
_HEADING_SIGNS: Final = re.compile(r"^(?:[^\w(\"']+|\d+[.)]\s+)+")
_NOUN_HEADING: Final = re.compile(r"scope|goals|prohibited|forbidden", re.IGNORECASE)
_SECTION_LEVEL: Final = 2
_LONGEST_HEADING: Final = 80
_MOST_SHOWN: Final = 6


@dataclass(frozen=True, slots=True)
class Extract:
    """What a foreign file says of a contract's parts; empty where it says nothing."""

    mandate: tuple[MandateItem, ...]
    boundaries: tuple[Boundary, ...]
    persona: str
    tools: tuple[str, ...]
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """Blocks that stand under one heading. ``topic`` is a heading within its section, and may title a mandate item."""

    kind: Kind | None
    title: str
    line: int
    blocks: tuple[Block, ...]
    topic: str = ""
    lead: bool = False


def extract(outline: Outline, own_class: str, book: ComplaintBook) -> Extract:
    """Take the contract's parts out of a foreign file's outline, and say what was left out."""
    taker = _Taker(own_class, book)
    for part in _parts(outline):
        taker.take(part)
    return taker.taken()


def _parts(outline: Outline) -> Iterator[_Part]:
    """Cut the file at its headings; deeper ones belong to the section they stand in, where that one is known."""
    yield from _cut(_Part(None, "", 1, outline.lead, lead=True))
    around = _Part(None, "", 1, ())
    for section in outline.sections:
        part = _Part(kind_of(section.title), section.title, section.line, section.blocks)
        if section.level <= _SECTION_LEVEL:
            around = part
        elif around.kind:
            part = replace(part, kind=around.kind, topic=section.title)
        elif part.kind is None and around.title:
            part = replace(around, blocks=section.blocks)
        yield from _cut(part)


def _cut(part: _Part) -> Iterator[_Part]:
    """Cut a part before each list that a line such as "Focus areas:" leads in; that line is as good as a heading."""
    begin = 0
    for at, (block, after) in enumerate(pairwise(part.blocks)):
        text = block.prose.text
        if block.kind != "paragraph" or after.kind != "list" or not text.endswith(":") or len(text) > _LONGEST_HEADING:
            continue
        kind = part.kind or kind_of(text)
        if kind is None and not part.lead:
            continue
        yield replace(part, blocks=part.blocks[begin:at])
        topic = text.rstrip(":") if part.kind else ""
        yield _Part(kind, text.rstrip(":"), block.prose.line, (after,), topic)
        begin = at + 2
    yield replace(part, blocks=part.blocks[begin:])


class _Taker:
    """Gathers the parts of one file."""

    def __init__(self, own_class: str, book: ComplaintBook) -> None:
        self._own_class = own_class
        self._book = book
        self._items: dict[Kind, list[MandateItem]] = {"mandate": [], "ability": []}
        self._boundaries: dict[str, Boundary] = {}
        self._persona: list[str] = []
        self._lines: dict[Kind, list[str]] = {"tools": [], "examples": []}
        self._left: dict[int, str] = {}

    def taken(self) -> Extract:
        """Return what was gathered; abilities are the mandate where nothing says a better one."""
        if self._left:
            shown = [f"{title[:40]!r} (line {line})" for line, title in sorted(self._left.items())[:_MOST_SHOWN]]
            more = ["…"] if len(self._left) > _MOST_SHOWN else []
            message = f"what has no place in a contract is left out: {', '.join(shown + more)}"
            hint = "move what matters of them into Mandate, Boundaries or Persona"
            self._book.add("ignored-text", min(self._left), message, hint)
        return Extract(
            tuple(self._items["mandate"] or self._items["ability"]),
            tuple(self._boundaries.values()),
            " ".join(self._persona),
            tuple(dict.fromkeys(self._lines["tools"])),
            tuple(dict.fromkeys(self._lines["examples"])),
        )

    def take(self, part: _Part) -> None:
        """Take what one part gives."""
        told = [block.prose for block in part.blocks if block.kind in ("paragraph", "quote")]
        items = [item for block in part.blocks for item in block.items]
        if any(block.kind == "code" or block.prose.text.startswith("|") for block in part.blocks):
            self._leave(part)
        told = [prose for prose in told if prose.text and not prose.text.startswith("|")]
        if part.kind in ("tools", "examples"):
            self._lines[part.kind].extend(message for item in items for message in read_messages(item))
            self._leave(part, told)
        elif part.kind == "persona":
            self._persona.extend(_ended(prose.text) for prose in (*told, *map(_whole, items)) if prose.text)
        elif part.kind in ("mandate", "ability"):
            self._take_mandate(part, part.kind, told, items)
        elif part.lead:
            self._take_lead(told)
            self._take_rules(part, [], items)
        else:
            self._take_rules(part, told, items)

    def _take_mandate(self, part: _Part, kind: Kind, told: list[Prose], items: list[Item]) -> None:
        """Take what the role does: item by item, or under a heading within the section as one item."""
        done = [prose for prose in map(_whole, items) if prose.text and not self._refuses(prose)]
        if part.topic and (done or told):
            texts = [prose.text.rstrip(".;") for prose in (*told, *done)]
            self._items[kind].append(_mandate_item(Prose(_plain(part.topic), part.line), f"{'; '.join(texts)}."))
        else:
            self._items[kind].extend(_mandate_item(prose) for prose in (done or told))
            self._leave(part, told if done else ())

    def _take_lead(self, told: list[Prose]) -> None:
        """Take the prompt's opening: who the role is, and sentence by sentence what it refuses."""
        for prose in told:
            sentences = [Prose(text, prose.line) for text in _SENTENCE_END.split(prose.text)]
            kept = [sentence.text for sentence in sentences if not self._refuses(sentence)]
            if kept:
                self._persona.append(_ended(" ".join(kept)))

    def _take_rules(self, part: _Part, told: list[Prose], items: list[Item]) -> None:
        """Take the refusals among rules, and name the part if that was not all of it."""
        sentences = [Prose(text, prose.line) for prose in told for text in _SENTENCE_END.split(prose.text)]
        listed = [prose for prose in map(_whole, items) if prose.text]
        heading = part.title if part.kind == "refused" else ""
        refused = [self._refuses(prose, heading) for prose in listed]
        refused.extend(self._refuses(prose) for prose in sentences)
        if not all(refused):
            self._leave(part)

    def _leave(self, part: _Part, told: Sequence[Prose] | None = None) -> None:
        """Note that something of a part is left out: the paragraphs ``told``, if they are given."""
        if told is None or told:
            self._left[part.line] = part.title or "lines above the first heading"

    def _refuses(self, prose: Prose, heading: str = "") -> bool:
        """Take a refusal as a boundary; under a ``heading`` such as "Never" every item is one."""
        refusal = _refusal(prose) or (_as_refused(prose, heading) if heading else None)
        if refusal is None:
            return False
        if refusal.text not in self._boundaries:
            self._boundaries[refusal.text] = read_boundary(Item(refusal), self._own_class, self._book)
        return True


def _refusal(prose: Prose) -> Prose | None:
    """Bring a refusal into the contract's words, or return None; a bold label before it is left out."""
    label = next((mark.end for mark in prose.marks if mark.kind == "bold" and mark.start == 0), 0)
    behind = len(prose.text) - len(prose.text[label:].lstrip(_LABEL_ENDS))
    for said in (prose, prose.tail(behind)):
        match = _REFUSAL.fullmatch(said.text)
        if match and not _NO_REFUSAL.match(match["rest"]):
            return _prefixed("Never " if match["never"] else "Does NOT ", said.tail(match.start("rest")))
    return None


def _as_refused(prose: Prose, heading: str) -> Prose:
    """Put the words of a refusal before an item that has none; what they are depends on the heading above it."""
    if _NOUN_HEADING.search(heading) or prose.text[1:2].isupper():
        return _prefixed("Does NOT: ", prose)
    return _prefixed("Does NOT ", prose._replace(text=prose.text[0].lower() + prose.text[1:]))


def _prefixed(prefix: str, prose: Prose) -> Prose:
    """Put words in front of a prose, moving its marks along."""
    marks = tuple(Mark(mark.start + len(prefix), mark.end + len(prefix), mark.kind) for mark in prose.marks)
    return Prose(prefix + prose.text, prose.line, marks)


def _whole(item: Item) -> Prose:
    """Join an item with the items below it."""
    below = [_whole(child).text for child in item.children]
    return Prose(" ".join([item.prose.text, *below]).strip(), item.prose.line, item.prose.marks)


def _mandate_item(prose: Prose, more: str = "") -> MandateItem:
    """Make a mandate item of a line; what stands before its dash, or in bold, is the title."""
    title, text = split_title(prose)
    label = next((mark.end for mark in prose.marks if mark.kind == "bold" and mark.start == 0), 0)
    if label and not DASH.search(prose.text[:label]) and prose.text[label:].strip(_LABEL_ENDS):
        title, text = prose.text[:label].strip(_LABEL_ENDS), prose.text[label:].lstrip(_LABEL_ENDS)
    if not title:
        cut = DASH.sub(", ", text).strip(", ")
        title, text = cut or prose.text, ""
    return MandateItem(title=title, text=f"{text} {more}".strip(), line=prose.line)


def _plain(heading: str) -> str:
    """Take signs and numbers off the beginning of a heading."""
    return _HEADING_SIGNS.sub("", heading).strip().rstrip(":") or heading


def _ended(text: str) -> str:
    """End a text as a sentence ends."""
    return text if text.endswith((".", "!", "?", ":", ";", "…")) else f"{text}."
