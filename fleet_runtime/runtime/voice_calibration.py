"""Voice calibration: a model writes the first draft for a fixed set of situations, and the guard and figures judge it.

Each situation takes the free voice's own way: the same contract, tail, conversation and guard, but no second chance.
Stores nothing and learns nothing: whoever calls it keeps the result and goes by it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from importlib.resources import files

from fleet_runtime.contracts import Role
from fleet_runtime.decisions import Decision
from fleet_runtime.errors import ModelGarbled, ModelTimeout
from fleet_runtime.messages import ModelReply, ModelRequest
from fleet_runtime.ports import ModelClient
from fleet_runtime.records import AccountKey, AccountState, Finding, Learned, Recalled, Turn
from fleet_runtime.runtime.clearing import Clearing
from fleet_runtime.runtime.desk import Desk
from fleet_runtime.runtime.scenes import Setting
from fleet_runtime.runtime.stages import Directing, Routed, Way
from fleet_runtime.voicing.earning import (
    Drafted,
    Situation,
    Situations,
    VoiceMeasured,
    concluded_voice,
    faults_of,
    read_situations,
)
from fleet_runtime.voicing.free import Terms, speak_freely
from fleet_runtime.voicing.scene import Noted, Scene, Speaking

Told = Callable[[int, int], None]
"""Is told how many situations are done, of how many."""

_SHIPPED = "voice_situations.json"


def shipped_situations() -> Situations:
    """Return the situations that ship with the package."""
    return read_situations(files("fleet_runtime.runtime").joinpath(_SHIPPED).read_text(encoding="utf-8"), _SHIPPED)


async def measure_voice(
    desk: Desk, model: ModelClient, directing: Directing | None, situations: Situations, *, told: Told
) -> VoiceMeasured:
    """Have every situation answered once, in the role that keeps most of an account's memory.

    An answer that is late or garbled is a silent one, as in service; only the very first may be late once.

    Args:
        desk: Staff, words, clock and timer; its store is not touched.
        model: What is measured.
        directing: Holds what a draft claims to do against the role's boundaries; None where routing is off.
        situations: What is asked (`shipped_situations`).
        told: Is called with (situations done, situations in all).

    Raises: ModelUnreachable, ModelRefused and other ModelErrors; PromptError.
    """
    role = desk.keeper
    guards = Clearing(directing)
    drafts: list[Drafted] = []
    for done, situation in enumerate(situations.situations, start=1):
        setting = _setting(desk, role, situations, situation)
        scene = _scene(setting, role, situation)
        begun = desk.timer()
        reply = await _first_draft(scene, desk, model, patient=done == 1)
        seconds = desk.timer() - begun
        findings: tuple[Finding, ...] = ()
        if reply.text.strip():
            findings = await guards.reader(scene).objections(reply.text, deeds=setting.deeds(), shown=())
        faults = faults_of(situation, reply, findings, scene.system)
        drafts.append(Drafted(id=situation.id, text=reply.text.strip(), faults=faults, seconds=seconds))
        told(done, len(situations.situations))
    return concluded_voice(drafts, info=model.info, at=desk.clock(), role=role.role_class)


async def _first_draft(scene: Scene, desk: Desk, model: ModelClient, *, patient: bool) -> ModelReply:
    """Ask as the free voice asks first; a ``patient`` caller asks again if the answer is late.

    A model on this machine reads its long prompt before its first answer, and no draft is at fault for that.
    """
    request = Speaking(speak_freely(scene, desk.words.book, Terms(policy="enforce", composed=str))).request
    if not isinstance(request, ModelRequest):
        raise TypeError(f"the free voice began with {request!r}, and not by asking a model")
    try:
        return await model.complete(request)
    except ModelGarbled:
        return ModelReply(text="")
    except ModelTimeout:
        return await _first_draft(scene, desk, model, patient=False) if patient else ModelReply(text="")


def _setting(desk: Desk, role: Role, situations: Situations, situation: Situation) -> Setting:
    """Set a turn's surroundings: an account that has said nothing, whose record is told."""
    key = AccountKey(tenant="calibration", account=situations.account)
    turn = Turn(
        id=f"calibration:{situation.id}",
        key=key,
        conversation="main",
        role=role.role_class,
        speaker=situations.speaker,
        at=situations.at,
        text=situation.text,
    )
    decision = Decision(
        id=f"{turn.id}:decision",
        verdict="keep",
        choice=role.role_class,
        active_role=role.role_class,
        stage="owner",
        confidence=1.0,
        reason="the role is being measured",
    )
    routed = Routed(decision=decision, moved=situation.text, kept="")
    return Setting(desk, turn, AccountState(key=key), routed, Way(), _ToldMemory(situations, situation))


def _scene(setting: Setting, role: Role, situation: Situation) -> Scene:
    """Set the scene of the reply, with what was said before it."""
    scene = setting.scene(role, situation.text, setting.routed.decision)
    talk = {"conversation_so_far": situation.talk, "first_contact": not situation.talk}
    return setting.with_tail(scene.model_copy(update=talk))


class _ToldMemory:
    """What a turn remembers, where it is told what that is."""

    def __init__(self, situations: Situations, situation: Situation) -> None:
        """Keep the record, and what of it is recalled."""
        self._situations = situations
        self._situation = situation

    @property
    def learned(self) -> Learned:
        """Return nothing: no message is learned from."""
        return Learned()

    @property
    def noted(self) -> tuple[Noted, ...]:
        """Say nothing: no message is put on record."""
        return ()

    @property
    def goal(self) -> str:
        """Return no goal; only the assisted voice asks for it."""
        return ""

    @property
    def later(self) -> bool:
        """Leave nothing to be read when it is quiet."""
        return False

    def bearing_on(self, text: str) -> tuple[Recalled, ...]:
        """Return the lines that the situation recalls for its message."""
        lines = self._situations.lines(self._situation) if text == self._situation.text else ()
        return tuple(
            Recalled(
                text=line.text,
                event_id=line.key,
                author=line.author,
                at=line.at,
                valid_from=line.at,
                score=1.0,
                key=line.key,
            )
            for line in lines
        )

    def cited(self, text: str) -> tuple[str, ...]:  # noqa: ARG002 - the protocol's
        """Return nothing: no packet is written."""
        return ()

    def brief(self) -> str:
        """Return the whole record."""
        lines = (f"- {line.text} ({line.author}, {_day(line.at)})" for line in self._situations.record)
        return "\n".join([f"{self._situations.account}, on {_day(self._situations.at)}:", *lines])

    def against(self, state: AccountState) -> _ToldMemory:  # noqa: ARG002 - the protocol's
        """Return itself: no record moves on."""
        return self


def _day(at: datetime) -> str:
    """Say a day as prompts do."""
    return f"{at.day} {at:%B %Y}"
