"""How fast durable turns are: how many a second with 1, 2 and 4 workers, and what one costs beside its model.

Every figure is read out of the ledger, whose times come from one clock for all processes; order is judged as after a
kill run. On a machine that does other work too, wall times tell of that work as well: CPU a turn is the safer figure.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from statistics import quantiles

from durable_doubles import ROLE, Plan, settings_of, slow_fleet, text_of
from durable_ledger import Ledger, digest, lines
from durable_processes import fork
from durable_run import UNDER_WAY, House, Run, counted

from fleet_runtime import Fleet

MODEL_SECONDS = 0.05
GATEWAYS = 2
MILLION = 1e6


def throughput(place: House, each: Sequence[int], accounts: int, messages: int) -> bool:
    """Queue everything, then let so many workers answer it; print a line for each number. Tell whether all was well."""
    clean = True
    for workers in each:
        folder, database = place.fresh(f"throughput-{workers}")
        names = tuple(f"account-{number}" for number in range(accounts))
        settings = settings_of(place.folder, database)
        run = Run(Plan(folder, settings, names, model_seconds=(MODEL_SECONDS, MODEL_SECONDS)))
        queued = _queue(run, messages)
        for _ in range(workers):
            run.start_worker()
        turns = accounts * messages
        run.until(partial(_all_done, run), 60 + turns, "all turns are answered", 0.3)
        run.drain()
        moments = [line.at for line in lines(folder, {"attempt", "committed"})]
        seconds = (max(moments) - min(moments)) / 1e9
        cpu = sum(child.cpu_seconds for child in run.ended if child.role == "worker")
        verdict = run.verdict()
        clean = clean and verdict.clean and verdict.acked == turns
        print(
            f"throughput workers {workers}: {turns} turns in {seconds:.1f} s, {turns / seconds:.1f} a second, "
            f"{1000 * cpu / turns:.1f} ms CPU of workers a turn, starts included; "
            f"queued {turns / queued:.0f} a second; "
            f"{verdict.counts}",
            flush=True,
        )
    return clean


def _all_done(run: Run) -> bool:
    """Tell whether no turn waits."""
    return counted(run.ask_store, UNDER_WAY) == 0


def _queue(run: Run, messages: int) -> float:
    """Have gateways queue so many messages for each account, and return how long that took, in seconds."""
    for number in range(GATEWAYS):
        name = f"g{number + 1}"
        plan = replace(run.plan, accounts=run.plan.accounts[number::GATEWAYS])
        run.gateways.append(fork(plan, "gateway", name, partial(_queue_all, plan, name, messages)))
    gateways = list(run.gateways)
    for gateway in gateways:
        gateway.note(gateway.gone(wait=True) or 0, run.ledger)
    run.gateways.clear()
    moments = [line.at for line in lines(run.plan.folder, {"offer", "ack"})]
    return (max(moments) - min(moments)) / 1e9


async def _queue_all(plan: Plan, name: str, messages: int, ledger: Ledger) -> None:
    """Hand over all messages, an account's one after the other, a few accounts at a time; wait for no reply."""
    async with Fleet.open(settings=plan.settings) as fleet:
        few = asyncio.Semaphore(8)

        async def feed(account: str) -> None:
            agent = await fleet.spawn(ROLE, account=account)
            for number in range(messages):
                async with few:
                    turn_id = f"{name}-{account}-{number}"
                    ledger.write("offer", turn_id, account, name, "plain")
                    turn = await agent.accept(text_of(turn_id, account, stamp=False), turn_id=turn_id)
                    ledger.write("ack", turn_id, turn.sequence)

        await asyncio.gather(*(feed(account) for account in plan.accounts))


@dataclass
class Times:
    """When each thing happened to a turn, in nanoseconds; ``model`` is how long it was with the model."""

    offer: int = 0
    ack: int = 0
    attempt: int = 0
    begin: int = 0
    committed: int = 0
    heard: int = 0
    model: int = 0

    @property
    def whole(self) -> bool:
        """Tell whether it was seen from beginning to end."""
        return bool(self.offer and self.heard and self.committed)


