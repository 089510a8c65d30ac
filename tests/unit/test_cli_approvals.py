"""What `fleet approvals` prints, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import pytest
from typer.testing import CliRunner

from fleet_runtime.cli.app import build
from fleet_runtime.decisions import Decision
from fleet_runtime.messages import ToolCall
from fleet_runtime.ports import Store
from fleet_runtime.records import AccountChange, AccountKey, Approval, Reply, Turn
from fleet_runtime.stores.sql.store import open_store

NOON = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
KEY = AccountKey(tenant="default", account="acme")
CSM = "customer-success-manager"
TURN = Turn(id="t1", key=KEY, conversation="main", role=CSM, speaker="Dana", at=NOON, text="Please credit us 40 euros.")
CREDIT = Approval(
    id="q1", key=KEY, turn_id="t1", conversation="main", role=CSM, speaker="Dana", kind="tool",
    question="May credit be called?", call=ToolCall(id="c", name="credit", arguments='{"euros": 40}'), asked_at=NOON,
)  # fmt: skip
SENDING = CREDIT.model_copy(
    update={
        "id": "q2",
        "kind": "reply",
        "question": "May this be sent?",
        "call": None,
        "draft": "We are\nsorry. " * 30,
        "asked_at": NOON + timedelta(minutes=5),
    }
)


def in_store(work: Callable[[Store], Awaitable[None]]) -> None:
    """Work on the store of the working folder."""

    async def run() -> None:
        store = open_store(".fleet/fleet.db", now=lambda: NOON)
        try:
            await work(store)
        finally:
            await store.close()

    anyio.run(run)


async def ask(store: Store) -> None:
    """Keep a turn that asked two questions."""
    await store.accept(TURN)
    state = await store.read(KEY)
    decision = Decision(id="d", verdict="keep", choice=CSM, stage="owner", confidence=1.0, reason="it has it")
    reply = Reply(turn_id="t1", conversation="main", text="I ask.", role=CSM, parts=(), decision=decision)
    await store.apply(
        AccountChange(key=KEY, seen_version=state.version, now=NOON, finishes="t1", reply=reply, asks=(CREDIT, SENDING))
    )


class Call:
    """One call of the program in this process."""

    def __init__(self, *arguments: str) -> None:
        result = CliRunner().invoke(build(), list(arguments), prog_name="fleet")
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        self.code, self.out, self.err = result.exit_code, result.stdout, result.stderr


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FLEET_MODEL", "none")


def test_what_waits_is_listed_with_what_would_be_done() -> None:
    in_store(ask)
    call = Call("approvals", "list")
    assert call.code == 0, call.err
    first, asked, would, second, _, draft = call.out.splitlines()
    assert first == "q1  May credit be called?"
    assert asked == f"  asked 2027-03-01 12:00 UTC, {CSM} for acme (turn t1)"
    assert would == '  would call credit with {"euros": 40}'
    assert second == "q2  May this be sent?"
    assert draft.startswith("  would say: We are sorry. We are sorry.")
    assert draft.endswith(" ...")


def test_what_is_decided_is_listed_when_all_is_asked_for() -> None:
    async def decide(store: Store) -> None:
        await ask(store)
        await store.decide("default", "q1", approve=True, by="Kim", note="for once", now=NOON)
        await store.decide("default", "q2", approve=False, by="", note="", now=NOON)

    in_store(decide)
    assert Call("approvals", "list").out == ""
    told = Call("approvals", "list", "--all").out.splitlines()
    assert told[3] == "  approved 2027-03-01 12:00 UTC by Kim: for once"
    assert told[-1] == "  rejected 2027-03-01 12:00 UTC"
    read = json.loads(Call("approvals", "list", "--all", "--json").out)
    assert [(one["id"], one["state"]) for one in read] == [("q1", "approved"), ("q2", "rejected")]


def test_where_nothing_waits_it_says_so_and_makes_no_store() -> None:
    call = Call("approvals", "list")
    assert (call.code, call.out, call.err) == (0, "", "nothing waits for a person\n")
    assert not Path(".fleet").exists()
    assert json.loads(Call("approvals", "list", "--json").out) == []


@pytest.mark.slow
def test_a_decision_is_carried_on_and_its_reply_printed() -> None:
    in_store(ask)
    said = Call("approvals", "reject", "q1", "--by", "Kim", "--note", "beyond the limit")
    assert said.code == 0, said.err
    assert said.out.strip()
    again = Call("approvals", "reject", "q1", "--json")
    assert json.loads(again.out)["text"] == said.out.rstrip("\n")
    other = Call("approvals", "approve", "q1")
    assert other.code == 1
    assert "error[approval]: question q1 was rejected by Kim already" in other.err
    assert Call("approvals", "approve", "q9").code == 1
