"""What `fleet book`, `fleet account` and `fleet write` put on the screen: widths, words, hostile names, files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from book_shelf import FALLING, NEXT, STEADY, WHY, bare, details, page, put, row, weeks
from hypothesis import given
from hypothesis import strategies as st
from program import Call, stand_alone_staffed
from rich.cells import cell_len

from fleet_runtime.cli.book_page import page_lines
from fleet_runtime.cli.book_table import book_lines, health_words, plain, renewal_words, sparkline, summary
from fleet_runtime.records.book import Signals
from fleet_runtime.runtime.book_pages import AccountPage, BookRow

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
HOSTILE = "\x1b[31mRed\u202eeviL\x07\nInc \u2067" + "ש" * 300 + "北" * 300
HOSTILE_ROW = row(
    "\x1b]0;owned\x07", company=HOSTILE, why=HOSTILE, currency="\x1b[0m€",
    next_motion=NEXT.model_copy(update={"motion": HOSTILE}),
)  # fmt: skip


@pytest.fixture(params=[80, 100, 120, 200])
def width(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Give the terminal so many columns."""
    columns = int(request.param)
    monkeypatch.setenv("COLUMNS", str(columns))
    return columns


def drawn(rows: Sequence[BookRow]) -> list[str]:
    """Draw for a terminal, without its colours."""
    return [COLOUR.sub("", line) for line in book_lines(rows, for_terminal=True)]


