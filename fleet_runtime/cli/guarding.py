"""The command that holds replies against their evidence, one or a file of them. The guard decides; this prints."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from fleet_runtime.cli.options import moment
from fleet_runtime.cli.reading import decoded, whole
from fleet_runtime.cli.running import Running, report
from fleet_runtime.errors import MessageError
from fleet_runtime.records import Finding

TextArgument = Annotated[
    str | None, typer.Argument(metavar="TEXT", help="The reply, or - for standard input.", show_default=False)
]
EvidenceOption = Annotated[
    list[Path] | None,
    typer.Option("--evidence", metavar="FILE", help="What the reply may rest on; may be given again."),
]
AtOption = Annotated[
    datetime | None, typer.Option("--at", parser=moment, metavar="TIME", help="When it was said; now, if left out.")
]


@dataclass(frozen=True)
class Replies:
    """A file of replies instead of one, and where the verdicts go."""

    batch: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Check a file of replies, one JSON object a line.")
    ] = None
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Where the verdicts go; else print.")] = None


def guard(
    run: Running, many: Replies, text: TextArgument = None, evidence: EvidenceOption = None, at: AtOption = None
) -> None:
    """Find what a reply states, promises or claims that its evidence does not support. Nothing is stored.

    Ends with 1 if anything is found. With --batch each line of a file is checked (docs/guard.md), and where
    the lines have labels, recall and false alarms are told; it ends with 1 only if a line cannot be read.
    """
    now = at or datetime.now(UTC)
    if many.batch is not None:
        if text is not None or evidence:
            raise MessageError(
                "a batch is checked by what its lines say", hint="leave out TEXT and --evidence, or --batch"
            )
        _check_batch(run, many.batch, many.out, now)
        return
    if many.out is not None:
        raise MessageError("--out is for a batch", hint="name its replies with --batch FILE")
    if text is None:
        raise typer.BadParameter("give a TEXT, or a file of replies with --batch")
    from fleet_runtime.guarding import Evidence, Guard  # noqa: PLC0415 - so that --help need not load

    texts = tuple(_read(file) for file in evidence or ())
    findings = Guard(Evidence(texts=texts), now).check(whole(text))
    if run.out.as_json:
        run.out.json(findings)
    elif findings:
        run.out.table(("kind", "finding"), [(finding.kind, finding.message) for finding in findings])
    else:
        run.out.line("nothing to object to")
    if findings:
        raise typer.Exit(1)


def _check_batch(run: Running, batch: Path, out: Path | None, now: datetime) -> None:
    """Check every line of a file; a bad line is reported, and ends the command with 1.

    Raises: MessageError if a file cannot be read or written.
    """
    from fleet_runtime.guarding import Readings  # noqa: PLC0415 - as above
    from fleet_runtime.guarding.batches import GuardCase, judge, read_cases, score  # noqa: PLC0415 - as above

    readings, failed = Readings(), 0
    judged: list[tuple[GuardCase, Sequence[Finding]]] = []
    verdicts: list[str] = []
    for number, case in read_cases(_read(batch), str(batch)):
        if isinstance(case, MessageError):
            report(case)
            failed += 1
            continue
        verdict = judge(case, number, now, readings)
        judged.append((case, verdict.findings))
        if out is None:
            run.out.json(verdict, on_one_line=True)
        else:
            verdicts.append(verdict.model_dump_json())
    if out is not None:
        _write(out, verdicts)
        run.out.note(f"{len(judged)} of {len(judged) + failed} replies checked, written to {out}")
    if any(case.is_bad is not None for case, _ in judged):
        run.out.note(score(judged).summary())
    if failed:
        raise typer.Exit(1)


def _read(file: Path) -> str:
    """Read a file of text.

    Raises: MessageError.
    """
    try:
        return decoded(file.read_bytes())
    except OSError as error:
        raise MessageError(f"{file} cannot be read: {error.strerror}", hint="check the path") from error


def _write(file: Path, lines: list[str]) -> None:
    """Write a file that takes its place whole, or not at all.

    Raises: MessageError.
    """
    partial = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        partial.replace(file)
    except OSError as error:
        raise MessageError(
            f"{file} cannot be written: {error.strerror}", hint="check --out and its permissions"
        ) from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
