"""What was raised on the accounts of a book, held against what is true of them. Judges whoever raises, in one way.

A risk counts where it was raised at least four weeks before the customer decided to leave; upside where it was raised
between six weeks before and ten weeks after an expert would have handed it to sales. A risk on an account that is well
is a false alarm, however short it was. Growth accounts are neither: risks on them are counted apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain
from statistics import median
from typing import Final, Literal, NamedTuple

from book_stories import Truth

IN_TIME: Final = timedelta(weeks=4)
TOO_EARLY: Final = timedelta(weeks=26)
"""A risk that is older than this when they decide has, in most stories, seen nothing of what made them decide."""
UPSIDE_FROM: Final = timedelta(weeks=-6)
UPSIDE_TO: Final = timedelta(weeks=10)
WELL: Final = ("decoy", "healthy")
DAYS_A_WEEK: Final = 7

AlarmKind = Literal["risk", "expansion", "data_check"]


class Alarm(NamedTuple):
    """Something raised on a day, and until when it stood; ``over`` None: to the end."""

    account: str
    on: date
    kind: AlarmKind
    matter: str
    says: str = ""
    over: date | None = None

    def stood(self, day: date) -> bool:
        """Tell whether it was raised and not over on a day."""
        return self.on <= day and (self.over is None or self.over > day)


@dataclass(frozen=True)
class Judged:
    """One account: what is true of it, and what was raised, each oldest first."""

    truth: Truth
    risks: tuple[Alarm, ...] = ()
    upsides: tuple[Alarm, ...] = ()
    checks: tuple[Alarm, ...] = ()

    @property
    def lead(self) -> timedelta | None:
        """Return how long before the decision the first risk was raised; None where none was until then."""
        decided = self.truth.decision_date
        if decided is None or not self.risks or self.risks[0].on > decided:
            return None
        return decided - self.risks[0].on

    @property
    def in_time(self) -> bool:
        """Tell whether a risk was raised early enough to do something about it."""
        return self.lead is not None and self.lead >= IN_TIME

    @property
    def standing(self) -> bool:
        """Tell whether a risk was open on the day four weeks before they decided: the stricter question."""
        decided = self.truth.decision_date
        return decided is not None and any(one.stood(decided - IN_TIME) for one in self.risks)

    @property
    def too_early(self) -> bool:
        """Tell whether the first risk is so old that it may have been luck."""
        return self.lead is not None and self.lead > TOO_EARLY

    @property
    def upside(self) -> Alarm | None:
        """Return the first upside that was raised when there was some."""
        qualified = self.truth.qualified_date
        if qualified is None:
            return None
        first, last = qualified + UPSIDE_FROM, qualified + UPSIDE_TO
        return next((one for one in self.upsides if first <= one.on <= last), None)


def judged(truths: Iterable[Truth], alarms: Iterable[Alarm]) -> tuple[Judged, ...]:
    """Put what was raised beside what is true, account by account."""
    raised: dict[tuple[str, AlarmKind], list[Alarm]] = {}
    for one in sorted(alarms, key=lambda one: (one.on, one.matter)):
        raised.setdefault((one.account, one.kind), []).append(one)

    def of(account: str, kind: AlarmKind) -> tuple[Alarm, ...]:
        return tuple(raised.get((account, kind), ()))

    return tuple(
        Judged(truth, *(of(truth.account_id, kind) for kind in ("risk", "expansion", "data_check"))) for truth in truths
    )


class Share(NamedTuple):
    """So many accounts, of so many."""

    some: int
    of: int

    @property
    def share(self) -> float:
        """Return it as 0 to 1; of none, none."""
        return self.some / self.of if self.of else 0.0

    def __str__(self) -> str:
        """Say it for a table."""
        return f"{self.share:.1%} ({self.some}/{self.of})" if self.of else "-"


def share(accounts: Iterable[Judged], holds: Callable[[Judged], bool]) -> Share:
    """Count the accounts of which something holds."""
    told = [holds(one) for one in accounts]
    return Share(sum(told), len(told))


@dataclass(frozen=True)
class Scores:
    """What one way of looking at a book came to."""

    in_time: Share
    standing: Share
    too_early: Share
    lead_weeks: float | None
    false_alarms: Share
    false_on: Mapping[str, Share]
    risks_on_growth: Share
    upside_found: Share
    upside_elsewhere: Mapping[str, Share]
    checks: Mapping[str, Mapping[str, int]]

    def told(self) -> dict[str, object]:
        """Return everything as plain values; shares as ``[some, of]``."""
        return {name: _plain(value) for name, value in vars(self).items()}


def scores(accounts: Sequence[Judged]) -> Scores:
    """Score all accounts of a book, or of several."""
    by_kind: dict[str, list[Judged]] = {kind: [] for kind in ("decline", "growth", *WELL)}
    for one in accounts:
        by_kind[one.truth.kind].append(one)
    declines = by_kind["decline"]
    return Scores(
        in_time=share(declines, lambda one: one.in_time),
        standing=share(declines, lambda one: one.standing),
        too_early=share(declines, lambda one: one.too_early),
        lead_weeks=lead_weeks(declines),
        false_alarms=share(chain.from_iterable(by_kind[kind] for kind in WELL), _alarmed),
        false_on={kind: share(by_kind[kind], _alarmed) for kind in WELL},
        risks_on_growth=share(by_kind["growth"], _alarmed),
        upside_found=share(by_kind["growth"], lambda one: one.upside is not None),
        upside_elsewhere={
            kind: share(by_kind[kind], lambda one: bool(one.upsides)) for kind in ("decline", *WELL)
        },
        checks={kind: dict(_matters(one.checks for one in of)) for kind, of in by_kind.items()},
    )  # fmt: skip


def lead_weeks(accounts: Iterable[Judged]) -> float | None:
    """Return the median lead, in weeks, of the declines on which a risk was raised before the decision."""
    leads = [one.lead.days / DAYS_A_WEEK for one in accounts if one.lead is not None]
    return median(leads) if leads else None


def by_story(accounts: Iterable[Judged]) -> dict[tuple[str, str], list[Judged]]:
    """Group accounts by the kind and name of their story, declines first."""
    order = ("decline", "growth", *WELL)
    found: dict[tuple[str, str], list[Judged]] = {}
    for one in sorted(accounts, key=lambda one: (order.index(one.truth.kind), one.truth.story)):
        found.setdefault((one.truth.kind, one.truth.story), []).append(one)
    return found


def matters(accounts: Iterable[Judged], most: int = 4) -> str:
    """Say what a story's risks and upsides were about, the commonest first; the first of each account counts."""
    first = (one.risks[:1] or one.upsides[:1] for one in accounts)
    return ", ".join(f"{name} {count}" for name, count in _matters(first).most_common(most))


def _alarmed(one: Judged) -> bool:
    """Tell whether any risk was raised."""
    return bool(one.risks)


def _matters(groups: Iterable[Iterable[Alarm]]) -> Counter[str]:
    """Count accounts by what was raised on them."""
    return Counter(chain.from_iterable(sorted({one.matter for one in group}) for group in groups))


def _plain(value: object) -> object:
    """Bring a value into JSON's forms."""
    if isinstance(value, Share):
        return list(value)
    return {key: _plain(one) for key, one in value.items()} if isinstance(value, Mapping) else value
