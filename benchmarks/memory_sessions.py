"""How much of what people tell in conversations gets on the record, and how much that they did not tell?

Feeds labelled sessions through learning, message by message, as the runtime does: rules first, then, with
``--model embedded``, the model for what is worth asking. Prints precision and recall of facts for the rules
alone and for both, per key, and of promises made and kept (which rules alone read).

    python benchmarks/memory_sessions.py [--data FILE] [--model none|embedded] [--misses] [--limit N] [--json]

A fact counts as right if key and value are: words in the customer's own voice may be longer or shorter by two
fifths, a person may be named in part, money is compared by amount. What repeats a value that the labels say
holds already counts neither way. ``--misses`` shows every miss: use it on the dev file only.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from memory_session_scores import Row, Said, Tally, Truth, matched, same_promise, same_words, shares

from fleet_runtime.contracts import MemoryKey, Staff
from fleet_runtime.errors import ModelGarbled
from fleet_runtime.learning import LearnPrompts, inquire, known_before, learn, merge
from fleet_runtime.models.resolve import resolve_model
from fleet_runtime.ports import ModelClient
from fleet_runtime.prompting import compile_prefix
from fleet_runtime.records import AccountKey, AccountState, Event, Fact, Learned
from fleet_runtime.runtime.learner import learn_prompts
from fleet_runtime.settings import Settings
from fleet_runtime.staffing import load_staff
from fleet_runtime.weights import cache_folder
from fleet_runtime.words import load_words

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "tests" / "data" / "memory" / "sessions_dev.jsonl"
ROLE = "customer-success-manager"


class Book:
    """One account as it is learned."""

    def __init__(self, account: str) -> None:
        """Open an empty account."""
        self.state = AccountState(key=AccountKey(tenant="bench", account=account))

    def take(self, event: Event | None, learned: Learned) -> None:
        """Write what was learned, and the event if it is new."""
        facts = {fact.id: fact for fact in (*self.state.facts, *learned.closed, *learned.facts)}
        promises = {promise.id: promise for promise in (*self.state.commitments, *learned.commitments)}
        self.state = self.state.model_copy(
            update={
                "facts": tuple(facts.values()),
                "commitments": tuple(promises.values()),
                "events": (*self.state.events, event) if event else self.state.events,
            }
        )


@dataclass(slots=True)
class Measured:
    """What one run over all sessions gave."""

    facts: Tally = field(default_factory=Tally)
    promises: Counter[str] = field(default_factory=Counter)
    closes: Counter[str] = field(default_factory=Counter)
    messages: int = 0
    asked: int = 0
    calls: int = 0
    seconds: float = 0.0


class Sessions:
    """Feeds sessions through learning, with a model or without, and measures."""

    def __init__(self, keys: Sequence[MemoryKey], model: ModelClient | None, prompts: LearnPrompts | None) -> None:
        """Keep what is asked, and whom."""
        self._keys, self._prompts, self._model = tuple(keys), prompts, model
        self._kinds: dict[str, str] = {key.name: key.kind for key in keys}
        self.measured = Measured()

    async def run(self, rows: Sequence[Row]) -> Measured:
        """Learn message by message; each session is an account of its own."""
        for session in dict.fromkeys(row.session for row in rows):
            part = [row for row in rows if row.session == session]
            book, truth = Book(part[0].account), Truth(self._kinds)
            for row in part:
                await self._message(row, book, truth)
        return self.measured

    async def _message(self, row: Row, book: Book, truth: Truth) -> None:
        """Learn from one message and compare."""
        measured, before = self.measured, book.state
        event = row.event
        learned = learn(before, (event,), self._keys)
        book.take(event, learned)
        taken = [fact for fact in learned.news if fact.event_id == event.id and not fact.yields_to]
        if self._model is not None:
            more = merge(book.state, await self._asked(event, before, taken), now=event.at)
            book.take(None, more)
            taken += [fact for fact in more.news if fact.event_id == event.id]
        labels = [Said(key, value) for key, value, _ in row.facts]
        found = [Said(fact.key, fact.value) for fact in taken]
        measured.facts.add(row, [(pair, truth.repeats(pair)) for pair in found], labels, self._kinds)
        truth.take(labels)
        measured.messages += 1
        known = {promise.id: promise.state for promise in before.commitments}
        made = [promise for promise in learned.commitments if promise.id not in known]
        kept = [one for one in learned.commitments if one.state == "done" and known.get(one.id) == "open"]
        measured.promises += matched(row.commitments, made, same_promise)
        measured.closes += matched(row.closes, kept, lambda task, one: same_words(task, one.task))

    async def _asked(self, event: Event, before: AccountState, found: Sequence[Fact]) -> Sequence[Fact]:
        """Put one message to the model, if it is worth it."""
        if self._prompts is None or self._model is None:
            return ()
        inquiry = inquire(event, self._keys, self._prompts, found=found, known=known_before(event, before))
        self.measured.asked += inquiry.request is not None
        while inquiry.request is not None:
            started = time.perf_counter()
            try:
                reply = await self._model.complete(inquiry.request)
                inquiry = inquiry.answered(reply.text, reply.tokens)
            except ModelGarbled:
                break
            finally:
                self.measured.calls += 1
                self.measured.seconds += time.perf_counter() - started
        return inquiry.facts


def report(name: str, measured: Measured, *, show: bool) -> None:
    """Print one run's figures."""
    if show:
        print("\n".join(measured.facts.shown))
    precision, recall = shares(measured.facts.total())
    print(f"{name}: facts precision {precision:.3f} recall {recall:.3f} {dict(measured.facts.total())}")
    for key, counts in sorted(measured.facts.counts.items()):
        print(f"  {key:18} " + "  ".join(f"{how} {counts[how]:3}" for how in ("right", "missed", "wrong")))
    for what, counts in (("promises", measured.promises), ("closes", measured.closes)):
        precision, recall = shares(counts)
        print(f"  {what}: precision {precision:.3f} recall {recall:.3f} {dict(counts)}")
    if measured.asked:
        print(
            f"  asked about {measured.asked} of {measured.messages} messages, {measured.calls} calls, "
            f"{measured.seconds / measured.asked:.1f} s a message asked about"
        )


