"""One account's life: what a story becomes when its draws are made, as tracking and colleagues tell it week by week."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import cast

import numpy as np
from book_story_form import ANCHORS, COLUMNS, LAST_WEEKS, CurveName, Story, note_weeks, resolve, season_factor
from book_story_people import INDUSTRIES, people
from numpy.typing import NDArray

MEMORY = 0.55  # how much of a week's deviation the next week keeps
FIRST_NAME_ONLY = 0.4  # colleagues often write only the first name
MOST_RESPONSES = 8
NEUTRAL_ANSWERS = 0.5  # the most of a survey's answers that are neither for nor against
UNEVEN = 1.2  # the busiest of n people has at least this much more than the n-th part
ALMOST_ALL = 0.97
SEAT_PRICE = (180.0, 1400.0)  # a year
SEGMENTS = ((25, "smb"), (150, "mid-market"))
EMPTY_IN_CRM = {"exec_sponsor": 0.08, "champion": 0.03, "go_live_date": 0.03}

Series = NDArray[np.float64]
Cells = dict[str, float | None]


@dataclass(frozen=True)
class Row:
    """One week as it stands in the file."""

    week: int
    cells: Cells
    event: str
    late: bool


@dataclass(frozen=True)
class Life:
    """An account's CRM line, its rows, and the weeks (``d``, ``q``, ``m``) its story turned on."""

    crm: dict[str, str]
    rows: tuple[Row, ...]
    anchors: dict[str, int]


