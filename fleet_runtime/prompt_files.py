"""Reads the prompt folders: templates, voice banks and the examples of model tasks. Renders nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fleet_runtime.contracts import Value
from fleet_runtime.errors import ContractError

TEMPLATE_SUFFIX = ".md.j2"
DATA_SUFFIX = ".yaml"


class PromptFiles(Value):
    """The texts of all prompt folders.

    ``templates`` maps a template's name to its text, the highest layer winning; ``data`` maps a data
    file's name (``classify.yaml``, ``voice/generic.yaml``) to its layers, lowest first, each as (path, text).
    """

    templates: dict[str, str]
    data: dict[str, tuple[tuple[str, str], ...]]

    def newest(self, name: str) -> str:
        """Return the text of a data file in the highest layer, or an empty text."""
        layers = self.data.get(name, ())
        return layers[-1][1] if layers else ""


def read_prompt_files(layers: Sequence[Path]) -> PromptFiles:
    """Read every template and data file of the folders, lowest layer first.

    Raises: ContractError naming a file that cannot be read.
    """
    templates: dict[str, str] = {}
    data: dict[str, tuple[tuple[str, str], ...]] = {}
    for folder in layers:
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            if path.name.endswith(TEMPLATE_SUFFIX):
                templates[name] = _text(path)
            elif path.name.endswith(DATA_SUFFIX):
                data[name] = (*data.get(name, ()), (str(path), _text(path)))
    return PromptFiles(templates=templates, data=data)


def _text(path: Path) -> str:
    """Read one file as UTF-8."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ContractError(
            f"cannot be read: {error}", hint="check its permissions and that it is UTF-8", where=str(path)
        ) from error
