"""Who the people are, what the contract says, what is aimed at, and what was promised. Only what is on record."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import islice, takewhile
from typing import Final, Literal, NamedTuple

from fleet_runtime.contracts import MemoryKind
from fleet_runtime.dates import say_date
from fleet_runtime.health import Case
from fleet_runtime.products.citing import Cited, Ledger
from fleet_runtime.products.escaping import clipped, plain
from fleet_runtime.products.values import FigureValue
from fleet_runtime.recall.saying import say_day, say_value
from fleet_runtime.records import Commitment, Event, Fact
from fleet_runtime.records.book import AccountDetails, Evidence

_NUMBER: Final = re.compile(r"\d[\d,.' ]*")
_GOALS: Final = ("goal", "outcome", "objective", "success")
_ISSUES: Final = ("issue", "problem", "blocker", "complaint", "requested_feature", "competitor")
_LONGEST: Final = 280
_NOTED: Final = timedelta(weeks=13)
_OURS: Final = frozenset({"we", "us"})


class Person(NamedTuple):
    """Somebody on the customer's side, and in which part."""

    part: str
    name: Cited


class Contract(NamedTuple):
    """What was bought, and until when; ``stated``: the renewal is no mere hint of a later CRM, and it lies ahead."""

    seats: Cited | None
    arr: Cited | None
    renewal: Cited | None
    days_left: Cited | None
    stated: bool
    go_live: Cited | None


class Statement(NamedTuple):
    """Something that was said or noted: the words, who said them, when."""

    what: str
    words: Cited
    by: Cited | None
    on: Cited


class Promise(NamedTuple):
    """Who promised what to whom, by when, and what came of it."""

    task: Cited
    owner: Cited
    to: Cited | None
    due: Cited | None
    state: Literal["kept", "dropped", "open", "overdue"]
    side: Literal["ours", "theirs", "unknown"]


