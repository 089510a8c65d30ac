"""What is known of tools without running any: who may use which, what a signature says, what arguments mean.

Pure: it runs no tool and reaches no server.
"""

from __future__ import annotations

from fleet_runtime.tools.bounding import bounded
from fleet_runtime.tools.permitting import permitted, unknown_tools

__all__ = ["bounded", "permitted", "unknown_tools"]
