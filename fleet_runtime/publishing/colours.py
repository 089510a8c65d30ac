"""Colours that people with any sight tell apart (after Okabe and Ito), on white paper."""

from __future__ import annotations

from typing import Final

INK: Final = "#222222"
SOFT: Final = "#6b6f76"
FAINT: Final = "#d9dce1"
GAP: Final = "#eceef1"
NO_DATA: Final = "#bfc3c9"
REFERENCE: Final = "#b84a00"
LINES: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000")
