"""The command line's own parts: what is printed, what is read, how options unfold."""

from __future__ import annotations

import inspect
import io
import sys
from datetime import UTC, datetime

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from fleet_runtime.cli import printing, reading, wording
from fleet_runtime.cli.explaining import explained
from fleet_runtime.cli.options import Speaking, end_of, moment
from fleet_runtime.cli.registering import register
from fleet_runtime.cli.running import Running
from fleet_runtime.contracts import Boundary, MandateItem, Role
from fleet_runtime.decisions import Candidate, Decision, RuleHit
from fleet_runtime.errors import FleetError, MessageError, ModelTimeout, StoreFull, UnknownRole
from fleet_runtime.messages import Usage
from fleet_runtime.records import Fact, HandOff, Reply

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ROLE = Role(
    role_class="helper",
    title="Helper",
    domain="customer",
    mandate=(MandateItem(title="Help", text="whoever asks", line=9),),
    boundaries=(Boundary(text="Does NOT sell — sales' lane", refuses="sell", owner_domain="sales", line=13),),
    examples=("Help!",),
    source="roles/helper.md",
)
RULE = RuleHit(role="helper", text="Does NOT sell", where="roles/helper.md:13", owners=("seller",), score=0.9)
DECISION = Decision(
    id="d",
    verdict="hand_off",
    choice="seller",
    active_role="helper",
    stage="boundary",
    confidence=0.9,
    none_score=0.05,
    candidates=(Candidate(role="seller", score=0.9, reasons=("named by the rule",)),),
    rule=RULE,
    reason="selling is the seller's work",
)


def fact(key: str, value: str | None) -> Fact:
    return Fact(
        id=f"{key}-{value}",
        key=key,
        value=value,
        event_id="e",
        author="Dana",
        at=NOON,
        valid_from=NOON,
        known_from=NOON,
    )


def reply(**more: object) -> Reply:
    given = {"turn_id": "t", "conversation": "c", "text": "Hello.", "role": "seller", "parts": (), "decision": DECISION}
    return Reply.model_validate(given | more)


@given(st.text())
def test_foreign_text_never_carries_control_characters(text: str) -> None:
    cleaned = printing.clean(text)
    assert all(letter in "\n\t" or (letter >= " " and not "\x7f" <= letter <= "\x9f") for letter in cleaned)
    assert "\n" not in printing.one_line(text)


def test_a_role_in_json_has_exactly_the_promised_keys() -> None:
    made = wording.role_json(ROLE)
    assert list(made) == [
        "class", "title", "domain", "persistent_persona", "mandate", "boundaries", "examples", "source",
    ]  # fmt: skip
    assert made["mandate"] == ["Help — whoever asks"]
    assert made["boundaries"] == [
        {"text": "Does NOT sell — sales' lane", "owners": [], "owner_domain": "sales", "line": 13}
    ]


def test_a_hand_off_names_the_rule_and_where_it_stands() -> None:
    hop = HandOff(id="h", from_role="helper", to_role="seller", why="", said="", asked="", rule="roles/helper.md:13")
    assert wording.hand_off_lines(reply(hand_offs=(hop,))) == ["helper → seller (roles/helper.md:13)"]


def test_what_was_remembered_names_what_it_replaces() -> None:
    changed = reply(
        learned=(fact("champion", "Priya Nair"), fact("seats", "40"), fact("plan", None)),
        superseded=(fact("champion", "Dana Whitfield"), fact("plan", "basic")),
    )
    assert wording.remembered_lines(changed) == [
        "remembered: champion = Priya Nair (was Dana Whitfield)",
        "remembered: seats = 40",
        "remembered: plan = nothing any more (was basic)",
    ]


def test_a_decision_is_explained_line_by_line() -> None:
    shares = (("seller", 0.9), ("helper", 0.03), ("clerk", 0.01), ("keeper", 0.006), ("cook", 0.004))
    asked = DECISION.model_copy(
        update={
            "candidates": tuple(Candidate(role=name, score=score, reasons=("a\tline",)) for name, score in shares),
            "usage": Usage(prompt_tokens=812, cached_tokens=600, completion_tokens=9, calls=1),
            "at": NOON,
            "seconds": 0.0124,
        }
    )
    assert printing.rendered(explained(asked), for_terminal=False) == [
        "verdict     hand_off, held by helper",
        "choice      seller",
        "stage       boundary",
        "confidence  0.90, that it is nobody's work 0.05",
        "rule        Does NOT sell",
        "            roles/helper.md:13, a rule of helper, leads to seller (by nobody), matched 0.90",
        "candidates  0.90 seller",
        "                  a line",
        "            0.03 helper",
        "                  a line",
        "            0.01 clerk",
        "                  a line",
        "            0.01 keeper, 0.00 cook",
        "cost        812 tokens read (600 cached), 9 written, in 1 call",
        "time        12.4 ms, decided 2026-03-01 12:00:00 UTC",
        "decision    d",
    ]


def test_a_decision_of_nobodys_is_explained_without_rule_or_candidates() -> None:
    bare = Decision(id="d", verdict="nobody", choice=None, stage="nobody", confidence=0.5, reason="so")
    lines = printing.rendered(explained(bare), for_terminal=False)
    assert lines[:2] == ["verdict     nobody", "choice      nobody"]
    assert lines[-3:] == ["cost        no model was asked", "time        0.0 ms", "decision    d"]
    refused = bare.model_copy(update={"rule": RULE.model_copy(update={"owners": ()})})
    assert any("leads to nobody" in line for line in printing.rendered(explained(refused), for_terminal=False))


