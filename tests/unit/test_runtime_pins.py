"""Pins: an account is bound to the contract it was first answered under; a later one is told, or refused."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import pytest
from open_fleets import state_of
from small_project import CLERK, KEEPER, Project, clerk, keeper
from told import ToldClock

from fleet_runtime import Fleet, Settings, documents, sync
from fleet_runtime.errors import FenceLost, RoleChanged
from fleet_runtime.locking import changed_lines
from fleet_runtime.records import AccountChange, AccountKey, AccountState, Contract
from fleet_runtime.runtime.pins import Pins, first_pins
from fleet_runtime.staffing import contracts_in_force
from fleet_runtime.stores.sql.store import open_store

pytestmark = pytest.mark.anyio

MARCH = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
ACME = AccountKey(tenant="t", account="acme")
FORMER = Contract(role=KEEPER, content_hash="former")
TEXT = "Thank you!"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    made = Project(tmp_path)
    monkeypatch.setattr(documents, "shipped", made.shipped)
    return made


def settings_of(project: Project, changed_role: Literal["tell", "refuse"] = "tell", *, kept: bool = True) -> Settings:
    return Settings(
        database=str(project.folder / "f.db") if kept else "none",
        model="none",
        embeddings="none",
        profile="coast",
        roles=str(project.roles),
        profiles=str(project.folder / "profiles"),
        changed_role=changed_role,
    )


@asynccontextmanager
async def opened(
    project: Project, changed_role: Literal["tell", "refuse"] = "tell", clock: ToldClock | None = None
) -> AsyncGenerator[Fleet]:
    told = clock or ToldClock(MARCH)
    async with Fleet.open(settings=settings_of(project, changed_role), clock=told, resume=False) as fleet:
        yield fleet


async def answered_once(project: Project, role: str = KEEPER, account: str = "acme") -> None:
    async with opened(project) as fleet:
        await (await fleet.spawn(role, account=account)).ask(TEXT, turn_id=f"first-{account}")


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


MOTIONS = "- {name: mine, every: day, do: review}\n"


def beside(project: Project, text: str = MOTIONS) -> Path:
    """Write the keeper's motions beside its contract."""
    path = project.roles / f"{KEEPER}.motions.yaml"
    path.write_text(text, encoding="utf-8")
    return path


async def test_motions_that_come_to_stand_beside_a_contract_change_it(project: Project) -> None:
    await answered_once(project)
    beside(project)
    async with opened(project, "refuse") as fleet:
        agent = await fleet.spawn(KEEPER, account="acme")
        change = await agent.role_change()
        assert change is not None
        assert change.was == digest(keeper())
        added = [line for line in change.diff.splitlines() if line.startswith("+") and "mine" in line]
        assert added == [f"+{MOTIONS.rstrip()}"]
        with pytest.raises(RoleChanged, match=KEEPER):
            await agent.ask(TEXT)


async def test_changed_motions_are_a_changed_contract_and_the_former_ones_are_not(project: Project) -> None:
    path = beside(project)
    await answered_once(project)
    beside(project, MOTIONS.replace("day", "week"))
    async with opened(project) as fleet:
        change = await (await fleet.spawn(KEEPER, account="acme")).role_change()
        assert change is not None
        assert [line for line in change.diff.splitlines()[2:] if line[0] in "+-"] == [
            f"-{MOTIONS.rstrip()}", f"+{MOTIONS.rstrip().replace('day', 'week')}"
        ]  # fmt: skip
    path.write_text(MOTIONS, encoding="utf-8")
    async with opened(project, "refuse") as fleet:
        agent = await fleet.spawn(KEEPER, account="acme")
        assert await agent.role_change() is None
        await agent.ask(TEXT)


