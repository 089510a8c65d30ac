"""The role lock on the command line: written, checked, and the contracts that accounts are pinned to."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from outcomes import cli, cli_fails
from small_project import CLERK, KEEPER, Project, clerk, keeper

from fleet_runtime import documents

ROW = '{} = {{ status = "custom", sha256 = "{}" }}'
CHANGED = keeper("the horn")

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Stand in a project of two roles of its own, without a model."""
    made = Project(tmp_path)
    monkeypatch.setattr(documents, "shipped", made.shipped)
    monkeypatch.chdir(tmp_path)
    for name, value in {"MODEL": "none", "EMBEDDINGS": "none", "PROFILE": "coast", "DATABASE": "f.db"}.items():
        monkeypatch.setenv(f"FLEET_{name}", value)
    return made


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def printed(*arguments: str) -> str:
    """Call the program, which must end well."""
    status, out, err = cli(*arguments)
    assert status == 0, err
    return out


def differs(*arguments: str) -> str:
    """Check a lock that does not hold; return what is printed."""
    status, out, err = cli("lock", "--check", *arguments)
    assert status == 1
    assert err.startswith("error[lock]: fleet.lock: ")
    assert "fleet lock" in err.splitlines()[1]
    return out


def asked(account: str = "acme") -> None:
    printed("ask", KEEPER, "Thank you!", "--account", account)


def test_the_lock_has_one_line_a_role_and_is_the_same_when_written_again() -> None:
    first = printed("lock")
    assert first.splitlines()[-1] == "fleet.lock: 2 roles locked"
    assert first.count("added    ") == 2
    text = Path("fleet.lock").read_text()
    assert text.startswith("# The role lock: ")
    rows = [ROW.format(CLERK, digest(clerk())), ROW.format(KEEPER, digest(keeper()))]
    assert text.splitlines()[-2:] == rows
    assert printed("lock") == "fleet.lock: 2 roles locked\n"
    assert Path("fleet.lock").read_text() == text
    assert printed("lock", "--check") == "fleet.lock: 2 roles, all as locked\n"


def test_the_lock_holds_the_staff_and_the_project_s_own_roles(project: Project) -> None:
    project.write(project.library, "ferry-master", keeper().replace(KEEPER, "ferry-master"))
    project.write(project.roles, "pilot", keeper().replace(KEEPER, "pilot"))
    locked = json.loads(printed("lock", "--json", "--file", "other.lock"))
    assert [row["class"] for row in locked["locked"]] == [CLERK, KEEPER, "pilot"]
    assert Path("other.lock").exists()
    assert not Path("fleet.lock").exists()


def test_motions_beside_a_contract_are_locked_with_it(project: Project) -> None:
    printed("lock")
    beside = project.roles / f"{KEEPER}.motions.yaml"
    beside.write_text("- {name: mine, every: day, do: review}\n", encoding="utf-8")
    assert differs().startswith(f"changed  {KEEPER}: ")
    printed("lock")
    assert printed("lock", "--check") == "fleet.lock: 2 roles, all as locked\n"
    asked()
    beside.write_text("- {name: mine, every: week, do: review}\n", encoding="utf-8")
    lines = differs().splitlines()
    assert "-- {name: mine, every: day, do: review}" in lines
    assert "+- {name: mine, every: week, do: review}" in lines
    beside.unlink()
    assert "-- {name: mine, every: day, do: review}" in differs().splitlines()


def test_what_changed_is_told_when_the_lock_is_written_anew(project: Project) -> None:
    printed("lock")
    project.write(project.local, KEEPER, CHANGED)
    project.write(project.roles, "pilot", keeper().replace(KEEPER, "pilot"))
    told = json.loads(printed("lock", "--json"))
    assert set(told) == {"locked", "added", "removed", "changed"}
    assert told["changed"] == [
        {"class": KEEPER, "was": digest(keeper()), "now": digest(CHANGED), "file": f"roles.local/{KEEPER}.md"}
    ]
    assert (told["added"], told["removed"]) == (["pilot"], [])
    (project.roles / "pilot.md").unlink()
    assert "removed  pilot: " in printed("lock")


def test_a_check_writes_nothing_and_shows_each_difference_with_its_file(project: Project) -> None:
    printed("lock")
    before = Path("fleet.lock").read_bytes()
    project.write(project.local, KEEPER, CHANGED)
    project.write(project.roles, "pilot", keeper().replace(KEEPER, "pilot"))
    out = differs()
    lines = out.splitlines()
    short = digest(keeper())[:12], digest(CHANGED)[:12]
    assert f"changed  {KEEPER}: {short[0]} is {short[1]} in roles.local/{KEEPER}.md" in lines
    assert any(line.startswith("added    pilot: ") and line.endswith("roles/pilot.md") for line in lines)
    assert f"--- {KEEPER} as locked" in lines  # its former text still stands in the layer below
    assert "+1. **Watch over the horn** — by day and by night." in lines
    assert json.loads(differs("--json"))["changed"][0]["file"] == f"roles.local/{KEEPER}.md"
    (project.roles / "pilot.md").unlink()
    (project.local / f"{KEEPER}.md").unlink()
    assert printed("lock", "--check")
    assert Path("fleet.lock").read_bytes() == before


def test_a_role_that_is_gone_fails_the_check() -> None:
    printed("lock")
    text = Path("fleet.lock").read_text()
    Path("fleet.lock").write_text(f"{text}{ROW.format('pilot', '0' * 64)}\n")
    assert "removed  pilot: 000000000000 is not in force any more" in differs()


