"""Sets the scene for one reply: pure functions from an account's state to what a voice may look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fleet_runtime.compacting import compact, fitting
from fleet_runtime.contracts import Role
from fleet_runtime.decisions import Decision
from fleet_runtime.prompting import TAIL_TEMPLATE
from fleet_runtime.records import AccountState, Event, HandOff, Part, Recalled, Turn
from fleet_runtime.runtime.desk import Desk
from fleet_runtime.runtime.stages import Remembered, Routed, Way
from fleet_runtime.voicing.scene import Scene


def message_event(turn: Turn) -> Event:
    """Make the account's event of a customer's message."""
    return Event(id=f"{turn.id}:said", at=turn.at, kind="message", author=turn.speaker, text=turn.text)


def hand_off_events(turn: Turn, hand_offs: Sequence[HandOff]) -> tuple[Event, ...]:
    """Put hand-offs on the account's record, so that saying them is true."""
    return tuple(
        Event(
            id=packet.id,
            at=turn.at,
            kind="hand_off",
            author=packet.from_role,
            text=f'Handed to {packet.to_role}: "{packet.said}". {packet.asked}',
        )
        for packet in hand_offs
    )


@dataclass(frozen=True)
class Setting:
    """One turn's surroundings, from which the scene of each of its parts is set."""

    desk: Desk
    turn: Turn
    state: AccountState
    routed: Routed
    way: Way
    memory: Remembered | None

    @property
    def arrived(self) -> tuple[HandOff, ...]:
        """Return the packet that came to rest with another role; those on its way there have no part in the talk."""
        return (self.way.arrived,) if self.way.arrived else ()

    def scene(
        self, role: Role, text: str, decision: Decision, *, parts: Sequence[Part] = (), packet: HandOff | None = None
    ) -> Scene:
        """Gather what ``role`` may look at to answer ``text``, after the ``parts`` that were said before it.

        ``packet`` is one that a model wrote; else those of the message's way are looked at.
        """
        memory = self.memory
        past = [turn for turn in self.state.turns if turn.reply and turn.id != self.turn.id]
        talk = [(turn.text, turn.reply.text) for turn in past if self._is_talk(turn) and turn.reply]
        heard = [turn.reply.text for turn in past if turn.reply]
        kept = compact(talk, tokens=self.desk.settings.history_tokens)
        return Scene(
            role=role,
            system=self.desk.prefix(role).text,
            decision=decision,
            text=text,
            speaker=self.turn.speaker,
            account=self.turn.key.account,
            at=self.turn.at,
            first_contact=not talk and not parts,
            recalled=memory.bearing_on(text) if memory else (),
            noted=memory.noted if memory and not parts else (),
            goal=memory.goal if memory else "",
            hand_offs=(packet,) if packet else self.arrived,
            titles=self.desk.titles,
            heard=(*heard, *(part.text for part in parts)),
            earlier=kept.earlier,
            conversation_so_far=kept.talk,
        )

    def with_tail(self, scene: Scene) -> Scene:
        """Add what the free voice reads: date, brief, recalled memory, packet, boundary, message."""
        briefing = self.memory.brief() if self.memory else ""
        recalled = fitting(scene.recalled, tokens=self.desk.settings.recall_tokens, say=lambda item: item.text)
        tail = self.desk.words.book.render(
            TAIL_TEMPLATE,
            today=f"{self.turn.at.day} {self.turn.at:%B %Y}",
            speaker=self.turn.speaker,
            account=self.turn.key.account,
            brief=briefing,
            recalled=_cited(recalled),
            noted=[note.sentence for note in scene.noted],
            packet=scene.packet,
            decline=scene.decision.rule.text if scene.decision.verdict == "decline" and scene.decision.rule else "",
            text=scene.text,
        )
        return scene.model_copy(
            update={"tail": tail, "evidence": (*scene.evidence, *((briefing,) if briefing else ()))}
        )

    def deeds(self, packets: Sequence[HandOff] = ()) -> tuple[str, ...]:
        """Say what is really done with this turn: it is on record, and who has it."""
        titles = self.desk.titles
        return (
            "noted, recorded, written down and put on the account record",
            *(f"passed, handed over and given the message to our {titles[one.to_role]}" for one in self.arrived),
            *(f"passed, handed over and given the message to our {titles[one.to_role]}" for one in packets),
        )

    def _is_talk(self, turn: Turn) -> bool:
        """Tell whether a turn belongs to this conversation and was a customer's message."""
        return turn.conversation == self.turn.conversation and not turn.approval


def _cited(recalled: Sequence[Recalled]) -> list[dict[str, str]]:
    """Say recalled items with their sources, for the prompt."""
    if not recalled:
        return []
    from fleet_runtime.recall import source_of  # noqa: PLC0415 - loads where something was recalled

    return [{"text": item.text, "source": source_of(item)} for item in recalled]
