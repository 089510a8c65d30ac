"""Role contracts in Markdown become agents that stay in their lane and remember their accounts.

    async with Fleet.open() as fleet:
        agent = await fleet.spawn("customer-success-manager", account="acme")
        reply = await agent.ask("When does our contract renew?")

Importing loads no model, no database driver and no command line.
"""

from __future__ import annotations

from fleet_runtime.contracts import Boundary, Profile, Role, Staff
from fleet_runtime.decisions import Candidate, Decision, RuleHit
from fleet_runtime.errors import (
    AccountBusy,
    ContractError,
    FleetError,
    MessageError,
    ModelError,
    SettingError,
    StoreError,
    UnknownRole,
)
from fleet_runtime.fleet import Fleet
from fleet_runtime.messages import ModelInfo, Usage
from fleet_runtime.records import Commitment, Event, Fact, HandOff, Recalled, Reply, Turn
from fleet_runtime.runtime.account_memory import AccountMemory
from fleet_runtime.runtime.agent import Agent
from fleet_runtime.settings import Settings

__all__ = [
    "AccountBusy",
    "AccountMemory",
    "Agent",
    "Boundary",
    "Candidate",
    "Commitment",
    "ContractError",
    "Decision",
    "Event",
    "Fact",
    "Fleet",
    "FleetError",
    "HandOff",
    "MessageError",
    "ModelError",
    "ModelInfo",
    "Profile",
    "Recalled",
    "Reply",
    "Role",
    "RuleHit",
    "SettingError",
    "Settings",
    "Staff",
    "StoreError",
    "Turn",
    "UnknownRole",
    "Usage",
]
