"""The commands over a real fleet without a model, in a folder of their own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from fleet_runtime.cli.app import build

pytestmark = pytest.mark.slow

CSM = "customer-success-manager"
PROGRAM = [sys.executable, "-c", "from fleet_runtime.cli import main; main()"]
RENDERED = """Files
roles/night-guard.md
1.1 KiB

Night Guard — fleet role definition

The night-guard watches over what runs at night (class: night-guard, domain: operations).

It is a persistent role (persistent_persona: true): one night explains the next.

Mandate

  1. Keep watch — see what fails before the morning does.

Boundaries

  • Does NOT repair what failed — that belongs to the support-agent.

Persona

Awake.
"""


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder, without a model, embeddings or a cache."""
    monkeypatch.chdir(tmp_path)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FLEET_MODEL", "none")
    monkeypatch.setenv("FLEET_EMBEDDINGS", "none")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


class Call:
    """One call of the program in this process."""

    def __init__(self, *arguments: str, given: str | bytes | None = None) -> None:
        result = CliRunner().invoke(build(), list(arguments), input=given, prog_name="fleet")
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        self.code, self.out, self.err = result.exit_code, result.stdout, result.stderr

    @property
    def json(self) -> Any:
        assert self.code == 0, self.err
        return json.loads(self.out)


def test_ask_says_accepted_and_prints_the_reply_and_what_came_of_it() -> None:
    first = Call("ask", CSM, "We have 40 seats.", "--account", "acme", "--speaker", "Dana", "--turn-id", "t1")
    assert first.code == 0, first.err
    assert first.err.splitlines()[0] == "accepted t1"
    assert "remembered: seats = 40" in first.err
    assert "40" in first.out
    changed = Call("ask", CSM, "We have 55 seats now.", "--account", "acme", "--speaker", "Dana")
    assert "remembered: seats = 55 (was 40)" in changed.err


def test_a_repeated_turn_id_prints_the_stored_reply() -> None:
    once, twice = (Call("ask", CSM, "Thank you!", "--account", "acme", "--turn-id", "t1", "--json") for _ in range(2))
    assert once.json == twice.json
    assert twice.err.splitlines()[0] == "accepted t1"
    assert len(Call("memory", "events", "acme", "--json").json) == 1


def test_chat_reads_lines_shows_hand_offs_and_ends_at_the_end_of_input() -> None:
    talk = Call(
        "chat", CSM, "--account", "acme", "--speaker", "Dana",
        given="Our champion is Priya Nair.\n\nThe sync is broken again.\n",
    )  # fmt: skip
    assert talk.code == 0, talk.err
    assert talk.err.count("accepted ") == 2
    assert "remembered: champion = Priya Nair" in talk.out
    assert f"{CSM} → support-agent (" in talk.out
    assert f"{CSM}.md:" in talk.out


def test_chat_in_json_prints_one_line_a_reply() -> None:
    talk = Call(
        "chat", CSM, "--account", "acme", "--json", given="Thank you!\nThe sync is broken again.\n/quit\nnever read\n"
    )
    replies = [json.loads(line) for line in talk.out.splitlines()]
    assert [reply["role"] for reply in replies] == [CSM, "support-agent"]


def test_chat_goes_on_after_a_bad_line_and_tells_a_pipe_by_its_exit_code() -> None:
    talk = Call("chat", CSM, "--account", "acme", given=b"nul \x00 byte\n\xff\xfe\nThank you!\n")
    assert talk.code == 1
    assert talk.err.count("error[message]: ") == 2
    assert talk.err.count("accepted ") == 1
    assert talk.out.strip()


def test_what_is_no_message_is_refused_and_nothing_is_stored() -> None:
    for given in (b"", b"a\x00b", b"\xff\xfe", b"x" * 5_000_000):
        refused = Call("ask", CSM, "-", "--account", "acme", given=given)
        assert (refused.code, refused.out) == (1, "")
        assert refused.err.startswith("error[message]: ")
        assert refused.err.splitlines()[1].startswith("hint: ")
        assert len(refused.err) < 1000
    assert Call("memory", "events", "acme", "--json").json == []


