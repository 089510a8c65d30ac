"""What is known of company roles in general: the shipped roles as directions in the space of meaning.

A message's shares in the shipped roles are a description of it that does not depend on the staff; two roles are kin
where their passages have the same shares. Fitted by ``benchmarks/fit_routing.py`` with one encoder, for that alone.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import cache
from importlib.resources import as_file, files

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]


class Library:
    """A linear map from vectors to shares in the shipped roles, in nobody's work, and in mere talk."""

    def __init__(self, encoder: str, classes: Sequence[str], centre: Array, solution: Array, offset: Array) -> None:
        """Take the map: ``shares = (vector - centre) @ solution + offset``, one column a class."""
        self.encoder = encoder
        self._place: dict[Hashable, int] = {name: number for number, name in enumerate(classes)}
        self._centre, self._solution, self._offset = centre, solution, offset

    def place(self, owner: Hashable) -> int | None:
        """Return the column of the shipped role of that name, or None."""
        return self._place.get(owner)

    def shares(self, vectors: Array) -> Array:
        """Return the shares of each vector (about 0 to 1)."""
        return np.asarray((vectors - self._centre) @ self._solution + self._offset, dtype=np.float32)

    def project(self, vectors: Array) -> Array:
        """Return the roots of the shares at length one: their cosine tells how alike two divisions are."""
        shares = np.maximum(self.shares(vectors), 0)
        rooted: Array = np.sqrt(shares / np.maximum(shares.sum(axis=1, keepdims=True), 1e-9))
        return rooted


@cache
def shipped_library(encoder: str) -> Library | None:
    """Return the shipped library if it was fitted with that encoder, else None; the file is read once."""
    with as_file(files("fleet_runtime.routing").joinpath("library.npz")) as file:
        if not file.exists():
            return None
        with np.load(file, allow_pickle=False) as kept:
            fitted = Library(
                str(kept["encoder"]),
                [str(name) for name in kept["classes"]],
                kept["centre"].astype(np.float32),
                kept["solution"].astype(np.float32),
                kept["offset"].astype(np.float32),
            )
    return fitted if fitted.encoder == encoder else None
