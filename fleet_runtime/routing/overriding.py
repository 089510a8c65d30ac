"""Tells an attempt to talk a role out of its lane from honest messages, learned from labelled messages of both kinds.

An attempt changes neither route nor permissions: what is learned here only speaks against leaving the work
with the role that is being talked to. Fitted by ``benchmarks/fit_routing.py``; no phrase is a rule, here or there.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from fleet_runtime.contracts import Value
from fleet_runtime.ports import Vector
from fleet_runtime.routing.terms import spoken_terms

_SURE = 4.0  # logits beyond this say no more


class OverrideDetector(Value):
    """A linear model over a text's terms and, if it was fitted with an encoder, its vector.

    ``encoder`` names what the vectors must come from; empty means words alone.
    """

    encoder: str = ""
    bias: float
    terms: dict[str, float]
    vector: tuple[float, ...] = ()

    def logit(self, texts: Sequence[str], vectors: Sequence[Vector] = ()) -> float:
        """Return how much a message looks like an attempt: the mean of the whole and of its most suspicious reading.

        Args:
            texts: the message, then its clauses.
            vectors: their vectors; needed if the detector was fitted with an encoder.
        """
        logits = [self._of(text, vectors[number] if self.vector else ()) for number, text in enumerate(texts)]
        return min(max((logits[0] + max(logits)) / 2, -_SURE), _SURE)

    def _of(self, text: str, vector: Vector | tuple[()]) -> float:
        """Return the logit of one text."""
        by_words = sum(self.terms.get(term, 0.0) for term in set(spoken_terms(text)))
        return self.bias + by_words + sum(w * v for w, v in zip(self.vector, vector, strict=True))


@cache
def shipped_detector(encoder: str) -> OverrideDetector:
    """Return the detector for that encoder's vectors, or the one by words alone; the file is read once."""
    kept = json.loads(files("fleet_runtime.routing").joinpath("override.json").read_text(encoding="utf-8"))
    detectors = [OverrideDetector.model_validate(one) for one in kept]
    found = {detector.encoder: detector for detector in detectors}
    return found.get(encoder, found[""])
