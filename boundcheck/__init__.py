"""State a bound about collections of embeddings once; check it, test it and scan data sets with it.

>>> import boundcheck
>>> report = boundcheck.check_bound(None, [[0.0], [1.0]], [[1.0], [2.0]], [[4.0], [5.0]])
>>> print(report.verdict)
holds
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from boundcheck._former_names import register_former_names
from boundcheck._version import __version__
from boundcheck.errors import BoundcheckError

if TYPE_CHECKING:
    from boundcheck.adversary import compare, falsify, necessity, replay, sharpness
    from boundcheck.checking import check, check_bound
    from boundcheck.embed import embed
    from boundcheck.evaluate import Enclosed, Verdict
    from boundcheck.language import Bound, Premise, Space, cite
    from boundcheck.report import Ladder, Report
    from boundcheck.scanning import scan
    from boundcheck.testing import assert_bound, given_collections
    from boundcheck.theorems import K_ANY_SIZES, K

__all__ = [
    "K_ANY_SIZES",
    "Bound",
    "BoundcheckError",
    "Enclosed",
    "K",
    "Ladder",
    "Premise",
    "Report",
    "Space",
    "Verdict",
    "__version__",
    "assert_bound",
    "check",
    "check_bound",
    "cite",
    "compare",
    "embed",
    "falsify",
    "given_collections",
    "necessity",
    "replay",
    "scan",
    "sharpness",
]

#: Where names are, looked up on first use: what loads torch can fail, and a command must say so with a status of its own.
_ROOM_OF = {
    "Bound": "language",
    "Enclosed": "evaluate",
    "K": "theorems",
    "K_ANY_SIZES": "theorems",
    "Ladder": "report",
    "Premise": "language",
    "Report": "report",
    "Space": "language",
    "Verdict": "evaluate",
    "assert_bound": "testing",
    "check": "checking",
    "check_bound": "checking",
    "cite": "language",
    "compare": "adversary",
    "embed": "embed",
    "falsify": "adversary",
    "given_collections": "testing",
    "necessity": "adversary",
    "replay": "adversary",
    "scan": "scanning",
    "sharpness": "adversary",
}

#: Rooms that are there without an import of their own.
_ROOMS = (
    "adversary",
    "checking",
    "data",
    "distances",
    "errors",
    "evaluate",
    "formal",
    "kernels",
    "language",
    "report",
    "scanning",
    "testing",
    "theorems",
)


class _Package(ModuleType):
    """The package, of which ``embed`` is the function, though the room that it is in has the same name."""

    def __setattr__(self, name: str, value: object) -> None:
        # The import system makes a room an attribute once it is loaded.
        if not (name in _ROOM_OF and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


def __getattr__(name: str) -> Any:
    if name in _ROOM_OF:
        found = getattr(import_module(f"{__name__}.{_ROOM_OF[name]}"), name)
        globals()[name] = found
        return found
    if name in _ROOMS:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    # What the package is for: not what this file imports for itself.
    return sorted({*__all__, *_ROOMS, *(name for name in globals() if name.startswith("__"))})


sys.modules[__name__].__class__ = _Package
register_former_names()
