"""The free voice: a capable model writes the reply, and the guard reads it before anyone else does.

A rejected reply is sent back with the findings spelled out; when the chances are used up, the
runtime composes a truthful one instead. A generator of model requests, like the assisted voice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fleet_runtime.guarding import Evidence, check
from fleet_runtime.messages import ChatMessage, ModelRequest
from fleet_runtime.prompting import PromptBook
from fleet_runtime.records import Finding, Part
from fleet_runtime.settings import GuardPolicy
from fleet_runtime.voicing import compose
from fleet_runtime.voicing.scene import Scene, Voice, Voiced

CHANCES = 2
MOST_TOKENS = 700


def speak_freely(
    scene: Scene,
    book: PromptBook,
    evidence: Evidence,
    *,
    policy: GuardPolicy,
    composed: Callable[[], str],
) -> Voice:
    """Ask for a reply, guard it, ask once more with the findings, else use ``composed()``.

    Under ``warn`` the findings are kept with the reply and it passes; under ``off`` nothing is checked.
    """
    messages = list(_opening(scene))
    findings: list[Finding] = []
    for _ in range(CHANCES):
        reply = yield ModelRequest(task="reply", messages=tuple(messages), max_tokens=MOST_TOKENS, temperature=0.3)
        if reply is None:
            break
        text = reply.text.strip()
        if not text:
            continue  # silence has no finding, and answers nobody
        objections = () if policy == "off" else check(text, evidence, said_at=scene.at)
        findings.extend(objections)
        if policy != "enforce" or not objections:
            part = Part(role=scene.role.role_class, text=text, kind="free", model_written=(text,))
            return Voiced(part=part, findings=tuple(findings))
        messages += [
            ChatMessage(role="assistant", content=text),
            ChatMessage(role="user", content=book.render("guard.md.j2", findings=objections)),
        ]
    part = Part(role=scene.role.role_class, text=composed(), kind="composed")
    return Voiced(part=part, findings=tuple(findings))


def evidence_of(scene: Scene, done: Sequence[str]) -> Evidence:
    """Gather what a reply may rest on: contract, record, conversation, and the names of colleagues."""
    said = [piece for pair in scene.conversation_so_far for piece in pair]
    texts = (
        scene.system,
        *scene.evidence,
        *said,
        scene.text,
        *(noted.sentence for noted in scene.noted),
        *(f"{item.text} {item.author} {item.at:%d %B %Y}" for item in scene.recalled),
        f"{scene.at:%d %B %Y}",
    )
    return Evidence(texts=texts, names=(scene.speaker, scene.role.title, *scene.titles.values()), done=tuple(done))


def _opening(scene: Scene) -> Sequence[ChatMessage]:
    """Lay out contract, conversation so far, and the tail with the message."""
    messages = [ChatMessage(role="system", content=scene.system)]
    for said, answered in scene.conversation_so_far:
        messages += [ChatMessage(role="user", content=said), ChatMessage(role="assistant", content=answered)]
    return (*messages, ChatMessage(role="user", content=scene.tail or compose.sentence(scene.text)))
