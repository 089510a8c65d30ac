"""Work products: every figure stands in the record, nothing is invented, and what people wrote stays text."""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import pairwise

import accounts_reviewed as accounts
import pytest
from accounts_reviewed import AT, DAY, GAPS, SIGNALS, USAGE
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jinja2 import meta
from markdown_it.token import Token
from templates_shipped import PROMPTS, templates

from fleet_runtime.errors import PromptError
from fleet_runtime.health import Assessment, case_of, end_of
from fleet_runtime.products import TEMPLATES, Composed, Figure, Material, Occasion, as_read, compose, occasion_of, plain
from fleet_runtime.products.escaping import clipped, one_line
from fleet_runtime.publishing.reading import reader
from fleet_runtime.records.book import Concern, ProductKind, Week

KINDS: tuple[ProductKind, ...] = tuple(TEMPLATES)
REPORTS = tuple(kind for kind in KINDS if kind != "email")
BOOK = templates()
MARK = re.compile(r"(?<!\\)\[(\d+)\]")


def body(composed: Composed) -> str:
    """Return what stands before the sources."""
    return composed.text.partition("\n## Sources\n")[0]


def figures(composed: Composed) -> dict[str, Figure]:
    """Return the figures by their names."""
    return {one.name: one for one in composed.figures}


def weeks() -> list[Week]:
    """Return the weeks of the rich account."""
    return list(SIGNALS.weeks)


def mean(name: str, first: date, last: date) -> float:
    """Return the mean of a column over the weeks that begin from ``first`` to ``last``."""
    found = [week.values[name] for week in weeks() if first <= week.start <= last and name in week.values]
    return sum(found) / len(found)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("account", ["rich", "empty", "hostile"])
def test_every_kind_is_written_of_every_account(kind: ProductKind, account: str) -> None:
    material: Material = getattr(accounts, account)()
    composed = compose(kind, material, BOOK)
    assert composed.title
    assert composed.on == DAY
    assert not re.search(r"\bNone\b(?! can be set| was found)", composed.text)
    assert "object at 0x" not in composed.text
    assert composed == compose(kind, material, BOOK)


@pytest.mark.parametrize("kind", REPORTS)
@pytest.mark.parametrize("account", ["rich", "empty", "hostile"])
def test_marks_count_up_from_one_and_each_has_its_source(kind: ProductKind, account: str) -> None:
    composed = compose(kind, getattr(accounts, account)(), BOOK)
    used = list(dict.fromkeys(int(number) for number in MARK.findall(body(composed))))
    assert used == list(range(1, len(composed.cites) + 1))
    listed = re.findall(r"^(\d+)\. ", composed.text.partition("\n## Sources\n")[2], re.MULTILINE)
    assert [int(number) for number in listed] == used
    for figure in composed.figures:
        assert set(figure.source.split("; ")) & set(composed.cites) or figure.source in composed.cites


@pytest.mark.parametrize("kind", REPORTS)
def test_every_number_of_a_report_stands_beside_a_mark(kind: ProductKind) -> None:
    """Left out: days before a milestone, the days of writing, and how much is looked at."""
    composed = compose(kind, accounts.rich(), BOOK)
    ours = ("1 August 2027", "2 May 2027", "of 100", "of 13", "last 13 weeks", "| 180 |", "| 120 |", "| 90 |", "| 60 |")
    for line in body(composed).splitlines():
        rest = MARK.sub("", line)
        for piece in (*ours, "| 30 |", "| 14 |"):
            rest = rest.replace(piece, "")
        if re.search(r"\d", rest):
            assert MARK.search(line), line


@pytest.mark.parametrize("kind", REPORTS)
def test_every_figure_is_written_as_it_says(kind: ProductKind) -> None:
    composed = compose(kind, accounts.rich(), BOOK)
    text = as_read(composed.text)
    assert composed.figures
    for figure in composed.figures:
        assert figure.shown in text, figure


