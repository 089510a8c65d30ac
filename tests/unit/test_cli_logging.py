"""Logs for machines, and the small endpoint for probes: their forms, without a process."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from fleet_runtime.cli.health import Place, place
from fleet_runtime.cli.logging_json import JsonFormatter, TextFormatter, TurnLines, log_to
from fleet_runtime.decisions import Decision
from fleet_runtime.errors import StoreError
from fleet_runtime.records import Reply
from fleet_runtime.signals import TurnBegan, TurnDone, TurnFailed

LOG = logging.getLogger("fleet_runtime.test")


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Leave logging as it was."""
    root, ours = logging.getLogger(), logging.getLogger("fleet_runtime")
    before = root.handlers, root.level, ours.level
    yield
    root.handlers, root.level, ours.level = before


def logged(**given: Any) -> dict[str, Any]:
    """Return what a record becomes."""
    record = LOG.makeRecord(
        LOG.name, logging.WARNING, "file.py", 1, "turn %s: no", ("t1",), given.pop("exc_info", None), extra=given
    )
    line = JsonFormatter(worker="w-0").format(record)
    assert "\n" not in line
    found: dict[str, Any] = json.loads(line)
    return found


def test_a_record_is_one_line_with_what_it_is_about() -> None:
    line = logged(turn="t1", account="Café\nBar", tenant=None)
    at = datetime.fromisoformat(line.pop("time"))
    assert abs((datetime.now(UTC) - at).total_seconds()) < 60
    assert line == {
        "level": "warning",
        "logger": "fleet_runtime.test",
        "message": "turn t1: no",
        "turn": "t1",
        "account": "Café\nBar",
        "worker": "w-0",
    }


def raised() -> BaseException:
    """Return an error with a cause, as it is caught."""
    try:
        try:
            int("Dana said: the secret")
        except ValueError as cause:
            raise StoreError("store x: no", hint="repeat it") from cause
    except StoreError as error:
        return error
    raise AssertionError


def test_of_an_error_no_text_is_written() -> None:
    error = raised()
    line = logged(exc_info=(type(error), error, error.__traceback__))
    assert line["error"]["kind"] == "fleet_runtime.errors.StoreError"
    assert line["error"]["code"] == "store"
    assert line["error"]["cause"]["kind"] == "builtins.ValueError"
    assert "secret" not in json.dumps(line)


@pytest.mark.parametrize("form", ["text", "json"])
def test_what_is_logged_goes_to_the_stream(form: str) -> None:
    stream = io.StringIO()
    log_to(stream, "json" if form == "json" else "text", worker="w-0")
    LOG.info("ours")
    logging.getLogger("theirs").info("not this")
    logging.getLogger("theirs").warning("theirs")
    LOG.error("failed", exc_info=raised())
    text = stream.getvalue()
    assert "ours" in text
    assert "theirs" in text
    assert "not this" not in text
    assert "secret" not in text
    assert "builtins.ValueError" in text
    if form == "json":
        assert [json.loads(line)["message"] for line in text.splitlines()] == ["ours", "theirs", "failed"]


def test_a_formatter_for_people_shows_no_text_of_an_error_either() -> None:
    error = raised()
    assert "secret" not in TextFormatter().formatException((type(error), error, error.__traceback__))
    assert TextFormatter().formatException((None, None, None)) == ""


def test_a_turn_is_logged_when_it_ends() -> None:
    stream, seconds = io.StringIO(), iter([1.0, 3.5, 4.0, 4.25])
    log_to(stream, "json")
    lines = TurnLines(LOG, lambda: next(seconds))
    decision = Decision(id="d", verdict="keep", choice="csm", stage="owner", confidence=1.0, reason="it has it")
    reply = Reply(turn_id="t1", conversation="main", text="a secret", role="csm", parts=(), decision=decision)
    lines(TurnBegan("t1", tenant="default", account="acme", conversation="main", role="csm", text="a secret"))
    lines(TurnDone("t1", reply=reply))
    lines(TurnDone("t1", reply=reply))
    lines(TurnBegan("t2", tenant="default", account="acme", conversation="main", role="", text="a secret"))
    lines(TurnFailed("t2", code="model", message="no"))
    first, second = (json.loads(line) for line in stream.getvalue().splitlines())
    assert (first["message"], first["turn"], first["account"]) == ("turn t1 answered by csm in 2.50 s", "t1", "acme")
    assert (second["message"], second["level"]) == ("turn t2 failed with model after 0.25 s", "warning")
    assert "secret" not in stream.getvalue()


@pytest.mark.parametrize(("text", "read"), [("127.0.0.1:8080", Place("127.0.0.1", 8080)), ("[::1]:0", Place("::1", 0))])
def test_an_address_is_read(text: str, read: Place) -> None:
    assert place(text) == read


@pytest.mark.parametrize("text", ["8080", ":8080", "host:", "host:x", "host:65536", "host:-1", ""])
def test_an_address_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        place(text)
