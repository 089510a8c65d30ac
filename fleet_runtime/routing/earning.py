"""Whether a model has earned to adjudicate: measured against the local decisions, beyond chance or not at all.

Pure: it takes labelled messages as texts and what was decided about them as values, and asks nobody.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime
from math import comb
from typing import Final

from pydantic import ConfigDict, Field, ValidationError

from fleet_runtime.contracts import Staff, Value
from fleet_runtime.endpoints import endpoint_of
from fleet_runtime.errors import ContractError
from fleet_runtime.messages import ModelInfo
from fleet_runtime.routing.index import NOBODY

CUTS: Final = (0.35, 0.5, 0.65, 0.8)
"""The confidence cuts that are tried, from asking seldom to asking often."""

LEVEL: Final = 0.05
"""The chance at which luck alone would do as well; adjudication is earned below it."""


class LabelledMessage(Value):
    """A message with the roles that may take it, any of them (or ``none``); other keys of its line are not read."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    text: str = Field(min_length=1)
    active_role: str | None = None
    expected: tuple[str, ...] = Field(min_length=1)
    history: tuple[str, ...] = ()


class Trial(Value):
    """One labelled message decided twice: ``local`` without the model, ``judged`` with it if it was ``asked``.

    Choices are classes or ``none``. ``confidence`` is the local one; ``seconds`` is what asking took.
    """

    expected: tuple[str, ...]
    confidence: float
    local: str
    judged: str
    asked: bool = False
    seconds: float = 0.0

    def choice(self, cut: float) -> str:
        """Return what is decided where the model is asked below ``cut``."""
        return self.judged if self.asked and self.confidence < cut else self.local

    def gain(self, cut: float) -> int:
        """Return 1 where asking below ``cut`` mends the decision, -1 where it spoils it, else 0."""
        return int(self.choice(cut) in self.expected) - int(self.local in self.expected)


class Calibration(Value):
    """What was measured of a model as adjudicator of one roster.

    ``messages`` were decided in all. The ``cut`` was chosen on one half; everything else is counted on the other
    half, ``tested``: accuracies (0..1) without and with the model, how many decisions it made ``better`` and
    ``worse``, and ``p_value``, how likely luck alone would do as well. ``seconds_per_call`` is over all calls.
    """

    model: str
    endpoint: str
    at: datetime
    messages: int
    tested: int
    local_accuracy: float
    adjudicated_accuracy: float
    better: int
    worse: int
    p_value: float
    earned: bool
    cut: float
    calls: int
    seconds_per_call: float
    roster_hash: str

    def is_of(self, info: ModelInfo, roster: str) -> bool:
        """Say whether it was measured of this model and this roster."""
        return (self.model, self.endpoint, self.roster_hash) == (info.name, endpoint_of(info), roster)


def roster_hash(staff: Staff) -> str:
    """Return a short hash of which classes are staffed: among other roles, another result may come out."""
    classes = "\n".join(sorted(role.role_class for role in staff.roles))
    return hashlib.sha256(classes.encode()).hexdigest()[:16]


def read_labelled(text: str, source: str) -> tuple[LabelledMessage, ...]:
    """Read labelled messages, one JSON object a line: ``id``, ``text``, ``active_role``, ``expected``, ``history``.

    Raises: ContractError with ``source`` and line for a line that is none, or if there are no lines.
    """
    found: list[LabelledMessage] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            found.append(LabelledMessage.model_validate_json(line))
        except ValidationError as error:
            first = error.errors()[0]
            key = ".".join(str(step) for step in first["loc"])
            raise ContractError(
                f"{key}: {first['msg']}" if key else first["msg"],
                hint='write {"id": "1", "text": "...", "active_role": null, "expected": ["support-agent"]} on one line',
                where=f"{source}:{number}",
            ) from error
    if not found:
        raise ContractError("no labelled messages", hint="give one JSON object a line", where=source)
    return tuple(found)


def answerable(messages: Sequence[LabelledMessage], classes: Collection[str]) -> tuple[LabelledMessage, ...]:
    """Return the messages that a roster can get right: holder and an expected role staffed, or ``none`` expected."""
    known = {*classes, NOBODY}
    return tuple(
        message
        for message in messages
        if known.intersection(message.expected) and message.active_role in {None, *classes}
    )


def chance(better: int, worse: int) -> float:
    """Return how likely luck makes at least ``better`` of all changed decisions better (exact one-sided sign test)."""
    changed = better + worse
    return sum(comb(changed, count) for count in range(better, changed + 1)) / float(2**changed)


def best_cut(trials: Sequence[Trial]) -> float:
    """Return the cut below which asking gains most; of several, the one that asks least."""
    return max(CUTS, key=lambda cut: (sum(trial.gain(cut) for trial in trials), -cut))


def concluded(trials: Sequence[Trial], *, info: ModelInfo, at: datetime, roster: str) -> Calibration:
    """Conclude from the trials: every other one chooses the cut, the rest test it, so that neither knows the other."""
    cut = best_cut(trials[::2])
    tested = trials[1::2]
    gains = [trial.gain(cut) for trial in tested]
    better, worse = gains.count(1), gains.count(-1)
    asked = [trial.seconds for trial in trials if trial.asked]
    p_value = chance(better, worse)
    return Calibration(
        model=info.name,
        endpoint=endpoint_of(info),
        at=at,
        messages=len(trials),
        tested=len(tested),
        local_accuracy=_share([trial.local in trial.expected for trial in tested]),
        adjudicated_accuracy=_share([trial.choice(cut) in trial.expected for trial in tested]),
        better=better,
        worse=worse,
        p_value=round(p_value, 4),
        earned=p_value < LEVEL,
        cut=cut,
        calls=len(asked),
        seconds_per_call=round(sum(asked) / len(asked), 3) if asked else 0.0,
        roster_hash=roster,
    )


def _share(hits: Sequence[bool]) -> float:
    """Return the share of hits, 0 of none."""
    return round(sum(hits) / len(hits), 4) if hits else 0.0
