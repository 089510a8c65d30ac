"""How a call must fail, through the command line and through the SDK; judged from outside, on the file itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import anyio
import pytest
from anyio.from_thread import start_blocking_portal
from fake_endpoint import Answer, FakeEndpoint, fake_endpoint
from typer.testing import CliRunner

from fleet_runtime import Fleet, FleetError
from fleet_runtime.cli.app import build

CSM = "customer-success-manager"
TEXT = "Our planners like it."


def cli(*arguments: str, given: bytes | None = None) -> tuple[int, str, str]:
    """Call the program in this process; anything but an orderly exit is shown as what it is."""
    result = CliRunner().invoke(build(), list(arguments), input=given, prog_name="fleet")
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def cli_fails(code: str, *arguments: str, given: bytes | None = None) -> str:
    """Call the program, which must end with one error line, one hint line, and 1; return the message."""
    status, out, err = cli(*arguments, given=given)
    assert status == 1, (out, err)
    assert out == ""
    errors = [line for line in err.splitlines() if line.startswith("error[")]
    hints = [line for line in err.splitlines() if line.startswith("hint: ")]
    assert len(errors) == len(hints) == 1, err
    assert len(hints[0]) > len("hint: ")
    assert errors[0].startswith(f"error[{code}]: ")
    assert "Traceback" not in err
    return errors[0]


def cli_ask(text: str = TEXT, turn_id: str = "t1") -> tuple[str, ...]:
    return ("ask", CSM, text, "--account", "acme", "--turn-id", turn_id)


def sdk_fails(kind: type[FleetError], text: str = TEXT, turn_id: str = "t1", role: str = CSM) -> FleetError:
    """Ask through the SDK, which must raise exactly one error of that type, bare."""

    async def body() -> None:
        async with Fleet.open() as fleet:
            await (await fleet.spawn(role, account="acme")).ask(text, turn_id=turn_id)

    with pytest.raises(kind) as caught:
        anyio.run(body)
    assert caught.value.hint
    assert caught.value.code == kind.code
    return caught.value


def stored(turn_id: str) -> str | None:
    """Return a turn's state in the file, read without the code under test."""
    with closing(sqlite3.connect("f.db")) as connection:
        row = connection.execute("SELECT state FROM turn WHERE id = ?", (turn_id,)).fetchone()
    return row[0] if row else None


def answered_without_a_model(monkeypatch: pytest.MonkeyPatch, *turn_ids: str) -> None:
    """What was accepted while things were bad is answered once they are well."""
    for name in ("FLEET_BASE_URL", "FLEET_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FLEET_MODEL", "none")
    for turn_id in turn_ids:
        status, out, err = cli(*cli_ask(turn_id=turn_id))
        assert status == 0, err
        assert out.strip()
        assert stored(turn_id) == "done"


@contextmanager
def endpoint(monkeypatch: pytest.MonkeyPatch, *answers: Answer) -> Iterator[FakeEndpoint]:
    """Run a fake endpoint beside the test, and point the settings at it."""
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(fake_endpoint(*answers)) as running:
        monkeypatch.setenv("FLEET_MODEL", "m")
        monkeypatch.setenv("FLEET_API_KEY", "key-1")
        monkeypatch.setenv("FLEET_BASE_URL", running.base_url)
        yield running
