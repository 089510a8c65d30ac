"""Sets the scene for one reply: pure functions from an account's state to what a voice may look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fleet_runtime.briefing import brief
from fleet_runtime.contracts import Role, Staff
from fleet_runtime.dates import say_date
from fleet_runtime.decisions import Decision
from fleet_runtime.learning import facts_at
from fleet_runtime.prompting import compile_tail
from fleet_runtime.recall import say_fact, say_value, source_of
from fleet_runtime.records import AccountState, Event, Fact, HandOff, Learned, Part, Recalled, Turn
from fleet_runtime.routing.passing import RootTask, packet_id
from fleet_runtime.runtime.desk import Desk
from fleet_runtime.runtime.dispatching import Routed
from fleet_runtime.runtime.passing import Passage
from fleet_runtime.runtime.recollection import Recollection
from fleet_runtime.voicing import Noted, Scene

GOAL_KEY = "primary_goal"
COMMITMENT_KEY = "commitment"
_TURNS_SHOWN = 6
_CITED = 3
_BEARS = 0.4  # a message that asks for something else names a fact's key with this score; an answer needs more


def message_event(turn: Turn) -> Event:
    """Make the account's event of a customer's message."""
    return Event(id=f"{turn.id}:said", at=turn.at, kind="message", author=turn.speaker, text=turn.text)


def packet_of(
    task: RootTask, routed: Routed, staff: Staff, carry_to: str | None, fact_ids: tuple[str, ...]
) -> HandOff | None:
    """Write the packet that a decision asks for, or None where it asks for none; its target is a class of the staff.

    A declined need is carried inward to ``carry_to``, if that colleague is staffed; nothing is promised by it.
    """
    decision = routed.decision
    if decision.verdict == "hand_off" and decision.choice is not None:
        target, asked = decision.choice, "Please take this up with the customer."
    elif decision.verdict == "decline" and carry_to is not None and carry_to != task.holder and staff.get(carry_to):
        target, asked = carry_to, "Please know of this need. Nothing was promised to the customer."
    else:
        return None
    return HandOff(
        id=packet_id(task, target),
        from_role=task.holder,
        to_role=target,
        why=decision.reason,
        said=routed.moved,
        asked=asked,
        fact_ids=fact_ids,
        rule=decision.rule.where if decision.rule else "",
    )


def cited(recalled: Sequence[Recalled]) -> tuple[str, ...]:
    """Return the ids of the facts that bear on a message, best first; a packet cites a few and no more."""
    facts = (item for item in recalled if item.fact_id and item.key != COMMITMENT_KEY and item.score >= _BEARS)
    return tuple(dict.fromkeys(item.fact_id for item in facts))[:_CITED]


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


def spoken_title(role: Role) -> str:
    """Say a role as people do within a sentence: "support agent", "CFO"."""
    return " ".join(word if word.isupper() else word.lower() for word in role.title.split())


@dataclass(frozen=True)
class Setting:
    """One turn's surroundings, from which the scene of each of its parts is set."""

    desk: Desk
    turn: Turn
    state: AccountState
    routed: Routed
    learned: Learned
    passage: Passage
    recollection: Recollection

    @property
    def hand_offs(self) -> tuple[HandOff, ...]:
        """Return every packet of the turn, in order."""
        return self.passage.packets

    @property
    def arrived(self) -> tuple[HandOff, ...]:
        """Return the packet that came to rest with another role; those on its way there have no part in the talk."""
        return (self.passage.arrived,) if self.passage.arrived else ()

    def scene(self, role: Role, text: str, decision: Decision, *, parts: Sequence[Part] = ()) -> Scene:
        """Gather what ``role`` may look at to answer ``text``, after the ``parts`` that were said before it."""
        past = [turn for turn in self.state.turns if turn.reply and turn.id != self.turn.id]
        talk = [turn for turn in past if turn.conversation == self.turn.conversation]
        heard = [turn.reply.text for turn in past if turn.reply]
        return Scene(
            role=role,
            system=self.desk.prefix(role).text,
            decision=decision,
            text=text,
            speaker=self.turn.speaker,
            at=self.turn.at,
            first_contact=not talk and not parts,
            recalled=self.recollection.bearing_on(text, self.learned),
            noted=() if parts else self._noted(),
            goal=self._goal(),
            hand_offs=self.arrived,
            titles={other.role_class: spoken_title(other) for other in self.desk.staff.roles},
            heard=(*heard, *(part.text for part in parts)),
            conversation_so_far=tuple((turn.text, turn.reply.text) for turn in talk[-_TURNS_SHOWN:] if turn.reply),
        )

    def with_tail(self, scene: Scene) -> Scene:
        """Add what the free voice reads: date, brief, recalled memory, packet, boundary, message."""
        briefing = brief(self.state, keys=self.desk.memory_keys, as_of=self.turn.at).markdown()
        prompt = compile_tail(
            self.desk.words.book,
            today=say_date(self.turn.at.date()),
            speaker=self.turn.speaker,
            account=self.turn.key.account,
            brief=briefing,
            recalled=[{"text": item.text, "source": source_of(item)} for item in scene.recalled],
            noted=[note.sentence for note in scene.noted],
            packet=scene.packet,
            decline=scene.decision.rule.text if scene.decision.verdict == "decline" and scene.decision.rule else "",
            text=scene.text,
        )
        return scene.model_copy(update={"tail": prompt.text, "evidence": (*scene.evidence, briefing)})

    def deeds(self) -> tuple[str, ...]:
        """Say what is really done with this turn: it is on record, and who has it."""
        titles = {role.role_class: spoken_title(role) for role in self.desk.staff.roles}
        return (
            "noted, recorded, written down and put on the account record",
            *(f"passed, handed over and given the message to our {titles[one.to_role]}" for one in self.arrived),
        )

    def _noted(self) -> tuple[Noted, ...]:
        """Say what this message put on record, with the value that held until now."""
        before = {fact.key: fact for fact in self.learned.superseded}
        return tuple(
            Noted(key=fact.key, sentence=self._change(fact, before.get(fact.key))) for fact in self.learned.news
        )

    def _change(self, fact: Fact, before: Fact | None) -> str:
        """Say one new fact, and what it replaces."""
        said = say_fact(fact, self.desk.memory_keys)
        if before is None or before.value == fact.value:
            return said
        key = next((key for key in self.desk.memory_keys if key.name == before.key), None)
        was = say_value(before.value or "", key.kind if key else "text")
        return f"{said.rstrip('.')} (until now: {was})."

    def _goal(self) -> str:
        """Return the goal on record, or nothing."""
        valid = facts_at(self.state.facts, now=self.turn.at)
        return next((fact.value for fact in valid if fact.key == GOAL_KEY and fact.value), "")
