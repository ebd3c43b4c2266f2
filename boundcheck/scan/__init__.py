"""Data sets: every triple of labelled collections or a sample of them, a bound on each, and what they say together.

``boundcheck.scan(embeddings, classes, collections)`` is :func:`boundcheck.scan.run.scan`: this module can be called.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from boundcheck.scan.labelled import LabelledPoints, sample_triples
from boundcheck.scan.statistics import Quantile, Share, quantile
from boundcheck.scan.triples import ScanResult, check_triples

if TYPE_CHECKING:
    from boundcheck.scan.engines import DaskEngine, LocalEngine, ProcessEngine
    from boundcheck.scan.newclasses import by_class, margin_for, triplets_above
    from boundcheck.scan.rankings import certified_rankings, retrieve
    from boundcheck.scan.run import Scan, applicable, scan
    from boundcheck.scan.summary import ScanSummary

__all__ = [
    "DaskEngine",
    "LabelledPoints",
    "LocalEngine",
    "ProcessEngine",
    "Quantile",
    "Scan",
    "ScanResult",
    "ScanSummary",
    "Share",
    "applicable",
    "by_class",
    "certified_rankings",
    "check_triples",
    "margin_for",
    "quantile",
    "retrieve",
    "sample_triples",
    "scan",
    "triplets_above",
]

#: Where names are that load a compiler: looked up on first use.
_LAZY = {
    "DaskEngine": "engines",
    "LocalEngine": "engines",
    "ProcessEngine": "engines",
    "Scan": "run",
    "ScanSummary": "summary",
    "applicable": "run",
    "by_class": "newclasses",
    "certified_rankings": "rankings",
    "margin_for": "newclasses",
    "retrieve": "rankings",
    "scan": "run",
    "triplets_above": "newclasses",
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)


class _Callable(ModuleType):
    """A module that is its main function too: the package and the call share one name."""

    def __call__(self, *arguments: Any, **options: Any) -> "Scan":
        from boundcheck.scan.run import scan

        return scan(*arguments, **options)


sys.modules[__name__].__class__ = _Callable
