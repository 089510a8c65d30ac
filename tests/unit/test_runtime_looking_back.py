"""Stored decisions replayed, and what nobody owned: over a real store, by words alone."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from small_project import CLERK, KEEPER, Project, keeper
from stored_decisions import MARCH, RULE, TENANT, decided, keep, store_of
from told import ToldClock

from fleet_runtime import Fleet, Settings, documents, sync
from fleet_runtime.decisions import Decision
from fleet_runtime.routing.replayed import Replayed
from fleet_runtime.runtime import looking_back
from fleet_runtime.testing import HashEmbedder

pytestmark = pytest.mark.anyio


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    made = Project(tmp_path)
    monkeypatch.setattr(documents, "shipped", made.shipped)
    return made


def settings_of(project: Project, **more: str) -> Settings:
    given = {"roles": str(project.roles), "profiles": str(project.folder / "profiles"), "profile": "coast", **more}
    return Settings(database=str(project.folder / "f.db"), model="none", embeddings="none", tenant=TENANT, **given)


@asynccontextmanager
async def opened(project: Project, **more: str) -> AsyncGenerator[Fleet]:
    async with Fleet.open(settings=settings_of(project, **more), clock=ToldClock(MARCH), resume=False) as fleet:
        yield fleet


async def test_what_was_decided_by_these_contracts_does_not_move(project: Project) -> None:
    async with opened(project) as fleet:
        agent = await fleet.spawn(KEEPER, account="acme")
        replies = [await agent.ask(text) for text in ("The lamp is out.", "Write the harbour papers.", "And now?")]
        replies.append(await fleet.dispatch("Who watches over the papers?", account="globex"))
        found = await fleet.replay()
        assert [(one.account, one.turn_id) for one in found] == [
            *(("acme", reply.turn_id) for reply in replies[:3]),
            ("globex", replies[3].turn_id),
        ]
        assert not any(one.moves or one.changed for one in found)
        assert [one.now.model_copy(update={"at": one.was.at, "seconds": one.was.seconds}) for one in found] == [
            reply.decision for reply in replies
        ]
        assert [one.account for one in await fleet.replay("globex")] == ["globex"]
        assert await fleet.replay("nobody-yet") == ()


async def test_a_decision_moves_by_who_takes_it_and_names_the_contracts_that_changed(project: Project) -> None:
    gone = decided(choice="ghost", verdict="route", role_hashes={"ghost": "h0", KEEPER: "h1"}, rule=RULE)
    async with store_of(project.folder / "f.db") as store:
        await keep(store, "t1", "The lamp is out.", gone)
    async with opened(project) as fleet:
        (one,) = await fleet.replay()
        assert (one.was, one.moves, one.changed) == (gone, True, ("ghost", KEEPER))
        assert one.now.choice != "ghost"
        assert (await fleet.memory("acme").events()) == ()  # nothing was stored


async def test_new_contracts_are_replayed_with_their_own_roles(project: Project) -> None:
    async with opened(project) as fleet:
        reply = await (await fleet.spawn(KEEPER, account="acme")).ask("The lamp is out.")
        assert KEEPER in reply.decision.role_hashes
    new = project.folder / "new"
    project.write(new, KEEPER, keeper("the fog horn"))
    project.write(new, CLERK, (project.roles / f"{CLERK}.md").read_text(encoding="utf-8"))
    async with opened(project, roles=str(new)) as fleet:
        (one,) = await fleet.replay()
        assert one.changed == (KEEPER,)


def test_the_same_role_that_now_declines_has_moved_and_another_verdict_for_the_same_work_has_not() -> None:
    def replayed(was: Decision, now: Decision) -> Replayed:
        return Replayed(account="acme", turn_id="t", at=MARCH, text="Hi.", was=was, now=now)

    assert replayed(decided(), decided(verdict="decline")).moves
    assert not replayed(decided(), decided(verdict="route", confidence=0.1, stage="shortlist")).moves
    assert replayed(decided(), decided(choice=None, verdict="nobody")).moves


async def test_the_history_of_a_replayed_message_is_what_came_before_it_in_its_conversation(project: Project) -> None:
    async with opened(project) as fleet:
        for text, conversation in (("One.", "a"), ("Two.", "b"), ("Three.", "a")):
            await fleet.dispatch(text, account="acme", conversation=conversation)
        past = [one async for one in looking_back.past_decisions(fleet._desk)]
        assert [(one.turn.text, one.history) for one in past] == [("One.", ()), ("Two.", ()), ("Three.", ("One.",))]


async def test_a_decision_of_an_earlier_version_is_read_and_replayed(project: Project) -> None:
    async with store_of(project.folder / "f.db") as store:
        await keep(store, "t1", "The lamp is out.", decided(choice="ghost", rule=RULE))
    with sqlite3.connect(project.folder / "f.db") as database:
        (text,) = database.execute("SELECT reply FROM turn").fetchone()
        stored = json.loads(text)
        for name in ("at", "seconds", "usage", "none_score", "role_hashes", "candidates"):
            stored["decision"].pop(name, None)
        for name in ("named", "resolved_by"):
            stored["decision"]["rule"].pop(name, None)
        database.execute("UPDATE turn SET reply = ?", (json.dumps(stored),))
    database.close()
    async with opened(project) as fleet:
        (one,) = await fleet.replay()
        assert (one.was.choice, one.was.at, one.changed) == ("ghost", None, ())


async def test_gaps_are_what_no_role_took_over_all_accounts_since_a_date(project: Project) -> None:
    nobody = decided(choice=None, verdict="nobody", stage="nobody")
    async with store_of(project.folder / "f.db") as store:
        await keep(store, "t1", "Walk my dog.", nobody)
        await keep(store, "t2", "Please walk the dog.", nobody, account="globex", day=2)
        await keep(store, "t3", "Walk our dog today.", decided(verdict="decline", rule=RULE), role=KEEPER, day=3)
        await keep(store, "t4", "The lamp is out.", decided())
    async with opened(project) as fleet:
        (gap,) = await fleet.gaps()
        assert (gap.size, gap.accounts, gap.turns) == (3, ("acme", "globex"), ("t1", "t2", "t3"))
        assert gap.rules == (RULE.where,)
        (later,) = await fleet.gaps(MARCH + timedelta(days=1))
        assert later.turns == ("t2", "t3")
        assert await fleet.gaps(MARCH + timedelta(days=9)) == ()


async def test_what_people_said_is_embedded_in_small_batches(project: Project) -> None:
    pytest.importorskip("numpy")
    nobody = decided(choice=None, verdict="nobody", stage="nobody")
    async with store_of(project.folder / "f.db") as store:
        for number in range(3):
            await keep(store, f"t{number}", f"dog number {number}", nobody)
    async with opened(project) as fleet:
        by_words = await fleet.gaps()
        object.__setattr__(fleet._desk, "embedder", HashEmbedder())  # the desk is frozen
        assert [gap.size for gap in await fleet.gaps()] == [gap.size for gap in by_words] == [3]


def test_scripts_replay_without_await(project: Project) -> None:
    with sync.Fleet.open(settings=settings_of(project), resume=False) as fleet:
        fleet.spawn(KEEPER, account="acme").ask("The lamp is out.")
        assert [one.moves for one in fleet.replay()] == [False]
        assert fleet.gaps() == ()
