"""The student, all-MiniLM-L6-v2, whose layers are trained, and how they come into the pinned int8 file.

Words, positions and their normalisation are frozen: the pinned file keeps its own. Chooses no texts and computes no
loss. torch, safetensors, tokenizers, onnx and numpy are imported only when something is loaded or written.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from fleet_runtime.weights import MINILM

Tensor = Any
"""A torch tensor: torch is no dependency of this project."""
Array = Any
"""A numpy array, imported as late."""

LAYERS = 6
HEADS = 12
WIDTH = 384
LONGEST = 128
MODEL_FILE = "model.safetensors"
TOKENIZER_FILE = "tokenizer.json"

MATRICES = (
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "intermediate.dense",
    "output.dense",
)
"""The matrices of a layer, in the order in which the pinned file has them."""
LARGEST_INT8 = 127
LEAST_ALIKE = 0.9
"""Cosine between a matrix and the one it replaces: trained ones stay above 0.99, a wrong one is near 0."""


class Student:
    """Embeds texts while its layers learn: 384 dimensions, mean over the tokens, unit length."""

    def __init__(self, folder: Path) -> None:
        """Load the weights; those of the layers take gradients."""
        self._torch: Any = import_module("torch")
        self._do: Any = import_module("torch.nn.functional")
        self._folder = folder
        loaded = import_module("safetensors.torch").load_file(str(folder / MODEL_FILE))
        plain = {name.removeprefix("bert.").removeprefix("0.auto_model."): one for name, one in loaded.items()}
        self.weights: dict[str, Tensor] = {
            name: one.float().requires_grad_(not name.startswith("embeddings."))
            for name, one in plain.items()
            if "position_ids" not in name and "pooler" not in name
        }
        self._words: Any = import_module("tokenizers").Tokenizer.from_file(str(folder / TOKENIZER_FILE))
        self._words.no_padding()
        self._words.enable_truncation(LONGEST)

    def trained(self) -> list[Tensor]:
        """Return the weights that learn."""
        return [one for one in self.weights.values() if one.requires_grad]

    def keep(self, folder: Path) -> None:
        """Write weights and tokenizer into a folder that can be the student's again."""
        folder.mkdir(parents=True, exist_ok=True)
        plain = {name: one.detach().contiguous() for name, one in self.weights.items()}
        import_module("safetensors.torch").save_file(plain, str(folder / MODEL_FILE))
        if folder.resolve() != self._folder.resolve():
            shutil.copyfile(self._folder / TOKENIZER_FILE, folder / TOKENIZER_FILE)

    def embed(self, texts: Sequence[str], longest: int, dropout: float = 0.0) -> Tensor:
        """Return the unit vectors (texts, 384) of at most ``longest`` tokens a text, with gradients."""
        rows = [self._words.encode(text).ids[:longest] for text in texts]
        ids = self._torch.zeros(len(rows), max(map(len, rows)), dtype=self._torch.long)
        mask = self._torch.zeros(ids.shape)
        for number, row in enumerate(rows):
            ids[number, : len(row)] = self._torch.tensor(row)
            mask[number, : len(row)] = 1
        state = self._embedded(ids)
        for number in range(LAYERS):
            state = self._layer(state, f"encoder.layer.{number}.", mask[:, None, None, :].bool(), dropout)
        read = mask[:, :, None]
        return self._do.normalize((state * read).sum(1) / read.sum(1), dim=1)

    def _embedded(self, ids: Tensor) -> Tensor:
        """Return the state before the first layer."""
        state = self._do.embedding(ids, self.weights["embeddings.word_embeddings.weight"])
        state = state + self.weights["embeddings.position_embeddings.weight"][: ids.shape[1]]
        state = state + self.weights["embeddings.token_type_embeddings.weight"][0]
        return self._normed(state, "embeddings.LayerNorm")

    def _layer(self, state: Tensor, layer: str, mask: Tensor, dropout: float) -> Tensor:
        """Return the state after a layer."""
        count, length, _ = state.shape
        query, key, value = (
            self._linear(state, f"{layer}attention.self.{part}")
            .view(count, length, HEADS, WIDTH // HEADS)
            .transpose(1, 2)
            for part in ("query", "key", "value")
        )
        seen = self._do.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        seen = self._linear(seen.transpose(1, 2).reshape(count, length, WIDTH), f"{layer}attention.output.dense")
        state = self._normed(self._dropped(seen, dropout) + state, f"{layer}attention.output.LayerNorm")
        wide = self._do.gelu(self._linear(state, f"{layer}intermediate.dense"))
        out = self._dropped(self._linear(wide, f"{layer}output.dense"), dropout)
        return self._normed(out + state, f"{layer}output.LayerNorm")

    def _dropped(self, state: Tensor, dropout: float) -> Tensor:
        """Drop a share of the values, if any."""
        return self._do.dropout(state, dropout, training=True) if dropout else state

    def _normed(self, state: Tensor, name: str) -> Tensor:
        """Apply a layer normalisation."""
        return self._do.layer_norm(state, (WIDTH,), self.weights[f"{name}.weight"], self.weights[f"{name}.bias"], 1e-12)

    def _linear(self, state: Tensor, name: str) -> Tensor:
        """Apply a linear layer."""
        return self._do.linear(state, self.weights[f"{name}.weight"], self.weights[f"{name}.bias"])


class PinnedModel:
    """The int8 file that is fetched by hash, with the place of each tensor in it."""

    def __init__(self, file: Path) -> None:
        """Read it.

        Raises: ValueError if it is not the pinned file: the places hold for that one only.
        """
        self._bytes = file.read_bytes()
        if hashlib.sha256(self._bytes).hexdigest() != MINILM.sha256:
            raise ValueError(f"{file} is not {MINILM.name} as pinned in fleet_runtime/weights/pinned.py")
        tensors = import_module("onnx").load_from_string(self._bytes).graph.initializer
        self._array: Any = import_module("onnx.numpy_helper").to_array
        self._tensors: dict[str, Array] = {one.name: self._array(one) for one in tensors}
        self._matrices = [name for name in self._tensors if name.startswith("val_") and name.endswith("_q")]

    def check(self, student: Student) -> None:
        """Compare the student's matrices with those that they would replace.

        Raises: ValueError if one is another matrix altogether.
        """
        import numpy as np  # noqa: PLC0415 - optional here, as torch is

        for quantised, name in self._pairs():
            ours = student.weights[name].detach().numpy().T
            theirs = self._tensors[quantised].astype(np.float32) * self._tensors[_scale_of(quantised)]
            alike = float((ours * theirs).sum() / np.linalg.norm(ours) / np.linalg.norm(theirs))
            if alike < LEAST_ALIKE:
                raise ValueError(f"{name} of the student is not {quantised} of the pinned file (cosine {alike:.3f})")

    def write(self, student: Student, out: Path) -> None:
        """Write ``spans`` (first byte, bytes) of each replaced tensor and ``data``, what stands there instead.

        Matrices are rounded to int8 with one scale an output channel, as in the pinned file; biases and
        normalisations stay float32. Raises: ValueError if a tensor's place is not plain.
        """
        import numpy as np  # noqa: PLC0415 - optional here, as torch is

        spans: list[tuple[int, int]] = []
        data: list[bytes] = []
        for name, value in self._replacements(student.weights).items():
            old, new = self._tensors[name].tobytes(), np.ascontiguousarray(value).tobytes()
            if len(old) != len(new) or self._bytes.count(old) != 1:
                raise ValueError(f"the place of {name} in the pinned file cannot be told")
            spans.append((self._bytes.find(old), len(new)))
            data.append(new)
        joined = np.frombuffer(b"".join(data), dtype=np.uint8)
        np.savez_compressed(out, spans=np.array(spans, dtype=np.int64), data=joined)

    def _replacements(self, weights: Mapping[str, Tensor]) -> dict[str, Array]:
        """Return what replaces each tensor of the layers, by the pinned file's names."""
        import numpy as np  # noqa: PLC0415 - optional here, as torch is

        found: dict[str, Array] = {}
        for quantised, name in self._pairs():
            matrix = weights[name].detach().numpy().T
            scale = np.abs(matrix).max(axis=0, keepdims=True) / LARGEST_INT8
            found[quantised] = np.round(matrix / scale).astype(np.int8)
            found[_scale_of(quantised)] = scale.astype(np.float32)
        for name in self._tensors:
            if name.startswith("inner.encoder"):
                found[name] = weights[name.removeprefix("inner.")].detach().numpy().astype(np.float32)
        return found

    def _pairs(self) -> Iterator[tuple[str, str]]:
        """Give the pinned file's name of each matrix with the student's."""
        names = (f"encoder.layer.{layer}.{part}.weight" for layer in range(LAYERS) for part in MATRICES)
        return zip(self._matrices, names, strict=True)


def _scale_of(quantised: str) -> str:
    """Name the scales of a quantised matrix."""
    return f"{quantised.removesuffix('_q')}_scale"
