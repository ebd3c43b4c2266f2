"""Printers: a bound as a person reads it on paper."""

from boundcheck.language.latex import bound_latex, latex, premise_latex

__all__ = ["bound_latex", "latex", "premise_latex"]
