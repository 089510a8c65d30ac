"""Settings: argument > ``FLEET_*`` environment > ``fleet.toml`` > default. Read once, then frozen.

The environment and the file are passed in; nothing here looks around by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import Field, ValidationError

from fleet_runtime.contracts import Value
from fleet_runtime.errors import SettingError

ENVIRONMENT_PREFIX = "FLEET_"

CALIBRATIONS_FILE = "calibrations.json"
"""What was measured of models, in the cache folder; where there is none, nothing has to be read."""

GuardPolicy = Literal["off", "warn", "enforce"]
Voice = Literal["free", "assisted"]
ChangedRole = Literal["tell", "refuse"]


class Unset(Enum):
    """Tells "not given" from None, where None has a meaning of its own."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET


class RoleSettings(Value):
    """What a project sets for one role; None leaves the default.

    ``approve_tools`` are tools that need a person's yes when this role calls them, besides those that always do.
    ``approve_replies`` are kinds of replies (`Part.kind`) that a person sees before the customer does.
    """

    guard: GuardPolicy | None = None
    voice: Voice | None = None
    approve_tools: tuple[str, ...] = ()
    approve_replies: tuple[str, ...] = ()


class Price(Value):
    """What a model costs, per million tokens; ``cached`` None: as ``input``."""

    input: Decimal = Field(ge=0)
    output: Decimal = Field(ge=0)
    cached: Decimal | None = Field(default=None, ge=0)


class Limit(Value):
    """What all processes together may ask of one provider; None: as much as they like."""

    requests_per_minute: int | None = Field(default=None, gt=0)
    tokens_per_minute: int | None = Field(default=None, gt=0)
    concurrent: int | None = Field(default=None, gt=0)


class McpServer(Value):
    """A source of tools: a ``command`` that is started (stdio), or the ``url`` of a streamable HTTP endpoint.

    ``tools`` keeps those of these names only; ``needs_approval`` names those that need a person's yes.
    """

    command: str = ""
    args: tuple[str, ...] = ()
    env: dict[str, str] = {}
    url: str = ""
    headers: dict[str, str] = Field(default={}, repr=False)
    tools: tuple[str, ...] | None = None
    needs_approval: tuple[str, ...] = ()


class Settings(Value):
    """Everything that can be set. Times are in seconds; folders are relative to the working folder.

    ``model``: ``auto`` (resolution order of docs/models.md), ``embedded``, ``none``, or a model name at
    the endpoint. ``database``: a file, an SQLAlchemy URL, or ``none``. ``learning``: what reads facts out of
    messages; ``auto`` asks the model besides the rules only if it is a capable one (docs/memory.md).
    ``adjudication``: ``auto`` asks the model where routing is unsure, if it earned that (`fleet calibrate`).
    ``prompt_budget``: how many tokens a role's stable prompt may take before `fleet check` warns.
    ``max_hops``: how often one message may be passed on among roles (docs/routing.md).
    ``changed_role``: what to do where an account's role is another contract than it was first answered under.

    ``engine`` ``durable`` has queued turns answered by workers (docs/operations.md). ``worker_id`` names a worker, the
    same over restarts; it works on up to ``worker_turns`` turns at a time, is given up for dead after
    ``worker_lapse_seconds`` without a sign of life, and finishes what it can in ``worker_drain_seconds`` on leaving.
    One attempt at an answer may take ``answer_seconds``; after ``answer_attempts`` the turn is given up. A caller waits
    ``reply_wait_seconds``. ``queue_turns`` and ``queue_account_turns`` bound how many turns may wait, of the tenant and
    of an account. What the engine noted of finished turns is deleted after ``history_days``.

    Stages that can be off: ``routing`` (then whoever is spoken to answers, and no boundary is looked at), ``memory``
    (then nothing is recalled or learned; the conversation is kept all the same), ``delegation`` (then no model may
    hand off or ask a colleague by itself), ``guard`` (everybody's policy, unless a role has its own) and ``trace``
    (then `fleet trace` knows only what the reply tells).

    Budgets, each None for none: ``turn_tokens``, ``turn_money`` and ``turn_seconds`` bound one root task with all its
    hops, ``day_tokens`` and ``day_money`` an account's day (UTC). ``prices`` are by model name. ``history_tokens`` and
    ``recall_tokens`` bound those sections of a prompt. ``tool_rounds`` is how often in a turn a model may call tools;
    ``tool_calling`` ``auto`` finds out once whether it can (``native``) or must be asked by a JSON schema (``schema``).
    ``fallback_models`` are asked in their order when the model cannot; ``hedge_seconds`` asks the next one too when
    the first is silent for so long (None: never). ``breaker_failures`` in a row leave an endpoint alone for
    ``breaker_seconds``. ``limits`` are by the endpoint's host, ``*`` for any other, and count over all processes on the
    database. ``telemetry`` ``otel`` makes OpenTelemetry spans, with texts only if ``telemetry_content``.
    """

    database: str = ".fleet/fleet.db"
    model: str = "auto"
    base_url: str | None = None
    api_key: str | None = Field(default=None, repr=False)
    model_file: str | None = None
    profile: str = "customer"
    roles: str = "roles"
    prompts: str = "prompts"
    profiles: str = "profiles"
    tenant: str = "default"
    engine: Literal["inline", "durable"] = "inline"
    worker_id: str | None = None
    worker_turns: int = Field(default=32, ge=1)
    worker_lapse_seconds: float = Field(default=6.0, gt=0)
    worker_drain_seconds: float = Field(default=30.0, ge=0)
    answer_seconds: float = Field(default=600.0, gt=0)
    answer_attempts: int = Field(default=8, ge=1)
    reply_wait_seconds: float = Field(default=300.0, gt=0)
    queue_turns: int | None = Field(default=None, gt=0)
    queue_account_turns: int | None = Field(default=None, gt=0)
    history_days: float = Field(default=7.0, ge=0)
    limits: dict[str, Limit] = {}
    embeddings: Literal["auto", "local", "none"] = "auto"
    learning: Literal["auto", "model", "rules"] = "auto"
    adjudication: Literal["auto", "never"] = "auto"
    changed_role: ChangedRole = "tell"
    max_hops: int = Field(default=6, ge=1)
    prompt_budget: int = Field(default=4000, gt=0)
    lease_seconds: float = Field(default=10.0, gt=0)
    lease_wait_seconds: float = Field(default=60.0, ge=0)
    model_timeout_seconds: float = Field(default=60.0, gt=0)
    model_attempts: int = Field(default=4, ge=1)
    fallback_models: tuple[str, ...] = ()
    hedge_seconds: float | None = Field(default=None, gt=0)
    breaker_failures: int = Field(default=5, ge=1)
    breaker_seconds: float = Field(default=30.0, gt=0)
    routing: Literal["on", "off"] = "on"
    memory: Literal["on", "off"] = "on"
    delegation: Literal["on", "off"] = "on"
    guard: GuardPolicy = "enforce"
    trace: Literal["on", "off"] = "on"
    telemetry: Literal["off", "otel"] = "off"
    telemetry_content: bool = False
    turn_tokens: int | None = Field(default=None, gt=0)
    turn_money: Decimal | None = Field(default=None, gt=0)
    turn_seconds: float | None = Field(default=None, gt=0)
    day_tokens: int | None = Field(default=None, gt=0)
    day_money: Decimal | None = Field(default=None, gt=0)
    prices: dict[str, Price] = {}
    history_tokens: int = Field(default=2000, gt=0)
    recall_tokens: int = Field(default=1200, gt=0)
    tool_seconds: float = Field(default=30.0, gt=0)
    tool_result_characters: int = Field(default=8000, gt=0)
    tool_rounds: int = Field(default=8, ge=1)
    tool_calling: Literal["auto", "native", "schema"] = "auto"
    mcp: dict[str, McpServer] = {}
    role: dict[str, RoleSettings] = {}

    def for_role(self, role_class: str) -> RoleSettings:
        """Return the role's own settings, or the defaults."""
        return self.role.get(role_class, RoleSettings())

    def guard_of(self, role_class: str) -> GuardPolicy:
        """Return the guard policy of a role: its own, else everybody's."""
        return self.for_role(role_class).guard or self.guard


