# The public names, for type checkers; `__init__.py` finds them when they are first used.

from fleet_runtime.contracts import Boundary as Boundary
from fleet_runtime.contracts import Profile as Profile
from fleet_runtime.contracts import Role as Role
from fleet_runtime.contracts import Staff as Staff
from fleet_runtime.decisions import Candidate as Candidate
from fleet_runtime.decisions import Decision as Decision
from fleet_runtime.decisions import RuleHit as RuleHit
from fleet_runtime.errors import (
    AccountBusy as AccountBusy,
)
from fleet_runtime.errors import (
    ContractError as ContractError,
)
from fleet_runtime.errors import (
    FleetError as FleetError,
)
from fleet_runtime.errors import (
    MessageError as MessageError,
)
from fleet_runtime.errors import (
    ModelError as ModelError,
)
from fleet_runtime.errors import (
    RoleChanged as RoleChanged,
)
from fleet_runtime.errors import (
    SettingError as SettingError,
)
from fleet_runtime.errors import (
    StoreError as StoreError,
)
from fleet_runtime.errors import (
    UnknownRole as UnknownRole,
)
from fleet_runtime.fleet import Fleet as Fleet
from fleet_runtime.messages import ModelInfo as ModelInfo
from fleet_runtime.messages import Usage as Usage
from fleet_runtime.records import (
    Commitment as Commitment,
)
from fleet_runtime.records import (
    Event as Event,
)
from fleet_runtime.records import (
    Fact as Fact,
)
from fleet_runtime.records import (
    HandOff as HandOff,
)
from fleet_runtime.records import (
    Recalled as Recalled,
)
from fleet_runtime.records import (
    Reply as Reply,
)
from fleet_runtime.records import (
    Turn as Turn,
)
from fleet_runtime.runtime.account_memory import AccountMemory as AccountMemory
from fleet_runtime.runtime.agent import Agent as Agent
from fleet_runtime.settings import Settings as Settings
from fleet_runtime.toolbox.functions import tool as tool

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
