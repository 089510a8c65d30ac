"""Checks the organisation: role files and profiles against each other, from texts alone. Reads no folder."""

from __future__ import annotations

from fleet_runtime.checking.codes import SEVERITIES, all_codes, severity_of
from fleet_runtime.checking.judging import Report, check, texts_to_embed
from fleet_runtime.checking.organisation import Organisation, Source, organise
from fleet_runtime.checking.prompts import prompt_meter

__all__ = [
    "SEVERITIES",
    "Organisation",
    "Report",
    "Source",
    "all_codes",
    "check",
    "organise",
    "prompt_meter",
    "severity_of",
    "texts_to_embed",
]
