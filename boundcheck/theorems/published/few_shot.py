"""Few-shot learning: how well nearest centroids tell classes apart."""

from __future__ import annotations

from boundcheck.language import Bound, distance, hinge, i, indicator, mean, w, x, z
from boundcheck.theorems.published.record import Instance, Published, line

__all__ = ["FEW_SHOT"]

_margin = distance(x[i], mean(w)) ** 2 - distance(x[i], mean(z)) ** 2
_CAO = (
    "T. Cao, M. Law, S. Fidler, A theoretical analysis of the number of shots in few-shot learning, ICLR 2020 (arXiv "
    "1909.11722), theorem 1 and its proof"
)

ACCURACY = Published(
    Bound(
        "nearest-centroid-accuracy",
        hinge(mean(i, _margin)) ** 2 <= mean(i, indicator(_margin > 0)) * mean(i, _margin**2),
        title="The accuracy of nearest centroids, from two moments of the margin",
        collections=(x, z, w),
        citation=_CAO,
        sharpness="Equality for one query: x = 0, z = 0, w = 1 gives 1 = 1·1.",
        proof="Learning.nearest_centroid_accuracy",
    ),
    year=2020,
    conventions=(
        "Queries x of the class of z, whose shots z and w make the two centroids; the margin is ‖x − c_w‖² − ‖x − c_z‖². The "
        "source's theorem puts moments of Gaussian classes into this step, its accuracy is at least E² / E of the square, and "
        "speaks of distributions; this is the step for the collections at hand, without division."
    ),
    sharp=Instance({"x": line(0), "z": line(0), "w": line(1)}),
)

ACCURACY_VARIANCE = Published(
    Bound(
        "nearest-centroid-accuracy-variance",
        hinge(mean(i, _margin)) ** 2 <= mean(i, indicator(_margin > 0)) * (mean(i, _margin**2) - mean(i, _margin) ** 2),
        title="The accuracy of nearest centroids, with the variance in place of the second moment",
        collections=(x, z, w),
        citation=f"{_CAO}, with the variance of the margin as its denominator",
    ),
    year=2020,
    conventions="Where the denominator is read as the variance alone; Cantelli's inequality has variance plus squared mean.",
    reading_of="nearest-centroid-accuracy",
    counterexample=Instance({"x": line(0), "z": line(0), "w": line(1)}),
)

FEW_SHOT = (ACCURACY, ACCURACY_VARIANCE)
