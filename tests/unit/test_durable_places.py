"""What queued work is called, and where the engine keeps it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from remembered import NOON

from fleet_runtime.engine.durable.places import (
    account_of,
    again,
    engine_file,
    engine_url,
    first,
    partition_of,
    place_of,
    queue_of,
    tick_of,
    times,
)
from fleet_runtime.errors import SettingError
from fleet_runtime.records import AccountKey, Turn

NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)
KEYS = st.builds(AccountKey, tenant=NAMES, account=NAMES)


def turn_at(key: AccountKey, sequence: int) -> Turn:
    return Turn(
        id="t", key=key, conversation="main", sequence=sequence, role="r", speaker="customer", at=NOON, text="secret"
    )


@given(KEYS)
def test_a_partition_says_whose_it_is(key: AccountKey) -> None:
    assert account_of(partition_of(key)) == key


@given(KEYS, KEYS, st.integers(1, 10**9), st.integers(1, 10**9))
def test_places_differ_where_turns_do_and_sort_as_they_follow(
    one: AccountKey, other: AccountKey, m: int, n: int
) -> None:
    places = place_of(turn_at(one, m)), place_of(turn_at(other, n))
    assert (places[0] == places[1]) == (one == other and m == n)
    if one == other:
        assert (places[0] < places[1]) == (m < n)
    assert "secret" not in places[0]


@given(KEYS, KEYS)
def test_no_account_s_work_begins_like_another_s(one: AccountKey, other: AccountKey) -> None:
    mine = f"{partition_of(one)}:"
    for theirs in (
        place_of(turn_at(other, 1)),
        again(place_of(turn_at(other, 1)), 3),
        tick_of(other, "digest", "2027"),
    ):
        assert theirs.startswith(mine) == (one == other)


@given(KEYS, st.integers(1, 500))
def test_work_that_is_queued_again_is_known_by_its_first_name(key: AccountKey, number: int) -> None:
    place = place_of(turn_at(key, 7))
    assert first(again(place, number)) == place
    assert times(again(place, number)) == number


def test_each_tenant_has_a_queue() -> None:
    assert queue_of("a:b") != queue_of("a") != queue_of("a%3Ab")


def test_the_engine_is_a_second_file_or_the_same_server(tmp_path: Path) -> None:
    file = tmp_path / "fleet.db"
    assert engine_file(file) == tmp_path / "fleet.engine.db"
    assert engine_url(str(file)).database == str(tmp_path / "fleet.engine.db")
    assert engine_url(f"sqlite:///{file}").database == str(tmp_path / "fleet.engine.db")
    server = engine_url("postgresql://me:secret@db/fleet")
    assert (server.drivername, server.host, server.database) == ("postgresql+psycopg", "db", "fleet")


@pytest.mark.parametrize("database", ["none", ":memory:", "sqlite://", "sqlite:///:memory:", "://"])
def test_what_nobody_else_could_see_is_no_queue(database: str) -> None:
    with pytest.raises(SettingError):
        engine_url(database)
