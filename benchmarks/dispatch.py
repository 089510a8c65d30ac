"""Measure the dispatcher on labelled messages: accuracy per kind with 95 % intervals, baselines, cost and growth.

Run: ``python benchmarks/dispatch.py [--data FILE ...] [--roles FOLDER] [--profile ID] [--words-only] [--show]``.
Each line of a data file has ``id, text, active_role, expected[], kind`` and, where it matters, ``verdict`` and
``history``. Without ``--data`` the committed customer desk is measured: ``dev`` made the weights, ``held_out`` did not.
The second table goes by words alone, as without the ``local`` extra.

``--folds N`` gives the messages of the other folds as examples; without it there are none. Either way a message that
stands as an example in a contract is measured without that example. ``--baselines`` measures others on the same
messages, ``--growth`` staffs of up to 10,000 roles; ``--clinic``, ``--banking`` and ``--hwu`` name public intent sets.
It fails if a model is asked about a message that a boundary decided.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import process_time
from typing import Any

from dispatch_baselines import Protocol, answered, baselines, known_vectors
from dispatch_cost import HEADING, in_own_process
from dispatch_data import DATA, Message, Remembered, folds, load, load_staff, without
from dispatch_intents import IntentSet, five_shot, load_banking, load_clinc, load_hwu
from dispatch_metrics import DESK, REDIRECTS, Answer, Figures, figures, rows

from fleet_runtime.contracts import Staff
from fleet_runtime.decisions import Decision
from fleet_runtime.documents import layers, shipped
from fleet_runtime.embedding import load_embedder
from fleet_runtime.ports import Embedder
from fleet_runtime.prompt_files import read_prompt_files
from fleet_runtime.prompting import PromptBook
from fleet_runtime.routing import RoutingIndex, VectorTable, build_index, route, taught
from fleet_runtime.runtime.dispatching import Adjudicator, Dispatcher
from fleet_runtime.settings import Settings
from fleet_runtime.testing import ScriptedModel
from fleet_runtime.vector_cache import VectorCache
from fleet_runtime.weights import cache_folder

SIZES = (32, 1_000, 10_000)
INTENTS = {"clinic": load_clinc, "banking": load_banking, "hwu": load_hwu}
WHEN = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)


async def decide(
    messages: Sequence[Message], index: RoutingIndex, embedder: Embedder | None
) -> tuple[list[Decision], list[float]]:
    """Decide all messages; the times are CPU milliseconds per decision, the message's own embedding included."""
    vectors = VectorTable(await embedder.embed(index.texts()), encoder=embedder.name) if embedder else None
    decisions: list[Decision] = []
    times: list[float] = []
    for message in messages:
        began = process_time()
        query = message.query()
        if embedder:
            query = query.model_copy(update={"message_vectors": tuple(await embedder.embed(query.texts()))})
        decisions.append(route(query, index, vectors=vectors, decision_id=message.id))
        times.append(1000 * (process_time() - began))
    return decisions, sorted(times)


async def decided(
    messages: Sequence[Message], crew: Staff, embedder: Embedder | None, protocol: Protocol
) -> list[Decision]:
    """Decide all messages, each fold with the messages of the others as examples."""
    if not protocol.folds:
        return (await decide(messages, build_index(without(crew, messages)), embedder))[0]
    found: dict[str, Decision] = {}
    for learned, measured in folds(messages, protocol.folds, protocol.seed):
        seen, elsewhere = taught(without(crew, measured), [message.labelled() for message in learned])
        decisions, _ = await decide(measured, build_index(seen, elsewhere=elsewhere), embedder)
        found.update({decision.id: decision for decision in decisions})
    return [found[message.id] for message in messages]