async def test_the_first_turn_pins_the_account_in_its_own_commit(project: Project) -> None:
    clock = ToldClock(MARCH)
    async with opened(project, clock=clock) as fleet:
        agent = await fleet.spawn(KEEPER, account="acme")
        await agent.ask(TEXT)
        clock.move(days=1)
        await agent.ask(TEXT)
        state = await state_of(fleet)
        assert [(pin.role, pin.content_hash, pin.since) for pin in state.pins] == [(KEEPER, digest(keeper()), MARCH)]
        assert state.version == 2  # one commit a turn: the pin had none of its own
        kept = await fleet._desk.store.contract(digest(keeper()))
        assert kept is not None
        assert (kept.role, kept.text) == (KEEPER, keeper())
        assert await agent.role_change() is None
        assert await agent.accept_role() is None
        assert (await state_of(fleet)).version == 2


async def test_only_persistent_roles_are_pinned(project: Project) -> None:
    await answered_once(project, CLERK)
    async with opened(project) as fleet:
        assert (await state_of(fleet)).pins == ()


async def test_every_persistent_role_that_spoke_is_pinned(project: Project) -> None:
    project.write(project.roles, CLERK, clerk(persistent="true"))
    async with opened(project) as fleet:
        reply = await (await fleet.spawn(KEEPER, account="acme")).ask("Please write the harbour papers for us.")
        assert {part.role for part in reply.parts} == {KEEPER, CLERK}
        assert [pin.role for pin in (await state_of(fleet)).pins] == [CLERK, KEEPER]


async def test_a_changed_contract_is_told_with_its_diff_and_answered_all_the_same(project: Project) -> None:
    await answered_once(project)
    project.write(project.roles, KEEPER, keeper("the lamp and the horn"))
    async with opened(project) as fleet:
        agent = await fleet.spawn(KEEPER, account="acme")
        reply = await agent.ask(TEXT)
        change = await agent.role_change()
        assert reply.role == KEEPER
        assert await (await fleet.spawn(KEEPER, account="new")).role_change() is None
        assert await (await fleet.spawn(CLERK, account="acme")).role_change() is None
    assert change is not None
    assert (change.role, change.since) == (KEEPER, MARCH)
    assert (change.was, change.now) == (digest(keeper()), digest(keeper("the lamp and the horn")))
    assert change.diff.splitlines()[:2] == [f"--- {KEEPER} of 2027-03-01", f"+++ {KEEPER} in force"]
    assert "+1. **Watch over the lamp and the horn** — by day and by night." in change.diff.splitlines()
    assert changed_lines(change.diff) == 2


async def test_an_accepted_change_is_told_no_more(project: Project) -> None:
    await answered_once(project)
    project.write(project.roles, KEEPER, keeper("the horn"))
    clock = ToldClock(MARCH)
    clock.move(days=3)
    async with opened(project, clock=clock) as fleet:
        agent = await fleet.spawn(KEEPER, account="acme")
        told = await agent.role_change()
        assert await agent.accept_role() == told is not None
        assert await agent.role_change() is None
        pin = (await state_of(fleet)).pin(KEEPER)
        assert pin is not None
        assert (pin.content_hash, pin.since) == (digest(keeper("the horn")), clock.now)
    project.write(project.roles, KEEPER, keeper())
    async with opened(project) as fleet:
        back = await (await fleet.spawn(KEEPER, account="acme")).role_change()
    assert back is not None
    assert "+1. **Watch over the lamp**" in back.diff


async def test_refuse_lets_no_message_in_until_the_change_is_accepted(project: Project) -> None:
    await answered_once(project)
    project.write(project.roles, KEEPER, keeper("the horn"))
    async with opened(project, "refuse") as fleet:
        agent = await fleet.spawn(KEEPER, account="acme")
        for refused in (agent.ask(TEXT, turn_id="second"), fleet.dispatch(TEXT, account="acme", turn_id="second")):
            with pytest.raises(RoleChanged, match=f"{KEEPER} .of 2027-03-01.") as caught:
                await refused
            assert "fleet lock --account acme" in caught.value.hint
        assert [turn.id for turn in (await state_of(fleet)).turns] == ["first-acme"]
        assert (await agent.ask(TEXT, turn_id="first-acme")).turn_id == "first-acme"  # the same turn, answered before
        assert (await (await fleet.spawn(KEEPER, account="new")).ask(TEXT)).role == KEEPER
        await agent.accept_role()
        assert (await agent.ask(TEXT, turn_id="second")).turn_id == "second"


