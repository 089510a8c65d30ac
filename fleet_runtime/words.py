"""Reads what the runtime says and asks with: templates, voice banks, examples of the tasks. Says nothing itself."""

from __future__ import annotations

from pathlib import Path

from fleet_runtime import documents
from fleet_runtime.contracts import Staff
from fleet_runtime.learning import load_examples, load_labels
from fleet_runtime.prompt_files import read_prompt_files
from fleet_runtime.prompting import PromptBook
from fleet_runtime.runtime.desk import Words
from fleet_runtime.settings import Settings
from fleet_runtime.staffing import contracts_in_force
from fleet_runtime.voicing import load_bank, load_tasks

_GENERIC_BANK = "voice/generic.yaml"


def load_words(settings: Settings, staff: Staff) -> Words:
    """Read templates, voice banks (everybody's < the domain's < the role's), examples, and the contracts' texts.

    Raises: ContractError, PromptError.
    """
    files = read_prompt_files(documents.layers("prompts", Path(settings.prompts)))
    generic = files.data.get(_GENERIC_BANK, ())
    banks = {"": load_bank(generic)}
    for role in staff.roles:
        own = (*files.data.get(f"voice/{role.domain}.yaml", ()), *files.data.get(f"voice/{role.role_class}.yaml", ()))
        if own:
            banks[role.role_class] = load_bank((*generic, *own))
    tasks = load_tasks({name: files.newest(name) for name in ("classify.yaml", "reflect.yaml", "answer.yaml")})
    contracts = contracts_in_force(staff.roles)
    return Words(
        book=PromptBook(files.templates),
        banks=banks,
        tasks=tasks,
        learn_examples=load_examples(files.newest("learn.yaml")),
        contracts=contracts,
        labels=load_labels(files.newest("learn_labels.yaml")),
    )
