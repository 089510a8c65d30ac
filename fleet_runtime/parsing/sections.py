"""Reads each section of an outline into values of the contract. Sections it does not know are the caller's."""

from __future__ import annotations

import re
from typing import Final, get_args

from fleet_runtime.contracts import Boundary, MandateItem, MemoryKey, MemoryKind
from fleet_runtime.parsing.complaints import ComplaintBook
from fleet_runtime.parsing.outline import Item, Prose, Section
from fleet_runtime.parsing.owners import find_owners
from fleet_runtime.parsing.self_hand_off import hands_to_itself
from fleet_runtime.patterns import pattern

DASH: Final = re.compile(r"\s*(?:—|→|->)\s*|\s+(?:\u2013|--?)\s+")
_REFUSAL: Final = re.compile(
    r"^(?:it\s+)?(?:(?:does|do|must|will|shall|can|may)\s+not|doesn['\u2019]t|don['\u2019]t|won['\u2019]t|cannot|never)\b[\s:]*",
    re.IGNORECASE,
)
_CLAUSE_END: Final = re.compile(r"[;:]\s|[.!]\s|[.!]$")
_DOCTRINE: Final = re.compile(r"^doctrine\s*:\s*", re.IGNORECASE)
_MEMORY: Final = pattern(
    r"^(?P<name>[^\s(]+)\s*\((?P<kind>[^;()]*)(?:;(?P<aliases>[^()]*))?\)\s*(?:[—\u2013:]|-+)\s*(?P<sentence>.+)$"
)
_KEY_NAME: Final = pattern(r"[a-z][a-z0-9_]*")
_KINDS: Final[tuple[str, ...]] = get_args(MemoryKind)
_QUOTES: Final = {'"': '"', "“": "”", "„": "“", "«": "»"}


def read_mandate(section: Section, book: ComplaintBook) -> tuple[MandateItem, ...]:
    """Read the mandate's list; the bold phrase, or what stands before the dash, is the title."""
    note_stray(section, book)
    items: list[MandateItem] = []
    for item in section.items():
        title, text = split_title(item.prose)
        extra = [child.prose.text for child in item.children]
        if title or text:
            items.append(MandateItem(title=title or text, text=" ".join([text, *extra]).strip(), line=item.prose.line))
    return tuple(items)


def read_boundaries(section: Section, own_class: str, book: ComplaintBook) -> tuple[tuple[Boundary, ...], str]:
    """Read the "Does NOT" bullets, and the sentence beside them as the boundary note."""
    note = " ".join(prose.text for prose in section.paragraphs())
    boundaries = [read_boundary(item, own_class, book) for item in section.items() if item.prose.text]
    return tuple(boundaries), note


def read_lines(section: Section, book: ComplaintBook) -> tuple[str, ...]:
    """Read a section of one text a bullet (examples, tools)."""
    note_stray(section, book)
    return tuple(text for item in section.items() for text in read_messages(item))


def read_memory(section: Section, book: ComplaintBook) -> tuple[MemoryKey, ...]:
    """Read the memory keys: ``name (kind; alias, alias) — sentence with {value}``."""
    note_stray(section, book)
    keys: dict[str, MemoryKey] = {}
    for item in section.items():
        key = _memory_key(item.prose, book)
        if key is not None and key.name in keys:
            _bad_key(book, item.prose, f"{key.name!r} is declared twice")
        elif key is not None:
            keys[key.name] = key
    return tuple(keys.values())


def read_persona(section: Section) -> str:
    """Read the persona's paragraphs and list items as one text."""
    items = (item.prose.text for item in section.items())
    return " ".join([*(prose.text for prose in section.paragraphs()), *items])


def is_doctrine(prose: Prose) -> bool:
    """Tell whether a paragraph or quote is the doctrine line."""
    return _DOCTRINE.match(prose.text) is not None


def doctrine_text(prose: Prose) -> str:
    """Return the doctrine without the word itself."""
    return _DOCTRINE.sub("", prose.text).strip()


def unquoted(text: str) -> str:
    """Take one pair of quotation marks off a message that is wholly within them."""
    closing = _QUOTES.get(text[:1])
    return text[1:-1].strip() if closing and len(text) > 1 and text.endswith(closing) else text


def refused_part(text: str) -> int:
    """Return where the refused work ends in a boundary's text: before its dash, or at the end of its clause."""
    ends = _refusal_end(text)
    return ends.start() if ends else len(text)


