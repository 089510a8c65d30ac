"""The reply guard: what a reply states, promises or claims that nothing supports.

`check` judges a whole reply against its evidence, and a `Guard` reads that evidence once for many sentences, as a
`SentenceCutter` cuts them out of a stream; `check_line` and `check_reflection` judge single
sentences that a model voiced from one fact or from the customer's own clause. `claimed_work` and
`lane_findings` hold what a role says it does against its own boundaries. All are pure: they return
findings and change nothing.
"""

from __future__ import annotations

from fleet_runtime.guarding.cutting import SentenceCutter
from fleet_runtime.guarding.evidence import Evidence
from fleet_runtime.guarding.guard import Guard, check
from fleet_runtime.guarding.lane import Claim, claimed_work, lane_findings
from fleet_runtime.guarding.readings import Readings
from fleet_runtime.guarding.recombination import check_line, check_reflection

__all__ = [
    "Claim",
    "Evidence",
    "Guard",
    "Readings",
    "SentenceCutter",
    "check",
    "check_line",
    "check_reflection",
    "claimed_work",
    "lane_findings",
]
