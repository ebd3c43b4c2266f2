"""Distances between arrays of points. Kernels know arrays only, never terms.

``reference`` is slow and obvious, ``cpu`` is what runs; tests hold one against the other. ``transport`` and ``hulls``
solve, and return with each solution what proves it from the other side.
"""

from boundcheck.kernels.cpu import pairwise, vector_norm
from boundcheck.kernels.hulls import nearest_weights
from boundcheck.kernels.transport import coupling, weighted_coupling

__all__ = ["coupling", "nearest_weights", "pairwise", "vector_norm", "weighted_coupling"]
