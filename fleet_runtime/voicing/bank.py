"""The words of the assisted voice as validated data: cues, stems, questions, phrases.

Reads no files (texts are passed in) and knows no role by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from pydantic import ValidationError

from fleet_runtime.contracts import Value
from fleet_runtime.errors import ContractError, PromptError

_HOLE = re.compile(r"\{(\w+)\}")


class VoiceBank(Value):
    """Everything that the assisted voice can say or recognise for one role."""

    cues: dict[str, tuple[str, ...]] = {}
    stems: dict[str, tuple[str, ...]] = {}
    questions: dict[str, tuple[str, ...]] = {}
    question_for: dict[str, str] = {}
    phrases: dict[str, tuple[str, ...]] = {}
    carry_to: str | None = None
    behind_the_scenes: tuple[str, ...] = ()

    def cued(self, name: str, text: str) -> bool:
        """Tell whether one of the cue words stands in the text as whole words."""
        return any(re.search(rf"(?<!\w){re.escape(cue)}(?!\w)", text.casefold()) for cue in self.cues.get(name, ()))

    def phrase(self, name: str, heard: Sequence[str], **values: str) -> str:
        """Fill the first phrase of that name that was not heard lately (the least recent, if all were).

        Raises: PromptError if the bank has no such phrase, or a hole has no value.
        """
        phrases = self.phrases.get(name)
        if not phrases:
            raise PromptError(f"the voice bank has no phrases {name!r}", hint="add them to prompts/voice/generic.yaml")
        return fill(least_heard(phrases, heard), values)

    def unheard(self, name: str, heard: Sequence[str], **values: str) -> str:
        """Fill a phrase of that name as `phrase` does, but say nothing once all of them were heard."""
        fresh = unsaid(self.phrases.get(name, ()), heard)
        return fill(fresh, values) if fresh else ""


class TaskExamples(Value):
    """Few-shot pairs (user, assistant) of one model task."""

    examples: tuple[tuple[str, str], ...]


class Kind(Value):
    """One answer of the classification, and what it means."""

    name: str
    meaning: str


class KindChoice(TaskExamples):
    """The kinds offered for one form of message, with their examples."""

    kinds: tuple[Kind, ...]


class VoiceTasks(Value):
    """The examples of the voice's model tasks, beside their templates."""

    question: KindChoice
    statement: KindChoice
    reflect: TaskExamples
    answer: TaskExamples


def load_bank(layers: Iterable[tuple[str, str]]) -> VoiceBank:
    """Join bank files, lowest layer first; each layer is (file name, YAML text).

    An entry replaces the entry of the same name below it.

    Raises: ContractError naming the file for bad YAML, an unknown key or a bad value.
    """
    merged: dict[str, Any] = {}
    for source, text in layers:
        layer = _mapping(source, text)
        for name, value in layer.items():
            below = merged.get(name)
            merged[name] = {**below, **value} if isinstance(below, dict) and isinstance(value, dict) else value
        _validated(source, merged)
    return _validated("prompts/voice", merged)


def load_tasks(files: Mapping[str, str]) -> VoiceTasks:
    """Read ``classify.yaml``, ``reflect.yaml`` and ``answer.yaml`` (name -> text).

    Raises: ContractError naming the file.
    """
    merged = dict(_mapping("prompts/classify.yaml", files.get("classify.yaml", "")))
    for name in ("reflect", "answer"):
        merged[name] = _mapping(f"prompts/{name}.yaml", files.get(f"{name}.yaml", ""))
    try:
        return VoiceTasks.model_validate(merged)
    except ValidationError as error:
        raise _complaint("prompts/*.yaml", error) from error


def fill(phrase: str, values: Mapping[str, str]) -> str:
    """Put the values into the phrase's holes; a value's own braces stay as they are.

    Raises: PromptError for a hole without a value.
    """

    def value_of(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in values:
            raise PromptError(f"phrase {phrase!r} has a hole {name!r} that nothing fills", hint="see docs/prompts.md")
        return values[name]

    return _HOLE.sub(value_of, phrase)


def least_heard(phrases: Sequence[str], heard: Sequence[str]) -> str:
    """Return the first phrase that none of the ``heard`` texts holds, else the one heard longest ago.

    ``heard`` is ordered, newest last. A phrase is recognised by its longest fixed piece, unless the
    text holds another phrase of which that piece is only a part ("Hello" in "Hello, how are you?").
    """
    newest_first = list(reversed(heard))

    def age(phrase: str) -> int:
        piece = _longest_piece(phrase)
        wider = [_longest_piece(other) for other in phrases if other != phrase and piece in _HOLE.sub("", other)]
        said = (
            index
            for index, text in enumerate(newest_first)
            if piece and piece in text and not any(other in text for other in wider)
        )
        return next(said, len(newest_first))

    return max(phrases, key=age)


def unsaid(phrases: Sequence[str], heard: Sequence[str]) -> str:
    """Return the first phrase that none of the ``heard`` texts holds, or nothing."""
    return next((one for one in phrases if not any(_longest_piece(one) in text for text in heard)), "")


def _longest_piece(phrase: str) -> str:
    """Return the longest piece of a phrase between its holes."""
    return max(_HOLE.split(phrase)[::2], key=len).strip()


def _mapping(source: str, text: str) -> dict[str, Any]:
    """Read one YAML mapping."""
    import yaml  # noqa: PLC0415 - loads when a file is read

    loader = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader  # the first is ten times as fast
    try:
        data = yaml.load(text, Loader=loader)  # noqa: S506 - both are safe
    except yaml.YAMLError as error:
        raise ContractError(f"not valid YAML: {error}", hint="mend the file", where=source) from error
    if not isinstance(data, dict):
        raise ContractError("a mapping is expected", hint="see docs/prompts.md for its keys", where=source)
    return cast("dict[str, Any]", data)


def _validated(source: str, data: Mapping[str, Any]) -> VoiceBank:
    """Validate joined layers, blaming the file that was added last."""
    try:
        return VoiceBank.model_validate(data)
    except ValidationError as error:
        raise _complaint(source, error) from error


def _complaint(source: str, error: ValidationError) -> ContractError:
    """Say pydantic's first complaint with its place in the file."""
    first = error.errors()[0]
    place = ".".join(str(step) for step in first["loc"])
    return ContractError(f"{place}: {first['msg']}", hint="see docs/prompts.md for its keys", where=source)
