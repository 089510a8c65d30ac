"""Role contracts and profiles: from text to values and back. Pure: no files, no clock, no roster."""

from __future__ import annotations

from fleet_runtime.parsing.allowances import Allowance, read_allowances
from fleet_runtime.parsing.complaints import Complaint
from fleet_runtime.parsing.drafts import Draft
from fleet_runtime.parsing.glancing import Glance, glance
from fleet_runtime.parsing.library_page import INDEX_FILE, write_library_page
from fleet_runtime.parsing.names import DOMAINS, is_class_name
from fleet_runtime.parsing.profiles import ReadProfile, parse_profile, read_profile
from fleet_runtime.parsing.reading import ReadRole, parse_role, read_role
from fleet_runtime.parsing.writing import same_contract, write_role

__all__ = [
    "DOMAINS",
    "INDEX_FILE",
    "Allowance",
    "Complaint",
    "Draft",
    "Glance",
    "ReadProfile",
    "ReadRole",
    "glance",
    "is_class_name",
    "parse_profile",
    "parse_role",
    "read_allowances",
    "read_profile",
    "read_role",
    "same_contract",
    "write_library_page",
    "write_role",
]
