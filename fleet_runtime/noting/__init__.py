"""Reads colleagues' short notes about accounts: which themes a note touches, by its words and, at hand, its vector.

Several themes may stand in one note, and none in harmless talk. Judges no account and keeps no note.
"""

from __future__ import annotations

from fleet_runtime.noting.reader import NoteReader, load_reader
from fleet_runtime.noting.themes import MEANINGS, THEMES

__all__ = ["MEANINGS", "THEMES", "NoteReader", "load_reader"]
