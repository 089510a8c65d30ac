"""Who takes which message, and why; and a message answered by whoever owns it.

python examples/dispatch.py
"""

from __future__ import annotations

import asyncio

from fleet_runtime import Fleet

MESSAGES = (
    "Nobody can log in since this morning, the page shows error 500.",
    "What would 50 more seats cost us?",
    "Do you plan a mobile app?",
    "Our lawyers want another data protection clause in the contract.",
    "Our champion is leaving at the end of the month.",
)


async def main() -> None:
    """Route some messages away from the Customer Success Manager, then dispatch one from the front door."""
    async with Fleet.open(database=None, model=None) as fleet:
        for text in MESSAGES:
            decision = await fleet.route(text, active_role="customer-success-manager")
            print(f"{text}\n  {decision.verdict} -> {decision.choice}\n  {decision.reason}\n")
        reply = await fleet.dispatch("The export button does nothing when I click it.", account="acme")
        print(f"{reply.role}: {reply.text}")


asyncio.run(main())