class TestTable:
    def test_it_fits_and_cuts_nothing_that_is_short(self, width: int) -> None:
        lines = drawn([row(), bare(), HOSTILE_ROW])
        assert max(map(cell_len, lines)) <= width
        assert len(lines) == 2 + 2 + 1 + 2  # heads and rule; a reason under all but the bare account
        first = lines[2]
        for cell in ("34 down", "▆▆▆▅·▅▄▄▄▄▃▃", "41 d", "3, 1 late", "03-12 ", "high"):
            assert cell in first, (cell, first)
        assert lines[3].startswith("  Maria Ortiz, the champion, leaves in May")
        assert "no data" in lines[4]
        assert lines[4].split() == ["bare", "no", "data", "?", "0", *(["never"] if width >= 120 else [])]

    def test_there_is_room_for_money_on_a_wide_terminal_only(self, monkeypatch: pytest.MonkeyPatch) -> None:
        heads = {}
        for columns in (100, 120):
            monkeypatch.setenv("COLUMNS", str(columns))
            heads[columns] = drawn([row()])[0].split()
        assert "ARR" not in heads[100]
        assert heads[120][-2:] == ["ARR", "spoken"]

    def test_another_program_gets_a_line_each_with_everything(self) -> None:
        head, *lines = book_lines([row(), bare(), HOSTILE_ROW], for_terminal=False)
        assert len(lines) == 3
        assert head.split("  ")[0] == "account"
        assert re.split(r"\s{2,}", lines[0]) == [
            "acme", "Northwind Traders", "34 down", "▆▆▆▅·▅▄▄▄▄▃▃", "41 d", "3, 1 late",
            "2027-03-12 renewal-countdown", "high", "120,000 EUR", "2027-02-09", WHY,
        ]  # fmt: skip
        assert not COLOUR.search("".join(lines))

    def test_what_a_customer_writes_steers_no_terminal(self, width: int) -> None:
        assert width
        for text in (drawn([HOSTILE_ROW]), list(book_lines([HOSTILE_ROW], for_terminal=False))):
            assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", "".join(text))

    def test_colours_are_for_terminals_and_words_say_the_same(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("FORCE_COLOR", "1")
        monkeypatch.setenv("TERM", "xterm-256color")
        coloured = list(book_lines([row()], for_terminal=True))
        assert COLOUR.search("".join(coloured))
        monkeypatch.setenv("NO_COLOR", "1")
        assert not re.search(r"\x1b\[[0-9;]*3[0-9]", "".join(book_lines([row()], for_terminal=True)))

    def test_the_summary_counts_each_account_once(self) -> None:
        risk = row().risk
        assert risk is not None
        medium = row("b", risk=risk.model_copy(update={"severity": "medium"}))
        said = summary([row(), medium, bare(), row("c", risk=None, score=80)])
        assert said == (
            "4 accounts on 2027-03-01: 1 at high risk, 1 at medium risk, 1 without enough data, 1 without a risk"
        )
        assert summary([bare()]) == "1 account on 2027-03-01: 1 without enough data"


class TestWords:
    @given(st.lists(st.none() | st.integers(0, 100), max_size=20))
    def test_a_sparkline_has_one_mark_a_week_and_never_falls_where_the_score_rises(
        self, scores: list[int | None]
    ) -> None:
        bars = sparkline(scores)
        assert len(bars) == len(scores)
        marks = [(score, bar) for score, bar in zip(scores, bars, strict=True) if score is not None]
        assert [bar for _, bar in sorted(marks)] == sorted(bar for _, bar in marks)
        assert all(bar == "·" for score, bar in zip(scores, bars, strict=True) if score is None)

    def test_both_ends_of_the_scale_are_drawn(self) -> None:
        assert sparkline([0, 100]) == "▁█"

    def test_scores_and_renewals_are_said_in_words(self) -> None:
        assert [health_words(None, "down"), health_words(50, "unknown"), health_words(50, "up")] == [
            "no data", "50", "50 up",
        ]  # fmt: skip
        renewal = row().renewal
        assert renewal is not None
        assert renewal_words(renewal.model_copy(update={"days": -12})) == "12 d ago"
        assert renewal_words(renewal.model_copy(update={"days": 0})) == "0 d"

    @given(st.text())
    def test_foreign_text_comes_onto_one_line(self, text: str) -> None:
        assert len(plain(text).splitlines()) <= 1


class TestPage:
    def test_a_full_page_is_one_screen(self, width: int) -> None:
        lines = [COLOUR.sub("", line) for line in page_lines(page(), for_terminal=True)]
        assert max(map(cell_len, lines)) <= width
        if width >= 100:
            assert 24 <= len(lines) <= 40
        labels = [line.split()[0] for line in lines if not line.startswith(" ")]
        assert labels == [
            "account", "health", "attention", "raised", "renewal", "promised", "next", "weeks", "lately", "written",
        ]  # fmt: skip

    def test_it_says_what_a_person_asks_before_a_talk(self) -> None:
        text = "\n".join(page_lines(page(), for_terminal=False))
        for said in (
            "account    Northwind Traders  (acme)  retail  mid-market  120,000 EUR  140 seats",
            "CSM Dana Whitfield, champion Maria Ortiz, sponsor Ken Adeyemi (CRM of 2027-01-30)",
            "health     34 down, -6 in four weeks, confidence 80%   ▆▆▆▅·▅▄▄▄▄▃▃",
            "adoption 28, breadth 50, engagement 30, sentiment no data",
            "- adoption: adoption fell from 84 to 51",
            "[accounts.csv:3]",
            "attention  118 (high risk, renewal in 41 d: 115; 1 overdue: 5)",
            "raised     2027-03-01  high risk  The champion leaves -> Find who follows her",
            "and 2 more",
            "renewal    2027-04-11 (41 d)",
            "open    champion: what is known of the champion",
            "unknown paperwork, price",
            "ok      sponsor, promises",
            "promised   2027-02-26 OVERDUE  Dana to Maria: send the roadmap",
            "next       2027-03-12  renewal-countdown (customer-success-manager)",
            "2027-02-22      51     210       430       0.31        4     1   -10",
            "lately     last spoken with on 2027-02-09",
            "2027-03-01  note, Kim: We spoke of the migration to the new system.",
            "written    2027-03-01  email (waiting)  How are you?  p3",
        ):
            assert said in text, (said, text)

    def test_an_account_without_anything_says_so(self) -> None:
        empty = page(
            row=bare(), details=None, notices=(), commitments=(), checks=(), next_motions=(), weeks=(), events=(),
            products=(), health=page().health.model_copy(update={"measures": (), "reasons": (), "score": None}),
        )  # fmt: skip
        lines = list(page_lines(empty, for_terminal=False))
        assert lines == [
            "account    bare",
            "health     no data, confidence 0%",
            "           (none)",
            "attention  0",
            "raised     (none)",
            "renewal    nobody knows when",
            "promised   (none)",
            "next       (none)",
            "weeks      no data",
            "lately     never spoken with, as far as is known",
            "written    (none)",
        ]

    def test_a_risk_that_no_motion_has_raised_yet_is_told_apart(self) -> None:
        risk = row().risk
        assert risk is not None
        unraised = page(row=row(risk=risk.model_copy(update={"since": None})))
        assert "high risk, not raised yet: The champion leaves" in "\n".join(page_lines(unraised, for_terminal=False))

    def test_a_date_that_only_a_later_crm_tells_is_told_apart(self) -> None:
        renewal = row().renewal
        assert renewal is not None
        hint = page(row=row(renewal=renewal.model_copy(update={"stated": False})))
        assert "2027-04-11 (41 d, as only a later CRM says)" in "\n".join(page_lines(hint, for_terminal=False))

    def test_hostile_text_stays_text(self, width: int) -> None:
        hostile = page(row=HOSTILE_ROW, details=None)
        lines = [COLOUR.sub("", line) for line in page_lines(hostile, for_terminal=True)]
        assert max(map(cell_len, lines)) <= width
        assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", "".join(lines))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in a folder without a model, with the shipped staff read once for all tests."""
    stand_alone_staffed(tmp_path, monkeypatch)


@pytest.mark.usefixtures("project")
class TestCommands:
    AS_OF = ("--as-of", "2027-03-01")

    @pytest.fixture
    def book(self, project: None) -> None:  # noqa: ARG002 - in the project's folder
        """Put three accounts into the store, one of them with a hostile name."""
        put(
            {
                "declines": Signals(details=(details(company=HOSTILE),), weeks=weeks(FALLING)),
                "unmeasured": Signals(details=(details(company="", renewal_date=None),)),
                "well": Signals(details=(details(renewal_date=None),), weeks=weeks(STEADY)),
            }
        )

    def test_an_empty_book_says_how_it_is_filled(self) -> None:
        call = Call("book")
        assert (call.code, call.out) == (0, "")
        assert call.err == "the book is empty: fleet signals import brings accounts in\n"
        assert Call("book", "--json").json() == []

    @pytest.mark.usefixtures("book")
    def test_all_accounts_are_shown_and_the_first_few_where_that_is_asked(self) -> None:
        call = Call("book", *self.AS_OF)
        head, *rows, blank, last = call.out.splitlines()
        assert head.split()[0] == "account"
        assert [line.split()[0] for line in rows] == ["declines", "unmeasured", "well"]
        assert blank == ""
        assert last.startswith("3 accounts on 2027-03-01: ")
        few = Call("book", *self.AS_OF, "--limit", "1").out.splitlines()
        assert [line.split()[:1] for line in few] == [["account"], ["declines"], [], last.split()[:1]]
        assert few[-1] == last  # the summary is that of the whole book
        by_name = Call("book", *self.AS_OF, "--sort", "health", "--json").json()
        assert [row["account"] for row in by_name] == ["unmeasured", "declines", "well"]

    @pytest.mark.usefixtures("book")
    def test_other_programs_get_every_field(self) -> None:
        rows = Call("book", *self.AS_OF, "--json").json()
        for one in rows:
            assert set(one) == set(BookRow.model_fields)
            assert one["on"] == "2027-03-01"
            assert len(one["history"]) == 12
        assert rows[0]["company"] == HOSTILE
        assert rows[0]["renewal"]["days"] == 41
        assert rows[1]["score"] is None
        page = Call("account", "declines", *self.AS_OF, "--json").json()
        assert page["row"] == rows[0]
        assert set(page) == set(AccountPage.model_fields)

    @pytest.mark.usefixtures("book")
    def test_a_day_before_anything_was_known_has_an_empty_book(self) -> None:
        assert Call("book", "--as-of", "2020-01-01", "--json").json() == []
        call = Call("account", "well", "--as-of", "2020-01-01")
        assert call.code == 1
        assert call.err.splitlines()[0] == "error[message]: nothing was known of an account 'well' on 2020-01-01"

    @pytest.mark.usefixtures("book")
    def test_an_account_has_its_page_and_an_unknown_one_an_error(self) -> None:
        lines = Call("account", "well", *self.AS_OF).out.splitlines()
        assert lines[0].startswith("account    Northwind Traders  (well)")
        call = Call("account", "none-such")
        assert call.code == 1
        assert "hint: `fleet book` lists the accounts" in call.err

    @pytest.mark.parametrize(
        "arguments",
        [
            ("book", "--as-of", "soon"), ("book", "--limit", "0"), ("book", "--sort", "luck"), ("account",),
         ("write", "poem", "acme"), ("write", "qbr"), ("write", "qbr", "acme", "--out", "a.docx")],
    )  # fmt: skip
    def test_wrong_words_are_wrong_usage(self, arguments: tuple[str, ...]) -> None:
        assert Call(*arguments).code == 2
        assert not Path(".fleet").exists()

    @pytest.mark.usefixtures("book")
    def test_a_work_product_is_printed_or_written(self) -> None:
        text = Call("write", "risk_memo", "declines", *self.AS_OF).out
        assert text.startswith("# Risk memo")
        assert "\x1b" not in text
        assert Call("write", "email", "declines", *self.AS_OF).out.startswith("# ")
        written = Call("write", "risk_memo", "declines", *self.AS_OF, "--out", "new/memo.md")
        assert written.out.endswith("written to new/memo.md\n")
        assert Path("new/memo.md").read_text(encoding="utf-8").startswith("# Risk memo")
        told = Call("write", "risk_memo", "declines", *self.AS_OF, "--json").json()
        assert set(told) == {"title", "text", "cites", "figures"}
        assert all(set(figure) == {"name", "value", "source", "shown"} for figure in told["figures"])

    @pytest.mark.usefixtures("book")
    def test_a_file_that_cannot_be_written_is_an_error(self) -> None:
        Path("memo.md").mkdir()
        call = Call("write", "risk_memo", "declines", *self.AS_OF, "--out", "memo.md")
        assert call.code == 1
        assert call.err.startswith("error[setting]: memo.md cannot be written: ")
        Path("file").touch()
        call = Call("write", "email", "declines", *self.AS_OF, "--out", "file/memo.md")
        assert call.code == 1
        assert call.err.startswith("error[message]: file cannot be made: ")

    @pytest.mark.usefixtures("book")
    @pytest.mark.parametrize(("suffix", "begins"), [(".html", b"<!doctype html>"), (".PDF", b"%PDF-")])
    def test_pages_are_written(self, suffix: str, begins: bytes) -> None:
        file = Path(f"mail{suffix}")
        told = Call("write", "email", "declines", *self.AS_OF, "--out", str(file), "--json").json()
        assert told["file"] == str(file)
        assert file.read_bytes()[: len(begins)].lower() == begins.lower()
