"""Lets a package's public names be found when they are first used, so that importing it loads none of its modules.

A package whose ``__init__`` imports all its modules makes whoever wants one of them wait for the rest. Types stand in a
stub (``__init__.pyi``) beside it. Nothing here knows any package.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module


def face(package: str, homes: Mapping[str, tuple[str, ...]]) -> Callable[[str], object]:
    """Return the ``__getattr__`` of a package; ``homes`` maps its modules to the public names that each gives.

    No module may bear the name of something public: once loaded, it would stand in its place.
    """
    home_of = {name: home for home, names in homes.items() for name in names}

    def __getattr__(name: str) -> object:  # noqa: N807 - the name by which Python asks a module
        if name not in home_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{home_of[name]}"), name)

    return __getattr__
