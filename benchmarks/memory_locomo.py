"""Measure how well recall finds the turns that answer questions on long dialogues (LoCoMo). Judges no answer.

Run: ``python benchmarks/memory_locomo.py --data PATH [--shipped] [--json]``. Printed is the share of the answering
turns among the first 5, 10, 25 and 50. The weights that join the signs are learned, so by default each conversation
is ranked by weights fitted on the others alone. ``--shipped`` ranks by the shipped weights through the public calls,
as a caller does: an honest figure only for conversations that they were not fitted on (it says which those are).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from fit_recall import cases, embed, figures, left_out
from locomo_data import CATEGORIES, CUTOFFS, Conversation, averages, marks, read_conversations

from fleet_runtime.ports import Vector
from fleet_runtime.recall import EventIndex, packed_vector, read_question, recall
from fleet_runtime.recall.fusion import shipped_weights

Figures = Mapping[str, Mapping[str, float]]
Embedded = Sequence[tuple[list[Vector], list[Vector]]]


def by_the_shipped(conversations: Sequence[Conversation], embedded: Embedded | None) -> tuple[Figures, float]:
    """Ask every question through the public calls; return the figures, and the mean CPU milliseconds of one recall."""
    rows: list[tuple[str, Mapping[str, float]]] = []
    spent = 0.0
    for number, conversation in enumerate(conversations):
        events = {event.id: event for event in conversation.events}
        columns = EventIndex.of_events(conversation.events).rows
        if embedded:
            columns = columns._replace(vectors=[packed_vector(vector) for vector in embedded[number][0]])
        index = EventIndex.of(columns)
        now = conversation.events[-1].at
        for place, question in enumerate(conversation.questions):
            vector = embedded[number][1][place] if embedded else None
            start = time.process_time()
            asked = read_question(question.text, now)
            ranked = recall(index, (), (), asked, keys=(), now=now, limit=max(CUTOFFS), vector=vector)
            told = ranked.tell({event_id: events[event_id] for event_id in ranked.wanted})
            spent += time.process_time() - start
            rows.append((question.category, marks([item.event_id for item in told], question.evidence)))
    return averages(rows), 1000 * spent / max(len(rows), 1)


def print_table(title: str, found: Figures) -> None:
    """Print one table: all questions, then category by category."""
    print(f"\n{title}\n{'':<14}{'n':>6}" + "".join(f"{f'R@{cutoff}':>8}" for cutoff in CUTOFFS) + f"{'MRR':>8}")
    for name in ("all", *CATEGORIES.values()):
        if name in found:
            row = found[name]
            cells = "".join(f"{row[mark]:>8.3f}" for mark in (*(f"R@{cutoff}" for cutoff in CUTOFFS), "MRR"))
            print(f"{name:<14}{row['n']:>6}{cells}")


def main() -> None:
    """Measure with vectors and by words alone."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="a LoCoMo file")
    parser.add_argument("--shipped", action="store_true", help="rank by the shipped weights through the public calls")
    parser.add_argument("--json", action="store_true", help="print JSON")
    given = parser.parse_args()
    conversations = read_conversations(given.data)
    embedded = asyncio.run(embed(conversations))
    fitted_on = shipped_weights().fitted.get("on", "")
    how = f"shipped weights, fitted on {fitted_on}" if given.shipped else "weights fitted on the other conversations"
    report: dict[str, Figures] = {}
    for kind, vectors in (("with vectors", embedded), ("words only", None)):
        if given.shipped:
            report[kind], spent = by_the_shipped(conversations, vectors)
            if not given.json:
                print(f"{kind}: {spent:.2f} ms CPU for one question without embedding it")
        else:
            known = cases(conversations, vectors)[1]
            report[kind] = figures(known, left_out(known))
    if given.json:
        print(json.dumps({"how": how, **report}, indent=2))
        return
    for kind, found in report.items():
        print_table(f"{kind} ({how})", found)


if __name__ == "__main__":
    main()
