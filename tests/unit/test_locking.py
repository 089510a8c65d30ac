"""The role lock as a value: its text is stable, what is no lock is refused with its line, and changes are told."""

from __future__ import annotations

import hashlib
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet_runtime.contracts import Boundary, MandateItem, Role, RoleStatus
from fleet_runtime.errors import LockError
from fleet_runtime.locking import (
    LockChanges,
    LockedRole,
    RoleLock,
    changed_lines,
    contract_diff,
    lock_changes,
    lock_of,
    read_lock,
    write_lock,
)

STATUSES: list[RoleStatus] = ["baseline", "overridden", "custom"]
names = st.from_regex(r"[a-z][a-z0-9]{0,5}(-[a-z0-9]{1,5}){0,2}", fullmatch=True)
hashes = st.binary(max_size=4).map(lambda data: hashlib.sha256(data).hexdigest())
locked_roles = st.builds(LockedRole, role_class=names, status=st.sampled_from(STATUSES), sha256=hashes)
locks = st.lists(locked_roles, unique_by=lambda one: one.role_class, max_size=6).map(
    lambda roles: RoleLock(roles=tuple(sorted(roles, key=lambda one: one.role_class)))
)
HASH = "0" * 64


def a_role(name: str, digest: str = HASH) -> Role:
    return Role(
        role_class=name,
        title=name,
        mandate=(MandateItem(title="Help", text=""),),
        boundaries=(Boundary(text="Does NOT sell", refuses="sell"),),
        content_hash=digest,
    )


@settings(max_examples=40, deadline=None)
@given(locks)
def test_what_is_written_is_read_back_and_written_the_same(lock: RoleLock) -> None:
    text = write_lock(lock)
    assert read_lock(text, source="fleet.lock") == lock
    assert write_lock(read_lock(text, source="fleet.lock")) == text
    assert sum(line.endswith(" }") for line in text.splitlines()) == len(lock.roles)


@settings(max_examples=40, deadline=None)
@given(locks, locks)
def test_changes_tell_exactly_what_differs(former: RoleLock, present: RoleLock) -> None:
    changes = lock_changes(former, present)
    texts = {one.role_class: one.sha256 for one in former.roles}
    for gone in changes.removed:
        assert texts.pop(gone.role_class) == gone.sha256
    for was, now in changes.changed:
        assert texts[was.role_class] == was.sha256 != now.sha256
        texts[now.role_class] = now.sha256
    texts |= {one.role_class: one.sha256 for one in changes.added}
    assert texts == {one.role_class: one.sha256 for one in present.roles}
    assert bool(changes) is (lock_changes(present, former) != LockChanges())


def test_a_contract_that_only_moves_to_another_layer_is_no_change() -> None:
    roles = [a_role("b-role"), a_role("a-role")]
    before = lock_of(roles, {"a-role": "baseline", "b-role": "baseline"})
    after = lock_of(reversed(roles), {"a-role": "overridden", "b-role": "baseline"})
    assert [one.role_class for one in after.roles] == ["a-role", "b-role"]
    assert before != after
    assert not lock_changes(before, after)


GOOD = f'version = 1\n\n[role]\na-role = {{ status = "baseline", sha256 = "{HASH}" }}\n'


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("version = 1\n<<<<<<< ours\n", 2, "not valid TOML"),
        (f"{GOOD}{GOOD.splitlines()[-1]}\n", 5, "not valid TOML"),
        ("version = 1\n[role", 2, "not valid TOML"),
        ("", 1, "version is None"),
        (GOOD.replace("version = 1", "# a\nversion = 2"), 2, "version is 2"),
        ("version = 1\n", 1, "no table"),
        ("version = 1\nrole = 3\n", 2, "no table"),
        (f"{GOOD}\n[other]\n", 6, "unknown key 'other'"),
        (GOOD.replace("baseline", "borrowed"), 4, "'a-role' is not locked"),
        (GOOD.replace('"baseline"', '["baseline"]'), 4, "'a-role' is not locked"),
        (GOOD.replace(HASH, HASH[1:]), 4, "'a-role' is not locked"),
        (GOOD.replace(HASH, f"{HASH[1:]}G"), 4, "'a-role' is not locked"),
        (GOOD.replace(f'"{HASH}"', "7"), 4, "'a-role' is not locked"),
        (GOOD.replace(" }", ", more = 1 }"), 4, "'a-role' is not locked"),
        (f"{GOOD}'../b' = {{}}\n", 5, "'../b' is no class"),
        (f"{GOOD}b-role = 'x'\n", 5, "'b-role' is not locked"),
        (f"{GOOD}a = {{}}\n", 5, "'a' is not locked"),
        (f"{GOOD}\n[role.b-role]\nstatus = 'custom'\n", 6, "'b-role' is not locked"),
    ],
)
def test_what_is_no_lock_is_refused_with_its_line(text: str, line: int, says: str) -> None:
    with pytest.raises(LockError) as caught:
        read_lock(text, source="fleet.lock")
    assert caught.value.message.startswith(f"fleet.lock:{line}: {says}")
    assert "fleet lock" in caught.value.hint


@given(st.text(max_size=60) | st.text(max_size=30).map(lambda tail: GOOD + tail))
def test_any_text_is_a_lock_or_a_typed_error(text: str) -> None:
    lock: RoleLock | None = None
    with suppress(LockError):
        lock = read_lock(text, source="fleet.lock")
    assert lock is None or read_lock(write_lock(lock), source="again") == lock


texts = st.lists(st.sampled_from(["a", "-- b", "++ c", "", "d\r"]), max_size=8).map("\n".join)


@given(texts, texts)
def test_a_diff_is_empty_only_for_the_same_text(was: str, now: str) -> None:
    diff = contract_diff(was, now, was_name="was", now_name="now")
    assert (diff == "") is (was == now)
    assert (changed_lines(diff) > 0) is (was != now)


@pytest.mark.parametrize(("was", "now"), [("a\nb\nc\n", "a\n-- x\nc"), ("a\nb", "a\nb\n"), ("-- a\n", "++ a\n")])
def test_a_diff_is_one_that_other_tools_apply(tmp_path: Path, was: str, now: str) -> None:
    file = tmp_path / "role.md"
    file.write_text(was, encoding="utf-8")
    diff = contract_diff(was, now, was_name="role.md", now_name="role.md")
    subprocess.run(["git", "apply", "-p0", "-"], input=f"{diff}\n", cwd=tmp_path, text=True, check=True)
    assert file.read_text(encoding="utf-8") == now
