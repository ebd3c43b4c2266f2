"""One check: a bound on any number of collections, or every bound that applies on three, under any embedding."""

from boundcheck.checking.aggregators import AGGREGATORS, Aggregator, pool
from boundcheck.checking.calls import check, check_bound
from boundcheck.checking.choices import choose_bound
from boundcheck.checking.parameters import given_parameters

__all__ = ["AGGREGATORS", "Aggregator", "check", "check_bound", "choose_bound", "given_parameters", "pool"]