class Living:
    """Draws one life of a story; the same generator state gives the same life."""

    def __init__(self, story: Story, rng: np.random.Generator, *, start: date, weeks: int) -> None:
        self._story, self._rng, self._start = story, rng, start
        self._weeks = weeks
        self._anchors = self._draw_anchors()
        self._seats = max(1, round(float(np.exp(rng.uniform(*np.log(story.seats))))))
        self._seats_by_week = np.maximum(1, np.rint(self._seats * self._curve("seats", 1.0)))
        names = people(rng, 3)
        self._champion = story.crm.champion or names[0]
        self._sponsor = story.crm.exec_sponsor or names[1]
        self._successor = story.crm.successor or names[2]

    def live(self, company: str, csm: str, chatter: Sequence[str]) -> Life:
        """Return the life of an account of that name, looked after by ``csm``."""
        cells = self._cells()
        missing = self._weeks_of(self._story.gaps)
        late = self._weeks_of(self._story.late)
        events = self._events(company, csm, chatter)
        rows = tuple(
            Row(week, cells[week], events.get(week, ""), week in late)
            for week in range(self._weeks)
            if week not in missing
        )
        return Life(self._crm(company, csm), rows, self._anchors)

    def _draw_anchors(self) -> dict[str, int]:
        """Draw the weeks the story turns on, so that they stay inside."""
        drawn = {}
        for letter, key in ANCHORS.items():
            asked = getattr(self._story, key)
            if asked is not None:
                last = min(int(asked[1]), self._weeks - LAST_WEEKS - 1)
                drawn[letter] = int(self._rng.integers(min(int(asked[0]), last), last + 1))
        return drawn

    def _draw(self, asked: tuple[float, float]) -> float:
        """Draw from a range."""
        return float(self._rng.uniform(*asked))

    def _curve(self, name: CurveName, otherwise: float) -> Series:
        """Return a curve's value in each week; constant where there is none."""
        points = self._story.curves.get(name)
        if points is None:
            return np.full(self._weeks, otherwise)
        known = sorted((resolve(week, self._anchors), value) for week, value in points.items())
        weeks = np.arange(self._weeks, dtype=np.float64)
        values: Series = np.interp(weeks, [week for week, _ in known], [value for _, value in known])
        return values

    def _ripple(self, noise: float) -> Series:
        """Draw factors around 1 of relative size ``noise``, each leaning on the one before."""
        shocks = self._rng.normal(0.0, noise, self._weeks)
        level = float(self._rng.normal(0.0, noise))
        levels: list[float] = []
        for shock in shocks:
            level = MEMORY * level + math.sqrt(1 - MEMORY**2) * float(shock)
            levels.append(level)
        return np.array([math.exp(level - noise**2 / 2) for level in levels], dtype=np.float64)

    def _season(self) -> Series:
        """Return each week's season, the mean of its days."""
        days = [season_factor(self._story.season, self._start + timedelta(days=day)) for day in range(7 * self._weeks)]
        means: Series = np.array(days, dtype=np.float64).reshape(self._weeks, 7).mean(axis=1)
        return means

    def _cells(self) -> list[Cells]:
        """Return what tracking delivered in each week."""
        story, rng = self._story, self._rng
        noise, season = self._draw(story.noise), self._season()
        expected = self._seats * self._draw(story.use) * self._curve("active_users", 1.0) * season
        most = np.maximum(self._seats_by_week, np.ceil(expected))  # more people than seats only where the story says so
        users = np.minimum(np.floor(expected * self._ripple(noise) + rng.uniform(size=self._weeks)), most)
        series = {"active_users": users}
        for name, each in (("logins", story.logins_per_user), ("key_feature_uses", story.key_uses_per_user)):
            rate = self._draw(each) * self._curve(cast("CurveName", name), 1.0) * self._ripple(noise)
            series[name] = rng.poisson(users * rate).astype(np.float64)
        series["top_user_share"] = self._shares(users, noise)
        busy = self._draw(story.tickets) * self._curve("tickets_opened", 1.0) * season
        series["tickets_opened"] = rng.poisson(busy).astype(np.float64)
        series["p1_open"] = np.rint(self._curve("p1_open", 0.0))
        cells: list[Cells] = [{name: float(one[week]) for name, one in series.items()} for week in range(self._weeks)]
        self._survey(cells)
        self._break(cells)
        return cells

    def _shares(self, users: Series, noise: float) -> Series:
        """Return the busiest user's share, which a few users cannot have small."""
        wanted = self._curve("top_user_share", self._draw(self._story.top_user_share)) * self._ripple(noise)
        least = np.minimum(1.0, UNEVEN / np.maximum(users, 1.0))
        most = np.where(users > 1, ALMOST_ALL, 1.0)
        shares = np.minimum(np.maximum(wanted, least), np.maximum(most, least))
        return np.where(users > 0, np.ceil(shares * 1000) / 1000, 0.0)

    def _survey(self, cells: list[Cells]) -> None:
        """Put answers into the weeks of surveys."""
        levels = self._curve("nps", self._draw(self._story.nps)) / 100
        every = self._story.nps_every
        asked = int(self._rng.integers(max(1, every))) if every else self._weeks
        for week, one in enumerate(cells):
            one["nps"], one["nps_responses"] = None, 0.0
            if week != asked:
                continue
            asked += max(1, every + int(self._rng.integers(-1, 2)))
            count = min(int(self._rng.integers(1, MOST_RESPONSES + 1)), int(one["active_users"] or 0))
            if count:
                one["nps"] = float(round(self._answers(float(levels[week]), count)))
                one["nps_responses"] = float(count)

    def _answers(self, level: float, count: int) -> float:
        """Draw answers of -100, 0 and 100 whose mean is expected at ``level`` (-1..1); return theirs."""
        level = min(1.0, max(-1.0, level))
        neutral = min(NEUTRAL_ANSWERS, 1 - abs(level))
        chances = [(1 - neutral - level) / 2, neutral, (1 - neutral + level) / 2]
        return float(self._rng.choice([-100.0, 0.0, 100.0], count, p=chances).mean())

    def _break(self, cells: list[Cells]) -> None:
        """Replace what tracking delivered wrongly."""
        for part in self._story.broken:
            for week in sorted(self._weeks_of((part.weeks,))):
                one = cells[week]
                for name, factor in part.times.items():
                    was = one[name]
                    one[name] = None if was is None else was * factor
                for name, value in part.put.items():
                    one[name] = value

    def _weeks_of(self, spans: Sequence[tuple[str, str]]) -> set[int]:
        """Return the weeks of some spans, those outside the story left out."""
        ends = [(resolve(first, self._anchors), resolve(last, self._anchors)) for first, last in spans]
        return {week for first, last in ends for week in range(max(0, first), min(self._weeks, last + 1))}

    def _events(self, company: str, csm: str, chatter: Sequence[str]) -> dict[int, str]:
        """Draw what colleagues noted: the story's notes, and chatter in other weeks."""
        told: dict[int, list[str]] = {}
        for week, variants in self._story.notes.items():
            for number in note_weeks(week, self._anchors, self._start, self._weeks):
                told.setdefault(number, []).append(variants[self._rng.integers(len(variants))])
        harmless = self._harmless(chatter)
        for number in range(self._weeks):
            idle = self._rng.uniform() < self._story.chatter
            if harmless and idle and number not in told:
                told[number] = [harmless[int(self._rng.integers(len(harmless)))]]
        return {
            number: " ".join(text.format_map(self._names(company, csm, number)) for text in texts)
            for number, texts in sorted(told.items())
        }

    def _harmless(self, chatter: Sequence[str]) -> list[str]:
        """Leave out chatter on people who are not there to the end: it would make nonsense of the story."""
        crm = self._story.crm
        gone = [
            placeholder
            for placeholder, today in (("{champion}", crm.champion_today), ("{sponsor}", crm.exec_sponsor_today))
            if today is not None
        ]
        return [line for line in chatter if not any(placeholder in line for placeholder in gone)]

    def _names(self, company: str, csm: str, week: int) -> Mapping[str, str]:
        """Return what stands for the placeholders of a week's note."""
        said = {"champion": self._champion, "sponsor": self._sponsor, "successor": self._successor}
        for role, name in said.items():
            if self._rng.uniform() < FIRST_NAME_ONLY:
                said[role] = name.split()[0]
        return {**said, "company": company, "csm": csm, "seats": str(int(self._seats_by_week[week]))}

    def _crm(self, company: str, csm: str) -> dict[str, str]:
        """Return the account's line as the CRM has it at the end."""
        seats = int(self._seats_by_week[-1])
        end = self._start + timedelta(weeks=self._weeks)
        price = float(np.exp(self._rng.uniform(*np.log(SEAT_PRICE))))
        live = self._start - timedelta(days=round(self._draw(self._story.live_days)))
        line = {
            "company": company,
            "industry": str(self._rng.choice(self._story.industries or INDUSTRIES)),
            "segment": next((name for below, name in SEGMENTS if seats < below), "enterprise"),
            "arr": str(max(500, round(seats * price, -2)).__trunc__()),
            "seats": str(seats),
            "renewal_date": (end + timedelta(days=round(self._draw(self._story.renewal_in)))).isoformat(),
            "csm": csm,
            "go_live_date": live.isoformat(),
            "champion": self._champion,
            "exec_sponsor": self._sponsor,
        }
        for key, chance in EMPTY_IN_CRM.items():
            line[key] = "" if self._rng.uniform() < chance else line[key]
        said = {"champion": self._champion, "sponsor": self._sponsor, "successor": self._successor}
        names = {**said, "company": company, "csm": csm, "seats": line["seats"]}
        for key, today in (
            ("champion", self._story.crm.champion_today),
            ("exec_sponsor", self._story.crm.exec_sponsor_today),
        ):
            line[key] = line[key] if today is None else today.format_map(names)
        return line


def printed(cells: Cells) -> list[str]:
    """Return a week's figures as the file writes them: whole numbers, the share with three digits, empty for none."""
    return ["" if cells[name] is None else _print(name, float(cells[name] or 0.0)) for name in COLUMNS]


def _print(name: str, value: float) -> str:
    """Write one figure."""
    return f"{value:.3f}" if name == "top_user_share" else str(round(value))
