"""What `fleet status` and `fleet turns` print, and what they leave alone."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import pytest
from program import Call, stand_alone

from fleet_runtime.adapters import boards_of
from fleet_runtime.boards import Boards
from fleet_runtime.cli.overseeing import _ago
from fleet_runtime.messages import ToolCall
from fleet_runtime.records import AccountKey, Failure, Pause, Spent, Step, Turn, Worker
from fleet_runtime.stores.sql.store import SqlStore, open_store

NOW = datetime.now(UTC)
EARLIER = NOW - timedelta(minutes=5, seconds=7)
KEY = AccountKey(tenant="default", account="acme")
TURN = Turn(id="t1", key=KEY, conversation="main", role="csm", speaker="Dana", at=EARLIER, text="Please\ncredit us.")
FAILURE = Failure(code="model-refused", message="the key is refused", hint="set another", at=EARLIER, attempts=3)


def in_store(work: Callable[[SqlStore, Boards], Awaitable[None]]) -> None:
    """Work on the store of the working folder."""

    async def run() -> None:
        store = open_store(".fleet/fleet.db", now=lambda: EARLIER)
        boards = boards_of(store)
        assert boards is not None
        try:
            await work(store, boards)
        finally:
            await store.close()

    anyio.run(run)


async def accept(store: SqlStore, boards: Boards) -> None:
    del boards
    await store.accept(TURN)


async def fail(store: SqlStore, boards: Boards) -> None:
    await store.accept(TURN)
    calls = (ToolCall(id="c", name="credit", arguments="{}"),)
    await store.put_step(KEY, "t1", Step(number=1, role="csm", calls=calls))
    await boards.log.stop(KEY, "t1", FAILURE)


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_alone(tmp_path, monkeypatch)


def test_where_there_is_nothing_it_is_said_and_nothing_is_made() -> None:
    assert Call("status").err == "there is no store yet: nothing was ever accepted here\n"
    assert Call("status", "--json").json() is None
    assert Call("turns", "list").err == "there are no such turns\n"
    assert Call("turns", "list", "--json").json() == []
    for command in ("show", "retry", "cancel"):
        call = Call("turns", command, "t1")
        assert call.code == 1
        assert call.err.startswith("error[message]: no turn 't1' is kept for the tenant default\n")
    assert not Path(".fleet").exists()


def test_looking_needs_no_roles(tmp_path: Path) -> None:
    in_store(accept)
    (tmp_path / "roles").mkdir()
    (tmp_path / "roles" / "broken.md").write_text("no role at all", encoding="utf-8")
    assert Call("status", "--profile", "none-such").code == 0
    assert Call("turns", "list", "--profile", "none-such").code == 0
    assert Call("turns", "show", "t1", "--profile", "none-such").code == 0


def test_how_a_fleet_fares_is_said() -> None:
    async def work(store: SqlStore, boards: Boards) -> None:
        await fail(store, boards)
        await store.accept(TURN.model_copy(update={"id": "t2"}))
        await store.spend(KEY, datetime.now(UTC).date(), Spent(tokens=60))
        await store.pause("default", Pause(since=EARLIER, by="Kim", reason="a wrong price"))
        await boards.crew.enrol(
            Worker(id="w-0", token="w-0-1", tenant="default", host="east", pid=7, version="1", started_at=NOW)  # noqa: S106 - no secret
        )

    in_store(work)
    call = Call("status")
    assert call.code == 0, call.err
    lines = call.out.splitlines()
    assert lines[0].startswith("store       .fleet/fleet.db, schema ")
    assert lines[1] == "engine      inline"
    assert lines[2].startswith("switch      paused since ")
    assert lines[2].endswith(" by Kim: a wrong price")
    assert lines[3] == "workers     1 living, 0 turns in flight"
    # How long depends on when this file was loaded.
    assert re.fullmatch(r"queue       1 waiting, the oldest for \d+ min.*; 0 accounts worked on; 1 failed", lines[4])
    assert lines[5] == "today       60 tokens, cost 0, by 1 account"
    assert "w-0" in call.out
    assert "at work" in call.out
    assert "model-refused" in call.out
    told = Call("status", "--json").json()
    assert told["queue"]["waiting"] == 1
    assert told["workers"][0]["id"] == "w-0"
    assert told["errors"][0]["turn_id"] == "t1"
    assert told["paused"]["by"] == "Kim"


def test_turns_are_listed_without_what_was_said() -> None:
    in_store(fail)
    call = Call("turns", "list")
    assert call.code == 0, call.err
    assert "t1" in call.out
    assert "model-refused: the key is refused" in call.out
    assert "credit" not in call.out
    assert [one["turn"]["id"] for one in Call("turns", "list", "--state", "failed", "--json").json()] == ["t1"]
    assert Call("turns", "list", "--state", "done", "--json").json() == []
    assert Call("turns", "list", "--account", "other", "--json").json() == []
    assert Call("turns", "list", "--state", "none-such").code == 2


def test_one_turn_is_shown_whole() -> None:
    in_store(fail)
    lines = Call("turns", "show", "t1").out.splitlines()
    assert lines[0] == "turn        t1, number 1 of its account"
    assert "said        Dana: Please credit us." in lines
    assert "state       failed" in lines
    assert "round 1     csm called credit: no result is kept" in lines
    assert "hint        set another" in lines
    told = Call("turns", "show", "t1", "--json").json()
    assert told["record"]["turn"]["failure"]["code"] == "model-refused"
    assert told["steps"][0]["number"] == 1


@pytest.mark.slow
def test_a_turn_that_failed_is_retried_and_cancelled() -> None:
    in_store(fail)
    call = Call("turns", "retry", "t1")
    assert call.code == 0, call.err
    assert call.out == "turn t1 is accepted: it is answered at the next start of the fleet\n"
    told = Call("turns", "cancel", "t1", "--json").json()
    assert (told["id"], told["state"]) == ("t1", "cancelled")
    assert Call("turns", "retry", "t1", "--json").json()["state"] == "accepted"
    assert Call("turns", "list", "--state", "accepted", "--json").json()[0]["held_by"] == ""


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-3, "0 s"), (59.4, "59 s"), (61, "1 min 1 s"), (3_720, "1 h 2 min"), (90_000, "1 d 1 h")],
)
def test_spans_are_said(seconds: float, said: str) -> None:
    assert _ago(seconds) == said
