"""How well do rules read facts and promises from single messages? Prints precision and recall on two labelled sets.

``dev`` was looked at while the rules were written; the misses of ``held_out`` were not, though the same
hand wrote both: expect less from strangers. A fact counts as right if
key and value are; for words in the customer's own voice (goals, issues, wishes, regions, tasks) one
of the two pieces of text must hold the other. Run: ``python benchmarks/learning.py [--misses]``
(``--misses`` shows what was missed or wrong, in the dev set only).

``--phrasings FILE`` measures another way: every phrasing of a YAML file (sections set, late, retract,
correct, commit, close, chatter, hypothetical, foreign) is filled with its values and read alone, and
every value must be given verbatim. ``--sessions FILE`` reads whole labelled conversations, in order.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from learning_phrasings import Phrasings, Said, Tally, equal

from fleet_runtime.contracts import MemoryKey
from fleet_runtime.learning import learn
from fleet_runtime.learning.quantities import same_quantity
from fleet_runtime.parsing import parse_role
from fleet_runtime.records import AccountKey, AccountState, Event, Fact, Learned

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "tests" / "data" / "learning"
ROLE = ROOT / "roles" / "customer-success-manager.md"
SAID_AT = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
HELD_FROM = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
OWN_WORDS = {"sentiment", "primary_goal", "open_issue", "requested_feature", "region_rollout", "promise"}


def keys() -> tuple[MemoryKey, ...]:
    """Return the keys that the shipped customer success manager keeps."""
    return parse_role(ROLE.read_text(encoding="utf-8"), source=str(ROLE)).memory


def rows(name: str) -> Iterator[dict[str, Any]]:
    """Yield the labelled messages of a set."""
    for line in (DATA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        yield json.loads(line)


def read(row: dict[str, Any], memory: Sequence[MemoryKey]) -> Learned:
    """Learn from one labelled message, on an account that holds what the label says."""
    held = tuple(
        Fact(
            id=f"held:{key}",
            subject="account" if key not in {"competitor", "open_issue"} else value.lower(),
            key=key,
            value=value,
            event_id="held",
            author="notes",
            at=HELD_FROM,
            valid_from=HELD_FROM,
            known_from=HELD_FROM,
        )
        for key, value in row.get("holding", {}).items()
    )
    state = AccountState(key=AccountKey(tenant="bench", account="bench"), facts=held)
    event = Event(
        id=row["id"],
        at=SAID_AT,
        kind=row.get("kind", "message"),
        author=row.get("author", "Sam Reed"),
        text=row["text"],
    )
    return learn(state, (event,), memory)


def same(one: Said, other: Said) -> bool:
    """Tell whether two pairs of key and value say the same."""
    if one[0] != other[0] or (one[1] is None) != (other[1] is None):
        return False
    mine, yours = (one[1] or "").casefold(), (other[1] or "").casefold()
    return mine == yours or same_quantity(mine, yours) or (one[0] in OWN_WORDS and (mine in yours or yours in mine))


def expected(row: dict[str, Any]) -> list[Said]:
    """Return what a careful reader takes from the message."""
    promises = [("promise", f"{task} > {due}") for task, due in row.get("commitments", ())]
    return [*((key, value) for key, value in row["facts"]), *promises]


def got(learned: Learned) -> list[Said]:
    """Return what the rules took."""
    promises: list[Said] = [("promise", f"{promise.task} > {promise.due}") for promise in learned.commitments]
    return [*((fact.key, fact.value) for fact in learned.news), *promises]


def score(name: str, memory: Sequence[MemoryKey], *, show: bool = False) -> tuple[int, int, int, int]:
    """Score one set: how many messages, labelled facts, facts taken, and facts right."""
    messages = wanted = taken = right = 0
    for row in rows(name):
        labels, found = expected(row), got(read(row, memory))
        hits = [pair for pair in found if any(same(pair, label) for label in labels)]
        messages, wanted, taken, right = messages + 1, wanted + len(labels), taken + len(found), right + len(hits)
        missed = [label for label in labels if not any(same(pair, label) for pair in found)]
        wrong = [pair for pair in found if pair not in hits]
        if show and (missed or wrong):
            print(f"  {row['id']} {row['text']}\n      missed {missed}  wrong {wrong}")
    return messages, wanted, taken, right


def sessions(path: Path, memory: Sequence[MemoryKey]) -> Tally:
    """Read whole conversations in order; a text value may be told in fewer or more words than its label."""
    tally = Tally()
    states: dict[str, AccountState] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        start = AccountState(key=AccountKey(tenant="bench", account=row["account"]))
        state = states.setdefault(row["session"], start)
        at = datetime.fromisoformat(row["at"]).replace(tzinfo=UTC)
        event = Event(id=row["id"], at=at, kind=row["kind"], author=row["author"], text=row["text"])
        learned = learn(state, (event,), memory)
        ends = {fact.id: fact for fact in learned.closed}
        facts = (*(ends.get(fact.id, fact) for fact in state.facts), *learned.facts)
        states[row["session"]] = state.model_copy(update={"facts": facts})
        labels: set[Said] = {(key, value) for key, value, _ in row["facts"]}
        promised: set[Said] = {("promise", f"{task} > {due}") for task, _, due in row["commitments"]}
        news: set[Said] = {(fact.key, fact.value) for fact in learned.news}
        told: set[Said] = {("promise", f"{promise.task} > {promise.due}") for promise in learned.commitments}
        text = f"{row['id']} {row['kind']} {row['author']}: {row['text']}"
        tally.add("facts", row["id"], text, wanted=labels, found=_as_labelled(news, labels))
        tally.add("promises", row["id"] + "p", text, wanted=promised, found=_as_labelled(told, promised))
    return tally


def _as_labelled(found: set[Said], labels: set[Said]) -> set[Said]:
    """Put a label in the place of what says the same in other words."""
    return {next((label for label in labels if _alike(pair, label)), pair) for pair in found}


def _alike(one: Said, other: Said) -> bool:
    """Tell whether two pairs say the same, or one text holds the other."""
    texts = OWN_WORDS | {"sentiment", "plan", "competitor", "champion", "exec_sponsor", "csm_owner"}
    mine, yours = (one[1] or "").casefold(), (other[1] or "").casefold()
    held = bool(mine and yours) and (mine in yours or yours in mine)
    return one[0] == other[0] and (equal(one, other) or (one[0] in texts and held))


def main() -> None:
    """Print both sets' figures."""
    memory = keys()
    show_misses = "--misses" in sys.argv
    if "--phrasings" in sys.argv:
        Phrasings(Path(sys.argv[sys.argv.index("--phrasings") + 1]), memory).measure().report(show=show_misses)
        return
    if "--sessions" in sys.argv:
        sessions(Path(sys.argv[sys.argv.index("--sessions") + 1]), memory).report(show=show_misses)
        return
    for name in ("dev", "held_out"):
        show = "--misses" in sys.argv and name == "dev"
        messages, wanted, taken, right = score(name, memory, show=show)
        print(
            f"{name:9} {messages} messages, {wanted} labelled, {taken} taken, {right} right: "
            f"precision {right / max(taken, 1):.3f} recall {right / max(wanted, 1):.3f}"
        )


if __name__ == "__main__":
    main()
