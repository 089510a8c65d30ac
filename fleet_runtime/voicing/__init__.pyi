# The public names, for type checkers; `__init__.py` finds them when they are first used.

from fleet_runtime.voicing.asking import Asker
from fleet_runtime.voicing.assisted import AssistedVoice
from fleet_runtime.voicing.bank import VoiceBank, VoiceTasks, load_bank, load_tasks
from fleet_runtime.voicing.free import Terms, Wanted, speak_freely
from fleet_runtime.voicing.scene import (
    Draft,
    FreeVoice,
    Noted,
    Scene,
    Speaking,
    ToolsUsed,
    UseTools,
    Voice,
    Voiced,
)

__all__ = [
    "Asker",
    "AssistedVoice",
    "Draft",
    "FreeVoice",
    "Noted",
    "Scene",
    "Speaking",
    "Terms",
    "ToolsUsed",
    "UseTools",
    "Voice",
    "VoiceBank",
    "VoiceTasks",
    "Voiced",
    "Wanted",
    "load_bank",
    "load_tasks",
    "speak_freely",
]
