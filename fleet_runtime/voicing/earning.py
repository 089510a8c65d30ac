"""Whether a model has earned the free voice: how its first drafts count, and what follows from them.

Pure: it takes situations, replies and what the guard found as values, and asks nobody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from math import sqrt
from typing import Final, Literal

from pydantic import Field, ValidationError, model_validator

from fleet_runtime.contracts import Value
from fleet_runtime.endpoints import endpoint_of
from fleet_runtime.errors import ContractError
from fleet_runtime.lexical import words
from fleet_runtime.messages import ModelInfo, ModelReply
from fleet_runtime.records import Finding, Moment
from fleet_runtime.settings import Voice

EARNING_SHARE: Final = 0.85
"""The share of good first drafts from which a model speaks freely.

A draft that fails is written once more. At this share one reply in seven waits for a second call, and about one in
forty is composed after all; below it, customers wait twice and are then told what the assisted voice says at once.
"""

MOST_REJECTED: Final = 2
"""How many of the shipped situations' drafts the guard may reject, whatever the share: it is a net, not the author."""

LONGEST: Final = 1200
"""Characters of a reply; whoever is asked one plain question and writes more does not keep to the contract."""

_RUN: Final = 12  # words in a row that a reply has from its prompt, by no chance
_CONFIDENCE: Final = 1.96  # standard deviations of a 95 % interval
_SAMPLES: Final = 5

Fault = Literal["silent", "long", "rejected", "unanswered", "forbidden", "repeats"]
"""What makes a draft bad: it is empty; is too long or cut off; the guard objects; it does not give what the record
holds; it says what the situation forbids; or it gives its own prompt back."""


class RecordLine(Value):
    """One line of the record that the situations share: who said it, and when."""

    key: str
    text: str
    author: str
    at: Moment


class Situation(Value):
    """A message with what of the record is recalled for it, and what a good reply says and does not say.

    ``says`` are groups of wordings: one of each group must stand in the reply. None of ``avoids`` may. Letters' case
    does not count. ``talk`` is what was said before, as (customer, reply) pairs.
    """

    id: str
    kind: Literal["answer", "absent", "bait", "talk"]
    text: str = Field(min_length=1)
    recalled: tuple[str, ...] = ()
    talk: tuple[tuple[str, str], ...] = ()
    says: tuple[tuple[str, ...], ...] = ()
    avoids: tuple[str, ...] = ()


class Situations(Value):
    """One account's record, and what is asked about it."""

    account: str
    speaker: str
    at: Moment
    record: tuple[RecordLine, ...]
    situations: tuple[Situation, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _recalls_what_is_there(self) -> Situations:
        """Refuse a situation that recalls what the record does not hold."""
        known = {line.key for line in self.record}
        for situation in self.situations:
            unknown = sorted(set(situation.recalled) - known)
            if unknown:
                raise ValueError(f"{situation.id} recalls {unknown[0]!r}, which is not in the record")
        return self

    def lines(self, situation: Situation) -> tuple[RecordLine, ...]:
        """Return the lines that are recalled for a situation, best first."""
        return tuple(line for key in situation.recalled for line in self.record if line.key == key)


class Drafted(Value):
    """The first draft for one situation. ``faults`` are empty where it is good; ``seconds`` is what it took."""

    id: str
    text: str
    faults: tuple[Fault, ...] = ()
    seconds: float = 0.0


class VoiceMeasured(Value):
    """What was measured of a model as author of replies.

    ``good`` of ``situations`` first drafts had no fault: ``share``; with 95 % confidence the true share is
    ``at_least``. ``rejected`` is how many the guard objected to. ``faults`` counts each kind. ``sample`` are some
    drafts, the bad ones first. ``role`` is whose contract the model was given.
    """

    model: str
    endpoint: str
    at: datetime
    role: str
    situations: int
    good: int
    share: float
    at_least: float
    rejected: int
    faults: dict[str, int] = {}
    voice: Voice
    seconds_per_reply: float
    sample: tuple[Drafted, ...] = ()

    def is_of(self, info: ModelInfo) -> bool:
        """Say whether it was measured of this model."""
        return (self.model, self.endpoint) == (info.name, endpoint_of(info))


def read_situations(text: str, source: str) -> Situations:
    """Read situations from JSON.

    Raises: ContractError naming ``source`` for bad JSON, an unknown key or a bad value.
    """
    try:
        return Situations.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(step) for step in first["loc"])
        raise ContractError(
            f"{key}: {first['msg']}" if key else first["msg"],
            hint="see the shipped voice_situations.json",
            where=source,
        ) from error


def faults_of(situation: Situation, reply: ModelReply, findings: Sequence[Finding], prompt: str) -> tuple[Fault, ...]:
    """Return what is wrong with a first draft, each fault once.

    Args:
        situation: What was asked, and what a good reply says.
        reply: The model's answer.
        findings: What the guard objects to in it.
        prompt: The role's stable prompt, which no reply gives back.
    """
    text = reply.text.strip()
    if not text:
        return ("silent",)
    lowered = text.casefold()
    checks: tuple[tuple[Fault, bool], ...] = (
        ("long", len(text) > LONGEST or reply.finish_reason == "length"),
        ("rejected", bool(findings)),
        ("unanswered", not all(any(way.casefold() in lowered for way in ways) for ways in situation.says)),
        ("forbidden", any(said.casefold() in lowered for said in situation.avoids)),
        ("repeats", _repeats(text, prompt)),
    )
    return tuple(fault for fault, found in checks if found)


def concluded_voice(drafts: Sequence[Drafted], *, info: ModelInfo, at: datetime, role: str) -> VoiceMeasured:
    """Conclude from the first drafts: enough of them must be good, and few rejected by the guard.

    Args:
        drafts: One a situation, at least one.
        info: The model that wrote them.
        at: When they were written.
        role: The class whose contract it was given.
    """
    good = sum(not draft.faults for draft in drafts)
    rejected = sum("rejected" in draft.faults for draft in drafts)
    share = good / len(drafts)
    bad_first = sorted(drafts, key=lambda draft: not draft.faults)
    return VoiceMeasured(
        model=info.name,
        endpoint=endpoint_of(info),
        at=at,
        role=role,
        situations=len(drafts),
        good=good,
        share=round(share, 4),
        at_least=round(wilson_lower(good, len(drafts)), 4),
        rejected=rejected,
        faults=dict(Counter(fault for draft in drafts for fault in draft.faults)),
        voice="free" if share >= EARNING_SHARE and rejected <= MOST_REJECTED else "assisted",
        seconds_per_reply=round(sum(draft.seconds for draft in drafts) / len(drafts), 3),
        sample=tuple(bad_first[:_SAMPLES]),
    )


def wilson_lower(good: int, of: int) -> float:
    """Return the lower end of the 95 % Wilson interval of a share: what it is at least, beyond chance."""
    square = _CONFIDENCE**2
    share = good / of
    middle = share + square / (2 * of)
    spread = _CONFIDENCE * sqrt(share * (1 - share) / of + square / (4 * of * of))
    return max(0.0, (middle - spread) / (1 + square / of))


def _repeats(text: str, prompt: str) -> bool:
    """Tell whether a reply gives a piece of its prompt back, or shows its marks."""
    if any(line.lstrip().startswith(("#", ">")) for line in text.splitlines()):
        return True
    said, given = words(text), f" {' '.join(words(prompt))} "
    return any(f" {' '.join(said[place : place + _RUN])} " in given for place in range(len(said) - _RUN + 1))
