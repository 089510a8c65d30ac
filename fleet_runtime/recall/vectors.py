"""Pack an event's vector into few bytes, and compare packed vectors with a question's. Knows no encoder.

Each number takes four bits.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from fleet_runtime.ports import Vector

WIDTH = 384
"""Numbers kept of a vector; a wider one is folded onto so many by a fixed change of signs."""

_STEPS, _MIDDLE = 7, 8
_BLOCK = 512  # rows at a time: they stay in the processor's cache, and no library thinks of threads

Floats = npt.NDArray[np.float32 | np.float64]
Numbers = npt.NDArray[np.int8]


def pack(vector: Vector) -> bytes:
    """Return a vector as two numbers a byte, each from -7 to 7 in steps of its largest."""
    folded = _fold(vector)
    most = float(np.abs(folded).max(initial=0.0))
    levels = np.rint(folded * (_STEPS / most if most else 0.0)).astype(np.int8) + _MIDDLE
    pairs = np.pad(levels, (0, len(levels) % 2), constant_values=_MIDDLE).astype(np.uint8)
    return ((pairs[0::2] << 4) | pairs[1::2]).tobytes()


def table(packed: Sequence[bytes | None]) -> tuple[Numbers, Floats]:
    """Return packed vectors as rows of small numbers, and one over the length of each; a missing one is zeros and 0.

    A row holds the numbers of even places, then those of odd ones. Vectors of another width than the first's are of
    another encoder, and count as missing.
    """
    width = next((len(each) for each in packed if each), 0)
    empty = bytes([_MIDDLE << 4 | _MIDDLE]) * width
    joined = b"".join(each if each and len(each) == width else empty for each in packed)
    pairs = np.frombuffer(joined, dtype=np.uint8).reshape(len(packed), width)
    numbers = np.empty((len(packed), 2 * width), dtype=np.int8)
    np.subtract((pairs >> 4).view(np.int8), _MIDDLE, out=numbers[:, :width])
    np.subtract((pairs & 15).view(np.int8), _MIDDLE, out=numbers[:, width:])
    lengths = np.empty(len(numbers), dtype=np.float32)
    for first in range(0, len(numbers), _BLOCK):
        block = numbers[first : first + _BLOCK].astype(np.float32)
        lengths[first : first + _BLOCK] = np.sqrt(np.einsum("ij,ij->i", block, block))
    return numbers, np.divide(1, lengths, out=np.zeros_like(lengths), where=lengths > 0)


def cosines(numbers: Numbers, inverse_lengths: Floats, question: Vector) -> Floats:
    """Return the cosine of each row of a `table` with a question's vector; 0 for one that is missing."""
    folded = np.pad(_fold(question), (0, len(_fold(question)) % 2))
    asked = np.concatenate((folded[0::2], folded[1::2]))
    if numbers.shape[1] != len(asked):  # the encoder was changed, and its vectors are still to come
        return np.zeros_like(inverse_lengths)
    return products(numbers, asked) * inverse_lengths / np.float32(np.linalg.norm(asked) or 1.0)


def products(numbers: Numbers, direction: Floats) -> Floats:
    """Return the product of each row of a `table` with a direction in its order of numbers."""
    found = np.empty(len(numbers), dtype=np.float32)
    for first in range(0, len(numbers), _BLOCK):
        found[first : first + _BLOCK] = numbers[first : first + _BLOCK].astype(np.float32) @ direction
    return found


def earlier_products(numbers: Numbers, steps: int) -> Floats:
    """Return the product of each row of a `table` with the row so many steps before it, where there is one."""
    found = np.empty(max(len(numbers) - steps, 0), dtype=np.float32)
    for first in range(0, len(found), _BLOCK):
        block = numbers[first : first + _BLOCK + steps].astype(np.float32)
        found[first : first + _BLOCK] = np.einsum("ij,ij->i", block[steps:], block[:-steps])
    return found


def _fold(vector: Vector) -> Floats:
    """Bring a vector to at most `WIDTH` numbers, with its angles to others kept nearly."""
    whole = np.asarray(vector, dtype=np.float32)
    if len(whole) <= WIDTH:
        return whole
    rows = -(-len(whole) // WIDTH)
    signs = np.where(_tossed(len(whole)), np.float32(1), np.float32(-1))
    folded: Floats = np.pad(whole * signs, (0, rows * WIDTH - len(whole))).reshape(rows, WIDTH).sum(axis=0)
    return folded


def _tossed(count: int) -> npt.NDArray[np.bool_]:
    """Return a fixed row of heads and tails."""
    numbers = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    heads: npt.NDArray[np.bool_] = ((numbers ^ (numbers >> np.uint64(29))) >> np.uint64(40)) % np.uint64(2) == 1
    return heads
