"""What `fleet motions` prints: what is declared, due and done, and what was written. Its data are real ticks."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from book_shelf import DAY, FALLING, details, put, weeks
from open_fleets import CSM
from program import Call, stand_alone_staffed

from fleet_runtime.cli.motions import trigger_words
from fleet_runtime.contracts import Trigger
from fleet_runtime.records.book import Signals
from fleet_runtime.runtime.motions import SCAN, MotionsDue
from fleet_runtime.runtime.overseeing import SCANS


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in a folder without a model, with the shipped staff read once for all tests."""
    stand_alone_staffed(tmp_path, monkeypatch)


@pytest.fixture
def book(alone: None) -> None:  # noqa: ARG001 - in a folder of its own
    """Put an account whose renewal is 120 days off into the store."""
    put({"acme": Signals(details=(details(renewal_date=DAY + timedelta(days=120)),), weeks=weeks(FALLING))})


def test_declared_motions_are_listed_by_role() -> None:
    rows = Call("motions", "list", "--json").json()
    assert {row["role"] for row in rows} == {CSM}
    assert "weekly-review" in {row["name"] for row in rows}
    assert Call("motions", "list", "--role", "support-agent").err == (
        "no staffed role declares a motion: docs/motions.md says how\n"
    )
    assert Call("motions", "list", "--role", "support-agent", "--json").json() == []
    text = Call("motions", "list", "--role", CSM).out
    assert "180, 120, 90, 60, 30, 14 days before renewal_date" in text
    unknown = Call("motions", "list", "--role", "nobody")
    assert unknown.code == 1
    assert unknown.err.startswith("error[unknown-role]: no role 'nobody' is staffed")


def test_where_there_is_nothing_it_is_said() -> None:
    assert Call("motions", "due", "--until", "2027-03-01").err == "nothing is due\n"
    assert Call("motions", "due", "--json").json() == []
    assert Call("motions", "history").err == "no motion was carried out\n"
    assert Call("motions", "history", "--json").json() == []
    assert Call("motions", "products").err == "there are no such work products\n"
    assert Call("motions", "products", "--json").json() == []
    call = Call("motions", "settle", "nothing", "won")
    assert call.code == 1
    assert "nothing" in call.err


@pytest.mark.usefixtures("book")
class TestDone:
    def test_what_is_due_is_listed_until_it_is_done(self) -> None:
        due = Call("motions", "due", "--until", "2027-03-01", "--json").json()
        assert {"account": "acme", "role": CSM, "motion": "renewal", "due": "2027-03-01"} in due
        assert "renewal" in Call("motions", "due", "--until", "2027-03-01").out
        assert Call("tick", "--now", "2027-03-01").code == 0
        assert Call("motions", "due", "--until", "2027-03-01", "--json").json() == []
        ahead = Call("motions", "due", "--until", "2027-04-30", "--json").json()
        assert ("renewal", "2027-03-31") in {(one["motion"], one["due"]) for one in ahead}

    def test_what_was_done_is_on_record(self) -> None:
        assert Call("tick", "--now", "2027-03-01").code == 0
        rows = Call("motions", "history", "--json").json()
        renewal = next(row for row in rows if row["motion"] == "renewal")
        assert (renewal["account"], renewal["due"], renewal["outcome"]) == ("acme", "2027-03-01", "done")
        assert len(renewal["notices"]) == 1
        lines = Call("motions", "history", "--account", "acme", "--since", "2027-03-01", "--until", "2027-03-01").out
        assert lines.splitlines()[0].split() == ["due", "account", "motion", "outcome", "why", "raised", "written"]
        assert Call("motions", "history", "--account", "other", "--json").json() == []
        assert Call("motions", "history", "--until", "2020-01-01", "--json").json() == []

    def test_what_was_written_is_listed_by_state(self) -> None:
        assert Call("tick", "--now", "2027-03-01").code == 0
        rows = Call("motions", "products", "--json").json()
        assert {"renewal_plan"} <= {row["kind"] for row in rows}
        assert all(row["account"] == "acme" and row["text"] for row in rows)
        table = Call("motions", "products", "--state", "ready").out
        assert table.splitlines()[0].split() == ["id", "on", "account", "kind", "state", "to", "title"]
        assert Call("motions", "products", "--state", "won", "--json").json() == []
        plan = next(row["id"] for row in rows if row["kind"] == "renewal_plan")
        refused = Call("motions", "settle", plan, "won")
        assert refused.code == 1  # only a hand-off is settled


def test_a_hand_off_is_settled(monkeypatch: pytest.MonkeyPatch) -> None:
    growing = tuple(40.0 + 1.5 * max(number - 24, 0) for number in range(52))
    seats = details(seats=80, renewal_date=DAY + timedelta(days=300))
    put({"grows": Signals(details=(seats,), weeks=weeks(growing))})
    assert Call("tick", "--from", "2026-11-02", "--to", "2027-03-01").code == 0
    packets = [row for row in Call("motions", "products", "--json").json() if row["kind"] == "hand_off"]
    assert packets
    settled = Call("motions", "settle", packets[0]["id"], "won", "--note", "40 seats more", "--json").json()
    assert (settled["state"], settled["outcome"]) == ("won", "40 seats more")
    assert [row["id"] for row in Call("motions", "products", "--state", "won", "--json").json()] == [packets[0]["id"]]
    monkeypatch.setenv("COLUMNS", "80")
    said = Call("motions", "settle", packets[0]["id"], "won").out
    assert said.startswith(f"{packets[0]['id']} is won: ")


@pytest.mark.parametrize(
    "arguments",
    [("settle", "x", "ready"), ("settle", "x"), ("products", "--state", "new"), ("due", "--until", "soon"),
     ("history", "--since", "2027-03-01T10:00")],
)  # fmt: skip
def test_wrong_words_are_wrong_usage(arguments: tuple[str, ...]) -> None:
    assert Call("motions", *arguments).code == 2


@pytest.mark.usefixtures("book")
def test_the_status_says_up_to_when_motions_were_carried_out() -> None:
    assert "motions" not in Call("status").out
    assert Call("status", "--json").json()["ticked"] is None
    assert Call("tick", "--now", "2027-03-01").code == 0
    assert "motions     carried out up to 2027-03-01 23:59 UTC" in Call("status").out.splitlines()
    assert Call("status", "--json").json()["ticked"] == "2027-03-01T23:59:59.999999Z"
    assert set(SCANS) == {SCAN, MotionsDue.name}


def test_triggers_are_said_in_words() -> None:
    said = [
        trigger_words(Trigger(kind="cron", cron="0 6 * * 1")),
        trigger_words(Trigger(kind="rule", rule="high risk")),
        trigger_words(Trigger(kind="silence", days=(45,))),
        trigger_words(Trigger(kind="date", fact="renewal_date", days=(-90, -30))),
        trigger_words(Trigger(kind="date", fact="go_live_date", days=(-7, 0, 30))),
    ]
    assert said == [
        "cron 0 6 * * 1",
        "when high risk begins",
        "45 days without contact",
        "90, 30 days before renewal_date",
        "7 days before and 0, 30 days after go_live_date",
    ]
