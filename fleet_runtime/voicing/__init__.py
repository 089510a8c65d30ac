"""How a role speaks: assisted (a weak model finishes sentences) or free (a capable one writes, guarded)."""

from fleet_runtime.voicing.asking import Asker
from fleet_runtime.voicing.assisted import AssistedVoice
from fleet_runtime.voicing.bank import VoiceBank, VoiceTasks, load_bank, load_tasks
from fleet_runtime.voicing.free import colleagues_of, evidence_of, speak_freely
from fleet_runtime.voicing.scene import FreeVoice, LaneAnswer, LaneQuestion, Noted, Scene, Speaking, Voice, Voiced

__all__ = [
    "Asker",
    "AssistedVoice",
    "FreeVoice",
    "LaneAnswer",
    "LaneQuestion",
    "Noted",
    "Scene",
    "Speaking",
    "Voice",
    "VoiceBank",
    "VoiceTasks",
    "Voiced",
    "colleagues_of",
    "evidence_of",
    "load_bank",
    "load_tasks",
    "speak_freely",
]
