"""One triple: a bound, or every bound that applies, on three collections under any embedding."""

from boundcheck.checking.check import check_bound

__all__ = ["check_bound"]
