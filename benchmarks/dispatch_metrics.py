"""What is counted of answers to labelled messages. Pure: it decides nothing, and times nothing.

The definitions are those of the routing benchmark's scorer: "wrong active kept" is the share of lures that stayed with
the active role; out-of-scope F1 is that of the answer ``none``, and the AUROC that of ``none_score``, both without the
adversarial messages. One thing is stricter: work that a role declines is not counted as kept, even if it is its own.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from dispatch_data import ADVERSARIAL, Message

from fleet_runtime.contracts import Value
from fleet_runtime.decisions import Decision

NOBODY = "none"
DESK = "customer-success-manager"
REDIRECTS = frozenset({"ticket", "commercial", "contract", "feature"})
OWN = frozenset({"own", "follow_up", "small_talk"})
LURES = frozenset({"boundary", ADVERSARIAL, *REDIRECTS})
SHORTLIST = 5
BINS = 10
Z = 1.96  # two-sided 95 %


class Answer(Value):
    """What somebody answers to a message.

    ``choice`` is a class or ``none``; ``ranked`` are classes and ``none``, likeliest first. ``none_score`` grows with
    the belief in ``none``; ``confidence`` is a share of belief, None for who has none. ``declined`` is None for who
    cannot decline: there ``none`` counts as declining.
    """

    choice: str
    ranked: tuple[str, ...] = ()
    none_score: float | None = None
    confidence: float | None = None
    declined: bool | None = None

    @classmethod
    def of(cls, decision: Decision) -> Answer:
        """Read a decision; nobody stands among the candidates where its score belongs."""
        scores = {candidate.role: candidate.score for candidate in decision.candidates}
        above = [role for role, score in scores.items() if score >= decision.none_score]
        return cls(
            choice=decision.choice or NOBODY,
            ranked=(*above, NOBODY, *(role for role in scores if role not in above)),
            none_score=decision.none_score,
            confidence=decision.confidence,
            declined=decision.verdict == "decline",
        )

    def is_right(self, message: Message) -> bool:
        """Say whether the label allows it; declining is right only where it is asked for."""
        if message.verdict == "decline":
            return self.choice == NOBODY if self.declined is None else self.declined
        return not self.declined and self.choice in message.expected


class Share(Value):
    """How many of how many."""

    right: int
    of: int

    @property
    def value(self) -> float:
        """Return the share; 0 of nothing."""
        return self.right / max(1, self.of)

    def row(self, name: str) -> str:
        """Return one row: the share, and between what the true one probably lies."""
        low, high = interval(self.right, self.of)
        return f"  {name:<24}{self.value:6.3f}  [{low:.3f}, {high:.3f}]  n={self.of}"


class Figures(Value):
    """All that is counted of one run; None where there is nothing to count, or no score to count by."""

    kinds: dict[str, Share]
    overall: Share
    redirects: Share | None
    own: Share | None
    wrong_active_kept: Share | None
    oos_f1: float | None
    oos_auroc: float | None
    confident_half: Share | None
    top5: Share | None
    calibration_error: float | None

    def rows(self) -> Iterable[str]:
        """Give the table of the run."""
        for kind, share in self.kinds.items():
            yield share.row(kind)
        shares = {
            "all": self.overall,
            "redirects found": self.redirects,
            "own kept": self.own,
            "wrong active kept": self.wrong_active_kept,
            "most confident half": self.confident_half,
            "among the first five": self.top5,
        }
        yield from (share.row(name) for name, share in shares.items() if share is not None)
        numbers = {
            "out of scope, F1": self.oos_f1,
            "out of scope, AUROC": self.oos_auroc,
            "calibration error": self.calibration_error,
        }
        yield from (f"  {name:<24}{number:6.3f}" for name, number in numbers.items() if number is not None)


def figures(messages: Sequence[Message], answers: Sequence[Answer]) -> Figures:
    """Count one run: an answer for every message, in order."""
    pairs = list(zip(messages, answers, strict=True))
    judged = [answer.is_right(message) for message, answer in pairs]
    lures = [
        (message, answer)
        for message, answer in pairs
        if message.kind in LURES and message.active_role not in (None, *message.expected)
    ]
    return Figures(
        kinds={
            kind: _share(right for message, right in zip(messages, judged, strict=True) if message.kind == kind)
            for kind in dict.fromkeys(message.kind for message in messages)
        },
        overall=_share(judged),
        redirects=_desk(messages, judged, REDIRECTS),
        own=_desk(messages, judged, OWN),
        wrong_active_kept=_share(one.choice == message.active_role for message, one in lures) if lures else None,
        oos_f1=none_f1(pairs),
        oos_auroc=none_auroc(pairs),
        confident_half=confident_half(answers, judged),
        top5=_top5(pairs),
        calibration_error=calibration_error(answers, judged),
    )


def rows(messages: Sequence[Message], judged: Sequence[bool]) -> Iterable[str]:
    """Give the table of accuracy alone, for answers that were judged already."""
    pairs = list(zip(messages, judged, strict=True))
    for kind in dict.fromkeys(message.kind for message in messages):
        yield _share(right for message, right in pairs if message.kind == kind).row(kind)
    yield _share(judged).row("all")
    for name, kinds in (("redirects found", REDIRECTS), ("own kept", OWN)):
        desk = _desk(messages, judged, kinds)
        if desk is not None:
            yield desk.row(name)


def interval(right: int, of: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share; of nothing it is everything."""
    if of == 0:
        return 0.0, 1.0
    share = right / of
    middle = share + Z * Z / (2 * of)
    spread = Z * math.sqrt(share * (1 - share) / of + Z * Z / (4 * of * of))
    scale = 1 + Z * Z / of
    return (middle - spread) / scale, (middle + spread) / scale


