"""A harbour of five roles whose contracts lead on, in a circle, and nowhere: what hand-offs are tried on."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

from organisations import contract, profile

from fleet_runtime import Fleet, Settings
from fleet_runtime.ports import ModelClient

MASTER, KEEPER, BAKER, SKIPPER, TUNER = "master", "keeper", "baker", "skipper", "tuner"
LED_ON = "Please carry forty rye loaves over to the island by boat on Sunday"
"""The keeper's contract gives it to the baker, and the baker's to the skipper."""
IN_A_CIRCLE = "Who sharpens the sourdough knives in the cellar before Easter"
"""The keeper's contract gives it to the tuner, and the tuner's back to the keeper."""
OWNED_BY_NOBODY = "Embroider the velvet flag with golden anchors for the parade"
"""The keeper's contract gives it to the skipper, and the skipper's to nobody."""
PLAIN = "Bake thirty wheat rolls for breakfast tomorrow"
"""The keeper's contract gives it to the baker, who keeps it."""


def _refuses(what: str, owner: str | None, examples: Sequence[str]) -> str:
    """Write a boundary with its messages."""
    owned = f"that belongs to the **{owner}**." if owner else "nobody here does."
    return "\n".join([f"- **Does NOT {what}** — {owned}", *(f"  - {text}" for text in examples)])


ROLES = {
    MASTER: contract(MASTER, ("**Lead the harbour** — plan who does what.",)),
    KEEPER: contract(
        KEEPER,
        ("**Guard the lighthouse** — lamps, lenses and fog horn.",),
        (
            _refuses("bake or hand out bread", BAKER, [PLAIN, LED_ON]),
            _refuses("sharpen sourdough knives", TUNER, [IN_A_CIRCLE]),
            _refuses("sew flags", SKIPPER, [OWNED_BY_NOBODY]),
        ),
    ),
    BAKER: contract(
        BAKER,
        ("**Bake bread** — rolls and rye before dawn.",),
        (_refuses("carry loaves over to the island by boat", SKIPPER, [LED_ON]),),
    ),
    SKIPPER: contract(
        SKIPPER,
        ("**Sail the boat** — ferries between the islands.",),
        (_refuses("embroider velvet flags with anchors", None, [OWNED_BY_NOBODY]),),
    ),
    TUNER: contract(
        TUNER,
        ("**Tune pianos** — strings and hammers.",),
        (_refuses("sharpen sourdough knives in the cellar", KEEPER, [IN_A_CIRCLE]),),
    ),
}


def write_port(folder: Path, lead: str = MASTER) -> Settings:
    """Write the harbour's files and return settings that staff it, without model, vectors or database."""
    (folder / "roles").mkdir()
    (folder / "profiles").mkdir()
    for name, text in ROLES.items():
        (folder / "roles" / f"{name}.md").write_text(text, encoding="utf-8")
    seats = (lead, *(name for name in ROLES if name != lead))
    (folder / "profiles" / "port.yaml").write_text(profile("port", seats), encoding="utf-8")
    return Settings(
        database="none", model="none", embeddings="none", profile="port",
        roles=str(folder / "roles"), profiles=str(folder / "profiles"),
    )  # fmt: skip


@asynccontextmanager
async def open_port(
    folder: Path, model: ModelClient | None = None, *, lead: str = MASTER, **changed: Any
) -> AsyncGenerator[Fleet]:
    """Open a fleet that staffs the harbour; all others report to its lead."""

    async def resolved(*_: object, **__: object) -> ModelClient | None:
        return model

    given = {"model": "auto" if model else "none", "tool_calling": "native", **changed}
    settings = Settings.model_validate(write_port(folder, lead).model_dump() | given)
    standing = datetime(2027, 3, 1, 9, tzinfo=UTC)
    with patch("fleet_runtime.models.resolve.resolve_model", resolved):
        async with Fleet.open(settings=settings, clock=lambda: standing) as fleet:
            yield fleet
