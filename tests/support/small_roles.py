"""Roles of one line each, for tests of the dispatcher."""

from __future__ import annotations

from fleet_runtime.contracts import Boundary, MandateItem, Role


def small(name: str, does: str, *boundaries: Boundary, examples: tuple[str, ...] = ()) -> Role:
    return Role.model_validate(
        {
            "class": name,
            "title": name,
            "mandate": (MandateItem(title=does, text=""),),
            "boundaries": boundaries,
            "examples": examples,
            "content_hash": name,
        }
    )