def test_an_explanation_fits_one_screen_of_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    long = tuple(Candidate(role=f"role-{number}", score=0.1, reasons=("word " * 60,) * 2) for number in range(8))
    drawn = explained(DECISION.model_copy(update={"candidates": long}))
    lines = printing.rendered(drawn, for_terminal=True)
    assert len(lines) <= 24
    assert all(len(line) <= 80 for line in lines)


def test_a_table_for_a_pipe_keeps_each_row_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    printing.Printer(as_json=False).table(
        ("key", "value"), [("goal", "x" * 300), ("note", "[bold]as it stands[/bold]")]
    )
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert lines[1] == "goal  " + "x" * 300
    assert lines[2].endswith("[bold]as it stands[/bold]")


def test_a_date_means_its_first_instant_for_a_message_and_its_last_for_a_question() -> None:
    assert moment("2026-03-01") == datetime(2026, 3, 1, tzinfo=UTC)
    assert moment("2026-03-01T13:00:00+01:00") == NOON
    assert end_of("2026-03-01") > NOON
    assert end_of("2026-03-01").date().isoformat() == "2026-03-01"
    assert end_of("2026-03-01T12:00") == NOON
    with pytest.raises(ValueError, match="tomorrow"):
        end_of("tomorrow")


def piped(monkeypatch: pytest.MonkeyPatch, raw: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8"))


def test_lines_end_at_quit_and_skip_what_is_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    piped(monkeypatch, b"one\n\n  \ntwo\n/quit\nthree\n")
    assert list(reading.lines()) == ["one", "two"]


def test_an_unreadable_line_is_given_as_its_error_and_the_next_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    piped(monkeypatch, b"one\n\xff\xfe\nlast")
    first, broken, last = list(reading.lines())
    assert (first, last) == ("one", "last")
    assert isinstance(broken, MessageError)


def test_a_dash_reads_standard_input_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    piped(monkeypatch, "two\nlines…\n".encode())
    assert reading.whole("-") == "two\nlines…"


@pytest.mark.parametrize("raw", [b"\xff", b"x" * (reading.LONGEST_INPUT + 1)])
def test_what_is_not_utf8_or_endless_is_refused(monkeypatch: pytest.MonkeyPatch, raw: bytes) -> None:
    piped(monkeypatch, raw)
    with pytest.raises(MessageError):
        reading.whole("-")


def call(function: object, *arguments: str) -> tuple[int, str, str]:
    """Register one function as a program of its own and call it."""
    app = typer.Typer(rich_markup_mode=None, add_completion=False)
    assert inspect.isroutine(function)
    register(app, function, name="it", example="it --account acme")
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.stdout, result.stderr


def shown(run: Running, speaking: Speaking) -> None:
    """Show what was given."""
    run.out.line(f"{speaking.account} {speaking.speaker} {run.settings.tenant} {run.out.as_json}")


async def failing(run: Running) -> None:
    """Fail as a store would."""
    run.out.line("so far")
    raise StoreFull("no space left\nwhere the store lives", hint="make room")


def test_option_groups_unfold_and_come_back_as_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLEET_TENANT", "from-environment")
    assert call(shown, "--account", "acme", "--json") == (0, "acme None from-environment True\n", "")
    assert call(shown, "--account", "acme", "--tenant", "own")[1] == "acme None own False\n"


def test_the_help_ends_with_the_example() -> None:
    code, out, _ = call(shown, "--help")
    assert code == 0
    assert out.rstrip().endswith("Example: it --account acme")
    assert out.index("--account") < out.index("--json")


def test_a_missing_option_is_a_usage_error() -> None:
    code, _, err = call(shown)
    assert code == 2
    assert "--account" in err


def test_an_error_is_one_line_and_its_hint() -> None:
    code, out, err = call(failing)
    assert (code, out) == (1, "so far\n")
    assert err == "error[store-full]: no space left where the store lives\nhint: make room\n"


@pytest.mark.parametrize("error", [ModelTimeout("slow", hint="wait"), UnknownRole("no such role", hint="look")])
def test_each_error_is_printed_with_its_own_code(error: FleetError) -> None:
    def raising(run: Running) -> None:
        """Raise."""
        del run
        raise error

    assert call(raising)[2].startswith(f"error[{error.code}]: {error.message}\n")


def test_an_error_of_the_background_is_told_like_any_other() -> None:
    def raising(run: Running) -> None:
        """Raise."""
        del run
        raise ExceptionGroup("tasks", [ExceptionGroup("task", [StoreFull("no space", hint="make room")])])

    code, _, err = call(raising)
    assert (code, err) == (1, "error[store-full]: no space\nhint: make room\n")


def test_the_keyboard_interrupts_with_130() -> None:
    def interrupted(run: Running) -> None:
        """Be interrupted."""
        del run
        raise KeyboardInterrupt

    code, _, err = call(interrupted)
    assert code == 130
    assert err.startswith("error[interrupted]: ")


def test_bad_settings_are_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLEET_LEASE_SECONDS", "soon")
    code, _, err = call(shown, "--account", "acme")
    assert code == 1
    assert err.startswith("error[setting]: environment: bad value for 'lease_seconds'")


def test_text_with_undecodable_bytes_is_refused() -> None:
    code, _, err = call(shown, "--account", "acme\udcff")
    assert code == 1
    assert err.startswith("error[message]: the text is not UTF-8")
