"""Adjudication: where no boundary decided and the local belief is low, a model chooses among the likeliest roles.

Pure: it writes the question, reads the answer, and joins it with what the boundaries say of it. It sends
nothing, and no answer lifts a rule: a choice that its own boundaries refuse is no choice.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from fleet_runtime.contracts import Value
from fleet_runtime.decisions import Candidate, Decision, Verdict
from fleet_runtime.lexical import Bm25, stems
from fleet_runtime.messages import ChatMessage, ModelRequest, Usage
from fleet_runtime.prompting import PromptBook
from fleet_runtime.routing.index import NOBODY, RoutingIndex
from fleet_runtime.routing.query import RouteQuery

TASK = "adjudicate"

BUDGET = 4_800
"""Characters of a whole question, some 1,200 tokens, with the shipped templates."""

_TASK_TEMPLATE = "adjudicate.md.j2"
_CASE_TEMPLATE = "adjudicate_case.md.j2"
_OPTIONS = 8
_MESSAGE = 1_000  # characters of the message that are shown
_BEFORE = 250  # characters of what the sender said last before
_ANSWER_TOKENS = 40
_BETWEEN = "; "


class Opinion(Value):
    """What asking a model brought, and the cost.

    ``choice`` is a class, `NOBODY`, or None where it named no candidate; ``failure`` is the code of the error where
    no answer came.
    """

    model: str
    choice: str | None = None
    failure: str = ""
    usage: Usage = Usage()


class Card(Value):
    """One candidate as it is shown: what it does, what it refuses and to whom that goes, and what sounds most alike."""

    role: str
    does: str = ""
    refuses: str = ""
    like: str = ""


def unsure(decision: Decision, cut: float) -> bool:
    """Say whether a model may be asked: no boundary decided, nobody was addressed, and the belief is below ``cut``."""
    settled = decision.rule is not None or decision.stage == "address"
    return not settled and decision.confidence < cut and bool(options(decision))


def options(decision: Decision) -> tuple[str, ...]:
    """Return the classes to choose among, likeliest first: at most eight, and the conversation's holder always."""
    roles = [candidate.role for candidate in decision.candidates if candidate.role != NOBODY]
    holder = decision.active_role
    if holder is not None and holder not in roles[:_OPTIONS]:
        roles = [*roles[: _OPTIONS - 1], holder]
    return tuple(roles[:_OPTIONS])


def question(decision: Decision, query: RouteQuery, index: RoutingIndex, book: PromptBook) -> ModelRequest:
    """Write the question that ``decision`` leaves open; the same arguments give the same bytes.

    What the sender wrote is shortened and quoted as data. The candidates share the room that is left, each with
    those of its lines first that share most words with the message.

    Raises: PromptError.
    """
    text = _cut(query.wish(), _MESSAGE)
    before = _cut(query.history[-1], _BEFORE) if query.history else ""
    given = {"text": text, "before": before, "holder": decision.active_role or ""}
    roles = options(decision)
    system = book.render(_TASK_TEMPLATE)
    bare = book.render(_CASE_TEMPLATE, cards=tuple(Card(role=role) for role in roles), **given)
    room = max(0, BUDGET - len(system) - len(bare)) // max(1, len(roles))
    said = {candidate.role: candidate for candidate in decision.candidates}
    cards = tuple(_card(role, said.get(role), text, index, room) for role in roles)
    user = book.render(_CASE_TEMPLATE, cards=cards, **given)
    return ModelRequest(
        task=TASK,
        messages=(ChatMessage(role="system", content=system), ChatMessage(role="user", content=user)),
        max_tokens=_ANSWER_TOKENS,
        json_schema=_schema(roles),
    )


def chosen(reply_text: str, roles: Sequence[str]) -> str | None:
    """Read the model's answer: one of ``roles``, or `NOBODY`; None for anything but exactly the JSON asked for."""
    try:
        read: object = json.loads(reply_text, object_pairs_hook=tuple)
    except (ValueError, RecursionError):
        return None
    return next((role for role in (*roles, NOBODY) if read == (("role", role),)), None)


