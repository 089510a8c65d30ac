"""Which colour stands for which domain. Red and amber are kept for faults."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

ERROR: Final = "#c62828"
WARNING: Final = "#b26a00"
NO_DOMAIN: Final = "#6b7280"

_KNOWN: Final = {
    "executive": "#3d4350",
    "product": "#1f7fc4",
    "marketing": "#c43d83",
    "sales": "#75801a",
    "customer": "#2e8b4a",
    "operations": "#8a5f3c",
    "research": "#6a4fc9",
    "assistant": "#0d8a8f",
    "creative": "#9a3fb0",
    "engineering": "#1d4f91",
}
_SPARE: Final = ("#4f7a28", "#5b5fc7", "#a0456b", "#2b7a78", "#7a5195")


def colours_of(domains: Iterable[str | None]) -> dict[str | None, str]:
    """Give each domain its colour, in the order of first appearance; a domain of the project's own gets a spare one."""
    colours: dict[str | None, str] = {}
    spare = 0
    for domain in dict.fromkeys(domains):
        if domain is None:
            colours[domain] = NO_DOMAIN
        elif domain in _KNOWN:
            colours[domain] = _KNOWN[domain]
        else:
            colours[domain] = _SPARE[spare % len(_SPARE)]
            spare += 1
    return colours


def tint(colour: str, share: float) -> str:
    """Return ``#rrggbb`` mixed with white; ``share`` (0..1) is how much of the colour is left."""
    parts = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return "#" + "".join(f"{round(255 - (255 - part) * share):02x}" for part in parts)
