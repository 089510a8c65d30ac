"""The rules by which health is judged: weights, bars, seasons and plays, read from yaml. Judges nothing itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Annotated, Any, Final, cast

import yaml
from pydantic import AfterValidator, Field, ValidationError

from fleet_runtime.contracts import Value
from fleet_runtime.errors import ContractError

RULES_FILE: Final = "health.yaml"


SIDES: Final = ("adoption", "breadth", "engagement", "sentiment", "support", "relationship", "commercial")
"""The sides of an account's health."""

MATTERS: Final = (
    *("usage_decline", "usage_stop", "depth_decline", "login_decline", "concentration", "low_adoption"),
    *("support_load", "nps_fall", "going_quiet", "champion", "sponsor", "competitor", "price_pressure"),
    *("cancel_talk", "dissatisfied", "adoption_trouble", "silence", "reorg", "product_gap", "unpaid"),
)
"""What a risk can be about."""


def _one_of(names: Sequence[str]) -> AfterValidator:
    """Return a check that a name is known: a slip of the pen would otherwise be a rule that never holds."""

    def check(name: str) -> str:
        if name not in names:
            raise ValueError(f"no such name: {name!r}; there are {', '.join(names)}")
        return name

    return AfterValidator(check)


Share = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Weeks = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Season(Value, defer_build=True):
    """A time of the year, by its first and last month and day. ``quiet``: use says nothing then; else it says less.

    ``industries`` are those for which it holds; none: for all.
    """

    name: str
    first: str = Field(alias="from", pattern=r"^\d\d-\d\d$")
    last: str = Field(alias="to", pattern=r"^\d\d-\d\d$")
    quiet: bool = False
    industries: tuple[str, ...] = ()

    def covers(self, mark: str, industry: str) -> bool:
        """Tell whether a day (its month and day, as 07-31) of an industry's year lies in it."""
        if self.industries and industry.casefold() not in self.industries:
            return False
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

    weights: dict[Annotated[str, _one_of(SIDES)], Share]
    seasons: tuple[Season, ...] = ()
    matters: dict[Annotated[str, _one_of(MATTERS)], Matter]
    bars: Bars
    half_life_weeks: dict[Annotated[str, _one_of((*MATTERS, "default"))], Weeks]

    def matter(self, name: str) -> Matter:
        """Return what is known of a matter; one that the rules do not name weighs nothing."""
        return self.matters.get(name) or Matter(weight=0.0)

    def half_life(self, matter: str) -> float:
        """Return after how many weeks half of a note's weight is gone."""
        return self.half_life_weeks.get(matter, self.half_life_weeks["default"])

    def season(self, day: date, industry: str) -> Season | None:
        """Return the season of a day, a quiet one before others."""
        mark = f"{day:%m-%d}"
        found = [season for season in self.seasons if season.covers(mark, industry)]
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
