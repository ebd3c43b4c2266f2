"""Data sets: every triple of labelled collections or a sample of them, a bound on each, and what they say together."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from boundcheck.data.labelled import LabelledPoints, sample_triples
from boundcheck.limits import Quantile, Share, quantile
from boundcheck.scanning.triples import ScanResult, check_triples

if TYPE_CHECKING:
    from boundcheck.scanning.engines import DaskEngine, LocalEngine, ProcessEngine
    from boundcheck.scanning.new_classes import by_class, margin_for, triplets_above
    from boundcheck.scanning.rankings import certified_rankings, retrieve
    from boundcheck.scanning.run import Scan, applicable, scan
    from boundcheck.scanning.summary import ScanSummary

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
    "by_class": "new_classes",
    "certified_rankings": "rankings",
    "margin_for": "new_classes",
    "retrieve": "rankings",
    "scan": "run",
    "triplets_above": "new_classes",
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
