"""Small organisations written in a line a role, for the tests of the checker."""

from __future__ import annotations

from collections.abc import Sequence

from fleet_runtime.checking import Organisation, Report, Source, check, organise

WORK = {
    "a-desk": "**Guard the lighthouse** — lamps, lenses and fog horn.",
    "b-desk": "**Bake bread** — rye before dawn.",
    "c-desk": "**Tune pianos** — twice a year.",
    "z-desk": "**Count whales** — from the cliff.",
}
"""What the roles do where a test does not say."""

ENOUGH = tuple(f"message number {number} of" for number in range(16))


def contract(  # noqa: PLR0913 - the parts of a contract
    name: str,
    mandate: Sequence[str] = (),
    boundaries: Sequence[str] = (),
    *,
    domain: str = "operations",
    examples: Sequence[str] | None = None,
    extra: str = "",
) -> str:
    """Write a role; its examples are enough and its own unless they are given."""
    said = [f"{text} {name}" for text in ENOUGH] if examples is None else examples
    lines = [
        f"# {name.title()} — fleet role definition",
        "",
        f"The **{name}** does its work (`class: {name}`, `domain: {domain}`).",
        "",
        "## Mandate",
        "",
        *(f"{number}. {item}" for number, item in enumerate(mandate or (WORK[name],), 1)),
        "",
        "## Boundaries",
        "",
        *(boundaries or ("- **Does NOT sing** — nobody does.",)),
        "",
        "## Persona",
        "",
        "Calm.",
        *(["", "## Examples", "", *(f"- {text}" for text in said)] if said else []),
        *(["", extra] if extra else []),
        "",
    ]
    return "\n".join(lines)


def profile(name: str, seats: Sequence[str], comment: str = "") -> str:
    """Write a profile that the first seat leads."""
    return "\n".join(
        [
            *([comment] if comment else []),
            f"id: {name}",
            "title: A profile",
            f"lead: {seats[0]}",
            "roster:",
            *(f"  - class: {seat}" + (f"\n    reports_to: {seats[0]}" if seat != seats[0] else "") for seat in seats),
            "",
        ]
    )


def role_source(text: str, file: str, *, layer: int = 1, checked: bool = True) -> Source:
    """Make a role's source."""
    return Source(file=file, text=text, layer=layer, checked=checked)


def profile_source(text: str, file: str, *, layer: int = 1, checked: bool = True) -> Source:
    """Make a profile's source."""
    return Source(file=file, text=text, layer=layer, kind="profile", checked=checked)


def organisation(*sources: Source, asked: str | None = None) -> Organisation:
    """Organise sources."""
    return organise(sources, profile=asked)


def checked(*sources: Source, asked: str | None = None) -> Report:
    """Check sources without vectors and prompts."""
    return check(organise(sources, profile=asked))


def found(report: Report, code: str) -> list[str]:
    """Return the places of a code's findings."""
    return [one.where for one in report.findings if one.code == code]
