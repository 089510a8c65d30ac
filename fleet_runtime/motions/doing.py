"""Carries out one motion for the day it was due: what is raised, closed, drafted and handed over. Writes nothing.

The same account, looked at as of the same moment, gives the same outcome with the same ids: whoever does it again,
after a crash or beside another process, writes the very same thing, and the book keeps one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from fleet_runtime.books import AccountBook, Outcome
from fleet_runtime.contracts import Motion, Role, Staff
from fleet_runtime.health import Assessment, Case, Check
from fleet_runtime.health.renewal import gravity
from fleet_runtime.motions import grammar
from fleet_runtime.motions.conditions import failing, renewed
from fleet_runtime.motions.due import due_for, fired, label
from fleet_runtime.motions.owners import addressee, terms, title
from fleet_runtime.motions.reviewing import MILESTONE, Raising, ended, gone, notice_of, of_same, raised, rank
from fleet_runtime.records.book import Concern, Evidence, MotionRun, Notice, ProductKind, Severity, WorkProduct

AGAIN: Final = timedelta(days=180)
"""How long an upside is not handed over again once something became of it."""

_OPEN: Final = frozenset({"ready", "waiting", "approved", "accepted"})
_SETTLED: Final = frozenset({"declined", "lost", "rejected", "won"})


class Wanted(NamedTuple):
    """A work product that is to be written: what, of whom, to whom, about what, and what else is open."""

    kind: ProductKind
    role: Role
    motion: Motion
    case: Case
    at: datetime
    assessment: Assessment
    to: str
    concern: Concern | None
    notices: tuple[Notice, ...]


class Written(NamedTuple):
    """A work product's text (Markdown), its title, and the sources of its figures."""

    title: str
    text: str
    cites: tuple[str, ...] = ()


class Look(NamedTuple):
    """As of when an account is looked at, and by what.

    ``book`` are its rows with all that this look brought already, ``now`` is the time on the clock. ``assess`` and
    ``checks`` look at the account as of a moment, ``compose`` writes.
    """

    at: datetime
    now: datetime
    book: AccountBook
    assess: Callable[[datetime], Assessment]
    checks: Callable[[datetime], tuple[Check, ...]]
    compose: Callable[[Wanted], Written]
    staff: Staff


class _Done(NamedTuple):
    """What the steps of a motion brought until now."""

    notices: tuple[Notice, ...] = ()
    closed: tuple[Notice, ...] = ()
    products: tuple[WorkProduct, ...] = ()


def perform(role: Role, motion: Motion, due: date, case: Case, look: Look) -> Outcome | None:
    """Carry a motion out.

    Args:
        role: whose motion it is.
        motion: what to do.
        due: the day on which it was due.
        case: the account.
        look: as of when, and by what.

    Returns:
        What it brings; a moot run where a date or a rule's motion has nothing to do any more; None where nothing is
        to be kept: a rule that does not begin to hold, or a review that raises and ends nothing.
    """
    return _Performing(role, motion, due, case, look).outcome()


def after(book: AccountBook, outcome: Outcome) -> AccountBook:
    """Return an account's rows as they are once an outcome is written."""
    return book._replace(
        notices=_noticed(book, outcome.notices, outcome.closed),
        runs=(*book.runs, outcome.run),
        products=(*book.products, *outcome.products),
    )


def holding(rule: str, concerns: tuple[Concern, ...]) -> list[Concern]:
    """Return the concerns by which a rule holds: of its kind, or of its matter; of a severity where it names one."""
    name, *severe = reversed(rule.split())
    return [one for one in concerns if name in (one.kind, one.matter) and (not severe or one.severity == severe[0])]


