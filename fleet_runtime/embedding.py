"""Sentence vectors from MiniLM with int8 weights on onnxruntime, on this machine's CPU.

The fetched file's layers are replaced by ours, trained further on what people say to roles (docs/routing.md); words
and positions stay as they were. Trains nothing here and keeps no vectors. Without the ``local`` extra there are none,
and whoever asked goes by words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.resources import as_file, files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import anyio.to_thread

from fleet_runtime.errors import MissingExtra, WeightsError
from fleet_runtime.ports import Embedder, Vector
from fleet_runtime.settings import Settings
from fleet_runtime.weights import MINILM, MINILM_TOKENIZER, Progress, ensure, silent

PACKAGES = ("onnxruntime", "tokenizers", "numpy")
LONGEST = 256
"""Tokens read of a text; the model was trained on no more."""

_TRAINED = "minilm_roles.npz"
_TRAINED_NAME = "all-MiniLM-L6-v2-int8+roles-1"


class MiniLmEmbedder:
    """all-MiniLM-L6-v2 trained further: 384 dimensions, mean over the tokens, unit length. Made by `load_embedder`."""

    def __init__(self, encode: Callable[[Sequence[str]], list[Vector]]) -> None:
        """Take the blocking function that does the work."""
        self._encode = encode

    @property
    def name(self) -> str:
        """Name the encoder; part of every cache key."""
        return _TRAINED_NAME

    async def embed(self, texts: Sequence[str]) -> list[Vector]:
        """Return one unit vector (384 floats) per text, in order; the loop runs on meanwhile."""
        if not texts:
            return []
        return await anyio.to_thread.run_sync(self._encode, tuple(texts))


async def load_embedder(settings: Settings, cache: Path, report: Progress = silent) -> Embedder | None:
    """Return the embedder that the settings ask for, fetching its weights (23 MB) on first use.

    ``none``: None. ``auto``: None where the extra is missing or the weights cannot be had, since
    everything works without. ``local``: the embedder, or an error.

    Raises: MissingExtra, WeightsError (``local`` only).
    """
    if settings.embeddings == "none":
        return None
    wanted = settings.embeddings == "local"
    absent = [package for package in PACKAGES if find_spec(package) is None]
    if absent:
        if wanted:
            raise MissingExtra(
                f"embeddings need {', '.join(absent)}, not installed", hint="pip install 'fleet-runtime[local]'"
            )
        return None
    try:
        model = await ensure(MINILM, cache, report)
        tokenizer = await ensure(MINILM_TOKENIZER, cache, report)
    except WeightsError:
        if wanted:
            raise
        return None
    return MiniLmEmbedder(await anyio.to_thread.run_sync(_encoder, model, tokenizer))


def _encoder(model: Path, tokenizer: Path) -> Callable[[Sequence[str]], list[Vector]]:
    """Load the weights and return the function from texts to vectors.

    One text at a time: measured no slower than padded batches, and a vector never depends on its neighbours.
    """
    import numpy as np  # noqa: PLC0415 - heavy, loaded once vectors are wanted

    # The same; untyped, as neither ships types that a strict checker takes.
    onnxruntime: Any = import_module("onnxruntime")
    tokenizers: Any = import_module("tokenizers")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(_trained(model.read_bytes()), options, providers=["CPUExecutionProvider"])
    words = tokenizers.Tokenizer.from_file(str(tokenizer))
    words.no_padding()
    words.enable_truncation(LONGEST)

    def encode_one(text: str) -> Vector:
        """Return the text's unit vector."""
        ids = np.array([words.encode(text).ids], dtype=np.int64)
        inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        mean = session.run(None, inputs)[0][0].mean(axis=0)
        vector: list[float] = (mean / np.linalg.norm(mean)).tolist()
        return vector

    return lambda texts: [encode_one(text) for text in texts]


def _trained(fetched: bytes) -> bytes:
    """Return the fetched model with its layers replaced; it is pinned by hash, so that every tensor's place is known.

    ``spans`` are (first byte, bytes) of each replaced tensor, ``data`` what stands there instead, in that order.
    """
    import numpy as np  # noqa: PLC0415 - as above

    patched = bytearray(fetched)
    with as_file(files("fleet_runtime.weights").joinpath(_TRAINED)) as file, np.load(file, allow_pickle=False) as kept:
        spans, data = kept["spans"].tolist(), kept["data"].tobytes()
    done = 0
    for first, length in spans:
        patched[first : first + length] = data[done : done + length]
        done += length
    return bytes(patched)
