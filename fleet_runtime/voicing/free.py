"""The free voice: a capable model writes the reply, and the guard reads it before anyone else does.

A rejected reply is sent back with the findings spelled out; when the chances are used up, the
runtime composes a truthful one instead. A generator of model requests, like the assisted voice.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence

from fleet_runtime.guarding import Evidence, check, claimed_work, lane_findings
from fleet_runtime.messages import ChatMessage, ModelReply, ModelRequest
from fleet_runtime.prompting import PromptBook
from fleet_runtime.records import Finding, Part
from fleet_runtime.settings import GuardPolicy
from fleet_runtime.voicing import compose
from fleet_runtime.voicing.scene import FreeVoice, LaneAnswer, LaneQuestion, Scene, Voiced

CHANCES = 2
MOST_TOKENS = 700


def speak_freely(
    scene: Scene,
    book: PromptBook,
    evidence: Evidence,
    *,
    policy: GuardPolicy,
    composed: Callable[[], str],
) -> FreeVoice:
    """Ask for a reply, guard it, ask once more with the findings, else use ``composed()``.

    What the reply claims as the role's own work is asked about apart: only who routes can say whose work it is.
    Under ``warn`` the findings are kept with the reply and it passes; under ``off`` nothing is checked.
    """
    messages = list(_opening(scene))
    findings: list[Finding] = []
    for _ in range(CHANCES):
        reply = yield ModelRequest(task="reply", messages=tuple(messages), max_tokens=MOST_TOKENS, temperature=0.3)
        if not isinstance(reply, ModelReply):
            break
        text = reply.text.strip()
        if not text:
            continue  # silence has no finding, and answers nobody
        objections = () if policy == "off" else (yield from _objections(text, scene, evidence))
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


def _objections(
    text: str, scene: Scene, evidence: Evidence
) -> Generator[LaneQuestion, ModelReply | LaneAnswer | None, tuple[Finding, ...]]:
    """Return what the guard finds in a draft; without claims of work nothing is asked."""
    unsupported = check(text, evidence, said_at=scene.at)
    claims = claimed_work(text, colleagues_of(scene))
    answer = (yield LaneQuestion(claims=claims)) if claims else None
    out_of_lane = lane_findings(claims, answer.refusals) if isinstance(answer, LaneAnswer) else ()
    return (*unsupported, *out_of_lane)


def colleagues_of(scene: Scene) -> tuple[str, ...]:
    """Return how the role's colleagues are called: a claim that names one is about their work."""
    return tuple(title for name, title in scene.titles.items() if name != scene.role.role_class)


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