def test_an_unknown_role_names_near_ones() -> None:
    failed = Call("ask", "customer-sucess-manager", "Hello", "--account", "acme")
    assert (failed.code, failed.out) == (1, "")
    assert failed.err.startswith("error[unknown-role]: ")
    assert CSM in failed.err


@pytest.mark.parametrize(
    "arguments", [("ask", CSM, "Hello"), ("unheard-of",), ("brief", "acme", "--as-of", "tomorrow"), ("roles", "show")]
)
def test_wrong_usage_ends_with_2(arguments: tuple[str, ...]) -> None:
    failed = Call(*arguments)
    assert failed.code == 2
    assert "Usage: fleet" in failed.err


def test_dispatch_finds_the_role() -> None:
    sent = Call("dispatch", "The sync is broken again.", "--account", "acme", "--json")
    assert sent.json["role"] == "support-agent"


def test_route_decides_and_explains_and_stores_nothing() -> None:
    asked = Call("route", "The sync is broken again.", "--role", CSM, "--explain")
    assert asked.code == 0
    assert asked.out.startswith("support-agent: ")
    assert "Does NOT resolve individual support tickets" in asked.out
    assert Call("route", "The sync is broken again.", "--role", CSM, "--json").json["verdict"] == "hand_off"


def test_compile_prints_the_prompt_and_its_ledger() -> None:
    shown = Call("compile", CSM, "--account", "acme")
    assert shown.code == 0, shown.err
    assert "You are the Customer Success Manager" in shown.out
    assert shown.out.splitlines()[-1].split()[0] == "total"
    parts = Call("compile", CSM, "--account", "acme", "--json").json
    assert parts["tokens"] == sum(section["tokens"] for prompt in parts["prompts"] for section in prompt["sections"])


def test_memory_is_recorded_listed_and_asked_as_of_a_date() -> None:
    said = ("--author", "Dana Whitfield")
    first = Call("memory", "record", "acme", "We have 40 seats.", *said, "--kind", "call", "--at", "2026-01-12")
    assert "remembered: seats = 40" in first.out
    second = Call("memory", "record", "acme", "We have 55 seats.", *said, "--at", "2026-06-03")
    assert "remembered: seats = 55 (was 40)" in second.out
    assert [fact["value"] for fact in Call("memory", "facts", "acme", "--json", "--as-of", "2026-03-31").json] == ["40"]
    assert [fact["value"] for fact in Call("memory", "facts", "acme", "--json").json] == ["55"]
    assert [event["kind"] for event in Call("memory", "events", "acme", "--json").json] == ["call", "note"]
    assert "40 seats" in Call("memory", "recall", "acme", "How many seats?", "--as-of", "2026-03-31").out
    brief = Call("brief", "acme").out
    assert "55" in brief
    assert brief.startswith("# acme: account brief")


def test_accounts_and_tenants_do_not_see_each_other() -> None:
    Call("memory", "record", "acme", "We have 40 seats.", "--author", "Dana")
    assert Call("memory", "events", "other", "--json").json == []
    assert Call("memory", "events", "acme", "--tenant", "other", "--json").json == []


