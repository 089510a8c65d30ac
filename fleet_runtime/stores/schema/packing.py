"""Replies as short JSON, and back exactly. What a reply says twice is stored once; reads what earlier versions wrote.

Left out: fields that have their default, the turn's id (the row has it), a text that is its parts' texts together, a
role that is the last part's. A sentence that a model wrote is stored as its place in the part's text. No database here.
"""

from __future__ import annotations

import json
from typing import Any

from fleet_runtime.records import Part, Reply

_BETWEEN = "\n\n"


def packed(reply: Reply) -> str:
    """Write a reply without its turn's id.

    Raises: UnicodeError, PydanticSerializationError where a text is no Unicode.
    """
    short = reply.model_dump(mode="json", exclude_defaults=True, exclude={"turn_id", "parts"})
    if reply.parts:
        short["parts"] = [_packed_part(part) for part in reply.parts]
        if reply.text == _text(reply.parts):
            del short["text"]
        if reply.role == reply.parts[-1].role:
            del short["role"]
    return json.dumps(short, ensure_ascii=False, separators=(",", ":"))


def unpacked(text: str, turn_id: str) -> Reply:
    """Read a reply that `packed` wrote, or an earlier version.

    Raises: ValidationError where it is none.
    """
    given: dict[str, Any] = {"turn_id": turn_id} | json.loads(text)
    parts = tuple(Part.model_validate(_unpacked_part(part)) for part in given.get("parts", ()))
    given["parts"] = parts
    if parts:
        given.setdefault("text", _text(parts))
        given.setdefault("role", parts[-1].role)
    return Reply.model_validate(given)


def _text(parts: tuple[Part, ...]) -> str:
    """Return what the parts say together."""
    return _BETWEEN.join(part.text for part in parts)


def _packed_part(part: Part) -> dict[str, Any]:
    """Write a part, its model's sentences as ``[beginning, length]`` in the text where they stand there."""
    short: dict[str, Any] = {"role": part.role, "text": part.text, "kind": part.kind}
    if part.model_written:
        places = ((part.text.find(sentence), sentence) for sentence in part.model_written)
        short["model_written"] = [[at, len(sentence)] if at >= 0 else sentence for at, sentence in places]
    return short


def _unpacked_part(part: dict[str, Any]) -> dict[str, Any]:
    """Read a part's sentences back."""
    written: list[Any] | None = part.get("model_written")
    if not written:
        return part
    text: str = part["text"]
    sentences = [said if isinstance(said, str) else text[said[0] : said[0] + said[1]] for said in written]
    return part | {"model_written": sentences}
