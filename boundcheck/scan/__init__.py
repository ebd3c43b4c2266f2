"""Many triples of a data set: labelled collections, random triples, a bound on each, what the sample says."""

from boundcheck.scan.labelled import LabelledPoints, sample_triples
from boundcheck.scan.statistics import Quantile, Share, quantile
from boundcheck.scan.triples import ScanResult, check_triples

__all__ = ["LabelledPoints", "Quantile", "ScanResult", "Share", "check_triples", "quantile", "sample_triples"]
