"""Time the main job's three sessions on the model in force, and count what it said.

    python benchmarks/conversation.py

Prints, over all turns after the first of each session: seconds (median, longest), the share of prompt tokens that
were cached, how many replies carry a sentence of the model's, and how many sentences were said twice.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from statistics import median

from fleet_runtime import Fleet, Reply
from fleet_runtime.voicing.forms import sentences

sys.path.insert(0, str(Path(__file__).parent.parent / "examples"))
from csm_conversation import ACCOUNT, ROLE, SESSIONS, Session


async def hold(session: Session, database: str) -> list[tuple[float, Reply]]:
    """Hold one session; returns (seconds, reply) for each message."""
    said: list[tuple[float, Reply]] = []
    async with Fleet.open(database=database, clock=lambda: session.begins + timedelta(hours=1)) as fleet:
        for report in session.reports:
            await fleet.memory(ACCOUNT).record(report._asdict())
        agent = await fleet.spawn(ROLE, account=ACCOUNT, conversation=session.title)
        started = time.perf_counter()
        await agent.warm_up()
        print(f"{session.title}: ready after {time.perf_counter() - started:.1f} s")
        for count, text in enumerate(session.messages, start=1):
            started = time.perf_counter()
            at = session.begins + timedelta(minutes=count)
            said.append((0.0, await agent.ask(text, speaker=session.speaker, at=at)))
            said[-1] = (time.perf_counter() - started, said[-1][1])
    return said


async def main() -> None:
    """Hold all sessions over one store, and print the figures."""
    info = await Fleet.describe_model()
    print("Model:", info.description if info else "none")
    with tempfile.TemporaryDirectory() as folder:
        sessions = [await hold(session, f"{folder}/store.db") for session in SESSIONS]
    seconds = [spent for session in sessions for spent, _ in session[1:]]
    replies = [reply for session in sessions for _, reply in session]
    later = [reply.usage for session in sessions for _, reply in session[1:]]
    read, cached = sum(usage.prompt_tokens for usage in later), sum(usage.cached_tokens for usage in later)
    written = sum(any(part.model_written for part in reply.parts) for reply in replies)
    heard = Counter(sentence for reply in replies for sentence in sentences(reply.text))
    twice = sum(count - 1 for count in heard.values())
    print(f"turns {len(replies)}  seconds a turn: median {median(seconds):.1f}, longest {max(seconds):.1f}")
    print(f"cached share of prompt tokens: {cached / read:.2f}" if read else "cached share of prompt tokens: none read")
    print(f"replies with a model's sentence: {written}  sentences said twice: {twice} of {heard.total()}")


if __name__ == "__main__":
    asyncio.run(main())
