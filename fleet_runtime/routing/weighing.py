"""From nearness to belief: which outcomes a message could have under a nominee, and how likely each is.

One small logistic model (a softmax over outcomes) joins all evidence; it knows no role by name.
Decides nothing: the cuts and their order stand in `route`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal

from fleet_runtime.contracts import Value
from fleet_runtime.lexical import words
from fleet_runtime.routing.index import Owner, PassageKind, RoutingIndex
from fleet_runtime.routing.query import RouteQuery
from fleet_runtime.routing.similarity import Nearness
from fleet_runtime.routing.weights import BackgroundKind

OutcomeKind = Literal["own", "role", "refused", "nobody"]

_ROLE_KINDS: tuple[PassageKind, ...] = ("line", "example", "edge", "memory")
_FEW_WORDS = 4
_REQUESTS = frozenset(words("can could please will would give send want need build make write help show fix"))
_QUESTIONS = frozenset(words("who what when where why how which is are do does did should"))


class Outcome(Value):
    """One thing that could come of a message.

    ``own``: the nominee's own work; ``role``: another role's, by ``rule`` if the nominee's contract
    names it; ``refused``: under a rule that nobody owns; ``nobody``: no work of this staff.
    """

    kind: OutcomeKind
    role: str | None = None
    rule: int | None = None
    features: dict[str, float]
    belief: float = 0.0


class Evidence:
    """A message measured against the whole index once; every nominee is judged from it."""

    def __init__(self, query: RouteQuery, index: RoutingIndex, lexical: Nearness, dense: Nearness | None) -> None:
        """Keep the measures and read the message's form."""
        self.index = index
        self.measures = {"lex": lexical} if dense is None else {"lex": lexical, "dense": dense}
        self.model = index.weights.words_only if dense is None else index.weights.with_vectors
        self.form = _form(query)
        self._kin = index.kin(by_vectors=dense is not None)
        self._roles = {name: self._role_features(name) for name in index.classes}
        self._rules: dict[int, dict[str, float]] = {}

    def outcomes(self, nominee: str | None, *, without: frozenset[str] = frozenset()) -> list[Outcome]:
        """Return what could come of the message with beliefs that sum to 1, most likely first.

        ``nominee`` is the role that would keep it, None at the front door; roles in ``without`` have
        refused already and are no outcome, nor are rules that lead only to them.
        """
        raw = [self._nobody(nominee)]
        if nominee is not None:
            raw.append(self._own(nominee))
        refusing = self._refusing(nominee, without)
        unowned = self._unowned(nominee)
        kin = {self._kin[number] for number in unowned if number in self._kin} - refusing.keys()
        elsewhere = (one for one in self.index.classes if one != nominee and one not in without and one not in kin)
        raw.extend(self._other(name, refusing.get(name)) for name in elsewhere)
        raw.extend(self._refused(number) for number in unowned)
        return self._believed(raw)

    def kin_of(self, rule: int | None) -> str | None:
        """Return the role whose work is of the kind that an unowned rule refuses, if one clearly is."""
        return self._kin.get(rule) if rule is not None else None

    def spoke_for(self, role: str) -> list[tuple[float, int]]:
        """Return a role's passages that are nearest to the message, best first, as (nearness, number)."""
        measure = self.measures.get("dense", self.measures["lex"])
        numbers = [number for kind in _ROLE_KINDS for number in self.index.group(role, kind)]
        return sorted(((measure.near[number], number) for number in numbers), reverse=True)

    def _believed(self, raw: Sequence[Outcome]) -> list[Outcome]:
        """Turn features into beliefs."""
        weights = self.model.features
        logits = [sum(weights.get(name, 0.0) * value for name, value in one.features.items()) for one in raw]
        top = max(logits)
        shares = [math.exp(logit - top) for logit in logits]
        total = sum(shares)
        believed = [one.model_copy(update={"belief": share / total}) for one, share in zip(raw, shares, strict=True)]
        return sorted(believed, key=lambda one: (-one.belief, one.kind, one.role or "", one.rule or 0))

    def _own(self, nominee: str) -> Outcome:
        """Describe keeping the message."""
        talk = {**self._background("small_talk"), **self._background("news")}
        form = {f"own.{name}": value for name, value in self.form.items()}
        features = {**self._roles[nominee], **talk, **form, "own.bias": 1.0}
        return Outcome(kind="own", role=nominee, features=features)

    def _other(self, role: str, rule: int | None) -> Outcome:
        """Describe another role taking it, with the nominee's rule that names that role, if any."""
        features = self._roles[role]
        if rule is not None:
            features = {**features, **self.rule_features(rule), "rule.bias": 1.0}
        return Outcome(kind="role", role=role, rule=rule, features=features)

    def _refused(self, rule: int) -> Outcome:
        """Describe a refusal that leads to nobody, as if its kin, or the rule's own text, were the role it leads to."""
        kin = self._kin.get(rule)
        like_role = self._roles[kin] if kin else self._as_role(rule)
        features = {**like_role, **self.rule_features(rule), "refused.bias": 1.0}
        return Outcome(kind="refused", role=self.index.rules[rule].role, rule=rule, features=features)

    def _nobody(self, nominee: str | None) -> Outcome:
        """Describe the message being nobody's work."""
        bias = "nobody.bias" if nominee is not None else "nobody.front"
        return Outcome(kind="nobody", features={**self._background("elsewhere"), bias: 1.0})

    def _unowned(self, nominee: str | None) -> list[int]:
        """Return the nominee's rules that nobody owns."""
        numbers = self.index.rules_of.get(nominee, ()) if nominee is not None else ()
        return [number for number in numbers if not self.index.rules[number].owners]

    def _refusing(self, nominee: str | None, without: frozenset[str]) -> dict[str, int]:
        """Return, per owner, the nominee's rule that speaks most clearly for handing the message to it."""
        best: dict[str, int] = {}
        numbers = self.index.rules_of.get(nominee, ()) if nominee is not None else ()
        for number in numbers:
            for owner in self.index.rules[number].owners:
                if owner in without:
                    continue
                rival = best.get(owner)
                if rival is None or self.rule_pull(number) > self.rule_pull(rival):
                    best[owner] = number
        return best

    def rule_pull(self, rule: int) -> float:
        """Return what a rule's own text and examples add to the belief in it (a logit)."""
        weights = self.model.features
        return sum(weights.get(name, 0.0) * value for name, value in self.rule_features(rule).items())

    def rule_features(self, rule: int) -> dict[str, float]:
        """Measure the message against what a rule refuses."""
        if rule not in self._rules:
            refusal = self.index.group(rule, "refusal")
            examples = self.index.group(rule, "refused_example") or refusal
            self._rules[rule] = {
                **self._nearest("refusal", refusal),
                **self._nearest("refused_example", examples),
                **self._votes("rule", rule),
            }
        return self._rules[rule]

    def _role_features(self, role: str) -> dict[str, float]:
        """Measure the message against what a role says of itself and what others say of it."""
        lines = self.index.group(role, "line")
        return self._described(role, {kind: self.index.group(role, kind) or lines for kind in _ROLE_KINDS})

    def _described(self, owner: Owner, passages: Mapping[PassageKind, Sequence[int]]) -> dict[str, float]:
        """Describe how near the message is to an owner, by kind of passage, by its two nearest, and by vote."""
        features = self._votes("role", owner)
        for kind, numbers in passages.items():
            features.update(self._nearest(kind, numbers))
        everything = {number for numbers in passages.values() for number in numbers}
        for measure, nearness in self.measures.items():
            top = sorted((nearness.near[number] for number in everything), reverse=True)[:2]
            features[f"top2.{measure}"] = sum(top) / len(top) if top else 0.0
        return features

    def _as_role(self, rule: int) -> dict[str, float]:
        """Describe a rule as though it were a role whose work is what the rule refuses."""
        refusal = self.index.group(rule, "refusal")
        examples = self.index.group(rule, "refused_example") or refusal
        return self._described(rule, {"line": refusal, "example": examples, "edge": examples, "memory": refusal})

    def _background(self, kind: BackgroundKind) -> dict[str, float]:
        """Describe how near the message is to one kind of background text."""
        return {**self._nearest(kind, self.index.group(kind, kind)), **self._votes(kind, kind)}

    def _votes(self, name: str, owner: Owner) -> dict[str, float]:
        """Describe how the learned classifiers vote for an owner."""
        return {
            f"{name}.vote.{voter}": votes.get(owner, 0.0)
            for nearness in self.measures.values()
            for voter, votes in nearness.votes.items()
        }

    def _nearest(self, name: str, numbers: Sequence[int]) -> dict[str, float]:
        """Describe the nearest of some passages, by each measure."""
        features: dict[str, float] = {}
        for measure, nearness in self.measures.items():
            features[f"{name}.{measure}"] = max((nearness.near[number] for number in numbers), default=0.0)
            if nearness.context is not None:
                features[f"{name}.{measure}.context"] = max(
                    (nearness.context[number] for number in numbers), default=0.0
                )
        return features


def _form(query: RouteQuery) -> dict[str, float]:
    """Tell a statement from a question or a request, and a short reply from a message, by their function words."""
    wish = query.wish()
    spoken = words(wish)
    asks = "?" in wish or (bool(spoken) and spoken[0] in _QUESTIONS)
    requests = any(word in _REQUESTS for word in spoken)
    return {
        "short": float(len(spoken) <= _FEW_WORDS),
        "asks": float(asks),
        "requests": float(requests),
        "tells": float(not asks and not requests),
    }
