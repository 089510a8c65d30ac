"""Account memories side by side, without a language model: ours, mem0, langgraph's SqliteStore, agno, openai-agents.

First ``python benchmarks/memory_peers.py --make-venv DIR`` (the others, pinned, in an environment of their own), then
``python benchmarks/memory_peers.py --locomo FILE --venv DIR``. FILE has LoCoMo's published form (CC BY-NC: not ours);
``--conversations N`` takes the first N, ``--only NAME`` one memory, ``--embeddings none`` ours without vectors.

Every memory keeps all conversations as accounts of one store, session by session, is closed, opened again and asked
every question. R@k is the share of a question's evidence turns among the first k items. CPU is of the whole process,
with no embedding in it: all vectors are made before, by our encoder, and handed over. Then three things are tried and
not taken from documents: does an account get another's items; what does a search as of a past date give; what stands in
the files after an account was deleted. Measures retrieval, never the answers of a model; installs nothing unasked.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import re
import subprocess
import tempfile
import venv
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from itertools import product
from pathlib import Path
from time import process_time
from typing import Any, NamedTuple

from memory_peers_libs import PEERS, Memory, Said, Vectors, open_fleet, sqlite_build

PINS = (
    "mem0ai==2.2.1", "qdrant-client==1.20.0", "faiss-cpu==1.15.1", "langchain==1.5.2",
    "langgraph-checkpoint-sqlite==3.1.2", "sqlite-vec==0.1.9", "pysqlite3-binary==0.5.4.post2",
    "agno==3.1.10", "sqlalchemy==2.1.9", "greenlet==3.5.6", "openai-agents==0.24.0", "numpy==2.4.6",
)  # fmt: skip
CUTOFFS = (5, 10, 25)
DEPTH = max(CUTOFFS)
OURS = "fleet_runtime"
EVIDENCE = re.compile(r"D\s*:?\s*(\d+)\s*:\s*0*(\d+)")

LOOK_ALIKES = ("acme", "acme-eu", "acme_eu", "ACME", "acme%", "acme2")
NOTES, CANARY = 20, b"heron0of0"
BEFORE, BETWEEN, AFTER = (datetime(2025, month, 10, tzinfo=UTC).timestamp() for month in (1, 4, 7))
CHAMPION, OLD, NEW = "Who is our champion?", "Ines Okafor", "Tomas Lindqvist"

Open = Callable[[Path], AbstractAsyncContextManager[Memory]]
Measured = dict[str, Any]


class Asked(NamedTuple):
    """One question to an account, and the ids of the events that hold its answer."""

    account: str
    text: str
    evidence: Sequence[str]


class Data(NamedTuple):
    """Sessions, each a batch of one account's events, and the questions about them."""

    batches: Sequence[Sequence[Said]]
    questions: Sequence[Asked]


def load(file: Path, conversations: int | None) -> Data:
    """Read LoCoMo: a conversation is an account; questions without a known evidence turn are left out."""
    batches: list[list[Said]] = []
    questions: list[Asked] = []
    for sample in json.loads(file.read_text(encoding="utf-8"))[:conversations]:
        account, talk = sample["sample_id"], sample["conversation"]
        names = [name for name in talk if re.fullmatch(r"session_\d+", name)]
        for name in sorted(names, key=lambda name: int(name.removeprefix("session_"))):
            at = datetime.strptime(talk[f"{name}_date_time"].strip(), "%I:%M %p on %d %B, %Y").replace(tzinfo=UTC)
            batches.append([_said(account, at.timestamp() + place, turn) for place, turn in enumerate(talk[name])])
        known = {one.id for batch in batches for one in batch}
        for entry in sample["qa"]:
            found = EVIDENCE.findall(" ; ".join(map(str, entry.get("evidence", []))))
            evidence = sorted({f"{account}|D{session}:{turn}" for session, turn in found} & known)
            if evidence:
                questions.append(Asked(account, entry["question"].strip(), evidence))
    return Data(batches, questions)


def _said(account: str, at: float, turn: Mapping[str, Any]) -> Said:
    """Read a turn; a shared picture is said in words."""
    picture = ". ".join(filter(None, (turn.get("blip_caption"), turn.get("query"))))
    text = f"{turn.get('text') or ''} {f'[picture: {picture}]' if picture else ''}".strip()
    return Said(f"{account}|{turn['dia_id']}", account, at, turn["speaker"], text)


