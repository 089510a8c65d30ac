"""Fit what the dispatcher has learned, and say by cross-validation how well that works.

Run: ``python benchmarks/fit_routing.py [--bench FOLDER] [--write]``. Fitted are the library of shipped roles, the
override detector, and the weights that join all evidence, with vectors and by words alone. All data is committed, but
for the ``--bench`` folder (``roles/`` and ``dev.jsonl``); no held-out file is read. ``--write`` replaces what ships.

The printed table is out of sample: an organisation is decided by weights and a detector that saw none of it, and the
desk, the front door and the bench fold by fold. The front door's messages taught nothing to the library either.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from dispatch_data import ADVERSARIAL, DATA, Message, Remembered
from dispatch_metrics import Answer, figures
from fit_data import ORGANISATIONS, Case, cases, library_messages, organisation, shipped
from fit_parts import Row, fit_detector, fit_weights

from fleet_runtime.decisions import Decision
from fleet_runtime.embedding import load_embedder
from fleet_runtime.routing import RouteQuery, VectorTable, build_index
from fleet_runtime.routing import weights as shipped_files
from fleet_runtime.routing.index import NOBODY, TALK
from fleet_runtime.routing.library import shipped_library
from fleet_runtime.routing.overriding import OverrideDetector
from fleet_runtime.routing.passages import Owner
from fleet_runtime.routing.readings import LexicalReading, dense_reading
from fleet_runtime.routing.route import decide
from fleet_runtime.routing.space import Lesson, fit_ridge
from fleet_runtime.routing.weighing import Evidence, Outcome
from fleet_runtime.routing.weights import WeightSet
from fleet_runtime.settings import Settings
from fleet_runtime.weights import cache_folder

FOLDER = Path(shipped_files.__file__).parent
PENALTY = 0.002
PARTS = 5
OWN = ("own", "follow_up", "small_talk")


class Balance(NamedTuple):
    """How much messages that stay count: all of them against all that cross a boundary, and a desk's own ones each.

    ``onward`` is what `WeightSet` has of it.
    """

    stay: float
    own: float
    onward: float


BALANCE = {
    "words_only": Balance(stay=1.0, own=1.5, onward=0.65),
    "with_vectors": Balance(stay=0.3, own=1.5, onward=0.75),
}
SHIPPED_STAFFS = ("desk", "front door")
"""What the weights by words alone are fitted on: words tell too little to learn from strangers' roles."""


class Asked:
    """One message of a case, with what was measured on it: everything but the weights."""

    def __init__(self, case: Case, message: Message, query: RouteQuery, evidence: Evidence) -> None:
        """Label what could come of it."""
        self.case, self.message, self.query, self.evidence = case, message, query, evidence
        outcomes = evidence.outcomes(message.active_role)
        self.features = [outcome.features for outcome in outcomes]
        self.right = [_is_right(message, outcome) for outcome in outcomes]

    def decided(self, weights: WeightSet) -> Decision:
        """Decide it with other weights."""
        self.evidence.model = weights
        return decide(self.query, self.evidence, decision_id=self.message.id)


def _is_right(message: Message, outcome: Outcome) -> bool:
    """Say whether an outcome is what the label asks for."""
    if message.verdict == "decline" or outcome.kind == "refused":
        return message.verdict == "decline" and outcome.kind == "refused"
    return (outcome.role or NOBODY) in message.expected


async def fit_library(embedder: Remembered, hidden: frozenset[str]) -> dict[str, Any]:
    """Fit the library on the shipped contracts and the messages written for them, but for the hidden texts."""
    index = build_index(shipped())
    known = {*index.classes, NOBODY, TALK}
    taught = [(passage.text, _within(known, index.taught(passage))) for passage in index.passages]
    taught += [
        (message.query().wish(), dict.fromkeys(message.expected, 1.0))
        for message in library_messages()
        if message.kind != ADVERSARIAL
    ]
    taught = [(text, owners) for text, owners in taught if owners and text not in hidden]
    lesson = Lesson([owners for _, owners in taught])
    table = np.array(await embedder.embed([text for text, _ in taught]), dtype=np.float32)
    centre, solution, offset = fit_ridge(table, lesson)
    return {
        "encoder": np.array(embedder.name),
        "classes": np.array([str(owner) for owner in lesson.column]),
        "centre": centre.astype(np.float16),
        "solution": solution.astype(np.float16),
        "offset": offset.astype(np.float16),
    }


def _within(known: set[str], owners: Mapping[Owner, float]) -> dict[Owner, float]:
    """Return the owners that the library has a column for."""
    return {owner: weight for owner, weight in owners.items() if owner in known}