def figures(measured: Measured) -> dict[str, object]:
    """Return one run's figures for a program."""
    named = {"facts": measured.facts.total(), "promises": measured.promises, "closes": measured.closes}
    parts: dict[str, object] = {
        name: dict(zip(("precision", "recall"), shares(counts), strict=True)) | dict(counts)
        for name, counts in named.items()
    }
    keys = {key: dict(counts) for key, counts in sorted(measured.facts.counts.items())}
    spent = {
        "messages": measured.messages,
        "asked": measured.asked,
        "calls": measured.calls,
        "seconds": measured.seconds,
    }
    return parts | {"keys": keys} | spent


async def measure(
    rows: Sequence[Row],
    keys: Sequence[MemoryKey],
    model: ModelClient | None = None,
    prompts: LearnPrompts | None = None,
) -> Measured:
    """Run all sessions once."""
    return await Sessions(keys, model, prompts).run(rows)


async def with_model(rows: Sequence[Row], keys: Sequence[MemoryKey], staff: Staff) -> Measured:
    """Run all sessions with the embedded model, asked as the runtime asks it."""
    settings = Settings(model="embedded", model_timeout_seconds=600.0)
    words, role = load_words(settings, staff), staff.get(ROLE)
    model = await resolve_model(settings, environment=os.environ, cache=cache_folder(os.environ))
    if model is None or role is None:
        raise SystemExit(f"no embedded model, or no role {ROLE}")
    try:
        prefix = compile_prefix(words.book, role, staff).text
        return await measure(rows, keys, model, learn_prompts(words, keys, model.info.voice, prefix=prefix))
    finally:
        await model.close()


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--model", choices=["none", "embedded"], default="none")
    parser.add_argument("--misses", action="store_true")
    parser.add_argument("--limit", type=int, default=None, help="so many sessions")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = [Row.model_validate_json(line) for line in options.data.read_text(encoding="utf-8").splitlines() if line]
    chosen = list(dict.fromkeys(row.session for row in rows))[: options.limit]
    rows = [row for row in rows if row.session in chosen]
    staff = load_staff(Settings())
    keys = next(role for role in staff.roles if role.role_class == ROLE).memory
    runs = {"rules alone": asyncio.run(measure(rows, keys))}
    if options.model == "embedded":
        runs["rules and model"] = asyncio.run(with_model(rows, keys, staff))
    if options.json:
        print(json.dumps({name: figures(run) for name, run in runs.items()}, indent=2))
        return
    for name, run in runs.items():
        report(name, run, show=options.misses)


if __name__ == "__main__":
    main()
