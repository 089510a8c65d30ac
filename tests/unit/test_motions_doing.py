"""What a motion brings: raised once, closed when it is gone, handed over once, moot when there is nothing to do."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from motion_cases import (
    CLOSER,
    CSM,
    STAFF,
    Looking,
    case,
    concern,
    details,
    fact,
    from_day,
    motion,
    noon,
    renewals,
    weekly,
)

from fleet_runtime.contracts import Condition, Staff
from fleet_runtime.health import Assessment, Check, end_of
from fleet_runtime.motions.conditions import failing
from fleet_runtime.motions.owners import addressee, terms, title
from fleet_runtime.records import Commitment
from fleet_runtime.records.book import Health

DAY, WEEK = timedelta(days=1), timedelta(days=7)
MONDAY = date(2027, 1, 4)
JUNE = date(2027, 6, 1)
REVIEW = motion("`weekly` (every Monday) - review")
RENEWAL = motion(
    "`renewal` (180, 90, 30 days before `renewal_date`; unless `renewal_state` is renewed) - check the renewal"
)
OPEN = Check(name="sponsor", state="open", says="the sponsor is leaving")
UNKNOWN = Check(name="goals", state="unknown", says="no goal on record")
FINE = Check(name="champion", state="ok", says="Kim")


def monday(number: int) -> date:
    """Return the Monday so many weeks after the first."""
    return MONDAY + number * WEEK


class TestReviews:
    def test_a_matter_is_raised_once_while_it_is_open(self) -> None:
        looking = Looking(case(), lambda _at: [concern(), concern("usage", kind="expansion")])
        first = looking.do(REVIEW, monday(0))
        assert first is not None
        assert [one.id for one in first.notices] == [
            "weekly:2027-01-04:risk:champion",
            "weekly:2027-01-04:expansion:usage",
        ]
        assert first.run.notices == tuple(one.id for one in first.notices)
        for number in range(1, 9):
            assert looking.do(REVIEW, monday(number)) is None

    def test_a_quiet_review_leaves_nothing(self) -> None:
        assert Looking(case()).do(REVIEW, MONDAY) is None

    def test_a_graver_matter_is_raised_again_after_four_weeks(self) -> None:
        looking = Looking(case(), lambda at: [concern(severity="high" if at.date() > MONDAY else "medium")])
        looking.do(REVIEW, monday(0))
        assert [looking.do(REVIEW, monday(number)) for number in (1, 2, 3)] == [None] * 3
        again = looking.do(REVIEW, monday(4))
        assert again is not None
        assert [one.concern.severity for one in again.notices] == ["high"]
        assert [(one.id, one.closed_on) for one in again.closed] == [("weekly:2027-01-04:risk:champion", monday(4))]
        assert "graver" in again.closed[0].outcome
        assert [one.open_on(monday(4)) for one in looking.notices] == [False, True]

    def test_a_risk_is_over_after_four_weeks(self) -> None:
        looking = Looking(case(), from_day(MONDAY, monday(5), [concern()]))
        looking.do(REVIEW, monday(0))
        assert [looking.do(REVIEW, monday(number)) for number in range(1, 10)] == [None] * 9
        over = looking.do(REVIEW, monday(10))
        assert over is not None
        assert over.notices == ()
        assert [(one.closed_on, one.outcome) for one in over.closed] == [
            (monday(10), f"not seen any more since {monday(6)}")
        ]

    def test_anything_else_is_over_at_the_second_review_without_it(self) -> None:
        looking = Looking(case(), from_day(MONDAY, MONDAY, [concern("gap", "low", "data_check")]))
        looking.do(REVIEW, monday(0))
        assert looking.do(REVIEW, monday(1)) is None
        over = looking.do(REVIEW, monday(2))
        assert over is not None
        assert [one.closed_on for one in over.closed] == [monday(2)]

    def test_what_comes_and_goes_is_not_raised_again_within_four_weeks(self) -> None:
        gap = concern("gap", "low", "data_check")
        looking = Looking(case(), lambda at: [gap] if at.date() in (monday(0), monday(3), monday(4)) else [])
        raised = [number for number in range(6) if (one := looking.do(REVIEW, monday(number))) and one.notices]
        assert raised == [0, 4]

    def test_looking_at_the_past_again_raises_nothing_that_was_raised_soon_after(self) -> None:
        looking = Looking(case(), lambda _at: [concern()])
        looking.do(REVIEW, monday(3))
        assert looking.do(REVIEW, monday(1)) is None


class TestRenewals:
    def test_each_milestone_is_raised_with_what_is_open(self) -> None:
        looking = Looking(case(rows=[details(JUNE)]))
        looking.todo = (FINE, UNKNOWN, OPEN)
        done = looking.do(RENEWAL, JUNE - 90 * DAY)
        assert done is not None
        (notice,) = done.notices
        found = notice.concern
        assert (found.kind, found.matter, found.severity) == ("renewal", "milestone-90", "medium")
        assert found.title == "Renewal on 2027-06-01, in 90 days"
        assert found.reasons == ("the sponsor is leaving", "no goal on record")
        assert found.evidence[0].source == "crm.csv:2"
        assert found.play == "Commercial terms go to the account executive, legal ones to the legal counsel."
        assert done.run.why == "90 days before renewal_date 2027-06-01"

    def test_how_grave_a_milestone_is(self) -> None:
        def severity(todo: tuple[Check, ...], days: int, *, risk: bool = False) -> str:
            looking = Looking(case(rows=[details(JUNE)]), lambda _at: [concern(severity="high")] if risk else [])
            looking.todo = todo
            done = looking.do(RENEWAL, JUNE - days * DAY)
            assert done is not None
            return done.notices[0].concern.severity

        assert severity((FINE,), 90) == "low"
        assert severity((FINE,), 30) == "low"
        assert severity((FINE, OPEN), 90) == "medium"
        assert severity((FINE, OPEN), 30) == "high"
        assert severity((FINE,), 90, risk=True) == "high"

    def test_a_milestone_ends_the_one_before(self) -> None:
        looking = Looking(case(rows=[details(JUNE)]))
        looking.do(RENEWAL, JUNE - 90 * DAY)
        done = looking.do(RENEWAL, JUNE - 30 * DAY)
        assert done is not None
        assert [(one.concern.matter, one.outcome) for one in done.closed] == [
            ("milestone-90", "followed by the one 30 days before")
        ]

    def test_a_renewed_contract_has_no_more_milestones(self) -> None:
        renewed = weekly(date(2027, 4, 5), 1, {"logins": 3}, {0: "renewed"})
        looking = Looking(case(rows=[details(JUNE)], weeks=renewed))
        looking.do(RENEWAL, JUNE - 90 * DAY)
        done = looking.do(RENEWAL, JUNE - 30 * DAY)
        assert done is not None
        assert (done.run.outcome, done.notices, done.products) == ("moot", (), ())
        assert done.run.why == "30 days before renewal_date 2027-06-01: the contract is renewed"
        assert [one.outcome for one in done.closed] == ["renewed"]

    def test_a_review_ends_what_was_noticed_of_a_renewal_that_is_settled_or_past(self) -> None:
        fact_says = case(rows=[details(JUNE)], facts=[fact("renewal_state", "renewed", noon(date(2027, 4, 1)))])
        for acme, day, outcome in (
            (fact_says, date(2027, 4, 5), "renewed"),
            (case(rows=[details(JUNE)]), date(2027, 6, 7), "2027-06-01 has passed"),
        ):
            looking = Looking(acme)
            looking.do(RENEWAL, JUNE - 90 * DAY)
            over = looking.do(REVIEW, day)
            assert over is not None
            assert [one.outcome for one in over.closed] == [outcome]

    @pytest.mark.parametrize(("moved", "outcome"), [(10, "moot"), (30, "moot"), (31, "done"), (90, "done")])
    def test_a_milestone_fires_again_only_if_the_date_moved_by_more_than_a_month(
        self, moved: int, outcome: str
    ) -> None:
        later = JUNE + moved * DAY
        looking = Looking(case(rows=renewals((JUNE, noon(date(2026, 1, 1))), (later, noon(date(2027, 3, 10))))))
        looking.do(RENEWAL, JUNE - 90 * DAY)
        done = looking.do(RENEWAL, later - 90 * DAY)
        assert done is not None
        assert done.run.outcome == outcome
        if outcome == "moot":
            assert "it was done for 2027-06-01" in done.run.why

    def test_another_milestone_of_the_former_date_does_not_count(self) -> None:
        one = motion("`renewal` (90, 60 days before `renewal_date`) - check the renewal")
        looking = Looking(case(rows=[details(JUNE)]))
        looking.do(one, JUNE - 90 * DAY)
        done = looking.do(one, JUNE - 60 * DAY)
        assert done is not None
        assert done.run.outcome == "done"

    def test_a_date_that_is_gone_is_moot(self) -> None:
        done = Looking(case(rows=[details(JUNE)])).do(RENEWAL, date(2027, 2, 2))
        assert done is not None
        assert (done.run.outcome, done.run.why) == ("moot", "renewal_date is another date by now")

    def test_a_renewal_that_nobody_knows_is_not_checked(self) -> None:
        weekly_check = motion("`check` (every Monday) - check the renewal")
        assert Looking(case()).do(weekly_check, MONDAY) is None
        done = Looking(case(rows=[details(JUNE)])).do(weekly_check, MONDAY)
        assert done is not None
        assert done.notices[0].concern.matter == f"milestone-{(JUNE - MONDAY).days}"


class TestRules:
    def test_a_rule_begins_once(self) -> None:
        memo = motion("`memo` (when a high risk is raised) - draft `risk_memo`")
        looking = Looking(case(), lambda _at: [concern(severity="high"), concern("gap", "low", "data_check")])
        looking.do(REVIEW, MONDAY)
        done = looking.do(memo, MONDAY)
        assert done is not None
        assert done.notices == ()  # the review raised it
        (product,) = done.products
        assert (product.kind, product.notice, product.state) == (
            "risk_memo",
            "weekly:2027-01-04:risk:champion",
            "ready",
        )
        assert product.id == "acme:memo:2027-01-04:risk_memo"
        assert product.cites == ("crm.csv:2",)
        assert [looking.do(memo, monday(number)) for number in (1, 2, 5)] == [None] * 3

    def test_it_begins_when_an_open_matter_becomes_grave(self) -> None:
        memo = motion("`memo` (when a high risk is raised) - draft `risk_memo`")
        looking = Looking(case(), lambda at: [concern(severity="high" if at.date() > MONDAY else "medium")])
        looking.do(REVIEW, monday(0))
        assert looking.do(memo, monday(0)) is None
        assert looking.do(memo, monday(1)) is not None
        assert looking.do(memo, monday(2)) is None

    def test_without_a_review_it_raises_by_itself(self) -> None:
        memo = motion("`memo` (when `champion`) - draft `risk_memo`")
        looking = Looking(case(), lambda _at: [concern()])
        done = looking.do(memo, MONDAY)
        assert done is not None
        assert [one.id for one in done.notices] == ["memo:2027-01-04:risk:champion"]
        assert done.products[0].notice == "memo:2027-01-04:risk:champion"
        assert looking.do(memo, monday(1)) is None

    def test_a_condition_that_fails_makes_it_moot(self) -> None:
        memo = motion("`memo` (when `champion`; if `health` below 60) - draft `risk_memo`")
        done = Looking(case(), lambda _at: [concern()], score=70).do(memo, MONDAY)
        assert done is not None
        assert (done.run.outcome, done.run.why) == ("moot", "health is 70, not below 60")
        below = Looking(case(), lambda _at: [concern()], score=50).do(memo, MONDAY)
        assert below is not None
        assert below.run.outcome == "done"

    def test_a_failing_condition_leaves_nothing_of_the_calendar_or_of_silence(self) -> None:
        for words in ("every Monday", "no contact for 45 days"):
            one = motion(f"`name` ({words}; if `plan` is gold) - draft `email`")
            assert Looking(case()).do(one, MONDAY) is None


class TestHandOffs:
    upside = motion("`upside` (when `expansion`) - hand off to sales")

    def grown(self) -> Looking:
        return Looking(case(), lambda _at: [concern("seats_full", "high", "expansion"), concern()])

    def test_an_upside_is_handed_to_whom_it_belongs_once(self) -> None:
        looking = self.grown()
        done = looking.do(self.upside, MONDAY)
        assert done is not None
        (packet,) = done.products
        assert (packet.kind, packet.to, packet.state) == ("hand_off", "account-executive", "ready")
        wanted = looking.wanted[0]
        assert wanted.concern is not None
        assert wanted.concern.matter == "seats_full"
        assert [one.concern.matter for one in wanted.notices] == ["seats_full"]
        assert looking.do(self.upside, monday(1)) is None

    @pytest.mark.parametrize(
        ("state", "weeks", "again"),
        [
            ("accepted", 52, False), ("ready", 52, False), ("declined", 20, False), ("declined", 27, True),
            ("lost", 27, True), ("won", 6, False), ("won", 27, True),
        ],
    )  # fmt: skip
    def test_it_is_handed_over_again_only_after_it_was_refused_long_ago(
        self,
        state: str,
        weeks: int,
        again: bool,  # noqa: FBT001 - a parameter of the test
    ) -> None:
        always = motion("`always` (every Monday) - review, hand off to sales")
        looking = self.grown()
        first = looking.do(always, MONDAY)
        assert first is not None
        looking.became(first.products[0].id, state=state, changed_at=end_of(MONDAY))
        later = looking.do(always, monday(weeks))
        assert bool(later and later.products) is again

    def test_also_where_nobody_raised_it(self) -> None:
        looking = self.grown()
        monthly = motion("`monthly` (every Monday) - hand off to sales")
        done = looking.do(monthly, MONDAY)
        assert done is not None
        assert [(one.notice, one.id) for one in done.products] == [("", "acme:monthly:2027-01-04:hand_off:seats_full")]
        assert looking.do(monthly, monday(1)) is None

    def test_who_gets_it(self) -> None:
        assert addressee("sales", STAFF, "customer-success-manager") == "account-executive"
        assert addressee("legal-counsel", STAFF, "customer-success-manager") == "legal-counsel"
        assert addressee("sales-lead", STAFF, "customer-success-manager") == "account-executive"
        assert addressee("Dana", STAFF, "customer-success-manager") == "Dana"
        assert addressee("customer-success-manager", STAFF, "customer-success-manager") == ""
        assert addressee("", STAFF, "customer-success-manager") == ""
        alone = Staff(roles=(CSM,), lead="customer-success-manager", domains={"sales-lead": "sales"})
        assert addressee("sales", alone, "customer-success-manager") == "sales"
        assert addressee("sales", alone.joined_by([CLOSER]), "x") == "account-executive"
        assert addressee("sales", alone, "somebody-else") == "customer-success-manager"
        assert terms(alone, "customer-success-manager") == ("", "")
        assert title("sales", STAFF) == "sales"


class TestDraftsAndQuestions:
    def test_what_needs_a_yes_waits(self) -> None:
        mail = motion("`quiet` (no contact for 45 days) - draft `email`; approved by Dana")
        done = Looking(case()).do(mail, MONDAY)
        assert done is not None
        assert [(one.kind, one.state) for one in done.products] == [("email", "waiting")]

    def test_a_draft_goes_to_whom_the_contract_names(self) -> None:
        plan = motion("`plan` (30 days before `renewal_date`) - draft `renewal_plan`; to sales")
        done = Looking(case(rows=[details(JUNE)])).do(plan, JUNE - 30 * DAY)
        assert done is not None
        assert [one.to for one in done.products] == ["account-executive"]

    def test_a_motion_that_asks_is_kept_even_if_it_brings_nothing_else(self) -> None:
        question = motion('`question` (every Monday) - ask "How is it?"')
        done = Looking(case()).do(question, MONDAY)
        assert done is not None
        assert (done.run.outcome, done.products) == ("done", ())


class TestConditions:
    acme = case(
        rows=[details(JUNE)],
        facts=[fact("seats", "1,200"), fact("plan", "gold")],
        weeks=weekly(MONDAY, 3, {"active_users": 40.0}),
        commitments=[
            Commitment(id="c", task="send it", owner="Ann", due="2027-01-20", event_id="e", at=noon(MONDAY)),
            Commitment(id="d", task="call", owner="Ann", event_id="e", at=noon(MONDAY)),
        ],
    )

    @pytest.mark.parametrize(
        ("condition", "why"),
        [
            (Condition(of="plan", test="is", value="Gold"), ""),
            (Condition(of="plan", test="is", value="iron"), "plan is gold, not iron"),
            (Condition(of="plan", test="above", value="3"), "plan is gold, not above 3"),
            (Condition(of="plan", test="known"), ""),
            (Condition(of="plan", test="known", negated=True), "plan is gold"),
            (Condition(of="seats", test="above", value="1000"), ""),
            (Condition(of="arr", test="below", value="500"), "arr is 1000, not below 500"),
            (Condition(of="company", test="is", value="acme"), ""),
            (Condition(of="active_users", test="below", value="41"), ""),
            (Condition(of="active_users", test="below", value="40"), "active_users is 40, not below 40"),
            (Condition(of="competitor", test="known"), "competitor is not known"),
            (Condition(of="competitor", test="below", value="5"), "competitor is not known"),
            (Condition(of="competitor", test="is", value="x", negated=True), ""),
            (Condition(of="overdue_commitments", test="above", value="0"), ""),
            (Condition(of="open_commitments", test="above", value="2"), "open_commitments is 2, not above 2"),
            (Condition(of="renewal_state", test="known"), "renewal_state is not known"),
        ],
    )
    def test_what_a_condition_asks(self, condition: Condition, why: str) -> None:
        unknown = Health(on=MONDAY, score=None, trend="unknown", slope=0.0, confidence=0.0)
        assert failing(condition, self.acme, end_of(date(2027, 1, 30)), lambda _at: Assessment(unknown, ())) == why
