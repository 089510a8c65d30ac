# The public names, for type checkers; `__init__.py` finds them when they are first used.

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
