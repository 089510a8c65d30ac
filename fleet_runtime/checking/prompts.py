"""Roles whose compiled prompt is too long. Compiles only those that may be; knows no model's own tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from fleet_runtime.checking.codes import Finding, finding
from fleet_runtime.checking.organisation import Organisation
from fleet_runtime.checking.places import longest_section_line
from fleet_runtime.checking.staffing import staff_of
from fleet_runtime.contracts import Role, Staff

_CLEARLY_WITHIN: Final = 0.75
"""A prompt of at most this share of the budget tells that those of shorter contracts are within it too."""
_CHARACTERS_PER_TOKEN: Final = 4
_PREFIX: Final = "contract.md.j2"
_TAKES_IN_OTHERS: Final = ("include", "import", "extends")


def judge_prompts(organisation: Organisation, tokens: Callable[[Role], int], budget: int) -> Iterator[Finding]:
    """Find roles over the budget, the longest contracts first; it ends where one is clearly within.

    Compiling all roles of a large organisation would take longer than all other checks together.
    """
    reported = organisation.reported()
    files = [(file, role) for file, role in organisation.in_force() if file.file in reported]
    for file, role in sorted(files, key=lambda one: (-_length(one[1]), one[0].file)):
        taken = tokens(role)
        if taken > budget:
            yield finding(
                "prompt-over-budget",
                file.file,
                longest_section_line(file.source.text),
                f"the prompt takes about {taken} tokens, {taken - budget} over the budget of {budget}",
                "shorten the contract's longest section, or raise prompt_budget",
            )
        elif taken <= _CLEARLY_WITHIN * budget:
            return


def prompt_meter(organisation: Organisation, templates: Mapping[str, str], budget: int) -> Callable[[Role], int]:
    """Return what estimates the tokens of a role's stable prefix, with the ``templates`` in force by name.

    Its colleagues are the staff of the profile asked for; else those that its boundaries name, the fewest
    that any staff has. A prompt that cannot come near the ``budget`` is not compiled: its texts are counted.
    """
    profile = organisation.named.profile if organisation.named else None
    seated = staff_of(organisation, profile) if profile else None
    template = templates.get(_PREFIX, "")
    whole = template and not any(word in template for word in _TAKES_IN_OTHERS)

    def tokens(role: Role) -> int:
        staff = seated or _named_by(role, organisation)
        if whole:
            said = len(template) + _length(role) + sum(map(_introduced, staff.roles))
            if said <= _CLEARLY_WITHIN * budget * _CHARACTERS_PER_TOKEN:
                return said // _CHARACTERS_PER_TOKEN
        from fleet_runtime.prompting import PromptBook, compile_prefix  # noqa: PLC0415 - loads the template engine

        return compile_prefix(PromptBook(templates), role, staff).tokens

    return tokens


def _named_by(role: Role, organisation: Organisation) -> Staff:
    """Return a role with those to whom its boundaries hand work."""
    owners = dict.fromkeys(owner for boundary in role.boundaries for owner in boundary.owners)
    files = [organisation.roles[owner] for owner in owners if owner in organisation.roles]
    return Staff(roles=(role, *(file.role for file in files if file.role is not None)), lead=role.role_class)


def _length(role: Role) -> int:
    """Return the characters of what a contract says in a prompt."""
    listed = (*(str(item) for item in role.mandate), *(boundary.text for boundary in role.boundaries))
    prose = (role.title, role.summary, role.persistence_reason, role.boundary_note, role.persona, role.doctrine)
    return sum(map(len, (*listed, *prose)))


def _introduced(colleague: Role) -> int:
    """Return about how many characters it takes to name a colleague and what it does first."""
    return len(colleague.role_class) + max(len(colleague.title), *(len(item.title) for item in colleague.mandate)) + 8
