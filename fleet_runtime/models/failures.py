"""Turns what the ``openai`` package raises into our own errors, each with what to do about it."""

from __future__ import annotations

import httpx2
import openai
from pydantic import ValidationError

from fleet_runtime.errors import ModelError, ModelGarbled, ModelRefused, ModelTimeout, ModelUnreachable
from fleet_runtime.messages import ModelInfo
from fleet_runtime.models.retrying import SPENT, may_repeat

FOREIGN = (openai.OpenAIError, httpx2.HTTPError, TimeoutError, ValueError)
"""All that a call may raise: the package's own errors, a stream's, a passed deadline, a body that is no JSON."""

UNAUTHORISED = (401, 403)
NOT_FOUND = 404
ACCESS_DENIED = (*UNAUTHORISED, 402, NOT_FOUND)
TIMED_OUT = 408


def explained(error: BaseException, info: ModelInfo, task: str) -> ModelError:
    """Return our error for a foreign one; the caller raises it ``from`` the foreign one."""
    where = f"{info.endpoint}: {task}"
    if isinstance(error, openai.APIStatusError):
        return _status(error, info, where)
    if isinstance(error, openai.APITimeoutError | httpx2.TimeoutException | TimeoutError):
        return ModelTimeout(
            f"{where}: no answer in the time allowed",
            hint="try again, or raise the setting model_timeout_seconds",
        )
    if isinstance(error, openai.APIConnectionError | httpx2.HTTPError):
        return ModelUnreachable(
            f"{where}: nothing answers ({error.__cause__ or error})",
            hint="check the setting base_url (or OPENAI_BASE_URL) and that the endpoint runs",
        )
    if isinstance(error, openai.APIError):
        return ModelUnreachable(f"{where}: the endpoint gave up ({error.message})", hint="try again")
    return ModelGarbled(
        f"{where}: the answer is not a chat completion ({_in_a_line(error)})",
        hint="check that the setting base_url points at an OpenAI-compatible address; it mostly ends in /v1",
    )


def _in_a_line(error: BaseException) -> str:
    """Say what is wrong with an answer; pydantic would say it on several lines, and repeat the answer."""
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(step) for step in first["loc"])
    return f"{place}: {first['msg']}" if place else first["msg"]


def _status(error: openai.APIStatusError, info: ModelInfo, where: str) -> ModelError:
    """Sort an HTTP status."""
    said = f"{where}: {error.status_code}: {_without_key(error)}"
    if error.status_code == TIMED_OUT:
        return ModelTimeout(said, hint="try again later")
    if error.code == SPENT:
        return ModelRefused(said, hint="the account behind the key has no credit left; top it up, or change api_key")
    if may_repeat(error):
        return ModelUnreachable(said, hint="the endpoint is busy or failing; try again later, or ask it less often")
    if error.status_code in UNAUTHORISED:
        hint = "check the setting api_key (or OPENAI_API_KEY)"
    elif error.status_code == NOT_FOUND:
        hint = f"check the setting base_url, and that the endpoint has the model {info.name!r} (setting model)"
    else:
        hint = f"the endpoint does not take this request; check the setting model ({info.name!r})"
    return ModelRefused(said, hint=hint)


def _without_key(error: openai.APIStatusError) -> str:
    """Return the endpoint's words without the key, which some of them repeat: errors end in logs."""
    key = error.request.headers.get("Authorization", "").removeprefix("Bearer ")
    return error.message.replace(key, "***") if key else error.message


def is_about_access(error: ModelRefused) -> bool:
    """Say whether a refusal is about the key, its credit or the model's name, and not about what was asked."""
    cause = error.__cause__
    return isinstance(cause, openai.APIStatusError) and (cause.status_code in ACCESS_DENIED or cause.code == SPENT)
