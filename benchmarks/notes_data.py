"""Labelled notes of colleagues, their vectors, and how well a reading of them agrees with the labels."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fleet_runtime.contracts import Value
from fleet_runtime.embedding import load_embedder
from fleet_runtime.noting import THEMES
from fleet_runtime.settings import Settings
from fleet_runtime.weights import cache_folder

Floats = npt.NDArray[np.float64]

DATA = Path(__file__).parent.parent / "tests/data/book"
TEACHING = tuple(DATA / f"notes_teaching{part}.jsonl" for part in ("", "_2", "_3", "_4", "_5", "_6", "_7", "_8"))
"""Two authors; the second wrote mostly harmless notes with alarming words, and alarms in words that are not. The third
file holds terse lines as a CRM has them, put together from beginnings and ends. Files four to six are by three more
authors, who say most of it indirectly; the seventh explains use that falls or jumps for no bad reason; the eighth is
good news in words that sound bad."""
DEV = DATA / "notes_dev.jsonl"
ALARMING = ("champion_leaving", "sponsor_lost", "competitor", "cancel_talk", "dissatisfied", "silence")
"""Themes that start something by themselves: a false one costs more than a missed one."""


BELIEFS = (0.12, 0.3, 0.499, 0.501, 0.7, 0.85, 0.95, 1.01)
"""The bounds of the rows in a table of beliefs; what is held at one half stands by itself."""


class LabelledNote(Value, extra="ignore"):
    """A note with the themes that an expert sees in it."""

    text: str
    themes: tuple[str, ...]


def load_notes(*paths: Path) -> list[LabelledNote]:
    """Read labelled notes, one JSON object a line."""
    lines = [line for file in paths for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [LabelledNote.model_validate_json(line) for line in lines]


def wanted(notes: Sequence[LabelledNote]) -> Floats:
    """Return the labels as a table (notes, themes) of 0 and 1."""
    return np.array([[float(theme in note.themes) for theme in THEMES] for note in notes])


def table_of(readings: Sequence[Sequence[str]]) -> Floats:
    """Return what was read as a table (notes, themes) of 0 and 1."""
    return np.array([[float(theme in reading) for theme in THEMES] for reading in readings])


class Encoded(NamedTuple):
    """A vector for each note, and who made them."""

    encoder: str
    vectors: list[list[float]]


def encoded(notes: Sequence[LabelledNote]) -> Encoded | None:
    """Return a vector for each note; None where there is no encoder."""

    async def embedded() -> Encoded | None:
        encoder = await load_embedder(Settings(), cache_folder(os.environ))
        if encoder is None:
            return None
        vectors = await encoder.embed([note.text for note in notes])
        return Encoded(encoder.name, [list(vector) for vector in vectors])

    return asyncio.run(embedded())


def report(title: str, read: Floats, labels: Floats) -> list[str]:
    """Return the lines of a table: precision, recall and F1 by theme and over all; how often harmless notes alarm."""
    rows = [f"== {title}: {len(labels)} notes", f"{'theme':<20}{'notes':>7}{'prec.':>8}{'recall':>8}{'F1':>8}"]
    hit, said, there = (read * labels).sum(axis=0), read.sum(axis=0), labels.sum(axis=0)
    for number, theme in enumerate(THEMES):
        rows.append(_row(theme, hit[number], said[number], there[number]))
    alarming = [THEMES.index(theme) for theme in ALARMING]
    rows.append(_row("alarming themes", hit[alarming].sum(), said[alarming].sum(), there[alarming].sum()))
    rows.append(_row("micro", hit.sum(), said.sum(), there.sum()))
    rows.append(f"{'macro F1':<20}{'':>7}{'':>8}{'':>8}{f1_by_theme(read, labels).mean():>8.3f}")
    harmless = labels.sum(axis=1) == 0
    if harmless.any():
        rows.append(f"harmless notes with a theme: {read[harmless].any(axis=1).mean():.1%} of {harmless.sum()}")
        alarmed = read[harmless][:, alarming].any(axis=1).mean()
        rows.append(f"harmless notes with an alarming theme: {alarmed:.1%}")
    rows.append(f"notes read exactly as labelled: {(read == labels).all(axis=1).mean():.1%}")
    return rows


def beliefs_report(beliefs: Sequence[Mapping[str, float]], labels: Floats) -> list[str]:
    """Return the lines of a table: how sure a reading was of themes, and how many of them were there."""
    sure = np.array([[belief.get(theme, 0.0) for theme in THEMES] for belief in beliefs])
    rows = [f"{'belief':<20}{'themes':>7}{'mean':>8}{'right':>8}"]
    for low, high in itertools.pairwise(BELIEFS):
        within = (sure >= low) & (sure < high)
        if within.any():
            rows.append(
                f"{low:.2f} to {high:<12.2f}{within.sum():>7}{sure[within].mean():>8.2f}{labels[within].mean():>8.2f}"
            )
    return rows


def f1_by_theme(read: Floats, labels: Floats) -> Floats:
    """Return each theme's F1."""
    scores: Floats = 2 * (read * labels).sum(axis=0) / np.maximum(read.sum(axis=0) + labels.sum(axis=0), 1)
    return scores


def _row(name: str, hit: float, said: float, there: float) -> str:
    """Return a line of the table."""
    precision, recall = hit / max(said, 1), hit / max(there, 1)
    return f"{name:<20}{there:>7.0f}{precision:>8.3f}{recall:>8.3f}{2 * hit / max(said + there, 1):>8.3f}"
