"""Accounts as motions look at them, made by hand, and a look that finds what it is told to find."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from fleet_runtime.books import AccountBook, Outcome
from fleet_runtime.contracts import Boundary, MandateItem, Motion, Role, Staff
from fleet_runtime.health import Assessment, Case, Check, case_of, end_of
from fleet_runtime.motions import Look, Wanted, Written, after, perform, read_motions
from fleet_runtime.records import AccountKey, AccountState, Commitment, Event, Fact
from fleet_runtime.records.book import AccountDetails, Concern, Health, Notice, Severity, Signals, Week, WorkProduct

KEY = AccountKey(tenant="default", account="acme")
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def motion(bullet: str) -> Motion:
    """Read one motion that must be sound."""
    motions, complaints = read_motions(f"- {bullet}", file="role.md")
    assert complaints == ()
    return motions[0]


def role(role_class: str = "customer-success-manager", domain: str = "customer", **more: str) -> Role:
    """Make a role."""
    return Role(
        role_class=role_class,
        title=role_class.replace("-", " ").title(),
        domain=domain,
        persistent_persona=True,
        mandate=(MandateItem(title="Keep it", text=""),),
        boundaries=(Boundary(text="Does NOT sell", refuses="sell"),),
        **more,
    )


CSM = role()
CLOSER = role("account-executive", "sales")
COUNSEL = role("legal-counsel", "operations")
STAFF = Staff(
    roles=(CSM, CLOSER, COUNSEL),
    lead="customer-success-manager",
    domains={one.role_class: one.domain or "" for one in (CSM, CLOSER, COUNSEL)} | {"sales-lead": "sales"},
)


def noon(day: date) -> datetime:
    """Return noon of a day."""
    return datetime.combine(day, time(12), tzinfo=UTC)


def fact(key: str, value: str, known: datetime = LONG_AGO, until: datetime | None = None) -> Fact:
    """Make a fact that held from when it was known on."""
    return Fact(
        id=f"{key}:{known:%Y%m%d}", key=key, value=value, event_id="e", author="Ann", at=known, valid_from=known,
        known_from=known, known_to=until, valid_to=None,
    )  # fmt: skip


def details(renewal: date | None, known: datetime = LONG_AGO) -> AccountDetails:
    """Make a row of the CRM."""
    return AccountDetails(
        company="Acme", industry="retail", arr=Decimal(1000), renewal_date=renewal, source="crm.csv:2", known_from=known
    )


def renewals(*dates: tuple[date, datetime]) -> tuple[AccountDetails, ...]:
    """Make the rows of a renewal date that was told, and moved."""
    return tuple(details(day, known) for day, known in dates)


def case(  # noqa: PLR0913 - the rows of an account
    *,
    rows: Sequence[AccountDetails] = (),
    facts: Sequence[Fact] = (),
    contacts: Sequence[datetime] = (),
    weeks: Sequence[Week] = (),
    commitments: Sequence[Commitment] = (),
    book: AccountBook | None = None,
) -> Case:
    """Make an account."""
    events = tuple(
        Event(id=f"c{number}", at=at, kind="call", author="Kim", text="talked") for number, at in enumerate(contacts)
    )
    state = AccountState(key=KEY, version=1, events=events, facts=tuple(facts), commitments=tuple(commitments))
    signals = Signals(details=tuple(rows), weeks=tuple(weeks))
    return case_of((book or AccountBook(KEY, 1))._replace(signals=signals), state, ())


def concern(matter: str = "champion", severity: Severity = "medium", kind: str = "risk") -> Concern:
    """Make something that a review finds."""
    given = {"kind": kind, "matter": matter, "severity": severity, "title": matter.title(), "reasons": ("So it is.",)}
    return Concern.model_validate(given)


Found = Callable[[datetime], Sequence[Concern]]


class Looking:
    """An account over time: what reviews find is told, what motions write is kept as the book would keep it."""

    def __init__(self, of: Case, found: Found = lambda _at: (), *, score: int | None = 70) -> None:
        """Begin with nothing on record."""
        self.case = of
        self.book = of.book
        self.found = found
        self.score = score
        self.wanted: list[Wanted] = []
        self.todo: tuple[Check, ...] = ()

    def look(self, at: datetime) -> Look:
        """Look at the account as of a moment."""

        def assess(moment: datetime) -> Assessment:
            health = Health(on=moment.date(), score=self.score, trend="steady", slope=0.0, confidence=0.9)
            return Assessment(health, tuple(self.found(moment)))

        def compose(wanted: Wanted) -> Written:
            self.wanted.append(wanted)
            return Written(f"{wanted.kind} for {wanted.to}", "Text.", ("crm.csv:2",))

        return Look(at, at, self.book, assess, lambda _at: self.todo, compose, STAFF)

    def do(self, one: Motion, due: date, at: datetime | None = None) -> Outcome | None:
        """Carry a motion out, and keep what it brings."""
        outcome = perform(CSM, one, due, self.case, self.look(at or end_of(due)))
        if outcome is not None:
            self.book = after(self.book, outcome)
            self.case.book = self.book
        return outcome

    @property
    def notices(self) -> tuple[Notice, ...]:
        """Return the notices on record."""
        return self.book.notices

    @property
    def products(self) -> tuple[WorkProduct, ...]:
        """Return the work products on record."""
        return self.book.products

    def became(self, product_id: str, **changed: object) -> None:
        """Note what became of a work product."""
        self.book = self.book._replace(
            products=tuple(
                one.model_copy(update=dict(changed)) if one.id == product_id else one for one in self.products
            )
        )
        self.case.book = self.book


def from_day(first: date, last: date, found: Sequence[Concern]) -> Found:
    """Find the same things from a day to another."""
    return lambda at: found if first <= at.date() <= last else ()


def weekly(first: date, count: int, values: Mapping[str, float], themes: Mapping[int, str] = {}) -> tuple[Week, ...]:
    """Make weeks that all say the same; ``themes`` by number stand in a note."""
    starts = [first + timedelta(days=7 * number) for number in range(count)]
    return tuple(
        Week(
            start=start, values=dict(values), note="A note." if number in themes else "",
            themes=(themes[number],) if number in themes else (), source=f"weekly.csv:{number + 2}",
            known_from=datetime.combine(start + timedelta(days=7), time.min, tzinfo=UTC),
        )
        for number, start in enumerate(starts)
    )  # fmt: skip
