"""A project of two roles and one profile in a folder of its own, laid over a library of none: quick to open."""

from __future__ import annotations

from pathlib import Path

from fleet_runtime import documents

KEEPER, CLERK = "lighthouse-keeper", "harbour-clerk"
_ROLE = """# {title} — fleet role definition

The **{name}** is one of two (`class: {name}`, `domain: operations`).

It is a **role** (`persistent_persona: {persistent}`): it knows the coast.

## Mandate

1. **Watch over {watched}** — by day and by night.

## Boundaries

- **Does NOT {refused}** — that belongs to the **{other}**.

## Persona

Calm.
"""
_PROFILE = f"""id: coast
title: The coast
lead: {KEEPER}
floor: [{KEEPER}]
roster:
  - class: {KEEPER}
  - class: {CLERK}
    reports_to: {KEEPER}
"""


def keeper(watched: str = "the lamp") -> str:
    """Return the keeper's contract."""
    return _ROLE.format(
        title="Lighthouse Keeper", name=KEEPER, persistent="true", watched=watched,
        refused="write harbour papers", other=CLERK,
    )  # fmt: skip


def clerk(watched: str = "the papers", *, persistent: str = "false") -> str:
    """Return the clerk's contract."""
    return _ROLE.format(
        title="Harbour Clerk", name=CLERK, persistent=persistent, watched=watched,
        refused="mend the lamp", other=KEEPER,
    )  # fmt: skip


class Project:
    """The folder: ``roles/``, ``profiles/`` and, as if it were shipped, ``library/``."""

    def __init__(self, folder: Path) -> None:
        """Write the project; nothing is shipped yet."""
        self.folder = folder
        self.roles, self.local, self.library = folder / "roles", folder / "roles.local", folder / "library"
        self.library.mkdir()
        self.write(self.roles, KEEPER, keeper())
        self.write(self.roles, CLERK, clerk())
        (folder / "profiles").mkdir()
        (folder / "profiles" / "coast.yaml").write_text(_PROFILE, encoding="utf-8")

    def write(self, folder: Path, role_class: str, text: str) -> Path:
        """Write a contract into one of the layers."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{role_class}.md"
        path.write_text(text, encoding="utf-8")
        return path

    def shipped(self, kind: documents.Kind) -> Path:
        """Stand in for `documents.shipped`: other roles are shipped, everything else is as it is."""
        return self.library if kind == "roles" else Path(__file__).parents[2] / kind
