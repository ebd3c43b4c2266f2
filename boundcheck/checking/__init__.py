"""One triple: a bound, or every bound that applies, on three collections under any embedding."""

from boundcheck.checking.aggregators import AGGREGATORS, Aggregator, pool
from boundcheck.checking.check import check_bound
from boundcheck.checking.choices import choose_bound
from boundcheck.checking.parameters import given_parameters

__all__ = ["AGGREGATORS", "Aggregator", "check_bound", "choose_bound", "given_parameters", "pool"]
