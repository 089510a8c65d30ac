"""What a turn does besides talking: tool calls and their results, questions for a person, money, the switch.

Values only; every time is an aware UTC ``datetime``.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from fleet_runtime.contracts import Value
from fleet_runtime.messages import ToolCall
from fleet_runtime.records.memory import AccountKey, Moment


class ToolRules(Value, defer_build=True):
    """How a tool is run.

    ``needs_approval``: a person must say yes to each call first. ``timeout_seconds``: None takes the setting.
    ``repeatable``: whether a call whose outcome a crash swallowed may be made again, with the same idempotency key;
    otherwise the model is told that it may have happened.
    """

    needs_approval: bool = False
    timeout_seconds: float | None = None
    repeatable: bool = True


class ToolContext(Value, defer_build=True):
    """Who calls a tool, and for whom. ``idempotency_key`` is the same however often this very call is made."""

    key: AccountKey
    role: str
    conversation: str
    turn_id: str
    speaker: str
    idempotency_key: str


class ToolResult(Value):
    """What came of one call, as the model is told. ``failed``: ``text`` says what went wrong, and what to do."""

    call_id: str
    text: str
    failed: bool = False


class ToolUse(Value):
    """One tool call of a turn, for people. ``id`` is its idempotency key, ``seconds`` the wall time that it took."""

    id: str
    role: str
    name: str
    arguments: str
    result: str
    failed: bool = False
    seconds: float = 0.0


class Step(Value):
    """One round of a turn in which a model called tools, kept as soon as it is known: before the tools run, and after.

    ``number`` counts from 1 within the turn; ``said`` is what the model wrote beside its calls. ``results`` hold one
    result a call once they ran, in the calls' order. A turn that is taken up again goes on after its last step.
    """

    number: int
    role: str
    said: str = ""
    calls: tuple[ToolCall, ...]
    results: tuple[ToolResult, ...] = ()


class Approval(Value):
    """A question that waits for a person, and what was decided.

    ``kind`` ``tool``: may ``call`` be made; its idempotency key is ``use_id``. ``reply``: may ``draft`` be sent.
    ``question`` says it in one line for whoever decides. An approved or rejected question is carried on by one turn,
    whose id is `resuming_turn`. ``speaker`` is whom the answer goes to.
    """

    id: str
    key: AccountKey
    turn_id: str
    conversation: str
    role: str
    speaker: str
    kind: Literal["tool", "reply"]
    question: str
    call: ToolCall | None = None
    use_id: str = ""
    draft: str = ""
    state: Literal["waiting", "approved", "rejected"] = "waiting"
    asked_at: Moment
    decided_at: Moment | None = None
    decided_by: str = ""
    note: str = ""

    @property
    def resuming_turn(self) -> str:
        """Return the id of the turn that carries the decided question on; there is never another one."""
        return f"{self.id}:decided"


class Spent(Value):
    """What was spent. ``cost`` leaves out ``unpriced`` calls."""

    tokens: int = 0
    cost: Decimal = Decimal(0)
    unpriced: int = 0

    def __add__(self, other: Spent) -> Spent:
        """Add field by field."""
        return Spent(
            tokens=self.tokens + other.tokens, cost=self.cost + other.cost, unpriced=self.unpriced + other.unpriced
        )


class Pause(Value, defer_build=True):
    """The switch is off since then: who turned it off, and why."""

    since: Moment
    by: str = ""
    reason: str = ""
