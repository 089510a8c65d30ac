"""What an import gives, as a value. Makes none; `foreign` does, and is loaded only where something is imported."""

from __future__ import annotations

from fleet_runtime.contracts import Value
from fleet_runtime.parsing.complaints import Complaint


class Draft(Value):
    """What came of an import: the class and the contract's text, empty where the file gave none, and the complaints."""

    role_class: str
    text: str
    complaints: tuple[Complaint, ...]
