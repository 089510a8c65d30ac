"""What a function's signature asks for: its JSON schema for a model, and a model's JSON read into its values.

Both come from one pydantic model, made when it is first asked for. Values are read as pydantic reads JSON by default:
``"3"`` and ``3.0`` pass for a whole number and ``"2027-03-01"`` for a date; ``"three"`` and ``3.5`` pass for neither.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Annotated, Any, Final, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model
from pydantic.errors import PydanticUserError
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import ErrorDetails

from fleet_runtime.errors import ToolError
from fleet_runtime.ports import ToolFailed
from fleet_runtime.records import ToolContext

_LITERAL: Final = ("default", "const", "enum", "examples")
_NAMED_SCHEMAS: Final = ("properties", "$defs", "patternProperties")
_SHOWN: Final = 60
"""Characters of a wrong value that are quoted back."""


class _JsonSchema(GenerateJsonSchema):
    """Pydantic's schemas; a default that JSON cannot say is left out of them quietly: it stays the function's."""

    ignored_warning_kinds = {"skipped-choice", "non-serializable-default"}


class Arguments:
    """The parameters of one function. ``where`` is its ``file:line``; a `ToolContext` among them is no argument."""

    def __init__(self, function: Callable[..., object], where: str, namespace: Mapping[str, object]) -> None:
        """Look at the signature; types are resolved later, also by names of ``namespace``.

        Raises: ToolError for parameters that a model cannot be asked for by name and type.
        """
        self._function = function
        self._where = where
        self._namespace = namespace
        self._parameters = _declared(function, where)

    @cached_property
    def schema(self) -> dict[str, Any]:
        """The JSON schema of the arguments, an object that allows no others.

        Raises: ToolError if a type is unknown or has no JSON form.
        """
        try:
            schema = self._model.model_json_schema(schema_generator=_JsonSchema)
        except PydanticUserError as error:
            raise self._unusable(error) from error
        schema.pop("description", None)
        untitled = _untitled(schema)
        untitled.setdefault("properties", {})
        return untitled

    def read(self, arguments: str, context: ToolContext) -> dict[str, object]:
        """Read a model's JSON into keyword arguments; no text at all stands for no arguments.

        Raises: ToolFailed with one line for each thing that does not fit; ToolError as `schema`.
        """
        try:
            read = self._model.model_validate_json(arguments if arguments.strip() else "{}")
        except ValidationError as error:
            raise ToolFailed(self._misfits(error)) from error
        given: dict[str, object] = {name: cast("object", getattr(read, field)) for field, name in self._fields.items()}
        return given | dict.fromkeys(self._contexts, context)

    @cached_property
    def _hints(self) -> dict[str, Any]:
        """The resolved type of each parameter."""
        try:
            return typing.get_type_hints(self._function, localns=dict(self._namespace), include_extras=True)
        except (NameError, TypeError, AttributeError, SyntaxError) as error:
            raise self._unusable(error) from error

    @cached_property
    def _contexts(self) -> tuple[str, ...]:
        """The parameters that are given the context."""
        return tuple(name for name in self._parameters if self._hints[name] is ToolContext)

    @cached_property
    def _fields(self) -> dict[str, str]:
        """The names of the model's fields, each with its parameter's: a field may not be called ``json`` or ``_id``."""
        names = (name for name in self._parameters if name not in self._contexts)
        return {f"argument_{place}": name for place, name in enumerate(names)}

    @cached_property
    def _model(self) -> type[BaseModel]:
        """The pydantic model of the arguments."""
        fields: dict[str, Any] = {}
        for field, name in self._fields.items():
            default = self._parameters[name].default
            kind = _called(name, self._hints[name])
            fields[field] = kind if default is inspect.Parameter.empty else (kind, default)
        try:
            return create_model("Arguments", __config__=ConfigDict(extra="forbid"), **fields)
        except (PydanticUserError, TypeError) as error:
            raise self._unusable(error) from error

    def _unusable(self, error: Exception) -> ToolError:
        """Say that a type cannot be used."""
        first = str(error).strip().partition("\n")[0]
        return ToolError(
            f"{self._where}: the arguments of {self._function.__name__} cannot be described as JSON: {first}",
            hint="use types that pydantic knows, declared where the module's other code sees them",
        )

    def _misfits(self, error: ValidationError) -> str:
        """Say line by line what does not fit."""
        lines = dict.fromkeys(self._misfit(one) for one in error.errors(include_url=False, include_context=False))
        return "\n".join(["The arguments do not fit:", *lines, "Call the tool again with arguments that fit."])

    def _misfit(self, detail: ErrorDetails) -> str:
        """Say one thing that does not fit."""
        path = ".".join(str(step) for step in detail["loc"])
        if detail["type"] == "json_invalid":
            return f"- they are no valid JSON object ({detail['msg'].removeprefix('Invalid JSON: ')})"
        if detail["type"] == "missing":
            return f"- {path}: is missing"
        if detail["type"] == "extra_forbidden":
            known = ", ".join(self._fields.values()) if len(detail["loc"]) == 1 else ""
            return f"- {path}: there is no such parameter{f', only: {known}' if known else ''}"
        said = detail["msg"].removeprefix("Input ").removeprefix("Value error, ")
        return f"- {path or 'they'}: {said}, not {_shown(detail['input'])}"


def _called(name: str, kind: Any) -> Any:  # noqa: ANN401 - types made at run time have none themselves
    """Return the type ``kind`` with the name by which JSON calls it."""
    return Annotated[kind, Field(alias=name)]


def _declared(function: Callable[..., object], where: str) -> dict[str, inspect.Parameter]:
    """Return the parameters by name.

    Raises: ToolError for one without a type, or one that cannot be given by name.
    """
    parameters = dict(inspect.signature(function).parameters)
    for name, parameter in parameters.items():
        if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
            raise ToolError(
                f"{where}: the parameter {str(parameter).partition(':')[0]} cannot be given by name",
                hint="a tool has named parameters only: no *args, no **kwargs, none before a /",
            )
        if parameter.annotation is parameter.empty:
            raise ToolError(
                f"{where}: the parameter {name} has no type", hint=f"annotate it, as in {name}: str; a model is told it"
            )
    return parameters


def _untitled(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out the titles that pydantic makes of names: they cost tokens and tell nothing."""
    plain: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _NAMED_SCHEMAS:
            plain[key] = {name: _untitled_part(inner) for name, inner in value.items()}
        elif key in _LITERAL:
            plain[key] = value
        elif key != "title":
            plain[key] = _untitled_part(value)
    return plain


def _untitled_part(part: object) -> object:
    """Do the same with whatever stands within a schema."""
    if isinstance(part, dict):
        return _untitled(cast("dict[str, Any]", part))
    if isinstance(part, list):
        return [_untitled_part(one) for one in cast("list[object]", part)]
    return part


def _shown(value: object) -> str:
    """Quote a wrong value, shortened."""
    quoted = repr(value)
    return quoted if len(quoted) <= _SHOWN else f"{quoted[:_SHOWN]}…"
