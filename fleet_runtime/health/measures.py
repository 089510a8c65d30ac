"""The sides of an account's health, each from 0 to 100 with its reason, and the score that they come to. Pure.

A side without data has no score and does not count, which lowers the confidence: no data is not well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from math import exp, isnan
from typing import Final, NamedTuple

from fleet_runtime.health.courses import DEPTH, TICKETS, USERS
from fleet_runtime.health.outlook import Cite, Outlook, counted
from fleet_runtime.health.risks import Weighed
from fleet_runtime.health.signs import Sign, ramp, surveyed
from fleet_runtime.records.book import Evidence, Measure

_WELL: Final = 80.0
_FAINT: Final = 0.15
"""A sign that is weaker is not told."""
_SIDES: Final[Mapping[str, tuple[str, ...]]] = {
    "adoption": ("low_adoption",),
    "breadth": ("depth_decline", "concentration", "product_gap"),
    "engagement": ("usage_decline", "usage_stop", "login_decline", "adoption_trouble"),
    "sentiment": ("nps_fall", "dissatisfied"),
    "support": ("support_load", "going_quiet"),
    "relationship": ("champion", "sponsor", "silence", "reorg"),
    "commercial": ("price_pressure", "competitor", "cancel_talk", "unpaid"),
}
"""Which matters lower which side."""

_SAYS: Final = {
    "breadth": "what they use is as deep and as broad as it was",
    "engagement": "use holds its level",
    "sentiment": "those who speak are content",
    "support": "support has the usual to do",
    "relationship": "champion and sponsor are in place",
    "commercial": "nothing speaks against the renewal",
}
_TOLD_GROWTH: Final = 0.2
_CONTENT: Final = 55
_IN_PLACE: Final = 65
_FULL_HISTORY: Final = 10
_ASKED_WEEKS: Final = 26
_HALF_YEAR: Final = 26


class Side(NamedTuple):
    """One side before what speaks against it: its level and confidence, and what it rests on."""

    level: float | None
    confidence: float
    says: str
    evidence: tuple[Cite, ...] = ()


class Standing(NamedTuple):
    """One side with what speaks against it; its evidence is written when somebody is told."""

    name: str
    weight: float
    score: float | None
    confidence: float
    says: str
    evidence: tuple[Cite, ...] = ()

    def told(self, slope: float) -> Measure:
        """Return it as it is told: with its evidence, and how it moved."""
        name, weight, score, confidence, says, cites = self
        evidence = tuple(cite() for cite in cites)
        return Measure(
            name=name, weight=weight, score=score, confidence=confidence, says=says, slope=slope, evidence=evidence
        )


def standings(view: Outlook, weighed: Weighed) -> Iterator[Standing]:
    """Yield all sides in a fixed order."""
    known = _known(view)
    for name, side in _LEVELS.items():
        against = [sign for _, sign in weighed.signs if sign.matter in _SIDES[name]]
        yield _standing(view, name, side(view, known), against)


def side_of(view: Outlook, weighed: Weighed, name: str) -> Measure | None:
    """Return one side as it is told; None for one that there is not."""
    if name not in _LEVELS:
        return None
    against = [sign for _, sign in weighed.signs if sign.matter in _SIDES[name]]
    return _standing(view, name, _LEVELS[name](view, _known(view)), against).told(0.0)


def _standing(view: Outlook, name: str, side: Side, against: list[Sign]) -> Standing:
    """Lower a side by what speaks against it, and say why."""
    weight = view.rules.weights.get(name, 0.0)
    strongest = max((sign.strength for sign in against), default=0.0)
    confidence = max(side.confidence, 0.6 * min(1.0, 2 * strongest))
    if confidence <= 0 or (side.level is None and strongest < _FAINT):
        return Standing(name, weight, None, 0.0, side.says)
    level = _WELL * 0.75 if side.level is None else side.level
    for sign in against:
        level *= 1.0 - 0.85 * sign.strength
    worst = max(against, key=lambda sign: sign.strength, default=None)
    told = worst is not None and worst.strength > _FAINT
    score = round(min(100.0, max(0.0, level)), 1)
    if worst is not None and told:
        return Standing(name, weight, score, round(confidence, 2), worst.says, worst.evidence)
    return Standing(name, weight, score, round(confidence, 2), side.says, side.evidence)


def _known(view: Outlook) -> float:
    """Return the share of the last ten weeks that is there; nothing where there is no week at all."""
    if view.last < 0:
        return 0.0
    there = sum(row is not None and bool(row.values) for row in view.weeks.rows[-_FULL_HISTORY:])
    return max(0.0, min(1.0, there / _FULL_HISTORY) - 0.1 * max(0.0, view.behind))


def _adoption(view: Outlook, known: float) -> Side:
    """Return how much of what was bought is in use."""
    seats = view.seats
    now = view.tracks[USERS].now[view.last] if view.last >= 0 else float("nan")
    if seats is None or (isnan(now) and not view.has_stopped):
        return Side(None, 0.0, "no data on use, or on seats")
    used = 0.0 if view.has_stopped else exp(now) / seats.number
    evidence = (view.figures("active users", USERS), seats.evidence)
    says = f"{used * seats.number:.0f} of {seats.number:.0f} seats are in use"
    return Side(100 * ramp(used, 0.1, 0.85), known * (1.0 if seats.stated else 0.7), says, evidence)


def _breadth(view: Outlook, known: float) -> Side:
    """Return how deep and broad use is, against what it was."""
    if view.last < 0 or isnan(view.tracks[DEPTH].now[view.last]):
        return Side(None, 0.0, "no data on what they use")
    change = view.tracks[DEPTH].change(view.last)
    level = _WELL + 20 * ramp(change, 0.05, 0.3)
    ever = _features(view, _HALF_YEAR)
    if ever:
        level *= 0.5 + 0.5 * len(_features(view, 4)) / len(ever)
    return Side(level, known, _SAYS["breadth"], (view.figures("key feature uses", "key_feature_uses"),))


def _features(view: Outlook, weeks: int) -> set[str]:
    """Return the features that were used in the last weeks, where use is told by feature."""
    there = slice(max(0, len(view.weeks) - weeks), len(view.weeks))
    told = ((name, values) for name, values in view.weeks.lists.items() if name.startswith("uses_"))
    return {name for name, values in told if any(value > 0 for value in values[there])}


def _engagement(view: Outlook, known: float) -> Side:
    """Return how use goes, against the account's own past."""
    now = view.tracks[USERS].now[view.last] if view.last >= 0 else float("nan")
    if view.has_stopped:
        return Side(0.0, known, "nobody uses it", (view.figures("active users", USERS),))
    if isnan(now):
        return Side(None, 0.0, "no data on use")
    change = view.tracks[USERS].change(view.last)
    grown = ramp(change, 0.04, 0.3)
    before = exp(view.tracks[USERS].before[view.last])
    says = f"active users grew by {exp(change) - 1:.0%}" if grown > _TOLD_GROWTH else _SAYS["engagement"]
    return Side(_WELL + 20 * grown, known, says, (view.figures("active users", USERS, before),))


