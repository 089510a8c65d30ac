"""Role contracts in Markdown become agents that stay in their lane and remember their accounts.

    async with Fleet.open() as fleet:
        agent = await fleet.spawn("customer-success-manager", account="acme")
        reply = await agent.ask("When does our contract renew?")

Importing loads next to nothing: each public name is found when it is first used, so that a program
that only catches our errors, or a command that only prints help, starts at once. Types stand in
`__init__.pyi`.
"""

# The names are loaded by __getattr__ and typed in the stub:
# pyright: reportUnsupportedDunderAll=false

from __future__ import annotations

from importlib import import_module

_HOMES = {
    "fleet_runtime.contracts": ("Boundary", "Profile", "Role", "Staff"),
    "fleet_runtime.decisions": ("Candidate", "Decision", "RuleHit"),
    "fleet_runtime.errors": (
        "AccountBusy",
        "ContractError",
        "FleetError",
        "MessageError",
        "ModelError",
        "RoleChanged",
        "SettingError",
        "StoreError",
        "UnknownRole",
    ),
    "fleet_runtime.fleet": ("Fleet",),
    "fleet_runtime.messages": ("ModelInfo", "Usage"),
    "fleet_runtime.records": ("Commitment", "Event", "Fact", "HandOff", "Recalled", "Reply", "Turn"),
    "fleet_runtime.runtime.account_memory": ("AccountMemory",),
    "fleet_runtime.runtime.agent": ("Agent",),
    "fleet_runtime.settings": ("Settings",),
    "fleet_runtime.toolbox.functions": ("tool",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

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
    "RoleChanged",
    "RuleHit",
    "SettingError",
    "Settings",
    "Staff",
    "StoreError",
    "Turn",
    "UnknownRole",
    "Usage",
    "tool",
]


def __getattr__(name: str) -> object:
    """Load the home of a public name when it is first used."""
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names."""
    return sorted((*globals(), *_HOME_OF))
