"""A light check that an answer has the shape that was asked for. No full JSON Schema validator.

It knows what our schemas use: ``type``, ``enum``, ``const``, ``anyOf``, ``required``, ``properties``, ``items``.
Whoever asked still reads the answer into its own type; this tells a garbled answer apart early.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

TYPES: Mapping[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}


def complaint(value: object, schema: Mapping[str, object], path: str = "answer") -> str | None:
    """Return the first way in which ``value`` differs from ``schema``, or None."""
    if not _is_allowed(value, schema):
        return f"{path} is none of the allowed values"
    if not _of_type(value, schema.get("type")):
        return f"{path} is not of type {schema.get('type')}"
    if isinstance(value, dict):
        return _object_complaint(cast("dict[str, object]", value), schema, path)
    items = schema.get("items")
    if isinstance(value, list) and isinstance(items, dict):
        found = (
            complaint(item, cast("dict[str, object]", items), f"{path}[{place}]")
            for place, item in enumerate(cast("list[object]", value))
        )
        return next((one for one in found if one), None)
    return None


def _object_complaint(value: Mapping[str, object], schema: Mapping[str, object], path: str) -> str | None:
    """Check the required keys, then each known key."""
    required = cast("list[str]", schema.get("required", []))
    absent = next((key for key in required if key not in value), None)
    if absent is not None:
        return f"{path} lacks {absent!r}"
    properties = cast("Mapping[str, Mapping[str, object]]", schema.get("properties", {}))
    found = (complaint(value[key], inner, f"{path}.{key}") for key, inner in properties.items() if key in value)
    return next((one for one in found if one), None)


def _is_allowed(value: object, schema: Mapping[str, object]) -> bool:
    """Compare with the values (``enum``, ``const``) and the forms (``anyOf``) that are named, if any are."""
    if value not in cast("list[object]", schema.get("enum", [value])) or value != schema.get("const", value):
        return False
    forms = cast("list[Mapping[str, object]]", schema.get("anyOf", []))
    return not forms or any(complaint(value, form) is None for form in forms)


def _of_type(value: object, named: object) -> bool:
    """Compare with JSON's type names; to JSON a boolean is no number, though to Python it is."""
    names = cast("list[object]", named) if isinstance(named, list) else [named]
    known = [name for name in names if isinstance(name, str) and name in TYPES]
    if not known:
        return True
    if isinstance(value, bool):
        return "boolean" in known
    return any(isinstance(value, TYPES[name]) for name in known)
