"""Role contracts and profiles: from text to values and back. Pure: no files, no clock, no roster.

Each name is found when it is first used: who reads one contract does not wait for what writes them.
"""

# The names are loaded by __getattr__ and typed in the stub:
# pyright: reportUnsupportedDunderAll=false

from __future__ import annotations

from fleet_runtime.faces import face

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

__getattr__ = face(
    __name__,
    {
        "allowances": ("Allowance", "read_allowances"),
        "complaints": ("Complaint",),
        "drafts": ("Draft",),
        "glancing": ("Glance", "glance"),
        "library_page": ("INDEX_FILE", "write_library_page"),
        "names": ("DOMAINS", "is_class_name"),
        "profiles": ("ReadProfile", "parse_profile", "read_profile"),
        "reading": ("ReadRole", "parse_role", "read_role"),
        "writing": ("same_contract", "write_role"),
    },
)
