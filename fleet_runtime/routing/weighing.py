"""What could come of a message, with the evidence for each, weighed into beliefs.

Evidence is named numbers; a softmax over the outcomes, fitted on labelled messages, joins them. Knows no role by name.
Decides nothing: the cuts and their order stand in `route`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Final, Literal, NamedTuple

from fleet_runtime.lexical import words
from fleet_runtime.routing.index import NOBODY, TALK, RoutingIndex
from fleet_runtime.routing.passages import Owner
from fleet_runtime.routing.query import RouteQuery
from fleet_runtime.routing.readings import Reading

OutcomeKind = Literal["own", "role", "refused", "nobody"]

_FEW_WORDS = 4
_WEIGHED = 64  # roles that are weighed in full; of a larger staff, so many by each measure's first look
_STAFF_SIZE = 30  # roles of a common staff; "nobody" grows likelier or rarer with more of them
_REQUESTS = frozenset(words("can could please will would give send want need build make write help show fix"))
_QUESTIONS = frozenset(words("who what when where why how which is are do does did should"))
_TALK_FEATURES: Final = ("top1.dense", "ridge.dense", "lda.dense", "top1.lex", "vote.lex")
_RULE_VOTES: Final = ("vote.lex", "matter.lex")
_FRONT_TALK: Final = ("top1.dense", "lda.dense")
_STRONGEST: Final = ("top1", "top3", "ridge", "lda", "centre", "vote")


class Outcome(NamedTuple):
    """One thing that could come of a message.

    ``own``: the nominee's own work; ``role``: another role's, by ``rule`` if the nominee's contract
    names it; ``refused``: under a rule that nobody owns; ``nobody``: no work of this staff.
    """

    kind: OutcomeKind
    features: Mapping[str, float]
    role: str | None = None
    rule: int | None = None
    belief: float = 0.0


class Evidence:
    """A message measured against the whole index once; every nominee is judged from it."""

    def __init__(
        self, query: RouteQuery, index: RoutingIndex, lexical: Reading, dense: Reading | None, *, override: float = 0.0
    ) -> None:
        """Keep the measures and read the message's form.

        ``override`` tells how much the message looks like an attempt to talk a role out of its lane (a logit).
        """
        self.index = index
        self.readings = {"lex": lexical} if dense is None else {"dense": dense, "lex": lexical}
        self.model = index.weights.words_only if dense is None else index.weights.with_vectors
        self._form = _form(query)
        self._override = override
        self._kin = index.kin(by_vectors=dense is not None)
        self._screened = self._screen()
        self._owners: dict[Owner, dict[str, float]] = {}
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
        weighed = dict.fromkeys((*self._screened, *refusing))
        elsewhere = (one for one in weighed if one != nominee and one not in without and one not in kin)
        raw.extend(self._other(name, refusing.get(name), nominee) for name in elsewhere)
        raw.extend(self._refused(number) for number in unowned)
        return self._believed(raw)

    def kin_of(self, rule: int | None) -> str | None:
        """Return the role whose work is of the kind that an unowned rule refuses, if one clearly is."""
        return self._kin.get(rule) if rule is not None else None

    def spoke_for(self, role: str) -> list[tuple[float, int]]:
        """Return a role's passages that are nearest to the message, best first, as (nearness, number)."""
        nearness = next(iter(self.readings.values())).nearness
        return sorted(((nearness(number), number) for number in self.index.numbers(role)), reverse=True)

    def _screen(self) -> Sequence[str]:
        """Return the roles worth weighing: of a large staff, those that a first look by any measure finds likely."""
        classes = self.index.classes
        if len(classes) <= _WEIGHED:
            return classes
        known = self.index.rules_of.keys()  # rules and the background are owners too, and must crowd out no role
        likely: dict[str, None] = {}
        for reading in self.readings.values():
            roles = (owner for owner in reading.likeliest() if isinstance(owner, str) and owner in known)
            likely.update(dict.fromkeys(islice(roles, _WEIGHED)))
        return list(likely)

    def _believed(self, raw: Sequence[Outcome]) -> list[Outcome]:
        """Turn features into beliefs."""
        weights = self.model.features
        logits = [sum(weights.get(name, 0.0) * value for name, value in one.features.items()) for one in raw]
        top = max(logits)
        shares = [math.exp(logit - top) for logit in logits]
        total = sum(shares)
        believed = [one._replace(belief=share / total) for one, share in zip(raw, shares, strict=True)]
        return sorted(believed, key=lambda one: (-one.belief, one.kind, one.role or "", one.rule or 0))

    def _own(self, nominee: str) -> Outcome:
        """Describe keeping the message."""
        talk = self._described(TALK)
        features = {
            **self._described(nominee),
            **{f"own.{name}": value for name, value in self._form.items()},
            **{f"talk.{name}": value for name, value in talk.items() if name in _TALK_FEATURES},
            "own.bias": 1.0,
            "own.override": self._override,
        }
        return Outcome(kind="own", role=nominee, features=features)

    def _other(self, role: str, rule: int | None, nominee: str | None) -> Outcome:
        """Describe another role taking it, with the nominee's rule that names that role, if any."""
        features = self._described(role)
        if rule is not None:
            features = {**features, **self.rule_features(rule), "rule.bias": 1.0}
        elif nominee is not None:
            features = {**features, "other.bias": 1.0}
        return Outcome(kind="role", role=role, rule=rule, features=features)

    def _refused(self, rule: int) -> Outcome:
        """Describe a refusal that leads to nobody, as if its kin, or the rule's own text, were the role it leads to."""
        like_role = self._described(self._kin.get(rule, rule))
        features = {**like_role, **self.rule_features(rule), "refused.bias": 1.0}
        return Outcome(kind="refused", role=self.index.rules[rule].role, rule=rule, features=features)

    def _nobody(self, nominee: str | None) -> Outcome:
        """Describe the message being nobody's work: near to what no role does, and far from what every role does."""
        features = {f"nobody.{name}": value for name, value in self._described(NOBODY).items()}
        staff = [self._described(name) for name in self._screened]
        for name in _STRONGEST:
            for measure in self.readings:
                key = f"{name}.{measure}"
                features[f"nobody.most.{key}"] = max((described.get(key, 0.0) for described in staff), default=0.0)
        if nominee is None:
            talk = self._described(TALK)
            for name in _FRONT_TALK:
                features[f"nobody.talk.{name}"] = talk.get(name, 0.0)
        features["nobody.held"] = float(nominee is not None)
        features["nobody.size"] = math.log(len(self.index.classes) / _STAFF_SIZE)
        features["nobody.override"] = self._override
        features["nobody.bias"] = 1.0
        return Outcome(kind="nobody", features=features)

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
            refusal = self.index.numbers(rule, "line")
            examples = self.index.numbers(rule, "example") or refusal
            measured = {
                f"{name}.{part}.{measure}": value
                for measure, reading in self.readings.items()
                for name, numbers in (("refusal", refusal), ("refused_example", examples))
                for part, value in reading.nearest(numbers).items()
            }
            voted = self._described(rule)
            measured.update({f"rule.{name}": voted[name] for name in _RULE_VOTES if name in voted})
            self._rules[rule] = measured
        return self._rules[rule]

    def _described(self, owner: Owner) -> Mapping[str, float]:
        """Describe how near the message is to an owner, by every measure."""
        if owner not in self._owners:
            self._owners[owner] = {
                f"{name}.{measure}": value
                for measure, reading in self.readings.items()
                for name, value in reading.describe(owner).items()
            }
        return self._owners[owner]


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
