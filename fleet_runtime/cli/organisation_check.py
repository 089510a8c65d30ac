"""What ``fleet check`` does: finds the files, has them judged, with vectors if asked for, and writes the report down.

Judges nothing itself. Opens no fleet: no store, no model.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from pydantic_core import to_json

from fleet_runtime import check_sources, documents
from fleet_runtime.checking import Organisation, Report, check, formats, organise, prompt_meter, texts_to_embed
from fleet_runtime.errors import MissingExtra
from fleet_runtime.ports import TextVectors
from fleet_runtime.prompt_files import read_prompt_files
from fleet_runtime.settings import Settings


def report_on(path: Path | None, settings: Settings, *, profile: str | None, deep: bool, alone: bool) -> Report:
    """Check what a path names, or without one the layers in force.

    Args:
        path: a project, a folder of role files, or one file.
        settings: where the layers are, and the budget.
        profile: the profile whose staff is checked besides.
        deep: compare by meaning too, and route every example.
        alone: leave the shipped library out of sight.

    Raises: ContractError, UnknownProfile, PromptError; with ``deep`` MissingExtra, WeightsError.
    """
    if path is None:
        sources = check_sources.sources_in_force(Path(settings.roles), Path(settings.profiles))
    else:
        sources = check_sources.sources_of(path, alone=alone)
    organisation = organise(sources, profile=profile, usual=settings.profile)
    return report_of(organisation, settings, vectors=_vectors(organisation, settings) if deep else None)


def report_of(organisation: Organisation, settings: Settings, *, vectors: TextVectors | None = None) -> Report:
    """Check an organisation with the prompts in force; with ``vectors`` by meaning too.

    Raises: ContractError, PromptError.
    """
    templates = read_prompt_files(documents.layers("prompts", Path(settings.prompts))).templates
    return check(
        organisation,
        prompt_tokens=prompt_meter(organisation, templates, settings.prompt_budget),
        prompt_budget=settings.prompt_budget,
        vectors=vectors,
    )


def rendered(report: Report, form: str) -> str:
    """Write a report down as ``text``, ``json``, ``sarif`` or ``github``."""
    if form == "json":
        return to_json(formats.as_json(report), indent=2).decode()
    if form == "sarif":
        return to_json(formats.as_sarif(report, version=_version()), indent=2).decode()
    return formats.as_github(report) if form == "github" else formats.as_text(report)


def _vectors(organisation: Organisation, settings: Settings) -> TextVectors:
    """Embed the texts of a deep check; what was embedded before is kept by content.

    Raises: MissingExtra, WeightsError.
    """
    import anyio  # noqa: PLC0415 - with asyncio below it, only for this

    from fleet_runtime.cli.text_vectors import embedded  # noqa: PLC0415

    found = anyio.run(embedded, texts_to_embed(organisation), settings)
    if found is None:
        raise MissingExtra(
            f"--deep needs embeddings, of which there are none (embeddings = {settings.embeddings})",
            hint="pip install 'fleet-runtime[local]', and leave embeddings at auto",
        )
    return found


def _version() -> str:
    """Return the installed version."""
    try:
        return version("fleet-runtime")
    except PackageNotFoundError:
        return "0"