async def wrong_role_calls(messages: Sequence[Message], crew: Staff, embedder: Embedder | None) -> int:
    """Return on how many of the desk's redirects a boundary decided, each decided again with a model that must not be.

    Raises: UnexpectedCall if a model is asked about one of them, though it may be asked about all that is unsure.
    """
    redirects = [message for message in messages if message.active_role == DESK and message.kind in REDIRECTS]
    decisions, _ = await decide(redirects, build_index(crew), embedder)
    hit = [message for message, decision in zip(redirects, decisions, strict=True) if decision.rule is not None]
    book = PromptBook(read_prompt_files(layers("prompts", None)).templates)
    async with ScriptedModel() as model:
        judge = Adjudicator(model, book, cut=1.1)
        dispatcher = Dispatcher(build_index(crew), embedder, clock=lambda: WHEN, timer=process_time, adjudicator=judge)
        for message in hit:
            decision = await dispatcher.decide(
                message.text, active_role=message.active_role, history=message.history, decision_id=message.id
            )
            if decision.verdict == "keep":
                raise SystemExit(f"{message.id} was hit by a boundary and stays with the role that refuses it")
    return len(hit)


async def against(
    messages: Sequence[Message], crew: Staff, embedder: Embedder | None, protocol: Protocol
) -> tuple[dict[str, Figures], list[str]]:
    """Measure the baselines, and say who could not be."""
    vectors = await known_vectors(crew, messages, embedder) if embedder else None
    others, missing = baselines(vectors, protocol)
    found = {name: figures(messages, answered(one, crew, messages, protocol)) for name, one in others.items()}
    return found, missing


def compared(found: Mapping[str, Figures]) -> str:
    """Return one line a row: what matters most of each."""
    heads = ("overall", "95 %", "boundary", "stay", "adversarial", "kept wrong", "F1 none", "AUROC", "first five")
    table = [f"  {'':<28}" + "".join(f"{head:>15}" if head == "95 %" else f"{head:>12}" for head in heads)]
    for name, one in found.items():
        share = one.overall.row("").split("n=")[0].split("  ")[-2].strip()
        kinds = [one.kinds[kind].value if kind in one.kinds else None for kind in ("boundary", "stay", "adversarial")]
        kept = one.wrong_active_kept.value if one.wrong_active_kept else None
        five = one.top5.value if one.top5 else None
        numbers = [*kinds, kept, one.oos_f1, one.oos_auroc, five]
        shown = "".join(f"{'-' if number is None else format(number, '.3f'):>12}" for number in numbers)
        table.append(f"  {name:<28}{one.overall.value:>12.3f}{share:>15}{shown}")
    return "\n".join(table)


async def measure(
    files: Sequence[Path], crew: Staff, embedder: Embedder | None, options: argparse.Namespace
) -> list[dict[str, Any]]:
    """Print one table per file; return the same as plain data."""
    how = "words and meaning" if embedder else "words only"
    protocol = Protocol(folds=options.folds, seed=options.seed)
    learned = f"{options.folds} folds, seed {options.seed}" if options.folds else "no examples given"
    runs: list[dict[str, Any]] = []
    for file in files:
        messages = load(file)
        decisions = await decided(messages, crew, embedder, protocol)
        ours = figures(messages, [Answer.of(decision) for decision in decisions])
        print(f"{file.name}, {how}, {len(crew.roles)} roles, {learned}", *ours.rows(), sep="\n")
        run: dict[str, Any] = {"file": file.name, "by": how, "protocol": protocol.model_dump()}
        run["figures"] = ours.model_dump()
        hit = await wrong_role_calls(messages, crew, embedder)
        if hit:
            print(f"  model calls on {hit} redirects that a boundary decided: 0")
            run["boundary_hits_without_model"] = hit
        if options.baselines:
            others, missing = await against(messages, crew, embedder, protocol)
            print(compared({"this dispatcher": ours, **others}), *(f"  {line}" for line in missing), sep="\n")
            run["baselines"] = {name: one.model_dump() for name, one in others.items()}
            run["not_measured"] = missing
        if options.show:
            show(messages, decisions)
        print()
        runs.append(run)
    return runs


def show(messages: Sequence[Message], decisions: Sequence[Decision]) -> None:
    """Print what was decided wrongly."""
    for message, decision in zip(messages, decisions, strict=True):
        if not message.is_right(decision):
            print(f"  {message.kind}: {decision.verdict} {decision.choice}: {decision.reason}")


