"""Spawn an agent for an account and ask it something: the smallest program.

python examples/spawn_agent.py
"""

from __future__ import annotations

import asyncio

from fleet_runtime import Fleet


async def main() -> None:
    """Ask the Customer Success Manager of one account."""
    async with Fleet.open(database=".fleet/examples.db") as fleet:
        print(
            "Model:", fleet.model_info.description if fleet.model_info else "none; replies are composed from the record"
        )
        agent = await fleet.spawn("customer-success-manager", account="acme")
        reply = await agent.ask("Our contract renews on 31 March 2028. We have 40 seats.", speaker="Ines Duarte")
        print(f"{reply.role}: {reply.text}")
        reply = await agent.ask("When does our contract renew?", speaker="Ines Duarte")
        print(f"{reply.role}: {reply.text}")
        print("Tokens:", reply.usage.prompt_tokens, "read,", reply.usage.cached_tokens, "of them cached")


asyncio.run(main())
