"""Contract tests made from the contracts: probes of every bullet, what must become of each, and the verdict.

Pure: takes roles and vectors as values. Reads no file, writes no recording, prints nothing.
"""

from __future__ import annotations

from fleet_runtime.probing.bench import Bench, texts_to_embed
from fleet_runtime.probing.judging import BulletResult, ProbeResult, judge
from fleet_runtime.probing.mutants import Mutant, MutantResult, judge_mutants, mutants_of
from fleet_runtime.probing.probes import KINDS, Bullet, Probe, ProbeKind, bullets_of
from fleet_runtime.probing.recording import read_recording, recorded, write_recording
from fleet_runtime.probing.references import Agreed, BrokenReference, judge_references, shipped_boundaries

__all__ = [
    "KINDS",
    "Agreed",
    "Bench",
    "BrokenReference",
    "Bullet",
    "BulletResult",
    "Mutant",
    "MutantResult",
    "Probe",
    "ProbeKind",
    "ProbeResult",
    "bullets_of",
    "judge",
    "judge_mutants",
    "judge_references",
    "mutants_of",
    "read_recording",
    "recorded",
    "shipped_boundaries",
    "texts_to_embed",
    "write_recording",
]
