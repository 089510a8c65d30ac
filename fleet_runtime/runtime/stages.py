"""The stages of a turn that settings can turn off, as the turn sees them. Protocols and values; nothing is done here.

What implements them loads only where its stage is on: a turn that neither routes nor remembers pays for neither.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from fleet_runtime.contracts import Role
from fleet_runtime.decisions import Decision
from fleet_runtime.records import AccountState, Finding, HandOff, Learned, Recalled, Turn
from fleet_runtime.voicing.scene import Noted, Scene


@dataclass(frozen=True)
class Routed:
    """A decision, and how the message falls apart: what goes with the decision, and what stays with the active role."""

    decision: Decision
    moved: str
    kept: str


@dataclass(frozen=True)
class Way:
    """How a message travelled before anybody speaks: every packet, and the one by which it came to rest elsewhere.

    ``declined`` is the boundary under which its last holder keeps it without doing the work; ``hops`` were taken.
    """

    hand_offs: tuple[HandOff, ...] = ()
    arrived: HandOff | None = None
    declined: Decision | None = None
    hops: int = 0


class Directing(Protocol):
    """Decides who takes a message, and sends it there."""

    async def route(self, turn: Turn, state: AccountState) -> Routed:
        """Decide who takes a message; the conversation's owner is only nominated.

        Raises: PromptError.
        """
        ...

    async def carry(self, turn: Turn, role: Role, routed: Routed, memory: Remembered | None) -> Way:
        """Send off the packet that a decision asks for, if it asks for one, until a role may keep it.

        It cites the few facts of ``memory`` that bear on what is passed on.
        """
        ...

    async def refusal(self, text: str, role: str, *, history: Sequence[str] = (), decision_id: str) -> Decision | None:
        """Return the decision if a boundary of ``role`` clearly refuses the text, else None. No model is asked."""
        ...


class Remembered(Protocol):
    """What one turn remembers with: what it learned, and what memory holds for a text."""

    @property
    def learned(self) -> Learned:
        """Return what the message puts on record."""
        ...

    @property
    def noted(self) -> tuple[Noted, ...]:
        """Say what the message puts on record, with the value that held until now."""
        ...

    @property
    def goal(self) -> str:
        """Return the account's goal on record, or nothing."""
        ...

    @property
    def later(self) -> bool:
        """Tell whether a model is to read the message when it is quiet."""
        ...

    def bearing_on(self, text: str) -> tuple[Recalled, ...]:
        """Recall what bears on a text, best first, without what this very message replaced."""
        ...

    def cited(self, text: str) -> tuple[str, ...]:
        """Return the ids of the few facts that bear on a text, for a packet."""
        ...

    def brief(self) -> str:
        """Return the account's brief as of the message."""
        ...

    def against(self, state: AccountState) -> Remembered:
        """Learn anew against a record that moved on meanwhile."""
        ...


class Memory(Protocol):
    """Remembers for turns."""

    async def remember(self, turn: Turn, state: AccountState, said: Sequence[str]) -> Remembered:
        """Read the message against the account, and make ready to recall for what was ``said``.

        Raises: StoreError.
        """
        ...


class Reader(Protocol):
    """The guard over one scene."""

    async def objections(
        self, text: str, *, deeds: Sequence[str], shown: Sequence[str], after: str = ""
    ) -> tuple[Finding, ...]:
        """Return what nothing supports, or what is out of the role's lane.

        ``deeds`` say what was really done in this turn; ``shown`` are results that the model saw besides the scene;
        ``after`` is what of the same reply was cleared before.
        """
        ...


class Guarding(Protocol):
    """Reads replies before anybody else does."""

    def reader(self, scene: Scene) -> Reader:
        """Read the scene's evidence once, for all that is said in it."""
        ...


class Background(Protocol):
    """What is worked off when nobody waits for an answer."""

    async def catch_up(self, spoken_with: Collection[str]) -> None:
        """Learn, embed and sum up what waits; the accounts ``spoken_with`` may have something to sum up.

        Raises: StoreError.
        """
        ...

    async def drain(self) -> None:
        """Learn what still waits, before the fleet closes."""
        ...
