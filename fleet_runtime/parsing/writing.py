"""Writes a role in the canonical form, and makes sure that it reads back the same. Writes no file.

Of a draft only what is known is written; it makes no claim to be sound.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from fleet_runtime.contracts import Boundary, MandateItem, MemoryKey, Role, Value
from fleet_runtime.errors import ContractError
from fleet_runtime.parsing.reading import read_role
from fleet_runtime.parsing.sections import refused_part, unquoted

_SIGNS: Final = re.compile(
    r"""[*`]                                  # emphasis and code
    |(?<![^\W_])_|_(?![^\W_])                 # underscores, save within a word
    |\\(?=[!-/:-@\[-`{-~]|$)                  # a backslash that would escape
    |&(?=[#\w]+;)                             # a character reference
    |<(?=!--)                                 # a comment
    """,
    re.VERBOSE,
)
_OPENING: Final = re.compile(r"^([-+#>~=]|\d{1,9}(?=[.)]))")


def write_role(role: Role) -> str:
    """Return the contract as canonical Markdown.

    Raises: ContractError if the role holds something that this form cannot say (a dash in a mandate
        title, an owner that its boundary's text does not name); then reading it back would differ.
    """
    text = "\n".join(_lines(role, Questions())) + "\n"
    read = read_role(text, source=role.source or f"{role.role_class}.md")
    if read.role is None or not same_contract(read.role, role):
        wrong = _first_difference(read.role, role) if read.role else str(read.complaints[0])
        raise ContractError(
            f"the role {role.role_class!r} cannot be written in canonical form: {wrong}",
            hint="change that part so that the written contract says it",
            where=role.source,
        )
    return text


class Questions(Value):
    """What a draft still asks: by part (domain, persistence, mandate, boundaries, persona), and for missing owners."""

    asked: dict[str, str] = {}
    owners: bool = False

    def about(self, part: str) -> list[str]:
        """Return the comment that stands where a part is unknown, and a blank line before it."""
        return ["", _comment(self.asked[part])] if part in self.asked else []

    def about_owner(self, boundary: Boundary) -> list[str]:
        """Return the comment that stands under a boundary which names nobody."""
        unknown = self.owners and not boundary.owners and boundary.owner_domain is None
        return [f"  {_comment(f'who owns {boundary.refuses[:60]!r}?')}"] if unknown else []


def write_draft(role: Role, questions: Questions) -> str:
    """Return what is known of a role in the canonical form, with its open questions as comments.

    Nothing is written of the persistence if that is asked for. The text need not be a sound contract.
    """
    return "\n".join(_lines(role, questions)) + "\n"


def same_contract(one: Role, other: Role) -> bool:
    """Tell whether two roles say the same, whatever file and lines they stand on."""
    return _said(one) == _said(other)


def _said(role: Role) -> dict[str, object]:
    """Return the role's content without places."""
    places = {"line"}
    return role.model_dump(
        exclude={
            "source": True,
            "content_hash": True,
            "mandate": {"__all__": places},
            "boundaries": {"__all__": places},
            "memory": {"__all__": places},
        }
    )


def _first_difference(read: Role, role: Role) -> str:
    """Name the first field that reads back otherwise."""
    one, other = _said(read), _said(role)
    return next((f"{name} reads back as {one[name]!r}" for name in other if one[name] != other[name]), "")


def _lines(role: Role, questions: Questions) -> Iterable[str]:
    """Yield the contract's lines, and a comment where something is still asked."""
    if role.model:
        yield from ("---", f"model: {role.model}", "---", "")
    yield from (f"# {_escaped(role.title)} — fleet role definition", "", _opening(role), *questions.about("domain"))
    yield from questions.about("persistence") or ("", _persistence(role))
    yield from ("", "## Mandate", *(questions.about("mandate") or [""]))
    yield from (_mandate(number, item) for number, item in enumerate(role.mandate, 1))
    yield from ("", "## Boundaries", *(questions.about("boundaries") or [""]))
    for boundary in role.boundaries:
        yield _boundary(boundary)
        yield from questions.about_owner(boundary)
        yield from (f"  - {_message(example)}" for example in boundary.examples)
    if role.boundary_note:
        yield from ("", _escaped(role.boundary_note))
    if role.persona or "persona" in questions.asked:
        yield from ("", "## Persona", *(questions.about("persona") or ("", _escaped(role.persona))))
    if role.doctrine:
        yield from ("", f"> Doctrine: {_escaped(role.doctrine, at_start=False)}")
    yield from _section("Examples", [_message(example) for example in role.examples])
    yield from _section("Tools", [_escaped(tool) for tool in role.tools])
    yield from _section("Memory", [_memory_key(key) for key in role.memory])
    if role.motions:
        yield from ("", "## Motions", "", role.motions)


def _section(title: str, bullets: list[str]) -> Iterable[str]:
    """Yield a list section, or nothing where there is nothing to list."""
    if bullets:
        yield from ("", f"## {title}", "")
        yield from (f"- {bullet}" for bullet in bullets)


def _opening(role: Role) -> str:
    """Write the summary with the markers at the end of its first sentence."""
    marker = f"`class: {role.role_class}`" + (f", `domain: {role.domain}`" if role.domain else "")
    if not role.summary:
        return f"({marker})"
    end = role.summary.find(". ")
    end = len(role.summary.rstrip(".")) if end < 0 else end
    first, rest = _escaped(role.summary[:end]), _escaped(role.summary[end:], at_start=False)
    named = re.sub(rf"^The {role.role_class}(?![\w-])", f"The **{role.role_class}**", first)
    return f"{named} ({marker}){rest}"


def _persistence(role: Role) -> str:
    """Write the persistence sentence."""
    adjective, flag = ("persistent", "true") if role.persistent_persona else ("task-oriented", "false")
    reason = f": {_escaped(role.persistence_reason, at_start=False)}" if role.persistence_reason else "."
    return f"It is a **{adjective}** role (`persistent_persona: {flag}`){reason}"


def _mandate(number: int, item: MandateItem) -> str:
    """Write one mandate item."""
    text = f" — {_escaped(item.text, at_start=False)}" if item.text else ""
    return f"{number}. {_bold(item.title)}{text}"


def _boundary(boundary: Boundary) -> str:
    """Write one boundary: the refused part and its owners in bold."""
    end = refused_part(boundary.text)
    said = _escaped(boundary.text[end:], at_start=False)
    for owner in boundary.owners:
        said = re.sub(rf"(?<![\w(*-]){re.escape(owner)}(?![\w*-])", f"**{owner}**", said)
    return f"- {_bold(boundary.text[:end])}{said}"


def _memory_key(key: MemoryKey) -> str:
    """Write one memory key."""
    aliases = f"; {_escaped(', '.join(key.aliases), at_start=False)}" if key.aliases else ""
    return f"`{key.name}` ({key.kind}{aliases}) — {_escaped(key.sentence, at_start=False)}"


def _comment(question: str) -> str:
    """Write a question to whoever keeps the file; nothing in it can end the comment."""
    return f"<!-- to be answered: {' '.join(question.split()).replace('--', '-').rstrip('-')} -->"


def _message(text: str) -> str:
    """Write an example; one that is wholly within quotation marks gets a second pair, which reading takes off."""
    return _escaped(text if unquoted(text) == text else f'"{text}"')


def _bold(text: str) -> str:
    """Set a whole phrase in bold."""
    return f"**{_escaped(text, at_start=False)}**" if text else ""


def _escaped(text: str, *, at_start: bool = True) -> str:
    """Guard the signs that Markdown would take for markup; ``at_start`` also those that open a block."""
    safe = _SIGNS.sub(lambda match: f"\\{match[0]}", text)
    if not at_start:
        return safe
    return _OPENING.sub(lambda match: f"{match[1]}\\" if match[1].isdigit() else f"\\{match[1]}", safe)
