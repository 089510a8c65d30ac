"""The main job on the embedded model: three sessions, months apart, each in a process of its own, over one store.

Asserted is what was remembered, where messages went, that nothing was made up, and what was read from the cache;
never how it was worded. The transcript is printed (``pytest -s``).
"""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest

from fleet_runtime.records import Reply

pytestmark = pytest.mark.e2e

EXAMPLE = Path(__file__).parents[2] / "examples" / "csm_conversation.py"
CSM = "customer-success-manager"
SALES = {"account-executive", "sales-lead", "sales-development-rep"}
LEAST_CACHED = 0.8
PATIENCE = "300"  # seconds a call: a busy machine fails no test
MONTHS = "January February March April May June July August September October November December".split()  # noqa: SIM905


class Said(NamedTuple):
    """One turn as it is stored."""

    text: str
    reply: Reply


class Held(NamedTuple):
    """The whole conversation: what was printed, every turn in order, and the file."""

    printed: str
    turns: tuple[Said, ...]
    file: Path

    def rows(self, query: str) -> list[tuple[str, ...]]:
        with closing(sqlite3.connect(self.file)) as connection:
            return connection.execute(query).fetchall()

    def about(self, piece: str) -> Said:
        """Return the turn whose message holds the piece."""
        (found,) = [said for said in self.turns if piece in said.text]
        return found


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Held:
    """Hold the conversation once for all tests."""
    folder = tmp_path_factory.mktemp("conversation")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FLEET_", "OPENAI_"))}
    told = {**kept, "FLEET_MODEL": "embedded", "FLEET_MODEL_TIMEOUT_SECONDS": PATIENCE}
    done = subprocess.run(
        [sys.executable, str(EXAMPLE)], cwd=folder, env=told, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    print(done.stdout)  # noqa: T201 - the transcript is what a person wants to read
    (file,) = (folder / ".fleet").glob("*.db")
    with closing(sqlite3.connect(file)) as connection:
        stored = connection.execute("SELECT text, reply FROM turn ORDER BY sequence").fetchall()
    return Held(done.stdout, tuple(Said(text, Reply.model_validate_json(reply)) for text, reply in stored), file)


def test_every_message_is_answered_once_and_no_reply_comes_twice(held: Held) -> None:
    assert len(held.turns) >= 15
    texts = [said.reply.text for said in held.turns]
    assert len(set(texts)) == len(texts)
    assert all(texts)


def test_the_first_line_says_which_model_answers(held: Held) -> None:
    first = held.printed.splitlines()[0]
    assert first.startswith("Model: ")
    assert "1.5" in first or "small" in first
    assert any(said.reply.usage.calls for said in held.turns)


def test_a_models_sentences_are_in_the_replies(held: Held) -> None:
    written = [part for said in held.turns for part in said.reply.parts if part.model_written]
    assert written, "the embedded model speaks"
    assert all(sentence in part.text for part in written for sentence in part.model_written)


def test_what_holds_in_the_end_is_remembered_and_what_held_before_is_kept(held: Held) -> None:
    open_rows = "SELECT key, value FROM fact WHERE known_to IS NULL AND valid_to IS NULL AND subject = 'account'"
    now = {key: value for key, value in held.rows(open_rows)}  # noqa: C416 - rows are of any width to a type checker
    assert now["champion"] == "Priya Nair"
    assert now["seats"] == "90"
    assert now["renewal_date"] == "2028-01-31"
    assert now["exec_sponsor"] == "Tomas Lindqvist"
    ever = set(held.rows("SELECT key, value FROM fact"))
    assert {("champion", "Dana Whitfield"), ("seats", "120")} <= ever
    believed = held.rows("SELECT subject, key, value, valid_from FROM fact WHERE known_to IS NULL")
    assert len(believed) == len(set(believed))


def test_months_later_the_record_is_used(held: Held) -> None:
    assert "31 January 2028" in held.about("On which date was it").reply.text
    assert "Tomas Lindqvist" in held.about("executive sponsor on your list").reply.text
    assert {fact.value for fact in held.about("from 120 to 90").reply.superseded} == {"120"}


def test_tickets_terms_and_wishes_go_where_they_belong(held: Held) -> None:
    ticket = held.about("login is broken").reply
    assert (ticket.decision.choice, ticket.role) == ("support-agent", "support-agent")
    terms = held.about("30% off").reply
    assert terms.decision.choice in SALES
    wish = held.about("build a Salesforce").reply
    assert (wish.decision.verdict, wish.role) == ("decline", CSM)
    assert all(packet.to_role == "product-manager" for packet in wish.hand_offs)
    for said in held.turns:
        if said.reply.decision.verdict == "hand_off":
            assert said.reply in (ticket, terms), said.text


def test_the_role_that_hands_over_asks_no_model(held: Held) -> None:
    for said in held.turns:
        if said.reply.decision.verdict == "hand_off" and len(said.reply.parts) == 2:
            assert said.reply.usage.calls == 0, said.text


def test_no_figure_is_made_up(held: Held) -> None:
    """Every number in a reply stands in what was said or reported, or in the date of one of these."""
    given = " ".join(f"{text} {_day(at)}" for text, at in held.rows("SELECT text, at FROM event"))
    known = set(re.findall(r"\d+", given))
    for said in held.turns:
        assert set(re.findall(r"\d+", said.reply.text)) <= known, said.reply.text


def test_a_promise_is_neither_made_nor_confirmed(held: Held) -> None:
    for piece in ("build a Salesforce", "30% off", "You promised us"):
        text = held.about(piece).reply.text
        assert not re.search(r"\b(?:we|I) (?:will|shall|can) (?:build|give|ship|offer|deliver)\b", text), text


def test_a_second_turns_prompt_is_read_from_the_cache(held: Held) -> None:
    """From the third turn of a process on; before, each small task is read for the first time."""
    sessions = sorted({said.reply.conversation for said in held.turns})
    for session in sessions:
        later = [said.reply.usage for said in held.turns if said.reply.conversation == session][2:]
        read = sum(usage.prompt_tokens for usage in later)
        cached = sum(usage.cached_tokens for usage in later)
        assert cached >= LEAST_CACHED * read, f"{session}: {cached} of {read}"


def _day(stamp: str) -> str:
    """Say a stored time's date in the words that replies use."""
    year, month, day = stamp[:10].split("-")
    return f"{int(day)} {MONTHS[int(month) - 1]} {year}"
