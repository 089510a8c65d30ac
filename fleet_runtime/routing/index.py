"""The staff's contracts as comparable passages: what each line of a role says, for whom, and where it stands.

Built once per staff and read by every decision. Embeds nothing: it names the texts whose vectors are wanted.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from fleet_runtime.contracts import Role, Staff
from fleet_runtime.lexical import Bm25
from fleet_runtime.ports import Vector
from fleet_runtime.routing.learned import VectorVotes, WordVotes
from fleet_runtime.routing.rules import Rule, compile_rules, place
from fleet_runtime.routing.terms import concepts, spoken_terms, topic_terms
from fleet_runtime.routing.weights import Weights, shipped_background, shipped_weights

PassageKind = Literal[
    "line", "example", "edge", "memory", "refusal", "refused_example", "small_talk", "news", "elsewhere"
]
Owner = str | int
"""Who a passage speaks for: a role (its class), a rule (its number), or the background (its kind)."""

_REFUSED: tuple[PassageKind, ...] = ("refusal", "refused_example")
_KIN_LEAD = 1.6  # how far a role must lead the next as kin of an unowned rule
_VALUE_BLANK = "..."  # stands in a memory sentence where the value would


class Passage(NamedTuple):
    """One text with all that it speaks for, and ``file:line``.

    Kinds: ``line`` mandate or summary; ``example`` a message of the role's own; ``edge`` what another
    role hands to it; ``memory`` a fact it keeps; ``refusal`` and ``refused_example`` what a rule refuses;
    ``small_talk`` and ``news`` go with whoever holds the conversation; ``elsewhere`` is no work of any company role.
    """

    text: str
    where: str
    speaks_for: tuple[tuple[Owner, PassageKind], ...]


class RoutingIndex:
    """What `route` looks at: rules, passages with word statistics, and the weights that join them."""

    def __init__(self, staff: Staff, rules: tuple[Rule, ...], passages: tuple[Passage, ...], weights: Weights) -> None:
        """Group the passages by what they speak for, and count their words once."""
        self.classes = tuple(role.role_class for role in staff.roles)
        self.hashes = {role.role_class: role.content_hash for role in staff.roles}
        self.rules = rules
        self.rules_of = {
            name: tuple(number for number, rule in enumerate(rules) if rule.role == name) for name in self.classes
        }
        self.passages = passages
        self.weights = weights
        labels = [tuple(dict.fromkeys(owner for owner, _ in passage.speaks_for)) for passage in passages]
        self.words = Bm25(topic_terms(passage.text) for passage in passages)
        self.word_votes = WordVotes(spoken_terms, self.texts(), labels)
        self.matter_votes = WordVotes(concepts, self.texts(), labels)
        self._labels = labels
        self._groups: dict[tuple[Owner, PassageKind], list[int]] = {}
        for number, passage in enumerate(passages):
            for label in passage.speaks_for:
                self._groups.setdefault(label, []).append(number)
        self._kin_by_words = self._kin(lambda number: self.word_votes.votes(self.passages[number].text))
        self._kin_by_vectors: dict[int, str] = {}
        self._vector_votes: tuple[Sequence[Vector], VectorVotes] | None = None

    def texts(self) -> tuple[str, ...]:
        """Return the texts whose vectors are wanted, in the order in which `route` expects them."""
        return tuple(passage.text for passage in self.passages)

    def group(self, owner: Owner, kind: PassageKind) -> Sequence[int]:
        """Return the numbers of the passages of that kind that speak for ``owner``."""
        return self._groups.get((owner, kind), ())

    def vector_votes(self, vectors: Sequence[Vector]) -> VectorVotes:
        """Return what is computed from the passages' vectors; the same object is not computed twice in a row."""
        if self._vector_votes is None or self._vector_votes[0] is not vectors:
            votes = VectorVotes(vectors, self._labels)
            self._kin_by_vectors = self._kin(lambda number: votes.votes(vectors[number]))
            self._vector_votes = (vectors, votes)
        return self._vector_votes[1]

    def kin(self, *, by_vectors: bool) -> Mapping[int, str]:
        """Return, per unowned rule, the role whose work is of the kind that the rule refuses, if one clearly is.

        The contract gave the work to nobody, so an active role does not hand it there either; but what
        speaks for that role tells the refused work from other work.
        """
        return self._kin_by_vectors if by_vectors else self._kin_by_words

    def _kin(self, votes: Callable[[int], Mapping[Hashable, float]]) -> dict[int, str]:
        """Ask the learned classifier to whom the passages of each unowned rule would otherwise go."""
        found: dict[int, str] = {}
        for number, rule in enumerate(self.rules):
            others = [name for name in self.classes if name != rule.role]
            if rule.owners or not others:
                continue
            rows = [votes(row) for kind in _REFUSED for row in self.group(number, kind)]
            shares = {name: sum(row.get(name, 0.0) for row in rows) / len(rows) for name in others}
            ranked = sorted(shares, key=lambda name: (-shares[name], name))
            if shares[ranked[0]] >= _KIN_LEAD * max((shares[name] for name in ranked[1:]), default=0.0):
                found[number] = ranked[0]
        return found


def build_index(staff: Staff, *, weights: Weights | None = None) -> RoutingIndex:
    """Read the staff's contracts into an index; without ``weights`` the shipped ones join the evidence."""
    rules = compile_rules(staff)
    found: dict[str, tuple[str, list[tuple[Owner, PassageKind]]]] = {}
    for text, where, owner, kind in (*_role_passages(staff.roles), *_rule_passages(rules), *_background_passages()):
        found.setdefault(text, (where, []))[1].append((owner, kind))
    passages = tuple(Passage(text, where, tuple(dict.fromkeys(labels))) for text, (where, labels) in found.items())
    return RoutingIndex(staff, rules, passages, weights or shipped_weights())


_Labelled = tuple[str, str, Owner, PassageKind]


def _role_passages(roles: Sequence[Role]) -> Iterator[_Labelled]:
    """Give the roles' own lines: summary, mandate, the facts they keep, and the examples of their work."""
    for role in roles:
        owner = role.role_class
        if role.summary:
            yield role.summary, place(role, 0), owner, "line"
        for item in role.mandate:
            yield str(item), place(role, item.line), owner, "line"
        for key in role.memory:
            yield key.say(_VALUE_BLANK), place(role, key.line), owner, "memory"
            yield f"what is our {key.name.replace('_', ' ')}?", place(role, key.line), owner, "memory"
        for example in role.examples:
            yield example, place(role, 0), owner, "example"


def _rule_passages(rules: Sequence[Rule]) -> Iterator[_Labelled]:
    """Give what each rule refuses, which speaks for the roles that it names as owners too."""
    for number, rule in enumerate(rules):
        refusal = rule.refuses or rule.text
        yield refusal, rule.where, number, "refusal"
        for example in rule.examples:
            yield example, rule.where, number, "refused_example"
        for owner in rule.owners if rule.resolved_by == "name" else ():
            for text in (refusal, *rule.examples):
                yield text, rule.where, owner, "edge"


def _background_passages() -> Iterator[_Labelled]:
    """Give the texts that belong to no role."""
    for kind, texts in shipped_background().items():
        for text in texts:
            yield text, "", kind, kind
