"""Every kind of bad input: one typed error with a hint, exit 1 and no traceback, and nothing accepted is lost."""

from __future__ import annotations

import resource
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import pytest
from fake_endpoint import Answer, as_json, completion, raw, refusal, reset, stall, streamed
from outcomes import CSM, TEXT, answered_without_a_model, cli, cli_ask, cli_fails, endpoint, sdk_fails, stored

from fleet_runtime import Agent, Fleet, FleetError
from fleet_runtime.errors import (
    AccountBusy,
    ContractError,
    MessageError,
    ModelGarbled,
    ModelRefused,
    ModelTimeout,
    ModelUnreachable,
    PromptError,
    SettingError,
    StoreFull,
    StoreTooNew,
    UnknownProfile,
    UnknownRole,
)


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder without a model."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FLEET_MODEL", "none")
    monkeypatch.setenv("FLEET_DATABASE", str(tmp_path / "f.db"))
    monkeypatch.setenv("FLEET_MODEL_ATTEMPTS", "1")
    monkeypatch.setenv("FLEET_MODEL_TIMEOUT_SECONDS", "1")
    monkeypatch.setenv("FLEET_LEASE_SECONDS", "1")


class TestRoleFiles:
    """A missing or broken role file."""

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"no heading at all",
            b"# Night Guard\n\n(`class: x` `domain: y`)\n",
            b"\xff\xfe\x00",
            b"---\nname: [\n---\n# A\n",
        ],
        ids=["empty", "no form", "no mandate", "no UTF-8", "bad frontmatter"],
    )
    def test_a_broken_file_is_named(self, content: bytes) -> None:
        Path("roles").mkdir()
        Path("roles/night-guard.md").write_bytes(content)
        error = sdk_fails(ContractError)
        assert "night-guard.md" in error.message
        assert "night-guard.md" in cli_fails("contract", *cli_ask())
        assert not Path("f.db").exists() or stored("t1") is None

    def test_a_missing_file_is_named(self) -> None:
        assert "absent.md" in cli_fails("contract", "roles", "parse", "absent.md")
        assert "absent.md" in cli_fails("contract", "roles", "import", "absent.md")

    def test_a_profile_that_staffs_an_absent_role_is_named(self) -> None:
        Path("profiles").mkdir()
        Path("profiles/own.yaml").write_text("id: own\ntitle: Own\nlead: ghost\nroster:\n  - class: ghost\n")
        assert "ghost" in cli_fails("unknown-role", *cli_ask(), "--profile", "own")
        cli_fails("unknown-profile", *cli_ask(), "--profile", "nosuch")
        assert UnknownProfile.code == "unknown-profile"


def test_an_unknown_class_is_answered_with_near_names() -> None:
    assert CSM in sdk_fails(UnknownRole, role="customer-succes-manager").hint
    status, _, err = cli("ask", "customer-succes-manager", TEXT, "--account", "acme")
    assert status == 1
    assert CSM in err.split("hint: ")[1]
    assert CSM in cli("roles", "show", "customer-succes-manager")[2]


class TestTemplates:
    """An unset variable in a template, and everything else that cannot be rendered."""

    @pytest.mark.parametrize("source", ["one\n{{ absent }}", "one\n{% if %}", "one\n{{ role.__class__ }}"])
    def test_a_bad_template_of_the_project_is_named_with_its_line(self, source: str) -> None:
        Path("prompts").mkdir()
        Path("prompts/contract.md.j2").write_text(source)
        assert "contract.md.j2:2" in sdk_fails_compiling().message
        assert "contract.md.j2:2" in cli_fails("prompt", "compile", CSM)
        cli_fails("prompt", *cli_ask())

    def test_nothing_accepted_is_lost_by_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        Path("prompts").mkdir()
        Path("prompts/contract.md.j2").write_text("{{ absent }}")
        cli_fails("prompt", *cli_ask())
        Path("prompts/contract.md.j2").unlink()
        answered_without_a_model(monkeypatch, "t1")

    def test_a_broken_voice_bank_is_named(self) -> None:
        Path("prompts/voice").mkdir(parents=True)
        Path("prompts/voice/generic.yaml").write_text("phrases: [")
        assert "generic.yaml" in cli_fails("contract", *cli_ask())


def sdk_fails_compiling() -> FleetError:
    async def body() -> None:
        async with Fleet.open() as fleet:
            await fleet.compile(CSM)

    with pytest.raises(PromptError) as caught:
        anyio.run(body)
    return caught.value