def test_the_figures_of_a_review_are_those_of_the_record() -> None:
    found = figures(compose("qbr", accounts.rich(), BOOK))
    last, before = date(2027, 7, 19), date(2027, 4, 19)
    month = timedelta(weeks=3)
    for name in ("active_users", "logins", "key_feature_uses", "top_user_share", "uses_reports"):
        assert found[f"{name}.now"].value == pytest.approx(mean(name, last - month, last))
        assert found[f"{name}.before"].value == pytest.approx(mean(name, before - month, before))
    quarter = [week for week in weeks() if week.start > last - timedelta(weeks=13)]
    answers = [week.values["nps"] for week in quarter if "nps" in week.values]
    assert found["nps.now"].value == pytest.approx(sum(answers) / len(answers))
    assert found["tickets_opened.quarter"].value == sum(week.values["tickets_opened"] for week in quarter)
    assert found["p1_open.latest"].value == weeks()[-1].values["p1_open"]
    assert found["weeks.missing"].value == 13 - len(quarter) == len([gap for gap in GAPS if gap > 31 - 13])
    uses = sum(week.values["key_feature_uses"] for week in weeks()[-4:])
    people = sum(week.values["active_users"] for week in weeks()[-4:])
    assert found["key_uses_per_user.now"].value == pytest.approx(uses / people)
    assert found["seats"].value == 240
    assert found["seat_share.now"].value == pytest.approx(mean("active_users", last - month, last) / 240)
    assert found["renewal_date"].value == date(2027, 11, 30)
    assert found["renewal_date.days_left"].value == (date(2027, 11, 30) - DAY).days
    assert found["arr"].value == 48000
    assert found["contact.last"].value == date(2027, 7, 12)
    assert found["health.score"].value == 58
    assert found["commitment.c1.due"].value == "2027-07-20"


def test_the_charts_of_a_review_are_those_of_the_record() -> None:
    charts = {chart.name: chart for chart in compose("qbr", accounts.rich(), BOOK).charts}
    assert list(charts) == ["active_users", "depth", "health", "measures", "tickets"]
    users = charts["active_users"].series[0]
    known = {week.start: week.values["active_users"] for week in weeks()}
    assert users.values == tuple(known.get(day) for day in users.days)
    assert [after - before for before, after in pairwise(users.days)] == [timedelta(days=7)] * 25
    assert users.values.count(None) == len(GAPS)
    assert [(line.name, line.value) for line in charts["active_users"].references] == [("seats", 240.0)]
    depth = {week.start: week.values["key_feature_uses"] / week.values["active_users"] for week in weeks()}
    assert charts["depth"].series[0].values == tuple(depth.get(day) for day in users.days)
    material = accounts.rich()
    assert charts["health"].series[0].values == tuple(one.score for one in material.history)
    assert len(charts["measures"].series) == 6
    assert charts["measures"].top == 100


def test_a_review_of_an_earlier_day_knows_nothing_that_came_later() -> None:
    at = end_of(date(2027, 6, 15))
    bare = Assessment(accounts.health(at.date(), 80), ())
    earlier = accounts.rich()._replace(at=at, history=(), commitments=(), checks=(), assessment=bare)
    composed = compose("qbr", earlier, BOOK)
    found = figures(composed)
    assert "Porto" not in composed.text
    assert found["contact.last"].value == date(2027, 4, 2)
    assert found["active_users.now"].value == pytest.approx(mean("active_users", date(2027, 5, 17), date(2027, 6, 7)))
    assert max(chart.series[0].days[-1] for chart in composed.charts) == date(2027, 6, 7)


def test_weeks_that_did_not_come_are_told_at_the_end_too() -> None:
    late = accounts.rich()._replace(at=end_of(DAY + timedelta(weeks=6)), history=())
    composed = compose("qbr", late, BOOK)
    assert figures(composed)["weeks.missing"].value == 6
    assert {chart.name: chart for chart in composed.charts}["active_users"].series[0].values[-6:] == (None,) * 6
    assert "| People active in a week | no data |" in composed.text


def test_an_empty_account_says_what_is_not_known() -> None:
    text = compose("qbr", accounts.empty(), BOOK).text
    for missing in ("champion", "sponsor", "goal", "date", "weekly signals", "talk with the customer", "score"):
        assert missing in text.partition("## What we do not know")[2]
    assert not re.search(r"\d", text.replace("1 August 2027", "").replace("2 May 2027", ""))
    assert compose("qbr", accounts.empty(), BOOK).charts == ()


def test_where_crm_and_talk_part_ways_both_are_named() -> None:
    text = as_read(compose("qbr", accounts.rich(), BOOK).text)
    assert "Seats: 240 by what was said, 220 by the CRM; which of the two holds?" in text


