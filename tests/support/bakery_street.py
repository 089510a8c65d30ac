"""A project of three roles whose work has nothing in common, with clear messages: boundaries that must hold."""

from __future__ import annotations

from pathlib import Path

from fleet_runtime.contracts import Role
from fleet_runtime.parsing import parse_role

BAKER, LOCKSMITH, VET = "street-baker", "key-smith", "animal-doctor"

_WORK = {
    BAKER: (
        "Bake bread and cakes",
        "from bread dough and cake dough to the baked loaf",
        [
            "please bake two loaves of rye bread for saturday",
            "do you bake a birthday cake with almond dough?",
            "the last bread was baked too dark",
            "can I order twenty bread rolls, freshly baked",
            "are there nuts in the dough of this bread",
            "bake us one apple cake, cut into twelve pieces",
            "which baked bread keeps longest",
            "the cake dough was still raw inside",
            "please bake the sourdough bread a little longer",
            "do you bake bread without wheat",
        ],
    ),
    LOCKSMITH: (
        "Open doors and change locks",
        "door keys, door bolts and lock cylinders",
        [
            "I am locked out, the door fell shut and the key is inside",
            "please cut two more keys for the lock of the front door",
            "the lock of the cellar door is stuck",
            "can you change the door lock today?",
            "my key broke off in the lock",
            "we need a new lock for the garden door",
            "somebody tried to force the lock of our door",
            "how much is a door lock with five keys",
            "the key turns in the door but the lock does not open",
            "a spare key for the lock of the garage door please",
        ],
    ),
    VET: (
        "Treat sick animals",
        "a sick dog, a sick cat or any other sick animal",
        [
            "our dog is sick since yesterday",
            "when must the cat get her tablets again, is she still sick?",
            "the animal is sick and does not move",
            "my cat scratches her ear all night, is the cat sick",
            "the dog swallowed a sock and is sick",
            "please check the teeth of our dog, the animal is sick",
            "is this right for an old sick dog",
            "the dog coughs, it is a sick animal",
            "can the cat be treated next week",
            "our sick dog needs tablets",
        ],
    ),
}
_MATTERS = {BAKER: "bake bread or cakes", LOCKSMITH: "open doors or change locks", VET: "treat sick animals"}
_REFUSED = {
    BAKER: [
        "could you bake us a loaf of bread",
        "I want to order a baked cake with apples",
        "the bread rolls were baked too dark today",
        "bake twelve cakes for breakfast please",
        "do you have bread of rye dough",
        "what is in the dough of the cake",
    ],
    LOCKSMITH: [
        "the door is locked and I have no key",
        "please change the lock of our cellar door",
        "can you cut a spare key for the lock",
        "the key is stuck in the door lock",
        "we are locked out, the garden door fell shut",
        "a new lock for the front door please",
    ],
    VET: [
        "the dog is sick, can you look at it",
        "my sick cat needs tablets",
        "our animal is sick and does not move",
        "what helps a sick dog that coughs",
        "the cat scratches her ear, is she sick",
        "please check the teeth of the sick dog",
    ],
}


def contract(name: str, *, without: str | None = None, comment: str = "") -> str:
    """Write a role's contract; it refuses the work of the two others, or of all but ``without``."""
    title, text, messages = _WORK[name]
    boundaries = [_boundary(other) for other in _WORK if other not in (name, without)]
    return "\n".join(
        [
            f"# {name.replace('-', ' ').title()} — fleet role definition",
            "",
            f"The **{name}** does one thing (`class: {name}`, `domain: operations`).",
            "",
            *([comment, ""] if comment else []),
            "## Mandate",
            "",
            f"1. **{title}** — {text}.",
            "",
            "## Boundaries",
            "",
            *boundaries,
            "",
            "## Persona",
            "",
            "Calm.",
            "",
            "## Examples",
            "",
            *(f"- {message}" for message in messages),
            "",
        ]
    )


def roles(baker: str | None = None) -> tuple[Role, ...]:
    """Read the three roles; the baker's contract may be another."""
    texts = {BAKER: baker} if baker is not None else {}
    return tuple(
        parse_role(texts.get(name, contract(name)), source=f"roles/{name}.md", domain_hint=None) for name in _WORK
    )


def write_project(folder: Path) -> Path:
    """Write the three roles into a folder, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in _WORK:
        (folder / f"{name}.md").write_text(contract(name), encoding="utf-8")
    return folder


def _boundary(owner: str) -> str:
    """Write the boundary behind which another's work lies."""
    lines = [f"- **Does NOT {_MATTERS[owner]}** — that is the **{owner}**."]
    return "\n".join([*lines, *(f"  - {message}" for message in _REFUSED[owner])])
