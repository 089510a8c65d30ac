"""Pack an event's vector into few bytes, and compare packed vectors with a question's. Knows no encoder.

Each number takes two bits: whether it is above or below zero, and whether far. On long dialogues that finds as much
of the evidence as four bits do, and takes half the room.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from fleet_runtime.ports import Vector

WIDTH = 384
"""Numbers kept of a vector; a wider one is folded onto so many by a fixed change of signs."""

_FAR = 0.98  # of the root mean square: parts a bell curve into four with the least error
_IN_A_BYTE = 4
_LEVELS = np.array([-3, -1, 1, 3], dtype=np.int8)
_BLOCK = 512  # rows at a time: they stay in the processor's cache, and no library thinks of threads

Floats = npt.NDArray[np.float32 | np.float64]
Numbers = npt.NDArray[np.int8]


def pack(vector: Vector) -> bytes:
    """Return a vector as four numbers a byte, each one of four levels."""
    folded = _fold(vector)
    far = _FAR * float(np.sqrt(np.mean(np.square(folded)))) if len(folded) else 0.0
    codes = (folded > 0).astype(np.uint8) + (folded > far) + (folded > -far)
    fours = np.pad(codes, (0, -len(codes) % _IN_A_BYTE)).reshape(-1, _IN_A_BYTE).astype(np.uint8)
    packed: npt.NDArray[np.uint8] = (fours << np.array([6, 4, 2, 0], dtype=np.uint8)).sum(axis=1, dtype=np.uint8)
    return packed.tobytes()


def table(packed: Sequence[bytes | None]) -> tuple[Numbers, Floats]:
    """Return packed vectors as rows of small numbers, and one over the length of each; a missing one is zeros and 0.

    A row holds the numbers of every fourth place from the first on, then from the second on, and so forth. Vectors of
    another width than the first's are of another encoder, and count as missing.
    """
    width = next((len(each) for each in packed if each), 0)
    given = np.array([bool(each) and len(each or b"") == width for each in packed], dtype=bool)
    joined = b"".join(each if each and len(each) == width else bytes(width) for each in packed)
    fours = np.frombuffer(joined, dtype=np.uint8).reshape(len(packed), width)
    numbers = np.empty((len(packed), _IN_A_BYTE * width), dtype=np.int8)
    for place in range(_IN_A_BYTE):
        np.take(_LEVELS, (fours >> (6 - 2 * place)) & 3, out=numbers[:, place * width : (place + 1) * width])
    numbers[~given] = 0
    lengths = np.empty(len(numbers), dtype=np.float32)
    for first in range(0, len(numbers), _BLOCK):
        block = numbers[first : first + _BLOCK].astype(np.float32)
        lengths[first : first + _BLOCK] = np.sqrt(np.einsum("ij,ij->i", block, block))
    return numbers, np.divide(1, lengths, out=np.zeros_like(lengths), where=lengths > 0)


def cosines(numbers: Numbers, inverse_lengths: Floats, question: Vector) -> Floats:
    """Return the cosine of each row of a `table` with a question's vector; 0 for one that is missing."""
    folded = _fold(question)
    asked = np.pad(folded, (0, -len(folded) % _IN_A_BYTE)).reshape(-1, _IN_A_BYTE).T.ravel()
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
