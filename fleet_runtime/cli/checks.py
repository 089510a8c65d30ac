"""What ``fleet doctor`` looks at, one function a thing. Starts no model, fetches nothing, mends nothing.

Each returns what is in force; something that is missing but not needed is said as such. Something
that is needed and broken raises its own error.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Awaitable, Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from fleet_runtime import documents
from fleet_runtime.calibrations import CalibrationFile
from fleet_runtime.cli.storing import present_time, store_as_it_stands
from fleet_runtime.contracts import Value
from fleet_runtime.embedding import PACKAGES
from fleet_runtime.errors import ContractError, FleetError, MissingExtra, ModelError, SettingError
from fleet_runtime.messages import ModelInfo
from fleet_runtime.models.schema_tools import tool_calling_key
from fleet_runtime.ports import Store
from fleet_runtime.prompting import compile_prefix
from fleet_runtime.role_library import RoleLibrary
from fleet_runtime.routing.earning import roster_hash
from fleet_runtime.runtime.overseeing import without_password
from fleet_runtime.runtime.pins import Pins
from fleet_runtime.settings import Settings, Voice
from fleet_runtime.staffing import contracts_in_force, load_staff
from fleet_runtime.weights import MINILM, MINILM_TOKENIZER, cache_folder, is_present
from fleet_runtime.words import load_words


class Verdict(Value):
    """What is in force; ``note`` says what is yet to be had or done."""

    text: str
    note: str = ""


Check = Callable[[Settings], Awaitable[Verdict]]


class Finding(Value):
    """What was found about one thing; ``hint`` says how to mend it."""

    name: str
    state: Literal["ok", "note", "broken"]
    text: str
    hint: str = ""


async def examine(settings: Callable[[], Settings]) -> list[Finding]:
    """Make every check, in order; where the settings are broken, nothing else can be looked at."""
    try:
        given = settings()
    except SettingError as error:
        return [Finding(name="settings", state="broken", text=error.message, hint=error.hint)]
    checks: dict[str, Check] = {
        "model": model,
        "store": store,
        "roles": roles,
        "prompts": prompts,
        "embeddings": embeddings,
        "voice": voice,
        "adjudication": adjudication,
    }
    return [await _finding(name, check, given) for name, check in checks.items()]


async def _finding(name: str, check: Check, settings: Settings) -> Finding:
    """Make one check; an error of ours is its finding."""
    try:
        verdict = await check(settings)
    except FleetError as error:
        return Finding(name=name, state="broken", text=error.message, hint=error.hint)
    return Finding(name=name, state="note" if verdict.note else "ok", text=verdict.text, hint=verdict.note)


async def model(settings: Settings) -> Verdict:
    """Say which model would answer and why, and in which voice.

    Raises: ModelError, MissingExtra, SettingError.
    """
    from fleet_runtime.models.resolve import describe_resolution  # noqa: PLC0415 - loads model clients

    found = await describe_resolution(settings, environment=os.environ, cache=cache_folder(os.environ))
    if found.info is None:
        return Verdict(text=f"{found}; {_voices(settings, 'composed')}")
    if found.missing:
        raise MissingExtra(f"{found.info.description}: {found.info.reason}; it is not installed", hint=found.missing)
    megabytes = found.bytes_to_fetch // 1_000_000
    return Verdict(
        text=f"{found.info.description} ({found.info.reason}); {_voices(settings, _usual_voice(found.info))}",
        note=f"its file, {megabytes} MB, is fetched on first use" if megabytes else "",
    )


async def store(settings: Settings) -> Verdict:
    """Say where accounts are kept, and how many.

    Raises: StoreError, StoreTooNew.
    """
    if settings.database == "none":
        return Verdict(text="none: nothing is kept when the program ends")
    async with store_as_it_stands(settings) as opened:
        if opened is None:
            return Verdict(text=f"{without_password(settings.database)}: not there yet, made on first use")
        accounts = await opened.accounts(settings.tenant)
        waiting = await opened.unfinished()
        elsewhere = await _pinned_elsewhere(opened, settings)
    notes = [f"accepted messages that await their answer: {len(waiting)}; the next fleet answers"] if waiting else []
    if elsewhere:
        known = f"accounts that knew another contract than the one in force: {len(elsewhere)}"
        notes.append(f"{known}; see with fleet lock --account {elsewhere[0]}, accept with fleet lock --accept")
    where = without_password(settings.database)
    return Verdict(text=f"{where}; accounts of tenant {settings.tenant}: {len(accounts)}", note="; ".join(notes))


async def _pinned_elsewhere(opened: Store, settings: Settings) -> tuple[str, ...]:
    """Return the accounts that are pinned to other contracts; where roles are broken, their own check says so."""
    try:
        staff = load_staff(settings)
    except ContractError:
        return ()
    contracts = contracts_in_force(staff.roles)
    return await Pins(opened, contracts, present_time).outdated_accounts(settings.tenant)


async def roles(settings: Settings) -> Verdict:
    """Say which roles are staffed, and from which layers.

    Raises: ContractError with the first broken file.
    """
    staff = load_staff(settings)
    folders = documents.layers("roles", Path(settings.roles))
    given = RoleLibrary(folders)
    layered = Counter(given.status(role.role_class) for role in staff.roles)
    counted = ", ".join(f"{count} {status}" for status, count in layered.items())
    return Verdict(
        text=f"profile {settings.profile}: {len(staff.roles)} roles ({counted}), lead {staff.lead};"
        f" from {', '.join(map(str, folders))}"
    )


async def prompts(settings: Settings) -> Verdict:
    """Say where prompts come from, and that they compile for every role.

    Raises: PromptError, ContractError.
    """
    staff = load_staff(settings)
    words = load_words(settings, staff)
    largest = max(staff.roles, key=lambda role: compile_prefix(words.book, role, staff).tokens)
    tokens = compile_prefix(words.book, largest, staff).tokens
    folders = documents.layers("prompts", Path(settings.prompts))
    return Verdict(
        text=f"compile for all roles, the longest prefix about {tokens} tokens ({largest.role_class});"
        f" from {', '.join(map(str, folders))}"
    )


async def embeddings(settings: Settings) -> Verdict:
    """Say whether sentence vectors are used.

    Raises: MissingExtra if they are demanded and cannot be had.
    """
    if settings.embeddings == "none":
        return Verdict(text="none, as set: routing and recall go by words")
    absent = [package for package in PACKAGES if find_spec(package) is None]
    if absent and settings.embeddings == "local":
        raise MissingExtra(f"embeddings need {', '.join(absent)}", hint='pip install "fleet-runtime[local]"')
    if absent:
        return Verdict(
            text="none: routing and recall go by words",
            note='for sentence vectors: pip install "fleet-runtime[local]"',
        )
    cache = cache_folder(os.environ)
    fetched = all(is_present(weights, cache) for weights in (MINILM, MINILM_TOKENIZER))
    return Verdict(text=f"{MINILM.label}, {'in the cache' if fetched else 'fetched on first use (23 MB)'}")


async def voice(settings: Settings) -> Verdict:
    """Say which voice the model gets and why, and whether it calls tools by itself.

    Raises: SettingError if what was measured cannot be read.
    """
    info = await _model_info(settings)
    if info is None:
        return Verdict(text="composed: there is no model")
    kept = CalibrationFile(cache_folder(os.environ))
    native = kept.tool_calling().get(tool_calling_key(info))
    tools = {True: "; calls tools by itself", False: "; is given tools by a JSON schema", None: ""}[native]
    found = kept.voice(info)
    if found is None:
        return Verdict(
            text=f"{info.voice}, by the kind of model; not measured yet{tools}", note="to measure it: fleet calibrate"
        )
    figures = f"{found.good} of {found.situations} first drafts good, {found.rejected} rejected by the guard"
    return Verdict(text=f"{found.voice}, as measured on {found.at:%Y-%m-%d} ({figures}){tools}")


async def _model_info(settings: Settings) -> ModelInfo | None:
    """Return which model would answer; one that cannot be had is told by its own check."""
    from fleet_runtime.models.resolve import describe_resolution  # noqa: PLC0415 - loads model clients

    try:
        return (await describe_resolution(settings, environment=os.environ, cache=cache_folder(os.environ))).info
    except (ModelError, MissingExtra, SettingError):
        return None


async def adjudication(settings: Settings) -> Verdict:
    """Say whether the model is asked where routing is unsure, and what was measured of it.

    A model that cannot be had is told by its own check.

    Raises: SettingError if what was measured cannot be read; ContractError.
    """
    if settings.adjudication == "never":
        return Verdict(text="never, as set: routing asks no model")
    info = await _model_info(settings)
    if info is None:
        return Verdict(text="none: there is no model to ask")
    measured = CalibrationFile(cache_folder(os.environ)).of_model(info)
    here = next((one for one in measured if one.roster_hash == roster_hash(load_staff(settings))), None)
    if here is None:
        where = f"with these roles, though with others on {measured[-1].at:%Y-%m-%d}" if measured else "yet"
        return Verdict(text=f"not measured {where}: routing asks no model", note="to measure it: fleet calibrate")
    figures = (
        f"{here.local_accuracy:.1%} right without the model, {here.adjudicated_accuracy:.1%} with it,"
        f" p = {here.p_value:.3f}, on {here.tested} messages, {here.at:%Y-%m-%d}"
    )
    if here.earned:
        return Verdict(text=f"earned: asked below a confidence of {here.cut:.2f} ({figures})")
    return Verdict(text=f"not earned: routing asks no model ({figures})")


def _usual_voice(info: ModelInfo) -> Voice:
    """Return the voice that roles get where none is set: as measured, else by the kind of model."""
    found = CalibrationFile(cache_folder(os.environ)).voice(info)
    return found.voice if found else info.voice


def _voices(settings: Settings, usual: str) -> str:
    """Say the voice that roles get, and which roles have one of their own."""
    own = [f", {name}: {role.voice}" for name, role in settings.role.items() if role.voice]
    return f"voice: {usual}{''.join(own)}"
