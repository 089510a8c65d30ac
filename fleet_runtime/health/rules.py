"""The rules by which health is judged: weights, bars, seasons and plays, read from yaml. Judges nothing itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Final, cast

import yaml
from pydantic import Field, ValidationError

from fleet_runtime.contracts import Value
from fleet_runtime.errors import ContractError

RULES_FILE: Final = "health.yaml"


class Season(Value, defer_build=True):
    """A time of the year, by its first and last month and day. ``quiet``: use says nothing then; else it says less.

    ``industries`` are those for which it holds; none: for all.
    """

    name: str
    first: str = Field(alias="from", pattern=r"^\d\d-\d\d$")
    last: str = Field(alias="to", pattern=r"^\d\d-\d\d$")
    quiet: bool = False
    industries: tuple[str, ...] = ()

    def covers(self, day: date, industry: str) -> bool:
        """Tell whether a day of an industry's year lies in it."""
        if self.industries and industry.casefold() not in self.industries:
            return False
        mark = f"{day:%m-%d}"
        if self.first <= self.last:
            return self.first <= mark <= self.last
        return mark >= self.first or mark <= self.last


class Matter(Value, defer_build=True):
    """What one matter weighs by itself, from 0 to 1, and what is done about it.

    ``alone`` is how much of that a single note gives; several notes add up.
    """

    weight: float = Field(ge=0, le=1)
    alone: float = Field(default=1.0, ge=0, le=1)
    play: str = ""


class Bars(Value, defer_build=True):
    """From which alarm on a risk is raised, and is high; from which upside on, below which alarm, it is handed on."""

    raise_: float = Field(alias="raise", ge=0, le=1)
    high: float = Field(ge=0, le=1)
    expand: float = Field(ge=0, le=1)
    calm: float = Field(ge=0, le=1)


class Rules(Value, defer_build=True):
    """All of them."""

    weights: dict[str, float]
    seasons: tuple[Season, ...] = ()
    matters: dict[str, Matter]
    bars: Bars
    half_life_weeks: dict[str, float]

    def weight(self, matter: str) -> float:
        """Return what a matter weighs; 0 for one that the rules do not name."""
        found = self.matters.get(matter)
        return found.weight if found else 0.0

    def alone(self, matter: str) -> float:
        """Return how much of a matter's weight a single note gives."""
        found = self.matters.get(matter)
        return found.alone if found else 1.0

    def play(self, matter: str) -> str:
        """Return what is done about a matter."""
        found = self.matters.get(matter)
        return found.play if found else ""

    def half_life(self, matter: str) -> float:
        """Return after how many weeks half of a note's weight is gone."""
        return self.half_life_weeks.get(matter, self.half_life_weeks["default"])

    def season(self, day: date, industry: str) -> Season | None:
        """Return the season of a day, a quiet one before others."""
        found = [season for season in self.seasons if season.covers(day, industry)]
        return next((season for season in found if season.quiet), found[0] if found else None)


def load_rules(layers: Iterable[tuple[str, str]]) -> Rules:
    """Read the rules, later layers laid over earlier ones key by key; lists are replaced whole.

    Args:
        layers: (path, text), the shipped one first.

    Raises: ContractError naming the file and the key that is wrong.
    """
    merged: dict[str, Any] = {}
    place = RULES_FILE
    for path, text in layers:
        place = path
        try:
            given: object = yaml.safe_load(text) or {}
        except yaml.YAMLError as error:
            raise ContractError(f"not valid YAML: {error}", hint="mend the file", where=path) from error
        if not isinstance(given, dict):
            raise ContractError("the rules are no mapping", hint="see docs/health.md", where=path)
        merged = _laid_over(merged, cast("dict[str, Any]", given))
    try:
        return Rules.model_validate(merged)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(step) for step in first["loc"])
        raise ContractError(f"{key}: {first['msg']}", hint="see docs/health.md", where=place) from error


def _laid_over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Lay one mapping over another, mapping by mapping."""
    merged = dict(below)
    for name, value in above.items():
        lower = merged.get(name)
        both = isinstance(lower, dict) and isinstance(value, dict)
        merged[name] = _laid_over(cast("dict[str, Any]", lower), cast("dict[str, Any]", value)) if both else value
    return merged
