"""The reply guard: what a reply states, promises or claims that nothing supports.

`check` judges a whole reply against its evidence; `check_line` and `check_reflection` judge single
sentences that a model voiced from one fact or from the customer's own clause. All are pure: they
return findings and change nothing.
"""

from __future__ import annotations

from fleet_runtime.guarding.evidence import Evidence
from fleet_runtime.guarding.guard import check
from fleet_runtime.guarding.recombination import check_line, check_reflection

__all__ = ["Evidence", "check", "check_line", "check_reflection"]
