"""Motions in a running fleet, in memory and on SQLite: ticks, what was missed, two at once, questions to a person."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import anyio
import pytest
from boards_double import Marks
from motion_cases import KEY, details, noon, weekly
from open_fleets import CSM, open_fleet, shipped

from fleet_runtime import Fleet
from fleet_runtime.books import Books, Outcome
from fleet_runtime.contracts import Staff
from fleet_runtime.errors import ContractError, MessageError, Paused
from fleet_runtime.health import end_of
from fleet_runtime.records import AccountKey, Event, Turn
from fleet_runtime.records.book import Signals
from fleet_runtime.runtime.cases import Cases
from fleet_runtime.runtime.looks import Looks
from fleet_runtime.runtime.motions import SCAN, MotionsDue, Raised
from fleet_runtime.runtime.proposing import asked, proposal, proposes
from fleet_runtime.runtime.ticking import Due, scan

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)
JUNE = date(2027, 6, 1)
FIRST = date(2027, 1, 4)
RENEWALS = "- `renewal` (120, 90, 60, 30, 14 days before `renewal_date`) - check the renewal"
MILESTONES = [JUNE - timedelta(days=days) for days in (120, 90, 60, 30, 14)]


class Clock:
    """A clock that stands where it is set."""

    def __init__(self, day: date = FIRST) -> None:
        self.now = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def at(self, day: date) -> date:
        """Set it to the end of a day."""
        self.now = end_of(day)
        return day


@pytest.fixture(params=["memory", "sqlite"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    return tmp_path / "fleet.db" if request.param == "sqlite" else None


def books_of(fleet: Fleet) -> Books:
    """Return the book of a fleet."""
    books = fleet._desk.books
    assert books is not None
    return books


async def seed(fleet: Fleet, accounts: Sequence[str] = ("acme",), renewal: date = JUNE) -> None:
    """Have accounts with a renewal and half a year of steady weeks."""
    for name in accounts:
        rows = Signals(
            details=(details(renewal, noon(date(2026, 6, 1))),),
            weeks=weekly(date(2026, 7, 6), 50, {"active_users": 40.0, "logins": 400.0, "key_feature_uses": 160.0}),
        )
        await books_of(fleet).put_signals(fleet._desk.key(name), rows)


@asynccontextmanager
async def with_motions(motions: str, database: Path | None, clock: Clock) -> AsyncGenerator[Fleet]:
    """Open a fleet whose manager has other motions."""
    staff, words = shipped()
    roles = tuple(
        role.model_copy(update={"motions": motions}) if role.role_class == CSM else role for role in staff.roles
    )
    changed: Staff = staff.model_copy(update={"roles": roles})
    with patch("open_fleets.shipped", lambda: (changed, words)):
        async with open_fleet(database=database, clock=clock) as fleet:
            yield fleet


def milestones(found: Sequence[Raised]) -> list[date]:
    """Return the days on which milestones were raised."""
    return [one.notice.on for one in found if one.notice.concern.kind == "renewal"]


async def test_each_milestone_is_raised_once_day_by_day(database: Path | None) -> None:
    clock, found = Clock(), list[Raised]()
    async with with_motions(RENEWALS, database, clock) as fleet:
        await seed(fleet)
        day = FIRST
        while day <= JUNE:
            found += await fleet.motions.tick(clock.at(day))
            assert await fleet.motions.tick(day) == ()
            day += DAY
    assert milestones(found) == MILESTONES
    assert all(one.new and one.account == "acme" for one in found)


@pytest.mark.parametrize("jump", [7, 30, 148])
async def test_what_was_missed_is_made_up_for(database: Path | None, jump: int) -> None:
    clock, found = Clock(), list[Raised]()
    async with open_fleet(database=database, clock=clock) as fleet:
        await seed(fleet)
        day = FIRST
        while day <= JUNE + timedelta(days=jump):
            found += await fleet.motions.tick(clock.at(day))
            day += timedelta(days=jump)
    assert milestones(found) == MILESTONES


async def test_a_first_tick_goes_a_month_back_for_dates_and_reviews_once(database: Path | None) -> None:
    clock = Clock(date(2027, 4, 22))
    async with with_motions(
        "- `renewal` (90, 60, 30 days before `renewal_date`) - check the renewal\n- `review` (every Monday) - review",
        database, clock,
    ) as fleet:  # fmt: skip
        await seed(fleet)
        assert fleet.motions.days.looked == 0
        found = await fleet.motions.tick()
        assert milestones(found) == [date(2027, 4, 2)]
        assert fleet.motions.days.looked == 2  # the milestone's day, and one review
        assert await fleet.motions.tick() == ()
        assert fleet.motions.days.looked == 2


async def test_only_accounts_with_something_due_are_looked_at(database: Path | None) -> None:
    clock = Clock()
    async with with_motions(
        "- `renewal` (30 days before `renewal_date`) - check the renewal", database, clock
    ) as fleet:
        await seed(fleet, ("acme", "brook", "cedar"))
        await seed(fleet, ("acme",), JUNE + DAY)
        days = fleet.motions.days
        for offset in range(160):
            await fleet.motions.tick(clock.at(FIRST + timedelta(days=offset)))
        assert days.looked == 3
        assert [(run.due, name) for name, run in await fleet.motions.history()] == [
            (date(2027, 5, 2), "brook"),
            (date(2027, 5, 2), "cedar"),
            (date(2027, 5, 3), "acme"),
        ]


async def test_a_tick_at_a_time_of_day_takes_what_is_due_by_then() -> None:
    clock = Clock()
    async with with_motions('- `ask` (cron 0 12 * * 1) - ask "How is it?"', None, clock) as fleet:
        await seed(fleet)
        await fleet.motions.tick(datetime(2027, 1, 10, 12, tzinfo=UTC))
        await fleet.motions.tick(datetime(2027, 1, 11, 11, 59))  # noqa: DTZ001 - read as UTC
        assert await fleet.motions.history() == ()
        await fleet.motions.tick(datetime(2027, 1, 11, 12, tzinfo=UTC))
        assert [run.due for _, run in await fleet.motions.history()] == [date(2027, 1, 11)]
        assert await fleet.motions.tick(date(2027, 1, 5)) == ()  # the clock was set back


async def test_two_processes_that_tick_at_once_double_nothing(tmp_path: Path) -> None:
    clock, found = Clock(), list[Raised]()
    async with (
        open_fleet(database=tmp_path / "fleet.db", clock=clock) as one,
        open_fleet(database=tmp_path / "fleet.db", clock=clock) as other,
    ):
        await seed(one, ("acme", "brook"))

        async def tick(fleet: Fleet, day: date) -> None:
            found.extend(await fleet.motions.tick(day))

        for offset in range(0, 155, 5):
            day = clock.at(FIRST + timedelta(days=offset))
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(tick, one, day)
                tasks.start_soon(tick, other, day)
        kept = await books_of(one).notices("default", date.min, date.max)
    told = sorted((one.account, one.notice.id) for one in found)
    assert told == sorted((key.account, notice.id) for key, notice in kept)
    assert sorted(milestones(found)) == sorted([*MILESTONES, *MILESTONES])


async def tick_each(fleet: Fleet, clock: Clock, days: int) -> None:
    """Tick every so many days, for ever."""
    day = FIRST
    while True:
        day += timedelta(days=days)
        await fleet.motions.tick(clock.at(day))


class Dies:
    """A book whose process dies before or after a day is written, or before the mark moves."""

    class Killed(BaseException):
        """The process is gone."""

    def __init__(self, books: Books, dies_at: int) -> None:
        self._books = books
        self._left = dies_at

    def __getattr__(self, name: str) -> object:
        return getattr(self._books, name)

    def _step(self) -> None:
        self._left -= 1
        if self._left == 0:
            raise self.Killed

    async def commit(self, outcomes: Sequence[Outcome]) -> tuple[bool, ...]:
        self._step()
        told = await self._books.commit(outcomes)
        self._step()
        return told

    async def move_mark(self, tenant: str, scan_name: str, seen: datetime | None, to: datetime) -> bool:
        self._step()
        return await self._books.move_mark(tenant, scan_name, seen, to)


@pytest.mark.parametrize("dies_at", range(1, 12))
async def test_killed_at_any_step_nothing_is_lost_or_doubled(database: Path | None, dies_at: int) -> None:
    clock = Clock()
    async with open_fleet(database=database, clock=clock) as fleet:
        await seed(fleet)
        books = books_of(fleet)
        await fleet.motions.tick(clock.at(FIRST))
        dying = Dies(books, dies_at)
        with (
            patch.object(fleet.motions, "_books", dying),
            patch.object(fleet.motions.days, "_books", dying),
            pytest.raises(Dies.Killed),
        ):
            await tick_each(fleet, clock, 30)
        await fleet.motions.tick(clock.at(JUNE))
        notices = await books.notices("default", date.min, date.max)
        assert [one.on for _, one in notices if one.concern.kind == "renewal"] == MILESTONES
        ids = [one.id for _, one in notices]
        assert len(ids) == len(set(ids))
        assert await books.mark("default", SCAN) == end_of(JUNE)


@pytest.mark.parametrize("dies_at", range(2, 6))
async def test_a_first_tick_that_died_is_made_up_for_however_late(database: Path | None, dies_at: int) -> None:
    clock = Clock()
    async with with_motions(RENEWALS, database, clock) as fleet:
        await seed(fleet)
        for day in (FIRST, FIRST + timedelta(days=25), FIRST + timedelta(days=50)):
            dying = Dies(books_of(fleet), dies_at)
            with (
                patch.object(fleet.motions, "_books", dying),
                patch.object(fleet.motions.days, "_books", dying),
                suppress(Dies.Killed),
            ):
                await fleet.motions.tick(clock.at(day))
        await fleet.motions.tick(clock.at(JUNE))
        notices = await books_of(fleet).notices("default", date.min, date.max)
        assert [one.on for _, one in notices if one.concern.kind == "renewal"] == MILESTONES


@pytest.mark.parametrize("ticks", [0, 1])
async def test_what_is_due_is_told_from_now_on_however_far_ahead_one_looks(ticks: int) -> None:
    clock = Clock()
    async with with_motions(RENEWALS, None, clock) as fleet:
        await seed(fleet)
        for _ in range(ticks):
            await fleet.motions.tick()
        found = await fleet.motions.due(FIRST + timedelta(days=800))
        assert [one.due for one in found] == MILESTONES


async def test_a_switch_that_is_off_begins_nothing() -> None:
    async with open_fleet(clock=Clock()) as fleet:
        await seed(fleet)
        await fleet.pause(reason="a move")
        with pytest.raises(Paused):
            await fleet.motions.tick()
        with pytest.raises(Paused):
            await fleet.motions.replay(FIRST, JUNE)
        with pytest.raises(Paused):
            await fleet.motions.carry_out("acme", end_of(FIRST))


class TestReplays:
    async def test_a_window_is_worked_through_once(self, database: Path | None) -> None:
        clock, steps = Clock(JUNE + timedelta(days=60)), list[tuple[int, int]]()
        async with open_fleet(database=database, clock=clock) as fleet:
            await seed(fleet)
            found = await fleet.motions.replay(FIRST, JUNE, told=lambda done, of: steps.append((done, of)))
            assert milestones(found) == MILESTONES
            assert all(one.new for one in found)
            again = await fleet.motions.replay(FIRST, JUNE, timedelta(days=1))
            assert [one.notice for one in again] == [one.notice for one in found]
            assert not any(one.new for one in again)
            assert await books_of(fleet).mark("default", SCAN) == end_of(JUNE)
            await fleet.motions.replay(FIRST, FIRST)
            assert await books_of(fleet).mark("default", SCAN) == end_of(JUNE)
        assert steps[0] == (1, 149)
        assert steps[-1][0] == steps[-1][1]

    async def test_its_first_day_is_reviewed_whatever_the_calendar_says(self) -> None:
        async with open_fleet(clock=Clock(JUNE)) as fleet:
            await seed(fleet)
            wednesday = date(2027, 3, 10)
            await fleet.motions.replay(wednesday, wednesday)
            assert fleet.motions.days.looked == 1

    async def test_it_comes_to_the_same_as_ticks(self) -> None:
        async def story(*, ticking: bool) -> list[tuple[date, str]]:
            clock, day = Clock(JUNE), FIRST
            async with open_fleet(clock=clock) as fleet:
                await seed(fleet)
                await fleet.motions.replay(FIRST, FIRST if ticking else JUNE)
                while ticking and day < JUNE:
                    day = min(day + timedelta(days=7), JUNE)
                    await fleet.motions.tick(clock.at(day))
                return [(one.on, one.id) for _, one in await books_of(fleet).notices("default", FIRST, JUNE)]

        assert await story(ticking=True) == await story(ticking=False)

    @pytest.mark.parametrize(("until", "every"), [(FIRST - DAY, DAY), (JUNE, timedelta(hours=5))])
    async def test_a_window_that_is_none(self, until: date, every: timedelta) -> None:
        async with open_fleet(clock=Clock()) as fleet:
            with pytest.raises(MessageError, match="no window"):
                await fleet.motions.replay(FIRST, until, every)


class TestQuestions:
    quiet = "- `quiet` (no contact for 45 days) - draft `email`; approved by Dana"

    async def wait(self, fleet: Fleet, clock: Clock) -> None:
        """Have an account fall silent until an e-mail waits."""
        await seed(fleet)
        spoken = Event(id="e1", at=noon(FIRST), kind="call", author="Kim", text="We talked.")
        await fleet.memory("acme").record(spoken)
        await fleet.motions.tick(clock.at(FIRST))
        await fleet.motions.tick(clock.at(FIRST + timedelta(days=44)))
        assert await fleet.motions.products() == ()
        await fleet.motions.tick(clock.at(FIRST + timedelta(days=45)))

    async def test_what_is_approved_goes_out_to_the_letter(self, database: Path | None) -> None:
        clock = Clock()
        async with with_motions(self.quiet, database, clock) as fleet:
            await self.wait(fleet, clock)
            (question,) = await fleet.approvals.list()
            ((account, product),) = await fleet.motions.products(("waiting",))
            assert (account, question.draft, question.id) == ("acme", product.text, product.approval)
            assert (question.kind, question.conversation, question.role) == ("reply", "motions", CSM)
            assert "Dana decides" in question.question
            reply = await fleet.approvals.approve(question.id, by="Dana", note="fine")
            assert (reply.text, reply.role) == (product.text, CSM)
            ((_, became),) = await fleet.motions.products()
            assert (became.state, became.outcome) == ("approved", "approved by Dana: fine")
            assert became.changed_at == clock.now
            assert (await fleet.approvals.approve(question.id, by="Dana")).text == product.text

    async def test_what_is_rejected_does_not(self) -> None:
        clock = Clock()
        async with with_motions(self.quiet, None, clock) as fleet:
            await self.wait(fleet, clock)
            (question,) = await fleet.approvals.list()
            reply = await fleet.approvals.reject(question.id, by="Dana")
            assert question.draft not in reply.text
            await fleet.motions.tick(clock.at(FIRST + timedelta(days=46)))
            ((_, became),) = await books_of(fleet).products("default")
            assert (became.state, became.outcome) == ("rejected", "rejected by Dana")

    async def test_the_question_is_no_message_of_the_customer(self) -> None:
        clock = Clock()
        async with with_motions(self.quiet, None, clock) as fleet:
            await self.wait(fleet, clock)
            state = await fleet._desk.store.read(fleet._desk.key("acme"))
            assert [event.id for event in state.events] == ["e1"]
            assert [turn.reply.decision.stage for turn in state.turns if turn.reply] == ["motion"]
            assert await fleet.replay("acme") == ()

    async def test_a_killed_process_question_is_put_by_the_next_tick(self, database: Path | None) -> None:
        clock = Clock()
        async with with_motions(self.quiet, database, clock) as fleet:
            with patch.object(fleet.motions._questions, "_put", side_effect=Dies.Killed), pytest.raises(Dies.Killed):
                await self.wait(fleet, clock)
            assert await fleet.approvals.list() == ()
            await fleet.motions.tick(clock.at(FIRST + timedelta(days=45)))
            await fleet.motions.tick(clock.at(FIRST + timedelta(days=50)))
            assert len(await fleet.approvals.list()) == 1

    async def test_a_turn_that_was_accepted_and_not_run_still_asks(self, tmp_path: Path) -> None:
        clock = Clock()
        async with with_motions(self.quiet, tmp_path / "fleet.db", clock) as fleet:
            turn = proposal(
                fleet._desk.key("acme"), "p1", role=CSM, question="May it\ngo?", draft="Dear all,\n\nhi.", to="Kim",
                at=clock.now,
            )  # fmt: skip
            await fleet._desk.store.accept(turn)
        async with with_motions(self.quiet, tmp_path / "fleet.db", clock) as fleet:
            with anyio.fail_after(10):
                while not await fleet.approvals.list():  # noqa: ASYNC110 - nobody tells when it was taken up
                    await anyio.sleep(0.01)
            (question,) = await fleet.approvals.list()
            assert (question.question, question.draft) == ("May it go?", "Dear all,\n\nhi.")
            assert (await fleet.approvals.approve(question.id)).text == "Dear all,\n\nhi."

    async def test_a_busy_account_is_asked_about_later(self, caplog: pytest.LogCaptureFixture) -> None:
        clock = Clock()
        async with with_motions(self.quiet, None, clock) as fleet:

            async def busy(_turn: Turn) -> None:
                raise Paused("it is off", hint="wait")

            with patch.object(fleet.motions._questions, "_carry", busy):
                await self.wait(fleet, clock)
            assert "not asked yet" in caplog.text
            assert await fleet.approvals.list() == ()
            await fleet.motions.tick(clock.at(FIRST + timedelta(days=46)))
            assert len(await fleet.approvals.list()) == 1

    async def test_a_motion_asks_once_for_each_day_that_it_is_due(self, database: Path | None) -> None:
        clock = Clock()
        words = '- `mood` (every month) - ask "How is the mood?"; to Kim'
        async with with_motions(words, database, clock) as fleet:
            await seed(fleet)
            for offset in range(0, 60, 3):
                await fleet.motions.tick(clock.at(FIRST + timedelta(days=offset)))
            questions = await fleet.approvals.list()
            assert [(one.question, one.speaker) for one in questions] == [("How is the mood?", "Kim")] * 2

    def test_what_a_customer_says_is_no_proposal(self) -> None:
        turn = Turn(id="t", key=KEY, conversation="motions", role=CSM, speaker="Kim", at=noon(FIRST), text="a\n\nb")
        assert not proposes(turn)
        mine = proposal(KEY, "p", role=CSM, question="Q?", draft="D", to="Kim", at=noon(FIRST))
        assert proposes(mine)
        assert not proposes(mine.model_copy(update={"approval": "q"}))
        assert asked(mine, noon(FIRST)) == asked(mine, noon(FIRST))


class TestHandOffs:
    async def test_what_became_of_one_is_noted(self) -> None:
        clock = Clock()
        async with with_motions("- `pass` (every Monday) - hand off to sales", None, clock) as fleet:
            await seed(fleet)
            rows = weekly(date(2026, 7, 6), 50, {"active_users": 40.0})
            grown = tuple(
                one.model_copy(update={"values": {"active_users": 40.0 + max(0, number - 20) * 6, "logins": 500.0}})
                for number, one in enumerate(rows)
            )
            await books_of(fleet).put_signals(fleet._desk.key("acme"), Signals(weeks=grown))
            for offset in range(0, 150, 7):
                await fleet.motions.tick(clock.at(FIRST + timedelta(days=offset)))
            found = await fleet.motions.products(("ready",))
            assert [one.kind for _, one in found] == ["hand_off"]
            settled = await fleet.motions.settle(found[0][1].id, "won", "40 more seats")
            assert (settled.state, settled.outcome, settled.changed_at) == ("won", "40 more seats", clock.now)

    async def test_what_cannot_be_settled(self) -> None:
        async with open_fleet(clock=Clock()) as fleet:
            with pytest.raises(MessageError, match="no hand-off"):
                await fleet.motions.settle("nothing", "won")
            with pytest.raises(MessageError, match="becomes"):
                await fleet.motions.settle("nothing", "ready")


class TestLists:
    async def test_what_is_due_and_what_was_done(self, database: Path | None) -> None:
        clock = Clock()
        async with open_fleet(database=database, clock=clock) as fleet:
            await seed(fleet, ("acme", "brook"))
            ahead = await fleet.motions.due(date(2027, 2, 1))
            assert [(one.account, one.due) for one in ahead if one.motion == "renewal"] == [
                ("acme", date(2027, 2, 1)),
                ("brook", date(2027, 2, 1)),
            ]
            assert not [one for one in ahead if one.motion in ("upside", "risk-memo")]
            await fleet.motions.tick(clock.at(date(2027, 2, 1)))
            assert await fleet.motions.due() == ()
            history = await fleet.motions.history("acme", date(2027, 2, 1), date(2027, 2, 1))
            assert {run.motion for _, run in history} == {"renewal", "renewal-plan"}
            assert {name for name, _ in await fleet.motions.history()} == {"acme", "brook"}

    async def test_declared_motions_come_with_their_role(self) -> None:
        async with open_fleet(clock=Clock()) as fleet:
            assert ("customer-success-manager", "weekly-review") in [
                (name, one.name) for name, one in fleet.motions.declared()
            ]

    async def test_two_roles_with_one_name_are_told(self) -> None:
        staff, words = shipped()
        roles = tuple(role.model_copy(update={"motions": "- `x` (every day) - review"}) for role in staff.roles[:2])
        changed = staff.model_copy(update={"roles": (*roles, *staff.roles[2:])})
        with patch("open_fleets.shipped", lambda: (changed, words)):
            async with open_fleet(clock=Clock()) as fleet:
                with pytest.raises(ContractError, match="both have a motion 'x'"):
                    _ = fleet.motions


class TestWorkers:
    async def test_a_scan_has_each_account_done_once(self, database: Path | None) -> None:
        clock = Clock()
        async with open_fleet(database=database, clock=clock) as fleet:
            await seed(fleet, ("acme", "brook"))
            source, queue = MotionsDue(fleet.motions), dict[str, tuple[str, str]]()
            marks = Marks()

            async def enqueue(key: AccountKey, kind: str, day: str) -> None:
                assert kind == "motion"
                queue.setdefault(f"{key}{day}", (key.account, day))

            await scan(marks, "default", source, end_of(FIRST), enqueue)
            assert queue == {}
            clock.at(JUNE)
            await scan(marks, "default", source, end_of(JUNE), enqueue)
            for account, day in [*queue.values(), *queue.values()]:
                await source.do(Due("motion", account, day))
            notices = await books_of(fleet).notices("default", date.min, date.max)
            for name in ("acme", "brook"):
                mine = [one.on for key, one in notices if key.account == name and one.concern.kind == "renewal"]
                assert mine == MILESTONES
            runs = [run.due for _, run in await fleet.motions.history() if run.motion == "renewal-plan"]
            assert runs == [MILESTONES[0]] * 2

    @pytest.mark.parametrize("ticked", [None, date(2027, 2, 20), date(2027, 9, 1)])
    async def test_workers_begin_where_ticks_came_to_and_else_a_month_back(
        self, database: Path | None, ticked: date | None
    ) -> None:
        clock = Clock(date(2027, 3, 10))
        async with with_motions(RENEWALS, database, clock) as fleet:
            if ticked is not None:
                await fleet.motions.tick(ticked)
            await fleet.motions.begin()
            began = await books_of(fleet).mark("default", MotionsDue.name)
            assert began == min(end_of(ticked), clock.now) if ticked else began == clock.now - timedelta(days=30)
            clock.at(JUNE)
            await fleet.motions.begin()
            assert await books_of(fleet).mark("default", MotionsDue.name) == began, "not the first any more"

    async def test_a_tick_is_not_the_first_where_workers_were(self, database: Path | None) -> None:
        clock = Clock(date(2027, 1, 6))
        async with with_motions("- `review` (every Monday) - review", database, clock) as fleet:
            await seed(fleet)
            assert [one.due for one in await fleet.motions.due()] == [date(2027, 1, 6)]
            await fleet.motions.begin()
            assert [one.due for one in await fleet.motions.due()] == [FIRST]

    async def test_others_are_looked_at_once_for_what_one_scan_found(self, database: Path | None) -> None:
        clock = Clock(JUNE - timedelta(days=90))
        async with with_motions(RENEWALS, database, clock) as fleet:
            await seed(fleet, ("acme", "brook", "cedar"))
            source, books = MotionsDue(fleet.motions), books_of(fleet)
            found = await source.due(clock.now - DAY, clock.now)
            assert [due.account for due in found] == ["acme", "brook", "cedar"]
            with patch.object(books, "versions", side_effect=books.versions) as looked:
                async with anyio.create_task_group() as group:
                    for due in [*found, Due("motion", "nobody", found[0].date)]:
                        group.start_soon(source.do, due)
                assert looked.call_count == 1
                clock.now += DAY
                later = f"{clock.now:%Y%m%dT%H%M%S.%fZ}"
                await source.do(Due("motion", "acme", later))
                assert looked.call_count == 2
            assert [name for name, _ in await fleet.motions.history()] == ["acme", "brook", "cedar"]

    async def test_what_another_worker_did_since_is_seen(self, tmp_path: Path) -> None:
        """Days of one account are done in order, by whichever worker: an account is read as it is on record now."""
        clock = Clock(JUNE - timedelta(days=90))
        async with (
            with_motions(RENEWALS, tmp_path / "f.db", clock) as one,
            with_motions(RENEWALS, tmp_path / "f.db", clock) as other,
        ):
            await seed(one, ("acme", "brook"))
            found = await MotionsDue(one.motions).due(clock.now - DAY, clock.now)
            await MotionsDue(one.motions).do(found[0])
            await MotionsDue(other.motions).do(found[1])
            assert (one.motions.days.looked, other.motions.days.looked) == (1, 1)
            await MotionsDue(one.motions).do(found[1])
            assert one.motions.days.looked == 1, "nothing is due there any more"

    async def test_a_scan_puts_what_nobody_put_but_not_while_paused(self, database: Path | None) -> None:
        clock = Clock()
        async with with_motions(TestQuestions.quiet, database, clock) as fleet:
            with patch.object(fleet.motions._questions, "_put", side_effect=Dies.Killed), pytest.raises(Dies.Killed):
                await TestQuestions().wait(fleet, clock)
            await fleet.pause()
            await MotionsDue(fleet.motions).due(clock.now, clock.now + DAY)
            assert await fleet.approvals.list() == ()
            await fleet.resume()
            await MotionsDue(fleet.motions).due(clock.now, clock.now + DAY)
            assert len(await fleet.approvals.list()) == 1

    async def test_a_worker_puts_the_questions_of_its_account(self, database: Path | None) -> None:
        clock = Clock()
        words = '- `mood` (every month) - ask "How is the mood?"; to Kim'
        async with with_motions(words, database, clock) as fleet:
            await seed(fleet, ("acme", "brook"))
            clock.at(date(2027, 2, 1))
            first, second = await MotionsDue(fleet.motions).due(clock.now - DAY, clock.now)
            for due, asked_about in ((first, ["acme"]), (first, ["acme"]), (second, ["acme", "brook"])):
                await MotionsDue(fleet.motions).do(due)
                assert [one.key.account for one in await fleet.approvals.list()] == asked_about


class TestCases:
    async def test_only_what_was_written_is_read_again(self, database: Path | None) -> None:
        async with open_fleet(database=database, clock=Clock()) as fleet:
            await seed(fleet, ("acme", "brook"))
            cases = Cases(fleet._desk, books_of(fleet), Looks(fleet._desk).rules)
            before = await cases.all()
            assert (sorted(before), cases.read) == (["acme", "brook"], 2)
            seasons = await cases.seasons()
            assert await cases.seasons() is seasons
            assert cases.read == 2
            await fleet.motions.replay(date(2027, 2, 1), date(2027, 2, 1))
            one = await cases.one("acme")
            assert [run.motion for run in one.book.runs] == ["renewal", "renewal-plan"]
            assert one.all_weeks is before["acme"].all_weeks  # what was prepared of the weeks is carried on
            assert cases.read == 3
            assert await cases.seasons() is seasons

    async def test_news_are_seen(self, database: Path | None) -> None:
        async with open_fleet(database=database, clock=Clock()) as fleet:
            await seed(fleet)
            cases, key = Cases(fleet._desk, books_of(fleet), Looks(fleet._desk).rules), fleet._desk.key("acme")
            first, seasons = await cases.one("acme"), await cases.seasons()
            more = Signals(weeks=weekly(date(2027, 8, 2), 1, {"active_users": 3.0}))
            await books_of(fleet).put_signals(key, more)
            assert len((await cases.one("acme")).book.signals.weeks) == len(first.book.signals.weeks) + 1
            assert await cases.seasons() is not seasons
            await fleet.memory("acme").record(Event(id="e", at=noon(FIRST), kind="call", author="Kim", text="Hello."))
            assert (await cases.one("acme")).contact(end_of(FIRST)) == noon(FIRST)

    async def test_an_erased_account_is_forgotten_and_an_unknown_one_is_empty(self) -> None:
        async with open_fleet(clock=Clock()) as fleet:
            await seed(fleet, ("acme", "brook"))
            cases = Cases(fleet._desk, books_of(fleet), Looks(fleet._desk).rules)
            assert len(await cases.all()) == 2
            await fleet.memory("acme").erase()
            assert sorted(await cases.all()) == ["brook"]
            assert (await cases.one("nobody")).book.signals == Signals()
