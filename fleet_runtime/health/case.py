"""One account's rows, prepared once so that it can be looked at as of any moment. Judges nothing."""

from __future__ import annotations