def none_f1(pairs: Sequence[tuple[Message, Answer]]) -> float | None:
    """Return the F1 of the answer ``none``, without the adversarial messages; None where nothing is out of scope."""
    owned = [(_is_none(message), answer.choice == NOBODY) for message, answer in pairs if message.kind != ADVERSARIAL]
    wanted, said = sum(is_none for is_none, _ in owned), sum(says for _, says in owned)
    hits = sum(is_none and says for is_none, says in owned)
    return 2 * hits / (wanted + said) if wanted else None


def none_auroc(pairs: Sequence[tuple[Message, Answer]]) -> float | None:
    """Return how often ``none_score`` ranks what is nobody's above what is owned (ties count half)."""
    if any(answer.none_score is None for _, answer in pairs):
        return None
    scored = [(message, answer.none_score or 0.0) for message, answer in pairs]
    nobody = [score for message, score in scored if _is_none(message) and message.kind != ADVERSARIAL]
    owned = [score for message, score in scored if NOBODY not in message.expected]
    if not nobody or not owned:
        return None
    wins = sum((one > other) + (one == other) / 2 for one in nobody for other in owned)
    return wins / (len(nobody) * len(owned))


def confident_half(answers: Sequence[Answer], judged: Sequence[bool]) -> Share | None:
    """Count the half of the answers that were given most confidently; of equals, the earlier ones."""
    if any(answer.confidence is None for answer in answers):
        return None
    order = sorted(range(len(answers)), key=lambda number: -(answers[number].confidence or 0.0))
    return _share(judged[number] for number in order[: len(answers) // 2])


def calibration_error(answers: Sequence[Answer], judged: Sequence[bool]) -> float | None:
    """Return the mean distance between confidence and accuracy over ten equal bins, weighed by their answers."""
    bins: dict[int, list[tuple[float, bool]]] = {}
    for answer, right in zip(answers, judged, strict=True):
        if answer.confidence is None:
            return None
        bins.setdefault(min(BINS - 1, int(answer.confidence * BINS)), []).append((answer.confidence, right))
    gaps = (abs(sum(sure for sure, _ in group) - sum(right for _, right in group)) for group in bins.values())
    return sum(gaps) / max(1, len(answers))


def _top5(pairs: Sequence[tuple[Message, Answer]]) -> Share | None:
    """Count where an allowed answer stands among the first five, nobody included."""
    if not all(answer.ranked for _, answer in pairs):
        return None
    return _share(not set(message.expected).isdisjoint(answer.ranked[:SHORTLIST]) for message, answer in pairs)


def _desk(messages: Sequence[Message], judged: Sequence[bool], kinds: frozenset[str]) -> Share | None:
    """Count the customer desk's messages of some kinds, if there are any."""
    found = [
        right
        for message, right in zip(messages, judged, strict=True)
        if message.active_role == DESK and message.kind in kinds
    ]
    return _share(found) if found else None


def _is_none(message: Message) -> bool:
    """Say whether nobody alone is right."""
    return message.expected == (NOBODY,)


def _share(judged: Iterable[bool]) -> Share:
    """Count how many are right."""
    found = list(judged)
    return Share(right=sum(found), of=len(found))