def test_the_former_text_is_taken_from_where_an_account_knew_it(project: Project) -> None:
    printed("lock")
    project.write(project.roles, KEEPER, CHANGED)
    assert "as locked" not in differs()
    assert not Path("f.db").exists()
    project.write(project.roles, KEEPER, keeper())
    asked()
    project.write(project.roles, KEEPER, CHANGED)
    assert "-1. **Watch over the lamp** — by day and by night." in differs().splitlines()
    Path("f.db").write_bytes(b"no database at all, but a file of some length")
    assert "as locked" not in differs()


def test_without_a_sound_lock_a_check_fails_and_says_where() -> None:
    assert "fleet.lock: there is no lock" in cli_fails("lock", "lock", "--check")
    Path("fleet.lock").write_text("version = 1\n<<<<<<< ours\n")
    assert "fleet.lock:2: not valid TOML" in cli_fails("lock", "lock", "--check")
    Path("fleet.lock").write_bytes(b"\xff\xfe")
    assert "fleet.lock:1" in cli_fails("contract", "lock", "--check")
    Path("fleet.lock").write_text("version = 1\n<<<<<<< ours\n")
    status, out, err = cli("lock")
    assert (status, out.splitlines()[-1]) == (0, "fleet.lock: 2 roles locked")
    assert "it is written anew" in err
    assert printed("lock", "--check")


def test_a_lock_that_cannot_be_written_says_so() -> None:
    assert "cannot be written" in cli_fails("lock", "lock", "--file", "no/such/folder.lock")


@pytest.mark.parametrize("more", [("--accept",), ("--account", "acme")])
def test_checking_and_accounts_do_not_go_together(more: tuple[str, ...]) -> None:
    status, _, err = cli("lock", "--check", *more)
    assert status == 2
    assert "--check is about the lock" in err


def test_what_an_account_knew_is_shown_and_accepted(project: Project) -> None:
    for account in ("acme", "globex"):
        asked(account)
    assert printed("lock", "--account", "acme") == "acme knows the contracts in force\n"
    assert printed("lock", "--accept") == "every account knows the contracts in force\n"
    project.write(project.roles, KEEPER, CHANGED)
    shown = printed("lock", "--account", "acme").splitlines()
    assert shown[0].startswith(f"acme: {KEEPER} has changed since ")
    assert shown[0].endswith(": 2 lines")
    assert "+1. **Watch over the horn** — by day and by night." in shown
    rows = json.loads(printed("lock", "--account", "acme", "--json"))
    assert [(row["account"], row["accepted"], row["was"], row["now"]) for row in rows] == [
        ("acme", False, digest(keeper()), digest(CHANGED))
    ]
    accepted = printed("lock", "--accept", "--account", "acme")
    assert accepted.startswith(f"acme: accepted; {KEEPER} has changed since ")
    assert len(accepted.splitlines()) == 1
    assert printed("lock", "--account", "acme") == "acme knows the contracts in force\n"
    assert printed("lock", "--accept").startswith("globex: accepted; ")
    assert printed("lock", "--accept") == "every account knows the contracts in force\n"
    assert not Path("fleet.lock").exists()


def test_accounts_are_looked_at_where_nothing_is_kept() -> None:
    assert printed("lock", "--account", "acme", "--database", "none") == "acme knows the contracts in force\n"
    assert printed("lock", "--accept") == "every account knows the contracts in force\n"
    assert not Path("f.db").exists()


def test_chat_says_at_its_start_what_changed(project: Project) -> None:
    def chat() -> str:
        status, _, err = cli("chat", KEEPER, "--account", "acme", given=b"Thank you!\n")
        assert status == 0, err
        return err

    assert "changed" not in chat()
    project.write(project.roles, KEEPER, CHANGED)
    note = chat().splitlines()[0]
    assert note.startswith(f"{KEEPER} has changed since ")
    assert "2 lines" in note
    assert "fleet lock --account acme" in note
    assert "fleet lock --accept --account acme" in note
    printed("lock", "--accept", "--account", "acme")
    assert "changed" not in chat()


def test_refuse_takes_no_message_until_the_change_is_accepted(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked()
    project.write(project.roles, KEEPER, CHANGED)
    asked()
    monkeypatch.setenv("FLEET_CHANGED_ROLE", "refuse")
    for refused in (("ask", KEEPER, "Thank you!"), ("dispatch", "Thank you!")):
        assert KEEPER in cli_fails("role-changed", *refused, "--account", "acme")
    assert len(json.loads(printed("memory", "events", "acme", "--json"))) == 2
    printed("lock", "--accept")
    asked()


def test_the_doctor_counts_accounts_that_knew_another_contract(project: Project) -> None:
    def store() -> dict[str, str]:
        findings = json.loads(cli("doctor", "--json")[1])
        return next(finding for finding in findings if finding["name"] == "store")

    asked("acme")
    asked("globex")
    assert store()["state"] == "ok"
    project.write(project.roles, KEEPER, CHANGED)
    told = store()
    assert told["state"] == "note"
    assert "another contract than the one in force: 2" in told["hint"]
    assert "fleet lock --accept" in told["hint"]
    project.write(project.roles, "broken", "nothing")
    assert store()["state"] == "ok"  # the roles' own check says what is wrong
