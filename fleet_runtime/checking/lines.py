"""Every mandate item and boundary of the roles in force as one comparable line, with its place. Judges none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from operator import mul

from fleet_runtime.checking.organisation import Organisation
from fleet_runtime.checking.topics import Likeness, Line, line_of, topic_roots
from fleet_runtime.contracts import Boundary, MandateItem, Role
from fleet_runtime.parsing.sections import refused_part
from fleet_runtime.ports import Vector

_EXAMPLES = 8
"""Messages read of a boundary; among very many some would share a word with anything."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A mandate item of a role: what it says is its work."""

    role: Role
    item: MandateItem

    @property
    def text(self) -> str:
        """Return the item as it is quoted and embedded."""
        return str(self.item)

    @property
    def where(self) -> str:
        """Return ``file:line``."""
        return f"{self.role.source}:{self.item.line}"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A boundary of a role: what it says is not its work."""

    role: Role
    boundary: Boundary

    @property
    def text(self) -> str:
        """Return the refused work as it is embedded."""
        return self.boundary.refuses or self.boundary.text

    @property
    def where(self) -> str:
        """Return ``file:line``."""
        return f"{self.role.source}:{self.boundary.line}"

    @property
    def label(self) -> str:
        """Return the refusal as it is quoted."""
        return f"Does NOT {self.boundary.refuses}" if self.boundary.refuses else self.boundary.text


class Lines:
    """The lines of an organisation, and how alike any two are by words and, where there are vectors, by meaning.

    ``texts`` are those of the claims, then of the refusals; a line's number is its place there.
    """

    def __init__(self, organisation: Organisation, vectors: Mapping[str, Vector] | None = None) -> None:
        """Collect the lines of the roles in force; ``vectors`` hold those of all their texts."""
        roles = [role for _, role in organisation.in_force()]
        self.claims = [Claim(role, item) for role in roles for item in role.mandate]
        self.refusals = [Refusal(role, boundary) for role in roles for boundary in role.boundaries]
        self.refusals_of: dict[str, list[int]] = {role.role_class: [] for role in roles}
        for number, refusal in enumerate(self.refusals):
            self.refusals_of[refusal.role.role_class].append(number)
        self.likeness = Likeness([*map(_claimed, self.claims), *map(_refused, self.refusals)])
        self.texts = [*(claim.text for claim in self.claims), *(refusal.text for refusal in self.refusals)]
        self._vectors = vectors
        self._example_roots: dict[int, frozenset[str]] = {}

    def told(self, one: int, other: int) -> float:
        """Return how alike two refusals are by words, with their examples beside them."""
        return self.likeness.told(
            self.refused(one), self.refused(other), lambda: (self._examples(one), self._examples(other))
        )

    def _examples(self, refusal: int) -> frozenset[str]:
        """Return the roots of the messages under a refusal."""
        if refusal not in self._example_roots:
            messages = self.refusals[refusal].boundary.examples[:_EXAMPLES]
            self._example_roots[refusal] = frozenset(topic_roots(" ".join(messages)))
        return self._example_roots[refusal]

    @property
    def has_vectors(self) -> bool:
        """Tell whether meaning can be measured."""
        return self._vectors is not None

    def refused(self, refusal: int) -> int:
        """Return a refusal's number among all lines; a claim's is its own."""
        return len(self.claims) + refusal

    def meaning(self, one: int, other: int) -> float:
        """Return the cosine of two lines by their numbers; 0 without vectors."""
        if self._vectors is None:
            return 0.0
        mine, theirs = self._vectors.get(self.texts[one]), self._vectors.get(self.texts[other])
        return sum(map(mul, mine, theirs)) if mine and theirs else 0.0


def _claimed(claim: Claim) -> Line:
    """Make a comparable line of a mandate item."""
    return line_of(claim.item.title, claim.item.text)


def _refused(refusal: Refusal) -> Line:
    """Make a comparable line of a boundary, without the names of its owners."""
    text = refusal.boundary.text
    said = text[refused_part(text) :]
    for owner in refusal.boundary.owners:
        said = said.replace(owner, " ")
    return line_of(refusal.text, said)


def excerpt(text: str, longest: int = 80) -> str:
    """Return a text short enough to be quoted."""
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"
