"""Reads the files that the runtime says and asks with. Says nothing itself."""

from __future__ import annotations

from pathlib import Path

from fleet_runtime import documents
from fleet_runtime.contracts import Staff
from fleet_runtime.prompt_files import read_prompt_files
from fleet_runtime.prompting import PromptBook
from fleet_runtime.runtime.desk import Words
from fleet_runtime.settings import Settings
from fleet_runtime.staffing import contracts_in_force


def load_words(settings: Settings, staff: Staff) -> Words:
    """Read templates, data files (voice banks, examples), and the contracts' texts.

    Data files of the project's own are looked into at once, so that a mistake is told now; the shipped ones are
    looked into when they are needed.

    Raises: ContractError, PromptError.
    """
    layers = documents.layers("prompts", Path(settings.prompts))
    files = read_prompt_files(layers)
    words = Words(
        book=PromptBook(files.templates),
        files=files.data,
        domains={role.role_class: role.domain for role in staff.roles},
        contracts=contracts_in_force(staff.roles),
    )
    shipped = str(layers[0])
    if any(not path.startswith(shipped) for layers_of_one in files.data.values() for path, _ in layers_of_one):
        words.read_all()
    return words
