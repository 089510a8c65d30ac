"""The ``fleet`` command: prints and serves, decides nothing. Each group of commands has a module of its own."""

from __future__ import annotations

import logging
import sys
from io import TextIOWrapper

from fleet_runtime.cli.app import build


def main() -> None:
    """Run the command line; the entry point of ``fleet``."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # an ASCII terminal must not end a conversation
    logging.getLogger("fleet_runtime").setLevel(logging.ERROR)  # a command's own errors say what there is to say
    build(called=next(iter(sys.argv[1:]), None))(prog_name="fleet")