@pytest.mark.parametrize(
    ("name", "value", "named"),
    [
        ("FLEET_LEASE_SECONDS", "soon", "lease_seconds"),
        ("FLEET_DATABSE", "x", "databse"),
        ("FLEET_ENGINE", "steam", "engine"),
        ("FLEET_MODEL_FILE", "absent.gguf", "model_file"),
    ],
)
def test_a_bad_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, named: str) -> None:
    monkeypatch.setenv(name, value)
    if name == "FLEET_MODEL_FILE":
        monkeypatch.setenv("FLEET_MODEL", "auto")
    assert named in sdk_fails(SettingError).message
    assert named in cli_fails("setting", *cli_ask())


def test_a_bad_settings_file_is_named() -> None:
    Path("fleet.toml").write_text("tenant = ")
    assert "fleet.toml" in sdk_fails(SettingError).message
    assert "fleet.toml" in cli_fails("setting", *cli_ask())


class TestEndpoints:
    """An unreachable endpoint, a wrong key, garbage, truncated JSON, nothing."""

    def test_nobody_listens(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with endpoint(monkeypatch):
            pass  # it is gone again, and its port is free
        error = sdk_fails(ModelUnreachable)
        assert "127.0.0.1" in error.message
        assert "127.0.0.1" in cli_fails("model-unreachable", *cli_ask(turn_id="t2"))
        assert (stored("t1"), stored("t2")) == ("accepted", "accepted")
        answered_without_a_model(monkeypatch, "t1", "t2")

    def test_a_wrong_key_is_refused_and_never_shown(self, monkeypatch: pytest.MonkeyPatch) -> None:
        wrong = refusal(401, "Incorrect API key provided: key-1", code="invalid_api_key")
        with endpoint(monkeypatch, *[wrong] * 8):
            error = sdk_fails(ModelRefused)
            line = cli_fails("model-refused", *cli_ask())
        assert "key" in error.hint.casefold()
        assert "key-1" not in line
        answered_without_a_model(monkeypatch, "t1")

    @pytest.mark.parametrize(
        ("answer", "kind"),
        [
            (raw(b"<html>hello</html>"), ModelGarbled),
            (raw(b'{"choices": [{"mess'), ModelGarbled),
            (raw(b""), ModelGarbled),
            (as_json({"choices": []}), ModelGarbled),
            (as_json([1, 2]), ModelGarbled),
            (completion(None), ModelGarbled),
            (completion(""), ModelGarbled),
            (reset(), ModelUnreachable),
            (stall(), ModelTimeout),
            (refusal(404, "no such model"), ModelRefused),
        ],
        ids=["html", "cut off", "no body", "no choice", "a list", "null", "empty", "reset", "silence", "no model"],
    )
    def test_a_bad_answer_is_one_typed_error_and_the_message_stays(
        self, monkeypatch: pytest.MonkeyPatch, answer: Answer, kind: type[FleetError]
    ) -> None:
        with endpoint(monkeypatch, *[answer] * 12):
            sdk_fails(kind)
            cli_fails(kind.code, *cli_ask())
        assert stored("t1") == "accepted"
        answered_without_a_model(monkeypatch, "t1")

    def test_truncated_json_of_the_assisted_voice_is_composed_over(self, monkeypatch: pytest.MonkeyPatch) -> None:
        Path("fleet.toml").write_text(f'[role.{CSM}]\nvoice = "assisted"\n')
        with endpoint(monkeypatch, *[completion('{"kind": "good_n', finish="length")] * 12):
            status, out, err = cli(*cli_ask())
        assert status == 0, err
        assert out.strip()
        assert stored("t1") == "done"

    def test_a_chat_goes_on_after_a_bad_answer(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("FLEET_TOOL_CALLING", "native")  # else the bad answer is the probe's
        with endpoint(monkeypatch, streamed(), *[streamed("All is ", "noted.")] * 12):
            status, out, err = cli(
                "chat", CSM, "--account", "acme", given=b"Our planners like it.\nOur dispatchers like it.\n"
            )
        assert status == 1, "a pipe is told that one message failed"
        assert err.count("error[model-garbled]") == 1
        assert err.count("accepted ") == 2
        assert "All is noted." in out


@pytest.mark.parametrize(
    "given", [b"", b" \n", b"a\x00b", b"\xff\xfe", b"x" * 5_000_000], ids=["empty", "blank", "NUL", "no UTF-8", "5 MB"]
)
def test_what_is_no_message_is_refused_and_nothing_is_stored(given: bytes) -> None:
    cli_fails("message", "ask", CSM, "-", "--account", "acme", given=given)
    cli_fails("message", "dispatch", "-", "--account", "acme", given=given)
    try:
        text = given.decode()
    except UnicodeDecodeError:
        text = given.decode(errors="surrogateescape")
    sdk_fails(MessageError, text)
    assert stored("t1") is None


@pytest.mark.parametrize("account", ["", " ", "\udcff"])
def test_what_is_no_account_is_refused(account: str) -> None:
    cli_fails("message", "ask", CSM, TEXT, "--account", account)
    cli_fails("message", "brief", account)


class TestStores:
    """A full disk, a newer store, no database at all."""

    def test_a_full_disk_says_so_and_keeps_what_was_accepted(self) -> None:
        """No file may grow beyond 64 KB, less than the message takes, as on a disk that is full."""
        assert cli(*cli_ask(turn_id="t0"))[0] == 0
        assert (
            subprocess.run(
                [sys.executable, "-c", _ON_A_FULL_DISK, *cli_ask("word " * 20_000)],
                capture_output=True,
                text=True,
                check=False,
            ).stderr.count("error[store")
            == 1
        )
        assert (stored("t0"), stored("t1")) == ("done", None)
        assert cli(*cli_ask())[0] == 0

    def test_the_sdk_says_that_the_disk_is_full(self) -> None:
        async def body() -> Agent:
            async with Fleet.open() as fleet:
                agent = await fleet.spawn(CSM, account="acme")
                await agent.ask(TEXT, turn_id="t0")
                await fleet._desk.store._database.write(  # type: ignore[attr-defined]  # the port has no such verb
                    lambda connection: connection.exec_driver_sql("PRAGMA max_page_count = 1")
                )
                await agent.ask("word " * 20_000, turn_id="t1")
                return agent

        with pytest.raises(StoreFull) as caught:
            anyio.run(body)
        assert "space" in caught.value.message
        assert (stored("t0"), stored("t1")) == ("done", None)

    def test_a_store_from_a_newer_version_is_left_alone(self) -> None:
        assert cli(*cli_ask(turn_id="t0"))[0] == 0
        with closing(sqlite3.connect("f.db")) as connection:
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
            connection.commit()
        sdk_fails(StoreTooNew)
        cli_fails("store-too-new", *cli_ask())
        assert (stored("t0"), stored("t1")) == ("done", None)

    @pytest.mark.parametrize(
        "content", [b"this is a letter, not a database" * 40, b"SQLite format 3\x00" + b"\xff" * 4000]
    )
    def test_a_file_that_is_no_database_is_left_alone(self, content: bytes) -> None:
        Path("f.db").write_bytes(content)
        cli_fails("store", *cli_ask())
        assert Path("f.db").read_bytes() == content

    def test_a_database_of_another_kind_is_named(self) -> None:
        assert "oracle" in cli_fails("store", *cli_ask(), "--database", "oracle://x/y")
        cli_fails("store", *cli_ask(), "--database", "/dev/null/f.db")


def test_a_second_process_past_its_bounded_wait_is_told_and_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert cli(*cli_ask(turn_id="t0"))[0] == 0
    until = (datetime.now(UTC) + timedelta(seconds=60)).isoformat(timespec="microseconds")
    with closing(sqlite3.connect("f.db")) as connection:
        connection.execute("INSERT INTO lease VALUES ('default', 'acme', 'another', ?)", (until,))
        connection.commit()
    monkeypatch.setenv("FLEET_LEASE_WAIT_SECONDS", "0.1")
    assert "t1" in sdk_fails(AccountBusy).hint
    cli_fails("account-busy", *cli_ask(turn_id="t2"))
    assert (stored("t1"), stored("t2")) == ("accepted", "accepted")
    with closing(sqlite3.connect("f.db")) as connection:
        connection.execute("DELETE FROM lease")
        connection.commit()
    answered_without_a_model(monkeypatch, "t1", "t2")


_ON_A_FULL_DISK = f"""
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, {resource.RLIM_INFINITY}))
from fleet_runtime.cli import main
main()
"""
