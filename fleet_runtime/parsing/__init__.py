"""Role contracts and profiles: from text to values and back. Pure: no files, no clock, no roster."""

from __future__ import annotations

from fleet_runtime.parsing.complaints import Complaint
from fleet_runtime.parsing.names import DOMAINS, is_class_name
from fleet_runtime.parsing.profiles import parse_profile
from fleet_runtime.parsing.reading import ReadRole, parse_role, read_role
from fleet_runtime.parsing.writing import same_contract, write_role

__all__ = [
    "DOMAINS",
    "Complaint",
    "ReadRole",
    "is_class_name",
    "parse_profile",
    "parse_role",
    "read_role",
    "same_contract",
    "write_role",
]
