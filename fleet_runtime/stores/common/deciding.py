"""What decisions come to, whichever store keeps them: a person's on a question, the dispatcher's on a message."""

from __future__ import annotations

from datetime import datetime

from fleet_runtime.decisions import Decision
from fleet_runtime.errors import ApprovalError
from fleet_runtime.records import Approval


def decided(asked: Approval, *, approve: bool, by: str, note: str, now: datetime) -> Approval:
    """Return a waiting question as it is decided now; one that was decided the same way before as it is.

    Raises: ApprovalError if it was decided the other way.
    """
    state = "approved" if approve else "rejected"
    if asked.state == "waiting":
        return asked.model_copy(update={"state": state, "decided_at": now, "decided_by": by, "note": note})
    if asked.state != state:
        who = f" by {asked.decided_by}" if asked.decided_by else ""
        raise ApprovalError(
            f"question {asked.id} was {asked.state}{who} already", hint="a decision is final; ask the agent anew"
        )
    return asked


def not_asked(approval_id: str) -> ApprovalError:
    """Return the error for a question that nobody asked."""
    return ApprovalError(f"there is no question {approval_id}", hint="see `fleet approvals list` for those that wait")


def was_weighed(decision: Decision) -> bool:
    """Tell whether a decision says more than that whoever was spoken to answered."""
    return bool(decision.role_hashes) or (decision.verdict, decision.stage) != ("keep", "address")
