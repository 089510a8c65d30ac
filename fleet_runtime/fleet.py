"""The fleet as callers see it: opens, spawns, dispatches, gives account memories. Decides nothing about messages."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from fleet_runtime.adapters import make_desk, open_tools, open_turn_queue, schema_version
from fleet_runtime.composition import Assembly, at_work, let_adjudicate, listeners, measured_voice
from fleet_runtime.contracts import Staff
from fleet_runtime.decisions import Decision
from fleet_runtime.machine import present_time
from fleet_runtime.messages import ModelInfo
from fleet_runtime.ports import Clock, ModelClient, Tool
from fleet_runtime.prompting import Prompt
from fleet_runtime.records import Pause, Reply, Turn
from fleet_runtime.runtime.agent import Agent, new_turn
from fleet_runtime.runtime.plain_text import account_id
from fleet_runtime.settings import UNSET, Settings, Unset, given_as_setting, load_settings
from fleet_runtime.signals import Listen
from fleet_runtime.weights import Progress, cache_folder, silent

if TYPE_CHECKING:  # what loads late is named here; the floors hold for it all the same
    from fleet_runtime.routing.earning import Calibration
    from fleet_runtime.routing.gaps import Gap
    from fleet_runtime.routing.replayed import Replayed
    from fleet_runtime.runtime.account_memory import AccountMemory
    from fleet_runtime.runtime.approvals import Approvals
    from fleet_runtime.runtime.book import Book
    from fleet_runtime.runtime.calibration import Told
    from fleet_runtime.runtime.motions import Motions
    from fleet_runtime.runtime.overseeing import Status, Turns
    from fleet_runtime.runtime.recording import Given
    from fleet_runtime.voicing.earning import VoiceMeasured

MAIN_CONVERSATION = "main"
SETTINGS_FILE = Path("fleet.toml")


class Fleet:
    """The staff of one company at work: spawns agents, dispatches messages, keeps account memories."""

    def __init__(self, assembly: Assembly) -> None:
        """Keep what it is put together of; use `open`, which makes them."""
        self._assembly = assembly
        self._desk = assembly.desk
        self._runtime = assembly.runtime

    @classmethod
    @asynccontextmanager
    async def open(  # noqa: PLR0913 - every setting that people give in code
        cls,
        *,
        database: str | Path | Unset | None = UNSET,
        model: str | ModelClient | Unset | None = UNSET,
        profile: str | None = None,
        roles: str | Path | None = None,
        tenant: str | None = None,
        engine: str | None = None,
        clock: Clock | None = None,
        tools: Sequence[Tool] = (),
        listen: Listen | None = None,
        settings: Settings | None = None,
        report: Progress = silent,
        resume: bool = True,
    ) -> AsyncGenerator[Fleet]:
        """Open a fleet for the time of an ``async with`` block; leaving it finishes turns under way and learning.

        Args:
            database: a file or URL; None keeps everything in memory only. Default ``.fleet/fleet.db``.
            model: ``"auto"`` (docs/models.md), ``"embedded"``, a model's name at the endpoint, or a client
                of your own (it is not closed); None works without a model: replies are composed.
            profile: which roles are staffed, besides those of the project's own folder; default ``customer``.
            roles: the project's folder of role files; default ``roles``.
            tenant: whose accounts these are; default ``default``.
            engine: who answers: ``inline`` this process, ``durable`` workers (`work`, docs/operations.md).
            clock: gives the present time, aware; default the machine's.
            tools: what roles may have done (`fleet_runtime.tool`), as far as their ``## Tools`` name it.
            listen: is told every signal of every turn (docs/observability.md); must be quick and not raise.
            settings: everything at once, instead of reading ``FLEET_*`` and ``fleet.toml``.
            report: is told (label, bytes done, bytes in all) while weights are fetched.
            resume: take up turns that a dead process left unanswered; False for a mere look at the record.

        Raises: SettingError, ContractError, StoreError, ModelError, ToolError, MissingExtra.
        """
        named = model if model is None or isinstance(model, str | Unset) else UNSET
        own = None if model is None or isinstance(model, str | Unset) else model
        given = {"profile": profile, "roles": roles and str(roles), "tenant": tenant, "engine": engine}
        given |= {"database": given_as_setting(database), "model": given_as_setting(named)}
        settings = settings or load_settings(given, os.environ, SETTINGS_FILE)
        async with AsyncExitStack() as stack:
            desk = await make_desk(settings, clock or present_time, report, stack, own)
            desk = replace(desk, measured_voice=await measured_voice(desk.model))
            queue = await open_turn_queue(settings, stack)
            assembly = Assembly(desk, await open_tools(settings, tools, stack), queue=queue)
            if settings.routing == "on":
                await let_adjudicate(assembly)
            assembly.listeners += listeners(desk, listen)
            async with at_work(assembly.runtime, resume=resume):
                yield cls(assembly)

    @classmethod
    async def describe_model(cls, *, model: str | Unset | None = UNSET) -> ModelInfo | None:
        """Say which model would answer and why, without fetching or starting it; None for no model.

        Raises: SettingError, ModelError.
        """
        from fleet_runtime.models.resolve import describe_resolution  # noqa: PLC0415 - loads when asked for

        given = {"model": given_as_setting(model)}
        settings = load_settings(given, os.environ, SETTINGS_FILE)
        found = await describe_resolution(settings, environment=os.environ, cache=cache_folder(os.environ))
        return found.info

    @property
    def staff(self) -> Staff:
        """Return the roles at work."""
        return self._desk.staff

    @property
    def settings(self) -> Settings:
        """Return the settings in force."""
        return self._desk.settings

    @property
    def model_info(self) -> ModelInfo | None:
        """Say which model answers and why; None without a model."""
        return self._desk.model_info

    async def spawn(self, role: str, *, account: str, conversation: str | None = None) -> Agent:
        """Put a role to work for an account.

        Args:
            role: the role's class.
            account: the account's id.
            conversation: the thread that is carried on; default the account's main one with this role.

        Raises: UnknownRole with near names; MessageError for an account id that cannot be kept.
        """
        found = self._desk.role(role)
        return Agent(found, self._desk.key(account_id(account)), conversation or MAIN_CONVERSATION, self._runtime)

    async def route(self, text: str, *, active_role: str | None = None) -> Decision:
        """Say who would take a message, and why; nothing is stored.

        Raises: UnknownRole if ``active_role`` is not staffed.
        """
        if active_role is not None:
            self._desk.role(active_role)
        return await self._assembly.dispatcher.decide(text, active_role=active_role, decision_id="preview")

    async def dispatch(  # noqa: PLR0913 - the same arguments as `Agent.ask`
        self,
        text: str,
        *,
        account: str,
        speaker: str | None = None,
        at: datetime | None = None,
        turn_id: str | None = None,
        conversation: str | None = None,
    ) -> Reply:
        """Take a message at the front door: whoever owns it answers; nobody's goes to the lead.

        Arguments and errors as for `Agent.ask`.
        """
        turn = new_turn(
            self._desk, self._desk.key(account_id(account)), "", conversation or MAIN_CONVERSATION, text,
            speaker=speaker, at=at, turn_id=turn_id,
        )  # fmt: skip
        return await self._runtime.run(await self._runtime.accept(turn, fresh=turn_id is None))

    async def calibrate(
        self, data: str | Path | None = None, *, told: Told = lambda _done, _total: None
    ) -> Calibration:
        """Measure whether the model may choose where routing is unsure, keep the result, and go by it from now on.

        Args:
            data: a file of labelled messages (docs/routing.md); default those of the package.
            told: is called with (messages done, messages in all).

        Raises: SettingError without a model, or if no message fits the staff; ContractError for the file; ModelError.
        """
        cache = cache_folder(os.environ)
        from fleet_runtime.adjudication import measured  # noqa: PLC0415

        found = await measured(self._desk, self._assembly.dispatcher, cache, Path(data) if data else None, told)
        await let_adjudicate(self._assembly)
        return found

    async def calibrate_voice(self, *, told: Told = lambda _done, _total: None) -> VoiceMeasured:
        """Measure which voice the model is fit for, and keep the result: in force from the next opening of a fleet.

        Args:
            told: is called with (situations answered, situations in all).

        Raises: SettingError without a model, or if the result cannot be kept; ModelError.
        """
        from fleet_runtime.adjudication import voice_measured  # noqa: PLC0415

        dispatcher = self._assembly.dispatcher if self._desk.settings.routing == "on" else None
        return await voice_measured(self._desk, dispatcher, cache_folder(os.environ), told)

    async def replay(self, account: str | None = None) -> tuple[Replayed, ...]:
        """Decide the stored messages of an account, or of all, anew by the contracts in force; nothing is stored.

        Raises: StoreError, PromptError.
        """
        from fleet_runtime.runtime import looking_back  # noqa: PLC0415

        return await looking_back.replay(self._desk, self._assembly.dispatcher, account)

    async def gaps(self, since: datetime | None = None) -> tuple[Gap, ...]:
        """Group the messages that no role took, over all accounts, the largest group first.

        Raises: StoreError.
        """
        from fleet_runtime.runtime import looking_back  # noqa: PLC0415

        return await looking_back.gaps(self._desk, since)

    def memory(self, account: str) -> AccountMemory:
        """Return the memory of one account.

        Raises: MessageError for an account id that cannot be kept.
        """
        return self._assembly.memory(account_id(account))

    @property
    def book(self) -> Book:
        """Return the book of accounts: how they fare, who needs attention; SettingError if the store keeps none."""
        return self._assembly.book

    @property
    def motions(self) -> Motions:
        """Return what roles start by themselves, and the tick that has it done. Errors as for `book`."""
        return self._assembly.motions

    @property
    def approvals(self) -> Approvals:
        """Return the questions that wait for a person, and the way to decide them."""
        from fleet_runtime.runtime.approvals import Approvals  # noqa: PLC0415

        async def run(turn: Turn) -> Reply:
            return await self._runtime.run(await self._runtime.accept(turn))

        return Approvals(self._desk, run)

    @property
    def turns(self) -> Turns:
        """Return the tenant's turns, for whoever looks after them: which there are, what is tried again or cancelled.

        Raises: SettingError without a database.
        """
        from fleet_runtime.runtime.overseeing import Turns  # noqa: PLC0415

        log = self._assembly.shared("what is known of turns").log
        return Turns(self._desk.settings, self._desk.store, log, self._assembly.engine)

    async def status(self) -> Status:
        """Say how the tenant's fleet fares: workers, what waits, what failed last, the switch, the day's budgets.

        Raises: SettingError without a database; StoreError.
        """
        from fleet_runtime.runtime.overseeing import status  # noqa: PLC0415

        boards, desk = self._assembly.shared("a status"), self._desk
        return await status(desk.settings, desk.store, boards, clock=present_time, schema_version=schema_version())

    async def pause(self, *, by: str = "", reason: str = "") -> None:
        """Turn the switch off: within a second nothing new is begun for this tenant, in any process.

        Messages are still accepted; they raise `Paused` and are answered when the switch is on again and they are
        repeated, or at the next start.

        Raises: StoreError.
        """
        pause = Pause(since=self._desk.clock(), by=by, reason=reason)
        await self._desk.store.pause(self._desk.settings.tenant, pause)
        self._assembly.switch.look_again()

    async def resume(self) -> None:
        """Turn the switch on again, and answer in the background what was accepted meanwhile.

        Raises: StoreError.
        """
        await self._desk.store.pause(self._desk.settings.tenant, None)
        self._assembly.switch.look_again()
        self._runtime.resume_soon()

    async def paused(self) -> Pause | None:
        """Return since when, by whom and why the switch is off, or None.

        Raises: StoreError.
        """
        return await self._desk.store.paused(self._desk.settings.tenant)

    async def work(self, *, worker: str | None = None, ready: Callable[[], None] = lambda: None) -> None:
        """Be a worker: answer what is queued for this tenant, by whomever, until this is cancelled.

        Cancelled, it takes nothing more and finishes what it can within ``worker_drain_seconds``; the rest is taken
        over by other workers. A process can be one worker at a time. Open the fleet with ``engine="durable"`` and the
        tools that turns may use.

        Args:
            worker: the worker's id, the same over restarts; default ``worker_id``, else one of this process.
            ready: is called once it takes turns.

        Raises: WorkerError if another worker is at work under the id, or this one was given up for dead by the others:
            end the process then, its turns are theirs; SettingError if the engine is not durable; StoreError.
        """
        from fleet_runtime.serving import serve  # noqa: PLC0415 - loads with a worker

        await serve(self._assembly, worker, ready)

    async def record_many(self, events: Iterable[tuple[str, Given]]) -> int:
        """Keep events of many accounts, each given with its account's id, a bulk at a time; return how many were new.

        What one account's memory does (`AccountMemory.record_many`), with far fewer transactions. Each bulk is written
        whole or not at all, and what was written before an error stays.

        Raises: MessageError for an event or account id that cannot be kept; StoreError.
        """
        from fleet_runtime.runtime.recording import record_in_bulk  # noqa: PLC0415

        return await record_in_bulk(self._desk, ((self._desk.key(account_id(name)), event) for name, event in events))

    async def embed_memory(self, *, told: Callable[[int, int], None] = lambda _done, _total: None) -> int:
        """Make the vectors that remembered events lack, of all accounts; return how many were made.

        A few are made unasked; after a bulk import this makes all. ``told`` hears (done, in all).

        Raises: StoreError.
        """
        return await self._assembly.indexes.embed_all(told=told)

    async def compile(self, role: str, *, account: str | None = None) -> tuple[Prompt, ...]:
        """Compile a role's prompt: the stable prefix, and with an account the volatile tail of a first message.

        Raises: UnknownRole, PromptError.
        """
        from fleet_runtime.runtime.previewing import compiled  # noqa: PLC0415 - loads when a prompt is looked at

        return await compiled(self._desk, self._desk.role(role), None if account is None else account_id(account))
