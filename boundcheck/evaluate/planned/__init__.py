"""The planner: which few reductions of distances a bound needs, each computed once and none stored whole.

:func:`explain` prints what :func:`plan` finds, as a database does of a query; :class:`PlannedReader` follows it. A
bound's sides and premises are rewritten (:func:`boundcheck.language.rewrite`), equal sub-terms become one step, and a
reduction of ‖x_i − w_k‖ becomes a call of a kernel (:mod:`boundcheck.kernels.reductions`):

==================================  =======================================================
max_k or min_k, for each i          ``of_rows``
max_i max_k, min_i min_k            ``extreme``
max_i min_k                         ``hausdorff``
mean_i mean_k, sums                 ``mean``
==================================  =======================================================

Where a step has each object's value already, a further reduction over the objects takes it from there. What no kernel
computes, min{r_i, s_j} for all pairs say, is computed block by block: beside arrays as large as the points themselves,
none of more than :data:`AT_ONCE` numbers is made, whatever the sizes. The exceptions are the two that a solver computes,
the transport distance and the distance of hulls.
"""

from boundcheck.evaluate.planned.planner import explain, plan
from boundcheck.evaluate.planned.reader import PlannedReader, evaluate, reader_for
from boundcheck.evaluate.planned.steps import AT_ONCE, Cost, How, Plan, Step

__all__ = ["AT_ONCE", "Cost", "How", "Plan", "PlannedReader", "Step", "evaluate", "explain", "plan", "reader_for"]
