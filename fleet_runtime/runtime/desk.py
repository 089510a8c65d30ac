"""What every turn needs at hand: staff, words, store, model, clock. Holds things; does nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from fleet_runtime.books import Books
from fleet_runtime.contracts import MemoryKey, Role, Staff
from fleet_runtime.errors import UnknownRole
from fleet_runtime.messages import ModelInfo
from fleet_runtime.ports import Clock, Embedder, ModelClient, NewId, Store
from fleet_runtime.prompting import Prompt, PromptBook, compile_prefix
from fleet_runtime.records import AccountKey, Contract
from fleet_runtime.runtime.course import Timer
from fleet_runtime.settings import Settings, Voice

if TYPE_CHECKING:  # what loads late is named here; the floors hold for it all the same
    from fleet_runtime.learning import LabelWords
    from fleet_runtime.voicing import VoiceBank, VoiceTasks

_GENERIC_BANK = "voice/generic.yaml"


@dataclass(frozen=True)
class Words:
    """What the runtime says and asks with. Banks, tasks and examples are read when they are first asked for.

    ``files`` maps a data file's name (``voice/generic.yaml``) to its layers, lowest first, each as (path, text).
    ``contracts`` are by class, and so are ``domains``.
    """

    book: PromptBook
    files: Mapping[str, Sequence[tuple[str, str]]]
    domains: Mapping[str, str | None] = field(default_factory=dict[str, str | None])
    contracts: Mapping[str, Contract] = field(default_factory=dict[str, Contract])

    @cached_property
    def banks(self) -> dict[str, VoiceBank]:
        """Return everybody's voice bank under ``""``, and by class those that a domain's or a role's own file changes.

        Raises: ContractError naming a file that is no bank.
        """
        from fleet_runtime.voicing.bank import load_bank  # noqa: PLC0415 - loads when something is composed

        generic = self.files.get(_GENERIC_BANK, ())
        banks = {"": load_bank(generic)}
        for role_class, domain in self.domains.items():
            names = (f"voice/{domain}.yaml", f"voice/{role_class}.yaml")
            own = [layer for name in names for layer in self.files.get(name, ())]
            if own:
                banks[role_class] = load_bank((*generic, *own))
        return banks

    def bank(self, role_class: str) -> VoiceBank:
        """Return the role's own bank, or everybody's."""
        return self.banks.get(role_class, self.banks[""])

    @cached_property
    def tasks(self) -> VoiceTasks:
        """Return the examples of the assisted voice's tasks.

        Raises: ContractError.
        """
        from fleet_runtime.voicing.bank import load_tasks  # noqa: PLC0415 - loads with the assisted voice

        return load_tasks({name: self._newest(name) for name in ("classify.yaml", "reflect.yaml", "answer.yaml")})

    @cached_property
    def learn_examples(self) -> tuple[tuple[str, str], ...]:
        """Return the examples by which a capable model learns to write facts.

        Raises: ContractError.
        """
        from fleet_runtime.learning import load_examples  # noqa: PLC0415 - loads with learning

        return load_examples(self._newest("learn.yaml"))

    @cached_property
    def labels(self) -> LabelWords:
        """Return the words by which a weak model labels what code found.

        Raises: ContractError.
        """
        from fleet_runtime.learning import load_labels  # noqa: PLC0415 - loads with learning

        return load_labels(self._newest("learn_labels.yaml"))

    def read_all(self) -> None:
        """Read everything now, so that what is wrong with a file is told before the first message.

        Raises: ContractError.
        """
        _ = self.banks, self.tasks, self.learn_examples, self.labels

    def _newest(self, name: str) -> str:
        """Return the text of a data file in the highest layer, or an empty text."""
        layers = self.files.get(name, ())
        return layers[-1][1] if layers else ""


@dataclass(frozen=True)
class Desk:
    """Everything that the runtime works with, joined once by the composition.

    ``timer`` gives seconds that only ever go up. ``measured_voice`` is what `fleet calibrate` found the model fit for.
    ``books`` is None where nothing but memory is kept of accounts.
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
    books: Books | None = None
    _prefixes: dict[str, Prompt] = field(default_factory=dict)

    def key(self, account: str) -> AccountKey:
        """Return whose memory it is, under this fleet's tenant."""
        return AccountKey(tenant=self.settings.tenant, account=account)

    def role(self, role_class: str) -> Role:
        """Return a staffed role.

        Raises: UnknownRole with near names.
        """
        found = self.staff.get(role_class)
        if found is not None:
            return found
        import difflib  # noqa: PLC0415 - loads where a name is wrong

        classes = [role.role_class for role in self.staff.roles]
        near = difflib.get_close_matches(role_class, classes, n=3, cutoff=0.5) or classes
        raise UnknownRole(f"no role {role_class!r} is staffed", hint=f"did you mean {', '.join(near)}?")

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
