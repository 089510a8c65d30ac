"""Reads the motions of a contract: one bullet each, or the same as YAML beside the contract. Carries out nothing.

All that is wrong is said with file, line and what to write; a motion with a mistake is left out, never half read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, TypeVar

from fleet_runtime.contracts import Condition, Motion, Role, Trigger
from fleet_runtime.errors import ContractError
from fleet_runtime.motions import grammar
from fleet_runtime.motions.grammar import Deed, Misread, Words
from fleet_runtime.parsing.complaints import Complaint
from fleet_runtime.patterns import pattern

BAD: Final = "bad-motion"
"""The code of every mistake in a motion."""

FORM: Final = "write: - `name` (every Monday) — review"

_BULLET: Final = pattern(r"[-*+]\s+(?P<text>.*)")
_MOTION: Final = re.compile(
    r"[`*]*(?P<name>[^`*\s(]+)[`*]*\s*\((?P<when>[^()]*)\)\s*(?:[—\u2013:→]|-+>?)\s*(?P<does>.+)", re.DOTALL
)
_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,47}")
_YAML: Final = re.compile(r"(?:-\s+)?\{?\s*[a-z_]+\s*:(?:\s|$)|\[\s*\]$")

Read = TypeVar("Read", Trigger, Condition, Deed)


class Reading:
    """Collects the motions that are right, and what is wrong, while a text is read."""

    def __init__(self, file: str) -> None:
        """Begin empty."""
        self.file = file
        self.motions: dict[str, Motion] = {}
        self.complaints: list[Complaint] = []

    def complain(self, line: int, message: str, hint: str) -> None:
        """Write one mistake down."""
        self.complaints.append(
            Complaint(file=self.file, line=max(line, 1), severity="error", code=BAD, message=message, hint=hint)
        )

    def take(self, words: Words) -> None:
        """Understand one motion's pieces, and keep it if all are right."""
        known, name = len(self.complaints), words.name
        if not _NAME.fullmatch(name):
            message = f"motion {name[:40]!r}: a name has lower-case letters, digits and hyphens only"
            self.complain(words.line, message, FORM)
        elif name in self.motions:
            self.complain(
                words.line, f"a second motion {name!r}", "give each its own name: what was done is kept by it"
            )
        motion = self._understood(words)
        if motion is not None and len(self.complaints) == known:
            self.motions[name] = motion

    def _understood(self, words: Words) -> Motion | None:
        """Read all pieces of a motion; None if there is no trigger or nothing to do."""
        trigger, conditions = self._due(words)
        deeds, to, approver = self._deeds(words)
        if trigger is None or not deeds:
            return None
        return Motion(
            name=words.name,
            trigger=trigger,
            when=conditions,
            does=tuple(dict.fromkeys(deed.step for deed in deeds)),
            to=to,
            approved_by=approver,
            text=next((deed.text for deed in deeds if deed.text), words.text),
            line=words.line,
        )

    def _due(self, words: Words) -> tuple[Trigger | None, tuple[Condition, ...]]:
        """Read when a motion is due, and on what condition."""
        known = len(self.complaints)
        asked = [piece for piece in words.when if not grammar.is_condition(piece)]
        triggers = [found for piece in asked for found in self._right(words, grammar.read_trigger(piece))]
        conditions = [
            found
            for piece in words.when
            if piece not in asked
            for found in self._right(words, grammar.read_condition(piece))
        ]
        if len(triggers) > 1:
            message = f"motion {words.name!r} is due in {len(triggers)} ways"
            self.complain(words.line, message, "make one motion of each")
        elif not triggers and len(self.complaints) == known:
            self.complain(words.line, f"motion {words.name!r} does not say when it is due", FORM)
        return next(iter(triggers), None), tuple(conditions)

    def _deeds(self, words: Words) -> tuple[list[Deed], str, str]:
        """Read what is done, to whom it goes, and who approves."""
        to = approver = ""
        known, deeds = len(self.complaints), list[Deed]()
        for piece in words.does:
            if (addressee := grammar.read_addressee(piece)) is not None:
                to = addressee
            elif (by := grammar.read_approver(piece)) is not None:
                approver = by
            else:
                deeds += self._right(words, grammar.read_deed(piece))
        if not deeds and len(self.complaints) == known:
            self.complain(words.line, f"motion {words.name!r} does nothing", FORM)
        to = next((deed.to for deed in deeds if deed.to), to)
        if not to and any(deed.step == grammar.HAND_OFF for deed in deeds):
            self.complain(words.line, f"motion {words.name!r} hands off to nobody", "write: hand off to sales")
        return deeds, to, approver

    def _right(self, words: Words, read: Read | Misread) -> list[Read]:
        """Give what was read, or complain of it."""
        if isinstance(read, Misread):
            self.complain(words.line, f"motion {words.name!r}: {read.message}", read.hint)
            return []
        return [read]


