"""Readers that compute: a term as a number with a bound on its error, a bound as a verdict."""

from boundcheck.evaluate.enclosed import Enclosed
from boundcheck.evaluate.judge import Judgement, Sides, find_witness, judge, require_equal_sizes
from boundcheck.evaluate.planned import Cost, How, Plan, PlannedReader, Step, evaluate, explain, plan, reader_for
from boundcheck.evaluate.readers.numeric import Named, NumericReader
from boundcheck.evaluate.verdict import CODES, Ground, Verdict

__all__ = [
    "CODES",
    "Cost",
    "Enclosed",
    "Ground",
    "How",
    "Judgement",
    "Named",
    "NumericReader",
    "Plan",
    "PlannedReader",
    "Sides",
    "Step",
    "Verdict",
    "evaluate",
    "explain",
    "find_witness",
    "judge",
    "plan",
    "reader_for",
    "require_equal_sizes",
]
