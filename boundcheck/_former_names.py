"""Imports by the names that rooms had before: ``from boundcheck.scan import LabelledPoints`` goes on to ``scanning``.

``boundcheck.scan``, ``boundcheck.falsify`` and ``boundcheck.check`` are functions. They were modules once, so that
``from boundcheck.scan import scan`` stands in scripts; the import system looks such a name up in ``sys.modules``, apart
from the package's attributes, so both work.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

#: Where the names of a former module are now.
_FORMER = {
    "boundcheck.check": ("boundcheck.checking",),
    "boundcheck.falsify": ("boundcheck.adversary",),
    "boundcheck.scan": ("boundcheck.scanning", "boundcheck.data"),
}


class _Former(ModuleType):
    """A module whose names are looked up in the rooms that took its place, which are loaded on first use."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        for room in map(import_module, _FORMER[self.__name__]):
            if hasattr(room, name):
                return getattr(room, name)
        raise AttributeError(
            f"module {self.__name__!r} has no attribute {name!r}: it is {_FORMER[self.__name__][0]} now"
        )


def register_former_names() -> None:
    """Enter the former modules, none of them loaded yet."""
    for name in _FORMER:
        sys.modules.setdefault(name, _Former(name))