def note_stray(section: Section, book: ComplaintBook) -> None:
    """Say which text beside a list is not read, so that nobody relies on it."""
    for prose in section.paragraphs():
        book.add(
            "ignored-text",
            prose.line,
            f"text beside the list of {section.title!r} is not read: {prose.text[:40]!r}",
            "make it a bullet, or move it to Persona",
        )


def read_messages(item: Item) -> list[str]:
    """Return an item's text and those of its children, as messages."""
    texts = [unquoted(item.prose.text), *(text for child in item.children for text in read_messages(child))]
    return [text for text in texts if text]


def split_title(prose: Prose) -> tuple[str, str]:
    """Split at the dash, else behind a leading bold phrase."""
    dash = DASH.search(prose.text)
    if dash:
        return prose.text[: dash.start()].strip(), prose.text[dash.end() :].strip()
    lead = next((mark.end for mark in prose.marks if mark.kind == "bold" and mark.start == 0), len(prose.text))
    title, text = prose.text[:lead].strip(), prose.text[lead:].strip(" .:")
    return (title.rstrip(".:"), text) if text else (title, "")


def _refusal_end(text: str) -> re.Match[str] | None:
    """Find the dash behind "Does NOT …", else the end of the clause."""
    refusal = _REFUSAL.match(text)
    start = refusal.end() if refusal else 0
    return DASH.search(text, start) or _CLAUSE_END.search(text, start)


def read_boundary(item: Item, own_class: str, book: ComplaintBook) -> Boundary:
    """Read one bullet: the refused work, its owners, and the messages that fall under it."""
    prose = item.prose
    refusal = _REFUSAL.match(prose.text)
    start = refusal.end() if refusal else 0
    ends = _refusal_end(prose.text)
    refuses = prose.text[start : ends.start()] if ends else prose.text[start:]
    said = prose.tail(ends.end()) if ends else prose.tail(len(prose.text))
    owners, domain = find_owners(said, refuses, own_class)
    if refusal is None:
        book.add(
            "boundary-without-refusal",
            prose.line,
            f"a boundary that refuses nothing: {prose.text[:40]!r}",
            "begin the bullet with **Does NOT …**",
        )
    if hands_to_itself(said, own_class):
        book.add(
            "self-hand-off",
            prose.line,
            f"the boundary hands {refuses.strip()[:60]!r} to {own_class!r} itself",
            "name who else owns the work, or nobody",
        )
    elif not owners and domain is None:
        book.add(
            "boundary-without-owner",
            prose.line,
            f"nobody is named as owner of {refuses.strip()[:60]!r}",
            "name the class in bold if somebody owns it; else the role declines such work",
        )
    return Boundary(
        text=prose.text,
        refuses=refuses.strip(" .;:"),
        owners=owners,
        owner_domain=domain,
        examples=tuple(text for child in item.children for text in read_messages(child)),
        line=prose.line,
    )


def _memory_key(prose: Prose, book: ComplaintBook) -> MemoryKey | None:
    """Read one memory bullet, or complain about it."""
    match = _MEMORY.match(prose.text)
    if match is None:
        _bad_key(book, prose, f"cannot be read: {prose.text[:40]!r}")
        return None
    name, kind, sentence = match["name"], match["kind"].strip(), match["sentence"].strip()
    if not _KEY_NAME.fullmatch(name):
        _bad_key(book, prose, f"bad name {name[:40]!r}: lower-case letters, digits and _ only")
    elif kind not in _KINDS:
        _bad_key(book, prose, f"unknown kind {kind[:40]!r}: one of {', '.join(_KINDS)}")
    elif "{value}" not in sentence:
        _bad_key(book, prose, f"the sentence of {name!r} lacks {{value}}")
    else:
        aliases = tuple(alias for word in (match["aliases"] or "").split(",") if (alias := word.strip()))
        return MemoryKey.model_validate(
            {"name": name, "kind": kind, "sentence": sentence, "aliases": aliases, "line": prose.line}
        )
    return None


def _bad_key(book: ComplaintBook, prose: Prose, message: str) -> None:
    """Complain about a memory bullet, and show the form."""
    book.add(
        "bad-memory-key",
        prose.line,
        f"memory key: {message}",
        "write: - `name` (kind; alias, alias) — A sentence with {value}.",
    )