def read_motions(text: str, *, file: str, line: int = 1) -> tuple[tuple[Motion, ...], tuple[Complaint, ...]]:
    """Read a role's motions.

    Args:
        text: the section ``## Motions`` without its heading, or the YAML that stands beside the contract.
        file: the file's name, for complaints.
        line: the line on which the text begins in its file.
    """
    reading = Reading(file)
    if is_yaml(text):
        from fleet_runtime.motions.as_yaml import read_entries  # noqa: PLC0415 - loads where there is YAML

        for words in read_entries(text, line, reading.complain):
            reading.take(words)
    else:
        for bullet, at in _bullets(text, line, reading):
            found = _MOTION.fullmatch(bullet)
            if found is None:
                reading.complain(at, f"the motion {bullet[:40]!r} cannot be read", FORM)
                continue
            does = [part for piece in grammar.pieces(found["does"], ";") for part in grammar.pieces(piece, ",")]
            when = [" ".join(piece.split()) for piece in grammar.pieces(found["when"], ";")]
            does = [part if part.endswith(('"', "”")) else part.rstrip(".").strip() for part in does]
            reading.take(Words(found["name"], tuple(when), tuple(does), found["does"], at))
    return tuple(reading.motions.values()), tuple(reading.complaints)


def motions_of(role: Role) -> tuple[Motion, ...]:
    """Return a role's motions.

    Raises: ContractError with the first mistake in them.
    """
    motions, complaints = read_motions(role.motions, file=role.source or role.role_class)
    if complaints:
        first = complaints[0]
        raise ContractError(
            f"{first.code}: {first.message}", hint=f"{first.hint}; see all with: fleet check", where=first.file
        )
    return motions


def declared_motions(roles: Iterable[Role]) -> tuple[tuple[Role, Motion], ...]:
    """Return the motions of all roles, each with its role, in the roles' order.

    Raises: ContractError for one that cannot be read, or for a name that two roles use.
    """
    found: dict[str, tuple[Role, Motion]] = {}
    for role in roles:
        for motion in motions_of(role) if role.motions.strip() else ():
            if motion.name in found:
                other = found[motion.name][0].role_class
                raise ContractError(
                    f"{other} and {role.role_class} both have a motion {motion.name!r}",
                    hint="give each its own name: what was done is kept by it",
                    where=role.source,
                )
            found[motion.name] = (role, motion)
    return tuple(found.values())


def is_yaml(text: str) -> bool:
    """Tell YAML from Markdown by its first line with anything on it."""
    lines = (line.strip() for line in text.splitlines())
    first = next((line for line in lines if line and not line.startswith("#")), "")
    return _YAML.match(first) is not None


def _bullets(text: str, first_line: int, reading: Reading) -> Iterator[tuple[str, int]]:
    """Give each bullet with its line, its further lines joined to it; complain of what is none."""
    bullet, began = "", 0
    for number, raw in enumerate(text.splitlines(), first_line):
        line = raw.strip()
        found = _BULLET.fullmatch(line)
        if found is not None or not line:
            if bullet:
                yield bullet, began
            bullet, began = (found["text"].strip(), number) if found else ("", 0)
        elif bullet:
            bullet = f"{bullet} {line}"
        else:
            reading.complain(number, f"{line[:40]!r} is no motion", f"make it a bullet, or delete it; {FORM}")
    if bullet:
        yield bullet, began
