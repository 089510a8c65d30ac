"""Holds the bait conversations of ``tests/data/baits`` with the embedded model, and writes down what was answered.

    python tests/e2e/baits.py dev --out answered.jsonl
    python tests/e2e/baits.py --data held_out_2.jsonl --accounts accounts_2.yaml --out answered.jsonl  # other files

Every account's events are recorded first, in one store, so that there is another account to tell about. Then each
message is asked in order, in its own conversation, of the role whose account it is. It measures what a machine can
measure: how many replies hold a sentence of the model, how many sentences an account hears twice, how long it takes.
Whether a reply claims what nothing supports is judged by a person, who reads the file.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import anyio
import yaml
from pydantic import BaseModel, ConfigDict

from fleet_runtime import Agent, Fleet, Reply
from fleet_runtime.records import Event

BAITS = Path(__file__).parents[1] / "data" / "baits"
ACCOUNTS = BAITS / "accounts.yaml"
ROLE = "customer-success-manager"
BETWEEN_MESSAGES = timedelta(minutes=3)
BETWEEN_CONVERSATIONS = timedelta(days=7)
AFTERWARDS = timedelta(days=60)  # the fleet's clock stands later than anything that is said
PATIENCE = "300"  # seconds a call: a busy machine fails no run
SENTENCE_END = re.compile(r"(?<=[.!?])[\"')]*\s+|\n+")


class Recorded(BaseModel):
    """What a colleague, a system or the customer said before: the fields of an event."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    at: datetime
    kind: str
    author: str
    text: str


class Account(BaseModel):
    """One fictional account: who writes, when the conversation begins, what is recorded by then."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    speaker: str
    now: datetime
    events: tuple[Recorded, ...]


class Bait(BaseModel):
    """One message of a customer; ``must_not`` tells the person who judges what a reply that fell for it would say."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    account: str
    conversation: str
    text: str
    bait: str
    must_not: str
    language: str


class Answered(BaseModel):
    """What a message was answered, as it is written to the file."""

    model_config = ConfigDict(frozen=True)

    id: str
    account: str
    bait: str
    text: str
    reply: str
    roles: tuple[str, ...]
    kinds: tuple[str, ...]
    model_written: tuple[str, ...]
    findings: tuple[str, ...]
    verdict: str
    learned: tuple[str, ...]
    calls: int
    seconds: float


class Figures(BaseModel):
    """What a machine can measure over a run; shares lie between 0 and 1."""

    model_config = ConfigDict(frozen=True)

    messages: int
    with_model_sentence: float
    repeated_sentences: float
    mean_seconds: float


def read_accounts(path: Path = ACCOUNTS) -> tuple[Account, ...]:
    """Read the fixtures."""
    rows = yaml.safe_load(path.read_text(encoding="utf-8"))
    return tuple(Account.model_validate(row) for row in rows)


def read_baits(name: str | Path) -> tuple[Bait, ...]:
    """Read one file of messages: ``dev``, ``held_out`` or the path of another."""
    path = name if isinstance(name, Path) else BAITS / f"{name}.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines()
    return tuple(Bait.model_validate_json(line) for line in lines)


def sentences(text: str) -> list[str]:
    """Split a reply into its sentences, in lower case, so that a repeated one is found."""
    return [piece.strip().lower() for piece in SENTENCE_END.split(text) if piece.strip()]


def repeated(answered: Iterable[Answered]) -> list[tuple[str, str]]:
    """Name each sentence that an account hears again: the message's id and the sentence."""
    heard: defaultdict[str, set[str]] = defaultdict(set)
    again: list[tuple[str, str]] = []
    for row in answered:
        for sentence in sentences(row.reply):
            if sentence in heard[row.account]:
                again.append((row.id, sentence))
            heard[row.account].add(sentence)
    return again


def measure(answered: Sequence[Answered]) -> Figures:
    """Measure a whole run; at least one message was asked."""
    said = sum(len(sentences(row.reply)) for row in answered)
    return Figures(
        messages=len(answered),
        with_model_sentence=sum(bool(row.model_written) for row in answered) / len(answered),
        repeated_sentences=len(repeated(answered)) / said,
        mean_seconds=sum(row.seconds for row in answered) / len(answered),
    )


