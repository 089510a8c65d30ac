"""Accounts as a review finds them: one with much on record, one with nothing, one whose people write markup."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import sin

from health_accounts import in_figures

from fleet_runtime.books import AccountBook
from fleet_runtime.contracts import MemoryKey
from fleet_runtime.health import Assessment, Check, case_of, end_of
from fleet_runtime.products import Material
from fleet_runtime.records import AccountKey, AccountState, Commitment, Event, Fact
from fleet_runtime.records.book import (
    AccountDetails,
    Concern,
    Evidence,
    Health,
    Measure,
    Notice,
    Signals,
    Week,
)

DAY = date(2027, 8, 1)
AT = end_of(DAY)
FIRST = date(2026, 12, 14)
WEEKS = 32
GAPS = frozenset({18, 19})
KEYS = (
    MemoryKey(name="renewal_date", kind="date", sentence="The contract renews on {value}."),
    MemoryKey(name="seats", kind="count", sentence="{value} seats are on the contract."),
    MemoryKey(name="champion", kind="person", sentence="The champion is {value}."),
    MemoryKey(name="exec_sponsor", kind="person", sentence="The executive sponsor is {value}."),
    MemoryKey(name="primary_goal", sentence="The goal: {value}."),
    MemoryKey(name="open_issue", sentence='An open issue: "{value}".'),
)
KEY = AccountKey(tenant="t", account="northwind")


def moment(iso: str) -> datetime:
    """Return a moment of UTC."""
    return datetime.fromisoformat(iso).replace(tzinfo=UTC)


def fact(  # noqa: PLR0913, PLR0917 - the columns of a row
    name: str, key: str, value: str, at: str, author: str, quote: str = ""
) -> Fact:
    """Make a fact that holds from then on."""
    when = moment(at)
    return Fact(
        id=name,
        key=key,
        value=value,
        event_id="e2",
        author=author,
        at=when,
        quote=quote,
        valid_from=when,
        known_from=when,
    )


def week(index: int) -> Week:
    """Make a week of use that grows, turns and falls."""
    start = FIRST + timedelta(weeks=index)
    users = round(150 + 4 * min(index, 16) - 9 * max(0, index - 20) + 4 * sin(index))
    values = {
        "active_users": float(users),
        "logins": float(users * 4 + index),
        "key_feature_uses": float(round(users * (6 - 0.12 * index))),
        "top_user_share": round(0.08 + 0.004 * index, 3),
        "tickets_opened": float((index * 7) % 5 + (3 if index > 25 else 0)),
        "p1_open": 1.0 if index > 29 else 0.0,
        "uses_reports": float(users * 2),
    }
    if index % 9 == 4:
        values |= {"nps": 42.0 - index, "nps_responses": 11.0}
    note = "Dana says that two teams are moving to another office until September." if index == 28 else ""
    return Week(
        start=start,
        values=values,
        note=note,
        event_id="e9" if note else "",
        source=f"weekly.csv:{index + 2}",
        known_from=end_of(start + timedelta(days=6)),
    )


def health(on: date, score: int | None, slope: float = -4.0) -> Health:
    """Make a health with seven sides, one of them without data."""
    if score is None:
        return Health(on=on, score=None, trend="unknown", slope=0.0, confidence=0.1)
    evidence = (Evidence(text=f"active users {score}", source=f"weekly.csv:{on.toordinal() % 40}"),)
    sides = {"adoption": 6, "breadth": -4, "engagement": -12, "support": 2, "relationship": 14, "commercial": 9}
    measures = tuple(
        Measure(
            name=name,
            score=float(max(0, min(100, score + more))),
            weight=1.0,
            slope=slope,
            confidence=0.8,
            says=f"{name} is at {score + more}, as the weeks before it say",
            evidence=evidence,
        )
        for name, more in sides.items()
    )
    blank = Measure(name="sentiment", score=None, weight=1.0)
    return Health(
        on=on,
        score=score,
        trend="down",
        slope=slope,
        confidence=0.72,
        measures=(*measures, blank),
        reasons=measures[:3],
    )


USAGE = Concern(
    kind="risk",
    matter="usage_decline",
    severity="high",
    title="Use falls",
    reasons=(
        "active users fell by 33% against the account's own level of the months before",
        "the use of key features got shallower",
    ),
    evidence=(
        Evidence(text="active users in the last four weeks: 140, 133, 121, 112; 205 before", source="weekly.csv:33"),
        Evidence(text="uses of key features per active user: 2.5, 2.4, 2.3, 2.2; 4.1 before", source="weekly.csv:32"),
    ),
    play="Ask the champion what changed, name the teams that fell away, and agree on one thing that brings them back.",
)
UPSIDE = Concern(
    kind="expansion",
    matter="wants_more",
    severity="medium",
    title="A second location wants to start",
    reasons=("Dana asked what it takes to bring the warehouse in Porto on board",),
    evidence=(Evidence(text="Could the warehouse in Porto join us in autumn?", source="event e3"),),
    play="Have sales speak with Dana and the warehouse's lead before the autumn planning.",
)
NOTICE = Notice(
    id="n1", on=date(2027, 7, 5), concern=USAGE, motion="weekly review", role="csm", raised_at=moment("2027-07-05")
)
CHECKS = (
    Check(
        name="sponsor known",
        state="ok",
        says="Ruth Okafor is on record as sponsor",
        evidence=(Evidence(text="exec_sponsor: Ruth Okafor", source="accounts.csv:2"),),
    ),
    Check(
        name="open issues",
        state="open",
        says="One urgent ticket is open",
        evidence=(Evidence(text="p1_open: 1", source="weekly.csv:33"),),
    ),
    Check(name="paperwork", state="unknown", says="Nothing on record tells who signs"),
    Check(
        name="price questions",
        state="open",
        says="A question of price has not been handed to sales",
        evidence=(Evidence(text="What would 30 more seats cost?", source="event e3"),),
    ),
)
COMMITMENTS = (
    Commitment(
        id="c1",
        task="send the training plan for the two teams in Porto",
        owner="Mia Lindqvist",
        to="Dana Whitfield",
        due="2027-07-20",
        event_id="e2",
        at=moment("2027-06-30"),
    ),
    Commitment(
        id="c2",
        task="name a second admin",
        owner="Dana Whitfield",
        due="2027-08-15",
        event_id="e2",
        at=moment("2027-07-02"),
    ),
    Commitment(
        id="c3",
        task="bring the SSO fix to the review",
        owner="Mia Lindqvist",
        to="Dana Whitfield",
        due="2027-05-01",
        state="done",
        event_id="e1",
        at=moment("2027-04-02"),
        closed_at=moment("2027-04-28"),
        closed_by="e2",
    ),
)
STATE = AccountState(
    key=KEY,
    events=(
        Event(id="e1", at=moment("2027-04-02"), kind="meeting", author="Mia Lindqvist", text="Review with Dana."),
        Event(id="e2", at=moment("2027-06-30"), kind="message", author="Dana Whitfield", text="Half the time, please."),
        Event(
            id="e3",
            at=moment("2027-07-12"),
            kind="message",
            author="Dana Whitfield",
            text="Could the warehouse in Porto join us in autumn? What would 30 more seats cost?",
        ),
    ),
    facts=(
        fact("f1", "champion", "Dana Whitfield", "2027-01-12", "Mia Lindqvist"),
        fact(
            "f2",
            "primary_goal",
            "half the time spent on month-end reporting",
            "2027-01-12",
            "Dana Whitfield",
            "We want half the time spent on month-end reporting",
        ),
        fact("f3", "renewal_date", "2027-11-30", "2027-01-12", "Mia Lindqvist"),
        fact("f4", "open_issue", "the export to the data warehouse stops at night", "2027-07-12", "Dana Whitfield"),
        fact("f5", "seats", "240", "2027-05-20", "Dana Whitfield", "we are 240 by now"),
    ),
    commitments=COMMITMENTS,
)
DETAILS = AccountDetails(
    company="Northwind Traders",
    industry="logistics",
    segment="mid-market",
    arr=Decimal(48000),
    currency="EUR",
    seats=220,
    renewal_date=date(2027, 11, 30),
    csm="Mia Lindqvist",
    go_live_date=date(2026, 12, 1),
    champion="Dana Whitfield",
    exec_sponsor="Ruth Okafor",
    source="accounts.csv:2",
    known_from=moment("2027-01-04"),
)
SIGNALS = Signals(details=(DETAILS,), weeks=tuple(week(index) for index in range(WEEKS) if index not in GAPS))


def rich(concern: Concern | None = None) -> Material:
    """Return an account with much on record."""
    days = [DAY - timedelta(weeks=back) for back in range(25, -1, -1)]
    scores = [None if index in {7, 8} else 88 - max(0, index - 10) * 2 for index in range(26)]
    return Material(
        account="northwind",
        role_title="Customer Success Manager",
        company="Northwind Traders",
        at=AT,
        case=case_of(AccountBook(key=KEY, signals=SIGNALS, notices=(NOTICE,)), STATE, KEYS),
        assessment=Assessment(health(DAY, 58), (USAGE, UPSIDE)),
        history=tuple(in_figures(health(day, score)) for day, score in zip(days, scores, strict=True)),
        checks=CHECKS,
        notices=(NOTICE,),
        commitments=COMMITMENTS[:2],
        concern=concern,
        author="Mia Lindqvist",
    )


def empty() -> Material:
    """Return an account of which nothing is on record."""
    key = AccountKey(tenant="t", account="blank")
    return Material(
        account="blank",
        role_title="Customer Success Manager",
        company="",
        at=AT,
        case=case_of(AccountBook(key=key), AccountState(key=key), KEYS),
        assessment=Assessment(health(DAY, None), ()),
    )


HOSTILE = (
    "**x** [^1] [1] | a | b",
    "<script>alert(1)</script>",
    "# heading\n\n## another\n- item",
    "{{ 7*7 }} {% for x in y %}",
    "![p](chart:active_users) [l](javascript:alert(1))",
    "`code` ~~~\n```\nfence\n```",
    "a\\|b &lt;i&gt; \u202egnirts \x00 end",
    "1. one\n2) two",
    "--- \n=== \n+++ ",
    "\u4f1a\u793e \u00c5ngstr\u00f6m \u0391\u03b8\u03ae\u03bd\u03b1 \u041a\u0438\u0457\u0432 \U0001f600",
)


def hostile(pick: Callable[[int], str] = lambda number: HOSTILE[number % len(HOSTILE)]) -> Material:
    """Return an account in which every text is one that wants to be more than text."""
    count = iter(range(10_000))

    def text() -> str:
        return pick(next(count))

    def evidence() -> tuple[Evidence, ...]:
        return (Evidence(text=text(), source=text()),)

    def concern(kind: str) -> Concern:
        return Concern(
            kind="risk" if kind == "risk" else "expansion",
            matter=text(),
            severity="high",
            title=text(),
            reasons=(text(), text()),
            evidence=(Evidence(text=text(), source="event e1"), *evidence()),
            play=text(),
        )

    key = AccountKey(tenant="t", account="hostile")
    when = moment("2027-07-01")
    state = AccountState(
        key=key,
        events=tuple(Event(id=f"e{n}", at=when, kind="message", author=text(), text=text()) for n in (1, 2)),
        facts=tuple(
            fact(f"f{number}", name, text(), "2027-06-01", text(), text())
            for number, name in enumerate(("champion", "exec_sponsor", "primary_goal", "open_issue", "competitor"))
        ),
        commitments=tuple(
            Commitment(
                id=f"c{number}{text()}", task=text(), owner=text(), to=text(), due=text(), event_id="e1", at=when
            )
            for number in range(4)
        ),
    )
    details = AccountDetails(
        company=text(), csm=text(), champion=text(), exec_sponsor=text(), source=text(), currency=text(),
        arr=Decimal(1), seats=5, renewal_date=DAY + timedelta(days=40), known_from=when,
    )  # fmt: skip
    weeks: Sequence[Week] = [
        Week(start=DAY - timedelta(days=6 + 7 * back), values={"active_users": 3.0, "uses_|x|": 1.0}, note=text(),
             source=text(), known_from=when)
        for back in range(4, 0, -1)
    ]  # fmt: skip
    side = Measure(name=text(), score=50.0, weight=1.0, says=text(), evidence=evidence())
    view = Health(on=DAY, score=50, trend="up", slope=3, confidence=0.5, measures=(side,), reasons=(side,))
    return Material(
        account=text(),
        role_title=text(),
        company=text(),
        at=AT,
        case=case_of(AccountBook(key=key, signals=Signals(details=(details,), weeks=tuple(weeks))), state, KEYS),
        assessment=Assessment(view, (concern("risk"), concern("expansion"))),
        history=(in_figures(view),),
        checks=(Check(name=text(), state="open", says=text(), evidence=evidence()),),
        to=text(),
        author=text(),
    )
