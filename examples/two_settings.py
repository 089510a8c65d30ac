"""One script, on a laptop or before workers on many machines: two settings say which, and nothing else changes.

python examples/two_settings.py

With FLEET_DATABASE=postgresql://... and FLEET_ENGINE=durable the same script has its messages answered by whatever
`fleet worker` runs on that database, on this machine or another.
"""

from __future__ import annotations

import asyncio

from fleet_runtime import Fleet

CONVERSATION = (
    "We have 40 seats, and Priya Nair is our champion.",
    "How many seats do we have?",
    "Could your team build us a connector to our warehouse system?",
    "Who is our champion?",
)


async def main() -> None:
    """Ask one thing after the other, and two accounts at once."""
    async with Fleet.open() as fleet:
        harbor = await fleet.spawn("customer-success-manager", account="two-settings-harbor")
        for number, text in enumerate(CONVERSATION):
            reply = await harbor.ask(text, speaker="Dana Whitfield", turn_id=f"two-settings-{number}")
            print(f"> {text}\n{reply.role}: {reply.text}\n")
        others = [await fleet.spawn("customer-success-manager", account=f"two-settings-{name}") for name in "ab"]
        replies = await asyncio.gather(*(agent.ask(CONVERSATION[0], turn_id=f"{agent.account}-1") for agent in others))
        print("Two more accounts at once:", *(reply.role for reply in replies))


if __name__ == "__main__":
    asyncio.run(main())
