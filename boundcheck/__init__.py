"""State a bound about collections of embeddings once; check it, test it and scan data sets with it.

>>> import boundcheck
>>> report = boundcheck.check_bound(None, [[0.0], [1.0]], [[1.0], [2.0]], [[4.0], [5.0]])
>>> print(report.verdict)
holds
"""

from boundcheck._version import __version__
from boundcheck.check import check_bound
from boundcheck.embed import embed
from boundcheck.errors import BoundcheckError
from boundcheck.evaluate import Enclosed, Verdict
from boundcheck.language import Bound, Premise, Space, cite
from boundcheck.report import Ladder, Report
from boundcheck.theorems import K_ANY_SIZES, K

__all__ = [
    "K_ANY_SIZES",
    "Bound",
    "BoundcheckError",
    "Enclosed",
    "K",
    "Ladder",
    "Premise",
    "Report",
    "Space",
    "Verdict",
    "__version__",
    "check_bound",
    "cite",
    "embed",
]
