"""A role that looks things up: a typed function as a tool, allowed by the role's contract.

python examples/tools.py
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from fleet_runtime import Fleet, Settings, tool
from fleet_runtime.messages import ModelReply, ToolCall
from fleet_runtime.records import ToolContext
from fleet_runtime.testing import ScriptedModel, Step

ROLE = """# Order Desk — fleet role definition

The **order-desk** answers where orders are (`class: order-desk`, `domain: customer`).

It is a **role** (`persistent_persona: false`): it knows orders, and no customers.

## Mandate
1. **Tell where an order is** — status, place and day of arrival of every order.

## Boundaries
- **Does NOT negotiate prices** — discounts belong to the **account-executive**.

## Persona
Short and exact.

## Tools
- `order_status` — to look up where an order is
"""

ORDERS = {"A-1007": {"place": "Rotterdam", "arrives": "4 March 2027"}}


@tool
async def order_status(number: str, context: ToolContext) -> dict[str, str]:
    """Look up where an order is.

    Args:
        number: the order's number, such as A-1007
        context: who asks; filled in by the runtime, and no model sees it
    """
    found = ORDERS.get(number)
    if found is None:
        raise LookupError(f"{context.key.account} has no order {number}")
    return found


def calls(number: str) -> ModelReply:
    """Give what a model answers that wants the tool to be used."""
    return ModelReply(
        text="", tool_calls=(ToolCall(id="1", name="order_status", arguments=f'{{"number": "{number}"}}'),)
    )


SCRIPT = (
    Step("reply", calls("A-1070")),
    Step("reply", calls("A-1007")),
    Step("reply", "Your order A-1007 is in Rotterdam. It arrives on 4 March 2027."),
)


async def main() -> None:
    """Ask where an order is; the model mistypes its number first, is told so, and looks again."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "order-desk.md").write_text(ROLE, encoding="utf-8")
        settings = Settings(database="none", roles=folder, learning="rules")
        async with (
            ScriptedModel(SCRIPT) as model,
            Fleet.open(settings=settings, model=model, tools=[order_status]) as fleet,
        ):
            agent = await fleet.spawn("order-desk", account="acme")
            reply = await agent.ask("Where is our order A-1007?", speaker="Dana Whitfield")
    for use in reply.tools:
        print(f"{use.name}({use.arguments}) {'failed' if use.failed else 'gave'}: {use.result}")
    print(f"{reply.role}: {reply.text}")


asyncio.run(main())
