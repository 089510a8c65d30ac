"""The reply guard: what a reply states, promises or claims that nothing supports.

`check` judges a whole reply against its evidence; `check_line` and `check_reflection` judge single
sentences that a model voiced from one fact or from the customer's own clause. `claimed_work` and
`lane_findings` hold what a role says it does against its own boundaries. All are pure: they return
findings and change nothing.
"""

from __future__ import annotations

from fleet_runtime.guarding.evidence import Evidence
from fleet_runtime.guarding.guard import check
from fleet_runtime.guarding.lane import Claim, claimed_work, lane_findings
from fleet_runtime.guarding.recombination import check_line, check_reflection

__all__ = ["Claim", "Evidence", "check", "check_line", "check_reflection", "claimed_work", "lane_findings"]
