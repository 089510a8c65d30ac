"""What colleagues' notes say about an account: matters that worry, what settles them, and upside. Pure.

A note counts less as weeks pass, and much less once a later one says that the matter is settled.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from fleet_runtime.health.outlook import Outlook, Said
from fleet_runtime.health.signs import Sign, either, ramp
from fleet_runtime.records.book import Week

MATTER_OF: Final[Mapping[str, str]] = {
    "champion_leaving": "champion",
    "sponsor_lost": "sponsor",
    "competitor": "competitor",
    "price_pressure": "price_pressure",
    "cancel_talk": "cancel_talk",
    "dissatisfied": "dissatisfied",
    "adoption_trouble": "adoption_trouble",
    "silence": "silence",
    "reorg": "reorg",
    "product_gap": "product_gap",
}
"""Which matter a theme of a note speaks for."""

_SAYS: Final = {
    "champion": "the champion is leaving or gone",
    "sponsor": "the sponsor is lost or does not back it any more",
    "competitor": "they look at an alternative",
    "price_pressure": "what it costs is in question",
    "cancel_talk": "they speak of ending it",
    "dissatisfied": "they are unhappy, and say so",
    "adoption_trouble": "their people do not take to it",
    "silence": "they do not answer",
    "reorg": "their company is being rebuilt",
    "product_gap": "they miss something that the product does not do",
}


class Settles(NamedTuple):
    """What a theme does to worries: which it settles, and how much of them it leaves."""

    matters: frozenset[str]
    leaves: float


_PEOPLE: Final = frozenset({"champion", "sponsor"})
_SETTLED: Final = frozenset(MATTER_OF.values())
_SETTLES: Final[Mapping[str, Settles]] = {
    "successor": Settles(_PEOPLE | {"silence"}, 0.25),
    "resolved": Settles(_SETTLED - {"reorg"}, 0.3),
    "renewed": Settles(_SETTLED, 0.15),
    "praise": Settles(frozenset({"dissatisfied", "adoption_trouble", "product_gap"}), 0.6),
    "growth_news": Settles(frozenset({"reorg"}), 0.4),
    "expansion_interest": Settles(frozenset({"reorg", "price_pressure"}), 0.4),
    "planned_quiet": Settles(frozenset({"silence", "adoption_trouble"}), 0.4),
}


def signs_of_notes(view: Outlook) -> Iterator[Sign]:
    """Yield what notes say, one sign a matter, with the notes that say it, the surest first."""
    if not view.said:
        return
    for theme, matter in MATTER_OF.items():
        told = [one for one in view.said if one.row.belief(theme) > 0]
        if not told:
            continue
        alone, half = view.rules.matter(matter).alone, view.rules.half_life(matter)
        weights = [
            alone * _worth(one.row, theme) * 0.5 ** (one.age / half) * _left(view.said, one, matter) for one in told
        ]
        surest = sorted(zip(weights, told, strict=True), key=lambda each: -each[0])[:3]
        says = f"{_SAYS[matter]}, {surest[0][1].by}: {surest[0][1].quote}"
        yield Sign(matter, either(*weights), says, tuple(one.evidence for _, one in surest))


def _worth(row: Week, theme: str) -> float:
    """Return how sure a theme of a note is; half of that beside a surer one: one note is one piece of news."""
    belief = row.belief(theme)
    surer = any(row.belief(other) > belief for other in MATTER_OF if other != theme)
    return 0.5 * belief if surer else belief


def _left(said: Sequence[Said], worry: Said, matter: str) -> float:
    """Return how much of a worry the notes since then, and the note itself, leave."""
    left = 1.0
    for theme, settles in _SETTLES.items():
        if matter in settles.matters:
            sure = max((one.row.belief(theme) for one in said if one.age <= worry.age), default=0.0)
            left = min(left, 1.0 - (1.0 - settles.leaves) * ramp(sure, 0.2, 0.6))
    return left