class Attempts:
    """Labelled texts for the detector, by source, and detectors that have not seen a source."""

    def __init__(self, embedder: Remembered | None) -> None:
        """Read the texts."""
        self._embedder = embedder
        self._detectors: dict[str, OverrideDetector] = {}
        lines = (DATA / "override_attempts.jsonl").read_text(encoding="utf-8").splitlines()
        kept = [json.loads(line) for line in lines]
        self.texts = [("attempts", one["text"], one["kind"] == "attempt") for one in kept]
        for file in sorted(ORGANISATIONS.glob("*.jsonl")):
            self.texts += [(file.stem, one.text, one.kind == ADVERSARIAL) for one in organisation(file)[1]]
        self.texts += [("library", one.text, one.kind == ADVERSARIAL) for one in library_messages()]

    async def detector(self, unseen: str) -> OverrideDetector:
        """Return a detector fitted on all but one source."""
        if unseen not in self._detectors:
            used = [(text, attempt) for source, text, attempt in self.texts if source != unseen]
            texts, attempts = [text for text, _ in used], [attempt for _, attempt in used]
            table = np.array(await self._embedder.embed(texts), dtype=np.float32) if self._embedder else None
            self._detectors[unseen] = fit_detector(
                texts, attempts, table, self._embedder.name if self._embedder else ""
            )
        return self._detectors[unseen]


async def ask(case: Case, embedder: Remembered | None, attempts: Attempts) -> list[Asked]:
    """Measure all messages of a case."""
    index = build_index(case.staff, elsewhere=case.elsewhere)
    detector = await attempts.detector(case.source)
    vectors = VectorTable(await embedder.embed(index.texts()), encoder=embedder.name) if embedder else None
    asked: list[Asked] = []
    for message in case.messages:
        query = message.query()
        if embedder:
            query = query.model_copy(update={"message_vectors": tuple(await embedder.embed(query.texts()))})
        override = detector.logit((query.wish(), *query.clauses()), query.message_vectors)
        evidence = Evidence(
            query, index, LexicalReading(query, index), dense_reading(query, index, vectors), override=override
        )
        asked.append(Asked(case, message, query, evidence))
    return asked


def fitted(asked: Sequence[Asked], balance: Balance) -> WeightSet:
    """Fit the weights on messages."""
    crossing = sum(one.case.weight for one in asked if one.message.kind == "boundary")
    staying = sum(one.case.weight for one in asked if one.message.kind == "stay")
    scale = dict.fromkeys(OWN, balance.own)
    scale["stay"] = balance.stay * crossing / staying if staying else 1.0
    rows = [Row(one.features, one.right, one.case.weight * scale.get(one.message.kind, 1.0)) for one in asked]
    return WeightSet(features=fit_weights(rows, PENALTY), onward=balance.onward)


def cross_validated(asked: Sequence[Asked], balance: Balance) -> None:
    """Print how well messages are decided by weights that saw nothing of their source, or of their fold of it."""
    for source in dict.fromkeys(one.case.source for one in asked):
        ours = [one for one in asked if one.case.source == source]
        ids = list(dict.fromkeys(one.message.id for one in ours))
        parts = PARTS if source in ("desk", "bench") else 1
        part = {name: number % parts for number, name in enumerate(ids)}
        decided: list[tuple[Asked, Decision]] = []
        for measured in range(parts):
            unseen = {one for one in ours if part[one.message.id] == measured}
            weights = fitted(
                [one for one in asked if one not in unseen and (one.case.source != source or parts > 1)], balance
            )
            decided += [(one, one.decided(weights)) for one in unseen]
        for title, taught in (("taught by other folds", True), ("no examples but the contracts' own", False)):
            kept = [(one.message, choice) for one, choice in decided if bool(one.case.elsewhere) == taught]
            if kept:
                print(f"-- {source}, {title}")
                print(*figures([one for one, _ in kept], [Answer.of(one) for _, one in kept]).rows(), sep="\n")


async def main() -> None:
    """Fit, cross-validate, and write if asked to."""
    parser = argparse.ArgumentParser(description="Fit what the dispatcher has learned.")
    parser.add_argument("--bench", type=Path, help="a folder with roles/ and dev.jsonl")
    parser.add_argument("--write", action="store_true", help="replace the shipped files")
    parser.add_argument("--no-report", action="store_true", help="fit only")
    options = parser.parse_args()
    encoder = await load_embedder(Settings(), cache_folder(os.environ))
    embedder = Remembered(encoder) if encoder else None
    sets = list(cases(options.bench))
    hidden = frozenset(
        message.text for case in sets if case.source in ("desk", "front door") for message in case.messages
    )
    if embedder is not None and options.write:
        np.savez_compressed(FOLDER / "library.npz", **await fit_library(embedder, hidden))
        shipped_library.cache_clear()
    found: dict[str, Any] = {"fitted": {"by": "benchmarks/fit_routing.py", "penalty": str(PENALTY)}}
    detectors: list[OverrideDetector] = []
    for name, given in (("words_only", None), ("with_vectors", embedder)):
        attempts = Attempts(given)
        chosen = [case for case in sets if given is not None or case.source in SHIPPED_STAFFS]
        asked = [one for case in chosen for one in await ask(case, given, attempts)]
        if not options.no_report:
            print(f"== {name}")
            cross_validated(asked, BALANCE[name])
        found[name] = fitted(asked, BALANCE[name]).model_dump()
        detectors.append(await attempts.detector(""))
    if options.write:
        (FOLDER / "weights.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
        kept = [detector.model_dump() for detector in detectors]
        (FOLDER / "override.json").write_text(json.dumps(kept) + "\n", encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main())
