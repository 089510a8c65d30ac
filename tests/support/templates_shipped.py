"""The templates that are shipped, and such as are laid over them."""

from __future__ import annotations

from pathlib import Path

from fleet_runtime.prompt_files import read_prompt_files
from fleet_runtime.prompting import PromptBook

PROMPTS = Path(__file__).parents[2] / "prompts"


def templates(**over: str) -> PromptBook:
    """Return the shipped templates; ``over`` replaces ``products/NAME.md.j2``."""
    own = {f"products/{name}.md.j2": text for name, text in over.items()}
    return PromptBook({**read_prompt_files([PROMPTS]).templates, **own})