def with_weeks(values: list[dict[str, float]]) -> Material:
    """Return the rich account with other weeks, the last of them the latest, and a fact of its worth."""
    first = date(2027, 7, 26) - timedelta(weeks=len(values))
    rows = tuple(
        Week(start=first + timedelta(weeks=place), values=one, known_from=accounts.moment("2027-07-30"))
        for place, one in enumerate(values)
    )
    told = accounts.rich()
    worth = accounts.fact("f9", "arr", "USD 12000", "2027-02-01", "Dana Whitfield")
    state = told.case.state.model_copy(update={"facts": (*told.case.state.facts, worth)})
    book = told.case.book._replace(signals=SIGNALS.model_copy(update={"weeks": rows, "details": ()}))
    return told._replace(case=case_of(book, state, accounts.KEYS), history=())


def test_nothing_is_divided_by_a_quarter_without_use() -> None:
    still = compose("qbr", with_weeks([{"active_users": 0.0}] * 17), BOOK)
    assert re.search(r"\| People active in a week \| 0 \[.*\| 0 \[.*\| steady \|", still.text)
    began = compose("qbr", with_weeks([{"active_users": 0.0}] * 13 + [{"active_users": 3.0}] * 4), BOOK)
    assert "| up from nothing |" in began.text
    used = compose("qbr", with_weeks([{"key_feature_uses": 4.0, "active_users": 0.0}] * 17), BOOK)
    assert "by an active person" not in used.text


def test_what_a_contract_is_worth_may_come_from_a_talk() -> None:
    composed = compose("qbr", with_weeks([{"active_users": 1.0}]), BOOK)
    assert figures(composed)["arr"].value == "USD 12000"
    assert figures(composed)["arr"].source == "fact f9"
    assert "Executive sponsor" not in composed.text.partition("## Value")[0]


def test_a_risk_memo_is_about_the_concern_given_or_the_gravest_risk() -> None:
    memo = compose("risk_memo", accounts.rich(), BOOK)
    assert "Use falls." in memo.text
    assert "Raised on 5 July 2027" in memo.text
    assert "two teams are moving to another office" in memo.text
    assert "Speak with Dana Whitfield [" in memo.text
    assert figures(memo)["proposed.7"].value == DAY + timedelta(days=7)
    other = USAGE.model_copy(update={"matter": "champion", "title": "The champion goes"})
    given_one = compose("risk_memo", accounts.rich(other), BOOK).text
    assert "The champion goes." in given_one
    assert "no open notice of it is on record" in given_one
    assert "No risk was found" in compose("risk_memo", accounts.empty(), BOOK).text


def test_use_that_held_speaks_for_a_false_alarm_and_unknown_use_does_not() -> None:
    steady = [
        week.model_copy(update={"values": {**week.values, "active_users": 200.0}, "note": ""}) for week in weeks()
    ]
    signals = SIGNALS.model_copy(update={"weeks": tuple(steady)})
    held = accounts.rich()
    book = held.case.book._replace(signals=signals)
    memo = compose("risk_memo", held._replace(case=case_of(book, held.case.state, held.case.keys)), BOOK)
    assert "Use itself did not fall: 200 [" in memo.text
    short = book._replace(signals=SIGNALS.model_copy(update={"weeks": tuple(steady[-3:])}))
    unknown = compose("risk_memo", held._replace(case=case_of(short, held.case.state, held.case.keys)), BOOK)
    assert "did not fall" not in unknown.text


def test_a_hand_off_gives_what_was_said_word_for_word_and_what_was_not_promised() -> None:
    packet = compose("hand_off", accounts.rich()._replace(to="account-executive"), BOOK)
    text = as_read(packet.text)
    assert packet.title.startswith("Hand-off to account-executive")
    assert '"Could the warehouse in Porto join us in autumn? What would 30 more seats cost?"' in text
    assert "send the training plan for the two teams in Porto" in text.partition("## What was not promised")[2]
    assert "Beyond them nothing is on record as promised: no price" in text
    assert "name a second admin" not in text
    assert "No upside was found" in compose("hand_off", accounts.empty(), BOOK).text


