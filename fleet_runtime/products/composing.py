"""Composes work products: what the record holds, laid out by a template. No model writes in it, nothing is guessed.

Templates are data (``prompts/products/``). What an account said comes in as values: escaped, and never as a template.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fleet_runtime.errors import PromptError
from fleet_runtime.products.citing import Ledger
from fleet_runtime.products.escaping import as_read
from fleet_runtime.products.page import page_of
from fleet_runtime.products.values import Chart, Composed, Material, Occasion
from fleet_runtime.prompting import PromptBook
from fleet_runtime.records.book import Concern, ProductKind

TEMPLATES: Final[Mapping[ProductKind, str]] = {
    "qbr": "products/qbr.md.j2",
    "success_plan": "products/success_plan.md.j2",
    "risk_memo": "products/risk_memo.md.j2",
    "renewal_plan": "products/renewal_plan.md.j2",
    "hand_off": "products/hand_off.md.j2",
    "email": "products/email.md.j2",
}
"""Which template lays out which kind. The first line of what it renders is the title."""

_ABOUT: Final[Mapping[str, str]] = {"risk_memo": "risk", "hand_off": "expansion"}
_USAGE: Final = frozenset(
    {"usage_decline", "usage_stop", "depth_decline", "login_decline", "low_adoption", "adoption_trouble"}
)
_QUIET: Final = frozenset({"silence", "going_quiet"})


def compose(kind: ProductKind, material: Material, templates: PromptBook) -> Composed:
    """Write a work product.

    Args:
        kind: which one.
        material: all that it may rest on.
        templates: the templates in force; ``products/KIND.md.j2`` lays it out.

    Returns:
        Its text with footnotes, and the figures and charts that stand in it; the same material gives the same text.

    Raises: PromptError naming a template and line where one is missing or wrong.
    """
    ledger, placed = Ledger(), list[Chart]()
    about = _about(material, _ABOUT[kind]) if kind in _ABOUT else material.concern
    page = page_of(material, about, ledger, placed)
    text = templates.render(TEMPLATES[kind], **page._asdict(), occasion=occasion_of(material))
    title, body = _titled(text, TEMPLATES[kind])
    return Composed(
        title, body if kind == "email" else text, ledger.cites, ledger.figures, tuple(placed), material.at.date()
    )


def occasion_of(material: Material) -> Occasion:
    """Tell why a customer is written to: as the material says, else by what it is about, else a review is due."""
    concern = material.concern
    if material.occasion is not None or concern is None:
        return material.occasion or "review"
    if concern.kind == "renewal":
        return "renewal"
    if concern.matter in _QUIET:
        return "quiet"
    return "usage" if concern.matter in _USAGE else "review"


def _titled(text: str, template: str) -> tuple[str, str]:
    """Take the title off a text: its first line, which is a heading."""
    first, _, rest = text.lstrip("\n").partition("\n")
    if not first.startswith("# "):
        raise PromptError(
            f"prompts/{template}:1: the first line is no title", hint="let the template begin with a line '# TITLE'"
        )
    return as_read(first.removeprefix("# ").strip()), rest.lstrip("\n")


def _about(material: Material, kind: str) -> Concern | None:
    """Return what the work product is about: the concern given, else the gravest one of a kind that was found."""
    if material.concern is not None:
        return material.concern
    return next((one for one in material.assessment.concerns if one.kind == kind), None)
