"""The form of a story file: what happens to customer accounts over weeks, told as data and checked before it is played.

Beside the form's own words there are three optional ones: ``moment`` (a drawn week that ``m-3`` refers to, as ``d`` and
``q`` refer to the decision and to ``qualified``), ``live_days`` (how long before week 0 the account went live), and
month-days such as ``12-22`` as weeks of notes. What is wrong is refused with the story and the key it stands under;
nothing is guessed or left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from string import Formatter
from typing import Annotated, Literal, get_args

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

PLACEHOLDERS = frozenset({"champion", "sponsor", "successor", "company", "seats", "csm"})
LAST_WEEKS = 2  # weeks that always follow a decision, a qualification or a moment
WEEK = re.compile(r"(?P<week>\d+)|(?P<anchor>[dqm])(?P<offset>[+-]\d+)?")
DAY = re.compile(r"(?P<month>[01]\d)-(?P<day>[0-3]\d)")
ANCHORS = {"d": "decision", "q": "qualified", "m": "moment"}
LEAP_YEAR = 2028  # has every day there is


class StoriesError(ValueError):
    """A story file is not in the form: the text names the story and the key."""


def _range(value: object) -> object:
    """Take a plain number as a range of that number only."""
    return (value, value) if isinstance(value, int | float) else value


def _span(value: object) -> object:
    """Take a single week as the span of that week only; weeks may be numbers or texts."""
    ends = value if isinstance(value, list) else [value, value]
    return [_week(end) for end in ends]


def _week(value: object) -> str:
    """Check a week as the form writes it."""
    text = str(value)
    if not WEEK.fullmatch(text):
        raise ValueError(f"{text!r} is no week: write 10, d-8, q+4 or m")
    return text


def _week_or_day(value: object) -> str:
    """Check a note's week, which may be a month-day too."""
    text = str(value)
    return _day(text) if DAY.fullmatch(text) else _week(text)


def _day(text: str) -> str:
    """Check a month-day."""
    found = DAY.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no month-day: write 12-20")
    date(LEAP_YEAR, int(found["month"]), int(found["day"]))
    return text


def _season(value: object) -> str:
    """Check a range of month-days."""
    first, dots, last = str(value).partition("..")
    if not dots:
        raise ValueError(f"{value!r} is no range of days: write 12-20..01-05")
    return f"{_day(first)}..{_day(last)}"


def _words(value: object) -> object:
    """Check that a text asks only for names there are."""
    if isinstance(value, str):
        wanted = {name for _, name, _, _ in Formatter().parse(value) if name is not None}
        if wanted - PLACEHOLDERS:
            raise ValueError(f"unknown placeholder {sorted(wanted - PLACEHOLDERS)}")
    return value


Range = Annotated[tuple[float, float], BeforeValidator(_range)]
Span = Annotated[tuple[str, str], BeforeValidator(_span)]
Week = Annotated[str, BeforeValidator(_week)]
NoteWeek = Annotated[str, BeforeValidator(_week_or_day)]
Season = Annotated[str, BeforeValidator(_season)]
Words = Annotated[str, BeforeValidator(_words)]
Column = Literal[
    "active_users",
    "logins",
    "key_feature_uses",
    "top_user_share",
    "tickets_opened",
    "p1_open",
    "nps",
    "nps_responses",
]
COLUMNS: tuple[Column, ...] = get_args(Column)  # of weekly.csv, in its order
CurveName = Literal[
    "active_users", "logins", "key_feature_uses", "top_user_share", "tickets_opened", "p1_open", "nps", "seats"
]


