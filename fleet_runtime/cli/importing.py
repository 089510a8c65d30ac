"""The command that imports agent files into role contracts. Reads and writes files; judges and maps none itself.

A file that cannot be imported does not keep the others from it. A draft's findings are said, and are no failure:
they are what a person still has to answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import typer

from fleet_runtime.cli.running import Running, report
from fleet_runtime.documents import read_text, write_contract
from fleet_runtime.errors import ContractError, FleetError
from fleet_runtime.parsing import DOMAINS, Complaint, Draft

PathArgument = Annotated[
    Path, typer.Argument(metavar="PATH", help="A file in any known form, or a folder of them.", show_default=False)
]
OutOption = Annotated[
    Path | None, typer.Option("--out", metavar="PATH", help="File or folder to write to; else print.")
]
ForceOption = Annotated[bool, typer.Option("--force", help="Write over a file that is there.")]

_SUFFIXES: Final = (".md", ".markdown", ".txt")
_NO_AGENTS: Final = frozenset(
    ("readme", "library", "changelog", "contributing", "license", "security", "code_of_conduct", "claude", "agents")
)
"""Files that stand beside agents' files everywhere, and are none."""


@dataclass(frozen=True)
class _Imported:
    """What became of one file: its contract or draft, where it was written, and what kept it from being imported."""

    file: Path
    draft: Draft
    written: Path | None = None
    error: FleetError | None = None

    def as_json(self) -> dict[str, object]:
        """Give it in the form that other programs rely on; ``text`` only where it was not written."""
        findings: list[dict[str, object]] = [one.model_dump() for one in self.draft.complaints]
        if self.error is not None and not any(one.severity == "error" for one in self.draft.complaints):
            error = self.error
            finding = Complaint(
                file=str(self.file), line=1, severity="error", code=error.code, message=error.message, hint=error.hint
            )
            findings.append(finding.model_dump())
        known: dict[str, object] = {"class": self.draft.role_class or None, "file": str(self.file)}
        known |= {"written": str(self.written) if self.written else None, "findings": findings}
        return known | ({"text": self.draft.text} if self.draft.text and not self.written else {})


def import_role(run: Running, path: PathArgument, out: OutOption = None, force: ForceOption = False) -> None:
    """Write roles in the canonical form: from rendered pages, Claude Code subagents and persona files.

    Of a foreign file a draft is written; what it does not say is asked for on standard error and by comments in the
    draft, and fails the check until somebody answers. A single file is printed without --out; a folder needs it.
    """
    files = _files(path, out)
    alone = not path.is_dir()
    importer = _Importer(out, force=force, alone=alone)
    done: list[_Imported] = []
    for file, domain in files:
        done.append(importer.imported(file, domain))
        _say(run, done[-1], alone=alone)
    if run.out.as_json:
        run.out.json({"imported": [one.as_json() for one in done]})
    failed = [one.error for one in done if one.error is not None]
    if failed and alone:
        raise failed[0]
    if failed:
        raise ContractError(
            f"{len(failed)} of {len(done)} files were not imported",
            hint="what stands above says why; the others are done",
            where=str(path),
        )


def _files(path: Path, out: Path | None) -> list[tuple[Path, str | None]]:
    """Return the files to import, each with the domain that its folder names.

    Raises: ContractError for a folder that is empty, cannot be listed or is given without a folder to write to.
    """
    if not path.is_dir():
        parent = path.absolute().parent.name
        return [(path, parent if parent in DOMAINS else None)]
    if out is None or (out.suffix and not out.is_dir()):
        raise ContractError("a folder is written to a folder", hint="name one with --out DIR", where=str(path))
    try:
        files = sorted(_agents_in(path))
    except OSError as error:
        raise ContractError(f"cannot be listed: {error}", hint="check the path", where=str(path)) from error
    if not files:
        raise ContractError(
            "no file here is an agent's", hint=f"agents' files end in {', '.join(_SUFFIXES)}", where=str(path)
        )
    return [(file, _domain_of(file, path)) for file in files]


def _agents_in(folder: Path) -> Iterator[Path]:
    """Yield the files in a folder and in all below it that are not hidden."""
    for file in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
        if file.suffix.lower() in _SUFFIXES and file.stem.lower() not in _NO_AGENTS and not hidden and file.is_file():
            yield file


def _domain_of(file: Path, root: Path) -> str | None:
    """Return the nearest folder's name that is a domain, up to the folder that is imported."""
    folders = (root.absolute().name, *file.relative_to(root).parts[:-1])
    return next((name for name in reversed(folders) if name in DOMAINS), None)


class _Importer:
    """Imports file by file, and knows which classes earlier files gave."""

    def __init__(self, out: Path | None, *, force: bool, alone: bool) -> None:
        self._out = out
        self._force = force
        self._alone = alone
        self._classes: dict[str, Path] = {}

    def imported(self, file: Path, domain: str | None) -> _Imported:
        """Import one file; what keeps it from being imported is kept with it."""
        from fleet_runtime.parsing.foreign import draft_role  # noqa: PLC0415 -- no other command needs to load it

        draft = Draft(role_class="", text="", complaints=())
        try:
            draft = draft_role(read_text(file), source=str(file), domain_hint=domain)
            if not draft.text:
                return _Imported(file, draft, error=_refused(file, draft, alone=self._alone))
            self._claim(draft.role_class, file)
            return _Imported(file, draft, _written(draft, self._out, force=self._force) if self._out else None)
        except ContractError as error:
            return _Imported(file, draft, error=error)

    def _claim(self, role_class: str, file: Path) -> None:
        """Note which file gives a class.

        Raises: ContractError if another one did.
        """
        first = self._classes.setdefault(role_class, file)
        if first != file:
            raise ContractError(
                f"duplicate-class: the class {role_class!r} is already given by {first}",
                hint="give one of the two another name",
                where=f"{file}:1",
            )


def _refused(file: Path, draft: Draft, *, alone: bool) -> ContractError | None:
    """Say that nothing could be made of a file; among others, one that is no agent's at all is only left alone."""
    count = sum(complaint.severity == "error" for complaint in draft.complaints)
    if not count and not alone:
        return None
    return ContractError(
        f"{file} is no sound role contract ({count or 'no'} error{'' if count == 1 else 's'})",
        hint="mend what is said above; docs/importing.md shows what is read",
    )


def _say(run: Running, one: _Imported, *, alone: bool) -> None:
    """Print what was found and what was done; an error stands with it, unless that is what ends the command."""
    for complaint in one.draft.complaints:
        run.out.note(str(complaint))
    if one.error is not None and not alone:
        report(one.error)
    elif one.error is None and one.draft.text and not run.out.as_json:
        done = f"{one.draft.role_class} written to {one.written}"
        run.out.line(done if one.written else one.draft.text.rstrip("\n"))


def _written(draft: Draft, out: Path, *, force: bool) -> Path:
    """Write a contract, into a folder as CLASS.md, and return where.

    Raises: ContractError if the file is there already, or cannot be written.
    """
    target = out / f"{draft.role_class}.md" if out.is_dir() or out.suffix != ".md" else out
    write_contract(target, draft.text.encode(), over=force, hint="use --force, or another --out")
    return target
