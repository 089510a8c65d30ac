"""A table of vectors, as the dispatcher is given them. Works without numpy until one is made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

from fleet_runtime.ports import Vector


class VectorTable(Sequence[Vector]):
    """Vectors kept as one matrix: reading them is free, and no caller can change them by accident.

    ``encoder`` names what made them; what was learned with another encoder does not apply to them.
    """

    def __init__(self, vectors: Sequence[Vector], encoder: str = "") -> None:
        """Copy the vectors; rows are texts."""
        import numpy as np  # noqa: PLC0415 - numpy is there only where vectors are

        self.matrix = np.array(vectors, dtype=np.float32)
        self.encoder = encoder

    @overload
    def __getitem__(self, index: int) -> Vector: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Vector]: ...
    def __getitem__(self, index: int | slice) -> Vector | Sequence[Vector]:
        """Return a row, or some."""
        rows: Vector | Sequence[Vector] = self.matrix[index].tolist()
        return rows

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self.matrix)
