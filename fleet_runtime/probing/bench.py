"""The bench on which probes are decided: the staff's dispatcher, which has not learned the message it is asked about.

Asks no model: what it decides is what the rules, words and vectors decide alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from fleet_runtime.contracts import Role, Staff
from fleet_runtime.decisions import Decision
from fleet_runtime.ports import TextVectors
from fleet_runtime.probing.probes import Probe
from fleet_runtime.routing import RouteQuery, RoutingIndex, VectorTable, build_index, route

_FOLDS: Final = 5
"""The messages of the contracts are left out in so many parts, each with an index of its own."""


class Bench:
    """Decides probes. A message that stands in a contract is decided by an index without it and a fifth of its like."""

    def __init__(self, staff: Staff, vectors: TextVectors | None = None, *, leaving_out: bool = True) -> None:
        """Take the staff.

        Args:
            staff: the roles at work.
            vectors: those of `texts_to_embed`; without them words alone decide.
            leaving_out: False where nothing that is asked stands in the contracts any more.
        """
        self.staff = staff
        self._vectors = vectors
        self._folds = _folds(staff) if leaving_out else {}
        self._indexes: dict[int | None, tuple[RoutingIndex, VectorTable | None]] = {}
        self._decided: dict[tuple[str, str, int | None], Decision] = {}

    def decide(self, probe: Probe) -> Decision:
        """Decide about a probe; the same message to the same role is decided once."""
        fold = self._folds.get(probe.learned)
        key = (probe.text, probe.role, fold)
        if key not in self._decided:
            self._decided[key] = self._routed(probe, fold)
        return self._decided[key]

    def without(self, boundaries: Iterable[tuple[str, int]]) -> Bench:
        """Return a bench whose staff lacks some boundaries, given by class and number.

        It leaves no other message out: what stands under a deleted boundary is gone with it.
        """
        gone = frozenset(boundaries)
        roles = tuple(_without_boundaries(role, gone) for role in self.staff.roles)
        return Bench(self.staff.model_copy(update={"roles": roles}), self._vectors, leaving_out=False)

    def _routed(self, probe: Probe, fold: int | None) -> Decision:
        """Route a probe by the index of a fold."""
        index, table = self._index(fold)
        query = RouteQuery(text=probe.text, active_role=probe.role)
        if self._vectors is not None:
            said = tuple(self._vectors.by_text[text] for text in query.texts())
            query = query.model_copy(update={"message_vectors": said})
        return route(query, index, vectors=table, decision_id=probe.id)

    def _index(self, fold: int | None) -> tuple[RoutingIndex, VectorTable | None]:
        """Build the index without one part of the messages, or the whole one, once."""
        if fold not in self._indexes:
            left_out = frozenset(text for text, number in self._folds.items() if number == fold)
            roles = tuple(_without_messages(role, left_out) for role in self.staff.roles)
            index = build_index(self.staff.model_copy(update={"roles": roles}))
            table = None
            if self._vectors is not None:
                table = VectorTable([self._vectors.by_text[text] for text in index.texts()], self._vectors.encoder)
            self._indexes[fold] = (index, table)
        return self._indexes[fold]


def texts_to_embed(staff: Staff, probes: Iterable[Probe]) -> tuple[str, ...]:
    """Return the texts whose vectors a bench looks up to decide these probes, each once."""
    said = (text for probe in probes for text in RouteQuery(text=probe.text).texts())
    return tuple(dict.fromkeys((*build_index(staff).texts(), *said)))


def _folds(staff: Staff) -> dict[str, int]:
    """Tell for every message of the contracts in which part it is left out, wherever else it stands."""
    found: dict[str, int] = {}
    for role in staff.roles:
        for messages in (role.examples, *(boundary.examples for boundary in role.boundaries)):
            for number, text in enumerate(messages):
                found.setdefault(text, number % _FOLDS)
    return found


def _without_messages(role: Role, left_out: frozenset[str]) -> Role:
    """Return a role without some messages."""
    boundaries = tuple(
        boundary.model_copy(update={"examples": tuple(text for text in boundary.examples if text not in left_out)})
        for boundary in role.boundaries
    )
    examples = tuple(text for text in role.examples if text not in left_out)
    return role.model_copy(update={"boundaries": boundaries, "examples": examples})


def _without_boundaries(role: Role, gone: frozenset[tuple[str, int]]) -> Role:
    """Return a role without those of its boundaries that are among some."""
    kept = tuple(boundary for number, boundary in enumerate(role.boundaries) if (role.role_class, number) not in gone)
    return role.model_copy(update={"boundaries": kept})