def test_roles_are_listed_with_their_layer(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    assert Call("roles", "import", _rendered(tmp_path), "--out", str(own)).code == 0
    overriding = Call("roles", "show", CSM).out.replace("Customer Success Manager —", "Customer Partner —", 1)
    (own / f"{CSM}.md").write_text(overriding, encoding="utf-8")
    status = {role["class"]: role["status"] for role in Call("roles", "list", "--roles", str(own), "--json").json}
    assert (status["night-guard"], status[CSM], status["support-agent"]) == ("custom", "overridden", "baseline")


def test_a_rendered_page_is_imported_in_the_canonical_form(tmp_path: Path) -> None:
    page = _rendered(tmp_path)
    target = tmp_path / "night-guard.md"
    assert Call("roles", "import", page, "--out", str(target)).code == 0
    assert target.read_text(encoding="utf-8").startswith("# Night Guard — fleet role definition\n")
    assert Call("roles", "import", page).out == target.read_text(encoding="utf-8")
    read, written = (Call("roles", "parse", str(file), "--json").json for file in (page, target))
    assert read["boundaries"][0]["owners"] == ["support-agent"]
    for key in ("class", "domain", "persistent_persona", "mandate"):
        assert read[key] == written[key]
    again = Call("roles", "import", page, "--out", str(target))
    assert again.code == 1
    assert "--force" in again.err
    assert Call("roles", "import", page, "--out", str(target), "--force").code == 0


def test_a_broken_contract_is_complained_of_with_its_line(tmp_path: Path) -> None:
    broken = tmp_path / "broken.md"
    broken.write_text("# Broken\n\nIt has (`class: broken`).\n\n## Mandate\n\n1. **Be** — there\n", encoding="utf-8")
    failed = Call("roles", "parse", str(broken), "--json")
    assert (failed.code, failed.out) == (1, "")
    assert f"{broken}:" in failed.err
    assert "error[missing-section]" in failed.err
    assert Call("roles", "parse", str(tmp_path / "absent.md")).err.startswith("error[contract]: ")


def test_the_doctor_says_what_is_in_force() -> None:
    well = Call("doctor", "--json")
    found = {finding["name"]: finding for finding in well.json}
    assert set(found) == {"model", "store", "roles", "prompts", "embeddings", "voice", "adjudication"}
    assert {finding["state"] for finding in found.values()} == {"ok"}
    assert "voice: " in found["model"]["text"]
    assert "made on first use" in found["store"]["text"]
    assert not Path(".fleet").exists()


@pytest.mark.parametrize(
    ("file", "text", "broken"),
    [
        ("fleet.toml", "nonsense = 1\n", "settings"),
        ("fleet.toml", 'profile = "absent"\n', "roles"),
        ("fleet.toml", 'database = "fleet.toml"\n', "store"),
        ("prompts/contract.md.j2", "{{ unheard_of }}", "prompts"),
        ("roles/broken.md", "nothing", "roles"),
    ],
)
def test_the_doctor_finds_what_is_broken(tmp_path: Path, file: str, text: str, broken: str) -> None:
    target = tmp_path / file
    target.parent.mkdir(exist_ok=True)
    target.write_text(text, encoding="utf-8")
    ill = Call("doctor")
    assert ill.code == 1
    assert any(line.split()[:2] == ["broken", broken] for line in ill.out.splitlines())


def hear_the_keyboard() -> None:
    """Undo what a shell does to programs in the background: they are started deaf to Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_the_keyboard_ends_a_chat_with_130_and_without_a_traceback() -> None:
    with subprocess.Popen(
        [*PROGRAM, "chat", CSM, "--account", "acme"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=hear_the_keyboard,  # noqa: PLW1509 - no thread of ours holds a lock
    ) as chat:  # fmt: skip
        assert chat.stdin
        assert chat.stdout
        assert chat.stderr
        chat.stdin.write("Thank you!\n")
        chat.stdin.flush()
        assert chat.stdout.readline().strip()
        chat.send_signal(signal.SIGINT)
        assert chat.wait(timeout=20) == 130
        assert "Traceback" not in chat.stderr.read()


def test_a_reader_that_goes_away_is_no_traceback() -> None:
    with subprocess.Popen(
        [*PROGRAM, "roles", "list", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as listing:
        assert listing.stdout
        assert listing.stderr
        listing.stdout.close()
        assert listing.wait(timeout=20) == 1
        assert listing.stderr.read().startswith(b"error[output]: ")


def _rendered(folder: Path) -> str:
    """Write a contract as a web page shows it."""
    page = folder / "page.txt"
    page.write_text(RENDERED, encoding="utf-8")
    return str(page)
