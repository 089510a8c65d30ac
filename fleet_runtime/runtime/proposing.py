"""What a motion wrote and a person must see first, as a question: a turn of its own that asks, and says nothing else.

The turn's text is the draft, so that a turn which a dead process left behind asks the same when it is taken up. No
model is asked, nothing is remembered, and no customer sees the turn: what is approved is the reply of the turn after.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from fleet_runtime.decisions import Decision
from fleet_runtime.records import AccountKey, Approval, Part, Reply, Turn

MOTIONS: Final = "motions"
"""The conversation in which motions ask."""

_SIGN: Final = "motion:"
_MARK: Final = "\n\n"


def proposal(  # noqa: PLR0913 - who asks what of whom, when
    key: AccountKey, name: str, *, role: str, question: str, draft: str, to: str, at: datetime
) -> Turn:
    """Make the turn that asks; its id, and so the question's, is fixed by ``name``.

    Args:
        key: whose account.
        name: what is asked about: a work product's id, or a run's; it begins with the account and the motion.
        role: who asks.
        question: one line for whoever decides.
        draft: what is sent if it is approved.
        to: whom that goes to.
        at: when it is asked.
    """
    line = " ".join(question.split())
    return Turn(
        id=turn_of(name), key=key, conversation=MOTIONS, role=role, speaker=to, at=at, text=f"{line}{_MARK}{draft}"
    )


def turn_of(name: str) -> str:
    """Return the id of the turn that asks about something."""
    return f"{_SIGN}{name}"


def question_of(name: str) -> str:
    """Return the id of the question about something."""
    return f"{turn_of(name)}:question"


def asked_by_motion(question_id: str) -> bool:
    """Tell the question of a motion from others by its id."""
    return question_id.startswith(_SIGN)


def motion_of(question: Approval) -> str:
    """Return the name of the motion that put a question, or nothing where none did."""
    sign = f"{_SIGN}{question.key.account}:"
    mine = question.conversation == MOTIONS and question.turn_id.startswith(sign)
    return question.turn_id.removeprefix(sign).partition(":")[0] if mine else ""


def proposes(turn: Turn) -> bool:
    """Tell a turn that asks for a motion from what customers say."""
    return turn.conversation == MOTIONS and turn.id.startswith(_SIGN) and not turn.approval and _MARK in turn.text


def asked(turn: Turn, now: datetime) -> Reply:
    """Return the reply of a turn that asks: its question, and that it waits."""
    question, _, draft = turn.text.partition(_MARK)
    approval = Approval(
        id=f"{turn.id}:question", key=turn.key, turn_id=turn.id, conversation=turn.conversation, role=turn.role,
        speaker=turn.speaker, kind="reply", question=question, draft=draft, asked_at=now,
    )  # fmt: skip
    decision = Decision(
        id=f"{turn.id}:decision", verdict="keep", choice=turn.role, active_role=turn.role, stage="motion",
        confidence=1.0, reason=f"a motion of {turn.role} asks", at=now,
    )  # fmt: skip
    return Reply(
        turn_id=turn.id, conversation=turn.conversation, text=question, role=turn.role,
        parts=(Part(role=turn.role, text=question, kind="awaits_approval"),),
        decision=decision, approvals=(approval,), owner=turn.role,
    )  # fmt: skip
