"""Readers that compute: a term as a number with a bound on its error, a bound as a verdict."""

from boundcheck.evaluate.enclosed import Enclosed
from boundcheck.evaluate.judge import Judgement, Sides, find_witness, judge, require_equal_sizes
from boundcheck.evaluate.numeric import Named, NumericReader
from boundcheck.evaluate.verdict import CODES, Ground, Verdict

__all__ = [
    "CODES",
    "Enclosed",
    "Ground",
    "Judgement",
    "Named",
    "NumericReader",
    "Sides",
    "Verdict",
    "find_witness",
    "judge",
    "require_equal_sizes",
]
