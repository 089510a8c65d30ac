"""How many examples a property is tried on: few and always the same in every run, many new ones in `make explore`."""

from __future__ import annotations

from hypothesis import settings

MORE = 10


def examples(usual: int) -> int:
    """Return how many examples to try where ``usual`` are enough for every run."""
    return usual * MORE if settings.get_current_profile_name() == "explore" else usual