async def measure(memory: Open, data: Data) -> Measured:
    """Measure one memory, each part in a folder of its own."""
    found: Measured = {}
    parts = (partial(retrieval, data=data), isolation, partial(as_of, replaced=False), partial(as_of, replaced=True))
    for part in parts:
        with tempfile.TemporaryDirectory(prefix="memory-") as name:
            found |= await part(memory, Path(name))
    return {"sqlite": sqlite_build(), **found}


async def retrieval(memory: Open, folder: Path, data: Data) -> Measured:
    """Add all events and ask all questions: recall, CPU ms, bytes, and items of other accounts."""
    gc.collect()
    async with memory(folder) as opened:
        begun = process_time()
        for batch in data.batches:
            await opened.add(batch[0].account, batch)
        add = process_time() - begun
    size = sum(file.stat().st_size for file in _files(folder))
    events = sum(map(len, data.batches))
    hits = dict.fromkeys(CUTOFFS, 0.0)
    times: list[float] = []
    foreign = 0
    async with memory(folder) as opened:
        for asked in {one.account: one for one in data.questions}.values():
            await opened.search(asked.account, asked.text, DEPTH)  # what is loaded once is not counted
        for asked in data.questions:
            begun = process_time()
            items = await opened.search(asked.account, asked.text, DEPTH)
            times.append((process_time() - begun) * 1000)
            ids = list(dict.fromkeys(item.id for item in items))
            foreign += sum(not known.startswith(f"{asked.account}|") for known in ids)
            for cutoff in CUTOFFS:
                hits[cutoff] += len(set(ids[:cutoff]) & set(asked.evidence)) / len(asked.evidence)
    times.sort()
    return {
        **{f"R@{cutoff}": round(hits[cutoff] / len(data.questions), 4) for cutoff in CUTOFFS},
        "add_cpu_ms": round(add * 1000 / events, 3),
        "search_cpu_p50_ms": round(times[len(times) // 2], 3),
        "search_cpu_p95_ms": round(times[len(times) * 95 // 100], 3),
        "bytes_per_event": round(size / events),
        "foreign": foreign,
    }


async def isolation(memory: Open, folder: Path) -> Measured:
    """Ask look-alike accounts for each other's secrets, then erase the first and look for its bytes in the files."""
    first, *others = LOOK_ALIKES
    async with memory(folder) as opened:
        for account in LOOK_ALIKES:
            await opened.add(account, [_note(account, number) for number in range(NOTES)])
    seen = _holding(folder)
    async with memory(folder) as opened:
        foreign = 0
        for account, other in product(LOOK_ALIKES, repeat=2):
            items = await opened.search(account, _note(other, 0).line, DEPTH)
            foreign += sum(not item.id.startswith(f"{account}|") for item in items)
        await opened.erase(first)
    left = _holding(folder)
    async with memory(folder) as opened:
        still = len(await opened.search(first, _note(first, 0).line, DEPTH))
        kept = [len(await opened.search(other, _note(other, 0).line, DEPTH)) for other in others]
    return {
        "foreign_look_alikes": foreign,
        "canary_in_files_before": seen,
        "canary_in_files_after": left,
        "answers_after_erasure": still,
        "others_intact": min(kept) > 0,
    }


async def as_of(memory: Open, folder: Path, *, replaced: bool) -> Measured:
    """Search as of a date between a value and its successor: "yes" is the former value and not the later one.

    ``replaced``: the later value took the former's place by the library's own update, instead of being added.
    """
    former = Said("dated|1", "dated", BEFORE, "Nadia", f"Our champion is {OLD}.")
    later = Said("dated|2", "dated", AFTER, "Nadia", f"Our champion is {NEW}.")
    name = "as_of_replaced" if replaced else "as_of"
    try:
        async with memory(folder) as opened:
            await opened.add("dated", [former])
            await (opened.replace(former.id, later) if replaced else opened.add("dated", [later]))
        async with memory(folder) as opened:
            now = " ".join(item.text for item in await opened.search("dated", CHAMPION, DEPTH))
            then = " ".join(item.text for item in await opened.search("dated", CHAMPION, DEPTH, BETWEEN))
    except NotImplementedError:
        return {name: "not offered"}
    if NEW not in now:
        return {name: "cannot tell: the present value is not found"}
    return {name: "yes" if OLD in then and NEW not in then else "no"}


def _note(account: str, number: int) -> Said:
    """Return one of an account's private notes, with a word that stands nowhere else."""
    secret = f"heron{number}of{LOOK_ALIKES.index(account)}"
    return Said(f"{account}|{number}", account, BEFORE + number, "Nadia", f"The word of this account is {secret}.")


def _files(folder: Path) -> list[Path]:
    """Return all files below a folder."""
    return [file for file in sorted(folder.rglob("*")) if file.is_file()]


def _holding(folder: Path) -> list[str]:
    """Return the files that hold the canary: a word of the account that is erased."""
    return [str(file.relative_to(folder)) for file in _files(folder) if CANARY in file.read_bytes()]


def texts(data: Data) -> list[str]:
    """Return every text that a memory may want a vector of."""
    notes = [_note(account, number).line for account in LOOK_ALIKES for number in range(NOTES)]
    values = [f"Nadia: Our champion is {name}." for name in (OLD, NEW)]
    lines = [said.line for batch in data.batches for said in batch]
    return list(dict.fromkeys([*lines, *(one.text for one in data.questions), *notes, *values, CHAMPION]))


def worker(name: str, job: Path) -> Measured:
    """Measure one of the others in this interpreter, by the data and vectors that lie in a folder."""
    try:
        versions = {package: version(package) for package in (*PEERS[name].packages, "numpy")}
    except PackageNotFoundError as error:
        return {"failed": f"not installed: {error.name}"}
    import numpy as np  # noqa: PLC0415 - now known to be there

    batches, questions = json.loads((job / "data.json").read_text(encoding="utf-8"))
    data = Data([[Said(*one) for one in batch] for batch in batches], [Asked(*one) for one in questions])
    known = json.loads((job / "texts.json").read_text(encoding="utf-8"))
    vectors: Vectors = dict(zip(known, np.load(job / "vectors.npy").tolist(), strict=True))
    found = asyncio.run(measure(lambda folder: PEERS[name].open(folder, vectors), data))
    return {"versions": versions, **found}


def in_venv(folder: Path | None, name: str, job: Path, limit: float) -> Measured:
    """Measure one of the others in their environment; whatever goes wrong is said in a line."""
    python = folder.absolute() / "bin" / "python" if folder else None
    if python is None or not python.exists():
        return {"failed": f"not installed: {f'no {python}' if python else 'give --venv'}"}
    command = [str(python), __file__, "--worker", name, "--job", str(job)]
    offline = {**os.environ, "HF_HUB_OFFLINE": "1"}
    try:
        done = subprocess.run(command, check=False, capture_output=True, timeout=limit, env=offline, text=True)
    except subprocess.TimeoutExpired:
        return {"failed": f"not finished after {limit:.0f} s"}
    if done.returncode:
        return {"failed": (done.stderr.strip().splitlines() or ["no word of why"])[-1]}
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


async def ours(data: Data, encoder: Any, vectors: Vectors) -> Measured:  # noqa: ANN401 - a port of ours, or None
    """Measure our own memory; a first run, not counted, makes the vectors of what it embeds in its own form."""
    memory = partial(open_fleet, vectors=vectors, encoder=encoder)
    if encoder:
        with tempfile.TemporaryDirectory(prefix="memory-") as name:
            await retrieval(memory, Path(name), data)
    return {"versions": {OURS: version("fleet-runtime")}, **await measure(memory, data)}


async def run(given: argparse.Namespace) -> None:
    """Make the vectors, measure one memory after the other, and print a row for each as it comes."""
    import numpy as np  # noqa: PLC0415 - heavy

    from fleet_runtime.embedding import load_embedder  # noqa: PLC0415 - not installed beside the others
    from fleet_runtime.settings import Settings  # noqa: PLC0415
    from fleet_runtime.weights import cache_folder  # noqa: PLC0415

    data = load(given.locomo, given.conversations)
    encoder = await load_embedder(Settings(embeddings="local"), cache_folder(os.environ))
    if encoder is None:
        raise SystemExit("no encoder: the others cannot be measured")
    wanted = texts(data)
    begun = process_time()
    rows = await encoder.embed(wanted)
    spent = (process_time() - begun) * 1000 / len(wanted)
    print(f"{len(data.batches)} sessions, {sum(map(len, data.batches))} events, {len(data.questions)} questions")
    print(f"vectors: {encoder.name}, {spent:.1f} ms CPU a text, in no figure below\n{HEADING}")
    found: dict[str, Measured] = {}
    with tempfile.TemporaryDirectory(prefix="memory-job-") as name:
        job = Path(name)
        (job / "data.json").write_text(json.dumps(data), encoding="utf-8")
        (job / "texts.json").write_text(json.dumps(wanted), encoding="utf-8")
        np.save(job / "vectors.npy", np.asarray(rows, dtype=np.float32))
        for memory in (OURS, *PEERS) if given.only is None else given.only:
            if memory == OURS:
                vectors = dict(zip(wanted, map(list, rows), strict=True))
                found[memory] = await ours(data, encoder if given.embeddings == "local" else None, vectors)
            else:
                found[memory] = in_venv(given.venv, memory, job, given.limit)
            print(row(memory, found[memory], given.embeddings), flush=True)
    print(LEGEND)
    for memory, one in found.items():
        print(f"{memory}: {json.dumps(one)}")


HEADING = (
    f"{'memory':<22}{'finds by':<15}" + "".join(f"{f'R@{cutoff}':>7}" for cutoff in CUTOFFS)
    + f"{'add ms':>8}{'p50 ms':>8}{'p95 ms':>8}{'B/event':>9}{'foreign':>9}  "
    + f"{'as of a date':<14}{'after update':<14}left in files after deletion"
)  # fmt: skip
LEGEND = """
last N: no search without a model; scored by its newest items. mem0: vectors alone, its BM25 and entities need a hub.
as of a date: of a search; for mem0 and langgraph by a filter on a date that the caller keeps. after update: the same,
where the value was replaced (mem0 lists a memory's former values by its id, and searches none of them).
left in files: a SQLite built with secure_delete (see "sqlite" below) overwrites what is deleted, another leaves it.
"""


def row(memory: str, found: Measured, embeddings: str) -> str:
    """Return one memory's line of the table."""
    if "failed" in found:
        return f"{memory:<22}{found['failed']}"
    finds = PEERS[memory].finds if memory in PEERS else {"local": "words, vectors"}.get(embeddings, "words")
    left = ", ".join(found["canary_in_files_after"]) or "nothing"
    left = left if found["canary_in_files_before"] else "cannot tell: not legible before either"
    return (
        f"{memory:<22}{finds:<15}"
        + "".join(f"{found[f'R@{cutoff}']:>7.3f}" for cutoff in CUTOFFS)
        + f"{found['add_cpu_ms']:>8.2f}{found['search_cpu_p50_ms']:>8.2f}{found['search_cpu_p95_ms']:>8.2f}"
        + f"{found['bytes_per_event']:>9}{found['foreign'] + found['foreign_look_alikes']:>9}"
        + f"  {found['as_of']:<14}{found['as_of_replaced']:<14}{left}"
    )


def make_venv(folder: Path) -> None:
    """Create the others' environment."""
    venv.create(folder, with_pip=True)
    subprocess.run([str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", *PINS], check=True)


def main() -> None:
    """Read the options."""
    parser = argparse.ArgumentParser(description="account memories side by side, without a language model")
    parser.add_argument("--locomo", type=Path, help="a file in LoCoMo's published form")
    parser.add_argument("--venv", type=Path, help="the others' environment")
    parser.add_argument("--make-venv", type=Path, help="create it, and stop")
    parser.add_argument("--conversations", type=int, help="only the first so many")
    parser.add_argument("--only", action="append", choices=(OURS, *PEERS), help="measure this one (may be repeated)")
    parser.add_argument("--embeddings", choices=("local", "none"), default="local", help="ours with vectors or without")
    parser.add_argument("--limit", type=float, default=900.0, help="seconds for each of the others")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    parser.add_argument("--job", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.make_venv:
        make_venv(given.make_venv)
    elif given.worker:
        print(json.dumps(worker(given.worker, given.job)))
    elif given.locomo:
        asyncio.run(run(given))
    else:
        parser.error("give --locomo FILE, or --make-venv DIR")


if __name__ == "__main__":
    main()