PARTS: dict[str, Callable[[Times], int]] = {
    "seen by the caller": lambda turn: turn.heard - turn.offer - turn.model,
    "accepting": lambda turn: turn.ack - turn.offer,
    "enqueue to start": lambda turn: turn.attempt - turn.ack,
    "the turn itself": lambda turn: turn.committed - turn.attempt - turn.model,
    "noticing the reply": lambda turn: turn.heard - turn.committed,
}
"""What of a turn's time is whose, in nanoseconds."""


def overhead(place: House, turns: int) -> bool:
    """Ask so many times, one after the other, inline and durable; print what it took beside the model."""
    inline = _asked(place, "inline", turns)
    durable = _asked(place, "durable", turns)
    print(f"milliseconds beside the model ({MODEL_SECONDS * 1000:.0f} ms), p50 / p95 of {turns} turns")
    for name, part in PARTS.items():
        figures = " ".join(f"{who} {_p(found, part)}" for who, found in (("inline", inline), ("durable", durable)))
        print(f"  {name:<20}{figures}")
    own = {who: _p(found, _own) for who, found in (("inline", inline), ("durable", durable))}
    print(
        f"overhead of a turn without its wait in the queue: inline {own['inline']} durable {own['durable']}; "
        f"enqueue to start {_p(durable, PARTS['enqueue to start'])}"
    )
    return len(inline) == len(durable) == turns


def _own(turn: Times) -> int:
    """Return what a turn takes besides the model and the wait for a worker."""
    return turn.committed - turn.offer - turn.model - max(0, turn.attempt - turn.ack)


def _p(found: Sequence[Times], part: Callable[[Times], int]) -> str:
    """Return median and 95th percentile of a part, in milliseconds."""
    cut = quantiles([part(turn) / MILLION for turn in found], n=20)
    return f"{cut[9]:.1f} / {cut[18]:.1f}"


def _asked(place: House, engine: str, turns: int) -> list[Times]:
    """Ask one engine, and return the times of the turns."""
    folder, database = place.fresh(f"overhead-{engine}")
    settings = settings_of(place.folder, database, engine=engine)
    run = Run(Plan(folder, settings, ("first",), model_seconds=(MODEL_SECONDS, MODEL_SECONDS)))
    if engine == "durable":
        run.start_worker()
    gateway = fork(run.plan, "gateway", "g1", partial(_ask_all, run.plan, turns))
    failed = gateway.gone(wait=True)
    run.end()
    if failed:
        raise RuntimeError(f"nothing was measured: see {folder}")
    times: dict[str, Times] = {}
    for line in lines(folder):
        if line.kind in {"ended", "ready"} or line.words[0].startswith("warm"):
            continue
        turn = times.setdefault(line.words[0], Times())
        if line.kind == "end":
            turn.model += line.at - turn.begin
        else:
            setattr(turn, line.kind, line.at)
    return [turn for turn in times.values() if turn.whole]


async def _ask_all(plan: Plan, turns: int, ledger: Ledger) -> None:
    """Ask one thing after the other, over a few accounts, after a few to get warm."""
    inline = plan.settings.engine == "inline"
    async with slow_fleet(plan, ledger) if inline else Fleet.open(settings=plan.settings) as fleet:
        for number in range(-10, turns):
            turn_id, account = f"{'warm' if number < 0 else 'turn'}-{abs(number)}", f"account-{number % 20}"
            agent = await fleet.spawn(ROLE, account=account)
            ledger.write("offer", turn_id, account, "g1", "plain")
            turn = await agent.accept(text_of(turn_id, account, stamp=False), turn_id=turn_id)
            ledger.write("ack", turn_id, turn.sequence)
            reply = await agent.answer(turn)
            ledger.write("heard", turn_id, digest(reply.text))