def test_a_renewal_plan_counts_back_from_the_date_and_leaves_terms_to_their_owners() -> None:
    plan = compose("renewal_plan", accounts.rich()._replace(milestones=(200, 90, 7)), BOOK)
    found = figures(plan)
    for days in (200, 90, 7):
        assert found[f"milestone.{days}"].value == date(2027, 11, 30) - timedelta(days=days)
    states = re.findall(r"^\| (\d+) \|.*\| (\w+) \|$", plan.text, re.MULTILINE)
    assert states == [("200", "passed"), ("90", "next"), ("7", "ahead")]
    assert re.search(r"\| Price questions \| open \| sales \|", plan.text)
    assert re.search(r"\| Paperwork \| unknown \| legal \|", plan.text)
    assert "None can be set without a date." in compose("renewal_plan", accounts.empty(), BOOK).text


def test_a_success_plan_says_who_promised_what_and_nothing_of_our_own_judgement() -> None:
    text = compose("success_plan", accounts.rich(), BOOK).text
    ours, theirs = text.partition("## What we promised")[2].split("## What the customer promised")
    assert "send the training plan" in ours
    assert "name a second admin" in theirs
    assert "health" not in text.partition("## Sources")[0].lower()
    assert USAGE.play not in text


INTERNAL = ("health", "score", "churn", "risk", "price", "discount", "upsell", "expansion", "signal", "internal", "%")


@pytest.mark.parametrize("occasion", ["quiet", "usage", "review", "renewal"])
@pytest.mark.parametrize("account", ["rich", "empty"])
def test_an_email_is_short_and_says_nothing_internal(occasion: str, account: str) -> None:
    material: Material = getattr(accounts, account)()._replace(occasion=occasion)
    mail = compose("email", material, BOOK)
    assert not any(word in f"{mail.title} {mail.text}".lower() for word in INTERNAL)
    assert len(mail.text.split()) < 110
    assert not MARK.search(mail.text)
    numbers = re.findall(r"\d+", mail.text)
    assert "".join(numbers) in {"", "122027", "302027"}
    assert mail.text.startswith("Hello Dana," if account == "rich" else "Hello,")
    assert mail.text.endswith(("Mia Lindqvist\n", "Customer Success Manager\n"))


@pytest.mark.parametrize("occasion", ["quiet", "usage", "review", "renewal"])
def test_the_guard_finds_nothing_in_an_email_that_the_record_does_not_hold(occasion: Occasion) -> None:
    from fleet_runtime.guarding import Evidence, check  # noqa: PLC0415 - heavy, for this test only

    material = accounts.rich()._replace(occasion=occasion)
    mail = compose("email", material, BOOK)
    review = as_read(compose("qbr", material, BOOK).text)
    evidence = Evidence(texts=(review,), names=("Mia Lindqvist", "Dana Whitfield"))
    assert check(as_read(mail.text), evidence, said_at=AT) == ()


def test_an_email_tells_its_approver_what_its_figures_rest_on() -> None:
    quiet = compose("email", accounts.rich()._replace(occasion="quiet"), BOOK)
    assert "we last spoke on 12 July 2027" in quiet.text
    assert figures(quiet)["contact.last"].value == date(2027, 7, 12)
    assert "event e3" in quiet.cites
    usage = compose("email", accounts.rich(USAGE), BOOK)
    assert "fewer of your people" in usage.text
    assert {"active_users.now", "active_users.before"} <= figures(usage).keys()
    assert "fewer" not in compose("email", accounts.empty()._replace(occasion="usage"), BOOK).text


def test_an_email_names_no_renewal_that_is_past_or_only_guessed() -> None:
    told = accounts.rich()._replace(occasion="renewal")
    assert "30 November 2027" in compose("email", told, BOOK).text
    past = compose("email", told._replace(at=end_of(date(2027, 12, 10))), BOOK)
    assert "2027" not in past.text
    early = told._replace(at=end_of(date(2026, 12, 30)))  # before the fact, and before the CRM was known
    assert early.case.renewal(early.at) is not None
    assert "2027" not in compose("email", early, BOOK).text


def test_an_email_greets_a_person_and_no_role() -> None:
    greeted = compose("email", accounts.rich()._replace(to="Ruth Okafor"), BOOK).text
    assert greeted.startswith("Hello Ruth,")
    assert compose("email", accounts.rich()._replace(to="account-executive"), BOOK).text.startswith("Hello Dana,")


