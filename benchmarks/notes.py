"""Say how well the shipped note reader finds the themes of labelled notes, by words alone and with vectors.

Run: ``python benchmarks/notes.py --data FILE``, a JSON object a line with ``text`` and ``themes``. Notes that the
reader was taught (the default file is one) flatter it; ``benchmarks/fit_notes.py`` prints cross-validated figures.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from notes_data import DEV, encoded, load_notes, report, table_of, wanted

from fleet_runtime.noting import load_reader


def main() -> None:
    """Read the notes and print the tables."""
    parser = argparse.ArgumentParser(description="Measure the note reader on labelled notes.")
    parser.add_argument("--data", type=Path, default=DEV, help="labelled notes, one JSON object a line")
    notes = load_notes(parser.parse_args().data)
    reader, labels, texts = load_reader(), wanted(notes), [note.text for note in notes]
    reader.themes("warm")
    began = time.perf_counter()
    read = [reader.themes(text) for text in texts]
    each = (time.perf_counter() - began) / len(texts)
    print(*report("by words", table_of(read), labels), f"{each * 1e3:.3f} ms a note", sep="\n")
    given = encoded(notes)
    if given is None or given.encoder != reader.encoder:
        print(f"no vectors of {reader.encoder} here, so nothing on them")
        return
    print(*report("with vectors", table_of(reader.themes_of(texts, given.vectors)), labels), sep="\n")


if __name__ == "__main__":
    main()
