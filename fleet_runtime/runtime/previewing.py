"""Shows a role's prompt as a first message would have it. Asks no model and stores nothing."""

from __future__ import annotations

from fleet_runtime.briefing import brief
from fleet_runtime.contracts import Role
from fleet_runtime.prompting import Prompt, compile_tail
from fleet_runtime.runtime.desk import Desk


async def compiled(desk: Desk, role: Role, account: str | None) -> tuple[Prompt, ...]:
    """Return the stable prefix, and with an account the volatile tail.

    Raises: PromptError; StoreError.
    """
    prefix = desk.prefix(role)
    if account is None:
        return (prefix,)
    now = desk.clock()
    state = await desk.store.read(desk.key(account))
    tail = compile_tail(
        desk.words.book,
        today=f"{now.day} {now:%B %Y}",
        speaker="customer",
        account=account,
        brief=brief(state, keys=desk.memory_keys, as_of=now).markdown(),
        recalled=(),
        noted=(),
        packet=None,
        decline="",
        text="(the customer's message stands here)",
    )
    return (prefix, tail)
