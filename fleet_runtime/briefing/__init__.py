"""The account brief: a dated, cited, token-bounded summary, byte-identical for the same state.

It is composed from facts, commitments, events and digests alone. No model writes it, nothing is
guessed, and what is not on record is named as unknown.
"""

from __future__ import annotations

from fleet_runtime.briefing.composing import brief
from fleet_runtime.briefing.layout import Brief, BriefLine, BriefSection

__all__ = ["Brief", "BriefLine", "BriefSection", "brief"]
