"""What an embedding meets of the premises that methods control, certified by the package's own statements.

===============================  =======================================================================================
``softmax-margin`` (S1)          a softmax over cosines that puts the positive above all negatives makes its distance less than theirs;
                                 how often it does, at one temperature for all
``prototype-margin`` (S2)        how much nearer objects are to one prototype than to another is, in the mean, how much nearer
                                 their centroid is; how often each object is, and how often the centroid
T(m)                             no positive is farther than a negative by more than m; the least m is among the measures
===============================  =======================================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from boundcheck.evaluate import Verdict
from boundcheck.language import Bound, Parameter, Scalar, distance, i, indicator, j, k, mean, w, x, z
from boundcheck.limits import Share
from boundcheck.omniglot.methods.measures import Found, Part, of_share
from boundcheck.scanning import ScanResult, check_triples, sample_triples
from boundcheck.scanning.rankings import BoundedMean
from boundcheck.theorems.published import PUBLISHED

__all__ = ["STAGES", "TEMPERATURE", "TRIPLES"]

#: Of S1's softmax, for every method alike.
TEMPERATURE = 0.1
#: The most triples of collections that either is checked on: S1 is of every anchor, positive and negative of each.
TRIPLES = 200

_S1, _S2 = PUBLISHED["softmax-margin"].bound, PUBLISHED["prototype-margin"].bound


def _softmax(part: Part) -> Iterator[Found]:
    terms = {
        "S1: anchors and positives with a margin below 0": mean((i, j), indicator(_S1.rhs < 0)),
        "S1: triplets of unit vectors below 0": mean((i, j, k), indicator(_S1.lhs < 0)),
    }
    yield from _checked(part, "S1", _S1, terms, {Parameter("τ"): TEMPERATURE})


def _prototypes(part: Part) -> Iterator[Found]:
    terms = {"S2: objects nearer to their own": mean(i, indicator(distance(x[i], mean(z)) < distance(x[i], mean(w))))}
    yield from _checked(part, "S2", _S2, terms, {})


def _checked(
    part: Part, name: str, bound: Bound, terms: Mapping[str, Scalar], parameters: Mapping[Parameter, float]
) -> Iterator[Found]:
    triples = sample_triples(part.labelled, min(part.triples, TRIPLES), seed=part.seed)
    found = check_triples(bound, part.labelled, triples, parameters=parameters, measure=terms, chain=False)
    yield of_share(f"{name}: triples on which it fails", Share(found.count(Verdict.FAILS), len(found)), "draws")
    for term in terms:
        yield _mean_of(found, term)


def _mean_of(found: ScanResult, term: str) -> Found:
    """Return the mean over triples of a share of what is in each."""
    values = np.clip(found.measured[term], 0.0, 1.0)
    middle = float(values.mean())
    mean_of = BoundedMean(middle, middle, len(values))
    return Found(term, middle, middle, *mean_of.limits, len(values), "draws")


#: What is measured together, by name; each from a part alone.
STAGES: Mapping[str, Callable[[Part], Iterator[Found]]] = {"S1": _softmax, "S2": _prototypes}
