"""Scenes for voices, driven by hand: the shipped staff and words, one message, scripted answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from open_fleets import CSM, MARCH, shipped

from fleet_runtime.contracts import Role
from fleet_runtime.decisions import Decision, RuleHit
from fleet_runtime.messages import ModelReply, ModelRequest
from fleet_runtime.records import HandOff, Recalled
from fleet_runtime.runtime.desk import spoken_title
from fleet_runtime.runtime.stages import Reader
from fleet_runtime.settings import GuardPolicy
from fleet_runtime.voicing import AssistedVoice, Voice
from fleet_runtime.voicing.free import Terms, speak_freely
from fleet_runtime.voicing.scene import Draft, Scene, Speaking, Voiced

SYSTEM = "THE CONTRACT"


def staffed(role_class: str = CSM) -> Role:
    """Return a shipped role."""
    found = shipped()[0].get(role_class)
    assert found is not None
    return found


def decided(verdict: str = "keep", choice: str | None = CSM) -> Decision:
    """Make a decision."""
    rule = RuleHit(role=CSM, text="Does NOT", where="roles/x.md:7") if verdict in {"hand_off", "decline"} else None
    return Decision.model_validate(
        {"id": "d", "verdict": verdict, "choice": choice, "stage": "boundary" if rule else "owner", "confidence": 0.9,
         "reason": "because", "rule": rule}
    )  # fmt: skip


def scene(text: str, **changed: Any) -> Scene:
    """Set a scene for a message to the Customer Success Manager."""
    values: dict[str, Any] = {
        "role": staffed(), "system": SYSTEM, "decision": decided(), "text": text, "speaker": "Dana Whitfield",
        "at": MARCH, "titles": {role.role_class: spoken_title(role) for role in shipped()[0].roles},
    }  # fmt: skip
    return Scene(**(values | changed))


def handed_to(role_class: str, said: str) -> HandOff:
    """Make the packet of a hand-off."""
    return HandOff(id="h", from_role=CSM, to_role=role_class, why="because", said=said, asked="Please take this up.")


def fact(text: str, *, key: str = "renewal_date", score: float = 0.9, author: str = "Order form") -> Recalled:
    """Make a recalled fact."""
    return Recalled(
        text=text, event_id="e", author=author, at=MARCH, valid_from=MARCH, score=score, key=key, fact_id=f"f-{key}"
    )


def assisted(given: Scene) -> Voice:
    """Make the assisted voice of a scene, with the shipped words."""
    words = shipped()[1]
    return AssistedVoice(given, words.bank(given.role.role_class), words.tasks, words.book).speak()


def heard(voice: Voice, answers: Iterable[str | None] = ()) -> tuple[Voiced, list[ModelRequest]]:
    """Drive a voice with answers in order, then with none; return what it said, and what it asked for."""
    waiting = iter(answers)
    asked: list[ModelRequest] = []
    speaking = Speaking(voice)
    while (request := speaking.request) is not None:
        asked.append(request)
        text = next(waiting, None)
        speaking.answer(ModelReply(text=text) if text is not None else None)
    left = list(waiting)
    assert not left, f"never asked for: {left}"
    return speaking.result, asked


async def spoken_freely(
    given: Scene, answers: Iterable[str | None], reader: Reader, policy: GuardPolicy, composed: str
) -> tuple[Voiced, list[ModelRequest]]:
    """Drive the free voice over its drafts, each read by ``reader`` unless the policy is ``off``."""
    terms = Terms(policy=policy, composed=lambda: composed)
    speaking = Speaking(speak_freely(given, shipped()[1].book, terms))
    waiting = iter(answers)
    asked: list[ModelRequest] = []
    while (request := speaking.request) is not None:
        assert isinstance(request, ModelRequest), "no tool is offered"
        asked.append(request)
        text = next(waiting, None)
        if text is None:
            speaking.answer(None)
            continue
        read = policy != "off" and bool(text.strip())
        findings = await reader.objections(text, deeds=("reset",), shown=()) if read else ()
        speaking.answer(Draft(reply=ModelReply(text=text), findings=findings))
    left = list(waiting)
    assert not left, f"never asked for: {left}"
    return speaking.result, asked


def kind(name: str) -> str:
    """Answer the classification."""
    return name
