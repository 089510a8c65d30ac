"""No answer ever holds another account's word: a sample of ``python benchmarks/memory_isolation.py``.

Accounts that look alike, in two tenants on one file, are recorded, asked and erased in a random order by several
fleets whose caches are warm and cold.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import memory_isolation
import pytest
from memory_isolation import House, Probing
from open_fleets import open_fleet

from fleet_runtime.errors import MessageError
from fleet_runtime.records import AccountChange, AccountKey, Event


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "vectors", "probes"), [(1, False, 900), (2, False, 700), (3, True, 400)])
def test_no_answer_holds_a_foreign_canary(tmp_path: Path, seed: int, probes: int, *, vectors: bool) -> None:
    found = asyncio.run(memory_isolation.probed(tmp_path / "fleet.db", probes=probes, seed=seed, vectors=vectors))
    assert found.leaks == []
    assert found.probes >= probes
    own = found.spoken
    assert own["recall"] > probes // 10  # the questions are answered, each account's by its own word
    assert own["facts"]
    assert own["other_reading"]
    assert any(house.generation for house in found.houses)


@pytest.mark.slow
def test_no_answer_holds_a_foreign_canary_on_a_server(postgres_database: str) -> None:
    found = asyncio.run(memory_isolation.probed(postgres_database, probes=400, seed=4, vectors=True))
    assert found.leaks == []
    assert found.probes >= 400
    assert found.spoken["recall"] > 400 // 10
    assert any(house.generation for house in found.houses)


def test_a_leak_would_be_seen() -> None:
    """A check that cannot fail proves nothing: foreign words and those of before an erasure are leaks, in any case."""
    house = House("north", "acme", "a", generation=2)
    probing = Probing({}, None, [house])  # type: ignore[arg-type]  # nothing is chosen here
    for own in ("zqag2x has 40 seats", ("nothing",)):
        probing.look("recall", house, own)
    assert probing.leaks == []
    for foreign in ("zqbg2x", {"told": "Zqag1x Nair"}):
        probing.look("recall", house, foreign)
    assert [leak.words for leak in probing.leaks] == [("zqbg2x",), ("zqag1x",)]


@pytest.mark.anyio
async def test_a_memory_object_cannot_be_asked_for_another_account(tmp_path: Path) -> None:
    """Not even by a change that names another, in the same tenant or elsewhere; and nothing is written then."""
    async with open_fleet(database=tmp_path / "fleet.db") as fleet:
        memory = fleet.memory("acme")
        event = Event(id="e1", at=memory_isolation.NOW, kind="note", author="Ada", text="We have 40 seats.")
        for tenant, account in (("default", "globex"), ("other", "acme")):
            change = AccountChange(
                key=AccountKey(tenant=tenant, account=account),
                seen_version=0,
                now=memory_isolation.NOW,
                events=(event,),
            )
            with pytest.raises(MessageError):
                await memory.put(change)
        assert await fleet.memory("globex").events() == ()
        with pytest.raises(AttributeError):
            memory.account = "globex"  # type: ignore[misc]  # that it cannot be set is the point
