"""Distances between arrays of points. Kernels know arrays only, never terms.

``reference`` is slow and obvious, ``cpu`` is what runs; tests hold one against the other.
"""

from boundcheck.kernels.cpu import pairwise, vector_norm

__all__ = ["pairwise", "vector_norm"]
