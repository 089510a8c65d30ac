"""Calibration: labelled messages are decided with and without the model, and the figures say if it may adjudicate.

Changes nothing by itself: whoever calls it stores the result and goes by it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.resources import files

from fleet_runtime.contracts import Staff
from fleet_runtime.errors import SettingError
from fleet_runtime.ports import Clock, ModelClient
from fleet_runtime.prompting import PromptBook
from fleet_runtime.routing import RouteQuery
from fleet_runtime.routing.earning import (
    CUTS,
    Calibration,
    LabelledMessage,
    Trial,
    answerable,
    concluded,
    read_labelled,
    roster_hash,
)
from fleet_runtime.routing.index import NOBODY
from fleet_runtime.runtime.dispatching import Adjudicator, Dispatcher

Told = Callable[[int, int], None]
"""Is told how many messages are done, of how many."""

_SHIPPED = "calibration.jsonl"
_LEAST = 2  # messages: one to choose the cut, one to test it


def shipped_messages() -> tuple[LabelledMessage, ...]:
    """Return the labelled messages that ship with the package; none of them was used to fit the weights."""
    return read_labelled(files("fleet_runtime.runtime").joinpath(_SHIPPED).read_text(encoding="utf-8"), _SHIPPED)


async def calibrate(  # noqa: PLR0913 - what it works with, each thing by its own name
    dispatcher: Dispatcher,
    staff: Staff,
    model: ModelClient,
    book: PromptBook,
    messages: Sequence[LabelledMessage],
    *,
    clock: Clock,
    told: Told,
) -> Calibration:
    """Decide every message that this staff can get right, once without the model and once with it.

    The model is asked wherever the highest cut would have it asked, so that all cuts are compared on the same answers.
    An answer that is late or unreadable counts as in service: the local decision stands.

    Raises: SettingError if the staff can get none of them right; ModelUnreachable, ModelRefused and other
        ModelErrors; PromptError.
    """
    fit = answerable(messages, [role.role_class for role in staff.roles])
    if len(fit) < _LEAST:
        raise SettingError(
            f"of {len(messages)} labelled messages, {len(fit)} are for the {len(staff.roles)} roles staffed here",
            hint="give messages of your own: fleet calibrate --data FILE.jsonl",
        )
    judge = Adjudicator(model, book, max(CUTS))
    trials: list[Trial] = []
    for done, message in enumerate(fit, start=1):
        trials.append(await _trial(dispatcher, judge, message))
        told(done, len(fit))
    return concluded(trials, info=model.info, at=clock(), roster=roster_hash(staff))


async def _trial(dispatcher: Dispatcher, judge: Adjudicator, message: LabelledMessage) -> Trial:
    """Decide one message twice."""
    query = RouteQuery(text=message.text, active_role=message.active_role, history=message.history)
    local, judged = await dispatcher.opinions(query, judge, decision_id=message.id)
    return Trial(
        expected=message.expected,
        confidence=local.confidence,
        local=local.choice or NOBODY,
        judged=judged.choice or NOBODY,
        asked=judged is not local,
        seconds=judged.seconds - local.seconds,
    )
