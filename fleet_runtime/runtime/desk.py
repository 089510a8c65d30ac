"""What every turn needs at hand: staff, words, store, model, clock. Holds things; does nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from fleet_runtime.contracts import MemoryKey, Role, Staff
from fleet_runtime.learning import LabelWords
from fleet_runtime.messages import ModelInfo
from fleet_runtime.ports import Clock, Embedder, ModelClient, NewId, Store
from fleet_runtime.prompting import Prompt, PromptBook, compile_prefix
from fleet_runtime.records import AccountKey, Contract
from fleet_runtime.runtime.course import Timer
from fleet_runtime.settings import Settings, Voice
from fleet_runtime.voicing import VoiceBank, VoiceTasks


@dataclass(frozen=True)
class Words:
    """Templates, voice banks by class (``""`` is everybody's), words of the model tasks, and contracts by class."""

    book: PromptBook
    banks: dict[str, VoiceBank]
    tasks: VoiceTasks
    learn_examples: tuple[tuple[str, str], ...] = ()
    contracts: Mapping[str, Contract] = field(default_factory=dict[str, Contract])
    labels: LabelWords = field(default_factory=LabelWords)

    def bank(self, role_class: str) -> VoiceBank:
        """Return the role's own bank, or everybody's."""
        return self.banks.get(role_class, self.banks[""])


@dataclass(frozen=True)
class Desk:
    """Everything that the runtime works with, joined once by the composition.

    ``timer`` gives seconds that only ever go up. ``measured_voice`` is what `fleet calibrate` found the model fit for.
    """

    settings: Settings
    staff: Staff
    words: Words
    store: Store
    model: ModelClient | None
    embedder: Embedder | None
    clock: Clock
    new_id: NewId
    timer: Timer
    measured_voice: Voice | None = None
    _prefixes: dict[str, Prompt] = field(default_factory=dict)

    def key(self, account: str) -> AccountKey:
        """Return whose memory it is, under this fleet's tenant."""
        return AccountKey(tenant=self.settings.tenant, account=account)

    def prefix(self, role: Role) -> Prompt:
        """Return the role's compiled contract: the same bytes for as long as the fleet is open."""
        if role.role_class not in self._prefixes:
            self._prefixes[role.role_class] = compile_prefix(self.words.book, role, self.staff)
        return self._prefixes[role.role_class]

    def voice_of(self, role: Role) -> Voice:
        """Return the role's voice: as set, else as the model was measured, else as it claims; composed without one."""
        if self.model is None:
            return "assisted"
        return self.settings.for_role(role.role_class).voice or self.measured_voice or self.model.info.voice

    @cached_property
    def titles(self) -> dict[str, str]:
        """Return how people say each role of the staff, by class."""
        return {role.role_class: spoken_title(role) for role in self.staff.roles}

    @property
    def model_info(self) -> ModelInfo | None:
        """Say which model answers."""
        return self.model.info if self.model else None

    @property
    def learner(self) -> ModelClient | None:
        """Return the model that reads what rules cannot, if one is to be asked.

        A small model was measured to add about one right fact in two conversations, and none that was wrong, at a
        quarter of a minute a question: it is asked on demand only.
        """
        asked = self.settings.learning
        if self.model is None or asked == "rules" or (asked == "auto" and self.model.info.voice == "assisted"):
            return None
        return self.model

    @property
    def keeper(self) -> Role:
        """Return the role that keeps most of an account's facts; its contract stands over the learning task."""
        return max(self.staff.roles, key=lambda role: len(role.memory))

    @property
    def memory_keys(self) -> tuple[MemoryKey, ...]:
        """Return the fact keys that the staff keeps; the first role to declare a key words it."""
        persistent_first = sorted(self.staff.roles, key=lambda role: not role.persistent_persona)
        keys = {key.name: key for role in reversed(persistent_first) for key in role.memory}
        return tuple(keys.values())


def spoken_title(role: Role) -> str:
    """Say a role as people do within a sentence: "support agent", "CFO"."""
    return " ".join(word if word.isupper() else word.lower() for word in role.title.split())
