"""Data sets: every triple of labelled collections or a sample of them, a bound on each, and what they say together."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from boundcheck.data.labelled import LabelledPoints, sample_triples
    from boundcheck.limits import ClusteredShare, EnclosedShare, Quantile, Share, quantile
    from boundcheck.scanning.engines import DaskEngine, LocalEngine, ProcessEngine
    from boundcheck.scanning.new_classes import by_class, margin_for, triplets_above
    from boundcheck.scanning.rankings import certified_rankings, retrieve
    from boundcheck.scanning.run import Scan, applicable, scan
    from boundcheck.scanning.summary import ScanSummary
    from boundcheck.scanning.triples import ScanResult, check_triples
    from boundcheck.scanning.tuples import TupleScan, scan_parts, scan_tuples

__all__ = [
    "ClusteredShare",
    "DaskEngine",
    "EnclosedShare",
    "LabelledPoints",
    "LocalEngine",
    "ProcessEngine",
    "Quantile",
    "Scan",
    "ScanResult",
    "ScanSummary",
    "Share",
    "TupleScan",
    "applicable",
    "by_class",
    "certified_rankings",
    "check_triples",
    "margin_for",
    "quantile",
    "retrieve",
    "sample_triples",
    "scan",
    "scan_parts",
    "scan_tuples",
    "triplets_above",
]

#: Where names are, looked up on first use: most load torch, some a compiler, and workers that start need neither.
_LAZY = {
    "ClusteredShare": "limits",
    "DaskEngine": "scanning.engines",
    "EnclosedShare": "limits",
    "LabelledPoints": "data.labelled",
    "LocalEngine": "scanning.engines",
    "ProcessEngine": "scanning.engines",
    "Quantile": "limits",
    "Scan": "scanning.run",
    "ScanResult": "scanning.triples",
    "ScanSummary": "scanning.summary",
    "Share": "limits",
    "TupleScan": "scanning.tuples",
    "applicable": "scanning.run",
    "by_class": "scanning.new_classes",
    "certified_rankings": "scanning.rankings",
    "check_triples": "scanning.triples",
    "margin_for": "scanning.new_classes",
    "quantile": "limits",
    "retrieve": "scanning.rankings",
    "sample_triples": "data.labelled",
    "scan": "scanning.run",
    "scan_parts": "scanning.tuples",
    "scan_tuples": "scanning.tuples",
    "triplets_above": "scanning.new_classes",
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"boundcheck.{_LAZY[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
