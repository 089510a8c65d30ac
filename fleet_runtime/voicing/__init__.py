"""How a role speaks: assisted (a weak model finishes sentences) or free (a capable one writes, guarded).

Each name is found when it is first used: who speaks freely does not wait for what assists, nor for the guard.
"""

# The names are loaded by __getattr__ and typed in the stub:
# pyright: reportUnsupportedDunderAll=false

from __future__ import annotations

from fleet_runtime.faces import face

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

__getattr__ = face(
    __name__,
    {
        "asking": ("Asker",),
        "assisted": ("AssistedVoice",),
        "bank": ("VoiceBank", "VoiceTasks", "load_bank", "load_tasks"),
        "free": ("Terms", "Wanted", "speak_freely"),
        "scene": ("Draft", "FreeVoice", "Noted", "Scene", "Speaking", "ToolsUsed", "UseTools", "Voice", "Voiced"),
    },
)