async def test_refuse_leaves_what_was_accepted_before_unanswered(project: Project) -> None:
    await answered_once(project)
    async with opened(project) as fleet:
        await (await fleet.spawn(KEEPER, account="acme")).accept(TEXT, turn_id="left")
    project.write(project.roles, KEEPER, keeper("the horn"))
    async with opened(project, "refuse") as fleet:
        agent = await fleet.spawn(KEEPER, account="acme")
        with pytest.raises(RoleChanged):
            await agent.ask(TEXT, turn_id="left")
        assert await fleet._runtime.resume() == 0
        assert [turn.id for turn in await fleet._desk.store.unfinished()] == ["left"]
        await agent.accept_role()
        assert await fleet._runtime.resume() == 1


async def test_a_file_that_changes_while_the_fleet_is_open_changes_nothing_there(project: Project) -> None:
    async with opened(project) as fleet:
        project.write(project.roles, KEEPER, keeper("the horn"))
        agent = await fleet.spawn(KEEPER, account="acme")
        await agent.ask(TEXT)
        assert await agent.role_change() is None
        kept = await fleet._desk.store.contract(digest(keeper()))
        assert kept is not None
        assert kept.text == keeper()


async def test_a_contract_whose_text_is_not_to_be_had_is_pinned_without_a_diff(project: Project) -> None:
    role = documents.load_roles([project.roles])[KEEPER]
    project.write(project.roles, KEEPER, keeper("the horn"))
    assert contracts_in_force([role])[KEEPER].text == ""
    (project.roles / f"{KEEPER}.md").unlink()
    unread = contracts_in_force([role, role.model_copy(update={"content_hash": "", "role_class": "made"})])
    assert [(one.content_hash, one.text) for one in unread.values()] == [(digest(keeper()), "")]
    assert first_pins(AccountState(key=ACME), [role], unread) == (unread[KEEPER],)
    store = open_store(None, now=lambda: MARCH)
    pins = Pins(store, unread, lambda: MARCH)
    await store.apply(AccountChange(key=ACME, seen_version=0, now=MARCH, pinned=(FORMER,)))
    changed = await pins.changes(ACME)
    assert [(one.was, one.now, one.diff) for one in changed] == [("former", digest(keeper()), "")]
    await store.close()


async def test_accepting_while_somebody_else_writes_reads_again(project: Project) -> None:
    store = open_store(None, now=lambda: MARCH)
    contracts = contracts_in_force(documents.load_roles([project.roles]).values())
    await store.apply(AccountChange(key=ACME, seen_version=0, now=MARCH, pinned=(FORMER,)))
    assert await Pins(store, contracts, lambda: MARCH).outdated_accounts("t") == ("acme",)
    apply = store.apply
    lost: list[int] = []

    async def late(change: AccountChange) -> int:
        if not lost:
            lost.append(await apply(AccountChange(key=ACME, seen_version=change.seen_version, now=MARCH)))
        return await apply(change)

    store.apply = late  # type: ignore[method-assign]
    assert [one.role for one in await Pins(store, contracts, lambda: MARCH).accept(ACME)] == [KEEPER]
    with pytest.raises(FenceLost):
        await apply(AccountChange(key=ACME, seen_version=2, now=MARCH))
    assert await Pins(store, contracts, lambda: MARCH).outdated_accounts("t") == ()
    await store.close()


async def test_memory_only_works_too(project: Project) -> None:
    async with Fleet.open(settings=settings_of(project, "refuse", kept=False), clock=ToldClock(MARCH)) as fleet:
        agent = await fleet.spawn(KEEPER, account="acme")
        await agent.ask(TEXT)
        assert (await state_of(fleet)).pins[0].role == KEEPER
        assert (await agent.ask(TEXT)).role == KEEPER


def test_the_synchronous_face_has_them(project: Project) -> None:
    with sync.Fleet.open(settings=settings_of(project)) as fleet:
        agent = fleet.spawn(KEEPER, account="acme")
        agent.ask(TEXT)
        assert agent.role_change() is None
        assert agent.accept_role() is None