def _sentiment(view: Outlook, _known: float) -> Side:
    """Return how those feel who say so: in surveys, in notes, in what was heard in conversation."""
    levels: list[tuple[float, float]] = []
    cited: list[Cite] = []
    asked = [one for one in view.surveys[-2:] if view.age(one.week) <= _ASKED_WEEKS]
    if asked:
        nps = sum(one.score for one in asked) / len(asked)
        levels.append((100 * ramp(nps, -60, 70), 1.0))
        cited += [partial(surveyed, view, one) for one in asked]
    praised = view.noted("praise", 16)
    if praised is not None:
        levels.append((95.0, 0.6))
        cited.append(praised.evidence)
    mood = view.case.fact("sentiment", view.at)
    if mood is not None and (felt := _felt(mood.value)) is not None:
        levels.append((felt, 0.8))
        cited.append(partial(Evidence, text=f'the mood: "{mood.value}"', source=f"fact {mood.id}"))
    if not levels:
        return Side(None, 0.0, "nobody was asked, and nobody said")
    weight = sum(each for _, each in levels)
    level = sum(value * each for value, each in levels) / weight
    says = _SAYS["sentiment"] if level > _CONTENT else "those who speak are not content"
    return Side(level, min(1.0, weight / 1.6), says, tuple(cited))


_GOOD: Final = (
    "happy",
    "positive",
    "pleased",
    "satisfied",
    "good",
    "great",
    "delighted",
    "warm",
    "confident",
    "content",
)
_BAD: Final = ("unhappy", "negative", "worried", "frustrated", "angry", "bad", "poor", "cold", "upset", "sceptical")


def _felt(mood: str | None) -> float | None:
    """Read a mood on record; None where it is neither good nor bad."""
    words = (mood or "").casefold().replace("-", " ").split()
    bad = any(word in _BAD for word in words) or ("not" in words and any(word in _GOOD for word in words))
    return 20.0 if bad else 88.0 if any(word in _GOOD for word in words) else None


def _support(view: Outlook, known: float) -> Side:
    """Return how support fares with them."""
    if view.last < 0 or not view.latest(TICKETS, 4):
        return Side(None, 0.0, "no data on tickets")
    return Side(88.0, known, _SAYS["support"], (view.figures("tickets opened", TICKETS),))


def _relationship(view: Outlook, _known: float) -> Side:
    """Return whether there is a champion, a sponsor, and talk."""
    cited: list[Cite] = []
    level = 0.0
    for key in ("champion", "exec_sponsor"):
        named = view.case.named(key, view.at)
        if named is not None:
            level += 35.0
            cited.append(partial(Evidence, text=f"{key.replace('_', ' ')}: {named.name}", source=named.source))
    spoken = view.case.spoken(view.at)
    if spoken is not None:
        days = (view.at - spoken.at).days
        level += 25 * (1 - ramp(days, 30, 120))
        cited.append(partial(Evidence, text=f"last spoken {counted(days, 'day')} ago", source=f"event {spoken.id}"))
    if not cited:
        return Side(None, 0.0, "no champion, sponsor or contact on record")
    says = _SAYS["relationship"] if level > _IN_PLACE else "champion, sponsor or contact is missing"
    return Side(min(95.0, level + 10), min(1.0, len(cited) / 3), says, tuple(cited))


def _commercial(view: Outlook, _known: float) -> Side:
    """Return how the contract stands."""
    renewed = view.noted("renewed", 26)
    renewal = view.case.renewal(view.at)
    if renewed is not None:
        return Side(95.0, 0.9, "the renewal is confirmed, a colleague notes", (renewed.evidence,))
    if renewal is None:
        return Side(None, 0.0, "no renewal date on record")
    return Side(_WELL, 0.7 if renewal.stated else 0.4, _SAYS["commercial"], (lambda: renewal.evidence,))


_LEVELS: Final[Mapping[str, Callable[[Outlook, float], Side]]] = {
    "adoption": _adoption,
    "breadth": _breadth,
    "engagement": _engagement,
    "sentiment": _sentiment,
    "support": _support,
    "relationship": _relationship,
    "commercial": _commercial,
}
"""What tells the level of each side, by how much of the last weeks is known."""
