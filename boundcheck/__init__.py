"""State a bound about collections of embeddings once; check it, test it and scan data sets with it.

>>> import boundcheck
>>> report = boundcheck.check_bound(None, [[0.0], [1.0]], [[1.0], [2.0]], [[4.0], [5.0]])
>>> print(report.verdict)
holds
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from boundcheck._former_names import register_former_names
from boundcheck._version import __version__
from boundcheck.checking import check_bound
from boundcheck.embed import embed
from boundcheck.errors import BoundcheckError
from boundcheck.evaluate import Enclosed, Verdict
from boundcheck.language import Bound, Premise, Space, cite
from boundcheck.report import Ladder, Report
from boundcheck.theorems import K_ANY_SIZES, K

if TYPE_CHECKING:
    from boundcheck.adversary import compare, falsify, necessity, replay, sharpness
    from boundcheck.scanning import scan
    from boundcheck.testing import assert_bound, given_collections

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

#: Where names are that load Hypothesis or a compiler: looked up on first use.
_LAZY = {
    "assert_bound": "boundcheck.testing",
    "compare": "boundcheck.adversary",
    "falsify": "boundcheck.adversary",
    "given_collections": "boundcheck.testing",
    "necessity": "boundcheck.adversary",
    "replay": "boundcheck.adversary",
    "scan": "boundcheck.scanning",
    "sharpness": "boundcheck.adversary",
}

#: One triple, by the short name that goes with `scan` and `falsify`.
check = check_bound

register_former_names()


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LAZY[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
