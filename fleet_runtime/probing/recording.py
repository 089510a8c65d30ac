"""The recording: probes kept as JSON lines, so that later contracts are held to what earlier ones said.

One probe a line, in the contracts' order: a bullet that changes, changes its own lines. Reads and writes no file.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pydantic import ValidationError

from fleet_runtime.contracts import Value
from fleet_runtime.errors import ContractError
from fleet_runtime.probing.judging import BulletResult
from fleet_runtime.probing.probes import Bullet, Part, Probe
from fleet_runtime.probing.references import Agreed


class _Line(Value):
    """One line: a probe, the bullet it belongs to, and whether it held."""

    probe: Probe
    part: Part
    bullet: str
    label: str
    where: str
    held: bool


def recorded(results: Iterable[BulletResult]) -> tuple[Agreed, ...]:
    """Agree to bullets as they are judged now."""
    return tuple(
        Agreed(
            origin="recorded",
            bullet=result.bullet,
            held=tuple(one.probe.id for one in result.results if one.holds),
        )
        for result in results
    )


def write_recording(agreed: Iterable[Agreed]) -> str:
    """Return the recording as text: the same bullets, the same bytes."""
    lines: list[str] = []
    for one in agreed:
        held, bullet = set(one.held), one.bullet
        lines += [
            _Line(
                probe=probe,
                part=bullet.part,
                bullet=bullet.text,
                label=bullet.label,
                where=bullet.where,
                held=probe.id in held,
            ).model_dump_json()
            for probe in bullet.probes
        ]
    return "".join(f"{line}\n" for line in lines)


def read_recording(text: str, *, source: str) -> tuple[Agreed, ...]:
    """Read a recording's text.

    Raises: ContractError with ``source`` and line for a line that is none.
    """
    groups: dict[tuple[str, str, str, str], list[_Line]] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            read = _line(line, f"{source}:{number}")
            groups.setdefault((read.probe.role, read.part, read.where, read.bullet), []).append(read)
    return tuple(_agreed(lines) for lines in groups.values())


def _line(line: str, where: str) -> _Line:
    """Read one line.

    Raises: ContractError.
    """
    try:
        return _Line.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(step) for step in first["loc"])
        raise ContractError(
            f"{key}: {first['msg']}" if key else first["msg"],
            hint="write it anew with: fleet test-roles --record FILE",
            where=where,
        ) from error


def _agreed(lines: Sequence[_Line]) -> Agreed:
    """Put the lines of one bullet together."""
    first = lines[0]
    bullet = Bullet(
        role=first.probe.role,
        part=first.part,
        text=first.bullet,
        label=first.label,
        where=first.where,
        probes=tuple(line.probe for line in lines),
    )
    return Agreed(origin="recorded", bullet=bullet, held=tuple(line.probe.id for line in lines if line.held))
