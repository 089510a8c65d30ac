"""Joins signs into what is raised: a risk with its reasons, upside worth handing on, promises that fall due. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Final, NamedTuple

from fleet_runtime.health.case import KeptStrengths
from fleet_runtime.health.noted import signs_of_notes
from fleet_runtime.health.outlook import Outlook, counted, sentence
from fleet_runtime.health.signs import Sign, either, ramp, signs_of_use
from fleet_runtime.health.upside import signs_of_upside
from fleet_runtime.records import Commitment
from fleet_runtime.records.book import Concern, Evidence

_MOST_REASONS: Final = 4
_LEAST_TOLD: Final = 0.1
_SOON_DAYS: Final = 7
_LONG_AGO_DAYS: Final = 180
_NEAR_DAYS: Final = 120
_TITLES: Final = {
    "usage_decline": "Fewer people use it",
    "usage_stop": "Use has stopped",
    "depth_decline": "They use less of what they came for",
    "login_decline": "They come less often",
    "concentration": "Use hangs on one person",
    "low_adoption": "It never got going",
    "support_load": "Trouble piles up",
    "nps_fall": "They are less content than they were",
    "going_quiet": "They stopped asking",
    "champion": "The champion is going",
    "sponsor": "The sponsor is lost",
    "competitor": "They look at an alternative",
    "price_pressure": "The price is in question",
    "cancel_talk": "They speak of leaving",
    "dissatisfied": "They are unhappy",
    "adoption_trouble": "Their people do not take to it",
    "silence": "They do not answer",
    "reorg": "Their company is being rebuilt",
    "product_gap": "They miss something",
    "unpaid": "Invoices are not paid",
}


class Weighed(NamedTuple):
    """Signs with what each weighs, the weightiest first, and what they come to together (0 to 1)."""

    signs: Sequence[tuple[float, Sign]]
    together: float

    def plain(self) -> Weighed:
        """Return it without evidence: what is kept holds on to nothing that was looked at."""
        return Weighed(tuple((weight, sign._replace(evidence=())) for weight, sign in self.signs), self.together)


def weigh_risk(view: Outlook) -> Weighed:
    """Weigh what speaks for a risk."""
    by_matter: dict[str, Sign] = {}
    for sign in (*_held(view), *signs_of_notes(view), *_unpaid(view)):
        known = by_matter.get(sign.matter)
        by_matter[sign.matter] = sign if known is None else _joined(known, sign)
    return _weighed((view.rules.matter(sign.matter).weight * sign.strength, sign) for sign in by_matter.values())


def _held(view: Outlook) -> Iterator[Sign]:
    """Yield what the figures say, as far as they said it a week ago too: one week alone is chance, or a holiday."""
    if view.last < 0:
        return
    now = list(signs_of_use(view))
    before: Mapping[str, float] = _strengths_before(view) if now else {}
    view.case.kept_strengths = KeptStrengths(view.at, view.last, _judged_by(view), _strengths(now))
    held = (sign._replace(strength=min(sign.strength, before.get(sign.matter, 0.0))) for sign in now)
    yield from (sign for sign in held if sign.strength > 0)


def _strengths_before(view: Outlook) -> Mapping[str, float]:
    """Return how strongly each matter spoke a week ago; a week that was just reviewed is not looked at again."""
    earlier, kept = view.week_before, view.case.kept_strengths
    if view.case.is_plain and kept is not None and kept.are_of(earlier.at, earlier.last, _judged_by(earlier)):
        return kept.by_matter
    return _strengths(signs_of_use(earlier))


def _judged_by(view: Outlook) -> tuple[object, ...]:
    """Return what a review rests on besides the moment."""
    return view.courses, view.seasons, view.rules


def _strengths(signs: Iterable[Sign]) -> dict[str, float]:
    """Return how strongly each matter speaks."""
    found: dict[str, float] = {}
    for sign in signs:
        found[sign.matter] = max(sign.strength, found.get(sign.matter, 0.0))
    return found


def weigh_upside(view: Outlook) -> Weighed:
    """Weigh what speaks for upside."""
    return _weighed((sign.strength, sign) for sign in signs_of_upside(view))


def _weighed(signs: Iterable[tuple[float, Sign]]) -> Weighed:
    """Sort signs by weight, and join them."""
    found = sorted((one for one in signs if one[0] > 0), key=lambda one: (-one[0], one[1].matter))
    return Weighed(found, either(*(weight for weight, _ in found)) if found else 0.0)


def _joined(one: Sign, other: Sign) -> Sign:
    """Join two signs of one matter; the stronger speaks first."""
    first, second = sorted((one, other), key=lambda sign: -sign.strength)
    strength = either(first.strength, 0.6 * second.strength)
    return Sign(first.matter, strength, f"{first.says}; {second.says}", (*first.evidence, *second.evidence))


def risk(view: Outlook, weighed: Weighed) -> Concern | None:
    """Return the risk that is to be raised, or None."""
    bars = view.rules.bars
    if not weighed.signs or weighed.together < bars.raise_:
        return None
    main = weighed.signs[0][1].matter
    told = [sign for weight, sign in weighed.signs if weight >= _LEAST_TOLD][:_MOST_REASONS]
    reasons, evidence = [sentence(sign.says) for sign in told], [cite() for sign in told for cite in sign.evidence]
    renewal = view.case.renewal(view.at)
    days = (renewal.on - view.at.date()).days if renewal is not None else 0
    if renewal is not None and 0 <= days <= _NEAR_DAYS:
        reasons.append(f"The contract renews in {counted(days, 'day')}, on {renewal.on}.")
        evidence.append(renewal.evidence)
    return Concern(
        kind="risk",
        matter=main,
        severity="high" if weighed.together >= bars.high else "medium",
        title=_TITLES.get(main, main),
        reasons=tuple(reasons),
        evidence=tuple(dict.fromkeys(evidence)),
        play=view.rules.matter(main).play,
    )


def upside(view: Outlook, weighed: Weighed, alarm: float) -> Concern | None:
    """Return the upside that is to be handed to sales, or None."""
    bars = view.rules.bars
    if not weighed.signs or weighed.together < bars.expand or alarm >= bars.calm:
        return None
    told = [sign for weight, sign in weighed.signs if weight >= _LEAST_TOLD][:_MOST_REASONS]
    return Concern(
        kind="expansion",
        matter="expansion",
        severity="high" if weighed.together >= bars.high else "medium",
        title="Room for more",
        reasons=tuple(sentence(sign.says) for sign in told),
        evidence=tuple(dict.fromkeys(cite() for sign in told for cite in sign.evidence)),
        play="Hand it to sales with who asked, why, and what it is for; name no price.",
    )


def promises(view: Outlook) -> Iterator[Concern]:
    """Yield promises that are overdue or fall due within the week."""
    today = view.at.date()
    for one in view.case.commitments(view.at):
        due = day_of(one.due)
        if due is None or not -_LONG_AGO_DAYS <= (due - today).days <= _SOON_DAYS:
            continue
        yield _promise(one, (today - due).days, due)


def _promise(one: Commitment, late: int, due: date) -> Concern:
    """Say that a promise is, or will be, due."""
    who = one.owner or "somebody"
    when = f"was due on {due}, {counted(late, 'day')} ago" if late > 0 else f"is due on {due}"
    return Concern(
        kind="commitment",
        matter=f"commitment-{one.id}" + ("-late" if late > 0 else ""),
        severity="medium" if late > 0 else "low",
        title="A promise is overdue" if late > 0 else "A promise falls due",
        reasons=(sentence(f'{who} promised "{one.task}"{f" to {one.to}" if one.to else ""}; it {when}'),),
        evidence=(Evidence(text=one.task, source=f"event {one.event_id}"),),
        play="Keep it or say a new day before they ask.",
    )


def _unpaid(view: Outlook) -> Iterator[Sign]:
    """Yield invoices that are long overdue."""
    today = view.at.date()
    late = [one for one in view.case.invoices(view.at) if one.paid is None and (today - one.due).days > 0]
    if late:
        worst = max((today - one.due).days for one in late)
        cited = tuple(
            partial(
                Evidence,
                text=f"invoice {one.number}, due {one.due}, not paid",
                source=one.source or f"invoice {one.number}",
            )
            for one in late
        )
        says = f"{counted(len(late), 'invoice')} not paid, the oldest {counted(worst, 'day')} late"
        yield Sign("unpaid", ramp(worst, 14, 60), says, cited)
    if view.last >= 0 and view.weeks.value("invoices_overdue", view.last) > 0:
        weeks = sum(value > 0 for value in view.latest("invoices_overdue", 8))
        says = f"invoices have been overdue for {counted(weeks, 'week')}"
        yield Sign("unpaid", ramp(weeks, 2, 8), says, (view.figures("invoices overdue", "invoices_overdue"),))


def day_of(text: str) -> date | None:
    """Read a due date; None where there is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
