"""The same SDK without async, for scripts and notebooks.

python examples/sync_notebook_style.py
"""

from __future__ import annotations

from fleet_runtime.sync import Fleet

with Fleet.open(database=None, model=None) as fleet:
    agent = fleet.spawn("customer-success-manager", account="acme")
    print(agent.ask("Our goal is to close the month in two days by September.").text)
    for piece in agent.stream_text("What was our goal?"):
        print(piece, end="")
    print()
    print([(fact.key, fact.value) for fact in fleet.memory("acme").facts()])
