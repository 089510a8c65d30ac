"""Accounts whose health is judged in tests: rows made by rule, week by week, without chance. Judges nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from fleet_runtime.books import AccountBook
from fleet_runtime.health import (
    NO_SEASONS,
    Assessment,
    Case,
    HealthWeek,
    Rules,
    Seasons,
    assess,
    case_of,
    load_rules,
)
from fleet_runtime.health.outlook import Outlook
from fleet_runtime.health.signs import Sign, signs_of_use
from fleet_runtime.records import AccountKey, AccountState, Commitment, Event, Fact
from fleet_runtime.records.book import AccountDetails, Concern, Health, Invoice, Signals, Week, WorkProduct

KEY = AccountKey(tenant="default", account="acme")
SHIPPED = Path(__file__).parents[2] / "prompts" / "health.yaml"
_SHIPPED_TEXT = SHIPPED.read_text(encoding="utf-8")
START = date(2026, 1, 12)
"""A Monday; the 23 weeks from here on lie outside of every season of the shipped rules but the schools'."""
COUNT = 23
_WOBBLE = (0.0, 0.02, -0.01, 0.01, -0.02, 0.015, -0.005)

Column = Sequence[float | None]
Notes = Mapping[int, tuple[str, tuple[str, ...]]]


@cache
def rules(*more: str) -> Rules:
    """Return the shipped rules, with further layers laid over them."""
    layers = [("prompts/health.yaml", _SHIPPED_TEXT)]
    return load_rules([*layers, *((f"layer-{number}.yaml", text) for number, text in enumerate(more, start=1))])


def start_of(index: int, first: date = START) -> date:
    """Return the first day of a week by its number."""
    return first + timedelta(weeks=index)


def midnight(day: date) -> datetime:
    """Return the first moment of a day."""
    return datetime.combine(day, time(), tzinfo=UTC)


def known_from(index: int, first: date = START) -> datetime:
    """Return the moment from which a week is known: that of its end."""
    return midnight(start_of(index + 1, first))


NOW = known_from(COUNT - 1) + timedelta(hours=9)
"""A morning on which all weeks from START on are known."""


def steady(count: int = COUNT, *, size: float = 100, use: float = 0.6) -> dict[str, list[float | None]]:
    """Return the columns of an account that goes on as it did, of so many seats."""
    users = [size * use * (1 + _WOBBLE[index % len(_WOBBLE)]) for index in range(count)]
    return {
        "active_users": [float(round(one)) for one in users],
        "logins": [float(round(4 * one)) for one in users],
        "key_feature_uses": [float(round(9 * one)) for one in users],
        "top_user_share": [0.12 + _WOBBLE[(index + 3) % len(_WOBBLE)] / 4 for index in range(count)],
        "tickets_opened": [float(2 + index % 3) for index in range(count)],
        "p1_open": [0.0] * count,
        "nps": [40.0 + index % 3 if index % 4 == 0 else None for index in range(count)],
        "nps_responses": [8.0 if index % 4 == 0 else 0.0 for index in range(count)],
    }


def bent(columns: Mapping[str, Column], factors: Mapping[int, float], *names: str) -> dict[str, list[float | None]]:
    """Return columns of which some are multiplied from a week on: by the factor of the last week that has one.

    Without names all that comes with use is: active users, logins and key feature uses.
    """
    chosen = names or ("active_users", "logins", "key_feature_uses")
    found: dict[str, list[float | None]] = {name: list(values) for name, values in columns.items()}
    for name in chosen:
        factor = 1.0
        for index, value in enumerate(found[name]):
            factor = factors.get(index, factor)
            if value is not None:
                found[name][index] = float(round(value * factor)) if value > 1 else value * factor
    return found


def falling(first: int, share: float, over: int = 5) -> dict[int, float]:
    """Return factors of a fall that begins in a week, and has come to a share after so many weeks."""
    return {first + step: 1 - (1 - share) * (step + 1) / over for step in range(over)}


def weeks(
    columns: Mapping[str, Column],
    notes: Notes | None = None,
    *,
    first: date = START,
    without: Iterable[int] = (),
) -> tuple[Week, ...]:
    """Return rows; None is a cell that was not measured, ``without`` weeks that have no row."""
    found: list[Week] = []
    told, left_out = notes or {}, set(without)
    for index in range(max(map(len, columns.values()), default=0)):
        if index in left_out:
            continue
        cells = {name: values[index] for name, values in columns.items() if index < len(values)}
        note, themes = told.get(index, ("", ()))
        found.append(
            Week(
                start=start_of(index, first),
                values={name: value for name, value in cells.items() if value is not None},
                note=note,
                themes=themes,
                event_id=f"note-{index}" if note else "",
                source=f"weekly.csv:{index + 2}",
                known_from=known_from(index, first),
            )
        )
    return tuple(found)


