"""What `fleet tick` prints for people and for other programs, and which words it refuses."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from book_shelf import DAY, FALLING, STEADY, concern, details, notice, put, weeks
from open_fleets import CSM
from program import Call, stand_alone_staffed

from fleet_runtime.cli.raised import as_json, as_row, summary
from fleet_runtime.cli.ticking import day, span
from fleet_runtime.records.book import Signals
from fleet_runtime.runtime.motion_days import Raised

HOSTILE = "ac\x1b[31mme\u202e"
WINDOW = ("--from", "2026-11-02", "--to", "2027-03-01")
KEYS = {
    "date", "account", "kind", "severity", "title", "reasons", "evidence", "matter", "play", "role", "motion", "id",
    "new",
}  # fmt: skip


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in a folder without a model, with the shipped staff read once for all tests."""
    stand_alone_staffed(tmp_path, monkeypatch)


@pytest.fixture
def book(alone: None) -> None:  # noqa: ARG001 - in a folder of its own
    """Put a declining account, one that is well, and one without weeks into the store."""
    soon = details(renewal_date=DAY + timedelta(days=90))
    put(
        {
            "declines": Signals(details=(soon,), weeks=weeks(FALLING)),
            "unmeasured": Signals(details=(details(renewal_date=None),)),
            "well": Signals(details=(details(renewal_date=None),), weeks=weeks(STEADY)),
        }
    )


@pytest.mark.usefixtures("book")
class TestWindow:
    def test_each_thing_raised_is_a_row_with_its_reasons_and_sources(self) -> None:
        rows = Call("tick", *WINDOW, "--every", "week", "--json").json()
        assert rows
        for row in rows:
            assert set(row) == KEYS
            assert DAY >= date.fromisoformat(row["date"]) >= date(2026, 11, 2)
            assert row["kind"] in {"risk", "expansion", "data_check", "renewal", "commitment"}
            assert row["severity"] in {"low", "medium", "high"}
            assert row["reasons"]
            assert all(isinstance(reason, str) for reason in row["reasons"])
            assert all(set(item) == {"text", "source"} and item["source"] for item in row["evidence"])
            assert row["new"] is True
        risks = [row for row in rows if row["kind"] == "risk"]
        assert {row["account"] for row in risks} == {"declines"}
        assert date.fromisoformat(risks[0]["date"]) > date(2027, 1, 4)  # not before it declined
        order = [(row["date"], row["account"], row["kind"], row["id"]) for row in rows]
        assert order == sorted(order)
        assert len({(row["account"], row["id"]) for row in rows}) == len(rows)

    def test_repeated_it_prints_the_same_rows(self) -> None:
        first = Call("tick", *WINDOW, "--json").json()
        again = Call("tick", *WINDOW, "--json").json()
        assert [row | {"new": False} for row in first] == again
        part = Call("tick", "--from", "2027-02-01", "--to", "2027-03-01", "--json").json()
        assert part == [row for row in again if row["date"] >= "2027-02-01"]

    def test_people_get_a_row_by_date_and_a_summary(self) -> None:
        call = Call("tick", *WINDOW)
        head, *lines, blank, last = call.out.splitlines()
        assert head.split() == ["date", "account", "kind", "severity", "what", "why"]
        assert [line[:10] for line in lines] == sorted(line[:10] for line in lines)
        risk = next(line for line in lines if " risk " in line)
        assert "declines" in risk
        assert "Active users fell" in risk
        assert blank == ""
        assert last.startswith("raised: ")
        assert last.endswith("; 3 accounts looked at, 120 days")

    def test_a_day_brings_what_is_new_and_then_nothing(self) -> None:
        first = Call("tick", "--now", "2027-03-01", "--json").json()
        assert {row["account"] for row in first} >= {"declines"}
        assert all(row["new"] for row in first)
        assert Call("tick", "--now", "2027-03-01", "--json").json() == []
        again = Call("tick", "--now", "2027-02-22")
        assert again.out == "raised: nothing; 3 accounts looked at\n"
        assert again.err == (
            "2027-02-22 was carried out before, up to 2027-03-01: --from and --to look at days again\n"
        )


def test_without_accounts_nothing_is_raised() -> None:
    assert Call("tick", "--json").json() == []
    call = Call("tick", *WINDOW)
    assert call.out == "raised: nothing; 0 accounts looked at, 120 days\n"
    assert call.err == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--from", "2027-01-01"), "a window needs both --from and --to"),
        (("--to", "2027-01-01"), "a window needs both --from and --to"),
        (("--every", "week"), "--every is for a window"),
        (("--now", "2027-01-01", "--every", "day"), "--every is for a window"),
        (("--now", "2027-01-01", *WINDOW), "either --now, or --from and --to"),
        (("--from", "2027-03-01", "--to", "2027-02-01"), "--from 2027-03-01 is after --to 2027-02-01"),
        (("--now", "yesterday"), "yesterday"),
        (("--now", "2027-02-30"), "2027-02-30"),
        (("--now", "2027-03-01T09:00"), "2027-03-01T09:00"),
        (("--from", "2027-03-01", "--to", "9999-12-31"), "9999-12-31 is not between 1970 and 2199"),
        (("--now", "0001-01-01"), "0001-01-01 is not between 1970 and 2199"),
        ((*WINDOW, "--every", "0"), "number of days from 1 to 366"),
        ((*WINDOW, "--every", "-3"), "number of days from 1 to 366"),
        ((*WINDOW, "--every", "year"), "number of days from 1 to 366"),
    ],
)
def test_what_makes_no_sense_is_wrong_usage_and_makes_no_store(arguments: tuple[str, ...], said: str) -> None:
    call = Call("tick", *arguments)
    assert call.code == 2
    assert said in " ".join(call.err.replace("│", " ").split())
    assert not Path(".fleet").exists()


def test_spans_have_names() -> None:
    assert [span(text).days for text in ("day", "week", "month", "3", "366")] == [1, 7, 30, 3, 366]
    for text in ("", "367", "1.5", "²", "weeks"):
        with pytest.raises(ValueError, match=r"^$|day, week, month"):
            span(text)
    assert day("2027-03-01") == DAY


class TestRows:
    RAISED = Raised(HOSTILE, notice("n1"), new=False)

    def test_foreign_text_steers_no_terminal_and_reaches_programs_whole(self) -> None:
        row = as_row(self.RAISED)
        assert not any(ord(character) < 32 for cell in row for character in cell)
        assert as_json(self.RAISED)["account"] == HOSTILE
        assert json.loads(json.dumps(as_json(self.RAISED), default=str))["role"] == CSM

    def test_a_concern_without_reasons_has_an_empty_cell(self) -> None:
        mute = notice("n1", about=concern().model_copy(update={"reasons": ()}))
        assert as_row(Raised("acme", mute, new=True))[-1] == ""

    def test_the_summary_counts_by_kind(self) -> None:
        upside = Raised("b", notice("n2", about=concern("expansion", "medium")), new=True)
        said = summary([self.RAISED, upside, upside], 1, None)
        assert said == "raised: 2 expansion, 1 risk (1 of high severity, 1 raised before); 1 account looked at"