class _Performing:
    """One motion while it is carried out."""

    def __init__(self, role: Role, motion: Motion, due: date, case: Case, look: Look) -> None:
        """Take up what it is about."""
        self._role = role
        self._motion = motion
        self._due = due
        self._case = case
        self._look = look
        self._by = Raising(motion.name, role.role_class, due, look.at, look.now)
        self._why = ""

    def outcome(self) -> Outcome | None:
        """Do it, or say why not."""
        kind = self._motion.trigger.kind
        about: list[Concern] = []
        if kind == "rule":
            about = self._begun()
            if not about:
                return None
        moot = self._moot()
        if moot:
            return self._noted_moot(moot) if kind in ("date", "rule") else None
        done = self._steps(about)
        asks = grammar.ASK in self._motion.does
        if kind == "cron" and not asks and not any(done):
            return None
        return self._outcome(done)

    def _begun(self) -> list[Concern]:
        """Return the concerns by which the rule holds and for which this motion did not run yet, the gravest first."""
        look, motion = self._look, self._motion
        found = holding(motion.trigger.rule, look.assess(look.at).concerns)
        if not found:
            return []
        last = max((run.due for run in look.book.runs if run.motion == motion.name), default=date.min)
        fresh = raised(found, look.book.notices, self._by)[0]
        begun = [one.concern for one in fresh]
        for concern in found:
            open_now = [one for one in of_same(look.book.notices, concern) if one.open_on(look.at.date())]
            if any(last < one.on for one in open_now) and concern not in begun:
                begun.append(concern)
        return sorted(begun, key=lambda one: -rank(one.severity))

    def _moot(self) -> str:
        """Say why there is nothing to do any more, or nothing."""
        look, case, motion = self._look, self._case, self._motion
        if motion.trigger.kind == "date":
            found = due_for(motion.trigger, case, self._due, look.at)
            if found is None:
                return f"{motion.trigger.fact} is another date by now"
            self._why = label(motion.trigger, *found)
            former = fired(motion, case, *found)
            if former is not None:
                return f"it was done for {former}, before the date moved"
            if motion.trigger.fact == "renewal_date" and renewed(case, look.at):
                return "the contract is renewed"
        reasons = (failing(condition, case, look.at, look.assess) for condition in motion.when)
        return next((reason for reason in reasons if reason), "")

    def _noted_moot(self, why: str) -> Outcome:
        """Keep that a motion was moot; a renewal that is settled ends what was noticed of it."""
        look = self._look
        closed: tuple[Notice, ...] = ()
        if renewed(self._case, look.at):
            closed = tuple(ended(one, look.at.date(), "renewed") for one in self._milestones())
        text = f"{self._why}: {why}" if self._why else why
        run = MotionRun(
            motion=self._motion.name,
            role=self._role.role_class,
            due=self._due,
            ran_at=look.now,
            outcome="moot",
            why=text,
        )
        return Outcome(self._case.key, run, closed=closed)

    def _outcome(self, done: _Done) -> Outcome:
        """Put together what was done."""
        run = MotionRun(
            motion=self._motion.name,
            role=self._role.role_class,
            due=self._due,
            ran_at=self._look.now,
            why=self._why,
            notices=tuple(one.id for one in done.notices),
            products=tuple(one.id for one in done.products),
        )
        return Outcome(self._case.key, run, done.notices, done.closed, done.products)

    def _steps(self, about: list[Concern]) -> _Done:
        """Carry the steps out in their order; a rule's concerns that nobody raised yet are raised first."""
        look, done = self._look, _Done()
        if about:
            done = _Done(*raised(about, look.book.notices, self._by))
        for step in self._motion.does:
            if step == grammar.REVIEW:
                done = self._reviewed(done)
            elif step == grammar.CHECK:
                done = self._checked(done)
            elif step.startswith(grammar.DRAFT):
                done = done._replace(products=(*done.products, *self._drafted(step, about, done)))
            elif step == grammar.HAND_OFF:
                done = done._replace(products=(*done.products, *self._handed(about, done)))
        return done

    def _reviewed(self, done: _Done) -> _Done:
        """Raise what is new, and end what is over."""
        look = self._look
        concerns = look.assess(look.at).concerns
        fresh, replaced = raised(concerns, (*look.book.notices, *done.notices), self._by)
        over = gone(look.book.notices, concerns, look.at, look.assess)
        over += self._settled()
        known = {one.id for one in (*done.closed, *replaced)}
        closed = (*done.closed, *replaced, *(one for one in over if one.id not in known))
        return done._replace(notices=(*done.notices, *fresh), closed=closed)

    def _settled(self) -> tuple[Notice, ...]:
        """Return the open milestones with their ends, where the renewal is settled or its date has passed."""
        case, at, open_ones = self._case, self._look.at, self._milestones()
        renewal = case.renewal(at) if open_ones else None
        if renewal is None:
            return ()
        if renewed(case, at):
            return tuple(ended(one, at.date(), "renewed") for one in open_ones)
        if renewal.on < at.date():
            return tuple(ended(one, at.date(), f"{renewal.on} has passed") for one in open_ones)
        return ()

    def _milestones(self) -> list[Notice]:
        """Return the open notices of a renewal's milestones."""
        day = self._look.at.date()
        return [one for one in self._look.book.notices if one.concern.matter.startswith(MILESTONE) and one.open_on(day)]

    def _checked(self, done: _Done) -> _Done:
        """Check the renewal, and raise the milestone; the milestone before it is over then."""
        look = self._look
        renewal = self._case.renewal(look.at)
        if renewal is None:
            return done
        left = (renewal.on - look.at.date()).days
        of = due_for(self._motion.trigger, self._case, self._due, look.at) if self._motion.trigger.fact else None
        number = -of[0] if of is not None else left
        concern = self._milestone(number, left, renewal.on, renewal.evidence)
        over = [ended(one, look.at.date(), f"followed by the one {number} days before") for one in self._milestones()]
        return done._replace(notices=(*done.notices, notice_of(concern, self._by)), closed=(*done.closed, *over))

    def _milestone(self, number: int, left: int, on: date, evidence: Evidence) -> Concern:
        """Say how a renewal stands."""
        look, staff, own = self._look, self._look.staff, self._role.role_class
        todo = [check for check in look.checks(look.at) if check.state != "ok"]
        risks = [one for one in look.assess(look.at).concerns if one.kind == "risk" and one.severity == "high"]
        severity: Severity = "high" if risks else gravity(todo, left)
        reasons = [f"Risk: {one.title}" for one in risks]
        reasons += [check.says for check in todo if check.state == "open"]
        reasons += [check.says for check in todo if check.state == "unknown"]
        found = [evidence, *(item for one in risks for item in one.evidence)]
        found += [item for one in todo for item in one.evidence]
        commercial, legal = terms(staff, own)
        play = f"Commercial terms go to the {title(commercial, staff)}" if commercial else ""
        play += f", legal ones to the {title(legal, staff)}" if legal and legal != commercial else ""
        return Concern(
            kind="renewal",
            matter=f"{MILESTONE}{number}",
            severity=severity,
            title=f"Renewal on {on}, in {left} days",
            reasons=tuple(reasons) or ("Nothing is open.",),
            evidence=tuple(dict.fromkeys(found)),
            play=f"{play}." if play else "",
        )

    def _drafted(self, step: str, about: list[Concern], done: _Done) -> Iterator[WorkProduct]:
        """Have a work product written."""
        kind = grammar.product_kind(step)
        concern = next(iter(about), None) or next((one.concern for one in done.notices), None)
        yield self._product(
            kind, kind, concern, addressee(self._motion.to, self._look.staff, self._role.role_class), done
        )

    def _handed(self, about: list[Concern], done: _Done) -> Iterator[WorkProduct]:
        """Have a packet written for each upside that is not handed over already."""
        look = self._look
        to = addressee(self._motion.to, look.staff, self._role.role_class)
        found: list[Concern] = about or [one for one in look.assess(look.at).concerns if one.kind == "expansion"]
        for concern in found:
            if not self._is_handed(concern):
                yield self._product(grammar.HAND_OFF, _packet(concern), concern, to, done)

    def _is_handed(self, concern: Concern) -> bool:
        """Tell whether a packet of the same matter is open, or was refused not long ago."""
        look, name = self._look, f":{_packet(concern)}"
        for product in look.book.products:
            if not product.id.endswith(name) or product.on > look.at.date():
                continue
            if product.state in _OPEN or (product.state in _SETTLED and look.at - product.changed_at < AGAIN):
                return True
        return False

    def _product(self, kind: ProductKind, name: str, concern: Concern | None, to: str, done: _Done) -> WorkProduct:
        """Have something written; it waits where the contract says who approves."""
        look = self._look
        day = look.at.date()
        notices = tuple(one for one in _noticed(look.book, done.notices, done.closed) if one.open_on(day))
        written = look.compose(
            Wanted(kind, self._role, self._motion, self._case, look.at, look.assess(look.at), to, concern, notices)
        )
        about = [one.id for one in of_same(notices, concern)] if concern is not None else []
        return WorkProduct(
            id=f"{self._case.key.account}:{self._motion.name}:{self._due}:{name}",
            kind=kind,
            on=day,
            title=written.title,
            text=written.text,
            motion=self._motion.name,
            role=self._role.role_class,
            to=to,
            state="waiting" if self._motion.approved_by else "ready",
            cites=written.cites,
            notice=about[-1] if about else "",
            made_at=look.now,
            changed_at=look.now,
        )


def _noticed(book: AccountBook, fresh: tuple[Notice, ...], closed: tuple[Notice, ...]) -> tuple[Notice, ...]:
    """Return an account's notices with those that came, and with the ends of those that are over."""
    over = {notice.id: notice for notice in closed}
    return (*(over.get(one.id, one) for one in book.notices), *fresh)


def _packet(concern: Concern) -> str:
    """Return how the id of an upside's packet ends: by its matter one tells whether it was handed over."""
    return f"{grammar.HAND_OFF}:{concern.matter}"
