"""Questions decided in other processes than they were asked in: once, whoever decides, and whenever a process dies."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from forked import start

pytestmark = pytest.mark.slow

SUPPORT = Path(__file__).parents[1] / "support"
PROGRAM = """
import json, os, sys
from pathlib import Path

import anyio

sys.path.insert(0, {support!r})
from guesthouse import COOK, HOST, HOUSE, Post, Speaker, open_house
from turning import calls

from fleet_runtime import tool
from fleet_runtime.errors import FleetError
from fleet_runtime.records import ToolContext

what, folder, dies, repeatable = sys.argv[1], Path(sys.argv[2]), sys.argv[3], sys.argv[4] == "repeatable"


@tool(needs_approval=True, repeatable=repeatable)
def refund(amount: int, context: ToolContext) -> str:
    "Pay money back."
    if dies == "before the tool":
        os._exit(9)
    with (folder / "ledger.txt").open("a") as ledger:
        ledger.write(context.idempotency_key + chr(10))
    if dies == "after the tool":
        os._exit(9)
    return f"paid {{amount}} back"


async def answer(request):
    if dies == "in the model":
        os._exit(9)
    told = [message.content for message in request.messages if message.role == "tool"]
    if not told:
        return calls(("refund", {{"amount": 40}}))
    return "Told: " + " | ".join(told)


async def main() -> None:
    house = {{**HOUSE, HOST: Post("Keep guests", "cook meals", COOK, ("refund",))}}
    model = Speaker("free", {{"reply": [answer] * 9}})
    async with open_house(
        model, folder, house=house, tools=[refund], database=str(folder / "f.db"), resume=what == "open"
    ) as fleet:
        if what == "ask":
            reply = await (await fleet.spawn(HOST, account="a")).ask("Back, please.", turn_id="t1")
        elif what == "open":
            with anyio.fail_after(20):
                while len(await fleet._desk.store.unfinished()) > 0 or not await decided(fleet):
                    await anyio.sleep(0.05)
            return
        else:
            door = fleet.approvals.approve if what == "approve" else fleet.approvals.reject
            try:
                reply = await door("t1:1:0:approval", by=str(os.getpid()))
            except FleetError as error:
                print(json.dumps({{"error": error.code}}))
                return
        print(json.dumps({{"text": reply.text, "calls": len(model.calls), "approvals": len(reply.approvals)}}))


async def decided(fleet) -> bool:
    (question,) = await fleet.approvals.list(None)
    return await fleet._desk.store.turn(question.key, question.resuming_turn) is not None


anyio.run(main)
"""


def begin(folder: Path, what: str, *, dies: str = "never", repeatable: str = "repeatable") -> subprocess.Popen[str]:
    """Begin a process that asks, decides, or only opens the fleet and lets it finish what was left."""
    return start(PROGRAM.format(support=str(SUPPORT)), what, str(folder), dies, repeatable)


def outcome(process: subprocess.Popen[str], *, code: int = 0) -> dict[str, object]:
    """Wait for a process and read what it printed."""
    out, err = process.communicate(timeout=60)
    assert process.returncode == code, err
    return json.loads(out) if out.strip() else {}


def ledger(folder: Path) -> list[str]:
    """List the keys under which money was paid back."""
    file = folder / "ledger.txt"
    return file.read_text(encoding="utf-8").split() if file.exists() else []


def wait_until_lapsed(folder: Path) -> None:
    """Wait until a dead process's lease has lapsed: who opens a fleet takes up what nobody holds by then."""
    with closing(sqlite3.connect(folder / "f.db")) as connection:
        ((until,),) = connection.execute("SELECT until FROM lease")
    time.sleep(max(0.0, (datetime.fromisoformat(until) - datetime.now(UTC)).total_seconds()))


@pytest.fixture(scope="module")
def question(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Have a question asked by a process that is gone; a test decides it in its own copy."""
    folder = tmp_path_factory.mktemp("asked")
    told = outcome(begin(folder, "ask"))
    assert told["approvals"] == 1
    assert ledger(folder) == []
    return folder


@pytest.fixture
def asked(question: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(question, tmp_path / "asked"))


def test_another_process_decides_and_it_is_done_once(asked: Path) -> None:
    first = outcome(begin(asked, "approve"))
    again = outcome(begin(asked, "approve"))
    assert first["text"] == again["text"] == "Told: paid 40 back"
    assert again["calls"] == 0
    assert outcome(begin(asked, "reject")) == {"error": "approval"}
    assert ledger(asked) == ["t1:1:0"]


def test_two_processes_that_decide_at_once_have_it_done_once(asked: Path) -> None:
    processes = [begin(asked, "approve") for _ in range(2)]
    assert {outcome(process)["text"] for process in processes} == {"Told: paid 40 back"}
    assert ledger(asked) == ["t1:1:0"]


def test_yes_and_no_at_once_one_of_them_counts(asked: Path) -> None:
    processes = [begin(asked, what) for what in ("approve", "reject")]
    outcomes = [outcome(process) for process in processes]
    assert sorted("error" in told for told in outcomes) == [False, True]
    assert ledger(asked) == ([] if "error" in outcomes[0] else ["t1:1:0"])


@pytest.mark.parametrize(
    ("how", "dies", "repeatable", "entries", "told"),
    [
        ("approve", "before the tool", "repeatable", ["t1:1:0"], "Told: paid 40 back"),
        ("open", "after the tool", "repeatable", ["t1:1:0"] * 2, "Told: paid 40 back"),
        ("approve", "after the tool", "once", ["t1:1:0"], "may have happened"),
        ("open", "before the tool", "once", [], "may have happened"),
        ("open", "in the model", "once", ["t1:1:0"], "Told: paid 40 back"),
    ],
)
def test_who_decided_dies_and_another_process_finishes_it(  # noqa: PLR0913, PLR0917 - what a case is made of
    asked: Path, how: str, dies: str, repeatable: str, entries: list[str], told: str
) -> None:
    outcome(begin(asked, "approve", dies=dies, repeatable=repeatable), code=9)
    if how == "open":
        wait_until_lapsed(asked)
    outcome(begin(asked, how, repeatable=repeatable))
    last = outcome(begin(asked, "approve", repeatable=repeatable))
    assert told in str(last["text"])
    assert last["calls"] == 0
    assert ledger(asked) == entries