def crm(known: datetime | None = None, **given: Any) -> AccountDetails:
    """Return the CRM's row: a hundred seats, a renewal far away, a champion and a sponsor."""
    values: dict[str, Any] = {
        "company": "Acme",
        "industry": "retail",
        "arr": Decimal(50_000),
        "currency": "EUR",
        "seats": 100,
        "renewal_date": date(2027, 6, 1),
        "go_live_date": date(2023, 2, 1),
        "champion": "Maria Ortiz",
        "exec_sponsor": "Ken Adeyemi",
        "source": "accounts.csv:2",
        "known_from": known or midnight(START),
    }
    return AccountDetails(**(values | given))


def fact(key: str, value: str | None, known: datetime | None = None, **given: Any) -> Fact:
    """Return a fact that holds since it was known."""
    since = known or midnight(START)
    values: dict[str, Any] = {
        "id": f"f-{key}-{since:%Y%m%d}",
        "key": key,
        "value": value,
        "event_id": "e1",
        "author": "Ann",
        "at": since,
        "valid_from": since,
        "known_from": since,
    }
    return Fact(**(values | given))


def event(name: str, at: datetime, kind: str = "call") -> Event:
    """Return something that happened."""
    return Event(id=name, at=at, kind=kind, author="Kim", text="We spoke.")


def promise(name: str, due: str, at: datetime | None = None, **given: Any) -> Commitment:
    """Return a promise."""
    values: dict[str, Any] = {
        "id": name,
        "task": "send the roadmap",
        "owner": "Dana",
        "to": "Maria",
        "due": due,
        "event_id": f"said-{name}",
        "at": at or midnight(START),
    }
    return Commitment(**(values | given))


def invoice(number: str, due: date, known: datetime | None = None, paid: date | None = None) -> Invoice:
    """Return an invoice of thirty days."""
    issued = due - timedelta(days=30)
    return Invoice(
        number=number,
        issued=issued,
        due=due,
        paid=paid,
        amount=Decimal(100),
        source=f"invoices.csv:{number}",
        known_from=known or midnight(issued),
    )


def account(  # noqa: PLR0913 - the kinds of rows that an account has
    rows: Iterable[Week] = (),
    details: Iterable[AccountDetails] | None = None,
    *,
    facts: Iterable[Fact] = (),
    events: Iterable[Event] = (),
    commitments: Iterable[Commitment] = (),
    invoices: Iterable[Invoice] = (),
    products: Iterable[WorkProduct] = (),
) -> Case:
    """Return a case of rows; without details given it has the CRM's row of `crm`."""
    signals = Signals(
        details=tuple((crm(),) if details is None else details), weeks=tuple(rows), invoices=tuple(invoices)
    )
    state = AccountState(key=KEY, version=1, events=tuple(events), facts=tuple(facts), commitments=tuple(commitments))
    return case_of(AccountBook(KEY, 1, signals, products=tuple(products)), state, ())


def review(case: Case, at: datetime = NOW, seasons: Seasons = NO_SEASONS, by: Rules | None = None) -> Assessment:
    """Review an account, by the shipped rules unless others are given."""
    return assess(case, at, seasons, by or rules())


def health(case: Case, at: datetime = NOW) -> Health:
    """Return how an account fares."""
    return review(case, at).health


def in_figures(found: Health) -> HealthWeek:
    """Return what a week's history keeps of the health on its day."""
    return HealthWeek(found.on, found.score, {one.name: one.score for one in found.measures})


def raised(case: Case, kind: str, at: datetime = NOW) -> Concern | None:
    """Return what of a kind is raised first, or None."""
    return next((one for one in review(case, at).concerns if one.kind == kind), None)


def matters(case: Case, kind: str = "data_check", at: datetime = NOW) -> set[str]:
    """Return the matters of a kind that are raised."""
    return {one.matter for one in review(case, at).concerns if one.kind == kind}


def side(case: Case, name: str, at: datetime = NOW) -> float | None:
    """Return the score of one side."""
    return next(one.score for one in health(case, at).measures if one.name == name)


def signs(case: Case, at: datetime = NOW, by: Rules | None = None) -> dict[str, Sign]:
    """Return what the figures say, by matter; of two of one matter the stronger."""
    view = Outlook(case, at, NO_SEASONS, by or rules(), case.weeks(at))
    return {sign.matter: sign for sign in sorted(signs_of_use(view), key=lambda sign: sign.strength)}


def as_bytes(found: Assessment) -> bytes:
    """Write all that a review found, so that two can be told apart byte for byte."""
    parts = [found.health.model_dump_json(), repr(found.alarm), *(one.model_dump_json() for one in found.concerns)]
    return "\n".join(parts).encode()


def texts(found: Assessment) -> list[str]:
    """Return everything in a review that people read."""
    read = [line for one in found.concerns for line in (one.title, *one.reasons, one.play)]
    read += [item.text for one in found.concerns for item in one.evidence]
    for one in (*found.health.measures, *found.health.reasons):
        read += [one.says, *(item.text for item in one.evidence)]
    return read


def sources(found: Assessment) -> list[str]:
    """Return every source that a review cites."""
    cited = [item.source for one in found.concerns for item in one.evidence]
    return cited + [item.source for one in found.health.measures for item in one.evidence]