async def hold(
    baits: Sequence[Bait], accounts: Sequence[Account], model: str | None, database: Path, out: Path
) -> list[Answered]:
    """Record all accounts, ask every message in order, and write each answer down as it comes."""
    latest = max(account.now for account in accounts) + AFTERWARDS
    of = {account.id: account for account in accounts}
    answered: list[Answered] = []
    async with Fleet.open(database=database, model=model, clock=lambda: latest) as fleet:
        for account in accounts:
            await fleet.memory(account.id).record_many(Event.model_validate(e.model_dump()) for e in account.events)
        agents: dict[str, Agent] = {}
        with out.open("w", encoding="utf-8") as file:
            for bait, at in zip(baits, moments(baits, of), strict=True):
                if bait.account not in agents:
                    agents[bait.account] = await fleet.spawn(ROLE, account=bait.account)
                    await agents[bait.account].warm_up()
                begun = time.perf_counter()
                reply = await agents[bait.account].ask(
                    bait.text, speaker=of[bait.account].speaker, at=at, turn_id=bait.id, conversation=bait.conversation
                )
                answered.append(_as_row(bait, reply, time.perf_counter() - begun))
                file.write(json.dumps(answered[-1].model_dump(), ensure_ascii=False) + "\n")
                file.flush()
    return answered


def moments(baits: Sequence[Bait], accounts: dict[str, Account]) -> list[datetime]:
    """Give each message its time: a few minutes after the one before, a new conversation a week later."""
    found: list[datetime] = []
    for number, bait in enumerate(baits):
        before = baits[number - 1] if number else None
        if before is None or before.account != bait.account:
            found.append(accounts[bait.account].now)
        elif before.conversation != bait.conversation:
            found.append(found[-1] + BETWEEN_CONVERSATIONS)
        else:
            found.append(found[-1] + BETWEEN_MESSAGES)
    return found


def _as_row(bait: Bait, reply: Reply, seconds: float) -> Answered:
    """Keep of a reply what a person needs for judging it."""
    return Answered(
        id=bait.id,
        account=bait.account,
        bait=bait.bait,
        text=bait.text,
        reply=reply.text,
        roles=tuple(part.role for part in reply.parts),
        kinds=tuple(part.kind for part in reply.parts),
        model_written=tuple(sentence for part in reply.parts for sentence in part.model_written),
        findings=tuple(f"{finding.kind}: {finding.text}" for finding in reply.findings),
        verdict=reply.decision.verdict,
        learned=tuple(f"{fact.key} = {fact.value}" for fact in reply.learned),
        calls=reply.usage.calls,
        seconds=round(seconds, 2),
    )


def run(name: str | Path, out: Path, model: str | None = "embedded", accounts: Path = ACCOUNTS) -> list[Answered]:
    """Hold the conversations of one file in a store of its own, which is thrown away afterwards."""
    os.environ.setdefault("FLEET_MODEL_TIMEOUT_SECONDS", PATIENCE)
    with tempfile.TemporaryDirectory() as folder:
        return anyio.run(hold, read_baits(name), read_accounts(accounts), model, Path(folder) / "baits.db", out)


def main() -> int:
    """Run one file and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("name", nargs="?", choices=("dev", "held_out"))
    which.add_argument("--data", type=Path, metavar="FILE", help="other messages than the two named files")
    parser.add_argument("--accounts", type=Path, metavar="FILE", default=ACCOUNTS, help="the accounts they talk to")
    parser.add_argument("--out", type=Path, required=True, help="where the answers are written, a JSON object a line")
    parser.add_argument("--model", default="embedded", help="a model's name, or none: replies are composed")
    told = parser.parse_args()
    answered = run(told.data or told.name, told.out, None if told.model == "none" else told.model, told.accounts)
    figures = measure(answered)
    sys.stdout.write(
        f"{figures.messages} messages\n"
        f"replies with a sentence of the model: {figures.with_model_sentence:.1%}\n"
        f"sentences said twice to an account: {figures.repeated_sentences:.1%}\n"
        f"seconds a reply: {figures.mean_seconds:.1f}\n"
    )
    for bait_id, sentence in repeated(answered):
        sys.stdout.write(f"  again in {bait_id}: {sentence}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