class Standing:
    """Reads one account's memory and CRM as of a moment."""

    def __init__(self, case: Case, at: datetime, ledger: Ledger) -> None:
        """Keep what is read from."""
        self._case = case
        self._at = at
        self._ledger = ledger
        self._kinds: dict[str, MemoryKind] = {key.name: key.kind for key in case.keys}

    def people(self) -> tuple[Person, ...]:
        """Return who is on record in which part."""
        parts = {"champion": "Champion", "exec_sponsor": "Executive sponsor"}
        found = ((title, self.known(name)) for name, title in parts.items())
        return tuple(Person(title, name) for title, name in found if name is not None)

    def contract(self) -> Contract:
        """Return what the contract says, each part where it is on record."""
        return Contract(self._seats(), self._arr(), *self._renewal(), self._day("go_live_date"))

    def known(self, name: str) -> Cited | None:
        """Return what is on record under a key: a fact, else what the CRM says of it."""
        fact = self._case.fact(name, self._at)
        if fact is not None:
            return self._of_fact(fact) if fact.value else None
        details = self._case.details(self._at)
        found: object = getattr(details, name, None) if details is not None else None
        if details is None or not isinstance(found, str) or not found.strip():
            return None
        return self._ledger.cite(name, found, found, crm_evidence(details, f"{_spoken(name)}: {found}"))

    def goals(self) -> tuple[Statement, ...]:
        """Return what the account wants to reach."""
        return tuple(self._stated(_GOALS))

    def issues(self) -> tuple[Statement, ...]:
        """Return what is on record as open, wished for, or looked at elsewhere."""
        return tuple(self._stated(_ISSUES))

    def notes(self, most: int) -> tuple[Statement, ...]:
        """Return the latest notes of colleagues, of the last quarter, with the week that each was written in."""
        found: list[Statement] = []
        since = self._at.date() - _NOTED
        for week in takewhile(lambda one: one.start >= since, self._case.notes(self._at)):
            source = f"event {week.event_id}" if week.event_id else f"week of {week.start} ({week.source})"
            evidence = Evidence(text=week.note, source=source)
            name, words = f"note.{week.start}", clipped(week.note, _LONGEST)
            cited = self._ledger.cite(name, words, words, evidence)
            on = self._ledger.cite(f"{name}.week", week.start, say_date(week.start), evidence)
            found.append(Statement("Note", cited, None, on))
        return tuple(islice(found, most))

    def promises(self, more: Iterable[Commitment] = ()) -> tuple[Promise, ...]:
        """Return every promise that had been made, the soonest due first; ``more`` are such as memory may lack."""
        rows = {one.id: one for one in (*more, *self._case.state.commitments) if one.at <= self._at}
        ordered = sorted(rows.values(), key=lambda one: (_day(one.due) or date.max, one.at, one.id))
        return tuple(self._promise(one) for one in ordered)

    def differences(self) -> Iterator[Cited]:
        """Yield where the CRM and what was said part ways."""
        details = self._case.details(self._at)
        for name in ("seats", "renewal_date", "champion", "exec_sponsor") if details is not None else ():
            fact, crm = self._case.fact(name, self._at), getattr(details, name, None)
            if details is None or fact is None or not fact.value or not crm or _same(fact.value, str(crm)):
                continue
            kind = self._kinds.get(name, "text")
            said, kept = (say_value(value, kind) for value in (fact.value, str(crm)))
            text = f"{_spoken(name)}: {said} by what was said, {kept} by the CRM; which of the two holds?"
            evidence = (fact_evidence(fact), crm_evidence(details, f"{_spoken(name)}: {crm}"))
            yield self._ledger.cite(f"{name}.differs", f"{fact.value} / {crm}", text, *evidence)

    def quotes(self, sources: Iterable[str]) -> tuple[Statement, ...]:
        """Return what was said word for word, where a source is a fact or an event of the memory."""
        facts = {f"fact {fact.id}": fact for fact in self._case.state.facts}
        events = {f"event {event.id}": event for event in self._case.events(self._at)}
        by_id = {event.id: event for event in self._case.events(self._at)}
        found: dict[str, Statement] = {}
        for source in sources:
            fact = facts.get(source)
            event = by_id.get(fact.event_id) if fact is not None else events.get(source) or by_id.get(source)
            said = fact.quote if fact is not None and fact.quote else event.text if event is not None else ""
            of = event or fact
            if said and of is not None:
                found.setdefault(said, self._said(of, source, said))
        return tuple(found.values())

    def contact(self) -> Cited | None:
        """Return the day on which the customer was last spoken with."""
        moment = self._case.contact(self._at)
        if moment is None:
            return None
        event = next(event for event in reversed(self._case.state.events) if event.at == moment)
        evidence = Evidence(text=f"{event.kind} by {event.author}", source=f"event {event.id}")
        return self._ledger.cite("contact.last", moment.date(), say_date(moment.date()), evidence)

    def names_of_ours(self) -> frozenset[str]:
        """Return who speaks for us, in lower case."""
        found = (self.known(name) for name in ("csm", "csm_owner"))
        return _OURS | {str(one.value).lower() for one in found if one is not None}

    def _said(self, of: Event | Fact, source: str, said: str) -> Statement:
        """Give back one thing that was said."""
        words, name, evidence = clipped(said, _LONGEST), f"quote.{source}", Evidence(text=said, source=source)
        cited = self._ledger.cite(name, words, words, evidence)
        return Statement("Said", cited, *self._told(name, of, evidence))

    def _told(self, name: str, of: Event | Fact, evidence: Evidence) -> tuple[Cited, Cited]:
        """Say who told something, and when."""
        day = of.at.date()
        on = self._ledger.cite(f"{name}.on", day, say_date(day), evidence)
        return self._ledger.cite(f"{name}.by", of.author, of.author, evidence), on

    def _seats(self) -> Cited | None:
        """Return how many seats there are, as a whole number."""
        fact = self._case.fact("seats", self._at)
        if fact is not None and fact.value and (match := _NUMBER.match(fact.value)):
            count = int(re.sub(r"[^\d]", "", match.group().split(".")[0]) or 0)
            return self._ledger.cite("seats", count, f"{count:,}", fact_evidence(fact))
        details = self._case.details(self._at)
        if details is None or details.seats is None:
            return None
        return self._ledger.cite(
            "seats", details.seats, f"{details.seats:,}", crm_evidence(details, f"seats: {details.seats}")
        )

    def _arr(self) -> Cited | None:
        """Return what the contract is worth a year."""
        details = self._case.details(self._at)
        fact = self._case.fact("arr", self._at)
        if details is not None and details.arr is not None:
            shown = f"{details.currency} {details.arr:,}".strip()
            return self._ledger.cite("arr", details.arr, shown, crm_evidence(details, f"arr: {shown}"))
        if fact is not None and fact.value:
            return self._ledger.cite("arr", fact.value, say_value(fact.value, "money"), fact_evidence(fact))
        return None

    def _renewal(self) -> tuple[Cited | None, Cited | None, bool]:
        """Return when the contract renews, how many days that is away, and whether a customer may be told."""
        found = self._case.renewal(self._at)
        if found is None:
            return None, None, False
        left = (found.on - self._at.date()).days
        shown = say_date(found.on) if found.stated else f"{say_date(found.on)} (by a later CRM)"
        on = self._ledger.cite("renewal_date", found.on, shown, found.evidence)
        named = {0: "today", 1: "tomorrow", -1: "yesterday"}
        said = named.get(left) or (f"in {left} days" if left > 0 else f"{-left} days ago")
        away = self._ledger.cite("renewal_date.days_left", left, said, found.evidence)
        return on, away, found.stated and left >= 0

    def _day(self, name: str) -> Cited | None:
        """Return a date of the account."""
        found = self._case.dated(name, self._at)
        return self._ledger.cite(name, found.on, say_date(found.on), found.evidence) if found else None

    def _stated(self, parts: Iterable[str]) -> Iterator[Statement]:
        """Yield the facts that hold whose key has one of the words."""
        for fact in self._case.facts(self._at):
            if fact.value and any(part in fact.key for part in parts):
                told = self._told(fact.key, fact, fact_evidence(fact))
                yield Statement(plain(_spoken(fact.key)), self._of_fact(fact), *told)

    def _of_fact(self, fact: Fact) -> Cited:
        """Cite a fact's value."""
        value = fact.value or ""
        shown = clipped(say_value(value, self._kinds.get(fact.key, "text")), _LONGEST)
        kept: FigureValue = value
        return self._ledger.cite(fact.key, kept, shown, fact_evidence(fact))

    def _promise(self, one: Commitment) -> Promise:
        """Tell of a promise what came of it by the moment, and on which side it was made."""
        done = not one.open_at(self._at)
        due = _day(one.due)
        late = due is not None and due < self._at.date()
        state: Literal["kept", "dropped", "open", "overdue"] = (
            ("dropped" if one.state == "dropped" else "kept") if done else "overdue" if late else "open"
        )
        evidence = Evidence(text=f"promised on {say_date(one.at.date())}: {one.task}", source=f"commitment {one.id}")
        said = {"task": clipped(one.task, _LONGEST), "owner": one.owner, "to": one.to, "due": say_day(one.due)}
        whole = {"task": one.task, "owner": one.owner, "to": one.to, "due": one.due}
        cited = {
            part: self._ledger.cite(f"commitment.{one.id}.{part}", whole[part], shown, evidence)
            for part, shown in said.items()
            if shown
        }
        task, owner = (
            cited.get(part) or self._ledger.cite(part, "", "not said", evidence) for part in ("task", "owner")
        )
        return Promise(task, owner, cited.get("to"), cited.get("due"), state, self._side(one))

    def _side(self, one: Commitment) -> Literal["ours", "theirs", "unknown"]:
        """Tell on whose side a promise was made, by who is on record where."""
        ours = self.names_of_ours()
        theirs = {str(person.name.value).lower() for person in self.people()}
        owner, to = one.owner.lower(), one.to.lower()
        if owner in ours or (to in theirs and owner not in theirs):
            return "ours"
        return "theirs" if owner in theirs or to in ours else "unknown"


def fact_evidence(fact: Fact) -> Evidence:
    """Say where a fact comes from, and in which words."""
    words = fact.quote or f"{_spoken(fact.key)}: {fact.value}"
    return Evidence(text=f"{fact.author}, {say_date(fact.at.date())}: {words}", source=f"fact {fact.id}")


def crm_evidence(details: AccountDetails, says: str) -> Evidence:
    """Say where a field of the CRM comes from."""
    return Evidence(text=says, source=details.source or f"CRM of {details.known_from.date()}")


def _day(iso: str) -> date | None:
    """Read an ISO day; None where it is none."""
    try:
        return date.fromisoformat(iso)
    except ValueError:
        return None


def _same(one: str, two: str) -> bool:
    """Tell whether two values say the same, however they are written."""
    plain_one, plain_two = (re.sub(r"[\W_]+", "", value).casefold() for value in (one, two))
    return plain_one == plain_two


def _spoken(name: str) -> str:
    """Say a key's name as people do."""
    return name.replace("_", " ").capitalize()
