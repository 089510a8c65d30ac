"""Objects instead of prose: the JSON schema of a pydantic model, and a model's answer read back into it.

A schema is written so that strict endpoints and grammars take it: no references, every object closed, every key
required. What it cannot say (a pattern, a validator) is checked when the answer is read. Asks no model.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar, cast

from pydantic import BaseModel, ValidationError
from pydantic.errors import PydanticUserError
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaWarningKind
from pydantic_core import ErrorDetails

from fleet_runtime.errors import MessageError
from fleet_runtime.shape import complaint

_KEPT: Final = frozenset(
    (
        "type", "description", "enum", "minItems", "maxItems", "minLength", "maxLength", "minimum", "maximum",
        "exclusiveMinimum", "exclusiveMaximum",
    )
)  # fmt: skip
"""What endpoints and grammars understand and is passed on as it stands; pydantic checks the rest."""

_FORMATS: Final = frozenset(("date", "time", "date-time", "uuid"))
_MOST_COMPLAINTS: Final = 10
_SHOWN: Final = 60  # characters of a wrong value
_STARTS: Final = 200  # braces at which an object is looked for

_Model = TypeVar("_Model", bound=BaseModel)
_Schema = dict[str, Any]


def schema_of(model: type[BaseModel]) -> _Schema:
    """Return the JSON schema of a model, without references, with closed objects and all keys required.

    Raises: MessageError, naming the place, for what such a schema cannot say: a type that holds itself, a mapping of
        any keys, a value of any type, a root that is no object.
    """
    if not _is_model(model):
        raise MessageError(
            f"{model!r} cannot be an output: it is no pydantic model", hint="derive the class from pydantic.BaseModel"
        )
    name = model.__name__
    try:
        schema = model.model_json_schema(schema_generator=_Quiet)
    except PydanticUserError as error:
        raise MessageError(
            f"{name} cannot be an output: {error.message}",
            hint="use types that JSON has, or that pydantic turns into them",
        ) from error
    found = _Inliner(cast("Mapping[str, _Schema]", schema.get("$defs", {}))).plain(schema, name, ())
    if found.get("type") != "object":
        raise MessageError(f"{name} cannot be an output: it is no object", hint="give it named fields")
    return found


def read_output(text: str, model: type[_Model]) -> _Model | str:
    """Return the object that an answer holds, or what is wrong with it, for the model that wrote it: one line a field.

    A code fence, and prose before or after the object, are passed over. NaN and infinities are refused.
    """
    found = object_in(text)
    if isinstance(found, str):
        return found
    try:
        return model.model_validate_json(json.dumps(found))
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=False)
        lines = [f"{_path(detail['loc'])}: {detail['msg']}{_given(detail)}" for detail in details[:_MOST_COMPLAINTS]]
        left_out = len(details) - len(lines)
        return "\n".join([*lines, f"and {left_out} more"] if left_out else lines)


def against_schema(text: str, schema: Mapping[str, object]) -> str | None:
    """Say in which way an answer differs from a schema, or None.

    For where the model's class is not at hand: it knows less than `read_output`.
    """
    found = object_in(text)
    return found if isinstance(found, str) else complaint(found, schema)


def object_in(text: str) -> dict[str, object] | str:
    """Return the first JSON object in a text, or a complaint in words."""
    decoder = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite, strict=False)
    reason = "there is no { in it"
    start = text.find("{")
    for _ in range(_STARTS):
        if start < 0:
            break
        try:
            return cast("dict[str, object]", decoder.raw_decode(text, start)[0])
        except json.JSONDecodeError as error:
            if start == text.find("{"):
                reason = f"{error.msg} at character {error.pos + 1}"
        except ValueError as error:  # not finite, or a number of too many digits
            return f"the answer cannot be read: {error}"
        except RecursionError:
            return "the answer cannot be read: it is nested too deeply"
        start = text.find("{", start + 1)
    return f"the answer is no JSON object: {reason}"


class _Quiet(GenerateJsonSchema):
    """Says nothing about defaults that JSON does not have: they are not part of what is asked for."""

    ignored_warning_kinds: set[JsonSchemaWarningKind] = {"skipped-choice", "non-serializable-default"}


class _Inliner:
    """Writes schemas out, with what they refer to put in its place."""

    def __init__(self, definitions: Mapping[str, _Schema]) -> None:
        """Take what may be referred to, by name."""
        self._definitions = definitions

    def plain(self, schema: _Schema, where: str, within: tuple[str, ...]) -> _Schema:
        """Return one schema written out; ``where`` names the place, ``within`` the references that led here.

        Raises: MessageError for what cannot be said.
        """
        schema, within = self._resolved(schema, where, within)
        plain = {key: value for key, value in schema.items() if key in _KEPT}
        if schema.get("format") in _FORMATS:
            plain["format"] = schema["format"]
        if "const" in schema:
            plain["enum"] = [schema["const"]]
        ways = schema.get("anyOf") or schema.get("oneOf")
        if ways:
            return plain | {"anyOf": [self.plain(way, where, within) for way in ways]}
        if schema.get("type") == "object":
            return plain | self._object(schema, where, within)
        if schema.get("type") == "array":
            return plain | {"items": self.plain(_items(schema, where), f"{where}[]", within)}
        if not plain.keys() & {"type", "enum"}:
            raise _unsayable(where, "a value of any type")
        return plain

    def _resolved(self, schema: _Schema, where: str, within: tuple[str, ...]) -> tuple[_Schema, tuple[str, ...]]:
        """Follow a reference, keeping what stands beside it (a field's own description)."""
        while "$ref" in schema:
            name = str(schema["$ref"]).rsplit("/", 1)[-1]
            if name in within:
                raise _unsayable(where, "a type that holds itself")
            beside = {key: value for key, value in schema.items() if key != "$ref"}
            schema, within = self._definitions[name] | beside, (*within, name)
        return schema, within

    def _object(self, schema: _Schema, where: str, within: tuple[str, ...]) -> _Schema:
        """Close an object: these keys, all of them, and no others."""
        if "properties" not in schema:
            raise _unsayable(where, "a mapping of any keys")
        fields = cast("Mapping[str, _Schema]", schema["properties"])
        return {
            "properties": {name: self.plain(inner, f"{where}.{name}", within) for name, inner in fields.items()},
            "required": list(fields),
            "additionalProperties": False,
        }


def _items(schema: _Schema, where: str) -> _Schema:
    """Return the schema of a list's items; those of a tuple must all be the same."""
    places = cast("Sequence[_Schema]", schema.get("prefixItems", ()))
    if places and all(place == places[0] for place in places):
        return places[0]
    if places:
        raise _unsayable(where, "a tuple of different types")
    return cast("_Schema", schema.get("items", {}))


def _unsayable(where: str, what: str) -> MessageError:
    """Say what a schema cannot say, and where."""
    return MessageError(
        f"{where} cannot be part of an output: {what}", hint="use a model with named fields, or a list of such models"
    )


def _is_model(model: object) -> bool:
    """Tell whether something is a class of pydantic's; callers do not all check their types."""
    return isinstance(model, type) and issubclass(model, BaseModel)


def _refuse_constant(name: str) -> float:
    """Refuse NaN and the infinities, which are no JSON."""
    raise ValueError(f"{name} is no JSON number")


def _finite(text: str) -> float:
    """Read a number; one beyond all bounds would come out infinite."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text} is beyond all bounds")
    return value


def _path(loc: Sequence[int | str]) -> str:
    """Say where in the object something stands."""
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in loc)
    return path.removeprefix(".") or "the object"


def _given(detail: ErrorDetails) -> str:
    """Quote a wrong value, shortened; what is absent has none."""
    if detail["type"] in {"missing", "json_invalid"} or isinstance(detail["input"], dict | list):
        return ""
    quoted = json.dumps(detail["input"], ensure_ascii=False).encode(errors="replace").decode()
    shown = quoted if len(quoted) <= _SHOWN else f"{quoted[:_SHOWN]}\u2026"
    return f" (given: {shown})"


def in_sentences(text: str) -> str:
    """Say what an object states in plain lines ("seats: 120."), so that it can be read as a reply is; else the text."""
    found = object_in(text)
    return text if isinstance(found, str) else "\n".join(_said("", found))


def _said(name: str, value: object) -> list[str]:
    """Say a value under its name; what holds others is said part by part."""
    if isinstance(value, dict):
        parts = cast("dict[str, object]", value)
        return [line for key, part in parts.items() for line in _said(key.replace("_", " "), part)]
    if isinstance(value, list):
        return [line for part in cast("list[object]", value) for line in _said(name, part)]
    if value is None or isinstance(value, bool):
        return []
    return [f"{name}: {value}."]
