"""Decides who a contract speaks of: class, domain, persistence, from markers, frontmatter and file name."""

from __future__ import annotations

from typing import Final, NamedTuple

from fleet_runtime.parsing.complaints import ComplaintBook
from fleet_runtime.parsing.frontmatter import Frontmatter
from fleet_runtime.parsing.markers import Marker
from fleet_runtime.parsing.names import DOMAINS, file_stem, is_class_name

_FLAGS: Final = {"true": True, "false": False}
_FORM: Final = "write (`class: some-role`, `domain: some-domain`) into the first paragraph"


class Identity(NamedTuple):
    """The class, its domain if known, and whether its memory lasts."""

    role_class: str
    domain: str | None
    persistent: bool


def read_identity(
    markers: tuple[Marker, ...], front: Frontmatter, domain_hint: str | None, book: ComplaintBook
) -> Identity:
    """Join the sources: an inline marker or our frontmatter key, then ``name``, then the file's stem."""
    given = [*markers, *_from_frontmatter(front)]
    return Identity(_class(given, front, book), _domain(given, domain_hint, book), _persistent(given, book))


def _from_frontmatter(front: Frontmatter) -> list[Marker]:
    """Take our own frontmatter keys as markers."""
    found: list[Marker] = []
    for name in ("class", "domain", "persistent_persona"):
        value = front.get(name)
        if value is not None:
            found.append(Marker(name, value.value.strip(), value.line))
    return found


def _class(given: list[Marker], front: Frontmatter, book: ComplaintBook) -> str:
    """Find the one class; two different ones are an error, none falls back on the file's name."""
    marks = [marker for marker in given if marker.name == "class"]
    name = front.get("name")
    if not marks and name is not None:
        marks = [Marker("class", name.value.strip(), name.line)]
    if not marks:
        stem = file_stem(book.file)
        book.add("no-class-marker", 1, f"no class marker; the file's name says {stem!r}", _FORM)
        marks = [Marker("class", stem, 1)]
    for other in marks[1:]:
        if other.value != marks[0].value:
            message = f"a second class {other.value[:40]!r}; line {marks[0].line} says {marks[0].value[:40]!r}"
            book.add("two-class-markers", other.line, message, "one file is one role: keep one marker")
            break
    first = marks[0]
    if not is_class_name(first.value):
        message = f"{first.value[:40]!r} is no class name"
        book.add("bad-class-name", first.line, message, "lower-case words joined by hyphens, such as support-agent")
    return first.value


def _domain(given: list[Marker], domain_hint: str | None, book: ComplaintBook) -> str | None:
    """Find the domain; one that is not among the usual ones is kept if it is a name, and pointed out."""
    marker = next((marker for marker in given if marker.name == "domain"), None)
    if marker is None:
        if domain_hint is None:
            book.add("unknown-domain", 1, "no domain is named", _FORM)
        return domain_hint
    if marker.value not in DOMAINS:
        message = f"{marker.value[:40]!r} is not one of the usual domains"
        book.add("unknown-domain", marker.line, message, f"usual domains: {', '.join(DOMAINS)}")
    return marker.value if is_class_name(marker.value) else domain_hint


def _persistent(given: list[Marker], book: ComplaintBook) -> bool:
    """Read the persistence flag; without one a role keeps no memory, whatever its adjectives say."""
    flags = [marker for marker in given if marker.name == "persistent_persona"]
    for flag in flags:
        if flag.value not in _FLAGS:
            message = f"{flag.value[:40]!r} is no value for persistent_persona"
            book.add("bad-persistence-value", flag.line, message, "write true or false")
        elif flag.value != flags[0].value:
            message = f"says {flag.value}, but line {flags[0].line} says {flags[0].value[:40]}"
            book.add("bad-persistence-value", flag.line, message, "keep one of the two")
    return bool(flags) and _FLAGS.get(flags[0].value, False)
