"""What forked processes begin with: the runtime imported, and the patterns compiled that a first message needs.

Imported by the server that they are forked from (`forked`), in no test. It starts no thread, opens no database, leaves
nothing open and reads no environment. It spares a process what Python caches, not what the runtime has to do.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from importlib import import_module
from typing import Final

from fleet_runtime import Settings
from fleet_runtime.learning.reading.rules import learn_by_rules
from fleet_runtime.records import Event
from fleet_runtime.staffing import load_staff

IMPORTED: Final = (
    "dbos",
    "fleet_runtime.cli.talking",
    "fleet_runtime.cli.working",
    "fleet_runtime.engine.durable.gateway",
    "fleet_runtime.engine.durable.queue",
    "fleet_runtime.fleet",
    "fleet_runtime.guarding",
    "fleet_runtime.routing.passing",
    "fleet_runtime.runtime.background",
    "fleet_runtime.runtime.learner",
    "fleet_runtime.runtime.remembering",
    "fleet_runtime.serving",
    "fleet_runtime.stores.databases.postgres",
    "fleet_runtime.stores.sql.books",
    "fleet_runtime.stores.sql.crew",
    "fleet_runtime.stores.sql.gate",
    "fleet_runtime.stores.sql.store",
    "fleet_runtime.stores.sql.turn_log",
    "fleet_runtime.testing",
    "fleet_runtime.toolbox.functions",
    "fleet_runtime.voicing.assisted",
    "openai",
    "rich.progress",
)
"""What a fleet that answers, or works, imports when it first needs it."""

MESSAGE: Final = "Thanks, we have 40 seats now, and Kim is our champion. When does our contract renew, on 3 May 2027?"


def rehearse() -> None:
    """Import, and have the rules read a message for the lead of the shipped staff."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # numpy's would be started as it is imported
    for name in IMPORTED:
        import_module(name)
    at = datetime(2027, 3, 1, tzinfo=UTC)
    staff = load_staff(Settings())
    keys = [key for role in staff.roles if role.role_class == staff.lead for key in role.memory]
    learn_by_rules(Event(id="e1", at=at, kind="message", author="Ada", text=MESSAGE), keys, state_facts=(), now=at)


rehearse()
