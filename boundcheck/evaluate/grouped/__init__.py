"""The grid reader: a term on every triple with one anchor at once, from reductions that each cost one pass over the data.

The positives and the negatives of a triple are two more axes of a value. Whatever a term says of one collection alone
(a centroid, a variance) is computed once for each; a row's largest, smallest and mean distance to each collection comes
from a kernel; what a term says of two collections otherwise (a transport distance) is computed once a pair. The rest of
a term is broadcasting: the least m of all triples with one anchor is the product of two tables with max for the sum
and + for the product.

:class:`CentroidReader` reads the same terms from centroids and radii alone: a distance of two collections' points is
within both radii of their centroids' distance, and their mean and largest distance are at least that. Its enclosures
are wide, and cost C² distances where the others cost N².
"""

from boundcheck.evaluate.grouped.centroids import CentroidReader
from boundcheck.evaluate.grouped.collections import Grouped, Rows, SizesDifferError
from boundcheck.evaluate.grouped.grid import GridReader, Pairs
from boundcheck.evaluate.grouped.terms import require_readable, row_reductions

__all__ = [
    "CentroidReader",
    "GridReader",
    "Grouped",
    "Pairs",
    "Rows",
    "SizesDifferError",
    "require_readable",
    "row_reductions",
]