class Form(BaseModel):
    """What all parts of a story file share: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Broken(Form):
    """What tracking delivered in some weeks instead of what was."""

    weeks: Span
    put: dict[Column, float | None] = Field(default={}, alias="set")
    times: dict[Column, float] = {}


class Crm(Form):
    """Who is meant in notes, and what ``accounts.csv`` says today."""

    champion: str | None = None
    champion_today: Words | None = None
    exec_sponsor: str | None = None
    exec_sponsor_today: Words | None = None
    successor: str | None = None


class Story(Form):
    """One kind of life an account can have."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    kind: Literal["decline", "growth", "decoy", "healthy"]
    what: str
    weeks: Annotated[int, Field(ge=8)] | None = None
    industries: tuple[str, ...] = ()
    seats: Range = (20, 150)
    use: Range = (0.6, 0.8)
    logins_per_user: Range = (3, 6)
    key_uses_per_user: Range = (4, 12)
    top_user_share: Range = (0.05, 0.14)
    tickets: Range = (0.5, 2)
    nps: Range = (20, 60)
    nps_every: Annotated[int, Field(ge=0)] = 8
    noise: Range = (0.04, 0.09)
    decision: Range | None = None
    qualified: Range | None = None
    moment: Range | None = None
    renewal_in: Range = (60, 300)
    live_days: Range = (150, 1600)
    curves: dict[CurveName, Annotated[dict[Week, float], Field(min_length=1)]] = {}
    season: dict[Season, float] = {}
    gaps: tuple[Span, ...] = ()
    broken: tuple[Broken, ...] = ()
    late: tuple[Span, ...] = ()
    crm: Crm = Crm()
    notes: dict[NoteWeek, Annotated[tuple[Words, ...], Field(min_length=1)]] = {}
    chatter: Annotated[float, Field(ge=0, le=1)] = 0.08

    @model_validator(mode="after")
    def _consistent(self) -> Story:
        """Check what several keys say together."""
        for kind, key in (("decline", "decision"), ("growth", "qualified")):
            if (self.kind == kind) != (getattr(self, key) is not None):
                raise ValueError(f"{key}: belongs to kind {kind}, and only there")
        for key in type(self).model_fields:
            value = getattr(self, key)
            if isinstance(value, tuple) and list(map(type, value)) == [float, float] and value[0] > value[1]:
                raise ValueError(f"{key}: the range {list(value)} is upside down")
        for text in self._weeks():
            anchor = ANCHORS.get(text[0])
            if anchor is not None and getattr(self, anchor) is None:
                raise ValueError(f"{text!r} refers to {anchor}, which the story does not have")
        return self

    def _weeks(self) -> list[str]:
        """Return every week that is written somewhere."""
        spans = [*self.gaps, *self.late, *(part.weeks for part in self.broken)]
        points = [week for curve in self.curves.values() for week in curve]
        return [*points, *self.notes, *(week for span in spans for week in span)]


class StoryFile(Form):
    """All stories of a file, with its harmless notes."""

    stories: tuple[Story, ...]
    chatter: tuple[Words, ...] = ()

    @classmethod
    def load(cls, path: Path) -> StoryFile:
        """Read a story file.

        Raises:
            StoriesError: naming the story and the key that are not in the form.
        """
        try:
            data = yaml.safe_load(path.read_text(encoding="utf-8"))
        except yaml.YAMLError as error:
            raise StoriesError(f"{path.name} is no YAML: {error}") from error
        if not isinstance(data, dict) or not isinstance(data.get("stories"), list):
            raise StoriesError(f"{path.name}: a story file has a list under stories")
        told = tuple(_story(number, one) for number, one in enumerate(data["stories"]))
        names = [story.name for story in told]
        for name in names:
            if names.count(name) > 1:
                raise StoriesError(f"story {name}, key name: told twice")
        try:
            return cls.model_validate({**data, "stories": told})
        except ValidationError as error:
            raise _refusal(path.name, error) from error


def _story(number: int, data: object) -> Story:
    """Read one story."""
    name = data.get("name", number) if isinstance(data, dict) else number
    try:
        return Story.model_validate(data)
    except ValidationError as error:
        raise _refusal(f"story {name}", error) from error


def _refusal(where: str, error: ValidationError) -> StoriesError:
    """Say the first thing that is wrong."""
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"]) or "(several)"
    return StoriesError(f"{where}, key {key}: {first['msg']}")


def resolve(week: str, anchors: Mapping[str, int]) -> int:
    """Return the number of a week of the form, which may lie before 0 or after the end."""
    found = WEEK.fullmatch(week)
    if found is None:
        raise StoriesError(f"{week!r} is no week")
    if found["week"] is not None:
        return int(found["week"])
    return anchors[found["anchor"]] + int(found["offset"] or 0)


def note_weeks(week: str, anchors: Mapping[str, int], start: date, weeks: int) -> list[int]:
    """Return the weeks in which a note stands: one, or for a month-day each year's."""
    if not DAY.fullmatch(week):
        return [number for number in (resolve(week, anchors),) if 0 <= number < weeks]
    days = (start + timedelta(days=number) for number in range(7 * weeks))
    return [(day - start).days // 7 for day in days if f"{day:%m-%d}" == week]


def season_factor(season: Mapping[str, float], day: date) -> float:
    """Return what a day's seasons do to use; a range may run over the new year."""
    today, factor = f"{day:%m-%d}", 1.0
    for days, one in season.items():
        first, _, last = days.partition("..")
        inside = first <= today <= last if first <= last else today >= first or today <= last
        factor *= one if inside else 1.0
    return factor
