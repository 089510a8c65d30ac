"""Reads a role contract, whatever its form, into a `Role`. Touches no file; on no text does `read_role` raise.

Four forms end in one outline: canonical Markdown, Markdown with YAML frontmatter, and the text of a
rendered page. What is missing is complained about, never made up.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final, NamedTuple

from fleet_runtime.contracts import Boundary, MandateItem, Role
from fleet_runtime.errors import ContractError
from fleet_runtime.parsing.comments import without_comments
from fleet_runtime.parsing.complaints import Complaint, ComplaintBook
from fleet_runtime.parsing.frontmatter import Frontmatter, split_frontmatter
from fleet_runtime.parsing.identity import read_identity
from fleet_runtime.parsing.markers import read_lead
from fleet_runtime.parsing.names import title_of
from fleet_runtime.parsing.outline import Block, Outline, Section
from fleet_runtime.parsing.quick import read_quickly
from fleet_runtime.parsing.rendered import is_rendered, read_rendered
from fleet_runtime.parsing.sections import (
    doctrine_text,
    is_doctrine,
    read_boundaries,
    read_lines,
    read_mandate,
    read_memory,
    read_persona,
)

LARGEST: Final = 40_960  # characters
LONGEST: Final = 2_000  # lines
SECTIONS: Final = ("mandate", "boundaries", "persona", "examples", "tools", "memory", "motions")

_NOT_TEXT: Final = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ud800-\udfff\ufffd]")
_RUN: Final = re.compile(r"([*_`~])\1{999}")
"""A thousand marks in a row: nobody means them, and a Markdown reader makes a token of each."""

_UNSEEN: Final = "\ufeff\u200b\u200c\u200d\u2060"
_TITLE_TAIL: Final = re.compile(r"\s*[—\u2013-]+\s*fleet role definition\s*$", re.IGNORECASE)


class ReadRole(NamedTuple):
    """What came of reading: the role, unless an error stands among the complaints."""

    role: Role | None
    complaints: tuple[Complaint, ...]


def parse_role(text: str, *, source: str, domain_hint: str | None = None) -> Role:
    """Read a role contract that must be sound; see `read_role`.

    Raises: ContractError with the first error's ``file:line``.
    """
    read = read_role(text, source=source, domain_hint=domain_hint)
    if read.role is not None:
        return read.role
    first = next(complaint for complaint in read.complaints if complaint.severity == "error")
    raise ContractError(f"{first.code}: {first.message}", hint=first.hint, where=first.where)


def read_role(text: str, *, source: str, domain_hint: str | None = None) -> ReadRole:
    """Read a role contract and say all that is wrong with it.

    Args:
        text: the file's text in any of the forms.
        source: the file's name for complaints; its stem is the class where no marker says it.
        domain_hint: the domain to take where no marker says it (the folder's name).
    """
    book = ComplaintBook(source)
    if not is_readable(text, book):
        return ReadRole(role=None, complaints=book.entries())
    front, body = split_frontmatter(plain_text(text), book)
    return read_outlined(text, front, read_outline(without_comments(body)), domain_hint, book)


def read_outlined(
    text: str, front: Frontmatter, outline: Outline, domain_hint: str | None, book: ComplaintBook
) -> ReadRole:
    """Read the role of a file that is cut into its parts already; ``text`` is the whole of it."""
    outline, doctrine = _without_doctrine(outline)
    role = _role(outline, front, domain_hint, book)
    if role is not None:
        digest = hashlib.sha256(text.encode()).hexdigest()
        role = role.model_copy(update={"doctrine": doctrine, "source": book.file, "content_hash": digest})
    return ReadRole(role=role, complaints=book.entries())


def plain_text(text: str) -> str:
    """Return the text with bare newlines, and without the signs that nobody sees."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    for sign in _UNSEEN:
        plain = plain.replace(sign, "")
    return plain


def read_outline(body: str) -> Outline:
    """Read the body, with bare newlines and without comments, in the form that it has."""
    if is_rendered(body):
        return read_rendered(body)
    quick = read_quickly(body)
    if quick is not None:
        return quick
    from fleet_runtime.parsing.markdown import read_markdown  # noqa: PLC0415 -- an import costs 45 ms, so it is late

    return read_markdown(body)


def is_readable(text: str, book: ComplaintBook) -> bool:
    """Tell whether this may be a contract; what is no text, or too large, is complained of and looked at no further."""
    for size, most, unit in ((len(text), LARGEST, "characters"), (_line_ends(text, len(text)), LONGEST, "lines")):
        if size > most:
            message = f"{size} {unit}; a role contract has at most {most}"
            book.add("too-large", 1, message, "give the role's own file, and keep long material outside")
            return False
    bad = _NOT_TEXT.search(text)
    if bad:
        line = _line_ends(text, bad.start()) + 1
        book.add(
            "not-text", line, f"holds the character {bad[0]!r}, so it is not plain text", "save the file as UTF-8 text"
        )
        return False
    run = _RUN.search(text)
    if run:
        line = _line_ends(text, run.start()) + 1
        book.add("not-text", line, f"holds {run[1]!r} a thousand times in a row", "delete what is not meant to be read")
        return False
    return True


def _line_ends(text: str, end: int) -> int:
    """Count the line ends before ``end`` as `plain_text` makes them: a bare carriage return is one too."""
    return text.count("\n", 0, end) + text.count("\r", 0, end) - text.count("\r\n", 0, end)


def _role(outline: Outline, front: Frontmatter, domain_hint: str | None, book: ComplaintBook) -> Role | None:
    """Build the role from its parts, or None when an error was found."""
    lead = read_lead(outline.lead)
    identity = read_identity(lead.markers, front, domain_hint, book)
    title = _title(outline, identity.role_class, book)
    sections = _by_name(outline, book)
    mandate = read_mandate(sections["mandate"], book)
    boundaries, note = read_boundaries(sections["boundaries"], identity.role_class, book)
    persona = read_persona(sections["persona"])
    _complain_of_gaps(sections, mandate, boundaries, persona, book)
    examples = read_lines(sections["examples"], book)
    tools = read_lines(sections["tools"], book)
    memory = read_memory(sections["memory"], book)
    if book.broken:
        return None
    description, model = front.get("description"), front.get("model")
    return Role(
        role_class=identity.role_class,
        title=title,
        domain=identity.domain,
        persistent_persona=identity.persistent,
        summary=lead.summary or (" ".join(description.value.split()) if description else ""),
        persistence_reason=lead.reason,
        mandate=mandate,
        boundaries=boundaries,
        boundary_note=note,
        persona=persona,
        examples=examples,
        tools=tuple(dict.fromkeys((*front.tools(), *tools))),
        memory=memory,
        motions=sections["motions"].raw,
        model=model.value.strip() if model else None,
    )


def _title(outline: Outline, role_class: str, book: ComplaintBook) -> str:
    """Return the title without its tail; a missing one is made of the class, which is no invention."""
    if outline.title is not None:
        return _TITLE_TAIL.sub("", outline.title.text).strip() or title_of(role_class)
    book.add("missing-title", 1, "no title", f"begin with: # {title_of(role_class)[:60]} — fleet role definition")
    return title_of(role_class)


def _by_name(outline: Outline, book: ComplaintBook) -> dict[str, Section]:
    """Find each known section, an empty one where it is missing (line 0)."""
    found: dict[str, Section] = {}
    for section in outline.sections:
        if section.name not in SECTIONS:
            message = f"the section {section.title[:40]!r} is not read"
            book.add("unknown-section", section.line, message, f"sections: {', '.join(SECTIONS)}")
        elif section.name in found:
            message = f"a second section {section.title!r}; the first is on line {found[section.name].line}"
            book.add("duplicate-section", section.line, message, "join the two")
        else:
            found[section.name] = section
    if outline.ignored:
        first, count = outline.ignored[0], len(outline.ignored)
        message = f"{count} lines or paragraphs outside the contract are not read, the first: {first.text[:40]!r}"
        book.add("ignored-text", first.line, message, "delete them if the file is your own")
    return {name: found.get(name, Section(name.title(), 0, ())) for name in SECTIONS}


def _complain_of_gaps(
    sections: dict[str, Section],
    mandate: tuple[MandateItem, ...],
    boundaries: tuple[Boundary, ...],
    persona: str,
    book: ComplaintBook,
) -> None:
    """Ask for what a role cannot be without, and for a persona, which it can."""
    for name, held, form in (
        ("mandate", bool(mandate), "1. **Do something** — what that means"),
        ("boundaries", bool(boundaries), "- **Does NOT do something** — who owns it"),
    ):
        section = sections[name]
        if not section.line:
            book.add("missing-section", 1, f"no section {section.title!r}", f"add ## {section.title} with: {form}")
        elif not held:
            book.add("empty-section", section.line, f"nothing is listed under {section.title!r}", f"write: {form}")
    if not persona:
        line = sections["persona"].line or 1
        book.add("missing-persona", line, "no persona", "add ## Persona with a paragraph on who it is and its value")


def _without_doctrine(outline: Outline) -> tuple[Outline, str]:
    """Take the doctrine line out, wherever it stands; the last one counts."""
    doctrine = ""

    def rest(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
        nonlocal doctrine
        for block in blocks:
            if is_doctrine(block.prose):
                doctrine = doctrine_text(block.prose)
        return tuple(block for block in blocks if not is_doctrine(block.prose))

    lead = rest(outline.lead)
    sections = tuple(section._replace(blocks=rest(section.blocks)) for section in outline.sections)
    return outline._replace(lead=lead, sections=sections), doctrine
