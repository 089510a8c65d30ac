"""How well do rules read facts and promises from single messages? Prints precision and recall on two labelled sets.

``dev`` was looked at while the rules were written; the misses of ``held_out`` were not, though the same
hand wrote both: expect less from strangers. A fact counts as right if
key and value are; for words in the customer's own voice (goals, issues, wishes, regions, tasks) one
of the two pieces of text must hold the other. Run: ``python benchmarks/learning.py [--misses]``
(``--misses`` shows what was missed or wrong, in the dev set only).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fleet_runtime.contracts import MemoryKey
from fleet_runtime.learning import learn
from fleet_runtime.parsing import parse_role
from fleet_runtime.records import AccountKey, AccountState, Event, Fact, Learned

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "tests" / "data" / "learning"
ROLE = ROOT / "roles" / "customer-success-manager.md"
SAID_AT = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
HELD_FROM = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
OWN_WORDS = {"primary_goal", "open_issue", "requested_feature", "region_rollout", "promise"}

Said = tuple[str, str | None]


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
    return mine == yours or (one[0] in OWN_WORDS and (mine in yours or yours in mine))


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


def main() -> None:
    """Print both sets' figures."""
    memory = keys()
    for name in ("dev", "held_out"):
        show = "--misses" in sys.argv and name == "dev"
        messages, wanted, taken, right = score(name, memory, show=show)
        print(
            f"{name:9} {messages} messages, {wanted} labelled, {taken} taken, {right} right: "
            f"precision {right / max(taken, 1):.3f} recall {right / max(wanted, 1):.3f}"
        )


if __name__ == "__main__":
    main()