def costs(sizes: Sequence[int | None], files: Sequence[Path], options: argparse.Namespace) -> list[dict[str, Any]]:
    """Print what decisions cost at each size, each in a process of its own.

    None is the staff as it is; a size is of all shipped roles, or those of the folder, and synthetic ones.
    """
    print(
        "cost, each row in a process of its own; memory is what the first decision and all after it added",
        HEADING,
        sep="\n",
    )
    found: list[dict[str, Any]] = []
    for size in sizes:
        for words_only in (True,) if options.words_only else (False, True):
            arguments = ["--profile", options.profile, "--data", str(files[0].resolve())]
            folder = options.roles or (shipped("roles") if size else None)
            arguments += ["--folder", str(folder.resolve())] if folder else []
            arguments += ["--roles", str(size)] if size else []
            cost = in_own_process([*arguments, *(["--words-only"] if words_only else [])])
            print(cost.line(), flush=True)
            found.append(cost.model_dump())
    print()
    return found


async def intents(embedder: Embedder | None, options: argparse.Namespace) -> dict[str, Any]:
    """Print the five-shot accuracy on the public sets whose files are given."""
    found: dict[str, Any] = {}
    for name, loaded in INTENTS.items():
        path: Path | None = getattr(options, name)
        if path is None:
            print(f"{name}: not measured: give --{name} PATH")
            continue
        given: IntentSet = loaded(path)
        share = await five_shot(given, embedder)
        print(share.row(f"{name}, five-shot"), flush=True)
        found[name] = share.model_dump()
    return found


def arguments() -> argparse.ArgumentParser:
    """Return what may be asked for."""
    parser = argparse.ArgumentParser(description="Measure the dispatcher on labelled messages.")
    parser.add_argument("--data", type=Path, nargs="+", help="labelled files (default: the committed customer desk)")
    parser.add_argument("--roles", type=Path, help="folder of roles, all of them staffed (default: the shipped ones)")
    parser.add_argument("--profile", default="customer", help="profile that staffs the shipped roles")
    parser.add_argument("--words-only", action="store_true", help="leave the embeddings out")
    parser.add_argument("--show", action="store_true", help="print the messages it decided wrongly")
    parser.add_argument("--folds", type=int, default=0, help="give the messages of the other folds as examples")
    parser.add_argument("--seed", type=int, default=0, help="how the folds are drawn")
    parser.add_argument("--baselines", action="store_true", help="measure others on the same messages")
    parser.add_argument("--cost", action="store_true", help="measure CPU time and memory")
    parser.add_argument("--growth", action="store_true", help=f"measure them with {SIZES} roles")
    parser.add_argument("--clinic", type=Path, help="data_full.json or data_small.json of CLINC150")
    parser.add_argument("--banking", type=Path, help="folder with train.csv and test.csv of Banking77")
    parser.add_argument("--hwu", type=Path, help="folder with train/ and test/ of HWU64, each seq.in and label")
    parser.add_argument("--only-intents", action="store_true", help="measure nothing but the public intent sets")
    parser.add_argument("--json", type=Path, help="write all figures here too")
    return parser


async def main() -> None:
    """Read the arguments and print the tables."""
    options = arguments().parse_args()
    files: list[Path] = options.data or [DATA / "customer_desk_dev.jsonl", DATA / "customer_desk_held_out.jsonl"]
    crew = load_staff(options.roles, options.profile)
    cache = cache_folder(os.environ)
    plain = None if options.words_only else await load_embedder(Settings(), cache)
    found: dict[str, Any] = {"runs": []}
    if not options.only_intents:
        for embedder in (Remembered(VectorCache(plain, cache)), None) if plain else (None,):
            found["runs"] += await measure(files, crew, embedder, options)
    if options.cost:
        found["cost"] = costs([None], files, options)
    if options.growth:
        found["growth"] = costs(SIZES, files, options)
    found["intents"] = await intents(plain, options)
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


__all__ = ["DATA", "Message", "decide", "load", "load_staff", "rows"]

if __name__ == "__main__":
    asyncio.run(main())
