"""What `route` looks at: the staff's rules and passages, with all that is learned from them.

Built once per staff and read by every decision. Embeds nothing: it names the texts whose vectors are wanted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from fleet_runtime.contracts import Staff
from fleet_runtime.lexical import Bm25
from fleet_runtime.ports import Vector
from fleet_runtime.routing.passages import GROUPS, STRENGTHS, Owner, Passage, passages_of
from fleet_runtime.routing.rules import Rule, compile_rules
from fleet_runtime.routing.terms import concepts, spoken_terms, topic_terms
from fleet_runtime.routing.vectors import VectorTable
from fleet_runtime.routing.votes import WordVotes
from fleet_runtime.routing.weights import Weights, shipped_weights

NOBODY: Final = "none"
"""The owner of what is no company role's work; no role class can be called so and also be staffed under it."""
TALK: Final = "~talk"
"""The owner of small talk and news, which stay with whoever holds the conversation."""

_BACKGROUND: Final[dict[Owner, str]] = {"elsewhere": NOBODY, "small_talk": TALK, "news": TALK}
_KIN_LEAD = 1.6  # how far a role must lead the next as kin of an unowned rule
_COMPARED = 3  # the rule's role and two others: with fewer there is no next to lead


class RoutingIndex:
    """The rules, the passages grouped by owner, their word statistics, and the weights that join the evidence.

    Owners are the role classes, `NOBODY`, `TALK`, and the numbers of the rules.
    """

    def __init__(self, staff: Staff, rules: tuple[Rule, ...], passages: tuple[Passage, ...], weights: Weights) -> None:
        """Group the passages by what they speak for, and count their words once."""
        self.classes = tuple(role.role_class for role in staff.roles)
        self.hashes = {role.role_class: role.content_hash for role in staff.roles}
        self.rules = rules
        self.rules_of: dict[str, list[int]] = {name: [] for name in self.classes}
        for number, rule in enumerate(rules):
            self.rules_of[rule.role].append(number)
        self.passages = passages
        self.weights = weights
        self.groups: dict[Owner, dict[str, list[int]]] = {}
        for number, passage in enumerate(passages):
            for owner, kind in passage.speaks_for:
                group = self.groups.setdefault(_BACKGROUND.get(owner, owner), {"line": [], "example": [], "edge": []})
                group[GROUPS[kind]].append(number)
        self._numbers = {
            owner: tuple(dict.fromkeys(number for numbers in group.values() for number in numbers))
            for owner, group in self.groups.items()
        }
        owners = [self._owners(passage) for passage in passages]
        self.words = Bm25(topic_terms(passage.text) for passage in passages)
        self.word_votes = WordVotes(spoken_terms, self.texts(), owners)
        self.matter_votes = WordVotes(concepts, self.texts(), owners)
        self._kin_by_words = self._kin(lambda number: self.word_votes.votes(self.passages[number].text).share)
        self._kin_by_vectors: dict[int, str] = {}
        self._space: tuple[Sequence[Vector], Any] | None = None

    def texts(self) -> tuple[str, ...]:
        """Return the texts whose vectors are wanted, in the order in which `route` expects them."""
        return tuple(passage.text for passage in self.passages)

    def numbers(self, owner: Owner, group: str | None = None) -> Sequence[int]:
        """Return the numbers of an owner's passages: of one group (line, example, edge), or all of them."""
        if group is None:
            return self._numbers.get(owner, ())
        return self.groups[owner][group] if owner in self.groups else ()

    def space(self, vectors: Sequence[Vector]) -> Any:  # noqa: ANN401 - a `Space`; naming it would load numpy
        """Return what is learned from the passages' vectors; the same object is not learned from twice in a row."""
        if self._space is None or self._space[0] is not vectors:
            from fleet_runtime.routing.library import shipped_library  # noqa: PLC0415 - loads numpy
            from fleet_runtime.routing.space import Space  # noqa: PLC0415 - as above

            table = vectors if isinstance(vectors, VectorTable) else VectorTable(vectors)
            taught = [self.taught(passage) for passage in self.passages]
            owners = {owner: groups for owner, groups in self.groups.items() if not self._is_owned_rule(owner)}
            space = Space(table, taught, owners, shipped_library(table.encoder))
            self._kin_by_vectors = self._kin(space.shares_of)
            self._space = (vectors, space)
        return self._space[1]

    def kin(self, *, by_vectors: bool) -> Mapping[int, str]:
        """Return, per unowned rule, the role whose work is of the kind that the rule refuses, if one clearly is.

        The contract gave the work to nobody, so an active role does not hand it there either; but what
        speaks for that role tells the refused work from other work.
        """
        return self._kin_by_vectors if by_vectors else self._kin_by_words

    def _owners(self, passage: Passage) -> tuple[Owner, ...]:
        """Return all that a passage speaks for, each once."""
        return tuple(dict.fromkeys(_BACKGROUND.get(owner, owner) for owner, _ in passage.speaks_for))

    def taught(self, passage: Passage) -> dict[Owner, float]:
        """Return how much a passage teaches about each owner; what an owned rule refuses is its owners' work."""
        found: dict[Owner, float] = {}
        for owner, kind in passage.speaks_for:
            if not self._is_owned_rule(owner):
                label = _BACKGROUND.get(owner, owner)
                found[label] = max(found.get(label, 0.0), STRENGTHS.get(kind, 1.0))
        return found

    def _is_owned_rule(self, owner: Owner) -> bool:
        """Say whether an owner is a rule that leads to a role."""
        return isinstance(owner, int) and bool(self.rules[owner].owners)

    def _kin(self, votes: Callable[[int], Callable[[Owner], float]]) -> dict[int, str]:
        """Ask a learned classifier to whom the passages of each unowned rule would otherwise go."""
        found: dict[int, str] = {}
        for number, rule in enumerate(self.rules):
            if rule.owners or len(self.classes) < _COMPARED:
                continue
            shares = [votes(row) for row in self.numbers(number)]
            voted = {name: sum(share(name) for share in shares) for name in self.classes if name != rule.role}
            first, second, *_ = sorted(voted, key=lambda name: (-voted[name], name))
            if voted[first] > max(_KIN_LEAD * voted[second], 0.0):
                found[number] = first
        return found


def build_index(staff: Staff, *, elsewhere: Sequence[str] = (), weights: Weights | None = None) -> RoutingIndex:
    """Read the staff's contracts into an index.

    Args:
        staff: the roles at work.
        elsewhere: messages that are known to be nobody's work here, besides the shipped ones.
        weights: what joins the evidence; the shipped weights by default.
    """
    rules = compile_rules(staff)
    return RoutingIndex(staff, rules, passages_of(staff.roles, rules, elsewhere), weights or shipped_weights())
