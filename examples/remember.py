"""What colleagues report is remembered: dated, sourced, and as it was on a given day.

python examples/remember.py
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from fleet_runtime import Fleet

REPORTS = (
    {
        "id": "order",
        "at": "2027-01-08",
        "kind": "order",
        "author": "Order form",
        "text": "The contract renews on 31 January 2028. The contract covers 120 seats.",
    },
    {
        "id": "call-1",
        "at": "2027-02-02",
        "kind": "call",
        "author": "Dana Whitfield",
        "text": "I am your champion on our side.",
    },
    {
        "id": "call-2",
        "at": "2027-07-06",
        "kind": "call",
        "author": "Priya Nair",
        "text": "Dana has left the company, I am your new champion.",
    },
)


async def main() -> None:
    """Record three reports, and ask what was known when."""
    async with Fleet.open(database=None, model=None, clock=lambda: datetime(2027, 9, 1, tzinfo=UTC)) as fleet:
        memory = fleet.memory("harborline-freight")
        await memory.record_many(REPORTS)
        for day in (datetime(2027, 3, 1, tzinfo=UTC), datetime(2027, 9, 1, tzinfo=UTC)):
            print(f"On {day:%d %B %Y}:")
            for fact in await memory.facts(as_of=day):
                print(f"  {fact.key} = {fact.value}   (said by {fact.author} on {fact.at:%d %B %Y})")
        print("\nWho is our champion?")
        for item in await memory.recall("Who is our champion?", limit=2):
            print(f"  {item.text}   [{item.event_id}] {', '.join(item.reasons)}")
        print("\n" + (await memory.brief()).markdown())


asyncio.run(main())