def adjudicated(local: Decision, opinion: Opinion, check: Decision | None = None) -> Decision:
    """Join what was decided without a model with what the model chose.

    Args:
        local: the decision that was unsure.
        opinion: what the model said.
        check: what the dispatcher decides with the choice addressed; needed where the choice is a role.

    Returns:
        The model's choice with stage ``adjudication``, where ``check`` ends with it and by no boundary. Else the
        local decision, with a reason that says why. The confidence stays the local belief in what was chosen: a
        model's own is worth nothing.
    """
    spent = local.usage + opinion.usage
    if opinion.choice is None:
        failed = f"gave no answer ({opinion.failure})" if opinion.failure else "named none of the candidates"
        return _standing(local, f"{opinion.model} was asked and {failed}", spent)
    choice = None if opinion.choice == NOBODY else opinion.choice
    if choice is not None and (check is None or check.choice != choice or check.rule is not None):
        why = check.reason if check is not None else "its boundaries were not looked at"
        return _standing(local, f"{opinion.model} chose {choice} and is overruled: {why}", spent)
    return local.model_copy(
        update={
            "choice": choice,
            "verdict": _verdict(choice, local.active_role),
            "stage": "adjudication",
            "confidence": _belief(local, choice),
            "reason": _reason(local, opinion.model, choice),
            "usage": spent,
        }
    )


def _standing(local: Decision, told: str, spent: Usage) -> Decision:
    """Return the local decision, with what came of asking."""
    return local.model_copy(update={"reason": f"{local.reason}; {told}", "usage": spent})


def _verdict(choice: str | None, active: str | None) -> Verdict:
    """Name what happens to the message, seen from the role that held the conversation."""
    if choice is None:
        return "nobody"
    if active is None:
        return "route"
    return "keep" if choice == active else "hand_off"


def _belief(local: Decision, choice: str | None) -> float:
    """Return how likely the choice is without the model."""
    if choice is None:
        return local.none_score
    return next((candidate.score for candidate in local.candidates if candidate.role == choice), 0.0)


def _reason(local: Decision, model: str, choice: str | None) -> str:
    """Say who chose, among how many, and what stood instead."""
    among = f"{len(options(local))} candidates"
    instead = f"{local.choice or 'nobody'} was likeliest before, at {local.confidence:.2f}"
    if choice is None:
        return f"{model} found none of {among} to own it ({instead})"
    return f"{model} chose {choice} among {among} ({instead}); none of its boundaries refuses the message"


def _schema(roles: Sequence[str]) -> dict[str, Any]:
    """Return the JSON schema of the answer: one of the classes, or `NOBODY`."""
    return {
        "type": "object",
        "properties": {"role": {"type": "string", "enum": [*roles, NOBODY]}},
        "required": ["role"],
        "additionalProperties": False,
    }


def _card(role: str, candidate: Candidate | None, text: str, index: RoutingIndex, room: int) -> Card:
    """Describe a candidate in at most ``room`` characters: a third for what is alike, the rest for does and refuses."""
    nearest = [reason.partition("): ")[2] for reason in candidate.reasons] if candidate is not None else []
    examples = _near(text, _lines(role, "example", index))
    like = _joined((f'"{line}"' for line in dict.fromkeys((*nearest, *examples)) if line), room // 3)
    does = _joined(_near(text, _lines(role, "line", index)), (room - len(like)) // 2)
    refusals = {rule.refuses or rule.text: rule.owners for rule in index.rules if rule.role == role}
    refuses = _joined((_refusal(line, refusals) for line in _near(text, tuple(refusals))), room - len(like) - len(does))
    return Card(role=role, does=does, refuses=refuses, like=like)


def _refusal(line: str, owners: Mapping[str, Sequence[str]]) -> str:
    """Write a refusal with those who own the work instead."""
    return f"{line} (-> {' or '.join(owners[line])})" if owners[line] else line


def _lines(role: str, kind: Literal["line", "example"], index: RoutingIndex) -> tuple[str, ...]:
    """Return a role's own passages of one kind, in the contract's order."""
    return tuple(passage.text for passage in index.passages if (role, kind) in passage.speaks_for)


def _near(text: str, lines: Sequence[str]) -> list[str]:
    """Return the lines, those first that share most words with the text, else in their order."""
    scores = Bm25(stems(line) for line in lines).scores(stems(text))
    return [line for _, line in sorted(zip(scores, lines, strict=True), key=lambda scored: -scored[0])]


def _joined(lines: Iterable[str], room: int) -> str:
    """Join those lines that fit, in their order; where none does, the first is cut."""
    kept: list[str] = []
    first = ""
    for line in lines:
        plain = " ".join(line.split())
        first = first or plain
        if len(_BETWEEN.join((*kept, plain))) <= room:
            kept.append(plain)
    return _BETWEEN.join(kept) or _cut(first, room)


def _cut(text: str, room: int) -> str:
    """Return a text on one line of at most ``room`` characters, cut between words."""
    plain = " ".join(text.split())
    if len(plain) <= room:
        return plain
    end = " ..."
    return f"{plain[: max(0, room - len(end))].rsplit(' ', 1)[0]}{end}" if room > len(end) else ""
