"""The numbers and background texts that routing ships with, read from the data files beside this module.

Fits nothing: ``benchmarks/fit_routing.py`` does, and writes ``weights.json`` anew.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Literal

from fleet_runtime.contracts import Value

_PACKAGE = "fleet_runtime.routing"


class WeightSet(Value):
    """One logistic model over named features of an outcome (see `weighing`).

    ``onward`` is what share of belief, against staying and nobody, it takes to pass on a message that is on its way.
    """

    features: dict[str, float]
    onward: float


class Weights(Value):
    """Both models: by words and meaning together, and by words alone; ``fitted`` says how they came about."""

    fitted: dict[str, str]
    with_vectors: WeightSet
    words_only: WeightSet


BackgroundKind = Literal["small_talk", "news", "elsewhere"]


@cache
def shipped_weights() -> Weights:
    """Return the shipped weights; the file is read once."""
    return Weights.model_validate_json(files(_PACKAGE).joinpath("weights.json").read_text(encoding="utf-8"))


@cache
def shipped_background() -> dict[BackgroundKind, tuple[str, ...]]:
    """Return texts that belong to no role: talk and news, which stay with whoever hears them, and no company's work."""
    lists = json.loads(files(_PACKAGE).joinpath("background.json").read_text(encoding="utf-8"))
    kinds: tuple[BackgroundKind, ...] = ("small_talk", "news", "elsewhere")
    return {kind: tuple(lists[kind]) for kind in kinds}


@cache
def shipped_concepts() -> dict[str, tuple[str, ...]]:
    """Return common words and pairs of company talk, by the matter they belong to."""
    lists = json.loads(files(_PACKAGE).joinpath("concepts.json").read_text(encoding="utf-8"))
    return {concept: tuple(entries) for concept, entries in lists.items()}