@pytest.mark.parametrize(
    ("kind", "matter", "occasion"),
    [
        ("renewal", "milestone-90", "renewal"),
        ("risk", "silence", "quiet"),
        ("risk", "usage_decline", "usage"),
        ("risk", "champion", "review"),
    ],
)
def test_what_it_is_about_tells_the_occasion(kind: str, matter: str, occasion: str) -> None:
    concern = Concern.model_validate(
        {"kind": kind, "matter": matter, "severity": "low", "title": "t", "reasons": ("r",)}
    )
    assert occasion_of(accounts.rich(concern)) == occasion
    assert occasion_of(accounts.rich(concern)._replace(occasion="review")) == "review"
    assert occasion_of(accounts.rich()) == "review"


def test_a_project_lays_its_own_template_over() -> None:
    own = templates(risk_memo="# Note on {{ company }}\n\n{{ concern.title }}\n")
    composed = compose("risk_memo", accounts.rich(), own)
    assert composed.title == "Note on Northwind Traders"
    assert composed.text == "# Note on Northwind Traders\n\nUse falls. [1][2]\n"
    assert composed.charts == ()
    assert {figure.name for figure in composed.figures} == {"concern.usage_decline"}


@pytest.mark.parametrize("text", ["No title\n", "# Title\n{{ absent }}\n", "# Title\n{% if %}\n"])
def test_a_wrong_template_is_told_by_name(text: str) -> None:
    with pytest.raises(PromptError, match=r"products/qbr\.md\.j2"):
        compose("qbr", accounts.rich(), templates(qbr=text))


def shape(composed: Composed) -> list[tuple[str, str]]:
    """Return what a text consists of, without its words: blocks, cells, emphasis, marks, pictures."""

    def kinds(tokens: list[Token]) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        for token in tokens:
            if token.type not in {"text", "text_special"}:
                found.append((token.type, token.tag if token.type != "mark" else ""))
                found += kinds(token.children or [])
        return found

    return kinds(reader().parse(composed.text))


@pytest.mark.parametrize("kind", KINDS)
def test_what_people_wrote_changes_nothing_but_words(kind: ProductKind) -> None:
    """The same account with tame words has the same blocks; only one that is markup could differ."""
    wild = accounts.hostile(lambda number: f"{accounts.HOSTILE[number % len(accounts.HOSTILE)]} w{number}")
    tame = accounts.hostile(lambda number: f"w{number}")
    composed = compose(kind, wild, BOOK)
    assert shape(composed) == shape(compose(kind, tame, BOOK))
    assert not re.search(r"\b49\b", composed.text)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=30))
def test_no_text_breaks_out(text: str) -> None:
    wild, tame = accounts.hostile(lambda number: f"{text} w{number}"), accounts.hostile(lambda number: f" w{number}")
    assert shape(compose("qbr", wild, BOOK)) == shape(compose("qbr", tame, BOOK))


@given(st.text())
def test_escaped_text_reads_as_it_was_written(text: str) -> None:
    assert as_read(plain(text)).replace("\\", "") == one_line(text).replace("\\", "")
    rendered = reader().parseInline(plain(text))[0].children or []
    assert "".join(token.content for token in rendered) == one_line(text)


def test_a_long_text_is_cut_at_a_word() -> None:
    assert clipped("alpha beta gamma", 12) == "alpha beta\u2026"
    assert clipped("a" * 20, 12) == "a" * 11 + "\u2026"
    assert clipped(" alpha \n beta ", 12) == "alpha beta"


def test_the_pages_of_documentation_name_every_variable_of_every_template() -> None:
    docs = PROMPTS.parent / "docs"
    rows = (docs / "prompts.md").read_text(encoding="utf-8").splitlines()
    explained = (docs / "work-products.md").read_text(encoding="utf-8")
    for name in TEMPLATES.values():
        row = next(row for row in rows if row.startswith(f"| `{name}`"))
        text = (PROMPTS / name).read_text(encoding="utf-8")
        for variable in meta.find_undeclared_variables(BOOK._environment.parse(text)):
            assert f"`{variable}`" in row, (name, variable)
            assert f"`{variable}`" in explained, variable


def test_a_template_cannot_reach_behind_what_it_is_given() -> None:
    with pytest.raises(PromptError):
        compose("qbr", accounts.rich(), templates(qbr="# T\n{{ contact._ledger }}\n"))


def test_health_without_a_score_is_not_called_well() -> None:
    text = compose("qbr", accounts.empty(), BOOK).text
    assert "which does not mean that all is well" in text