def load_settings(
    arguments: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    file: Path | None = None,
) -> Settings:
    """Join the layers. ``arguments`` of value None are taken as not given.

    ``OPENAI_BASE_URL`` and ``OPENAI_API_KEY`` count as environment of ours, under our own names.

    Raises: SettingError naming the key, its place and what is allowed.
    """
    environment = environment or {}
    layers = {
        str(file): _from_file(file),
        "environment": _from_environment(environment),
        "argument": {name: value for name, value in (arguments or {}).items() if value is not None},
    }
    merged: dict[str, Any] = {}
    origin: dict[str, str] = {}
    for place, layer in layers.items():
        for name, value in layer.items():
            merged[name] = value
            origin[name] = place
    try:
        return Settings.model_validate(merged)
    except ValidationError as error:
        raise _explained(error, origin) from error


def _from_file(file: Path | None) -> dict[str, Any]:
    """Read ``fleet.toml``; a missing file has no settings."""
    if file is None or not file.exists():
        return {}
    import tomllib  # noqa: PLC0415 - loads where there is a file

    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingError(f"{file}: not valid TOML: {error}", hint="mend the file, or delete it") from error
    except OSError as error:
        raise SettingError(f"{file}: cannot be read: {error}", hint="check the file's permissions") from error


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """Take ``FLEET_NAME`` as ``name``; the OpenAI names only fill what is not set."""
    own = {
        name.removeprefix(ENVIRONMENT_PREFIX).lower(): value
        for name, value in environment.items()
        if name.startswith(ENVIRONMENT_PREFIX)
    }
    for name, theirs in (("base_url", "OPENAI_BASE_URL"), ("api_key", "OPENAI_API_KEY")):
        if environment.get(theirs):
            own.setdefault(name, environment[theirs])
    return own


def _explained(error: ValidationError, origin: Mapping[str, str]) -> SettingError:
    """Turn pydantic's first complaint into one line that names the place."""
    first = error.errors()[0]
    path = ".".join(str(step) for step in first["loc"])
    top = str(first["loc"][0]) if first["loc"] else ""
    place = origin.get(top, "settings")
    if first["type"] == "extra_forbidden":
        known = ", ".join(sorted(Settings.model_fields))
        return SettingError(f"{place}: unknown setting {path!r}", hint=f"known settings: {known}")
    given = "what was given is not shown" if top == "api_key" else f"given was {first['input']!r}"
    return SettingError(f"{place}: bad value for {path!r}: {first['msg']}", hint=given)


def given_as_setting(value: str | Path | Unset | None) -> str | None:
    """Return an argument as a setting: None means "none", and one that was not given is left to the other layers."""
    if isinstance(value, Unset):
        return None
    return "none" if value is None else str(value)
